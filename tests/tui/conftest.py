"""Quiet and quick: the debrief waits for a key, and only the test's own personas are read unless it asks for more."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.settings import Settings
from simulator.tui.screens import conversation


@pytest.fixture(autouse=True)
def no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation, "READING_TIME", 3600.0)


@pytest.fixture(autouse=True)
def own_personas(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    def dirs(self: Settings) -> list[Path]:
        return [self.folder / "personas"]

    if "all_personas" not in request.fixturenames:
        monkeypatch.setattr(Settings, "persona_dirs", dirs)


@pytest.fixture
def all_personas() -> None:
    """Ask for this to have the built-in personas too."""
