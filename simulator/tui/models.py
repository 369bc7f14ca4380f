"""Models seen from a screen: is the local one here, fetch it, try an endpoint."""

# ruff: noqa: PLC0415 - openai and the hub are imported when they are needed, and off the event loop

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.models.protocol import Model
    from simulator.settings import Settings

PHASES = {
    "waiting": "Another window is fetching it; waiting for that one",
    "connecting": "Looking for a mirror",
    "downloading": "Downloading",
    "checking": "Checking the file",
    "done": "Done",
}
"""What the catalogue calls a phase, in words."""


@dataclass(frozen=True)
class Arrived:
    """How far a download is: bytes here, bytes in all, mirror, phase."""

    done: int
    total: int
    mirror: str
    phase: str


@dataclass
class Speed:
    """Bytes a second over the last few seconds."""

    seconds: float = 6.0
    _seen: deque[tuple[float, int]] = field(default_factory=deque)

    def at(self, now: float, done: int) -> float | None:
        """Note that ``done`` bytes were here at ``now``; return the speed, or None while it cannot be told."""
        if self._seen and done < self._seen[-1][1]:
            self._seen.clear()
        self._seen.append((now, done))
        while now - self._seen[0][0] > self.seconds and len(self._seen) > 2:
            self._seen.popleft()
        first, before = self._seen[0]
        return (done - before) / (now - first) if now - first >= 0.5 else None


def model_there(settings: Settings) -> bool:
    """Return whether the local model the settings name is here. May read a gigabyte: for a thread."""
    from simulator.errors import ModelFileError
    from simulator.models.catalogue import choose, installed

    try:
        return installed(choose(settings), settings) is not None
    except ModelFileError:
        return False


async def fetch_model(settings: Settings, tell: Callable[[Arrived], None]) -> None:
    """Fetch the local model the settings name; raises ``ModelFileError``. Cancel to stop; what is here stays."""
    from simulator.models.catalogue import Progress, choose, fetch

    def heard(progress: Progress) -> None:
        tell(Arrived(progress.done, progress.total, progress.mirror, str(progress.phase)))

    await fetch(choose(settings), settings, heard)


async def try_endpoint(settings: Settings) -> None:
    """Ask the endpoint of ``settings`` whether it can be used; raises ``SimulatorError`` where it cannot."""

    def model() -> Model:
        from simulator.models.openai_client import connect

        return connect(settings)

    connected = await asyncio.to_thread(model)
    try:
        await connected.check()
    finally:
        await connected.aclose()
