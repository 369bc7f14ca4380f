"""What a persona file says, once its seed is chosen and its text rendered.

A file is YAML front matter between two ``---`` lines and a Jinja body, the card. ``vary`` in the front
matter names values that differ between runs; a seed picks them, and every other string of the front matter
and the body may use them as ``{{ name }}``.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from simulator.labels import Label
from simulator.transcripts.records import Stage

SPEAKING_STAGES = (Stage.VENTING, Stage.GUARDED, Stage.SOFTENING, Stage.READY)
"""Stages in which the conversation goes on."""


class Part(BaseModel):
    """Base of every part of a persona: closed and immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Channel(StrEnum):
    """Where the conversation takes place."""

    FACE_TO_FACE = "face_to_face"
    PHONE = "phone"
    CHAT = "chat"
    EMAIL = "email"


class Difficulty(StrEnum):
    """How patient the customer is; never how decent."""

    EASY = "easy"
    STANDARD = "standard"
    HARD = "hard"


class Trainee(Part):
    """Who the trainee is in this scene, shown in the briefing."""

    role: str
    """One sentence: 'You are …'."""
    word: str = "EMPLOYEE"
    """The speaker word in scene prompts, for example CLERK or AGENT."""
    may: list[str] = Field(min_length=1)
    """What the trainee may decide on the spot, one item each."""
    must_not: list[str] = []


class Fact(Part):
    """Something that is true of this customer. The customer never claims what no fact holds."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    text: str
    """Third person, one sentence."""
    reveal: Literal["opening", "asked", "trust", "resurfacing"] = "opening"
    """When it may be said: at once; when asked or touched on; once guard has dropped (stage guarded with
    some trust, or later); or as the second reveal mid-way."""
    about: list[str] = []
    """Words in a trainee's turn that ask for this fact."""
    say: list[str] = Field(min_length=1)
    """The customer's own sentences that tell it, first person, for the scripted voice and as fall-backs."""


class WrittenLine(Part):
    """One of the persona's own lines."""

    say: str
    after: list[Label] = []
    """Only an answer to a turn with one of these labels; empty: fits any turn of its stage."""
    reveals: str | None = None
    """Id of the fact this line tells, if it tells one."""


class Temperament(Part):
    """How the customer's mood moves. Costs are added to tension, reliefs taken from it, per trainee turn."""

    start: float = Field(default=7.0, ge=0, le=9)
    """Tension when the conversation opens."""
    patience: float = Field(default=1.0, ge=0.5, le=2.0)
    """Divides every cost: 2 takes twice as much to upset."""
    openness: float = Field(default=1.0, ge=0.5, le=2.0)
    """Multiplies every relief."""
    walks_out_at: float = Field(default=9.0, ge=7, le=10)
    """Two turns in a row at or above this tension and the customer leaves."""
    needs_heard: float = Field(default=5.0, ge=2, le=9)
    """How well heard (0 to 10) before the customer is ready for solutions."""
    costs: dict[Label, float] = {}
    """What this customer minds more or less than others: tension added, replacing the default."""
    reliefs: dict[Label, float] = {}
    """What helps this customer more or less than others: tension taken, replacing the default."""


class Trigger(Part):
    """Words or deeds that set this customer off, beyond their labels."""

    when: list[str] = Field(min_length=1)
    """Words or phrases in the trainee's turn, matched as whole words, ignoring case."""
    tension: float = Field(ge=-4, le=4)
    """Added to tension: above 0 for a trigger, below 0 for a soother."""
    why: str
    """What it means to the customer, used in the stage direction ('being called love')."""


class Resurfacing(Part):
    """The second reveal: what comes up mid-way and must be acknowledged again."""

    fact: str
    """Id of a fact with ``reveal: resurfacing``."""
    cue: str
    """The stage direction for it, third person ('thinks of the children's room and cannot go on')."""


class Settlement(Part):
    """What settles this customer."""

    wants: str
    """One sentence, third person."""
    accepts: list[str] = Field(min_length=1)
    """Words of which at least one must be in an offer for it to count as acceptable; ['*'] takes any offer."""
    refuses: list[str] = []
    """Words of offers that are an insult to this customer."""


class Persona(Part):
    """One customer and their situation, rendered for one seed."""

    id: str
    name: str
    age: int = Field(ge=16, le=110)
    pronoun: Literal["she", "he", "they"] = "they"
    summary: str = Field(max_length=120)
    """One line for the home screen."""
    channel: Channel
    difficulty: Difficulty = Difficulty.STANDARD
    setting: str
    """Where and when, one or two sentences, shown to the trainee."""
    language: str = "English"
    opens: Literal["customer", "trainee"] = "customer"
    turn_limit: int = Field(default=14, ge=4, le=40)
    """Trainee turns before the session ends by itself."""
    trainee: Trainee
    facts: list[Fact] = Field(min_length=3)
    temperament: Temperament = Temperament()
    triggers: list[Trigger] = []
    opening: list[str] = Field(min_length=1)
    feelings: dict[Stage, list[str]]
    """By stage: how the customer feels and behaves, 3 to 12 words, third person without a subject ('stung, nobody
    heard her')."""
    beats: dict[Stage, list[str]]
    """By stage: what the customer does or says next, third person without a subject ('says she has never packed a
    house alone'). Nothing that is not in ``facts``."""
    lines: dict[Stage, list[WrittenLine]]
    """By stage: at least 8 written lines each for the speaking stages, at least 2 for settled and walked_out."""
    readiness: list[str] = Field(min_length=3)
    """What the customer says or does when ready for solutions, as shown ('(a long breath) …Okay.')."""
    resurfacing: Resurfacing | None = None
    settlement: Settlement
    card: str = ""
    """The rendered body: two to five sentences about the customer, third person, no private notes."""
    sha256: str = ""
    """Of the file's bytes and its parents'."""
    seed: int = 0
