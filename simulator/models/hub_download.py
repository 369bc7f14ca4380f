"""A child process: fetch one file of a hub repository into one file here, going on where it ends.

``python -m simulator.models.hub_download REPO REVISION FILE SIZE TARGET``; ends with 0 or prints one line and ends
with 1. A process of its own, because a thread that downloads cannot be cancelled.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


def main(repo: str, revision: str, file: str, size: int, target: Path) -> int:
    """Return 0 once ``target`` holds ``size`` bytes of ``file``; 1 after printing what went wrong."""
    os.environ.setdefault("HF_HUB_ETAG_TIMEOUT", "5")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    from huggingface_hub import hf_hub_url  # noqa: PLC0415 - reads the environment as it is imported
    from huggingface_hub.file_download import http_get  # noqa: PLC0415

    have = target.stat().st_size if target.is_file() else 0
    if have > size:
        target.unlink()
        have = 0
    try:
        with target.open("ab") as file_here:
            http_get(
                hf_hub_url(repo, file, revision=revision), file_here, resume_size=have, headers={}, expected_size=size
            )
    except Exception as error:  # one line for the parent, whatever it was
        print(f"{type(error).__name__}: {' '.join(str(error).split())[:300]}")  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), Path(sys.argv[5])))
