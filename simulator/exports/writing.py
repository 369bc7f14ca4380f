"""Writing a file whole or not at all, and text into bytes."""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from simulator.errors import TranscriptError


@contextmanager
def whole(path: Path) -> Iterator[BinaryIO]:
    """Give a file to write to; it stands at ``path`` once the block ends without an error, in place of what was there.

    Whatever interrupts the block, Ctrl-C too, leaves ``path`` as it was. Raises ``TranscriptError`` where ``path``
    cannot be written.
    """
    scratch: Path | None = None
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".new")
        scratch = Path(name)
        with os.fdopen(descriptor, "wb") as file:
            yield file
        scratch.replace(path)
        scratch = None
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror or error}."
        raise TranscriptError(message, "Choose another place with --out.") from None
    finally:
        if scratch is not None:
            with contextlib.suppress(OSError):
                scratch.unlink()


@contextmanager
def words_into(file: Any) -> Iterator[TextIO]:
    """Give a stream of text that ends up in the binary ``file``: UTF-8, line ends as they are; ``file`` stays open."""
    words = io.TextIOWrapper(file, encoding="utf-8", errors="replace", newline="")
    yield words
    words.detach()
