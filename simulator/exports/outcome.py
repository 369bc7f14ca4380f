"""What an LMS wants to know of a learner's sessions with one customer: done, passed, how well, how long."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from simulator.exports.report import report_of
from simulator.exports.xapi import finished, seconds_at_work
from simulator.transcripts.records import Transcript


@dataclass(frozen=True)
class Outcome:
    """``completed`` once a session came to its own end (leaving it is none) or was passed.

    ``passed`` and ``scaled`` (0 to 1) are of the best graded session, None while none is graded. ``seconds`` is the
    time at work over all sessions.
    """

    completed: bool = False
    passed: bool | None = None
    scaled: float | None = None
    seconds: float = 0.0

    @property
    def status(self) -> str:
        """The state in SCORM's words: ``passed``, ``failed``, ``completed`` or ``incomplete``."""
        if self.passed is not None:
            return "passed" if self.passed else "failed"
        return "completed" if self.completed else "incomplete"


def outcome_of(transcripts: Iterable[Transcript], mastery: float | None = None) -> Outcome:
    """Return the outcome of ``transcripts``; with ``mastery`` (0 to 1) that score alone decides what passes."""
    best = Outcome()
    for transcript in transcripts:
        one = _one(transcript, mastery)
        better = max(best, one, key=_merit)
        best = Outcome(
            completed=best.completed or one.completed,
            passed=better.passed,
            scaled=better.scaled,
            seconds=best.seconds + one.seconds,
        )
    return best


def _merit(outcome: Outcome) -> tuple[bool, float, bool]:
    return outcome.passed is True, outcome.scaled or 0.0, outcome.passed is not None


def _one(transcript: Transcript, mastery: float | None) -> Outcome:
    grade = report_of(transcript).grade
    seconds = seconds_at_work(transcript) or 0.0
    if grade is None or not grade.graded or grade.passed is None:
        return Outcome(completed=finished(transcript), seconds=seconds)
    scaled = None if grade.overall is None else round(grade.overall / 100, 4)
    passed = grade.passed if mastery is None or scaled is None else scaled >= mastery
    return Outcome(completed=passed or finished(transcript), passed=passed, scaled=scaled, seconds=seconds)
