"""Plain text: the graded conversation for mails and for reading aloud; one paragraph a thing, never wrapped.

What somebody said stands indented under their name, so that no line of it can be taken for a line of the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TextIO

from simulator.cleaning import clean
from simulator.exports.options import Options
from simulator.exports.report import MAX_LEVEL, Grade, Report, SpokenTurn, number_words, report_of
from simulator.transcripts.records import Transcript

_INDENT = "    "


def write(transcripts: Iterable[Transcript], out: TextIO, options: Options) -> None:
    """Write every transcript as a page of text, a line of equal signs between two."""
    for number, transcript in enumerate(transcripts):
        if number:
            out.write(f"\n{'=' * 60}\n\n")
        out.write("\n".join(_lines(report_of(transcript, private=options.private))) + "\n")


def indented(text: str) -> str:
    """Return ``text`` with every line of it indented."""
    return "\n".join(f"{_INDENT}{line}".rstrip() for line in clean(text).strip().split("\n"))


def _lines(report: Report) -> Iterator[str]:
    yield from _heading(f"Practice with {report.title}")
    for name, value in report.facts:
        yield f"{name}: {value}"
    yield ""
    yield from _heading("Result")
    yield from _result(report.grade)
    yield from _heading("Conversation")
    if not report.turns:
        yield "Nothing was said."
        yield ""
    for turn in report.turns:
        yield from _turn(turn)
    for title, items in (("Notes", report.notes), ("Problems with the file", report.problems)):
        if items:
            yield from _heading(title)
            yield from (indented(item) for item in items)
            yield ""


def _heading(words: str) -> Iterator[str]:
    yield words
    yield "-" * min(len(words), 60)


def _result(grade: Grade | None) -> Iterator[str]:
    if grade is None:
        yield "This session has not been graded yet."
        yield ""
        return
    overall = "" if not grade.graded or grade.overall is None else f", {number_words(grade.overall)} of 100"
    yield f"{grade.verdict}{overall}"
    if grade.why:
        yield indented(grade.why)
    yield ""
    for criterion in grade.criteria:
        yield f"{criterion.name}: {number_words(criterion.level)} of {MAX_LEVEL}"
        if criterion.reason:
            yield indented(criterion.reason)
        for evidence in criterion.evidence:
            where = f"Turn {evidence.number}" if evidence.number else "Unplaced"
            yield indented(f"{where}: “{evidence.quote}”")
        yield ""
    for name, value in (("What worked", grade.strength), ("Next time", grade.next_time)):
        if value:
            yield f"{name}:"
            yield indented(value)
            yield ""
    for rewrite in grade.rewrites:
        yield f"In turn {rewrite.number} you said:" if rewrite.number else "You said:"
        yield indented(f"“{rewrite.said}”")
        yield "Try:"
        yield indented(f"“{rewrite.attempt}”")
        yield ""
    told = [(n, v) for n, v in (("Rubric", grade.rubric), ("Grader", grade.grader), ("Graded", grade.at)) if v]
    yield from (f"{name}: {value}" for name, value in told)
    if told:
        yield ""


def _turn(turn: SpokenTurn) -> Iterator[str]:
    yield f"{turn.number} {turn.speaker}{' (cut off)' if turn.cut else ''}:"
    yield indented(turn.text)
    if turn.labels:
        seen = (f"{label.words} (“{label.quote}”)" if label.quote else label.words for label in turn.labels)
        yield "Seen:"
        yield indented("; ".join(seen))
    if turn.tension is not None:
        yield f"Mood: tension {number_words(turn.tension)} of 10, {turn.stage}"
    if turn.direction:
        yield "Stage direction:"
        yield indented(turn.direction)
    for refused in turn.refused:
        yield "Refused by the guard:"
        yield indented(refused)
    yield ""
