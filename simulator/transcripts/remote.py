"""Sessions on a share or in object storage: written here, copied there.

No such place can take a line and promise that it is on a disk, so each session is written to a private spool
first, by the same writer as any other, and copied as a whole when it is put down. What could not be copied waits in
the spool, through any crash, until a later start, session or ``transcripts sync``.

The spool is also the cache of what is over there. Files only ever grow, so their size tells whether a copy is up to
date: ``.copied`` in the spool holds, for each session, the size that both had when they were last the same.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from simulator.cleaning import one_line
from simulator.errors import TranscriptError
from simulator.transcripts.store import ARCHIVE, Store
from simulator.transcripts.writing import SessionOpenError, private_folder

FRESH = 5.0
"""Seconds for which a list of what is over there is good."""
RETRY = 60.0
"""Seconds after which what could not be reached is tried again."""
PATIENCE = 10.0
"""Seconds that the end of the program waits for copies under way."""
_SIGN = ".sessions"
"""A file that says that the folder is there, also where it holds no session and folders are only names."""
_SESSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,150}\.jsonl")
_CREDENTIALS = re.compile(r"(?<=://)[^/@]*@")


def open_remote(address: str, spools: Path) -> RemoteStore:
    """Return the store at ``address`` with a spool of its own under ``spools``. Nothing is connected yet.

    Raises ``TranscriptError`` where there is no such kind of place, or the package for it is missing.
    """
    import fsspec  # noqa: PLC0415 - only who keeps sessions elsewhere waits for it

    scheme = address.split("://", 1)[0]
    try:
        path: str = fsspec.get_filesystem_class(scheme)._strip_protocol(address)
    except ImportError as error:
        named = re.search(r"[Ii]nstall (?:the )?[\"'`]?([\w.\[\]-]+)", str(error))
        package = named[1] if named else "the package for it"
        raise TranscriptError(f"{scheme}:// needs a package that is not here.", f"Install {package}.") from None
    except ValueError:
        hint = "Write it like s3://bucket/practice or sftp://host/practice, or use a folder."
        raise TranscriptError(f"There is no kind of place called {scheme}://.", hint) from None
    folder = spools / hashlib.sha256(address.encode()).hexdigest()[:16]
    return RemoteStore(_without_credentials(address), _Connection(address), path.rstrip("/"), folder)


class _Connection:
    """The far file system (fsspec), connected when it is first needed; ``line`` is held by who uses it."""

    def __init__(self, address: str) -> None:
        self.line = threading.RLock()
        self._address = address
        self._files: Any = None

    @property
    def files(self) -> Any:
        """The file system; raises whatever its kind raises where it cannot be reached."""
        if self._files is None:
            import fsspec  # noqa: PLC0415 - as above

            self._files = fsspec.core.url_to_fs(self._address, skip_instance_cache=True)[0]
        return self._files

    def drop(self) -> None:
        """Connect afresh next time: a server may have hung up."""
        self._files = None


class RemoteStore(Store):
    """The sessions at ``path`` of a far file system, worked on in the folder ``spool``."""

    def __init__(self, place: str, far: _Connection, path: str, spool: Path) -> None:
        super().__init__(spool)
        self._place, self._far, self._path = place, far, path
        self._good_until = 0.0
        self._trouble = ""
        self._guard = threading.Lock()
        self._wanted = False
        self._copier: threading.Thread | None = None
        self._archive: RemoteStore | None = None

    @property
    def place(self) -> str:
        """The address, without a password."""
        return self._place

    @property
    def trouble(self) -> str:
        """Why what is over there cannot be seen, after it was last looked for; empty where it can."""
        return self._trouble

    @property
    def archived(self) -> RemoteStore:
        """The archive, in a folder below."""
        if self._archive is None:
            path, folder = f"{self._path}/{ARCHIVE}", self.folder / ARCHIVE
            self._archive = RemoteStore(f"{self._place}/{ARCHIVE}", self._far, path, folder)
        return self._archive

    def find(self, which: str | Path) -> Path:
        """Return the path in the spool of the session named, fetched where it has changed over there."""
        self.refresh()
        return super().find(which)

    def paths(self) -> tuple[Path, ...]:
        """Return the sessions here and over there, newest first."""
        self.refresh()
        return super().paths()

    # -- bringing here what is over there --

    def refresh(self, *, at_once: bool = False) -> None:
        """Make the spool hold what is over there; where that cannot be reached, say why in ``trouble``."""
        with self._far.line:
            if not at_once and time.monotonic() < self._good_until:
                return
            try:
                there = self._sizes()
                for session, size in (there or {}).items():
                    path = self.folder / f"{session}.jsonl"
                    if not self._waits(path) and (not path.exists() or path.stat().st_size != size):
                        self._fetch(path)
                if there is not None:
                    self._forget(there)
                self._trouble, self._good_until = "", time.monotonic() + FRESH
            except TranscriptError as error:
                self._trouble, self._good_until = str(error), time.monotonic() + RETRY

    def _sizes(self) -> dict[str, int] | None:
        """Return the size of each session over there by id, or None where there is no such folder yet."""
        with self._reached():
            self._far.files.invalidate_cache()
            try:
                entries = self._far.files.ls(self._path, detail=True)
            except FileNotFoundError:
                return None
        found = {}
        for entry in entries:
            name = str(entry["name"]).rsplit("/", 1)[-1]
            if entry.get("type") == "file" and _SESSION.fullmatch(name):
                found[name.removesuffix(".jsonl")] = int(entry.get("size") or 0)
        return found

    def _fetch(self, path: Path) -> None:
        """Take what has been added over there; what is here and not there is never given up, it waits."""
        private_folder(self.folder)
        with contextlib.suppress(SessionOpenError), self._still(path):
            with self._reached():
                data = self._far.files.cat_file(f"{self._path}/{path.name}")
            if path.exists() and not data.startswith(path.read_bytes()):
                self._copied(path).unlink(missing_ok=True)
                return
            self._write(path, data, f"the session {path.stem}")
            self._note_copied(path, len(data))

    def _forget(self, there: dict[str, int]) -> None:
        """Let go of the copies of what somebody has deleted over there."""
        for path in super().paths():
            if path.stem not in there and not self._waits(path):
                with contextlib.suppress(SessionOpenError), self._still(path):
                    path.unlink(missing_ok=True)
                    self._copied(path).unlink(missing_ok=True)

    # -- taking there what is here --

    def waiting(self) -> tuple[Path, ...]:
        """Return the sessions here, archived or not, that are not over there as they are here."""
        mine = tuple(path for path in super().paths() if self._waits(path))
        return (*mine, *self.archived.waiting()) if self.folder.name != ARCHIVE else mine

    def copy_waiting(self, told: Callable[[str], None] | None = None) -> int:
        """Copy everything that waits and return how many were copied; raises ``TranscriptError`` at the first failure.

        A session that somebody is writing is copied as far as it goes, and waits on.
        """
        done = 0
        for path in self.waiting():
            (self if path.parent == self.folder else self.archived)._copy(path)
            done += 1
            if told is not None:
                told(path.stem)
        return done

    def _copy(self, path: Path) -> None:
        target, scratch = f"{self._path}/{path.name}", f"{self._path}/.{path.name}.part"
        with self._reached():
            try:
                data = path.read_bytes()
            except FileNotFoundError:  # deleted or moved meanwhile
                return
            data = data[: data.rfind(b"\n") + 1]
            files = self._far.files
            files.invalidate_cache()
            files.makedirs(self._path, exist_ok=True)
            if not files.exists(f"{self._path}/{_SIGN}"):
                files.pipe_file(f"{self._path}/{_SIGN}", b"sessions of the difficult-customer simulator\n")
            there = files.cat_file(target) if files.exists(target) else b""
            if not data.startswith(there):
                raise TranscriptError(
                    f"The session {path.stem} was changed here and at {self._place}.",
                    f"Import {path} under another name, then delete it there.",
                )
            files.pipe_file(scratch, data)
            try:
                files.mv(scratch, target)
            except Exception:  # some servers do not rename onto a file that is there
                files.rm_file(target)
                files.mv(scratch, target)
            self._note_copied(path, len(data))

    def _changed(self, path: Path) -> None:  # noqa: ARG002 - whatever waits is copied with it
        """Copy in the background, so that neither screen nor command waits."""
        with self._guard:
            self._wanted = True
            if self._copier is None or not self._copier.is_alive():
                self._copier = threading.Thread(target=self._copy_wanted, name="copy sessions", daemon=True)
                _copying.append(self._copier)
                self._copier.start()

    def _copy_wanted(self) -> None:
        while True:
            with self._guard:
                if not self._wanted:
                    self._copier = None
                    return
                self._wanted = False
            with contextlib.suppress(TranscriptError, OSError):  # it waits, and doctor says so
                self.copy_waiting()

    # -- deleting and moving --

    def _unlink(self, path: Path) -> None:
        part = self._part_of(path)
        with self._reached():
            files, target = self._far.files, f"{part._path}/{path.name}"
            files.invalidate_cache()
            if files.exists(target):
                files.rm_file(target)
            super()._unlink(path)
            part._copied(path).unlink(missing_ok=True)

    def _has(self, name: str) -> bool:
        self.refresh(at_once=True)  # what somebody has moved away over there is not in the way here
        return super()._has(name)

    def _relocate(self, path: Path, to: Store) -> None:
        source = self._part_of(path)
        if isinstance(to, RemoteStore):
            with self._reached():
                files, old = self._far.files, f"{source._path}/{path.name}"
                files.invalidate_cache()
                if files.exists(old):
                    files.makedirs(to._path, exist_ok=True)
                    files.mv(old, f"{to._path}/{path.name}")
        super()._relocate(path, to)
        if isinstance(to, RemoteStore):
            with contextlib.suppress(FileNotFoundError):
                private_folder(to.folder / ".copied")
                source._copied(path).replace(to._copied(path))

    def _part_of(self, path: Path) -> RemoteStore:
        return self if path.parent == self.folder else self.archived

    # -- what is known of each copy --

    def _copied(self, path: Path) -> Path:
        return path.parent / ".copied" / path.stem

    def _waits(self, path: Path) -> bool:
        try:
            return int(self._copied(path).read_bytes() or b"-1") != path.stat().st_size
        except FileNotFoundError:
            return path.exists()
        except ValueError:
            return True

    def _note_copied(self, path: Path, size: int) -> None:
        private_folder(path.parent / ".copied")
        self._write(self._copied(path), str(size).encode(), "the note of a copy")

    @contextlib.contextmanager
    def _reached(self) -> Iterator[None]:
        """Have the connection, and turn whatever a far file system raises into one sentence."""
        try:
            with self._far.line:
                yield
        except TranscriptError:
            raise
        except Exception as error:
            self._far.drop()
            reason = one_line(_CREDENTIALS.sub("", str(error)))[:200] or type(error).__name__
            raise TranscriptError(
                f"{self._place} cannot be reached: {reason}.",
                "Sessions are safe here and are copied later; try simulator transcripts sync.",
            ) from None


def _without_credentials(address: str) -> str:
    return _CREDENTIALS.sub("", address)


_copying: list[threading.Thread] = []


def settle(seconds: float = PATIENCE) -> None:
    """Wait up to ``seconds`` for copies under way; what is not done then waits for a later start."""
    end = time.monotonic() + seconds
    for thread in list(_copying):
        thread.join(max(0.0, end - time.monotonic()))
        if not thread.is_alive():
            _copying.remove(thread)


atexit.register(settle)
