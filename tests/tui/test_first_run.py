"""The first run: three offers, a download that can be stopped, an endpoint that is tried before it is kept."""

from __future__ import annotations

import asyncio
import stat
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from simulator.errors import ModelFileError, VoiceError
from simulator.settings import Settings, load
from simulator.tui.models import Arrived, Speed
from simulator.tui.screens import download, endpoint
from tests.tui.stage import SIZE, app, on_screen, shown, studio, until, write_persona


@pytest.fixture(autouse=True)
def no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.tui.screens.voices.model_there", lambda _: False)


async def test_the_offers_come_in_order_on_one_screen() -> None:
    async with app(studio(kind=None)).run_test(size=(80, 24)) as pilot:
        await on_screen(pilot, "VoicesScreen")
        await until(pilot, lambda: "3  A model" in shown(pilot.app))
        text = shown(pilot.app)
        assert text.index("1  The local model") < text.index("2  Scripted lines") < text.index("3  A model")
        assert "1.1 GB" in text


async def test_scripted_lines_start_at_once_and_the_choice_is_remembered() -> None:
    async with app(studio(kind=None)).run_test(size=SIZE) as pilot:
        await on_screen(pilot, "VoicesScreen")
        await pilot.press("2")
        await on_screen(pilot, "HomeScreen")
        await until(pilot, lambda: "scripted lines, no model" in shown(pilot.app))
        await until(pilot, lambda: load().voice == "scripted")


async def test_choosing_later_leaves_home_usable_and_asks_again_when_it_matters(home: Path) -> None:
    write_persona(home)
    async with app(studio(kind=None)).run_test(size=SIZE) as pilot:
        await on_screen(pilot, "VoicesScreen")
        await pilot.press("escape")
        await on_screen(pilot, "HomeScreen")
        await until(pilot, lambda: "not chosen yet" in shown(pilot.app))
        pilot.app.brief("flood")
        await on_screen(pilot, "VoicesScreen")
        await pilot.press("2")
        await on_screen(pilot, "BriefingScreen")


async def test_the_program_asked_to_go_straight_to_a_persona_asks_for_a_voice_first(home: Path) -> None:
    write_persona(home)
    async with app(studio(kind=None), start="flood").run_test(size=SIZE) as pilot:
        await on_screen(pilot, "VoicesScreen")
        await pilot.press("2")
        await on_screen(pilot, "BriefingScreen")


async def test_who_is_quicker_than_the_program_is_not_asked_for_a_voice_that_is_chosen(home: Path) -> None:
    write_persona(home)
    gate = threading.Event()

    def slow(_: Settings) -> str:
        gate.wait(20)
        return "scripted"

    async with app(replace(studio(), voice_kind=slow)).run_test(size=SIZE) as pilot:
        await on_screen(pilot, "HomeScreen")
        pilot.app.brief("flood")
        gate.set()
        await on_screen(pilot, "BriefingScreen")


async def test_the_download_shows_how_far_how_fast_and_from_where(monkeypatch: pytest.MonkeyPatch) -> None:
    go = asyncio.Event()

    async def fetch(settings: Settings, tell: Callable[[Arrived], None]) -> None:
        tell(Arrived(400_000_000, 1_000_000_000, "the hub", "downloading"))
        await go.wait()

    monkeypatch.setattr(download, "fetch_model", fetch)
    async with app(studio(kind=None)).run_test(size=SIZE) as pilot:
        await on_screen(pilot, "VoicesScreen")
        await pilot.press("1")
        await on_screen(pilot, "DownloadScreen")
        await until(pilot, lambda: "400 MB of 1.00 GB" in shown(pilot.app))
        assert "40%" in shown(pilot.app)
        assert "from the hub" in shown(pilot.app)
        go.set()
        await on_screen(pilot, "HomeScreen")
        await until(pilot, lambda: load().voice == "local")


async def test_a_download_can_be_stopped_and_nothing_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    stopped = asyncio.Event()

    async def fetch(settings: Settings, tell: Callable[[Arrived], None]) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    monkeypatch.setattr(download, "fetch_model", fetch)
    async with app(studio(kind=None)).run_test(size=SIZE) as pilot:
        await on_screen(pilot, "VoicesScreen")
        await pilot.press("1")
        await on_screen(pilot, "DownloadScreen")
        await pilot.press("escape")
        await on_screen(pilot, "VoicesScreen")
        await until(pilot, stopped.is_set)
        assert load().voice == "auto"


async def test_a_download_that_fails_says_why_and_can_be_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[int] = []

    async def fetch(settings: Settings, tell: Callable[[Arrived], None]) -> None:
        tries.append(1)
        if len(tries) == 1:
            raise ModelFileError("The model could not be fetched: [/foo].", "Check the connection.")

    monkeypatch.setattr(download, "fetch_model", fetch)
    async with app(studio(kind=None)).run_test(size=SIZE) as pilot:
        await on_screen(pilot, "VoicesScreen")
        await pilot.press("1")
        await until(pilot, lambda: "could not be fetched: [/foo]" in shown(pilot.app))
        await pilot.press("enter")
        await on_screen(pilot, "HomeScreen")


async def connect_form(pilot, monkeypatch: pytest.MonkeyPatch, check) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(endpoint, "try_endpoint", check)
    await on_screen(pilot, "VoicesScreen")
    await pilot.press("3")
    await on_screen(pilot, "EndpointScreen")
    pilot.app.screen.query_one("#base-url").value = "http://127.0.0.1:9/v1"
    pilot.app.screen.query_one("#key").value = "sk-secret"
    pilot.app.screen.query_one("#model").value = "big"


async def test_an_endpoint_is_tried_and_its_key_is_not_kept_unless_asked(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[Settings] = []

    async def check(settings: Settings) -> None:
        tried.append(settings)

    async with app(studio(kind=None)).run_test(size=(80, 24)) as pilot:
        await connect_form(pilot, monkeypatch, check)
        assert "sk-secret" not in shown(pilot.app)
        await pilot.press("enter")
        await on_screen(pilot, "HomeScreen")
        assert tried[0].api_key.get_secret_value() == "sk-secret"
        assert pilot.app.settings.api_key.get_secret_value() == "sk-secret"
        await until(pilot, lambda: load().voice == "openai" and load().model == "big")
    assert "sk-secret" not in (home / "config.toml").read_text()


async def test_the_key_is_kept_privately_when_asked(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def check(settings: Settings) -> None: ...

    async with app(studio(kind=None)).run_test(size=SIZE) as pilot:
        await connect_form(pilot, monkeypatch, check)
        pilot.app.screen.query_one("#keep").value = True
        await pilot.press("enter")
        await on_screen(pilot, "HomeScreen")
        await until(pilot, lambda: load().api_key.get_secret_value() == "sk-secret" and load().voice == "openai")
    assert stat.S_IMODE((home / "config.toml").stat().st_mode) == 0o600


async def test_an_endpoint_that_fails_keeps_the_form_and_saves_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def check(settings: Settings) -> None:
        raise VoiceError("The key was not accepted.", "Look it up [/foo].")

    async with app(studio(kind=None)).run_test(size=(80, 24)) as pilot:
        await connect_form(pilot, monkeypatch, check)
        await pilot.press("enter")
        await until(pilot, lambda: "not accepted" in shown(pilot.app) and "[/foo]" in shown(pilot.app))
        assert pilot.app.screen.query_one("#base-url").value == "http://127.0.0.1:9/v1"
    assert not (home / "config.toml").exists()


def test_the_speed_is_that_of_the_last_seconds() -> None:
    speed = Speed(seconds=2)
    assert speed.at(0, 0) is None
    assert speed.at(1, 10) == 10
    assert speed.at(2, 20) == 10
    assert speed.at(4, 220) == pytest.approx(100)
