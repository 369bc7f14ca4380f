"""A session as a run of blocks for formats that lay out pages: headings, what was said, what stands beside it.

Text, PDF and DOCX are made of these; each says how a kind of block looks and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from simulator.exports.report import MAX_LEVEL, Grade, Report, SpokenTurn, number_words


class Kind(Enum):
    """What a block is."""

    TITLE = auto()
    HEADING = auto()
    VERDICT = auto()
    FACT = auto()
    """A name and a value."""
    LABEL = auto()
    """Announces the block after it: a speaker, a criterion with its level, "Try"."""
    WORDS = auto()
    """What somebody said or wrote."""
    ASIDE = auto()
    """What the program has to say of the turn before it; a name and a value."""
    MOOD = auto()
    """Where the chart of the customer's tension belongs."""


@dataclass(frozen=True)
class Block:
    """``text`` in parts, each with whether it is evidence; ``name`` only where the kind has one."""

    kind: Kind
    parts: tuple[tuple[str, bool], ...] = ()
    name: str = ""

    @property
    def text(self) -> str:
        """The whole text."""
        return "".join(part for part, _ in self.parts)


def blocks(report: Report) -> Iterator[Block]:
    """Yield the blocks of one session in reading order."""
    yield _block(Kind.TITLE, f"Practice with {report.title}")
    yield from (_block(Kind.FACT, value, name) for name, value in report.facts)
    yield _block(Kind.HEADING, "Result")
    yield from _result(report.grade)
    yield Block(Kind.MOOD)
    yield _block(Kind.HEADING, "Conversation")
    if not report.turns:
        yield _block(Kind.LABEL, "Nothing was said.")
    for turn in report.turns:
        yield from _turn(turn)
    for title, items in (("Notes", report.notes), ("Problems with the file", report.problems)):
        if items:
            yield _block(Kind.HEADING, title)
            yield from (_block(Kind.WORDS, item) for item in items)


def _block(kind: Kind, text: str, name: str = "") -> Block:
    return Block(kind, ((text, False),), name)


def _result(grade: Grade | None) -> Iterator[Block]:
    if grade is None:
        yield _block(Kind.VERDICT, "This session has not been graded yet.")
        return
    overall = "" if not grade.graded or grade.overall is None else f", {number_words(grade.overall)} of 100"
    yield _block(Kind.VERDICT, f"{grade.verdict}{overall}")
    if grade.why:
        yield _block(Kind.WORDS, grade.why)
    for criterion in grade.criteria:
        yield _block(Kind.LABEL, f"{criterion.name}: {number_words(criterion.level)} of {MAX_LEVEL}")
        if criterion.reason:
            yield _block(Kind.WORDS, criterion.reason)
        for evidence in criterion.evidence:
            where = f"Turn {evidence.number}" if evidence.number else "Unplaced"
            yield _block(Kind.WORDS, f"{where}: “{evidence.quote}”")
    for name, value in (("What worked", grade.strength), ("Next time", grade.next_time)):
        if value:
            yield _block(Kind.LABEL, f"{name}:")
            yield _block(Kind.WORDS, value)
    for rewrite in grade.rewrites:
        yield _block(Kind.LABEL, f"In turn {rewrite.number} you said:" if rewrite.number else "You said:")
        yield _block(Kind.WORDS, f"“{rewrite.said}”")
        yield _block(Kind.LABEL, "Try:")
        yield _block(Kind.WORDS, f"“{rewrite.attempt}”")
    for name, value in (("Rubric", grade.rubric), ("Grader", grade.grader), ("Graded", grade.at)):
        if value:
            yield _block(Kind.FACT, value, name)


def _turn(turn: SpokenTurn) -> Iterator[Block]:
    yield _block(Kind.LABEL, f"{turn.number} {turn.speaker}{' (cut off)' if turn.cut else ''}:")
    yield Block(Kind.WORDS, turn.segments)
    if turn.labels:
        seen = (f"{label.words} (“{label.quote}”)" if label.quote else label.words for label in turn.labels)
        yield _block(Kind.ASIDE, "; ".join(seen), "Seen")
    if turn.tension is not None:
        yield _block(Kind.ASIDE, f"tension {number_words(turn.tension)} of 10, {turn.stage}", "Mood")
    if turn.direction:
        yield _block(Kind.ASIDE, turn.direction, "Stage direction")
    for refused in turn.refused:
        yield _block(Kind.ASIDE, refused, "Refused by the guard")
