"""How the processes of one user share one local server: a private folder with a state file, locks and leases.

A user of the server holds a lock on a lease file of its own; the operating system lets go of it when the process
ends, however it ends. The server looks at the leases and ends itself when none is held. ``gate`` is held by whoever
starts the server or ends it, so that nobody joins a server that is leaving; ``alive`` is held by the server as long
as it lives, so that a process id in the state file is never mistaken for another process's.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import BinaryIO

from filelock import FileLock, Timeout


@dataclass(frozen=True)
class ServerState:
    """A server as its state file tells: ``port`` is 0 until it is ``ready``; ``nonce`` names this very start."""

    pid: int
    nonce: str
    model: str
    port: int = 0
    key: str = field(default="", repr=False)
    ready: bool = False

    @property
    def base_url(self) -> str:
        """Address of its OpenAI-compatible endpoint."""
        return f"http://127.0.0.1:{self.port}/v1"


@dataclass(frozen=True)
class ServerOrder:
    """What a server to be started is told on its standard input, as one line of JSON."""

    folder: str
    model: str
    threads: int
    nonce: str
    key: str = field(repr=False)
    adapter: str = ""
    context: int = 16384
    slots: int = 8

    def line(self) -> str:
        """Return the line; it holds the key, so it goes nowhere else."""
        return json.dumps(asdict(self)) + "\n"


class Share:
    """The private folder of one model's server; ``make`` it before use."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.leases = folder / "leases"
        self.log = folder / "server.log"
        self._state = folder / "state.json"
        self.gate = private_lock(folder / "gate.lock")
        self.alive = private_lock(folder / "alive.lock")

    def make(self) -> None:
        """Make the folder where it is not there, for the user only; raises ``OSError``."""
        for path in (self.folder.parent, self.folder, self.leases):
            path.mkdir(parents=True, exist_ok=True, mode=0o700)
            with contextlib.suppress(OSError):
                path.chmod(0o700)

    def state(self) -> ServerState | None:
        """Return what the state file tells, or None where there is none that can be read."""
        try:
            return ServerState(**json.loads(self._state.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def write_state(self, state: ServerState) -> None:
        """Replace the state file; only the user may read it."""
        scratch = self._state.with_name(f"state.{state.nonce}")
        with open_private(scratch) as file:
            file.write(json.dumps(asdict(state)).encode())
        scratch.replace(self._state)

    def clear_state(self) -> None:
        """Remove the state file."""
        self._state.unlink(missing_ok=True)

    def server_lives(self) -> bool:
        """True while a server process holds ``alive``."""
        return _held(self.alive)

    def lease(self) -> FileLock:
        """Return a new lease, held. Call while holding ``gate``; release it with ``end_lease``."""
        lease = private_lock(self.leases / f"{os.getpid()}-{secrets.token_hex(4)}.lock")
        lease.acquire(timeout=2)
        return lease

    def in_use(self) -> bool:
        """True where at least one lease is held. Call from the server only: its own leases would not count."""
        return any(_held(private_lock(path)) for path in self.leases.glob("*.lock"))

    def sweep(self) -> None:
        """Delete the leases of processes that are gone. Call while holding ``gate``."""
        for path in self.leases.glob("*.lock"):
            if not _held(private_lock(path)):
                with contextlib.suppress(OSError):
                    path.unlink()


def end_lease(lease: FileLock) -> None:
    """Give a lease back."""
    lease.release()
    with contextlib.suppress(OSError):
        Path(lease.lock_file).unlink()


def private_lock(path: Path) -> FileLock:
    """Return a lock on ``path`` that any thread may let go of and only the user may open."""
    return FileLock(path, mode=0o600, thread_local=False)


def open_private(path: Path) -> BinaryIO:
    """Open ``path`` for writing bytes, empty, readable by the user only."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def _held(lock: FileLock) -> bool:
    """True where another holds ``lock``, or this process does."""
    if lock.is_locked:
        return True
    try:
        lock.acquire(blocking=False)
    except Timeout:
        return True
    lock.release()
    return False
