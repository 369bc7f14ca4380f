"""One practice session: the turn loop, its endings, and its record. It knows no screen.

Every turn goes: trainee text → labels → mood step → stage direction → voice → guard → saved → event. A line is on
disk before the event that shows it is given. Whatever breaks, the session can be resumed from its file.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from simulator.cleaning import clean
from simulator.customer.directions import direct
from simulator.customer.mood import opening_mood, read_stimulus, step
from simulator.customer.voice import Moment, Spoken, Voice, stand_in
from simulator.errors import SimulatorError, VoiceError
from simulator.grading.correcting import grading_lines
from simulator.grading.grader import Grader
from simulator.grading.labeler import Labeler
from simulator.grading.scorecard import Scorecard
from simulator.labels import TurnLabels
from simulator.personas.schema import Persona
from simulator.practice.events import CustomerPiece, CustomerSpoke, Ended, Event, TraineeSpoke, VoiceFailed
from simulator.prompts import PromptLibrary
from simulator.transcripts.records import (
    Ending,
    EndingLine,
    Guarded,
    Header,
    Mood,
    NoteLine,
    Piece,
    Quoted,
    Record,
    Role,
    Stage,
    Transcript,
    Turn,
)

LONGEST_TURN = 8000
"""Characters a trainee's turn may have."""
_ENDINGS = {Stage.SETTLED: Ending.SETTLED, Stage.WALKED_OUT: Ending.WALKED_OUT}


class Writer(Protocol):
    """Where the session's lines go; each is on disk when ``append`` returns."""

    def append(self, record: Record) -> None:
        """Write one line, or raise ``TranscriptError`` and leave what was there."""
        ...

    def close(self) -> None:
        """Let go of the file; harmless a second time."""
        ...


def utc_now() -> str:
    """Return the time now in UTC as ISO 8601 with seconds."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


@dataclass(frozen=True)
class Cast:
    """Who and what a session is played with."""

    persona: Persona
    voice: Voice
    labeler: Labeler
    prompts: PromptLibrary
    now: Callable[[], str] = utc_now


class Session:
    """A session in progress. Turns go in with ``say``; typed events come out.

    One call at a time: ``open``, ``say`` and ``answer`` are generators to be run to their end. Where one is broken
    off, what was shown is on disk and ``answer`` gives the customer's turn that is still owed.
    """

    def __init__(self, cast: Cast, header: Header, writer: Writer, turns: Sequence[Turn] = ()) -> None:
        self.cast = cast
        self.header = header
        self._writer = writer
        self._turns: list[Turn] = list(turns)
        self.ending: Ending | None = None

    @property
    def turns(self) -> tuple[Turn, ...]:
        """Everything said so far."""
        return tuple(self._turns)

    @property
    def mood(self) -> Mood:
        """The customer's mood now; what a broken-off turn did to it is worked out again from its labels."""
        persona = self.cast.persona
        mood, said = opening_mood(persona), None
        for turn in self._turns:
            if turn.mood is not None:
                mood, said = turn.mood, None
            elif turn.role is Role.TRAINEE:
                said = turn
            elif said is not None:
                labels = said.turn_labels().labels
                mood, said = step(mood, read_stimulus(said.text, labels, persona), persona).mood, None
        return mood

    @property
    def trainee_turns(self) -> int:
        """How many turns the trainee has taken."""
        return sum(turn.role is Role.TRAINEE for turn in self._turns)

    @property
    def owed(self) -> bool:
        """True where the trainee has spoken and the customer has not answered yet."""
        return self.ending is None and bool(self._turns) and self._turns[-1].role is Role.TRAINEE

    def transcript(self) -> Transcript:
        """Return the session so far as a transcript."""
        return Transcript(header=self.header, turns=self.turns, ending=self.ending)

    async def warm(self) -> None:
        """Get the voice and the labeler ready while the trainee reads the briefing."""
        await asyncio.gather(
            self.cast.voice.warm(self.cast.persona, self.turns),
            asyncio.to_thread(self.cast.labeler.label, "Hello.", ""),
        )

    async def open(self) -> AsyncGenerator[Event, None]:
        """Let the customer open, where this persona does and nothing has been said yet."""
        persona = self.cast.persona
        if self._turns or persona.opens != "customer":
            return
        line = random.Random(f"{persona.id}:{persona.seed}:opening").choice(persona.opening)  # noqa: S311 - variety
        async for event in self._spoken(line, opening_mood(persona), direction=None, guard=None):
            yield event

    async def say(self, text: str) -> AsyncGenerator[Event, None]:
        """Take the trainee's turn and give the customer's answer.

        Raises ``SimulatorError`` where the text is empty or longer than ``LONGEST_TURN`` characters or the session
        is over, and ``TranscriptError`` where it cannot be saved; then nothing has happened.
        """
        text = clean(text).strip()
        if self.ending is not None:
            raise SimulatorError("This conversation is over.", "Read the debrief, or start a new one.")
        if not text:
            raise SimulatorError("There is nothing to say yet.", "Write something, or send … to stay silent.")
        if len(text) > LONGEST_TURN:
            raise SimulatorError(
                f"That is {len(text):,} characters; a turn may have {LONGEST_TURN:,}.",
                "Say it shorter; your text is still there.",
            )
        if self.owed:
            async for event in self.answer():
                yield event
            if self.ending is not None:
                return
        labels = await asyncio.to_thread(self._label, text)
        turn = Turn(
            index=self._next_index,
            role=Role.TRAINEE,
            text=text,
            at=self.cast.now(),
            labels=tuple(Quoted(label=mark.label, quote=mark.quote) for mark in labels),
        )
        await self._append(turn)
        self._turns.append(turn)
        yield TraineeSpoke(turn)
        async for event in self.answer():
            yield event

    async def answer(self) -> AsyncGenerator[Event, None]:
        """Give the customer's turn that is owed, or the ending that was not reached; nothing where none is."""
        if not self.owed:
            async for event in self._end_where_due():
                yield event
            return
        said = self._turns[-1]
        persona = self.cast.persona
        labels = said.turn_labels().labels
        moved = step(self.mood, read_stimulus(said.text, labels, persona), persona)
        spoken = [turn.text for turn in self.turns if turn.role is Role.CUSTOMER]
        direction = direct(persona, moved, said.text, labels, self.cast.prompts.get("stage-direction"), spoken)
        moment = Moment(persona, self.turns, moved, labels, direction)
        index = self._next_index
        shown: list[str] = []
        whole: Spoken | None = None
        failed: VoiceError | None = None
        try:
            async with aclosing(self.cast.voice.speak(moment)) as voice:
                async for given in voice:
                    if isinstance(given, Spoken):
                        whole = given
                        continue
                    async for event in self._piece(index, given.text):
                        shown.append(given.text)
                        yield event
        except VoiceError as error:
            failed = error
        if failed is not None or whole is None:
            failed = failed or VoiceError("The voice stopped in mid-sentence.", "Go on; it will be asked again.")
            await self._append(NoteLine(at=self.cast.now(), text=f"voice failed: {failed.message}"))
            yield VoiceFailed(failed.message, failed.hint)
            rest = stand_in(moment, "".join(shown))
            if rest:
                part = f" {rest}" if shown else rest
                async for event in self._piece(index, part):
                    shown.append(part)
                    yield event
            whole = Spoken("".join(shown), Guarded(refused=(("voice", failed.message),), written=True))
        mood = moved.mood.model_copy(update={"revealed": direction.known}) if whole.told else moved.mood
        async for event in self._finished(whole.text, mood, direction.note, whole.guard):
            yield event

    async def leave(self) -> AsyncGenerator[Event, None]:
        """End the session because the trainee leaves."""
        if self.ending is None:
            async for event in self._end(Ending.TRAINEE_LEFT):
                yield event

    async def grade(self, grader: Grader, progress: Callable[[str], None] | None = None) -> Scorecard:
        """Have the session graded by ``grader``, which never sees the persona, and save the scorecard."""
        scorecard = await grader.grade(self.transcript().bare(), progress)
        for line in grading_lines(scorecard, self.cast.now()):
            await self._append(line)
        return scorecard

    @property
    def _next_index(self) -> int:
        return self._turns[-1].index + 1 if self._turns else 0

    def close(self) -> None:
        """Let go of the session's file, so that it can be opened again; harmless a second time."""
        self._writer.close()

    def _label(self, text: str) -> TurnLabels:
        earlier = [turn.text for turn in self._turns if turn.role is Role.CUSTOMER]
        return self.cast.labeler.label(text, earlier[-1] if earlier else "", earlier[:-1])

    async def _append(self, record: Record) -> None:
        await asyncio.to_thread(self._writer.append, record)

    async def _piece(self, index: int, text: str) -> AsyncGenerator[Event, None]:
        await self._append(Piece(index=index, text=text))
        yield CustomerPiece(index, text)

    async def _spoken(
        self, text: str, mood: Mood, direction: str | None, guard: Guarded | None
    ) -> AsyncGenerator[Event, None]:
        async for event in self._piece(self._next_index, text):
            yield event
        async for event in self._finished(text, mood, direction, guard):
            yield event

    async def _finished(
        self, text: str, mood: Mood, direction: str | None, guard: Guarded | None
    ) -> AsyncGenerator[Event, None]:
        turn = Turn(
            index=self._next_index,
            role=Role.CUSTOMER,
            text=clean(text),
            at=self.cast.now(),
            mood=mood,
            direction=direction,
            guard=guard,
        )
        await self._append(turn)
        self._turns.append(turn)
        yield CustomerSpoke(turn)
        async for event in self._end_where_due():
            yield event

    async def _end_where_due(self) -> AsyncGenerator[Event, None]:
        ending = _ENDINGS.get(self.mood.stage)
        if ending is None and self.trainee_turns >= self.cast.persona.turn_limit:
            ending = Ending.TURN_LIMIT
        if ending is not None and self.ending is None:
            async for event in self._end(ending):
                yield event

    async def _end(self, ending: Ending) -> AsyncGenerator[Event, None]:
        await self._append(EndingLine(ending=ending, at=self.cast.now()))
        self.ending = ending
        yield Ended(ending)
