"""CSV for spreadsheets: a row a session or a row a turn, comma separated, lines ending in CR LF (RFC 4180).

A cell whose text would be taken for a formula gets an apostrophe in front (OWASP, "CSV Injection"): that
changes such text, so take JSON where every character counts. Turns are numbered from 0, as in scorecards.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import TextIO

from simulator.cleaning import clean
from simulator.exports.options import Options
from simulator.exports.report import CRITERIA, number_words, report_of
from simulator.transcripts.records import Role, Transcript

SESSION_COLUMNS = (
    "session", "started_at", "persona", "persona_name", "channel", "setting", "difficulty",
    "voice", "voice_model", "seed", "turns", "trainee_turns", "ending", "status", "overall", "passed",
    "acknowledge", "presence", "solution", "acknowledged_before_solution",
    "first_acknowledging_turn", "first_solution_turn", "why", "strength", "next_time", "rubric", "grader",
    "graded_at", "problems",
)  # fmt: skip
"""Columns of a row a session; criteria are levels 0 to 4, ``overall`` is 0 to 100."""

TURN_COLUMNS = (
    "session", "started_at", "persona", "turn", "role", "text", "at", "cut", "tension", "stage", "labels",
    "quotes", "evidence", "try",
)  # fmt: skip
"""Columns of a row a turn; ``labels`` are separated by blanks, ``quotes`` and ``evidence`` by line breaks."""

_FROM_HEADER = SESSION_COLUMNS[1:10]

PRIVATE_TURN_COLUMNS = ("direction", "refused")

_FORMULA = ("=", "+", "-", "@", "|", "%", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def write(transcripts: Iterable[Transcript], out: TextIO, options: Options) -> None:
    """Write a header row and the rows ``options.rows`` asks for; ``out`` must not translate line ends."""
    if options.bom:
        out.write("\ufeff")
    if options.rows == "session":
        columns: tuple[str, ...] = SESSION_COLUMNS
    else:
        columns = TURN_COLUMNS + (PRIVATE_TURN_COLUMNS if options.private else ())
    writer = csv.writer(out)
    writer.writerow(columns)
    for transcript in transcripts:
        by_turn = options.rows == "turn"
        for row in turn_rows(transcript, options.private) if by_turn else [session_row(transcript)]:
            writer.writerow([cell(row.get(name)) for name in columns])


def cell(value: object) -> str:
    """Return ``value`` as a cell no spreadsheet takes for a formula; numbers stay bare, None is empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number_words(value) if value >= 0 else f"'{value}"
    text = clean(str(value))
    first = text.lstrip().lstrip("\"'").lstrip()
    return f"'{text}" if text.startswith(_FORMULA) or first.startswith(_FORMULA) else text


def session_row(transcript: Transcript) -> dict[str, object]:
    """Return what is told of one session, by column."""
    header, report = transcript.header, report_of(transcript)
    grade = report.grade
    row: dict[str, object] = {
        "session": header.id,
        "turns": len(report.turns),
        "trainee_turns": sum(turn.role is Role.TRAINEE for turn in report.turns),
        "ending": transcript.ending.value if transcript.ending else "",
        "status": "" if grade is None else "graded" if grade.graded else "not_graded",
        "problems": "\n".join(report.problems),
    }
    row |= {name: getattr(header, name) for name in _FROM_HEADER}
    if grade is not None:
        index = {turn.number: turn.index for turn in report.turns}
        row |= {criterion.key: criterion.level for criterion in grade.criteria if criterion.key in CRITERIA}
        row |= {
            "overall": grade.overall,
            "passed": grade.passed,
            "acknowledged_before_solution": grade.acknowledged_before_solution,
            "first_acknowledging_turn": index.get(grade.first_acknowledging or 0),
            "first_solution_turn": index.get(grade.first_solution or 0),
            "why": grade.why,
            "strength": grade.strength,
            "next_time": grade.next_time,
            "rubric": grade.rubric,
            "grader": grade.grader,
            "graded_at": grade.at,
        }
    return row


def turn_rows(transcript: Transcript, private: bool = False) -> Iterator[dict[str, object]]:
    """Yield what is told of each turn, by column."""
    header, report = transcript.header, report_of(transcript, private=private)
    criteria = report.grade.criteria if report.grade else ()
    rewrites = report.grade.rewrites if report.grade else ()
    for turn in report.turns:
        shown = [
            f"{criterion.key}: {evidence.quote}"
            for criterion in criteria
            for evidence in criterion.evidence
            if evidence.number == turn.number
        ]
        tries = [rewrite.attempt for rewrite in rewrites if rewrite.number == turn.number]
        yield {
            "session": header.id,
            "started_at": header.started_at,
            "persona": header.persona,
            "turn": turn.index,
            "role": turn.role.value,
            "text": turn.text,
            "at": turn.at,
            "cut": turn.cut,
            "tension": turn.tension,
            "stage": turn.stage.replace(" ", "_"),
            "labels": " ".join(label.label for label in turn.labels),
            "quotes": "\n".join(f"{label.label}: {label.quote}" for label in turn.labels if label.quote),
            "evidence": "\n".join(shown),
            "try": "\n".join(tries),
            "direction": turn.direction,
            "refused": "\n".join(turn.refused),
        }
