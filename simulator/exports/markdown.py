"""Markdown: the graded conversation as a page for reading, with everything anybody said kept as text.

CommonMark without tables and HTML. Every value is escaped, so that no heading, link, image or
tag comes from a transcript.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TextIO

from simulator.cleaning import clean, one_line
from simulator.exports.options import Options
from simulator.exports.report import MAX_LEVEL, Grade, Report, SpokenTurn, number_words, report_of
from simulator.transcripts.records import Transcript

_MARKUP = re.compile(r"[\\`*_{}\[\]<>#|~&$^@]|:(?=//)|(?<=www)\.", re.IGNORECASE)
_OPENING = re.compile(r"^([-+=]|\d{1,9}(?=[.)]))")


def write(transcripts: Iterable[Transcript], out: TextIO, options: Options) -> None:
    """Write every transcript as one Markdown section, a rule between two."""
    for number, transcript in enumerate(transcripts):
        if number:
            out.write("\n---\n\n")
        out.write("\n".join(_lines(report_of(transcript, private=options.private))) + "\n")


def escaped(text: str) -> str:
    """Return one line of ``text`` so that Markdown shows it as it is."""
    text = _MARKUP.sub(lambda match: "\\" + match[0], one_line(text))
    return _OPENING.sub(lambda match: match[0] + "\\" if match[0].isdigit() else "\\" + match[0], text)


def quoted(text: str) -> Iterator[str]:
    """Yield ``text`` as the lines of a block quote, its own line breaks kept."""
    lines = [escaped(line) for line in clean(text).strip().split("\n")]
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        yield f"> {line}\\" if line and following else f"> {line}".rstrip()


def _lines(report: Report) -> Iterator[str]:
    yield f"# Practice with {escaped(report.title)}"
    yield ""
    for name, value in report.facts:
        yield f"- **{name}:** {escaped(value)}"
    yield ""
    yield from _result(report.grade)
    yield "## Conversation"
    yield ""
    if not report.turns:
        yield "Nothing was said."
        yield ""
    for turn in report.turns:
        yield from _turn(turn)
    for title, items in (("Notes", report.notes), ("Problems with the file", report.problems)):
        if items:
            yield f"## {title}"
            yield ""
            yield from (f"- {escaped(item)}" for item in items)
            yield ""


def _result(grade: Grade | None) -> Iterator[str]:
    yield "## Result"
    yield ""
    if grade is None:
        yield "This session has not been graded yet."
        yield ""
        return
    overall = "" if not grade.graded or grade.overall is None else f" · {number_words(grade.overall)} of 100"
    yield f"**{grade.verdict}{overall}**"
    yield ""
    if grade.why:
        yield escaped(grade.why)
        yield ""
    for criterion in grade.criteria:
        yield f"### {escaped(criterion.name)}: {number_words(criterion.level)} of {MAX_LEVEL}"
        yield ""
        if criterion.reason:
            yield escaped(criterion.reason)
            yield ""
        for evidence in criterion.evidence:
            where = f"Turn {evidence.number}" if evidence.number else "Unplaced"
            yield f"- {where}: “{escaped(evidence.quote)}”"
        if criterion.evidence:
            yield ""
    yield from _coaching(grade)
    if grade.rubric or grade.grader or grade.at:
        yield "### Grading"
        yield ""
    for name, value in (("Rubric", grade.rubric), ("Grader", grade.grader), ("Graded", grade.at)):
        if value:
            yield f"- **{name}:** {escaped(value)}"
    yield ""


def _coaching(grade: Grade) -> Iterator[str]:
    if not (grade.strength or grade.next_time or grade.rewrites):
        return
    yield "### Coaching"
    yield ""
    for name, value in (("What worked", grade.strength), ("Next time", grade.next_time)):
        if value:
            yield f"- **{name}:** {escaped(value)}"
    for rewrite in grade.rewrites:
        where = f"In turn {rewrite.number} you" if rewrite.number else "You"
        yield f"- **{where} said:** “{escaped(rewrite.said)}”\\"
        yield f"  **Try:** “{escaped(rewrite.attempt)}”"
    yield ""


def _turn(turn: SpokenTurn) -> Iterator[str]:
    yield f"**{turn.number} · {escaped(turn.speaker)}**" + (" (cut off)" if turn.cut else "")
    yield ""
    yield from quoted(turn.text)
    yield ""
    if turn.labels:
        quotes = (f" (“{escaped(label.quote)}”)" if label.quote else "" for label in turn.labels)
        labels = (escaped(label.words) for label in turn.labels)
        yield "*Seen:* " + "; ".join(map("".join, zip(labels, quotes, strict=True)))
        yield ""
    if turn.tension is not None:
        yield f"*Mood:* tension {number_words(turn.tension)} of 10, {escaped(turn.stage)}"
        yield ""
    if turn.direction:
        yield f"*Stage direction:* {escaped(turn.direction)}"
        yield ""
    for refused in turn.refused:
        yield f"*Refused by the guard:* {escaped(refused)}"
        yield ""
