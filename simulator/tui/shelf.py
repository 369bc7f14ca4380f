"""What the home screen offers: the customers, broken files among them, and the sessions on disk."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from simulator.errors import PersonaError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from simulator.personas.schema import Persona
    from simulator.settings import Settings
    from simulator.transcripts.store import Store
    from simulator.transcripts.summaries import Summary


@dataclass(frozen=True)
class Customer:
    """One persona file: the persona, or the sentence that says why it cannot be played."""

    id: str
    persona: Persona | None = None
    problem: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Sessions:
    """Sessions newest first: those that can be gone on with, and those that are over."""

    unfinished: tuple[Summary, ...] = ()
    finished: tuple[Summary, ...] = ()


class Shelf:
    """Reads the personas, each in one of its variations; a file that has not changed since is not read again."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], Customer] = {}

    def let_go(self, persona: str) -> None:
        """Forget the variation of ``persona`` that was shown, so that the next one is another."""
        self._known = {key: customer for key, customer in self._known.items() if customer.id != persona}

    def customers(self, settings: Settings) -> list[Customer]:
        """Return every persona there is; easy ones first, broken files last. Slow enough for a thread."""
        from simulator.personas.loader import find  # noqa: PLC0415 - Jinja can wait until after the first frame

        dirs = settings.persona_dirs()
        bases = tuple(_stamp(path) for folder in dirs for path in sorted(folder.glob("_*.jinja")))
        known, self._known = self._known, {}
        for entry in find(dirs):
            if not entry.shadowed:
                key = (_stamp(entry.path), bases)
                self._known[key] = known.get(key) or _customer(entry.id, dirs)
        return sorted(self._known.values(), key=_order)


def _customer(persona: str, dirs: Sequence[Path]) -> Customer:
    from simulator.personas.loader import load  # noqa: PLC0415 - as above

    try:
        return Customer(persona, load(persona, dirs, secrets.randbelow(10_000)))
    except PersonaError as error:
        return Customer(persona, problem=error.message, hint=error.hint)


def _stamp(path: Path) -> tuple[str, int, int]:
    seen = path.stat()
    return str(path), seen.st_mtime_ns, seen.st_size


def sessions(store: Store, most: int = 60) -> Sessions:
    """Read what the newest ``most`` sessions come to. Slow enough for a thread."""
    newest = [summary for summary in islice(store.list(), most) if summary.turns or summary.problems]
    return Sessions(
        unfinished=tuple(summary for summary in newest if summary.resumable),
        finished=tuple(summary for summary in newest if not summary.resumable),
    )


def _order(customer: Customer) -> tuple[int, str]:
    if customer.persona is None:
        return 9, customer.id
    return ("easy", "standard", "hard").index(customer.persona.difficulty.value), customer.id
