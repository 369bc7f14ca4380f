"""A grading under way: it belongs to the app, so that it survives whatever screen comes and goes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from simulator.errors import SimulatorError

if TYPE_CHECKING:
    from textual.worker import Worker

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
