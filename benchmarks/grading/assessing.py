"""What the benches of the grader share: bare transcripts from a file, and the grader in use on many of them."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from simulator.cli.assembly import build_studio
from simulator.cli.output import Counter
from simulator.grading.scorecard import CRITERIA, Scorecard
from simulator.settings import load
from simulator.transcripts.bare import conversation
from simulator.transcripts.records import BareTranscript


def read(path: Path) -> list[dict[str, Any]]:
    """Return the lines of a JSONL file; what reads as a transcript becomes one."""
    rows = [json.loads(line) for line in path.read_text("utf-8").split("\n") if line.strip()]
    return [{k: conversation(v) if isinstance(v, dict) and "turns" in v else v for k, v in row.items()} for row in rows]


def parser(description: str | None) -> argparse.ArgumentParser:
    """Return a parser with what every bench takes: who grades."""
    made = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--grader", choices=("auto", "local", "model"), default="local", help="who labels the turns")
    made.add_argument("--jobs", type=int, default=4, help="conversations at once")
    return made


def assessed(bares: Sequence[BareTranscript], grader: str, jobs: int = 4) -> tuple[str, list[Scorecard]]:
    """Return the grader's name and its scorecards of ``bares``, in order. One without a grade ends the bench."""
    studio = build_studio(load(grader=grader))

    async def all_of_them() -> list[Scorecard]:
        free, done = asyncio.Semaphore(jobs), 0
        with Counter("graded") as counter:

            async def one(bare: BareTranscript) -> Scorecard:
                nonlocal done
                async with free:
                    card = await studio.grader.assess(bare)
                done += 1
                counter(done, len(bares))
                return card

            return await asyncio.gather(*map(one, bares))

    cards = asyncio.run(all_of_them())
    for card in cards:
        if card.status != "graded":
            raise SystemExit(f"{card.id} was not graded: {card.reason}")
    return studio.grader.name, cards


def level_differences(one: Scorecard, other: Scorecard) -> dict[str, int]:
    """Return by how many levels ``other`` lies above ``one``, criterion by criterion."""
    return {name: other.criteria[name].level - one.criteria[name].level for name in CRITERIA}
