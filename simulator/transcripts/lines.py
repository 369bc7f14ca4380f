"""The lines of a JSONL file with their numbers, bounded in length, from bytes or text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import BinaryIO, TextIO

MAX_LINE = 4 * 1024 * 1024
"""Longest line that is read, in bytes (characters for a text stream)."""

_SURROGATES = re.compile("[\ud800-\udfff]")
_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class BadLineError(ValueError):
    """A line that cannot be used; the message says why, in plain words."""


def numbered(source: BinaryIO | TextIO, *, limit: int = MAX_LINE) -> Iterator[tuple[int, bytes | str | None]]:
    """Yield each line that is not blank with its number from 1; None stands for one longer than ``limit``.

    Lines end at a newline only. A byte order mark before the first line is dropped; so is the padding of
    zero bytes that some file systems leave after a power cut.
    """
    number = 0
    while line := source.readline(limit + 1):
        number += 1
        if len(line) > limit:
            newline: bytes | str = b"\n" if isinstance(line, bytes) else "\n"
            while line and line[-1:] != newline:
                line = source.readline(limit + 1)
            yield number, None
            continue
        if isinstance(line, bytes):
            line = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
            line = line.strip(b" \t\r\n\0")
        else:
            line = line.removeprefix("\ufeff") if number == 1 else line
            line = line.strip(" \t\r\n\0")
        if line:
            yield number, line


def parse_object(line: bytes | str | None) -> dict[str, object]:
    """Return the JSON object on ``line``; raises ``BadLineError``. Bytes that are not UTF-8 become U+FFFD."""
    if line is None:
        raise BadLineError(f"is longer than {MAX_LINE // 1024 // 1024} MB and was passed over")
    text = line.decode("utf-8", errors="replace") if isinstance(line, bytes) else line
    try:
        value = json.loads(text)
        if _ESCAPED_SURROGATE.search(text) or _SURROGATES.search(text):
            value = _whole(value)
    except RecursionError:
        raise BadLineError("is nested too deeply") from None
    except ValueError:
        if text.startswith("{") and not text.endswith("}"):
            raise BadLineError("is cut short") from None
        raise BadLineError("is not valid JSON") from None
    if not isinstance(value, dict):
        raise BadLineError("is not a JSON object")
    return value


def _whole(value: object) -> object:
    """Return ``value`` with U+FFFD for every half of a surrogate pair, which no file can hold."""
    if isinstance(value, str):
        return _SURROGATES.sub("\ufffd", value)
    if isinstance(value, list):
        return [_whole(item) for item in value]
    if isinstance(value, dict):
        return {_SURROGATES.sub("\ufffd", str(key)): _whole(item) for key, item in value.items()}
    return value
