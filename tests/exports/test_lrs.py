"""Sending to a learning record store: a real one, that goes away, that is asked too much, that knows us not."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr

from simulator.errors import RecordStoreError, SettingsError
from simulator.exports.lrs import BATCH, RecordStore, Sent, basic
from simulator.exports.recording import Recording
from simulator.exports.xapi import statements
from tests.conftest import _USERS_OWN
from tests.exports.conftest import made
from tests.ralph import PASSWORD, USER, Ralph

KEY = basic(USER, SecretStr(PASSWORD))


def sessions(count: int) -> list[dict[str, Any]]:
    session = made()
    headers = [session.header.model_copy(update={"id": f"s{number}"}) for number in range(count)]
    told = [statements(session.model_copy(update={"header": header}), Recording()) for header in headers]
    return [statement for some in told for statement in some]


def store(url: str, key: SecretStr = KEY, **more: Any) -> RecordStore:
    return RecordStore(url, key, **{"first_wait": 0, "longest_wait": 0, **more})


class Busy(httpx2.AsyncHTTPTransport):
    """The way to the store, on which the first ``times`` requests meet ``status``, or nobody where it is 0."""

    def __init__(self, status: int, times: int, headers: dict[str, str] | None = None, said: str = "") -> None:
        super().__init__()
        self.status, self.left, self.headers, self.said, self.asked = status, times, headers or {}, said, 0

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.asked += 1
        if self.left <= 0:
            return await super().handle_async_request(request)
        self.left -= 1
        if not self.status:
            raise httpx2.ConnectError("connection refused")
        return httpx2.Response(self.status, headers=self.headers, text=self.said)


async def test_everything_arrives_and_a_second_time_changes_nothing(ralph: Ralph) -> None:
    everything, heard = sessions(30), []
    for _ in range(2):
        async with store(ralph.url) as lrs:
            sent = await lrs.deliver(iter(everything), lambda so_far: heard.append(so_far.stored))
        assert sent == Sent(stored=120)
    assert heard == [50, 100, 120] * 2
    kept = ralph.statements()
    assert [s["id"] for s in kept] == [s["id"] for s in everything]
    assert all(theirs["result"] == ours["result"] for theirs, ours in zip(kept, everything, strict=True))


async def test_the_address_may_end_in_statements(ralph: Ralph) -> None:
    async with store(f"{ralph.url}/statements/") as lrs:
        await lrs.deliver(sessions(1))
    assert len(ralph.statements()) == 4


async def test_a_wrong_password_is_one_sentence_without_the_password(ralph: Ralph) -> None:
    async with store(ralph.url, basic(USER, SecretStr("open-sesame"))) as lrs:
        with pytest.raises(RecordStoreError) as refused:
            await lrs.deliver(sessions(1))
    assert "does not accept the user and password" in str(refused.value)
    assert "SIMULATOR_LRS_PASSWORD" in refused.value.hint
    assert ralph.statements() == []


async def test_a_store_that_goes_down_between_batches_is_said_and_the_rest_is_sent_later(
    ralph_python: Path, tmp_path: Path
) -> None:
    ralph, everything = Ralph(ralph_python, tmp_path, _USERS_OWN), sessions(30)
    ralph.start()
    try:
        async with store(ralph.url) as lrs:
            with pytest.raises(RecordStoreError, match="cannot be reached") as down:
                await lrs.deliver(everything, lambda so_far: ralph.stop())
        assert "nothing is stored twice" in down.value.hint
        assert len(ralph.statements()) == BATCH
        ralph.start()
        async with store(ralph.url) as lrs:
            await lrs.deliver(everything)
        assert [s["id"] for s in ralph.statements()] == [s["id"] for s in everything]
    finally:
        ralph.stop()


@pytest.mark.parametrize("status", [0, 429, 500, 503])
async def test_trouble_that_passes_is_waited_out(ralph: Ralph, status: int) -> None:
    way = Busy(status, 2, {"Retry-After": "7"})
    async with store(ralph.url, transport=way) as lrs:
        await lrs.deliver(sessions(1))
    assert way.asked == 3
    assert len(ralph.statements()) == 4


async def test_trouble_that_stays_is_one_sentence(ralph: Ralph) -> None:
    way = Busy(503, 99, said="down\nfor \x1b[31mrepair")
    async with store(ralph.url, transport=way, attempts=3) as lrs:
        with pytest.raises(RecordStoreError, match=r"HTTP 503\)\. It said: down for repair"):
            await lrs.deliver(sessions(1))
    assert way.asked == 3


async def test_a_store_that_repeats_the_key_cannot_make_us_show_it(ralph: Ralph) -> None:
    token = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    way = Busy(400, 1, said=f"bad header Basic {token}, that is {USER}:{PASSWORD} or {PASSWORD}")
    async with store(ralph.url, transport=way) as lrs:
        with pytest.raises(RecordStoreError) as refused:
            await lrs.deliver(sessions(1))
    assert PASSWORD not in repr(refused.value)
    assert token not in str(refused.value)
    assert "bad header" in str(refused.value)


async def test_other_words_under_a_known_id_are_told_and_the_others_are_stored(ralph: Ralph) -> None:
    everything = sessions(3)
    old = {**everything[5], "result": {"completion": False}}
    async with store(ralph.url) as lrs:
        await lrs.deliver([old])
        sent = await lrs.deliver(everything)
    assert sent.differing == (old["id"],)
    assert len(ralph.statements()) == 12


async def test_a_store_that_takes_less_at_once_gets_less_at_once(ralph: Ralph) -> None:
    way = Busy(413, 2)
    async with store(ralph.url, transport=way) as lrs:
        await lrs.deliver(sessions(10))
    assert len(ralph.statements()) == 40


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("lrs.example.org", "is not one"),
        ("ftp://lrs.example.org", "is not one"),
        ("https://me:secret@lrs.example.org/xapi", "holds a user or password"),
        ("https://lrs.example.org/xapi?key=secret", "has a query"),
        ("http://lrs.example.org/xapi", "unencrypted"),
    ],
)
def test_an_address_that_will_not_do_is_said_before_anything_is_sent(url: str, sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence) as refused:
        store(url)
    assert "secret" not in str(refused.value)


async def test_a_page_that_is_no_record_store_is_said(ralph: Ralph) -> None:
    async with store(ralph.url.removesuffix("/xAPI")) as lrs:
        with pytest.raises(RecordStoreError, match="no xAPI endpoint"):
            await lrs.deliver(sessions(1))
