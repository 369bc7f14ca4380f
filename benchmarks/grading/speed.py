"""How long a batch takes: conversations of the gold set, repeated under new ids, through ``simulator grade``.

    python -m benchmarks.grading.speed [--conversations 1000] [--jobs 1 4]

The labeler is fitted before the clock starts. Seconds are of the whole command, its start included.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from simulator.grading.gold import read_gold


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--conversations", type=int, default=1000)
    parser.add_argument("--jobs", type=int, nargs="*", default=[1, os.cpu_count() or 1])
    arguments = parser.parse_args()
    gold = [item.bare for item in read_gold().conversations]
    command = [sys.executable, "-m", "simulator", "grade"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "batch.jsonl"
        with path.open("w", encoding="utf-8") as file:
            for number in range(arguments.conversations):
                bare = gold[number % len(gold)].model_copy(update={"id": f"batch-{number}"})
                file.write(json.dumps(bare.model_dump(mode="json")) + "\n")
        first = path.read_text("utf-8").split("\n", 1)[0]
        subprocess.run([*command, "-", "--json"], input=first, text=True, check=True, stdout=subprocess.DEVNULL)
        for jobs in arguments.jobs:
            begin, used = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
            done = subprocess.run(
                [*command, str(path), "--json", "--jobs", str(jobs)], capture_output=True, check=True
            ).stdout
            seconds, now = time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
            cpu = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
            count, digest = done.count(b"\n"), hashlib.sha256(done).hexdigest()[:12]
            load = os.getloadavg()[0]
            print(f"--jobs {jobs}: {count} conversations in {seconds:.0f} s, {cpu:.0f} s of processor, sha256 {digest}")
            print(f"          {os.cpu_count()} cores, load {load:.1f}")


if __name__ == "__main__":
    main()
