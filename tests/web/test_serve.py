"""The screens in a browser: on this machine alone unless meant otherwise, without the internet, nobody sees another."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from simulator.settings import load
from simulator.web.visits import Visit, visitor_folder
from tests.cli.conftest import EXAMPLES, Run, simulator
from tests.web.conftest import Browser, Served

__all__ = ["simulator"]
LINES = [line for line in (EXAMPLES / "kind.txt").read_text("utf-8").splitlines() if line and line[0] != "#"]


async def test_the_page_shows_the_screens_and_takes_nothing_from_the_internet(served: Served) -> None:
    with served(whole=True) as printed:
        address = printed.partition("/visits")[0]
        async with aiohttp.ClientSession() as web:
            page = await web.get(printed)
            text = await page.text()
            for url in re.findall(r"""(?:src|href)=["']([^"']+)|url\(["']?([^)"']+)""", text):
                found = url[0] or url[1]
                assert found.startswith(("/", "data:"))
                if found.startswith("/static"):
                    assert (await web.get(address + found)).status == 200
            assert "default-src 'self'" in page.headers["Content-Security-Policy"]
            async with web.ws_connect(f"{page.url}/ws?width=100&height=30", origin=address) as socket:
                browser = Browser(socket)
                await browser.until(lambda: b"Choose" in browser.shown)
                await browser.leave()


async def test_another_sites_page_cannot_look_in(served: Served) -> None:
    with served(whole=True) as printed:
        async with aiohttp.ClientSession() as web:
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await web.ws_connect(f"{printed}/ws", origin="https://evil.example")
            assert refused.value.status == 403
            rebound = await web.get(printed, headers={"Host": "evil.example"})
            assert rebound.status == 403


async def test_another_user_of_this_machine_cannot_open_the_owners_page(served: Served) -> None:
    with served() as address:
        async with aiohttp.ClientSession() as web:
            page = await web.get(address)
            assert page.status == 403
            assert "/visits/" not in await page.text()


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "::"])  # noqa: S104 - what is refused
def test_an_address_for_everybody_needs_a_word_of_its_own(simulator: Run, host: str) -> None:
    said = simulator("serve", "--host", host, code=2).stderr
    assert "could practise here" in said
    assert "--public" in said


def test_a_port_that_is_taken_is_one_sentence(served: Served, simulator: Run) -> None:
    with served() as address:
        said = simulator("serve", "--port", address.rpartition(":")[2], code=2).stderr
    assert "Choose another --port" in said


async def test_two_visitors_have_places_of_their_own_and_the_owner_another(served: Served, home: Path) -> None:
    with served("--public") as address:
        pages = set()
        for _ in range(2):
            async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as web:
                first, second = await web.get(address), await web.get(address)
                assert first.url == second.url
                pages.add(str(first.url))
        assert len(pages) == 2


def test_a_visitor_gets_the_owners_model_but_neither_their_folder_nor_their_record_store(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SIMULATOR_LRS_PASSWORD", "open-sesame")
    monkeypatch.setenv("SIMULATOR_API_KEY", "sk-model")
    settings = load()
    folder = visitor_folder(settings, "cookie", "a")
    given = Visit("k", folder).environment(settings, "scripted")
    assert "open-sesame" not in str(given)
    assert given["SIMULATOR_API_KEY"] == "sk-model"
    assert given["SIMULATOR_VISITOR"] == folder.name
    own = {name: value for name, value in given.items() if value.startswith(str(folder))}
    assert set(own) == {"SIMULATOR_HOME", "SIMULATOR_TRANSCRIPTS"}
    assert folder != visitor_folder(settings, "cookie", "b")
    assert Visit("k").environment(settings, "scripted") == {}


async def test_a_whole_session_in_the_browser_is_saved_for_its_visitor_alone(
    served: Served, environment: dict[str, Any]
) -> None:
    transcripts = Path(environment["SIMULATOR_HOME"]) / "transcripts"

    def saved() -> str:
        return "".join(path.read_text("utf-8") for path in transcripts.glob("visitors/*/transcripts/*.jsonl"))

    with served() as address:
        async with aiohttp.ClientSession() as web:
            key = "ab" * 16
            page = await web.get(f"{address}/launch/scorm/{key}?persona=moving-house")
            async with web.ws_connect(f"{page.url}/ws?width=100&height=30", origin=address) as socket:
                browser = Browser(socket)
                await practise(browser, saved)
                told = await (await web.get(f"{address}/visits/{key}/status")).json()
                await browser.type("\r")
                await browser.until(lambda: b"Export" in browser.shown)
                await browser.type("e")
                await browser.until(lambda: b"elsewhere" in browser.shown)
                await browser.type("\r")
                file = await (await web.get(f"{address}/download/{await browser.handed_over()}")).text()
                await browser.leave()
    assert told["status"] in ("passed", "failed")
    assert told["score"] >= 50
    assert file.startswith("# ")
    assert LINES[0] in file.replace("\\", "")
    assert list(transcripts.glob("*.jsonl")) == []
    (visitor,) = transcripts.glob("visitors/*")
    assert visitor.stat().st_mode & 0o077 == 0


async def test_a_visitor_cannot_choose_the_owners_keys_or_downloads(served: Served) -> None:
    with served("--public") as address:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as web:
            page = await web.get(address)
            async with web.ws_connect(f"{page.url}/ws?width=100&height=30", origin=address) as socket:
                browser = Browser(socket)
                await browser.until(lambda: b"scripted lines" in browser.shown)
                await browser.type("v")
                await browser.until(lambda: b"whoever serves" in browser.shown)
                assert b"Who should speak" not in browser.shown
                await browser.leave()


async def practise(browser: Browser, saved: Callable[[], str]) -> None:
    """Play the kind trainee of the examples until the session is graded; ``saved`` is what stands in its file."""

    def over() -> bool:
        return '"kind":"ending"' in saved()

    def heard() -> int:
        return saved().count('"role":"customer"')

    await browser.until(lambda: b"to start" in browser.shown)
    await browser.type("\r")
    await browser.until(lambda: heard() == 1)
    for line in LINES:
        if over():
            break
        before = heard()
        await browser.type(line)
        await browser.type("\r")
        await browser.until(functools.partial(lambda before: heard() > before or over(), before))
    await browser.until(lambda: '"kind":"scorecard"' in saved())
