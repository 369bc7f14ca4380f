"""What goes wrong on the screens: voices that fail, hostile text, small windows, broken personas."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from simulator.customer.voice import Moment, Part, ScriptedVoice, Spoken
from simulator.errors import VoiceError
from simulator.personas.schema import Persona
from simulator.transcripts.records import Guarded, Turn
from simulator.transcripts.store import Store
from simulator.tui.screens import home
from simulator.tui.widgets.composer import Composer
from simulator.tui.widgets.turn import TurnView
from tests.tui.stage import HOSTILE, SIZE, app, on_screen, say, shown, studio, until, write_persona

GONE = VoiceError("The endpoint cannot be reached.", "Check the address.")


class Unwarm(ScriptedVoice):
    """A voice that cannot get ready."""

    kind = "openai"

    async def warm(self, persona: Persona, turns: tuple[Turn, ...]) -> None:
        raise GONE


class Breaking(ScriptedVoice):
    """A voice that fails at every turn."""

    kind = "openai"

    async def speak(self, moment: Moment) -> AsyncGenerator[Part | Spoken, None]:
        yield Part("Listen,")
        raise GONE


class Slow(ScriptedVoice):
    """A voice that says half and waits for ``gate``."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()

    async def speak(self, moment: Moment) -> AsyncGenerator[Part | Spoken, None]:
        yield Part("First half, ")
        await self.gate.wait()
        yield Part("second half.")
        yield Spoken("First half, second half.", Guarded())


class Hostile(ScriptedVoice):
    """A voice that speaks markup and control sequences."""

    kind = "openai"
    model = HOSTILE

    async def speak(self, moment: Moment) -> AsyncGenerator[Part | Spoken, None]:
        yield Part(HOSTILE)
        yield Spoken(HOSTILE, Guarded())


async def begin(pilot) -> None:  # type: ignore[no-untyped-def]
    await on_screen(pilot, "BriefingScreen")
    await until(pilot, lambda: "is ready" in shown(pilot.app))
    await pilot.press("enter")
    await on_screen(pilot, "ConversationScreen")
    await until(pilot, lambda: len(pilot.app.screen.session.turns) == 1 and not pilot.app.screen.busy)


async def test_a_voice_that_cannot_get_ready_leaves_three_ways_and_scripted_lines_work(home: Path) -> None:
    write_persona(home)
    async with app(studio(kind="openai", voice=Unwarm()), start="flood").run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "cannot be reached" in shown(pilot.app))
        for words in ("Check the address.", "Try again", "Use scripted lines", "Back to the customers"):
            assert words in shown(pilot.app)
        await pilot.press("down", "enter")
        await begin(pilot)
        assert "scripted lines" in shown(pilot.app)


async def test_going_back_from_a_voice_that_cannot_get_ready(home: Path) -> None:
    write_persona(home)
    async with app(studio(kind="openai", voice=Unwarm()), start="flood").run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "Try again" in shown(pilot.app))
        await pilot.press("up", "enter")
        await on_screen(pilot, "HomeScreen")


async def test_a_voice_that_fails_in_mid_sentence_is_a_quiet_line(home: Path) -> None:
    write_persona(home)
    async with app(studio(kind="openai", voice=Breaking()), start="flood").run_test(size=SIZE) as pilot:
        await begin(pilot)
        await say(pilot, "restates: It flooded.")
        await until(pilot, lambda: len(pilot.app.screen.session.turns) == 3 and not pilot.app.screen.busy)
        assert "written lines" in shown(pilot.app)
        views = list(pilot.app.screen.query(TurnView))
        assert len(views) == 3
        assert views[-1].text == pilot.app.screen.session.turns[-1].text


async def test_the_next_message_can_be_written_while_the_customer_speaks(home: Path) -> None:
    write_persona(home)
    voice = Slow()
    async with app(studio(kind="openai", voice=voice), start="flood").run_test(size=SIZE) as pilot:
        await begin(pilot)
        await say(pilot, "restates: It flooded.")
        await until(pilot, lambda: "First half," in shown(pilot.app))
        await pilot.press(*"More")
        await pilot.press("enter")
        composer = pilot.app.screen.query_one(Composer)
        assert composer.text == "More"
        assert len(pilot.app.screen.session.turns) == 2
        voice.gate.set()
        await until(pilot, lambda: not pilot.app.screen.busy)
        assert composer.text == "More"


async def test_closing_in_mid_sentence_keeps_what_was_shown(home: Path) -> None:
    write_persona(home)
    stage = studio(kind="openai", voice=Slow())
    async with app(stage, start="flood").run_test(size=SIZE) as pilot:
        await begin(pilot)
        await say(pilot, "restates: It flooded.")
        await until(pilot, lambda: "First half," in shown(pilot.app))
        await pilot.press("escape")
        await on_screen(pilot, "LeavingDialog")
        await pilot.press("down", "down", "enter")
        await on_screen(pilot, "HomeScreen")
        summary = next(stage.store.list())
        assert summary.resumable
        transcript, file = stage.store.resume(summary.id)
        file.close()
        assert transcript.turns[-1].text == "First half, "
        assert transcript.turns[-1].cut


@pytest.mark.parametrize("size", [(80, 24), (160, 50)])
async def test_hostile_text_is_only_text_on_every_screen(home: Path, size: tuple[int, int]) -> None:
    safe = HOSTILE.replace("\x1b[31m", "").replace("\x1b[0m", "")
    write_persona(
        home,
        name=f"Mo {safe}",
        summary=safe,
        setting=safe,
        opening=[safe],
        trainee={"role": safe, "word": "AGENT", "may": [safe], "must_not": [safe]},
    )
    stage = studio(kind="openai", voice=Hostile())
    async with app(stage).run_test(size=size, notifications=True) as pilot:
        await until(pilot, lambda: "Mo [/foo] [@click=app.quit]x[/] red [b]" in shown(pilot.app))
        await pilot.press("question_mark")
        await pilot.press("escape")
        pilot.app.brief("flood", 1)
        await begin(pilot)
        await say(pilot, f"{HOSTILE} hello")
        await until(pilot, lambda: len(pilot.app.screen.session.turns) == 3 and not pilot.app.screen.busy)
        assert shown(pilot.app).count("[@click=app.quit]x[/] red") >= 3
        assert "\x1b" not in shown(pilot.app)
        await pilot.press("f1", "f2")
        await pilot.press("escape")
        await pilot.press("escape")
        await on_screen(pilot, "LeavingDialog")
        await pilot.press("down", "enter")
        await until(pilot, lambda: "debrief is ready" in shown(pilot.app))
        await pilot.press("enter")
        await on_screen(pilot, "DebriefScreen")
        await pilot.press("l", "t")
        await on_screen(pilot, "ReadingScreen")
        assert "[/foo]" in shown(pilot.app)
        await pilot.press("escape", "h")
        await on_screen(pilot, "HomeScreen")
        await pilot.press("s")
        await on_screen(pilot, "SessionsScreen")
        await until(pilot, lambda: "[/foo]" in shown(pilot.app))


async def test_a_broken_persona_is_named_in_its_place(home: Path) -> None:
    write_persona(home)
    (home / "personas" / "broken.jinja").write_text("---\nname: [/foo]\nage: 3\n---\n")
    async with app().run_test(size=(80, 40), notifications=True) as pilot:
        await until(pilot, lambda: "cannot be played yet" in shown(pilot.app))
        assert "Robin Vale" in shown(pilot.app)
        choices = pilot.app.screen.query_one("#choices")
        choices.highlighted = choices.get_option_index("broken:broken")
        await pilot.press("enter")
        assert type(pilot.app.screen).__name__ == "HomeScreen"


async def test_a_small_window_gets_one_sentence_and_comes_back_as_it_was(home: Path) -> None:
    write_persona(home)
    async with app(start="flood").run_test(size=SIZE) as pilot:
        await begin(pilot)
        await pilot.press(*"Half")
        await pilot.resize_terminal(50, 15)
        await until(pilot, lambda: "too small" in shown(pilot.app))
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: "too small" not in shown(pilot.app))
        assert pilot.app.screen.query_one(Composer).text == "Half"
        await pilot.press("!")
        assert pilot.app.screen.query_one(Composer).text == "Half!"


async def test_a_session_that_cannot_be_read_is_one_sentence(home: Path) -> None:
    async with app(session="nothing-like-it").run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "There is no session" in shown(pilot.app))
        assert "Use scripted lines" not in shown(pilot.app)


async def test_whoever_leaves_while_home_still_reads_its_list_sees_no_traceback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reading, go = threading.Event(), threading.Event()

    async with app(studio()).run_test(size=SIZE) as pilot:
        await on_screen(pilot, "HomeScreen")
        await until(pilot, lambda: "scripted" in shown(pilot.app))
        before = home.sessions

        def slow(store: Store) -> home.Sessions:
            reading.set()
            go.wait(20)
            return before(store)

        monkeypatch.setattr(home, "sessions", slow)
        worker = pilot.app.screen.refresh_shelf()
        await until(pilot, reading.is_set)
        await pilot.app.screen.query("#shelf").remove()  # as when the program ends: the parts go first
        go.set()
        await worker.wait()
