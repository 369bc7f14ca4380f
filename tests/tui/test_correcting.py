"""Correcting labels in the debrief, from the keyboard, on the real grader and store."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.cli.assembly import build_studio
from simulator.practice.studio import Studio
from simulator.settings import load
from simulator.transcripts.records import BareTurn, Header, Turn
from simulator.tui.screens.correcting import CorrectionDialog
from tests.grading.conftest import POOR
from tests.tui.stage import app, on_screen, shown, until

SESSION = "20260131T093000Z-poor-abc123"


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that these tests share, so that the labeler is fitted once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
async def stage(fitted: Path) -> Studio:
    made = build_studio(load(voice="scripted", cache=fitted))
    header = Header(
        id=SESSION, started_at="2026-01-31T09:30:00Z", persona="poor", persona_sha256="x", seed=0, voice="scripted"
    )
    with made.store.create(header) as file:
        for index, turn in enumerate(POOR.turns):
            file.append(_turn(index, turn))
    await made.regrade(SESSION)
    return made


def _turn(index: int, turn: BareTurn) -> Turn:
    return Turn(index=index, role=turn.role, text=turn.text)


async def test_a_label_is_taken_off_and_another_put_on_and_the_debrief_follows(stage: Studio) -> None:
    before = stage.store.read(SESSION)
    made = app(stage)
    async with made.run_test(size=(100, 40)) as pilot:
        await on_screen(pilot, "HomeScreen")
        made.debrief(before)
        await on_screen(pilot, "DebriefScreen")
        await pilot.press("c")
        await on_screen(pilot, "CorrectionDialog")
        await until(pilot, lambda: "Which of your turns" in shown(made))
        await pilot.press("down", "enter")  # turn 4: "Please calm down. It's only a bill …" dismisses
        await until(pilot, lambda: "● dismisses" in shown(made))
        await pilot.press("enter")
        await until(pilot, lambda: "○ dismisses" in shown(made))
        await pilot.press("escape", "escape")
        await on_screen(pilot, "DebriefScreen")
        await until(pilot, lambda: "corrected" in shown(made) or made.screen.transcript.corrections)
    after = stage.store.read(SESSION)
    (line,) = after.corrections
    assert (line.turn, [label.value for label in line.removed]) == (3, ["dismisses"])
    assert after.scorecards[0] == before.scorecards[0], "what was written stays"
    assert after.scorecards[-1].scorecard["grader"]["corrected"] == 1


async def test_words_that_are_not_in_the_turn_are_refused_and_those_that_are_become_the_quote(stage: Studio) -> None:
    made = app(stage)
    async with made.run_test(size=(100, 40)) as pilot:
        await on_screen(pilot, "HomeScreen")
        made.push_screen(CorrectionDialog(stage.store.read(SESSION)))
        await on_screen(pilot, "CorrectionDialog")
        await pilot.press("enter")
        await until(pilot, lambda: "Enter takes a label off" in shown(made))
        choices = made.screen.query_one("#correct-list")
        choices.highlighted = choices.get_option_index("deflects")
        await pilot.press("enter")
        await until(pilot, lambda: made.screen.query_one("#correct-words").has_focus)
        words = made.screen.query_one("#correct-words")
        words.value = "never said"
        await pilot.press("enter")
        await until(pilot, lambda: "does not contain" in shown(made))
        words.value = "over six months"
        await pilot.press("enter")
        await until(pilot, lambda: "● deflects" in shown(made))
    (line,) = stage.store.read(SESSION).corrections
    assert [(quoted.label.value, quoted.quote) for quoted in line.added] == [("deflects", "over six months")]


async def test_learning_is_a_choice_and_the_turn_then_joins_the_own_corpus(stage: Studio) -> None:
    made = app(stage)
    async with made.run_test(size=(100, 40)) as pilot:
        await on_screen(pilot, "HomeScreen")
        made.push_screen(CorrectionDialog(stage.store.read(SESSION)))
        await on_screen(pilot, "CorrectionDialog")
        await until(pilot, lambda: "does not learn from it" in shown(made))
        await pilot.press("ctrl+l")
        await until(pilot, lambda: "The grader learns from it" in shown(made))
        await pilot.press("enter")
        await until(pilot, lambda: "Enter takes a label off" in shown(made))
        await pilot.press("enter")
        await until(pilot, lambda: bool(stage.store.read(SESSION).corrections))
        own = made.settings.folder / "corpus" / "corrections.jsonl"
        await until(pilot, own.is_file)


async def test_the_debrief_says_how_well_its_grader_agrees_with_expert_marks(stage: Studio) -> None:
    made = app(stage)
    async with made.run_test(size=(100, 40)) as pilot:
        await on_screen(pilot, "HomeScreen")
        made.debrief(stage.store.read(SESSION))
        await on_screen(pilot, "DebriefScreen")
        await pilot.press("end")
        await until(pilot, lambda: "agrees with expert marks at κ" in shown(made), seconds=120)
    assert stage.standing(stage.grader.stamp, stage.grader.rubric.stamp).startswith("This grader agrees")
