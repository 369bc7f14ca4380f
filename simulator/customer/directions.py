"""Stage directions: the private line that tells a voice how the customer feels and what they do next.

The words live in ``prompts/stage-direction.jinja`` and in the persona (feelings and beats by stage); this module
decides which of them apply. Everything is a function of values: the same session gives the same direction.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from simulator.customer.mood import Step
from simulator.labels import SOLVING, Label
from simulator.personas.schema import Fact, Persona
from simulator.personas.wording import content_words, mentions
from simulator.prompts import Prompt
from simulator.transcripts.records import Mood, Stage

TRUST_HEARD = 2.5
"""How well heard (0 to 10) before facts marked ``trust`` may be told."""


@dataclass(frozen=True)
class Direction:
    """What the voice is told for one customer turn.

    ``note`` is the stage direction as one line; ``reveal`` the fact to tell now, if any; ``known`` the ids of all
    facts that may be spoken of, the new one included; ``cause`` what in the trainee's turn it answers to;
    ``signal`` the readiness signal to show first, or an empty text; ``final`` whether this is the last line;
    ``must_tell`` whether the fact was asked for or is the second reveal, so that the answer has to tell it.
    """

    stage: Stage
    feeling: str
    act: str
    note: str
    cause: str
    reveal: Fact | None
    known: tuple[str, ...]
    signal: str = ""
    final: bool = False
    must_tell: bool = False


def direct(
    persona: Persona,
    step: Step,
    said: str,
    labels: frozenset[Label],
    prompt: Prompt,
    spoken: Sequence[str] = (),
) -> Direction:
    """Return the direction for the customer's answer to ``said``; ``spoken`` is what the customer said so far.

    ``prompt`` is the stage-direction prompt. Choices among equals follow the persona's seed and the turn number.
    """
    mood = step.mood
    stage = mood.stage
    asked = _asked(persona, mood, said)
    if labels & (SOLVING | {Label.CONFIRMS_NEXT_STEP}):
        asked = None  # an offer is answered as an offer, whatever its words touch on
    reveal = _next_fact(persona, step, labels, asked)
    cause = _cause(step)
    feeling = _pick(persona.feelings.get(stage, []), persona, mood.turns)
    beat = _pick(persona.beats.get(stage, []), persona, mood.turns)
    telling = reveal or asked
    signal = ""
    if "signalled" in step.events:
        signal = _pick(persona.readiness, persona, mood.turns)
    note = " ".join(
        prompt.render(
            stage=stage.value,
            cause=cause,
            feeling=feeling,
            beat=beat,
            tell=_pick(telling.say, persona, mood.turns) if telling else _retold(persona, mood, spoken),
            resurfacing=persona.resurfacing.cue if persona.resurfacing and "resurfaced" in step.events else None,
            turn=mood.turns,
        ).split()
    )
    known = (*mood.revealed, *((reveal.id,) if reveal and reveal.id not in mood.revealed else ()))
    return Direction(
        stage=stage,
        feeling=feeling,
        act=beat,
        note=note,
        cause=cause,
        reveal=telling,
        known=known,
        signal=signal,
        final=stage in (Stage.SETTLED, Stage.WALKED_OUT),
        must_tell=telling is not None and (telling is asked or "resurfaced" in step.events),
    )


def _asked(persona: Persona, mood: Mood, said: str) -> Fact | None:
    """The fact the trainee's words ask for, where the customer would tell it now."""
    if "?" not in said and not re.search(r"\b(tell me|let me know|may i ask)\b", said, re.IGNORECASE):
        return None
    best: tuple[int, Fact] | None = None
    for fact in persona.facts:
        if not _may_tell(fact, mood):
            continue
        hits = sum(mentions(said, word) for word in fact.about)
        if hits and (best is None or hits > best[0]):
            best = (hits, fact)
    return best[1] if best else None


def _may_tell(fact: Fact, mood: Mood) -> bool:
    if fact.id in mood.revealed:
        return True
    if fact.reveal == "asked":
        return mood.tension < 9
    return fact.reveal == "trust" and (mood.heard >= TRUST_HEARD or mood.stage in (Stage.SOFTENING, Stage.READY))


def _next_fact(persona: Persona, step: Step, labels: frozenset[Label], asked: Fact | None) -> Fact | None:
    """The fact that comes out now: the second reveal, what was asked for, or what trust lets out."""
    mood = step.mood
    if "resurfaced" in step.events and persona.resurfacing:
        return next((fact for fact in persona.facts if fact.id == persona.resurfacing.fact), None)
    if asked is not None:
        return asked if asked.id not in mood.revealed else None
    invited = labels & {Label.ASKS_OPEN, Label.INVITES_MORE, Label.ACKNOWLEDGES_SPECIFIC, Label.NAMES_FEELING}
    if invited and mood.heard >= TRUST_HEARD and mood.stage in (Stage.GUARDED, Stage.SOFTENING):
        hidden = (f for f in persona.facts if f.reveal == "trust" and f.id not in mood.revealed)
        return next(hidden, None)
    return None


def _retold(persona: Persona, mood: Mood, spoken: Sequence[str]) -> str | None:
    """What is out already and not said in these words yet: upset people come back to their own story.

    A sentence counts as said where a line holds half of its words of content.
    """
    if mood.stage not in (Stage.VENTING, Stage.GUARDED):
        return None
    lines = [content_words(line) for line in spoken]
    for fact in persona.facts:
        if fact.id not in mood.revealed or fact.reveal == "resurfacing":
            continue
        for sentence in fact.say:
            words = content_words(sentence)
            if words and all(2 * len(words & line) < len(words) for line in lines):
                return sentence
    return None


def _cause(step: Step) -> str:
    """The one thing in the trainee's turn that the customer answers to."""
    for event in ("walked_out", "settled", "resurfaced", "signalled", "insulted", "passed_over", "offered"):
        if event in step.events:
            return event
    worst = next((e for e in step.effects if e.delta >= 0.25), None)
    best = next((e for e in step.effects if e.delta < 0), None)
    if worst and (best is None or worst.delta >= abs(best.delta) or worst.delta >= 1):
        return worst.cause
    if best:
        return best.cause
    if worst:
        return worst.cause
    return "bounced" if "bounced" in step.events else "nothing"


def _pick(choices: list[str], persona: Persona, turn: int) -> str:
    """Go through ``choices`` in an order set by the seed, one a turn, so that none returns before all were used."""
    if not choices:
        return ""
    order = list(range(len(choices)))
    random.Random(f"{persona.id}:{persona.seed}:{choices[0]}").shuffle(order)  # noqa: S311 - variety, not secrecy
    return choices[order[turn % len(order)]]
