"""Writing a file whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from simulator.errors import TranscriptError


def write_whole(path: Path, content: bytes) -> None:
    """Write ``content`` to ``path``; what stood there before stays until all is written. Raises ``TranscriptError``."""
    scratch: Path | None = None
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".new")
        scratch = Path(name)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        scratch.replace(path)
        scratch = None
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror or error}."
        raise TranscriptError(message, "Choose another place with --out.") from None
    finally:
        if scratch is not None:
            with contextlib.suppress(OSError):
                scratch.unlink()
