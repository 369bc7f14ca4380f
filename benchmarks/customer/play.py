"""One session played: a persona, a seed and a script through the real ``Session``, nothing saved."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from benchmarks.customer.cases import Script
from simulator.cleaning import clean
from simulator.customer.mood import opening_mood
from simulator.customer.voice import Moment, Part, Spoken, Voice
from simulator.grading.labeler import Labeler
from simulator.models.protocol import Message, Model, Sampling
from simulator.personas.schema import Persona
from simulator.personas.wording import mentions
from simulator.practice.events import CustomerPiece, CustomerSpoke, Event, VoiceFailed
from simulator.practice.rehearsal import Recorder
from simulator.practice.session import Cast, Session
from simulator.prompts import Prompt, PromptLibrary
from simulator.transcripts.records import Ending, Header, Role, Turn

SCRIPT_END = "script_end"
"""The ending of a plain chat, which has none of its own."""
PLAIN_TOKENS = 160
"""Tokens an answer of the plain chat may have: what a chat model gets in the product."""


@dataclass(frozen=True)
class Said:
    """One turn. ``part`` is ``opening``, ``answer`` or ``final`` for the customer, empty for the trainee.

    ``known`` are the facts that might be spoken of; ``to_tell`` the fact the direction asked for and ``told`` whether
    the product counts it as told; ``first`` and ``whole`` are seconds from the trainee's return key.
    """

    role: str
    text: str
    part: str = ""
    labels: tuple[str, ...] = ()
    tension: float | None = None
    stage: str = ""
    known: tuple[str, ...] = ()
    direction: str = ""
    to_tell: str = ""
    told: bool = False
    refused: tuple[tuple[str, str], ...] = ()
    written: bool = False
    failed: str = ""
    cut: bool = False
    first: float | None = None
    whole: float | None = None


@dataclass(frozen=True)
class Played:
    """A finished session; ``start`` is the tension before anything was said, None where there is no mood."""

    persona: str
    seed: int
    script: str
    kind: str
    expect: str
    voice: str
    model: str
    turns: tuple[Said, ...]
    ending: str
    turn_limit: int = 0
    start: float | None = None

    @property
    def name(self) -> str:
        """What a report calls it."""
        return f"{self.persona}/{self.seed}/{self.script}"

    @property
    def customer(self) -> tuple[tuple[int, Said], ...]:
        """The customer's turns with their indices."""
        return tuple((i, turn) for i, turn in enumerate(self.turns) if turn.role == "customer")

    @property
    def trainee_turns(self) -> int:
        """How many turns the trainee had."""
        return sum(turn.role == "trainee" for turn in self.turns)

    def as_json(self) -> dict[str, Any]:
        """Return the session as it stands in the JSONL."""
        return asdict(self)

    @classmethod
    def of_json(cls, data: dict[str, Any]) -> Played:
        """Return the session that a line of the JSONL tells."""
        turns = [
            Said(**{**turn, "refused": tuple(map(tuple, turn["refused"])), "labels": tuple(turn["labels"]),
                    "known": tuple(turn["known"])})
            for turn in data["turns"]
        ]  # fmt: skip
        return cls(**{**data, "turns": tuple(turns)})


@dataclass
class Watch:
    """A voice that notes what it was directed to do and passes everything on."""

    voice: Voice
    moments: list[Moment] = field(default_factory=list)
    told: list[bool] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return self.voice.kind

    @property
    def model(self) -> str:
        return self.voice.model

    async def warm(self, persona: Persona, turns: tuple[Turn, ...]) -> None:
        await self.voice.warm(persona, turns)

    async def speak(self, moment: Moment) -> AsyncGenerator[Part | Spoken, None]:
        self.moments.append(moment)
        self.told.append(True)  # a written line that stands in for a broken voice tells what is due
        async with aclosing(self.voice.speak(moment)) as parts:
            async for part in parts:
                if isinstance(part, Spoken):
                    self.told[-1] = part.told
                yield part

    async def aclose(self) -> None:
        await self.voice.aclose()


async def play(
    persona: Persona,
    script: Script,
    voice: Voice,
    labeler: Labeler,
    prompts: PromptLibrary,
    *,
    loop: bool = False,
    pause: float = 0.0,
) -> Played:
    """Play ``script`` against ``persona``; with ``loop`` its lines come again until the session ends by itself.

    ``pause`` is how many seconds the trainee takes between the customer's last word and the return key.
    """
    watch = Watch(voice)
    header = Header(
        id=f"bench-{persona.id}-{persona.seed}-{script.name}",
        started_at="",
        persona=persona.id,
        persona_sha256=persona.sha256,
        seed=persona.seed,
        voice=voice.kind,
        turn_limit=persona.turn_limit,
    )
    session = Session(Cast(persona, watch, labeler, prompts), header, Recorder())
    await session.warm()
    turns = [turn async for turn in _turns(session.open(), watch)]
    lines = list(script.lines)
    for line in lines:
        if session.ending is not None:
            break
        await asyncio.sleep(pause)
        turns += [turn async for turn in _turns(session.say(line), watch)]
        if loop and len(lines) < 3 * persona.turn_limit:
            lines.append(line)
    async for _ in session.leave():
        pass
    return Played(
        persona=persona.id,
        seed=persona.seed,
        script=script.name,
        kind=script.kind,
        expect=script.expect,
        voice=voice.kind,
        model=voice.model,
        turns=tuple(turns),
        ending=(session.ending or Ending.TRAINEE_LEFT).value,
        turn_limit=persona.turn_limit,
        start=opening_mood(persona).tension,
    )


async def _turns(events: AsyncGenerator[Event, None], watch: Watch) -> AsyncGenerator[Said, None]:
    """Give what was said as the events tell it, timed from now on."""
    begin = time.perf_counter()
    first: float | None = None
    failed = ""
    async for event in events:
        if isinstance(event, CustomerPiece):
            first = first if first is not None else time.perf_counter() - begin
        elif isinstance(event, VoiceFailed):
            failed = event.message
        elif isinstance(event, CustomerSpoke):
            said = _said(event.turn, watch)
            if said.part != "opening":
                said = replace(said, failed=failed, first=first, whole=time.perf_counter() - begin)
            yield said
        elif turn := getattr(event, "turn", None):
            yield Said("trainee", turn.text, labels=tuple(q.label.value for q in turn.labels or ()))


def _said(turn: Turn, watch: Watch) -> Said:
    mood = turn.mood
    said = Said(
        Role.CUSTOMER.value,
        turn.text,
        part="opening",
        tension=mood.tension if mood else None,
        stage=mood.stage.value if mood else "",
        known=mood.revealed if mood else (),
    )
    if turn.direction is None or not watch.moments:
        return said
    direction = watch.moments[-1].direction
    new = (
        direction.reveal
        if direction.reveal and direction.reveal.id not in watch.moments[-1].step.mood.revealed
        else None
    )
    return replace(
        said,
        part="final" if direction.final else "answer",
        known=direction.known,
        direction=direction.note,
        to_tell=new.id if new else "",
        told=new is not None and watch.told[-1],
        refused=turn.guard.refused if turn.guard else (),
        written=bool(turn.guard and turn.guard.written),
    )


# -- the thing to compare with: the same model, a plain prompt, nothing around it -----------------------------------


async def play_plain(persona: Persona, script: Script, model: Model, prompt: Prompt, opening: str) -> Played:
    """Play ``script`` against ``model`` told to be an angry customer: no mood, no directions, no guard."""
    system = prompt.render(card=persona.card, setting=persona.setting, facts=[fact.text for fact in persona.facts])
    messages = [Message("system", system)]
    known = [fact.id for fact in persona.facts if fact.reveal == "opening"]
    turns: list[Said] = []
    if opening:
        messages.append(Message("assistant", opening))
        turns.append(Said("customer", opening, part="opening", known=tuple(known)))
    for number, line in enumerate(script.lines):
        messages.append(Message("user", line))
        turns.append(Said("trainee", line))
        known += [f.id for f in persona.facts if f.id not in known and any(mentions(line, word) for word in f.about)]
        begin, first, text, cut = time.perf_counter(), None, "", False
        sampling = Sampling(max_tokens=PLAIN_TOKENS, temperature=0.8, seed=persona.seed * 1000 + number)
        async with aclosing(model.chat(messages, sampling)) as chunks:
            async for chunk in chunks:
                text += chunk.text
                first = first if first is not None or not text.strip() else time.perf_counter() - begin
                cut = chunk.finished == "length" or cut
        text = " ".join(clean(text).split())
        messages.append(Message("assistant", text))
        whole = time.perf_counter() - begin
        turns.append(Said("customer", text, "answer", known=tuple(known), cut=cut, first=first, whole=whole))
    return Played(
        persona=persona.id,
        seed=persona.seed,
        script=script.name,
        kind=script.kind,
        expect=script.expect,
        voice="plain",
        model=model.info.model,
        turns=tuple(turns),
        ending=SCRIPT_END,
    )
