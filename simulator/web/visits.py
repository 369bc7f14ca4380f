"""Visits: who sits before which browser, where their sessions are kept, and what an LMS is told of them.

A visit is known by its key, which stands in the address of its page and nowhere else. Whoever is not the owner of this
machine gets a folder of their own under ``visitors``, named by a hash: no session, draft or setting is shared.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr

from simulator.errors import SimulatorError
from simulator.exports.cmi5_launch import Launch
from simulator.exports.outcome import Outcome, outcome_of
from simulator.settings import Settings
from simulator.transcripts.opening import open_store
from simulator.transcripts.records import Transcript
from simulator.transcripts.store import Store

VISITORS = "visitors"
_OWNERS_ONLY = frozenset(name for name in Settings.model_fields if name.startswith("lrs_"))


@dataclass(eq=False)
class Visit:
    """One browser's visit. ``folder`` is None for the owner; ``persona`` is where a launch goes straight to."""

    key: str
    folder: Path | None = None
    persona: str = ""
    launch: Launch | None = None
    graded_before: frozenset[str] = frozenset()
    """Ids of the sessions that were graded when the launch began."""
    open: int = 0
    """Pages that are connected."""
    over: bool = False
    """True once the LMS was told that the visit has ended."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def arguments(self) -> list[str]:
        """Return what the program is started with."""
        return ["practice", self.persona] if self.persona else []

    def environment(self, settings: Settings, voice: str) -> dict[str, str]:
        """Return what the visitor's process gets to know: for the owner nothing more, else all settings but the
        owner's own, and a folder for everything it writes."""
        if self.folder is None:
            return {}
        known = {
            f"SIMULATOR_{name.upper()}": _written(getattr(settings, name))
            for name in type(settings).model_fields
            if name not in _OWNERS_ONLY
        }
        return known | {
            "SIMULATOR_VOICE": voice,
            "SIMULATOR_HOME": str(self.folder),
            "SIMULATOR_TRANSCRIPTS": str(self.folder / "transcripts"),
            "SIMULATOR_ACTOR": f"visitor-{self.folder.name}",
            "SIMULATOR_VISITOR": self.folder.name,
            **{f"SIMULATOR_{name.upper()}": "" for name in _OWNERS_ONLY},
        }

    def sessions(self) -> list[Transcript]:
        """Return the sessions with the visit's persona that a launch is about."""
        if self.folder is None:
            return []
        store = Store(self.folder / "transcripts")
        found = []
        for summary in store.list():
            if summary.persona == self.persona and summary.id not in self.graded_before:
                try:
                    found.append(store.read(summary.path))
                except SimulatorError:
                    continue  # a file that cannot be read is told of by `simulator transcripts list`
        return found[::-1]

    def outcome(self) -> Outcome:
        """Return how it went so far."""
        return outcome_of(self.sessions())

    async def tell(self) -> None:
        """Tell the LMS, if there is one, what is new; raises ``RecordStoreError``."""
        async with self.lock:
            if self.launch is not None and not self.over:
                await self.launch.report(await asyncio.to_thread(self.sessions))

    async def finish(self) -> None:
        """Tell the LMS the last news and that the visit has ended; harmless a second time."""
        async with self.lock:
            if self.launch is None or self.over:
                return
            self.over = True
            try:
                await self.launch.report(await asyncio.to_thread(self.sessions))
            finally:
                await self.launch.end()


def visitor_folder(settings: Settings, *who: str) -> Path:
    """Return the folder of the visitor whom the texts ``who`` tell apart from all others."""
    name = hashlib.sha256("\n".join(who).encode()).hexdigest()[:20]
    return open_store(settings).folder / VISITORS / name


def graded_ids(folder: Path) -> frozenset[str]:
    """Return the ids of the graded sessions of the visitor with ``folder``."""
    summaries = Store(folder / "transcripts").list()
    return frozenset(summary.id for summary in summaries if summary.passed is not None)


def _written(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return str(value).lower() if isinstance(value, bool) else str(value)
