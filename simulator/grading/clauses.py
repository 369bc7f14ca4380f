"""Cutting a turn into sentences and clauses, each with its place in the text, so that a quote is always verbatim."""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_CLAUSES = 240
"""Most clauses one turn is cut into; what follows belongs to the last one."""

_SENTENCE_END = re.compile(r"[.!?…]+[\"'”’)\]]*(?=\s|$)|[。！？]+|\n+")
_ABBREVIATION = re.compile(r"(?:^|[\s(])(?:mr|mrs|ms|dr|st|no|nr|vs|approx|e\.g|i\.e|etc|[a-z])\.$", re.IGNORECASE)
_CLAUSE_START = re.compile(
    r"\s*(?:;|:(?=\s)|\s[-–—]+\s|—|\s\|\s)\s*"  # marks that cut by themselves
    r"|,\s+(?=(?:and|n|but|so|or|yet|though|although|however|because|bc|cos|while|which|then|except|only)\b)"
    r"|,\s+(?=(?:i|i'm|i’m|i'll|i’ll|i've|i’ve|i'd|i’d|im|ill|ive|we|we're|we’re|we'll|we’ll|we've|we’ve|you|"
    r"you're|you’re|you've|you’ve|u|ur|it's|it’s|it|that's|that’s|thats|that|there's|there’s|there|this|they|"
    r"he|she|what|how|when|where|who|why|can|could|would|will|do|did|is|are|let|let's|let’s|please|pls|just|no|not|"
    r"if|tell|take|shall)\b)"
    r"|\s+(?=(?:but|however|unfortunately|though|tho|although)\b)",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w")


@dataclass(frozen=True)
class Clause:
    """A run of text: ``start`` and ``end`` are offsets into the turn, ``sentence`` counts sentences from 0."""

    start: int
    end: int
    sentence: int


def sentences(text: str) -> list[tuple[int, int]]:
    """Return the (start, end) offsets of the sentences of ``text``, white space at their ends left out."""
    cuts: list[int] = []
    for match in _SENTENCE_END.finditer(text):
        if match[0] == "." and _ABBREVIATION.search(text, max(0, match.start() - 12), match.end()):
            continue
        cuts.append(match.end())
    found: list[tuple[int, int]] = []
    start = 0
    for cut in [*cuts, len(text)]:
        piece = _trimmed(text, start, cut)
        start = cut
        if piece is None:
            continue
        if not _WORD.search(text, *piece) and found:
            # A lone "?!" or an emoji belongs to the sentence before it.
            found[-1] = (found[-1][0], piece[1])
        else:
            found.append(piece)
    return found


def cut(text: str) -> list[Clause]:
    """Return the clauses of ``text`` in order; none for text without a visible character. At most ``MAX_CLAUSES``."""
    found: list[Clause] = []
    for number, (start, end) in enumerate(sentences(text)):
        for first, last in _parts(text, start, end):
            if len(found) >= MAX_CLAUSES:
                found[-1] = Clause(found[-1].start, last, number)
            else:
                found.append(Clause(first, last, number))
    return found


def _parts(text: str, start: int, end: int) -> list[tuple[int, int]]:
    parts: list[tuple[int, int]] = []
    begin = start
    for match in _CLAUSE_START.finditer(text, start, end):
        # A cut must leave something on both sides: "Oh, and" and "Yes, I" stay whole.
        if len(text[begin : match.start()].split()) < 2 or len(text[match.end() : end].split()) < 2:
            continue
        piece = _trimmed(text, begin, match.start())
        if piece is not None:
            parts.append(piece)
            begin = match.end()
    last = _trimmed(text, begin, end)
    if last is not None:
        parts.append(last)
    return parts


def _trimmed(text: str, start: int, end: int) -> tuple[int, int] | None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return (start, end) if start < end else None
