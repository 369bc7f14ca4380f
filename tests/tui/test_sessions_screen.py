"""The list of sessions from the keyboard: found by typing, put away, brought back, deleted only after a question."""

from __future__ import annotations

import pytest

from simulator.practice.studio import Studio
from simulator.transcripts.records import IMPORTED, Ending, EndingLine, Header, Role, Turn
from tests.tui.stage import app, on_screen, shown, studio, until


def put(stage: Studio, name: str, customer: str, said: str, at: str = "2026-01-31T09:30:00Z", **more: object) -> None:
    header = Header.model_validate(
        {"id": name, "started_at": at, "persona": "p", "persona_sha256": "ab", "seed": 1, "voice": "scripted"}
        | {"persona_name": customer}
        | more
    )
    turns = [Turn(index=0, role=Role.CUSTOMER, text=said), Turn(index=1, role=Role.TRAINEE, text="I see.")]
    stage.store.add(header, [*turns, EndingLine(ending=Ending.TRAINEE_LEFT)])


@pytest.fixture
def stage() -> Studio:
    made = studio()
    put(made, "one", "Dana White", "The sofa never came.", "2026-01-31T09:30:00Z")
    put(made, "two", "Robin Vale", "My bill jumped.", "2026-02-01T09:30:00Z")
    return made


async def opened(pilot) -> None:  # type: ignore[no-untyped-def]
    await on_screen(pilot, "HomeScreen")
    await pilot.press("s")
    await on_screen(pilot, "SessionsScreen")
    await until(pilot, lambda: "Dana White" in shown(pilot.app))


def stored(store) -> set[str]:  # type: ignore[no-untyped-def]
    return {summary.id for summary in store.list()}


async def test_typing_narrows_the_list_by_name_and_by_what_was_said(stage: Studio) -> None:
    async with app(stage).run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("slash", *"sofa")
        await until(pilot, lambda: "Robin Vale" not in shown(pilot.app) and "1 found" in shown(pilot.app))
        assert "Dana White" in shown(pilot.app)
        await pilot.press(*" x")
        await until(pilot, lambda: "None of them" in shown(pilot.app))
        await pilot.press("escape")
        await until(pilot, lambda: "Robin Vale" in shown(pilot.app))
        await pilot.press("slash", *"robin", "enter")
        await until(pilot, lambda: "1 found" in shown(pilot.app))
        await pilot.press("t")
        await on_screen(pilot, "ReadingScreen")
        assert "My bill jumped." in shown(pilot.app)


async def test_a_session_is_archived_and_brought_back(stage: Studio) -> None:
    async with app(stage).run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("a")  # the newest
        await until(pilot, lambda: "Robin Vale" not in shown(pilot.app))
        assert (stored(stage.store), stored(stage.store.archived)) == ({"one"}, {"two"})
        await pilot.press("v")
        await until(pilot, lambda: "Your archive" in shown(pilot.app) and "Robin Vale" in shown(pilot.app))
        await pilot.press("a")
        await until(pilot, lambda: "The archive is empty" in shown(pilot.app))
        assert stored(stage.store) == {"one", "two"}
        await pilot.press("escape")
        await until(pilot, lambda: "Your conversations" in shown(pilot.app))


async def test_deleting_asks_and_begins_at_the_answer_that_loses_nothing(stage: Studio) -> None:
    async with app(stage).run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("d")
        await on_screen(pilot, "DeletingDialog")
        assert "Delete Robin Vale?" in shown(pilot.app)
        await pilot.press("enter")
        await on_screen(pilot, "SessionsScreen")
        assert stored(stage.store) == {"one", "two"}
        await pilot.press("d")
        await on_screen(pilot, "DeletingDialog")
        await pilot.press("down", "enter")
        await until(pilot, lambda: stored(stage.store) == {"one"})
        await until(pilot, lambda: "Robin Vale" not in shown(pilot.app))


async def test_what_is_open_elsewhere_is_not_deleted_and_said_so(stage: Studio) -> None:
    with stage.store.reopen("two")[1]:
        async with app(stage).run_test(size=(80, 24), notifications=True) as pilot:
            await opened(pilot)
            await pilot.press("d")
            await on_screen(pilot, "DeletingDialog")
            await pilot.press("down", "enter")
            await until(pilot, lambda: "Close it there" in shown(pilot.app))
    assert stored(stage.store) == {"one", "two"}


async def test_the_keys_fit_the_footer_of_a_small_window(stage: Studio) -> None:
    async with app(stage).run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        footer = shown(pilot.app).splitlines()[-1]
        for key in ("Choose", "Export", "Search", "Archive", "Delete", "Back"):
            assert key in footer
        assert "v shows the archive" in shown(pilot.app)


async def test_an_imported_conversation_is_graded_but_not_played_again() -> None:
    stage = studio()
    header = Header(
        id="call", started_at="2026-01-31T09:30:00Z", persona=IMPORTED, persona_sha256="", seed=0, voice=IMPORTED
    )
    stage.store.add(
        header, [Turn(index=0, role=Role.CUSTOMER, text="No."), Turn(index=1, role=Role.TRAINEE, text="Oh.")]
    )
    async with app(stage).run_test(size=(80, 24)) as pilot:
        await on_screen(pilot, "HomeScreen")
        await pilot.press("s")
        await until(pilot, lambda: "not graded, imported" in shown(pilot.app))
        await pilot.press("enter")
        await on_screen(pilot, "ReadingScreen")
        assert "Continue" not in shown(pilot.app)
        await pilot.press("g")
        await on_screen(pilot, "DebriefScreen")
        assert "Practise again" not in shown(pilot.app)
        await pilot.press("r")
        assert type(pilot.app.screen).__name__ == "DebriefScreen"
    assert stage.store.read("call").scorecards
