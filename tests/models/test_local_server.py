"""What the shared local server promises: one for all users, started when needed, gone when nobody is left."""

# ruff: noqa: ASYNC110, ASYNC240 - tests wait for files and processes of their own

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import stat
import sys
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

import pytest

from simulator import settings
from simulator.errors import ModelFileError, VoiceError
from simulator.models import children, local_server
from simulator.models.local_server import LocalModel, SharedServer
from simulator.models.protocol import Message, Model, Sampling
from simulator.models.server_share import Share

posix = pytest.mark.skipif(os.name != "posix", reason="signals and modes of POSIX")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "servers" / "abc"


@pytest.fixture
async def user(folder: Path) -> AsyncIterator[Callable[[], LocalModel]]:
    """Make users of the fake server in this process; each has left when the test is over, and the server too."""
    made: list[LocalModel] = []

    def one(tell: Callable[[str], None] | None = None) -> LocalModel:
        server = SharedServer(folder, Path("model"), 1, module="tests.models.fake_server_main")
        made.append(LocalModel(server, "fake", tell=tell))
        return made[-1]

    yield one
    for model in made:
        await model.aclose()
    if folder.exists():
        await until(lambda: not Share(folder).server_lives())


async def until(true: Callable[[], bool], seconds: float = 15.0) -> None:
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.05)


async def pid(model: LocalModel) -> int:
    """Ask the fake server for its process id."""
    return int("".join([chunk.text async for chunk in model.complete("A:", Sampling())]))


@contextlib.asynccontextmanager
async def another_process(folder: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, int]]:
    """A user in a process of its own, and the id of the server it talks to."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "tests.models.user_main", str(folder),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, env=children.environment(),
    )  # fmt: skip
    assert process.stdout
    assert process.stdin
    try:
        yield process, int(await asyncio.wait_for(process.stdout.readline(), 30))
    finally:
        process.stdin.close()
        await process.wait()


User = Callable[..., LocalModel]


async def test_it_starts_with_the_first_request_and_tells(folder: Path, user: User) -> None:
    told: list[str] = []
    one: Model = user(told.append)
    assert not folder.exists()
    await one.check()
    assert told == ["Loading the local model…"]
    assert one.info.kind == "local"
    assert one.info.prompting == "scene"


async def test_every_way_of_asking_works(user: User) -> None:
    one = user()
    await one.read("a prompt")
    assert [chunk async for chunk in one.chat([Message("user", "?")], Sampling())]


@posix
async def test_only_the_user_can_see_port_and_key(folder: Path, user: User) -> None:
    await user().check()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*") if path.is_file()} == {0o600}
    assert len((Share(folder).state() or pytest.fail()).key) >= 32


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="needs /proc")
async def test_the_key_is_on_no_command_line(folder: Path, user: User) -> None:
    await user().check()
    state = Share(folder).state()
    assert state
    for place in ("cmdline", "environ"):
        assert state.key.encode() not in Path(f"/proc/{state.pid}/{place}").read_bytes()
    assert state.key not in repr(state)


async def test_users_in_one_process_start_one_server(user: User) -> None:
    assert len(set(await asyncio.gather(pid(user()), pid(user()), pid(user())))) == 1


async def test_two_processes_share_one_server(folder: Path, user: User) -> None:
    one = user()
    async with another_process(folder) as (_, theirs):
        assert await pid(one) == theirs
    assert await pid(one) == theirs  # it stays for the one who is left


async def test_it_goes_when_the_last_user_leaves(folder: Path, user: User) -> None:
    one = user()
    await one.check()
    await one.aclose()
    await until(lambda: not Share(folder).server_lives(), 5)
    assert Share(folder).state() is None
    assert list((folder / "leases").iterdir()) == []


@posix
async def test_it_goes_when_its_user_is_killed(folder: Path) -> None:
    async with another_process(folder) as (process, _):
        process.kill()
        await process.wait()
        await until(lambda: not Share(folder).server_lives(), 5)


async def test_a_user_who_comes_back_gets_a_server(user: User) -> None:
    one = user()
    first = await pid(one)
    await one.aclose()
    assert await pid(one) >= 1
    assert first


@posix
async def test_a_killed_server_is_started_again_unnoticed(user: User) -> None:
    one, two = user(), user()
    first = await pid(one)
    await two.check()
    os.kill(first, signal.SIGKILL)
    second, third = await asyncio.gather(pid(one), pid(two))
    assert first != second == third


@posix
async def test_a_hung_server_is_replaced(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_server, "_healthy", partial(local_server._healthy, patience=0.3))
    first = await pid(user())
    os.kill(first, signal.SIGSTOP)
    assert await pid(user()) != first


async def test_a_cache_deleted_under_it_is_survived(folder: Path, user: User) -> None:
    one = user()
    first = await pid(one)
    shutil.rmtree(folder)
    with contextlib.suppress(ProcessLookupError):
        os.kill(first, signal.SIGTERM)
    await until(lambda: not Share(folder).server_lives())
    second = await pid(one)
    assert second != first
    await asyncio.sleep(1.5)  # longer than a server waits that has no user
    assert await pid(one) == second


async def test_a_start_that_fails_says_why(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_SERVER_BROKEN", "1")
    with pytest.raises(VoiceError, match="did not start") as caught:
        await user().check()
    assert "made of cheese" in caught.value.hint


async def test_a_cancelled_start_leaves_no_lock_behind(user: User) -> None:
    one = user()
    task = asyncio.create_task(one.check())
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(20):
        assert await pid(one)


def test_without_its_file_the_model_says_how_to_get_it() -> None:
    with pytest.raises(ModelFileError) as caught:
        local_server.open_local(settings.load())
    assert "models pull" in caught.value.hint


def test_each_model_has_a_server_of_its_own(tmp_path: Path) -> None:
    chosen = settings.load()
    (tmp_path / "a.gguf").write_bytes(b"GGUF")
    (tmp_path / "b.gguf").write_bytes(b"GGUF")
    one, two = (local_server.server_folder(chosen, tmp_path / name) for name in ("a.gguf", "b.gguf"))
    assert one != two
    assert local_server.server_folder(chosen, tmp_path / "a.gguf", "f" * 64) not in (one, two)


def test_threads_are_as_set_or_as_many_as_cores() -> None:
    assert local_server.threads(settings.load(threads=3)) == 3
    assert local_server.threads(settings.load()) >= 1
