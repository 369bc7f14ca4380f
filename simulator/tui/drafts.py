"""What was typed and not sent, kept on disk a moment after it was typed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.transcripts.store import Store


class Draft:
    """The draft of one session. Writes happen one after the other, in a thread; the latest text wins."""

    def __init__(self, store: Store, session: str) -> None:
        self._store, self._session = store, session
        self._turn = asyncio.Lock()
        self._wanted = self._kept = ""

    async def load(self) -> str:
        """Return what was typed and not sent last time."""
        self._wanted = self._kept = await asyncio.to_thread(self._store.load_draft, self._session)
        return self._kept

    async def keep(self, text: str) -> None:
        """Have ``text`` on disk when this returns; raises ``TranscriptError`` where it cannot be written."""
        self._wanted = text
        async with self._turn:
            if self._wanted != self._kept:
                text = self._wanted
                await asyncio.to_thread(self._store.save_draft, self._session, text)
                self._kept = text
