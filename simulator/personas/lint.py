"""Everything that is wrong with a persona file, at once.

What keeps it from being played, and what plays badly.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from simulator.front_matter import FrontMatter
from simulator.personas import wording
from simulator.personas.lines import line_problems
from simulator.personas.loader import build, read
from simulator.personas.problems import Field, Problem, problem
from simulator.personas.rendering import names_used
from simulator.personas.schema import SPEAKING_STAGES, Difficulty, Persona
from simulator.personas.telling import secret_problems

SEEDS = 20
"""Seeds that are tried."""
FEWEST_DIRECTIONS = 3
"""Feelings and beats a speaking stage needs at least."""

__all__ = ["Problem", "lint"]


def lint(path: Path, dirs: Sequence[Path] = (), seeds: Iterable[int] = range(SEEDS)) -> list[Problem]:
    """Return every problem of the persona file at ``path``, by line; empty where all is well.

    ``dirs`` are where its bases may be, besides its own folder. Each of ``seeds`` is tried; what shows up for
    several is told once.
    """
    source, found = read(path, dirs)
    if source is None:
        return found
    used = names_used(source.file, source.sandbox)
    found = [*found, *_unseen(source.file), *_unused(source.file, source.variation.choices, used)]
    for seed in seeds:
        persona, faults = build(source, seed)
        found += faults
        if persona is not None:
            found += [*line_problems(persona, source.file), *secret_problems(persona, source.file)]
            found += [*_directions(persona, source.file), *_deal(persona, source.file)]
            found += _temper(persona, source.file)
    return sorted(_once(found))


def _once(problems: list[Problem]) -> list[Problem]:
    """Keep the first of problems that differ only in what the seed put in."""
    first: dict[tuple[Path, int, str, str], Problem] = {}
    for each in problems:
        kind = re.sub(r"'[^']*'|\([^)]*\)|\d+", "", each.message)
        first.setdefault((each.file, each.line, each.field, kind), each)
    return list(first.values())


def _unseen(file: FrontMatter) -> Iterator[Problem]:
    waiting: list[tuple[Any, Field]] = [(file.data, ())]
    while waiting:
        value, field = waiting.pop()
        if isinstance(value, dict):
            waiting.extend((part, (*field, name)) for name, part in value.items())
        elif isinstance(value, list):
            waiting.extend((part, (*field, at)) for at, part in enumerate(value))
        elif isinstance(value, str) and (character := wording.unseen(value)):
            yield problem(file, field, f"It holds the control character {character}.", "Take it out.")
    for at, row in enumerate(file.body.split("\n")):
        if character := wording.unseen(row):
            message = f"It holds the control character {character}."
            yield Problem(file.path, file.body_line + at, "card", message, "Take it out.")


def _unused(file: FrontMatter, choices: Iterable[str], used: set[str]) -> Iterator[Problem]:
    for name in choices:
        if name not in used:
            mend = f"Use it as '{{{{ {name} }}}}', or take it out."
            yield problem(file, ("vary", name), f"'{name}' varies and is never used.", mend, "warning")


def _directions(persona: Persona, file: FrontMatter) -> Iterator[Problem]:
    subject = re.compile(rf"(?:she|he|they|i|you|the customer|{re.escape(persona.name.split()[0])})\b", re.IGNORECASE)
    told: list[tuple[str, Field]] = []
    for part, stages in (("feelings", persona.feelings), ("beats", persona.beats)):
        for stage, texts in stages.items():
            told += [(text, (part, stage.value, at)) for at, text in enumerate(texts)]
            if stage in SPEAKING_STAGES and 0 < len(texts) < FEWEST_DIRECTIONS:
                message = f"The stage '{stage.value}' has {len(texts)} {part}; it needs {FEWEST_DIRECTIONS}."
                yield problem(file, (part, stage.value), message, "Write more.")
    if persona.resurfacing:
        told.append((persona.resurfacing.cue, ("resurfacing", "cue")))
    for text, field in told:
        if subject.match(text.strip()):
            mend = "Leave the subject out: 'stung, nobody heard it'."
            yield problem(file, field, f"It begins with '{text.split()[0]}'.", mend)
        if field[0] == "feelings" and not 3 <= len(text.split()) <= 12:
            yield problem(file, field, f"A feeling has 3 to 12 words, this has {len(text.split())}.", "", "warning")


def _deal(persona: Persona, file: FrontMatter) -> Iterator[Problem]:
    for at, trigger in enumerate(persona.triggers):
        for n, phrase in enumerate(trigger.when):
            if not wording.plain(phrase):
                yield problem(file, ("triggers", at, "when", n), "This is not a word or phrase.", "Write one.")
    settlement = persona.settlement
    allowed = " ; ".join(persona.trainee.may)
    if "*" not in settlement.accepts and not any(wording.mentions(allowed, word) for word in settlement.accepts):
        message = "Nothing the trainee may decide is accepted, so nobody can settle it."
        yield problem(file, ("settlement", "accepts"), message, "Use words that stand in 'trainee.may'.")
    for at, word in enumerate(settlement.refuses):
        if word.strip().lower() in (accepted.strip().lower() for accepted in settlement.accepts):
            mend = "Keep it in one of the two."
            yield problem(file, ("settlement", "refuses", at), f"'{word}' is accepted as well.", mend)
    for part, words in (("accepts", settlement.accepts), ("refuses", settlement.refuses)):
        for at, word in enumerate(words):
            if word.strip() != "*" and not wording.plain(word):
                yield problem(file, ("settlement", part, at), "This is not a word or phrase.", "Write one.")


def _temper(persona: Persona, file: FrontMatter) -> Iterator[Problem]:
    temper, place = persona.temperament, ("temperament",)
    if temper.start >= temper.walks_out_at:
        mend = "Lower 'start' or raise 'walks_out_at'."
        yield problem(file, place, "The customer starts as angry as when they leave.", mend)
    odd = {
        Difficulty.EASY: (
            (temper.start > 7.5, f"starts at {temper.start:g}"),
            (temper.patience < 0.9, f"has a patience of {temper.patience:g}"),
            (temper.needs_heard > 6, f"needs {temper.needs_heard:g} to feel heard"),
        ),
        Difficulty.STANDARD: (
            (temper.start < 5, f"starts at {temper.start:g}"),
            (temper.patience > 1.6 or temper.patience < 0.6, f"has a patience of {temper.patience:g}"),
        ),
        Difficulty.HARD: (
            (temper.start < 6, f"starts at {temper.start:g}"),
            (temper.patience > 1.3, f"has a patience of {temper.patience:g}"),
            (temper.needs_heard < 4, f"needs only {temper.needs_heard:g} to feel heard"),
        ),
    }
    for wrong, how in odd[persona.difficulty]:
        if wrong:
            message = f"A customer of difficulty '{persona.difficulty.value}' who {how} is odd."
            yield problem(file, place, message, "Change the figure or the difficulty.", "warning")
    if persona.turn_limit < 6:
        yield problem(file, ("turn_limit",), "There are too few turns to be heard.", "Allow at least 6.", "warning")
