"""Many conversations at once with the built-in grader: processes of their own, since labelling keeps a core busy."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING

from simulator.settings import Settings

if TYPE_CHECKING:
    from simulator.grading.grader import Grader
    from simulator.grading.scorecard import Scorecard
    from simulator.transcripts.records import BareTranscript, Transcript

WORTH_IT = 48
"""Conversations that are graded in this process before others are started: a process takes a second to begin."""

_grader: Grader | None = None
"""The grader of a child process."""


def pool(settings: Settings, jobs: int) -> ProcessPoolExecutor | None:
    """Return up to ``jobs`` processes, at most one a core; None where that would be just one."""
    count = min(jobs, os.cpu_count() or 1)
    if count < 2:
        return None
    made = ProcessPoolExecutor(count, get_context("spawn"), initializer=_begin, initargs=(settings,))
    # Ctrl-C is for the parent to act on: children are born with it ignored, also while they are still importing
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        made.submit(_ready)
    finally:
        signal.signal(signal.SIGINT, before)
    return made


def graded(conversation: BareTranscript | Transcript, stored: bool) -> Scorecard:
    """Grade one conversation in a child process: from the labels ``stored`` with it where they are wanted and there."""
    from simulator.transcripts.records import Transcript

    if _grader is None:
        raise RuntimeError("this process was not begun as a grading one")
    if stored and (card := from_stored(_grader, conversation)) is not None:
        return card
    return _grader.grade_now(conversation.bare() if isinstance(conversation, Transcript) else conversation)


def from_stored(grader: Grader, conversation: BareTranscript | Transcript) -> Scorecard | None:
    """Return the scorecard that the labels stored with a session come to, or None where there are none."""
    from simulator.grading.correcting import stored_labels
    from simulator.transcripts.records import Transcript

    known = stored_labels(conversation) if isinstance(conversation, Transcript) else None
    if known is None or not isinstance(conversation, Transcript):
        return None
    return grader.grade_labels(conversation.bare(), known.labels, known.stamp)


def _ready() -> None:
    """Nothing: the first task that is handed over starts the processes."""


def _begin(settings: Settings) -> None:
    global _grader  # noqa: PLW0603 - what a process pool hands its children
    from simulator.cli.assembly import build_studio

    _grader = build_studio(settings).grader
