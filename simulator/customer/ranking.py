"""How well a candidate fits the moment: the direction, what was just said, what is known, and the persona's voice."""

from __future__ import annotations

import re
from statistics import mean

from simulator.customer.scenes import Ear
from simulator.customer.spoken import sentences, without_signs
from simulator.customer.voice import Moment
from simulator.personas.wording import content_words
from simulator.transcripts.records import Stage

_HEAT = re.compile(
    r"!|\b(?:no|not|never|don't|can't|won't|nobody|nothing|enough|again|ridiculous|unbelievable|sick|fed\s+up|what\s+is|why)\b",
    re.IGNORECASE,
)
_CALM = re.compile(
    r"…|\b(?:okay|ok|yeah|yes|alright|all\s+right|maybe|just|suppose|guess|think|tired|know)\b", re.IGNORECASE
)

_AGREES = re.compile(r"\W*(?:yes|yeah|sure|okay|ok|of\s+course|right|i\s+have|i\s+am|i'm)\b", re.IGNORECASE)


def fit(line: str, moment: Moment, ear: Ear | None) -> float:
    """Return how well ``line`` fits, about -1 (wrong) to 2 (very good).

    The sum of: sounding like a customer (-1 to 0.6), answering what was said or told (0 to 0.6), heat that suits
    the stage (-0.3 to 0.4), a speakable length (-0.4 to 0.3), words the persona's world holds (-0.8 to 0.4).
    """
    words = content_words(line)
    direction = moment.direction
    told = (
        content_words(direction.reveal.text) | content_words(" ".join(direction.reveal.say))
        if direction.reveal
        else frozenset()
    )
    score = 0.0
    if ear is not None:
        sounds = mean(ear.customer(s) for s in sentences(line) or [line])
        score += 1.6 * sounds - 1.0
    wanted = told or content_words(moment.said) | content_words(direction.note)
    score += min(0.6, 0.2 * len(words & wanted))
    if told and not words & told:
        score -= 0.5
    score += _tone(line, direction.stage)
    count = len(without_signs(line).split())
    score += 0.3 if 5 <= count <= 28 else -0.4 if count < 2 or count > 40 else 0.0
    if words:
        world = _world(moment)
        strange = len(words - world) / len(words)
        score += 0.4 - 1.2 * strange
    return score


def _tone(line: str, stage: Stage) -> float:
    heat, calm = len(_HEAT.findall(line)), len(_CALM.findall(line))
    agrees = 0.5 if _AGREES.match(line) else 0.0
    if stage in (Stage.VENTING, Stage.WALKED_OUT):
        return min(0.4, 0.2 * heat) - 0.1 * calm - agrees
    if stage is Stage.GUARDED:
        return min(0.3, 0.15 * heat) - agrees / 2
    return min(0.4, 0.2 * calm) - min(0.3, 0.15 * line.count("!"))


def _world(moment: Moment) -> frozenset[str]:
    persona = moment.persona
    texts = [
        persona.card,
        persona.setting,
        *persona.opening,
        moment.said,
        moment.direction.note,
        *moment.spoken,
    ]
    texts += [f"{f.text} {' '.join(f.say)}" for f in persona.facts if f.id in moment.direction.known]
    texts += [line.say for lines in persona.lines.values() for line in lines]
    return content_words(" ".join(texts))
