"""The real local model behind the real server: one journey, kept short, because it takes every core there is."""

# ruff: noqa: ASYNC110 - tests wait for files and processes of their own

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from simulator.models import local_server
from simulator.models.local_server import LocalModel, SharedServer
from simulator.models.protocol import Sampling
from simulator.models.server_share import Share
from simulator.settings import Settings

pytestmark = pytest.mark.model

SCENE = "CLERK: Hi, can I help you?\nDANA (overwhelmed): I need boxes. I don't know how many.\nCLERK: Aisle four.\nDANA (hurt):"


def user(folder: Path, path: Path) -> LocalModel:
    return LocalModel(SharedServer(folder, path, local_server.threads(Settings())), "real", request_timeout=120)


async def lines(model: LocalModel, n: int) -> dict[int, str]:
    whole: dict[int, str] = {}
    sampling = Sampling(max_tokens=16, n=n, min_p=0.08, stop=("\n",))
    async for chunk in model.complete(SCENE, sampling):
        whole[chunk.candidate] = whole.get(chunk.candidate, "") + chunk.text
    return whole


async def test_it_speaks_is_shared_comes_back_and_goes(local_model_path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "cache" / "servers" / "real"
    one, two = user(folder, local_model_path), user(folder, local_model_path)
    await one.read(SCENE)
    said = await lines(one, 4)
    assert set(said) == {0, 1, 2, 3}
    assert any(text.strip() for text in said.values())

    await two.check()
    state = Share(folder).state()
    assert state
    assert two.info.base_url == one.info.base_url

    os.kill(state.pid, signal.SIGTERM if os.name == "nt" else signal.SIGKILL)
    assert await lines(one, 1)
    again = Share(folder).state()
    assert again
    assert again.pid != state.pid

    await one.aclose()
    await two.aclose()
    async with asyncio.timeout(10):
        while Share(folder).server_lives():
            await asyncio.sleep(0.1)
