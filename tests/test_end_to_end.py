"""Whole sessions with the real local model, and with a real llama.cpp server spoken to as an ``openai`` endpoint."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from simulator.transcripts.store import Store

pytestmark = pytest.mark.model

EXAMPLES = Path(__file__).resolve().parents[1] / "docs" / "examples"

_SERVER = """
import sys, xllamacpp
params = xllamacpp.CommonParams()
params.model.path = sys.argv[1]
params.n_ctx, params.n_parallel, params.port = 4096, 1, 0
params.hostnames, params.api_keys = ["127.0.0.1"], ["a-key-for-this-test"]
params.verbosity = -1
server = xllamacpp.Server(params)
print(server.listening_address, flush=True)
sys.stdin.read()
"""


def rehearsed(home: Path, lines: str, voice: str, **extra: str) -> dict[str, Any]:
    done = subprocess.run(
        [
            sys.executable, "-m", "simulator", "rehearse", "moving-house", "--lines", str(EXAMPLES / lines),
            "--voice", voice, "--seed", "1", "--json",
        ],
        env={**os.environ, "SIMULATOR_HOME": str(home), **extra},
        capture_output=True, text=True, timeout=900, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


@pytest.fixture
def endpoint(local_model_path: Path) -> Iterator[str]:
    """A llama.cpp server of its own, gone when the test ends."""
    with subprocess.Popen(
        [sys.executable, "-c", _SERVER, str(local_model_path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as server:  # fmt: skip
        assert server.stdin is not None
        assert server.stdout is not None
        address = next(line.strip() for line in server.stdout if "127.0.0.1" in line)
        yield address if address.startswith("http") else f"http://{address}"
        server.stdin.close()
        server.terminate()
        server.wait(30)


def test_three_trainees_with_the_local_model_get_different_moods_endings_and_grades(
    home: Path, local_model_path: Path
) -> None:
    cache = str(local_model_path.parent.parent)
    kind, rude, solving = (
        rehearsed(home, name, "local", SIMULATOR_CACHE=cache) for name in ("kind.txt", "rude.txt", "solution-first.txt")
    )
    assert {result["voice"] for result in (kind, rude, solving)} == {"local"}
    assert [result["ending"] for result in (kind, rude, solving)] == ["settled", "walked_out", "trainee_left"]
    last = [[t["mood"]["tension"] for t in result["turns"] if "mood" in t][-1] for result in (kind, rude, solving)]
    assert last[0] < last[2] < last[1]
    assert kind["scorecard"]["passed"]
    assert not rude["scorecard"]["passed"]
    assert not solving["scorecard"]["passed"]
    stored = Store(home / "transcripts").read(kind["session"])
    answers = [turn for turn in stored.turns if turn.guard is not None]
    assert len(answers) == sum(turn["role"] == "trainee" for turn in kind["turns"])
    assert any(not turn.guard.written for turn in answers if turn.guard), "the model never spoke"
    assert stored.header.voice == "local"
    assert stored.scorecards[-1].scorecard == kind["scorecard"]


def test_a_session_with_an_openai_endpoint(home: Path, endpoint: str) -> None:
    result = rehearsed(
        home, "kind.txt", "openai",
        OPENAI_BASE_URL=f"{endpoint}/v1", OPENAI_API_KEY="a-key-for-this-test", SIMULATOR_GRADER="local",
    )  # fmt: skip
    assert result["voice"] == "openai"
    assert result["ending"] == "settled"
    assert result["scorecard"]["status"] == "graded"
    written = "".join(path.read_text("utf-8") for path in home.rglob("*.jsonl"))
    assert "a-key-for-this-test" not in written
