"""What writes the customer's words: one protocol, and the scripted voice that needs no model."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Protocol

from simulator.customer.directions import Direction
from simulator.customer.mood import Step
from simulator.customer.written import written_line
from simulator.labels import Label
from simulator.personas.schema import Persona
from simulator.transcripts.records import Guarded, Role, Turn


@dataclass(frozen=True)
class Moment:
    """One customer turn to be spoken: who, what has been said (the trainee's turn last), and the direction."""

    persona: Persona
    turns: tuple[Turn, ...]
    step: Step
    labels: frozenset[Label]
    direction: Direction

    @property
    def said(self) -> str:
        """What the trainee just said."""
        return self.turns[-1].text if self.turns and self.turns[-1].role is Role.TRAINEE else ""

    @property
    def spoken(self) -> tuple[str, ...]:
        """The customer's earlier lines, in order."""
        return tuple(turn.text for turn in self.turns if turn.role is Role.CUSTOMER)


@dataclass(frozen=True)
class Part:
    """The next part of the line, final once given: it may be shown and is never taken back."""

    text: str


@dataclass(frozen=True)
class Spoken:
    """The whole line, with what the guard did."""

    text: str
    guard: Guarded
    told: bool = True
    """Whether the fact the direction asked for was really told; where not, it stays hidden."""


class Voice(Protocol):
    """Writes the customer's words, and nothing else: what they feel, reveal and do is told by the moment."""

    @property
    def kind(self) -> str:
        """``openai``, ``local`` or ``scripted``."""
        ...

    @property
    def model(self) -> str:
        """The model's name; empty for the scripted voice."""
        ...

    async def warm(self, persona: Persona, turns: tuple[Turn, ...]) -> None:
        """Get ready for the next line while the trainee reads; raises ``VoiceError`` where the voice cannot speak."""
        ...

    def speak(self, moment: Moment) -> AsyncGenerator[Part | Spoken, None]:
        """Give the line part by part, then as a whole exactly once; the parts joined are the whole.

        Raises ``VoiceError`` where no more can be had; parts given before stay said.
        """
        ...

    async def aclose(self) -> None:
        """Let go of the model."""
        ...


class ScriptedVoice:
    """Chooses among the persona's written lines. Deterministic: the same session and seed give the same words."""

    kind = "scripted"
    model = ""

    async def warm(self, persona: Persona, turns: tuple[Turn, ...]) -> None:
        """Nothing to get ready."""

    async def speak(self, moment: Moment) -> AsyncGenerator[Part | Spoken, None]:
        """Give the written line for this moment, the readiness signal first where it is due."""
        text = stand_in(moment)
        yield Part(text)
        yield Spoken(text, Guarded())

    async def aclose(self) -> None:
        """Nothing to let go of."""


def stand_in(moment: Moment, already: str = "") -> str:
    """Return the persona's own line for ``moment``, begun with the readiness signal where one is due.

    ``already`` is what has been said of this turn: where that is more than the signal, nothing is added to it.
    """
    signal = moment.direction.signal
    if already and already.strip() != signal:
        return ""
    spoken = (*moment.spoken, signal) if signal else moment.spoken
    line = written_line(moment.persona, moment.direction, moment.labels, moment.said, spoken, moment.step.mood.turns)
    return f"{signal} {line}".strip() if signal and not already else line
