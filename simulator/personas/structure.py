"""What must hold together in a persona beyond the shape of its fields: stages are there, ids are known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulator.front_matter import FrontMatter
from simulator.personas.problems import Problem, nearest, problem
from simulator.personas.schema import SPEAKING_STAGES, Persona
from simulator.transcripts.records import Stage


def structure_problems(persona: Persona, file: FrontMatter) -> list[Problem]:
    """Return what would break a session with ``persona``: stages without words, facts that do not exist."""
    return [*_stages(persona, file), *_facts(persona, file)]


def _stages(persona: Persona, file: FrontMatter) -> list[Problem]:
    parts: dict[str, Mapping[Stage, list[Any]]] = {
        "feelings": persona.feelings,
        "beats": persona.beats,
        "lines": persona.lines,
    }
    return [
        problem(file, (part,), f"The stage '{stage.value}' is missing.", f"Add '{stage.value}:' with its entries.")
        for part, stages in parts.items()
        for stage in (SPEAKING_STAGES if part == "beats" else Stage)
        if not stages.get(stage)
    ]


def _facts(persona: Persona, file: FrontMatter) -> list[Problem]:
    found = []
    kinds: dict[str, str] = {}
    for at, fact in enumerate(persona.facts):
        if fact.id in kinds:
            found.append(problem(file, ("facts", at, "id"), f"The fact '{fact.id}' stands twice.", "Rename one."))
        kinds[fact.id] = fact.reveal
    for stage, lines in persona.lines.items():
        for at, line in enumerate(lines):
            if line.reveals is not None and line.reveals not in kinds:
                place = ("lines", stage.value, at, "reveals")
                found.append(problem(file, place, f"There is no fact '{line.reveals}'.", nearest(line.reveals, kinds)))
    second = persona.resurfacing
    if second is not None and second.fact not in kinds:
        named = ("resurfacing", "fact")
        found.append(problem(file, named, f"There is no fact '{second.fact}'.", nearest(second.fact, kinds)))
    elif second is not None and kinds[second.fact] != "resurfacing":
        mend = "Give the fact 'reveal: resurfacing'."
        found.append(problem(file, ("resurfacing", "fact"), f"'{second.fact}' is told before.", mend))
    for at, fact in enumerate(persona.facts):
        if fact.reveal == "resurfacing" and (second is None or second.fact != fact.id):
            message = f"Nothing ever brings up '{fact.id}'."
            found.append(
                problem(file, ("facts", at, "reveal"), message, "Name it in 'resurfacing', or choose 'trust'.")
            )
    return found
