"""What a session tells its screen: small typed events, in the order they happen."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.transcripts.records import Ending, Turn


@dataclass(frozen=True)
class TraineeSpoke:
    """The trainee's turn is saved and may be shown; it carries the labels of the turn pipeline."""

    turn: Turn


@dataclass(frozen=True)
class CustomerPiece:
    """The next part of the customer's turn ``index``, saved and ready to be shown after what came before it."""

    index: int
    text: str


@dataclass(frozen=True)
class CustomerSpoke:
    """The customer's whole turn is saved, with the mood after it."""

    turn: Turn


@dataclass(frozen=True)
class VoiceFailed:
    """The voice could not speak, so a written line stands in; ``message`` and ``hint`` are for people."""

    message: str
    hint: str


@dataclass(frozen=True)
class Ended:
    """The conversation is over; the debrief follows."""

    ending: Ending


Event = TraineeSpoke | CustomerPiece | CustomerSpoke | VoiceFailed | Ended
