"""xAPI 1.0.3: a statement for the session and one for each criterion, a JSON object a line (JSON lines).

The session's statement says ``passed`` or ``failed`` where it was graded, else ``completed``, or ``attempted`` where it
was broken off or the trainee left; a session without a grade has no score. ``result.score.scaled`` is 0 to 1. A
criterion's statement says ``scored``, its level is the score (0 to 4, scaled 0 to 1), the session is its parent.

Ids are made of what is told (UUID version 5), so the same grading always has the same ids and a record store keeps it
once; a new grading has new ones. The statements are those of the program's own vocabulary, ``VOCABULARY``; stage
directions, the customer's inner state and the conversation itself stay out of them, quotes that show a level do not.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, TextIO
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from simulator.cleaning import clean, one_line
from simulator.exports.options import Options
from simulator.exports.recording import Recording
from simulator.exports.redaction import without_secrets
from simulator.exports.report import MAX_LEVEL, Criterion, Report, latest_scorecard, report_of
from simulator.settings import secret_values
from simulator.transcripts.records import Ending, Role, Transcript

VOCABULARY = "urn:x-difficult-customer-simulator:"
"""Begins the names of extensions; ids of activities begin with the setting ``activity_base``."""
PLATFORM = "Difficult-customer simulator"
VERBS = "http://adlnet.gov/expapi/verbs/"
SIMULATION = "http://adlnet.gov/expapi/activities/simulation"
OBJECTIVE = "http://adlnet.gov/expapi/activities/objective"
_LANGUAGE = "en"
_NAMESPACE = uuid5(NAMESPACE_URL, VOCABULARY)

Statement = dict[str, Any]


def write(transcripts: Iterable[Transcript], out: TextIO, options: Options) -> None:
    """Write the statements of all transcripts, one JSON object a line, one session at a time."""
    recording = options.recording or Recording()
    for transcript in transcripts:
        for statement in statements(transcript, recording):
            out.write(json.dumps(statement, ensure_ascii=False) + "\n")


def statements(transcript: Transcript, recording: Recording) -> tuple[Statement, ...]:
    """Return the statements of ``transcript`` with its latest scorecard: the session's first, then the criteria's."""
    transcript = without_secrets(transcript, secret_values())
    report = report_of(transcript)
    scheme = _Scheme(transcript, report, recording)
    criteria = report.grade.criteria if report.grade and report.grade.graded else ()
    return scheme.session(), *(scheme.criterion(c) for c in criteria if c.level is not None)


def seconds_at_work(transcript: Transcript) -> float | None:
    """Return the seconds from start to last turn without the times between a break and going on; None where unknown."""
    moments = [(moment(transcript.header.started_at), False)]
    moments += [(moment(turn.at), False) for turn in transcript.turns]
    moments += [(moment(note.at), True) for note in transcript.notes if note.text.startswith("resumed")]
    known = sorted((at, resumed) for at, resumed in moments if at is not None)
    if len(known) < 2:
        return None
    return sum((after - before).total_seconds() for (before, _), (after, resumed) in pairwise(known) if not resumed)


def finished(transcript: Transcript) -> bool:
    """True where the conversation came to its own end; a graded one without an ending comes from elsewhere, whole."""
    if transcript.ending is None:
        return (latest_scorecard(transcript) or {}).get("status") == "graded"
    return transcript.ending is not Ending.TRAINEE_LEFT


def duration(seconds: float) -> str:
    """Return ``seconds`` as an ISO 8601 duration in hours, minutes and seconds, to a hundredth."""
    hundredths = max(0, round(seconds * 100))
    minutes, rest = divmod(hundredths, 6000)
    hours, minutes = divmod(minutes, 60)
    whole, part = divmod(rest, 100)
    told = f"{whole}.{part:02d}".rstrip("0").rstrip(".") if part else str(whole)
    return f"PT{f'{hours}H' if hours else ''}{f'{minutes}M' if minutes else ''}{told}S"


def moment(text: str) -> datetime | None:
    """Return the time that ``text`` (ISO 8601; without a zone: UTC) names, in UTC, or None where it names none."""
    try:
        at = datetime.fromisoformat(text.strip())
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def timestamp(at: datetime) -> str:
    """Return ``at`` as xAPI writes times: ISO 8601 in UTC, to the millisecond."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def verb(name: str) -> dict[str, Any]:
    """Return the ADL verb ``name``."""
    return {"id": VERBS + name, "display": {_LANGUAGE: name}}


def term(name: str) -> str:
    """Return the id of the extension ``name`` of this program."""
    return f"{VOCABULARY}extensions/{name}"


def persona_activity(base: str, persona: str) -> dict[str, Any]:
    """Return the activity of practising with ``persona``, the same for every session and trainee.

    It is named by its id: the customer's own name is another one in every variation.
    """
    return _activity(f"{base}personas/{_iri(persona)}", SIMULATION, persona.replace("-", " ").capitalize())


class _Scheme:
    """The statements of one session: what they share is made once."""

    def __init__(self, transcript: Transcript, report: Report, recording: Recording) -> None:
        header = transcript.header
        self.transcript, self.report, self.recording = transcript, report, recording
        self.card = latest_scorecard(transcript) or {}
        last = max((at for turn in transcript.turns if (at := moment(turn.at))), default=moment(header.started_at))
        self.at = timestamp(last) if last else ""
        self.told = json.dumps(
            [
                header.id, recording.base, recording.actor, recording.registration, self.card, self.at,
                report.grade.at if report.grade else "", transcript.ending, len(transcript.turns),
            ],
            sort_keys=True, default=str,
        )  # fmt: skip
        self.activity = _activity(f"{recording.base}sessions/{_iri(header.id)}", SIMULATION, report.title)
        self.persona = persona_activity(recording.base, header.persona)

    def session(self) -> Statement:
        grade = self.report.grade
        graded = grade is not None and grade.graded
        result: dict[str, Any] = {"completion": finished(self.transcript)}
        told: dict[str, Any] = {
            "ending": self.transcript.ending.value if self.transcript.ending else "",
            "trainee-turns": sum(turn.role is Role.TRAINEE for turn in self.report.turns),
        }
        name = "completed" if result["completion"] else "attempted"
        if grade is not None and graded:
            if grade.overall is not None:
                result["score"] = {"scaled": round(grade.overall / 100, 4), "raw": grade.overall, "min": 0, "max": 100}
            if grade.passed is not None:
                result["success"] = grade.passed
                name = "passed" if grade.passed else "failed"
            told |= {
                "acknowledged-before-solution": grade.acknowledged_before_solution,
                "why": grade.why,
                "strength": grade.strength,
                "next-time": grade.next_time,
            }
        elif grade is not None:
            told["not-graded"] = grade.reason
        seconds = seconds_at_work(self.transcript)
        if seconds is not None:
            result["duration"] = duration(seconds)
        result["extensions"] = _extensions(told)
        return self._statement("session", name, self.activity, result, {"grouping": [self.persona]})

    def criterion(self, criterion: Criterion) -> Statement:
        level = criterion.level or 0
        marks = self.recording.marks.get(str(_mapping(self.card.get("rubric")).get("sha256")), {})
        result: dict[str, Any] = {"score": {"scaled": round(level / MAX_LEVEL, 4), "raw": level, "min": 0, "max": 4}}
        if criterion.key in marks:
            result["success"] = level >= marks[criterion.key]
        index = {turn.number: turn.index for turn in self.report.turns}
        evidence = [
            {"turn": index.get(shown.number) if shown.number else None, "quote": shown.quote}
            for shown in criterion.evidence
        ]
        result["extensions"] = _extensions(
            {"level": level, "criterion": criterion.key, "reason": criterion.reason, "evidence": evidence}
        )
        objective = f"{self.recording.base}criteria/{_iri(criterion.key)}"
        return self._statement(
            f"criterion {criterion.key}",
            "scored",
            _activity(objective, OBJECTIVE, criterion.name or criterion.key),
            result,
            {"parent": [self.activity], "grouping": [self.persona]},
        )

    def _statement(
        self, part: str, name: str, activity: Mapping[str, Any], result: dict[str, Any], among: dict[str, Any]
    ) -> Statement:
        header = self.transcript.header
        registration = self.recording.registration or str(uuid5(_NAMESPACE, f"registration\n{header.id}"))
        statement: Statement = {
            "id": str(uuid5(_NAMESPACE, f"{part}\n{self.told}")),
            "actor": dict(self.recording.actor),
            "verb": verb(name),
            "object": dict(activity),
            "result": result,
            "context": {
                "registration": registration,
                "contextActivities": among,
                "platform": PLATFORM,
                "extensions": _extensions(
                    {
                        "persona": {"id": one_line(header.persona), "sha256": one_line(header.persona_sha256)},
                        "voice": {"kind": one_line(header.voice), "model": one_line(header.voice_model)},
                        "rubric": _stamp(self.card.get("rubric"), ("name", "version", "sha256")),
                        "grader": _stamp(self.card.get("grader"), ("kind", "model", "prompt_sha256")),
                    }
                ),
            },
        }
        if self.at:
            statement["timestamp"] = self.at
        return statement


def _activity(iri: str, kind: str, name: str) -> dict[str, Any]:
    return {
        "objectType": "Activity",
        "id": iri,
        "definition": {"type": kind, "name": {_LANGUAGE: one_line(name) or "unnamed"}},
    }


def _extensions(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is told by the ids of this program's extensions; nothing is left out but what is empty."""
    return {term(name): value for name, value in told.items() if value not in (None, "", {}, [])}


def _stamp(value: object, names: tuple[str, ...]) -> dict[str, str]:
    found = _mapping(value)
    return {name: clean(str(found[name])) for name in names if isinstance(found.get(name), str | int | float)}


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _iri(text: str) -> str:
    """Return ``text`` as a part of an IRI: percent-encoded, never empty."""
    return quote(one_line(text), safe="") or "unnamed"
