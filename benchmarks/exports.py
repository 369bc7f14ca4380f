"""How long ``simulator export`` takes and how much memory it needs, for a tenth of the sessions and for all of them.

    python -m benchmarks.exports [--sessions 1000] [--formats csv xapi …]

The sessions are graded ones of about 14 turns, made for the purpose and stored in a folder of their own. Each export is
the whole command, its start included. Memory is the most the command's process held; that it does not grow with the
sessions is the ratio of the two.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.grading.assessing import assessed
from simulator.grading.gold import read_gold
from simulator.grading.scorecard import Scorecard
from simulator.transcripts.records import (
    BareTranscript,
    Ending,
    EndingLine,
    Header,
    Mood,
    Record,
    Role,
    ScorecardLine,
    Stage,
    Turn,
)
from simulator.transcripts.store import Store

AT = "2026-01-31T09:30:00Z"


def graded() -> list[tuple[BareTranscript, Scorecard]]:
    """Return the gold conversations with the built-in grader's scorecards."""
    gold = [item.bare for item in read_gold().conversations]
    return list(zip(gold, assessed(gold, "local")[1], strict=True))


def fill(folder: Path, gold: Sequence[tuple[BareTranscript, Scorecard]], sessions: int) -> None:
    """Store ``sessions`` graded sessions in ``folder``: those of ``gold``, over and over."""
    store = Store(folder)
    for number in range(sessions):
        bare, card = gold[number % len(gold)]
        header = Header(
            id=f"session-{number:05}",
            started_at=AT,
            persona="bench",
            persona_sha256="",
            seed=number,
            voice="scripted",
            persona_name="Dana White",
            setting=bare.setting or "",
        )
        records: list[Record] = [
            Turn(
                index=index,
                role=turn.role,
                text=turn.text,
                at=AT,
                mood=Mood(tension=5, stage=Stage.GUARDED) if turn.role is Role.CUSTOMER else None,
            )
            for index, turn in enumerate(bare.turns)
        ]
        told = card.model_dump(mode="json")
        store.add(header, [*records, EndingLine(ending=Ending.TRAINEE_LEFT), ScorecardLine(at=AT, scorecard=told)])


def exported(folder: Path, fmt: str, out: Path) -> tuple[float, float]:
    """Return seconds and the most mebibytes that exporting all of ``folder`` took."""
    watched = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True); "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    command = [sys.executable, "-m", "simulator", "export", "all", "--to", fmt, "--out", str(out)]
    environment = os.environ | {"SIMULATOR_TRANSCRIPTS": str(folder), "SIMULATOR_ACTOR": "bench"}
    begin = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", watched, *command], env=environment, capture_output=True, text=True, check=True
    )
    return time.perf_counter() - begin, int(done.stdout) / 1024


def main() -> None:
    """Print a line a format."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=1000)
    parser.add_argument("--formats", nargs="*", default=["csv", "xapi"])
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        few, many = Path(place) / "few", Path(place) / "many"
        gold = graded()
        fill(few, gold, arguments.sessions // 10)
        fill(many, gold, arguments.sessions)
        for fmt in arguments.formats:
            out = Path(place) / f"out.{fmt}"
            seconds, memory = exported(few, fmt, out)
            all_seconds, all_memory = exported(many, fmt, out)
            size = out.stat().st_size / 1024**2
            print(
                f"{fmt}: {arguments.sessions} sessions, {size:.1f} MiB, in {all_seconds:.1f} s "
                f"({all_seconds / seconds:.1f} times a tenth of them); memory {all_memory:.0f} MiB, "
                f"{all_memory / memory:.2f} times a tenth's"
            )


if __name__ == "__main__":
    main()
