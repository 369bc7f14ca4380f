"""A whole session on the screen: from home to the debrief, left and gone on with, and everything on disk."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from simulator.errors import TranscriptError
from simulator.transcripts.records import Ending, Role
from simulator.tui.screens import conversation
from simulator.tui.screens.conversation import ConversationScreen
from simulator.tui.screens.debrief import DebriefScreen
from simulator.tui.widgets.composer import Composer
from simulator.tui.widgets.gauge import MoodGauge
from simulator.tui.widgets.turn import TurnView
from tests.tui.stage import SIZE, Marker, app, on_screen, say, shown, studio, text_of, until, write_persona

CALM = "acknowledges_specific names_feeling: That floor was your pride, and now it is under water."


@pytest.fixture(autouse=True)
def robin(home: Path) -> None:
    write_persona(home)


def view(pilot) -> ConversationScreen:  # type: ignore[no-untyped-def]
    assert isinstance(pilot.app.screen, ConversationScreen)
    return pilot.app.screen


async def start(pilot, persona: str = "flood") -> None:  # type: ignore[no-untyped-def]
    """Go from wherever we are into a conversation, and let the customer open it."""
    pilot.app.brief(persona, 1)
    await on_screen(pilot, "BriefingScreen")
    await pilot.press("enter")
    await on_screen(pilot, "ConversationScreen")
    await until(pilot, lambda: len(view(pilot).session.turns) == 1 and not view(pilot).busy)


async def answered(pilot, turns: int) -> None:  # type: ignore[no-untyped-def]
    await until(pilot, lambda: len(view(pilot).session.turns) == turns and not view(pilot).busy)


async def leave(pilot, *keys: str) -> None:  # type: ignore[no-untyped-def]
    await pilot.press("escape")
    await on_screen(pilot, "LeavingDialog")
    await pilot.press(*keys)


@pytest.mark.parametrize("size", [(80, 24), (160, 50)])
async def test_a_whole_session_from_home_to_the_debrief(size: tuple[int, int]) -> None:
    stage = studio()
    async with app(stage).run_test(size=size) as pilot:
        await until(pilot, lambda: "Robin Vale" in shown(pilot.app))
        choices = pilot.app.screen.query_one("#choices")
        choices.highlighted = choices.get_option_index("persona:flood")
        await pilot.press("enter")
        await on_screen(pilot, "BriefingScreen")
        await until(pilot, lambda: "send an engineer" in shown(pilot.app))
        await pilot.press("enter")
        await on_screen(pilot, "ConversationScreen")
        await answered(pilot, 1)
        await say(pilot, CALM)
        await answered(pilot, 3)
        assert "▼" in text_of(view(pilot).query_one(MoodGauge))
        await leave(pilot, "down", "enter")
        await until(pilot, lambda: "debrief is ready" in shown(pilot.app))
        await pilot.press("enter")
        await on_screen(pilot, "DebriefScreen")
        assert "✓ Passed" in shown(pilot.app)
        assert "100 of 100" in shown(pilot.app)
        await pilot.press("h")
        await on_screen(pilot, "HomeScreen")
        await until(pilot, lambda: pilot.app.screen._sessions.finished)
    (summary,) = stage.store.list()
    saved = stage.store.read(summary.id)
    assert [turn.role for turn in saved.turns] == [Role.CUSTOMER, Role.TRAINEE, Role.CUSTOMER]
    assert saved.turns[1].text == CALM
    assert saved.ending is Ending.TRAINEE_LEFT
    assert saved.scorecards[-1].scorecard["passed"] is True


async def test_nothing_is_saved_before_the_conversation_starts() -> None:
    stage = studio()
    async with app(stage, start="flood").run_test(size=SIZE) as pilot:
        await on_screen(pilot, "BriefingScreen")
        await until(pilot, lambda: "is ready" in shown(pilot.app))
        await pilot.press("escape")
        await on_screen(pilot, "HomeScreen")
    assert list(stage.store.list()) == []


async def test_the_customer_walks_out_and_the_screen_says_so() -> None:
    async with app().run_test(size=SIZE) as pilot:
        await start(pilot)
        for turns in (3, 5):
            await say(pilot, "hostile: Whatever.")
            await answered(pilot, turns)
        assert "had enough and hung up" in shown(pilot.app)
        assert not pilot.app.screen.query_one(Composer).display


async def test_a_conversation_put_away_is_offered_first_and_goes_on_with_its_draft() -> None:
    stage = studio()
    async with app(stage).run_test(size=SIZE) as pilot:
        await start(pilot)
        await say(pilot, CALM)
        await answered(pilot, 3)
        session = view(pilot).session.header.id
        view(pilot).query_one(Composer).insert("Half a thought")
        await leave(pilot, "down", "down", "enter")
        await on_screen(pilot, "HomeScreen")
        await until(pilot, lambda: "Go on where you stopped" in shown(pilot.app))
        assert stage.store.load_draft(session) == "Half a thought"
        choices = pilot.app.screen.query_one("#choices")
        choices.highlighted = choices.get_option_index(f"resume:{session}")
        await pilot.press("enter")
        await on_screen(pilot, "BriefingScreen")
        await pilot.press("enter")
        await on_screen(pilot, "ConversationScreen")
        await until(pilot, lambda: view(pilot).query_one(Composer).text == "Half a thought")
        assert [turn.text for turn in view(pilot).query(TurnView)][1] == CALM
        await pilot.press("enter")
        await answered(pilot, 5)
        await until(pilot, lambda: stage.store.load_draft(session) == "")
    assert len(stage.store.read(session).turns) == 5


async def test_the_program_can_go_straight_on_with_a_session() -> None:
    stage = studio()
    async with app(stage).run_test(size=SIZE) as pilot:
        await start(pilot)
        session = view(pilot).session.header.id
        await leave(pilot, "down", "down", "enter")
        await on_screen(pilot, "HomeScreen")
    async with app(stage, session=session).run_test(size=SIZE) as pilot:
        await on_screen(pilot, "BriefingScreen")
        await until(pilot, lambda: "go on where you stopped" in shown(pilot.app).lower())


async def test_a_draft_is_on_disk_soon_after_it_is_typed() -> None:
    stage = studio()
    async with app(stage).run_test(size=SIZE) as pilot:
        await start(pilot)
        await pilot.press(*"Well")
        await until(pilot, lambda: stage.store.load_draft(view(pilot).session.header.id) == "Well")


async def test_what_could_not_be_saved_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    async with app().run_test(size=SIZE) as pilot:
        await start(pilot)
        writer = view(pilot).session._writer
        append = writer.append

        def full(record: object) -> None:
            raise TranscriptError("The disk is full: the last line could not be saved.", "Free some space.")

        monkeypatch.setattr(writer, "append", full)
        await say(pilot, "My careful words")
        await until(pilot, lambda: "disk is full" in shown(pilot.app))
        assert view(pilot).query_one(Composer).text == "My careful words"
        monkeypatch.setattr(writer, "append", append)
        await pilot.press("enter")
        await answered(pilot, 3)
        assert view(pilot).session.turns[1].text == "My careful words"


async def test_too_long_a_turn_is_given_back() -> None:
    async with app().run_test(size=SIZE) as pilot:
        await start(pilot)
        await say(pilot, "x" * 8001)
        await until(pilot, lambda: "8,001 characters" in shown(pilot.app))
        assert len(view(pilot).query_one(Composer).text) == 8001


async def test_the_mood_can_be_hidden_and_that_is_remembered(home: Path) -> None:
    async with app().run_test(size=SIZE) as pilot:
        await start(pilot)
        assert "tension ▇▇▇▇▇▇▇▁▁▁ 7.0 venting" in text_of(view(pilot).query_one(MoodGauge))
        await pilot.press("f3")
        assert not view(pilot).query_one(MoodGauge).display
        await until(pilot, lambda: "mood_gauge = false" in (home / "config.toml").read_text())


async def test_a_hint_can_be_asked_for_at_any_time() -> None:
    async with app().run_test(size=SIZE) as pilot:
        await start(pilot)
        await pilot.press("f1")
        await until(pilot, lambda: "A hint" in shown(pilot.app))
        await pilot.press("ctrl+t")
        assert not view(pilot).query_one("#nudge").display


async def test_new_lines_do_not_send() -> None:
    async with app().run_test(size=SIZE) as pilot:
        await start(pilot)
        await pilot.press("a", "ctrl+j", "b", "shift+enter", "c", "alt+enter", "d")
        assert view(pilot).query_one(Composer).text == "a\nb\nc\nd"
        assert len(view(pilot).session.turns) == 1


async def test_the_debrief_opens_by_itself_when_the_last_words_have_been_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation, "READING_TIME", 0.01)
    async with app().run_test(size=SIZE) as pilot:
        await start(pilot)
        await leave(pilot, "down", "enter")
        await on_screen(pilot, "DebriefScreen")


async def test_the_grading_goes_on_when_its_screen_is_left() -> None:
    gate = asyncio.Event()
    stage = studio(grader=Marker(gate=gate))
    async with app(stage).run_test(size=SIZE) as pilot:
        await start(pilot)
        await say(pilot, CALM)
        await answered(pilot, 3)
        await leave(pilot, "down", "enter")
        await until(pilot, lambda: "reading turn 1" in shown(pilot.app))
        await pilot.press("escape")
        await on_screen(pilot, "HomeScreen")
        gate.set()
        await until(pilot, lambda: next(stage.store.list()).passed)


async def test_a_grading_that_is_stopped_can_be_done_later() -> None:
    stage = studio(grader=Marker(gate=asyncio.Event()))
    async with app(stage).run_test(size=SIZE) as pilot:
        await start(pilot)
        await say(pilot, CALM)
        await answered(pilot, 3)
        await leave(pilot, "down", "enter")
        await until(pilot, lambda: "reading turn 1" in shown(pilot.app))
        await pilot.press("x")
        await until(pilot, lambda: "Not graded" in shown(pilot.app))
        stage.grader.gate = None  # type: ignore[attr-defined]
        await pilot.press("enter")
        await until(pilot, lambda: "debrief is ready" in shown(pilot.app))


async def test_leaving_without_a_word_is_not_graded_and_says_why() -> None:
    async with app().run_test(size=SIZE) as pilot:
        await start(pilot)
        await leave(pilot, "down", "enter")
        await until(pilot, lambda: "debrief is ready" in shown(pilot.app))
        await pilot.press("enter")
        await on_screen(pilot, "DebriefScreen")
        assert "Not graded" in shown(pilot.app)
        assert "You did not say anything." in shown(pilot.app)


async def test_practising_again_begins_a_new_session() -> None:
    stage = studio()
    async with app(stage).run_test(size=SIZE) as pilot:
        await start(pilot)
        await say(pilot, CALM)
        await answered(pilot, 3)
        await leave(pilot, "down", "enter")
        await until(pilot, lambda: "debrief is ready" in shown(pilot.app))
        await pilot.press("enter")
        await on_screen(pilot, "DebriefScreen")
        assert isinstance(pilot.app.screen, DebriefScreen)
        await pilot.press("r")
        await on_screen(pilot, "BriefingScreen")
        await pilot.press("enter")
        await on_screen(pilot, "ConversationScreen")
        await answered(pilot, 1)
    assert len(list(stage.store.list())) == 2


async def test_quitting_in_a_conversation_asks_first() -> None:
    async with app().run_test(size=SIZE) as pilot:
        await start(pilot)
        await pilot.press("ctrl+q")
        await on_screen(pilot, "LeavingDialog")
        await pilot.press("escape")
        await on_screen(pilot, "ConversationScreen")
