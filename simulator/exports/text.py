"""Plain text: the graded conversation for mails and for reading aloud; one paragraph a thing, never wrapped.

What somebody said stands indented under their name, so that no line of it can be taken for a line of the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TextIO

from simulator.cleaning import clean
from simulator.exports.blocks import Block, Kind, blocks
from simulator.exports.options import Options
from simulator.exports.report import report_of
from simulator.transcripts.records import Transcript

_INDENT = "    "
_RULE = 40


def write(transcripts: Iterable[Transcript], out: TextIO, options: Options) -> None:
    """Write every transcript as a page of text, a line of equal signs between two."""
    for number, transcript in enumerate(transcripts):
        if number:
            out.write(f"\n{'=' * 60}\n\n")
        last: Kind | None = None
        for block in blocks(report_of(transcript, private=options.private)):
            if last not in (None, block.kind) and block.kind not in (Kind.WORDS, Kind.ASIDE, Kind.MOOD):
                out.write("\n")
            out.writelines(f"{line}\n" for line in _lines(block))
            last = block.kind if block.kind is not Kind.MOOD else last


def indented(text: str) -> str:
    """Return ``text`` with every line of it indented."""
    return "\n".join(f"{_INDENT}{line}".rstrip() for line in clean(text).strip().split("\n"))


def _lines(block: Block) -> Iterator[str]:
    match block.kind:
        case Kind.TITLE | Kind.HEADING:
            yield block.text
            yield "-" * _RULE
        case Kind.WORDS:
            yield indented(block.text)
        case Kind.FACT:
            yield f"{block.name}: {block.text}"
        case Kind.ASIDE:
            yield f"{block.name}:"
            yield indented(block.text)
        case Kind.VERDICT | Kind.LABEL:
            yield block.text
        case Kind.MOOD:
            return
