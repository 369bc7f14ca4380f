"""From the raw events of a streamed answer to fragments, with the promise that every candidate came to its end."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from simulator.errors import VoiceError
from simulator.models import endpoint_errors as failures
from simulator.models.dialect import Dialect, StopAt
from simulator.models.protocol import Chunk, Sampling


async def fragments(
    events: AsyncGenerator[Any, None], sampling: Sampling, dialect: Dialect, where: str
) -> AsyncGenerator[Chunk, None]:
    """Yield the fragments in ``events`` (completion or chat chunks) and close them.

    Raises ``VoiceError`` after the fragments where a candidate has no finish reason, where a content filter stopped
    one, or where all of them are blank. A candidate that never began (servers without ``n``) is not missed.
    """
    cuts: dict[int, StopAt] = {}
    ends: dict[int, str | None] = {}
    wrote = False
    async with aclosing(events):
        async for event in events:
            own_stops = "stop" in dialect.refused
            for choice in getattr(event, "choices", None) or ():
                index = choice.index or 0
                if ends.get(index):
                    continue
                text, finished = _text(choice), choice.finish_reason or None
                if own_stops:
                    cut = cuts.setdefault(index, StopAt(sampling.stop))
                    text = cut.take(text, last=bool(finished))
                    finished = "stop" if cut.stopped else finished
                ends[index] = finished
                wrote = wrote or bool(text.strip())
                if text or finished:
                    yield Chunk(index, text, finished)
            if own_stops and len(ends) >= sampling.n and all(ends.values()):
                break
    if not ends or not all(ends.values()):
        raise failures.broke_off(where)
    if "content_filter" in ends.values():
        raise failures.unusable(where, "was stopped by its content filter")
    if not wrote:
        raise VoiceError(f"{where} answered with nothing.", "Try again.", retryable=True)


def _text(choice: Any) -> str:
    """Return the text of a choice; some servers send None for it, or for the delta that should hold it."""
    delta = getattr(choice, "delta", None)
    return (delta.content if delta is not None else getattr(choice, "text", None)) or ""
