"""A part of a text that is somebody's, and the replacing of such parts so that every place can be found again."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a part of a text tells; the value is what stands in its place, with a number."""

    SECRET = "Secret removed"  # noqa: S105 - a word, not one
    EMAIL = "Email"
    CARD = "Card"
    PHONE = "Phone"
    ADDRESS = "Address"
    NAME = "Name"


@dataclass(frozen=True)
class Span:
    """The part of a text from ``start`` to before ``end``."""

    kind: Kind
    start: int
    end: int


def without_overlaps(spans: Iterable[Span]) -> list[Span]:
    """Return ``spans`` in order; of two that overlap the kind that comes first in ``Kind`` stays, then the longer."""
    spans = list(spans)
    if not spans:
        return []
    order = list(Kind)
    kept: list[Span] = []  # in order, and without overlaps, at every moment
    for span in sorted(spans, key=lambda s: (order.index(s.kind), s.start - s.end, s.start)):
        place = bisect_right(kept, span.start, key=lambda other: other.start)
        free_before = place == 0 or kept[place - 1].end <= span.start
        if free_before and (place == len(kept) or span.end <= kept[place].start):
            kept.insert(place, span)
    return kept


@dataclass(frozen=True)
class Replaced:
    """``text`` with parts of ``before`` replaced; ``cuts`` are (start, end, new start, new end) of each part."""

    before: str
    text: str
    cuts: tuple[tuple[int, int, int, int], ...]

    def quote(self, quote: str) -> str | None:
        """Return what stands in ``text`` where ``quote`` stood in ``before``; None where it did not.

        A quote that cuts a replaced part in two gets the whole of what stands there.
        """
        start = self.before.find(quote) if quote else -1
        if start < 0:
            return None
        return self.text[self._moved(start, end=False) : self._moved(start + len(quote), end=True)]

    def _moved(self, place: int, *, end: bool) -> int:
        earlier = bisect_right(self.cuts, place, key=lambda cut: cut[0]) - 1
        if earlier < 0:
            return place
        start, stop, new_start, new_stop = self.cuts[earlier]
        if place >= stop:
            return new_stop + place - stop
        if place == start:
            return new_start
        return new_stop if end else new_start


def replaced(text: str, spans: Iterable[Span], label: Callable[[Kind, str], str]) -> Replaced:
    """Return ``text`` with ``label(kind, part)`` in the place of every span."""
    spans = without_overlaps(spans)
    if not spans:
        return Replaced(text, text, ())
    parts: list[str] = []
    cuts: list[tuple[int, int, int, int]] = []
    done = length = 0
    for span in spans:
        before, new = text[done : span.start], label(span.kind, text[span.start : span.end])
        start = length + len(before)
        cuts.append((span.start, span.end, start, start + len(new)))
        parts += [before, new]
        done, length = span.end, start + len(new)
    return Replaced(text, "".join([*parts, text[done:]]), tuple(cuts))
