"""The writer of one session's file: a line is on the disk before ``append`` returns, or not in it at all."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from filelock import FileLock, Timeout
from pydantic_core import PydanticSerializationError

from simulator.errors import TranscriptError
from simulator.transcripts.records import Header, Record, Turn

_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
_NO_FSYNC = {errno.EINVAL, errno.ENOSYS, getattr(errno, "ENOTSUP", errno.EINVAL)}
_FLAGS = os.O_APPEND | os.O_RDWR | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


class SessionOpenError(TranscriptError):
    """Another writer has the session open."""


def line_of(record: Record) -> bytes:
    """Return ``record`` as one JSON line; what has no place in UTF-8 becomes a question mark."""
    try:
        text = record.model_dump_json(exclude_none=True)
    except PydanticSerializationError:
        text = json.dumps(record.model_dump(exclude_none=True), ensure_ascii=False, default=str)
    return text.encode("utf-8", errors="replace") + b"\n"


def sync(descriptor: int) -> None:
    """Force what was written to the disk, where the file system can."""
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NO_FSYNC:
            raise


def sync_folder(folder: Path) -> None:
    """Force the names in ``folder`` to the disk; nothing where the system has no such thing (Windows)."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def write_error(what: str, error: OSError) -> TranscriptError:
    """Return the sentence for a failed write of ``what``."""
    if error.errno in _FULL:
        return TranscriptError(
            f"The disk is full: {what} could not be saved.",
            "Free some space and go on; everything before it is safe.",
        )
    reason = error.strerror or str(error)
    message = f"{what[:1].upper()}{what[1:]} could not be saved: {reason}."
    return TranscriptError(message, "Check the transcripts folder.")


def private_folder(folder: Path) -> None:
    """Make ``folder`` for its owner alone (0700) where there is none; one that exists keeps its mode."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or str(error)
        raise TranscriptError(
            f"The folder {folder} cannot be made: {reason}.",
            "Set SIMULATOR_TRANSCRIPTS to a folder of yours.",
        ) from None


class SessionFile:
    """The one writer of one session. Made by ``Store``; use as a context manager or ``close`` it.

    Safe to use from several threads. The lock is the operating system's, so it dies with the process.
    """

    def __init__(self, path: Path, *, new: bool, on_close: Callable[[Path], None] | None = None) -> None:
        self._on_close = on_close
        self.path = path
        """Where the session is saved."""
        self.header: Header | None = None
        """The session's first line, once it is known."""
        self.next_index = 0
        """Index the next turn should have: one more than the highest in the file."""
        self._guard = threading.Lock()
        self._lock = locked(path)
        try:
            flags = _FLAGS | (os.O_CREAT | os.O_EXCL if new else 0)
            self._descriptor = os.open(path, flags, 0o600)
        except OSError as error:
            self._lock.release()
            if isinstance(error, FileExistsError):
                raise TranscriptError(
                    f"There is a session {path.stem} already.", f"Resume it, or move {path} away."
                ) from None
            raise write_error(f"the session {path.stem}", error) from None
        self._closed = False
        self._end = os.fstat(self._descriptor).st_size
        self._torn = self._end > 0 and self._last_byte() != b"\n"

    @property
    def id(self) -> str:
        """The session's id: the file's name without its suffix."""
        return self.path.stem

    def append(self, record: Record) -> None:
        """Write ``record`` as one line and return when it is on the disk.

        Raises ``TranscriptError`` where it cannot be written: then the file ends where it did before, every
        earlier line stands, and the same record may be appended again once there is room.
        """
        line = line_of(record)
        with self._guard:
            if self._closed:
                raise TranscriptError(f"The session {self.id} is closed.", "Resume it to go on.")
            if self._torn:
                line = b"\n" + line
            try:
                self._write(line)
                sync(self._descriptor)
            except OSError as error:
                self._take_back()
                raise write_error("the last line of the session", error) from None
            self._end += len(line)
            self._torn = False
            if isinstance(record, Turn):
                self.next_index = max(self.next_index, record.index + 1)

    def close(self) -> None:
        """Let go of the file and of the lock; harmless a second time."""
        with self._guard:
            if self._closed:
                return
            self._closed = True
            os.close(self._descriptor)
            self._lock.release()
        if self._on_close is not None:
            self._on_close(self.path)

    def _write(self, line: bytes) -> None:
        written = os.write(self._descriptor, line)
        while written < len(line):  # a full disk takes a part and refuses the rest
            more = os.write(self._descriptor, line[written:])
            if more == 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            written += more

    def _take_back(self) -> None:
        """Cut the file back to its last good end; where that fails, the next line starts on a fresh one."""
        try:
            os.ftruncate(self._descriptor, self._end)
        except OSError:
            self._end = os.fstat(self._descriptor).st_size
            self._torn = self._end > 0 and self._last_byte() != b"\n"

    def _last_byte(self) -> bytes:
        os.lseek(self._descriptor, -1, os.SEEK_END)
        return os.read(self._descriptor, 1)

    def __enter__(self) -> SessionFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def lock_of(path: Path) -> Path:
    """Return where the lock of the session at ``path`` lives."""
    return path.parent / ".locks" / f"{path.stem}.lock"


def locked(path: Path) -> FileLock:
    """Return the held lock of the session at ``path``; raises ``SessionOpenError`` where another holds it."""
    private_folder(lock_of(path).parent)
    lock = FileLock(lock_of(path), timeout=0, mode=0o600, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        raise SessionOpenError(
            f"The session {path.stem} is open in another window.", "Close it there, or wait for it to end."
        ) from None
    except OSError as error:
        raise write_error(f"the session {path.stem}", error) from None
    return lock
