"""The values a transcript is made of: turns, mood, endings, and the lines of a session's file.

A session's file is JSON lines: one ``header``, then ``piece``, ``turn``, ``ending``, ``labels``, ``scorecard``,
``correction``, ``title`` and ``note`` lines in the order they happened. Times are ISO 8601 in UTC. ``SCHEMA_VERSION``
counts changes that an older program could not read; a header without one is of version 0, from before they were
counted.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from simulator.labels import Label, Mark, TurnLabels

SCHEMA_VERSION = 1

IMPORTED = "imported"
"""What stands for the voice, and for the persona, of a conversation that was had elsewhere."""


class Record(BaseModel):
    """Base of everything that is written down: closed and immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Role(StrEnum):
    """Who speaks. API roles exist only inside the model clients."""

    CUSTOMER = "customer"
    TRAINEE = "trainee"


class Stage(StrEnum):
    """Where the customer is on the way from upset to settled, or out of the door."""

    VENTING = "venting"
    GUARDED = "guarded"
    SOFTENING = "softening"
    READY = "ready"
    SETTLED = "settled"
    WALKED_OUT = "walked_out"


class Ending(StrEnum):
    """How a session ended."""

    SETTLED = "settled"
    WALKED_OUT = "walked_out"
    TRAINEE_LEFT = "trainee_left"
    TURN_LIMIT = "turn_limit"


class Mood(Record):
    """The customer's state after a trainee turn.

    ``tension`` is 0 (at peace) to 10 (about to leave). The counters are what the mood rules remember:
    ``heard`` is how well the customer feels heard so far (0 to 10), ``formulas`` how many stock phrases have
    worn out, ``boiling`` and
    ``simmering`` how many turns in a row tension stood at the walk-out mark and just below, ``turns`` how many
    trainee turns have passed, ``resurfaced`` whether the second reveal has come, ``owed`` whether that
    reveal still waits to be acknowledged, ``offered`` whether an acceptable solution is on the table,
    ``pending`` whether another offer waits to be made definite.
    """

    tension: float = Field(ge=0, le=10)
    stage: Stage
    revealed: tuple[str, ...] = ()
    heard: float = Field(default=0, ge=0, le=10)
    formulas: int = 0
    boiling: int = 0
    simmering: int = 0
    turns: int = 0
    acknowledged_at: int | None = None
    resurfaced: bool = False
    owed: bool = False
    signalled: bool = False
    offered: bool = False
    pending: bool = False


class Quoted(Record):
    """One label with its quote, as it is written down."""

    label: Label
    quote: str


class Guarded(Record):
    """What the guard did on one customer turn: refused candidates with reasons, and whether a written line stood in."""

    refused: tuple[tuple[str, str], ...] = ()
    """Pairs of (rule, the refused text)."""
    written: bool = False
    """True where the line shown is one of the persona's own written lines."""


class Turn(Record):
    """One turn as shown on the screen. ``mood`` is the customer's after the turn (customer turns only);
    ``labels`` are what the turn pipeline saw (trainee turns only)."""

    kind: Literal["turn"] = "turn"
    index: int = Field(ge=0)
    role: Role
    text: str
    at: str = ""
    mood: Mood | None = None
    direction: str | None = None
    labels: tuple[Quoted, ...] | None = None
    guard: Guarded | None = None
    cut: bool = False
    """True where the turn was interrupted and only this much was shown."""

    def turn_labels(self) -> TurnLabels:
        """Return the labels of the turn pipeline as marks; empty where none were taken."""
        return TurnLabels.of(Mark(q.label, q.quote) for q in self.labels or ())


class Piece(Record):
    """A part of a customer turn, written before it is shown, so that a crash loses nothing that was seen."""

    kind: Literal["piece"] = "piece"
    index: int = Field(ge=0)
    text: str


class Header(Record):
    """The first line of a session's file."""

    kind: Literal["header"] = "header"
    schema_version: int = SCHEMA_VERSION
    id: str
    started_at: str
    persona: str
    persona_sha256: str
    persona_name: str = ""
    setting: str = ""
    channel: str = ""
    difficulty: str = ""
    seed: int
    voice: str
    voice_model: str = ""
    grader: str = ""
    rubric: str = ""
    rubric_sha256: str = ""
    prompts: dict[str, str] = Field(default_factory=dict)
    """Prompt name to sha256 of its file."""
    turn_limit: int = 0
    trainee: str = ""
    """Who practised, by name or by pseudonym. Empty: not told."""

    @property
    def imported(self) -> bool:
        """True for a conversation that was had elsewhere: it is over, whatever its ending."""
        return self.voice == IMPORTED


class EndingLine(Record):
    """How and when the session ended."""

    kind: Literal["ending"] = "ending"
    ending: Ending
    at: str = ""


class ScorecardLine(Record):
    """A grading of the session. The scorecard stays as it was written, so that an old one outlives its model."""

    kind: Literal["scorecard"] = "scorecard"
    at: str = ""
    scorecard: dict[str, Any]


class TitleLine(Record):
    """A title that somebody gave the session; the last one counts, an empty one takes it away."""

    kind: Literal["title"] = "title"
    at: str = ""
    text: str


class LabelledTurn(Record):
    """The labels of one trainee turn; ``turn`` is the 0-based place in the transcript's turns."""

    turn: int = Field(ge=0)
    labels: tuple[Quoted, ...] = ()


class LabelsLine(Record):
    """What a scorecard was worked out from: every trainee turn's labels with their quotes, and who gave them.

    From these a scorecard can be worked out again, under another rubric or with corrections, without any model.
    """

    kind: Literal["labels"] = "labels"
    at: str = ""
    grader: dict[str, Any]
    turns: tuple[LabelledTurn, ...]


class CorrectionLine(Record):
    """A person's word on the labels of one trainee turn; ``turn`` is the 0-based place in the transcript's turns."""

    kind: Literal["correction"] = "correction"
    at: str = ""
    turn: int = Field(ge=0)
    added: tuple[Quoted, ...] = ()
    removed: tuple[Label, ...] = ()


class NoteLine(Record):
    """Something that happened beside the conversation: a resume, a change of voice, a coach's word."""

    kind: Literal["note"] = "note"
    at: str = ""
    text: str


Line = Annotated[
    Header | Turn | Piece | EndingLine | LabelsLine | ScorecardLine | CorrectionLine | TitleLine | NoteLine,
    Field(discriminator="kind"),
]


class BareTurn(Record):
    """A turn of a conversation from anywhere."""

    role: Role
    text: str


class BareTranscript(Record):
    """A conversation from anywhere: what ``grade`` reads beside the store's own files."""

    id: str
    setting: str | None = None
    turns: tuple[BareTurn, ...]


class Transcript(Record):
    """A session read back from its file. ``problems`` names what could not be used, in plain words."""

    header: Header
    turns: tuple[Turn, ...] = ()
    ending: Ending | None = None
    scorecards: tuple[ScorecardLine, ...] = ()
    labellings: tuple[LabelsLine, ...] = ()
    corrections: tuple[CorrectionLine, ...] = ()
    notes: tuple[NoteLine, ...] = ()
    problems: tuple[str, ...] = ()
    title: str = ""
    """The last title the session was given."""

    @property
    def over(self) -> bool:
        """True where nobody can go on with the session: it has ended, or was had elsewhere."""
        return self.ending is not None or self.header.imported

    def bare(self) -> BareTranscript:
        """Return what the evaluator may see: who said what, where; no mood, direction or persona notes."""
        return BareTranscript(
            id=self.header.id,
            setting=self.header.setting or None,
            turns=tuple(BareTurn(role=t.role, text=t.text) for t in self.turns),
        )
