"""The persona's own written lines: what the scripted voice says, and what stands in when a model fails.

A line is chosen by stage, by what the trainee just did, and by what was asked; none is said twice in a session.
"""

from __future__ import annotations

import random

from simulator.customer.directions import Direction
from simulator.customer.spoken import repeats
from simulator.labels import Label
from simulator.personas.schema import SPEAKING_STAGES, Channel, Persona, WrittenLine
from simulator.personas.wording import content_words
from simulator.transcripts.records import Stage

_WORDLESS = {
    Channel.FACE_TO_FACE: (
        "(says nothing, and waits)",
        "(looks away)",
        "(stands there, arms folded)",
        "(shrugs)",
    ),
    Channel.PHONE: (
        "(silence on the line)",
        "(breathes out, says nothing)",
        "(a long pause)",
        "(nothing but breathing)",
    ),
    Channel.CHAT: ("…", "(is typing, then stops)", "?", "(seen, no answer)"),
    Channel.EMAIL: (
        "Still waiting for a proper answer.",
        "I have read this twice.",
        "That is all I have to say for now.",
        "See above.",
    ),
}
"""When every written line is used up: no words, by channel."""


def written_line(
    persona: Persona,
    direction: Direction,
    labels: frozenset[Label],
    said: str,
    spoken: tuple[str, ...],
    turn: int,
) -> str:
    """Return the persona's own line for this moment, never one in ``spoken``.

    Order of choice: a closing line where it is the last; the fact to tell; a line of the stage that answers one
    of ``labels`` or shares words with ``said``; any line of the stage; a general line of a neighbouring stage; and
    in the end a sign without words.
    """
    fresh = [line for line in persona.lines.get(direction.stage, []) if _usable(line, direction, spoken)]
    if direction.final:
        return _choose([line.say for line in fresh], persona, turn) or _wordless(persona, spoken, turn)
    if direction.reveal is not None:
        telling = [line.say for line in fresh if line.reveals == direction.reveal.id]
        told = telling or [say for say in direction.reveal.say if not repeats(say, spoken)]
        if told:
            return _choose(told, persona, turn)
    ranked = _ranked(fresh, direction, labels, said)
    if ranked:
        return _choose(ranked, persona, turn)
    for stage in _neighbours(direction.stage):
        spare = [
            x for x in persona.lines.get(stage, []) if not x.after and not x.reveals and _usable(x, direction, spoken)
        ]
        if spare:
            return _choose([line.say for line in spare], persona, turn)
    return _wordless(persona, spoken, turn)


def _usable(line: WrittenLine, direction: Direction, spoken: tuple[str, ...]) -> bool:
    return (line.reveals is None or line.reveals in direction.known) and not any(line.say in said for said in spoken)


def _ranked(lines: list[WrittenLine], direction: Direction, labels: frozenset[Label], said: str) -> list[str]:
    """The best-fitting of ``lines``: all that share the highest score."""
    asked = content_words(said)
    best, choice = -1.0, list[str]()
    for line in lines:
        if line.after and not labels & set(line.after):
            continue
        score = 0.0
        if line.after:
            score += 3.0 if any(label.value == direction.cause for label in line.after) else 1.5
        score += min(1.0, 0.5 * len(asked & content_words(line.say)))
        if score > best + 1e-9:
            best, choice = score, [line.say]
        elif abs(score - best) <= 1e-9:
            choice.append(line.say)
    return choice


def _neighbours(stage: Stage) -> list[Stage]:
    if stage not in SPEAKING_STAGES:
        return []
    at = SPEAKING_STAGES.index(stage)
    return sorted((s for s in SPEAKING_STAGES if s is not stage), key=lambda s: abs(SPEAKING_STAGES.index(s) - at))


def _wordless(persona: Persona, spoken: tuple[str, ...], turn: int) -> str:
    signs = _WORDLESS[persona.channel]
    fresh = [sign for sign in signs if sign not in spoken] or list(signs)
    return _choose(fresh, persona, turn)


def _choose(lines: list[str], persona: Persona, turn: int) -> str:
    if not lines:
        return ""
    return random.Random(f"{persona.id}:{persona.seed}:{turn}").choice(lines)  # noqa: S311 - variety, not secrecy
