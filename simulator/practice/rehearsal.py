"""A session without a screen: a file of trainee lines is played against a persona and graded."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Any

from simulator.errors import TranscriptError
from simulator.practice.events import Event
from simulator.practice.session import Session
from simulator.transcripts.records import Ending, Record, Role, Transcript


class Recorder:
    """Keeps a session's lines in memory, for rehearsals that are not to be saved."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def append(self, record: Record) -> None:
        """Keep one line."""
        self.records.append(record)

    def close(self) -> None:
        """Nothing to let go of."""


async def play(session: Session, lines: Sequence[str], tell: Callable[[Event], None] | None = None) -> Transcript:
    """Play ``lines`` as the trainee's turns until the customer ends it or the trainee has no more to say (and leaves).

    ``tell`` is called with every event. Returns the finished transcript.
    """
    spoken = [line.strip() for line in lines if line.strip()]
    if not spoken:
        raise TranscriptError("There are no trainee lines to play.", "Write one trainee turn a line.")

    def pass_on(event: Event) -> None:
        if tell is not None:
            tell(event)

    await session.warm()
    async for event in session.open():
        pass_on(event)
    for line in spoken:
        if session.ending is not None:
            break
        async for event in session.say(line):
            pass_on(event)
    async for event in session.leave():
        pass_on(event)
    return session.transcript()


def report(transcript: Transcript, scorecard: dict[str, Any]) -> dict[str, Any]:
    """Return what ``rehearse --json`` prints, as DESIGN.md section 6 lays down."""
    turns: list[dict[str, Any]] = []
    for turn in transcript.turns:
        row: dict[str, Any] = {"role": turn.role.value, "text": turn.text}
        if turn.mood is not None:
            row["mood"] = {"tension": turn.mood.tension, "stage": turn.mood.stage.value}
        if turn.role is Role.TRAINEE:
            row["labels"] = [quoted.label.value for quoted in turn.labels or ()]
        turns.append(row)
    header = transcript.header
    return {
        "session": header.id,
        "persona": header.persona,
        "seed": header.seed,
        "voice": header.voice,
        "turns": turns,
        "ending": (transcript.ending or Ending.TRAINEE_LEFT).value,
        "guard": {"refused": sum(len(turn.guard.refused) for turn in transcript.turns if turn.guard)},
        "scorecard": scorecard,
    }


def rehearsal_id(persona: str, *parts: object) -> str:
    """Return the id of a rehearsal that is the same every time: the persona and a hash of all that decides it."""
    digest = hashlib.sha256(json.dumps([persona, *parts], default=str, sort_keys=True).encode()).hexdigest()
    return f"rehearsal-{persona}-{digest[:10]}"
