"""Sending training records to a learning record store, with progress on standard error."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from simulator.cli.output import aside
from simulator.errors import RecordStoreError

if TYPE_CHECKING:
    from simulator.exports.lrs import Sent
    from simulator.exports.recording import Recording
    from simulator.settings import Settings
    from simulator.transcripts.records import Transcript


def recording_told(settings: Settings) -> Recording:
    """Return how ``settings`` want sessions recorded; says so where a pseudonym was drawn for it."""
    from simulator.exports.recording import recording_for

    recording = recording_for(settings)
    if not settings.actor:
        name = recording.actor["account"]["name"]
        aside(f"These records speak of {name}. Name somebody else with SIMULATOR_ACTOR.")
    return recording


def deliver(
    transcripts: Iterable[Transcript], sessions: int, url: str, recording: Recording, settings: Settings
) -> None:
    """Send the statements of ``transcripts``, ``sessions`` in number, to the store at ``url``.

    One session and one batch are held at a time. Raises ``SimulatorError``; what was sent before stays stored.
    """
    from simulator.exports.lrs import RecordStore, basic
    from simulator.exports.xapi import Statement, statements

    read = 0

    def each() -> Iterator[Statement]:
        nonlocal read
        for transcript in transcripts:
            read += 1
            yield from statements(transcript, recording)

    def told(sent: Sent) -> None:
        aside(f"{read} of {sessions} sessions read, {sent.stored} statements sent to {store.where}")

    async def send() -> Sent:
        async with store:
            return await store.deliver(each(), told)

    store = RecordStore(url, basic(settings.lrs_user, settings.lrs_password), unencrypted=settings.lrs_unencrypted)
    sent = asyncio.run(send())
    if sent.differing:
        count = len(sent.differing)
        which = f"{sent.differing[0]}{', …' if count > 1 else ''}"
        raise RecordStoreError(
            f"{count} of {sent.stored} statements are in the store already with other words ({which}); all others are "
            "stored.",
            "What the store has is kept: an older version of the program may have sent it.",
        )
    aside(f"{sent.stored} statements of {sessions} session{'s' if sessions != 1 else ''} are in the store.")
