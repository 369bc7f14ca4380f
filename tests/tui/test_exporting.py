"""The export dialog: every format on the smallest screen, one session or all, nothing half written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from simulator.exports import FORMATS
from simulator.practice.studio import Studio
from simulator.transcripts.records import Ending, EndingLine
from tests.exports.conftest import made
from tests.tui.stage import app, on_screen, shown, studio, until


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Studio:
    made_up = studio()
    session = made()
    for number, name in enumerate(("one", "two")):
        at = f"2026-01-3{number}T09:30:00Z"
        header = session.header.model_copy(update={"id": name, "started_at": at})
        made_up.store.add(header, [*session.turns, EndingLine(ending=Ending.SETTLED)])
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return made_up


@pytest.mark.parametrize("size", [(80, 24), (160, 50)])
async def test_all_formats_fit_and_one_is_written(stage: Studio, size: tuple[int, int]) -> None:
    async with app(stage).run_test(size=size) as pilot:
        await on_screen(pilot, "HomeScreen")
        await pilot.press("s")
        await until(pilot, lambda: "Dana White" in shown(pilot.app))
        await pilot.press("e")
        await on_screen(pilot, "ExportDialog")
        text = shown(pilot.app)
        for exporter in FORMATS.values():
            assert exporter.name in text
            assert exporter.about in text
        assert "stage directions stay out" in text
        assert "Escape closes." in text
        for _ in range(list(FORMATS).index("json")):
            await pilot.press("down")
        await pilot.press("enter")
        await until(pilot, lambda: "Written to" in shown(pilot.app))
    (file,) = Path.cwd().iterdir()
    assert "SECRET" not in file.read_text("utf-8")


async def test_a_trainer_may_take_the_directions_along_and_leave_the_names(stage: Studio) -> None:
    async with app(stage).run_test(size=(80, 24)) as pilot:
        await on_screen(pilot, "HomeScreen")
        await pilot.press("s")
        await until(pilot, lambda: "Dana White" in shown(pilot.app))
        await pilot.press("e")
        await on_screen(pilot, "ExportDialog")
        await pilot.press("s", "n")
        await until(pilot, lambda: "stage directions are in it" in shown(pilot.app))
        assert "names and numbers are replaced" in shown(pilot.app)
        await pilot.press("enter")
        await until(pilot, lambda: "Written to" in shown(pilot.app))
    (file,) = Path.cwd().iterdir()
    text = file.read_text("utf-8")
    assert "SECRET sigh" in text
    assert "Dana" not in text


async def test_all_that_are_listed_go_into_a_folder_with_a_manifest(stage: Studio) -> None:
    async with app(stage).run_test(size=(80, 24)) as pilot:
        await on_screen(pilot, "HomeScreen")
        await pilot.press("s")
        await until(pilot, lambda: shown(pilot.app).count("Dana White") == 2)
        await pilot.press("E")
        await on_screen(pilot, "ExportDialog")
        assert "these 2 conversations" in shown(pilot.app)
        await pilot.press("enter")
        await until(pilot, lambda: "Written to" in shown(pilot.app))
    (folder,) = Path.cwd().iterdir()
    files = json.loads((folder / "manifest.json").read_text("utf-8"))["files"]
    assert {entry["sessions"][0]["id"] for entry in files} == {"one", "two"}
    assert all((folder / entry["name"]).read_text("utf-8").startswith("# Practice with") for entry in files)
