"""A count of faults, and what gives one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from benchmarks.customer.play import Played
from simulator.personas.schema import Persona


@dataclass(frozen=True)
class Fault:
    """One thing wrong: where (session, index of the turn), the text, and why."""

    session: str
    turn: int
    text: str
    why: str = ""


@dataclass
class Count:
    """How many were looked at, and what was wrong with how many."""

    of: int = 0
    faults: list[Fault] = field(default_factory=list)

    def __iadd__(self, other: Count) -> Count:
        self.of += other.of
        self.faults += other.faults
        return self


Measure = Callable[[Played, Persona], Count]


def total(sessions: Iterable[tuple[Played, Persona]], measure: Measure) -> Count:
    """Return ``measure`` summed over ``sessions``."""
    result = Count()
    for played, persona in sessions:
        result += measure(played, persona)
    return result
