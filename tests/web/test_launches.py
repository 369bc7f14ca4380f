"""From the course package to the record store: an LMS opens the program and is told how it went."""

from __future__ import annotations

import asyncio
import contextlib
import json
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import aiohttp

from tests.cli.conftest import Run, simulator
from tests.ralph import Ralph
from tests.web.conftest import Browser, Served
from tests.web.lms import faults, name_of, running
from tests.web.test_serve import practise

__all__ = ["simulator"]


async def test_a_learner_comes_from_the_lms_practises_and_is_told_of(
    served: Served, simulator: Run, ralph: Ralph, environment: dict[str, Any], tmp_path: Path
) -> None:
    folder = Path(environment["SIMULATOR_HOME"]) / "transcripts" / "visitors"

    def saved() -> str:
        return "".join(path.read_text("utf-8") for path in folder.glob("*/transcripts/*.jsonl"))

    with served() as address:
        simulator("course", "moving-house", "--to", "cmi5", "--url", address, "--out", "course.zip")
        with zipfile.ZipFile(tmp_path / "course.zip") as package:
            course = Xml.fromstring(package.read("cmi5.xml"))  # noqa: S314 - our own
        unit = next(element.text for element in course.iter() if element.tag.endswith("}url"))
        async with running(ralph) as lms, aiohttp.ClientSession() as web:
            page = await web.get(lms.launch(unit or ""))
            assert page.status == 200
            assert [name_of(s) for s in ralph.statements()] == ["initialized"]
            async with web.ws_connect(f"{page.url}/ws?width=100&height=30", origin=address) as socket:
                browser = Browser(socket)
                await practise(browser, saved)
                await browser.leave()
            for _ in range(10_000):
                if name_of(ralph.statements()[-1]) == "terminated":
                    break
                await (await web.get(page.url)).read()  # gone as soon as the LMS knows
    told = ralph.statements()
    assert faults(told, []) == []
    names = [name_of(s) for s in told]
    card = json.loads(saved().splitlines()[-1])["scorecard"]
    assert names.count("scored") == 3
    assert "completed" in names
    assert ("passed" if card["passed"] else "failed") in names
    judged = next(s for s in told if name_of(s) in ("passed", "failed"))
    assert judged["result"]["score"]["scaled"] == card["overall"] / 100


async def test_a_second_launch_ends_the_first(served: Served, ralph: Ralph) -> None:
    with served() as address:
        async with running(ralph) as lms, aiohttp.ClientSession() as web:
            first = await web.get(lms.launch(f"{address}/launch/cmi5?persona=moving-house"))
            lms.fetched = 0
            second = await web.get(lms.launch(f"{address}/launch/cmi5?persona=moving-house"))
            assert (await web.get(first.url)).status == 404
            assert (await web.get(second.url)).status == 200
    told = [name_of(s) for s in ralph.statements()]
    assert told == ["initialized", "terminated", "initialized"]


async def test_the_server_talks_to_no_lms_that_nobody_named(served: Served, ralph: Ralph) -> None:
    with served("--public") as address:
        async with running(ralph) as lms, aiohttp.ClientSession() as web:
            page = await web.get(lms.launch(f"{address}/launch/cmi5?persona=moving-house"))
            assert page.status == 400
            assert "simulator serve --lms" in await page.text()
            assert lms.fetched == 0
    assert ralph.statements() == []


async def test_an_unknown_customer_is_said_on_the_page_and_the_token_stays_unused(served: Served, ralph: Ralph) -> None:
    with served() as address:
        async with running(ralph) as lms, aiohttp.ClientSession() as web:
            page = await web.get(lms.launch(f"{address}/launch/cmi5?persona=<script>"))
            text = await page.text()
            assert page.status == 400
            assert "no customer" in text
            assert "<script>&" not in text
            assert lms.fetched == 0


async def test_a_launch_whose_page_never_opens_ends_with_the_server(served: Served, ralph: Ralph) -> None:
    async with running(ralph) as lms, aiohttp.ClientSession() as web:
        with contextlib.ExitStack() as server:
            address = server.enter_context(served())
            await web.get(lms.launch(f"{address}/launch/cmi5?persona=moving-house"))
            await asyncio.to_thread(server.close)  # the LMS hears of it meanwhile
    assert [name_of(s) for s in ralph.statements()] == ["initialized", "terminated"]
