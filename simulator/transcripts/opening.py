"""Which store the settings mean."""

from __future__ import annotations

from simulator.settings import Settings
from simulator.transcripts.store import Store


def open_store(settings: Settings) -> Store:
    """Return the store of the sessions; raises ``TranscriptError`` where it cannot be had."""
    return Store(settings.transcripts)
