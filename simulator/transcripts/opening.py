"""Which store the settings mean."""

from __future__ import annotations

from pathlib import Path

from simulator.settings import Settings
from simulator.transcripts.store import Store


def open_store(settings: Settings) -> Store:
    """Return the store of the sessions, in a folder or elsewhere; raises ``TranscriptError`` where it cannot be had."""
    if isinstance(settings.transcripts, Path):
        return Store(settings.transcripts)
    from simulator.transcripts.remote import open_remote  # noqa: PLC0415 - only who keeps sessions elsewhere waits for it

    return open_remote(settings.transcripts, settings.folder / "spool")
