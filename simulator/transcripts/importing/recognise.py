"""Which format a foreign file has, by what is in it, and the conversations it holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Literal, get_args

from simulator.errors import TranscriptError
from simulator.transcripts.bare import Problem
from simulator.transcripts.importing import captions, objects, plain, tables
from simulator.transcripts.importing.encodings import decoded
from simulator.transcripts.importing.objects import Item
from simulator.transcripts.importing.roles import Roles

Format = Literal["jsonl", "json", "csv", "text", "vtt", "srt"]
"""``jsonl`` and ``json``: bare conversations, chat messages, this program's sessions and exports."""

LARGEST = 256 * 1024 * 1024
"""Most bytes one file may have."""

_SRT = re.compile(r"^\s*(?:\d+[ \t]*\n)?\s*\d{1,2}:\d{2}:\d{2}[,.]\d{1,3}\s*-->")


def recognised(text: str, chosen: Mapping[str, str] | None = None) -> Format:
    """Return the format of ``text``; ``chosen`` names columns, which only a table has."""
    start = text.lstrip()[:2000]
    if start.startswith("WEBVTT"):
        return "vtt"
    if _SRT.match(start):
        return "srt"
    if start.startswith(("{", "[{")) or re.match(r"\[\s*[\[{\]]", start):
        return "jsonl" if objects.whole(text) is None else "json"
    if chosen or _is_table(text):
        return "csv"
    return "text"


def _is_table(text: str) -> bool:
    header, _ = tables.header_of(text)
    places = tables.columns_of(header, {})
    return len(header) >= 2 and not any(": " in cell for cell in header) and "speaker" in places and "text" in places


def conversations(
    data: bytes,
    name: str,
    *,
    fmt: Format | None = None,
    encoding: str = "",
    roles: Roles | None = None,
    columns: Mapping[str, str] | None = None,
) -> Iterator[Item]:
    """Yield what the file ``data`` holds: conversations, whole sessions of this program, and problems.

    ``name`` stands for ids that the file does not give. Raises ``TranscriptError`` where the file as a whole
    cannot be used.
    """
    if len(data) > LARGEST:
        raise TranscriptError(
            f"The file has {len(data) / 1e6:.0f} MB; {LARGEST // 1024 // 1024} are the most.", "Split it."
        )
    if fmt is not None and fmt not in get_args(Format):
        raise TranscriptError(f"There is no format {fmt!r}.", f"There are {', '.join(get_args(Format))}.")
    text = decoded(data, encoding)
    if not text.strip():
        yield Problem(0, "There is nothing in it.")
        return
    known: Callable[[str], bool] = (roles or Roles()).names
    chosen = columns or {}
    match fmt or recognised(text, chosen):
        case "json":
            value = objects.whole(text)
            if value is None:
                raise TranscriptError("It is not valid JSON.", "For one object a line use --from jsonl.")
            yield from objects.from_document(value, name)
        case "jsonl":
            yield from objects.from_lines(text, name)
        case "csv":
            yield from tables.conversations(text, name, chosen)
        case "vtt":
            yield from captions.conversations(text, name, known, "vtt")
        case "srt":
            yield from captions.conversations(text, name, known, "srt")
        case _:
            yield from plain.conversations(text, name, known)
