"""The screens on the program's own parts: real persona, labeler, grader and store, with scripted lines."""

from __future__ import annotations

import subprocess
import sys

import pytest

from simulator.cli.assembly import build_studio
from simulator.settings import load
from simulator.transcripts.records import Role
from simulator.tui.app import PractiseApp
from tests.tui.stage import on_screen, say, shown, until

LINES = (
    "You have to be out in days, and it is your marriage that is ending too. No wonder the boxes are too much.",
    "Take your time. What is the hardest part right now?",
    "I can have boxes brought to your door today, or lend you the trolley now. Which would suit you?",
)


@pytest.mark.usefixtures("all_personas")
async def test_a_session_with_moving_house_is_graded_and_found_on_disk() -> None:
    stage = build_studio(load(voice="scripted"))
    app = PractiseApp(stage, start="moving-house", seed=3)
    app.animation_level = "none"
    async with app.run_test(size=(80, 24)) as pilot:
        await on_screen(pilot, "BriefingScreen")
        await until(pilot, lambda: "is ready" in shown(app), seconds=60)
        await pilot.press("enter")
        await on_screen(pilot, "ConversationScreen")
        for count, line in enumerate(LINES):
            await until(pilot, lambda n=1 + 2 * count: len(app.screen.session.turns) == n and not app.screen.busy)
            await say(pilot, line)
        await until(pilot, lambda: len(app.screen.session.turns) == 7 and not app.screen.busy)
        await pilot.press("escape")
        await on_screen(pilot, "LeavingDialog")
        await pilot.press("down", "enter")
        await until(pilot, lambda: "debrief is ready" in shown(app), seconds=60)
        await pilot.press("enter")
        await on_screen(pilot, "DebriefScreen")
        assert "of 100" in shown(app)
    (summary,) = stage.store.list()
    saved = stage.store.read(summary.id)
    assert [turn.text for turn in saved.turns if turn.role is Role.TRAINEE] == list(LINES)
    assert saved.scorecards[-1].scorecard["status"] == "graded"


def test_opening_the_screens_imports_nothing_heavy() -> None:
    code = "import sys, simulator.tui.app; print([m for m in ('sklearn', 'numpy', 'openai', 'xllamacpp', 'huggingface_hub', 'jinja2') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
