"""Bytes of a foreign file as text: Unicode by its mark or its shape, else the Western encoding of old exports."""

from __future__ import annotations

import codecs

from simulator.errors import TranscriptError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decoded(data: bytes, encoding: str = "") -> str:
    """Return ``data`` as text with ``\\n`` line ends, in ``encoding`` or in what its bytes show.

    Without a byte order mark: UTF-16 where every other byte is zero, UTF-8 where that fits, else Windows-1252,
    of which Latin-1 is a part. Raises ``TranscriptError`` where ``encoding`` is unknown or does not fit.
    """
    try:
        text = data.decode(encoding or _encoding_of(data))
    except LookupError:
        raise TranscriptError(f"There is no encoding {encoding!r}.", "Use utf-8, utf-16, cp1252 or latin-1.") from None
    except UnicodeDecodeError as error:
        if encoding:
            message = f"The file is not in {encoding}: byte {error.start + 1} does not fit."
            raise TranscriptError(message, "Leave --encoding out to have it found.") from None
        text = data.decode("cp1252" if _fits(data, "cp1252") else "latin-1")
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")


def _encoding_of(data: bytes) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    head = data[:2000]
    if len(head) >= 4 and head.count(0) >= len(head) // 3:
        return "utf-16-le" if head[1::2].count(0) > head[0::2].count(0) else "utf-16-be"
    return "utf-8"


def _fits(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
