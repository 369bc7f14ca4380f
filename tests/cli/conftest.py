"""Running the program as a person does: as a process of its own, with a home of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]
EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"


@pytest.fixture(scope="session")
def labelers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that the commands share, so that the labeler is fitted once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def environment(tmp_path: Path, labelers: Path) -> dict[str, str]:
    """The environment of a fresh user: nothing configured, an empty folder."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("OPENAI_", "SIMULATOR_"))}
    return {
        **clean,
        "SIMULATOR_HOME": str(tmp_path / "home"),
        "SIMULATOR_CACHE": str(labelers),
        "NO_COLOR": "1",
        "COLUMNS": "100",
        "HF_HUB_OFFLINE": "1",
    }


@pytest.fixture
def simulator(environment: dict[str, str], tmp_path: Path) -> Run:
    """Run ``simulator`` with arguments; ``code`` is the exit status that is expected."""

    def run(*args: str, code: int = 0, given: str = "", **extra: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "simulator", *args],
            env={**environment, **extra},
            cwd=tmp_path,
            input=given,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert done.returncode == code, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr
        return done

    return run
