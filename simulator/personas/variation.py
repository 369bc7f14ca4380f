"""What differs between runs of a persona: ``vary`` in the front matter, picked by seed.

``days: {from: 2, to: 5}`` counts (with ``step`` where it is not 1), ``object: [the piano, the crib]``
lists, and a list of groups varies several values together: ``bill: [{now: 148, usual: 62}, …]`` is used as
``{{ bill.now }}``.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from simulator.front_matter import FrontMatter
from simulator.personas.problems import Problem, fields, problem

MOST = 1_000
"""Most choices under one name."""
_OWN = ("name", "age", "pronoun")
"""Fields of the persona that may bear the name of a varied value."""


@dataclass(frozen=True)
class Variation:
    """The choices of every varied name, in the order of the file."""

    choices: dict[str, tuple[Any, ...]] = field(default_factory=dict)

    def pick(self, persona: str, seed: int) -> dict[str, Any]:
        """Return one choice of each name; the same for the same persona id and seed."""
        source = random.Random(f"{persona}:{seed}")  # noqa: S311 - variety, not secrecy
        return {name: source.choice(values) for name, values in self.choices.items()}


def read_variation(file: FrontMatter) -> tuple[Variation, list[Problem]]:
    """Return what ``file`` varies, and what is wrong with how it says so."""
    given = file.data.get("vary")
    if given is None:
        return Variation(), []
    if not isinstance(given, dict):
        return Variation(), [problem(file, ("vary",), "This is not a group of 'name: choices' lines.")]
    choices: dict[str, tuple[Any, ...]] = {}
    problems: list[Problem] = []
    for name, value in given.items():
        place = ("vary", name)
        if not name.isidentifier():
            problems.append(problem(file, place, f"'{name}' cannot be used as a name.", "Use letters and underscores."))
        elif name in fields() and name not in _OWN:
            problems.append(problem(file, place, f"'{name}' is a field of every persona.", "Take another name."))
        values, fault = _values(value)
        if fault:
            problems.append(problem(file, place, fault, "Write a list, or {from: 2, to: 5}."))
        choices[name] = values or ("",)
    return Variation(choices), problems


def _values(value: Any) -> tuple[tuple[Any, ...], str]:
    if isinstance(value, list):
        return tuple(value), _fault(value)
    if isinstance(value, dict) and set(value) <= {"from", "to", "step"} and {"from", "to"} <= set(value):
        bounds = [value["from"], value["to"], value.get("step", 1)]
        if any(isinstance(bound, bool) or not isinstance(bound, int | float) for bound in bounds):
            return (), "'from', 'to' and 'step' must be numbers."
        first, last, step = (Decimal(str(bound)) for bound in bounds)
        if step <= 0 or last < first:
            return (), "This counts nowhere: 'to' must not be below 'from', and 'step' must be above 0."
        if (last - first) / step >= MOST:
            return (), f"These are more than {MOST:,} choices."
        count = int((last - first) / step) + 1
        return tuple(_plain(first + step * at) for at in range(count)), ""
    return (), "These are not choices."


def _plain(number: Decimal) -> int | float:
    return int(number) if number == number.to_integral_value() else float(number)


def _fault(values: list[Any]) -> str:
    if not values:
        return "There is nothing to choose from."
    if len(values) > MOST:
        return f"These are more than {MOST:,} choices."
    if any(isinstance(value, dict) for value in values):
        if not all(isinstance(value, dict) for value in values):
            return "Either every choice is a group or none is."
        if any(set(value) != set(values[0]) for value in values):
            return "Not every group has the same names in it."
        parts = [part for value in values for part in value.values()]
    else:
        parts = values
    if any(isinstance(part, bool) or not isinstance(part, str | int | float) for part in parts):
        return "A choice is text or a number."
    return ""
