"""A grading under way: it belongs to the app, so that it survives whatever screen comes and goes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from simulator.errors import SimulatorError
from simulator.transcripts.records import ScorecardLine

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.worker import Worker

    from simulator.practice.session import Session
    from simulator.practice.studio import Studio
    from simulator.transcripts.records import Transcript


class Progress(StrEnum):
    """How far a grading is."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass
class Grading:
    """One session being graded. ``step`` is what the grader says it is doing; ``transcript`` is there when done."""

    session: str
    name: str
    progress: Progress = Progress.RUNNING
    step: str = ""
    transcript: Transcript | None = None
    problem: SimulatorError | None = None
    worker: Worker[None] | None = None

    def stop(self) -> None:
        """Stop it; the conversation stays saved and can be graded later."""
        if self.worker is not None and self.progress is Progress.RUNNING:
            self.worker.cancel()


async def regrade(studio: Studio, session: str, tell: Callable[[str], None]) -> None:
    """Grade a session on disk and append the scorecard to it; raises ``SimulatorError`` where that cannot be."""
    from simulator.practice.session import utc_now  # noqa: PLC0415 - nothing of the engine before the first frame

    transcript, file = await asyncio.to_thread(studio.store.reopen, session)
    with file:
        scorecard = await studio.grader.grade(transcript.bare(), tell)
        written = scorecard.record()
        await asyncio.to_thread(file.append, ScorecardLine(at=utc_now(), scorecard=written))


def close_session(session: Session) -> None:
    """Let go of the session's file, so that it can be resumed."""
    close = getattr(session, "close", None) or getattr(session._writer, "close", None)
    if close is not None:
        close()
