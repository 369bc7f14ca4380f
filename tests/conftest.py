"""What every test relies on: a home of its own, no real endpoint, no network, and the real model fetched once."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from simulator.models import openai_client
from tests.ralph import Ralph, environment

_USERS_OWN = dict(os.environ)
"""The environment before tests isolate themselves: where the user's cache is, how packages are fetched."""

_FETCH = """
import asyncio
from simulator.models import catalogue
from simulator.settings import Settings
print(asyncio.run(catalogue.fetch(catalogue.DEFAULT, Settings())))
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own; nothing of the user's settings, keys or caches is seen."""
    for name in list(os.environ):
        if name.startswith(("SIMULATOR_", "OPENAI_", "HF_")):
            monkeypatch.delenv(name)
    place = tmp_path / "home"
    monkeypatch.setenv("SIMULATOR_HOME", str(place))
    return place


@pytest.fixture(autouse=True)
def only_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """No model beyond loopback, and no connection of this process either."""
    monkeypatch.setattr(openai_client, "ALLOW_NETWORK_MODELS", False)
    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, _local_only(getattr(socket.socket, name)))


@pytest.fixture(scope="session")
def local_model_path() -> Iterator[Path]:
    """The default local model in the user's own cache, fetched through the catalogue where it is not there yet."""
    done = subprocess.run(
        [sys.executable, "-c", _FETCH], env=_USERS_OWN, capture_output=True, text=True, timeout=3600, check=False
    )
    if done.returncode != 0:
        pytest.fail(f"the local model could not be fetched: {done.stderr.strip().splitlines()[-1:]}")
    yield Path(done.stdout.strip())


@pytest.fixture(scope="session")
def ralph_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that holds a learning record store."""
    return environment(tmp_path_factory.mktemp("ralph"), _USERS_OWN)


@pytest.fixture(scope="session")
def running_ralph(ralph_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ralph]:
    """A learning record store that runs for all tests."""
    store = Ralph(ralph_python, tmp_path_factory.mktemp("store"), _USERS_OWN)
    store.start()
    yield store
    store.stop()


@pytest.fixture
def ralph(running_ralph: Ralph) -> Ralph:
    """The learning record store, with nothing in it."""
    running_ralph.forget()
    return running_ralph


def _local_only(connect: Any) -> Any:
    def guarded(self: socket.socket, address: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_local(str(address[0])):
            raise AssertionError(f"a test tried to reach {address[0]}")
        return connect(self, address)

    return guarded


def _is_local(host: str) -> bool:
    try:
        return ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host == "localhost"
