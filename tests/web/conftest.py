"""The program served as a person serves it, and a browser as far as its screens need one."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest

from tests.cli.conftest import environment, labelers

__all__ = ["environment", "labelers"]

Served = Callable[..., Any]


@pytest.fixture
def served(environment: dict[str, str], tmp_path: Path) -> Served:
    """Run ``simulator serve`` while the context lasts; gives the address it prints, without its path unless ``whole``."""

    @contextmanager
    def serve(*arguments: str, whole: bool = False, **extra: str) -> Iterator[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "simulator", "serve", "--port", "0", *arguments],
            env={**environment, "SIMULATOR_VOICE": "scripted", "PYTHONUNBUFFERED": "1", **extra},
            cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"http://\S+", line)
        assert found, line + (process.stderr.read() if process.stderr else "")
        try:
            yield found[0] if whole else found[0][: -len(urlsplit(found[0]).path)]
        finally:
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=60)
            assert process.returncode == 0, out + err
            assert "Traceback" not in err

    return serve


class Browser:
    """One page: the socket that its script would open, and what was shown on it so far."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket, self.shown = socket, b""

    async def until(self, done: Callable[[], bool]) -> None:
        """Look at what is shown until ``done``; the test fails where the page closes before."""
        while not done():
            message = await self.socket.receive()
            assert message.type is aiohttp.WSMsgType.BINARY, (message, self.shown[-2000:])
            self.shown += message.data

    async def type(self, keys: str) -> None:
        """Press ``keys``."""
        await self.socket.send_json(["stdin", keys])

    async def handed_over(self) -> str:
        """Wait for a file that the program hands over and return its key."""
        while (message := await self.socket.receive()).type is not aiohttp.WSMsgType.TEXT:
            assert message.type is aiohttp.WSMsgType.BINARY, message
        kind, key = message.json()
        assert kind == "deliver_file_start"
        return str(key)

    async def leave(self) -> None:
        """Quit the program and wait until the page closes."""
        await self.type("\x11")
        while (await self.socket.receive()).type is aiohttp.WSMsgType.BINARY:
            pass
