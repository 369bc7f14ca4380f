"""Comparing the grader in use with a gold set, and remembering the figure: what ``simulator calibrate`` does.

A figure is kept in the cache under everything that decides it: who gives the labels, the rubric, the gold set and the
code that turns labels into levels. A grader, rubric or gold set that changes has no figure until it is compared again.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from pydantic import BaseModel, ConfigDict, ValidationError

from simulator.grading.agreement import Agreement, Judged, agreement, warnings
from simulator.grading.gold import BUILT_IN, Gold, GoldConversation, gold_hash
from simulator.grading.scorecard import CRITERIA, GraderStamp, RubricStamp, Scorecard
from simulator.transcripts.records import BareTranscript

_CODE = ("agreement.py", "calibration.py", "clauses.py", "evaluator.py", "levels.py", "moments.py", "pretending.py")
_HERE = Path(__file__).resolve().parent
Told = Callable[[int, int], None]
"""Told how many conversations of how many are graded."""


class Assessor(Protocol):
    """What can be compared with people: ``Grader`` is one."""

    async def assess(self, bare: BareTranscript) -> Scorecard:
        """Return the scorecard by the grader's own labels, without coaching."""
        ...


class Calibration(BaseModel):
    """What comparing a grader with a gold set came to. ``ungraded`` says why conversations have no grade."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    grader: GraderStamp
    rubric: RubricStamp
    gold: str
    gold_sha256: str
    markers: int
    agreement: Agreement
    ungraded: tuple[str, ...] = ()

    @property
    def warnings(self) -> list[str]:
        """What a trainer should know before trusting the levels, one sentence each."""
        said = warnings(self.agreement)
        if self.ungraded:
            count = len(self.ungraded)
            said.append(f"{count} conversations could not be graded and are left out; the first: {self.ungraded[0]}")
        return said

    @property
    def sentence(self) -> str:
        """The figure in one sentence, for ``doctor`` and the debrief."""
        found = self.agreement
        kappa = "–" if found.kappa is None else f"{found.kappa:.2f}"
        among = "" if found.markers is None else f"; the markers agree with one another at κ {found.markers:.2f}"
        said = f"agrees with expert marks at κ {kappa} ({found.conversations} conversations{among})"
        return said + (", too little to be trusted for levels" if found.trusted is False else "")


async def calibrate(
    grader: Assessor, gold: Gold, *, repeats: int = 2, jobs: int = 4, told: Told | None = None
) -> Calibration:
    """Grade every conversation of ``gold`` ``repeats`` times, ``jobs`` at once, and return how it compares.

    Conversations that the grader could not grade in every run are left out and named. Raises ``ValueError`` where
    nothing at all was graded.
    """
    total, done = len(gold.conversations) * repeats, 0
    free = asyncio.Semaphore(jobs)

    async def assessed(bare: BareTranscript) -> Scorecard:
        nonlocal done
        async with free:
            scorecard = await grader.assess(bare)
        done += 1
        if told is not None:
            told(done, total)
        return scorecard

    async with asyncio.TaskGroup() as group:
        running = [[group.create_task(assessed(item.bare)) for _ in range(repeats)] for item in gold.conversations]
    cards = [[task.result() for task in tasks] for tasks in running]
    judged, ungraded = [], []
    for item, runs in zip(gold.conversations, cards, strict=True):
        failed = next((run for run in runs if run.status != "graded"), None)
        if failed is not None:
            ungraded.append(f"{item.bare.id}: {failed.reason or 'no reason was given'}")
        else:
            judged.append(_judged(item, runs))
    if not judged:
        raise ValueError(ungraded[0] if ungraded else "the gold set holds no conversation")
    first = next(run for runs in cards for run in runs if run.status == "graded")
    return Calibration(
        grader=first.grader,
        rubric=first.rubric,
        gold=gold.name,
        gold_sha256=gold.sha256,
        markers=len(gold.markers),
        agreement=await asyncio.to_thread(agreement, judged),
        ungraded=tuple(ungraded),
    )


def _judged(item: GoldConversation, runs: list[Scorecard]) -> Judged:
    return Judged(
        runs=tuple({name: run.criteria[name].level for name in CRITERIA} for run in runs),
        passed=runs[0].passed,
        marks={mark.by: mark.levels for mark in item.marks},
        marked_passed={mark.by: mark.passed for mark in item.marks},
    )


class Calibrations:
    """The figures that are known, one small file each in ``folder``; one that cannot be read is not known."""

    def __init__(self, folder: Path, gold: Path = BUILT_IN) -> None:
        self.folder = folder
        self.gold = gold
        """The gold set whose figure counts."""

    def known(self, grader: GraderStamp, rubric: RubricStamp) -> Calibration | None:
        """Return the figure of this grader under this rubric on the gold set that counts, or None."""
        try:
            raw = self._path(grader, rubric, _hash_of(self.gold, *_changed(self.gold))).read_bytes()
            return Calibration.model_validate_json(raw)
        except (OSError, ValidationError, ValueError):
            return None

    def trusted(self, grader: GraderStamp, rubric: RubricStamp) -> bool | None:
        """Return whether levels may come from this grader; None where it was never compared with anybody."""
        found = self.known(grader, rubric)
        return None if found is None else found.agreement.trusted

    def keep(self, found: Calibration) -> None:
        """Remember a figure; where the folder cannot be written, it is only shown."""
        path = self._path(found.grader, found.rubric, found.gold_sha256)
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, name = tempfile.mkstemp(dir=path.parent, suffix=".new")
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(found.model_dump_json())
            Path(name).replace(path)
        except OSError:
            return

    def _path(self, grader: GraderStamp, rubric: RubricStamp, gold: str) -> Path:
        said = f"{grader.kind} {grader.model} {grader.prompt_sha256} {rubric.sha256} {gold} {_code_hash()}"
        return self.folder / f"{hashlib.sha256(said.encode()).hexdigest()[:24]}.json"


@lru_cache(maxsize=1)
def _code_hash() -> str:
    digest = hashlib.sha256()
    for name in _CODE:
        digest.update((_HERE / name).read_bytes())
    return digest.hexdigest()


def _changed(path: Path) -> tuple[int, int]:
    seen = path.stat()
    return seen.st_mtime_ns, seen.st_size


@lru_cache(maxsize=8)
def _hash_of(path: Path, changed: int, size: int) -> str:  # noqa: ARG001 - they only tell that the file is another
    return gold_hash(path)
