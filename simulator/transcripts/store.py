"""The append-only store: one JSONL file a session in one folder, private to its owner.

Files are named ``<started>-<persona>-<6 hex>.jsonl``, so that names sort by time. Nothing is ever
overwritten: a new grading or title is a new line. Locks are kept in ``.locks``, unsent drafts in ``.drafts``,
sessions put out of the way in ``archive``, which is a store of its own. A folder that the store makes is 0700,
every file 0600; a folder that was there keeps its mode.
"""

from __future__ import annotations

import contextlib
import difflib
import os
import re
import secrets
import tempfile
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from simulator.errors import TranscriptError
from simulator.transcripts.reading import read_file
from simulator.transcripts.records import SCHEMA_VERSION, Header, Record, TitleLine, Transcript
from simulator.transcripts.summaries import Summary, summarise
from simulator.transcripts.writing import (
    SessionFile,
    line_of,
    lock_of,
    locked,
    private_folder,
    sync,
    sync_folder,
    write_error,
)

ARCHIVE = "archive"
"""Name of the folder, inside a store's own, of the sessions that were put out of the way."""

_ID = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,150}$")
_STAMPED = re.compile(r"^\d{8}T\d{6}Z")
_UNSAFE = re.compile(r"[^a-z0-9]+")


def new_id(started_at: str, persona: str) -> str:
    """Return a fresh session id, ``<started>-<persona>-<6 hex>``, for a start time in ISO 8601."""
    try:
        started = datetime.fromisoformat(started_at)
    except ValueError:
        raise TranscriptError(f"{started_at!r} is not a time.", "Write it as 2026-01-31T09:30:00Z.") from None
    started = started.astimezone(UTC) if started.tzinfo else started.replace(tzinfo=UTC)
    name = _UNSAFE.sub("-", persona.lower()).strip("-")[:60] or "session"
    return f"{started:%Y%m%dT%H%M%SZ}-{name}-{secrets.token_hex(3)}"


class Store:
    """The sessions in ``folder``, which need not exist yet."""

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)

    @property
    def place(self) -> str:
        """Where the sessions are, for people."""
        return str(self.folder)

    @property
    def trouble(self) -> str:
        """What keeps the list from being whole, as a sentence; empty where nothing does."""
        return ""

    def waiting(self) -> tuple[Path, ...]:
        """Return the sessions that still have to be copied to where they are kept; none where they are kept here."""
        return ()

    def copy_waiting(self, told: Callable[[str], None] | None = None) -> int:  # noqa: ARG002 - for stores elsewhere
        """Copy what waits, telling each id, and return how many there were; raises ``TranscriptError``."""
        return 0

    def create(self, header: Header) -> SessionFile:
        """Start a session's file with ``header`` and return its writer, whose ``header`` is what was written.

        An empty ``header.id`` is filled in with ``new_id``. Raises ``TranscriptError`` where the id is taken
        or no file name, or the folder cannot be written.
        """
        private_folder(self.folder)
        if not header.id:
            header = header.model_copy(update={"id": self._free_id(header)})
        writer = SessionFile(self.folder / f"{_checked(header.id)}.jsonl", new=True, on_close=self._changed)
        try:
            writer.append(header)
        except TranscriptError:
            writer.close()
            with contextlib.suppress(OSError):
                writer.path.unlink()  # nothing of the session was written
            raise
        writer.header = header
        sync_folder(self.folder)
        return writer

    def add(self, header: Header, records: Iterable[Record]) -> str:
        """Put a whole session into the store at once, and return its id; a reader sees all of it or nothing.

        Raises ``TranscriptError`` where the id is taken or the session cannot be written.
        """
        private_folder(self.folder)
        header = header if header.id else header.model_copy(update={"id": self._free_id(header)})
        path = self.folder / f"{_checked(header.id)}.jsonl"
        with self._still(path):
            if path.exists():
                raise TranscriptError(f"There is a session {header.id} already.", f"Delete it, or move {path} away.")
            self._write(path, b"".join(map(line_of, (header, *records))), f"the session {header.id}")
            sync_folder(self.folder)
        self._changed(path)
        return header.id

    def read(self, which: str | Path) -> Transcript:
        """Return the session named by its id, the beginning of its id, or the path of its file.

        Damaged lines are left out and named in ``problems``. Raises ``TranscriptError`` where there is no
        such session or nothing of it can be used.
        """
        return read_file(self.find(which))

    def reopen(self, which: str | Path) -> tuple[Transcript, SessionFile]:
        """Return a session, ended or not, with a writer at its end: for a new grading or a note.

        Raises ``TranscriptError`` where another process has it open or a newer program wrote it.
        """
        path = self.find(which)
        writer = SessionFile(path, new=False, on_close=self._changed)
        try:
            transcript = read_file(path)
            _require_known(transcript)
        except BaseException:
            writer.close()
            raise
        writer.header = transcript.header
        writer.next_index = transcript.turns[-1].index + 1 if transcript.turns else 0
        return transcript, writer

    def resume(self, which: str | Path) -> tuple[Transcript, SessionFile]:
        """Return a session that was broken off and the writer to go on with.

        A customer turn that was cut is written down as such, so that it stands as it was shown. Raises
        ``TranscriptError`` where the session has ended, lost its header or is open elsewhere.
        """
        transcript, writer = self.reopen(which)
        try:
            _require_unfinished(transcript)
            if transcript.turns and transcript.turns[-1].cut:
                writer.append(transcript.turns[-1])
        except BaseException:
            writer.close()
            raise
        return transcript, writer

    def list(self) -> Iterator[Summary]:
        """Yield a summary of every session, newest first; a damaged file is summarised with its problems."""
        for path in self.paths():
            yield summarise(path)

    def rename(self, which: str | Path, title: str, at: str = "") -> str:
        """Give a session ``title``, as a new line, and return its id; an empty one takes the title away."""
        transcript, writer = self.reopen(which)
        with writer:
            writer.append(TitleLine(at=at, text=title))
        return transcript.header.id

    def delete(self, which: str | Path) -> str:
        """Remove a session, archived or not, and its draft for good, and return its id.

        Raises ``TranscriptError`` where it is open in another process or cannot be removed.
        """
        path = self.find(which)
        with self._still(path):
            self._unlink(path)
            self.clear_draft(path.stem)
        with contextlib.suppress(OSError):
            lock_of(path).unlink()
        return path.stem

    @property
    def archived(self) -> Store:
        """The store of the sessions that were put out of the way."""
        return Store(self.folder / ARCHIVE)

    def archive(self, which: str | Path) -> str:
        """Move a session out of the list into the archive and return its id; raises ``TranscriptError``."""
        return self._move(self.find(which), self.archived)

    def restore(self, which: str) -> str:
        """Bring a session back from the archive into the list and return its id; raises ``TranscriptError``."""
        return self.archived._move(self.archived.find(which), self)

    def _move(self, path: Path, to: Store) -> str:
        private_folder(to.folder)
        if path.parent == to.folder:
            raise TranscriptError(f"The session {path.stem} is there already.", "See simulator transcripts list.")
        if to._has(path.name):
            raise TranscriptError(f"There is a session {path.stem} in {to.place} already.", "Delete one of the two.")
        with self._still(path):
            self._relocate(path, to)
        to._changed(to.folder / path.name)
        return path.stem

    def _has(self, name: str) -> bool:
        """True where there is a session's file called ``name``."""
        return (self.folder / name).exists()

    def _relocate(self, path: Path, to: Store) -> None:
        try:
            path.replace(to.folder / path.name)
        except OSError as error:
            raise write_error(f"the session {path.stem}", error) from None
        sync_folder(to.folder)
        sync_folder(path.parent)

    def _changed(self, path: Path) -> None:
        """Hear that somebody has finished writing to the session at ``path``."""

    @contextlib.contextmanager
    def _still(self, path: Path) -> Iterator[None]:
        """Hold the session at ``path``, so that nobody writes to it meanwhile."""
        lock = locked(path)
        try:
            yield
        finally:
            lock.release()

    def _unlink(self, path: Path) -> None:
        try:
            path.unlink()
        except OSError as error:
            reason = error.strerror or str(error)
            raise TranscriptError(
                f"The session {path.stem} cannot be deleted: {reason}.", "Check the folder."
            ) from None
        sync_folder(path.parent)

    def latest(self) -> Summary | None:
        """Return the summary of the newest session, or None where there is none."""
        return next(self.list(), None)

    def find(self, which: str | Path) -> Path:
        """Return the path of the session named by id, beginning of id, or path; else ``TranscriptError``."""
        if isinstance(which, Path) or which.endswith(".jsonl") or "/" in which or os.sep in which:
            given = Path(which)
            for path in (given, self.folder / given.name):
                if path.is_file():
                    return path
            raise self._unknown(given.stem)
        if _ID.match(which) and (self.folder / f"{which}.jsonl").is_file():
            return self.folder / f"{which}.jsonl"
        matches = [path for path in self.paths() if which and path.stem.startswith(which)]
        if not matches and which and self.folder.name != ARCHIVE:
            matches = [path for path in self.archived.paths() if path.stem.startswith(which)]
        if len(matches) == 1:
            return matches[0]
        if matches:
            named = ", ".join(path.stem for path in matches[:3])
            named += ", …" if len(matches) > 3 else ""
            message = f"{len(matches)} sessions begin with {which!r}."
            raise TranscriptError(message, f"Write more of it: {named}.")
        raise self._unknown(which)

    def save_draft(self, session: str, text: str) -> None:
        """Keep what was typed and not sent: the whole of it or, after a crash, of what was before."""
        if not text:
            self.clear_draft(session)
            return
        path = self._draft(session)
        private_folder(path.parent)
        self._write(path, text.encode("utf-8", errors="replace"), "the draft")

    def load_draft(self, session: str) -> str:
        """Return what was typed and not sent in ``session``; empty where there is nothing."""
        try:
            return self._draft(session).read_bytes().decode("utf-8", errors="replace")
        except OSError:
            return ""

    def clear_draft(self, session: str) -> None:
        """Forget the draft of ``session``, if there is one."""
        with contextlib.suppress(OSError):
            self._draft(session).unlink()

    @staticmethod
    def _write(path: Path, data: bytes, what: str) -> None:
        """Write ``data`` as the file ``path``, private, on the disk, whole or not at all."""
        try:
            descriptor, scratch = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".new")  # made 0600
        except OSError as error:
            raise write_error(what, error) from None
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                sync(file.fileno())
            Path(scratch).replace(path)
        except OSError as error:
            with contextlib.suppress(OSError):
                Path(scratch).unlink()
            raise write_error(what, error) from None

    def _draft(self, session: str) -> Path:
        return self.folder / ".drafts" / f"{_checked(session)}.txt"

    def _free_id(self, header: Header) -> str:
        while (self.folder / f"{(session := new_id(header.started_at, header.persona))}.jsonl").exists():
            pass
        return session

    def paths(self) -> tuple[Path, ...]:
        """Return the session files, newest first: by the time in the name, else by the file's own."""
        try:
            found = [path for path in self.folder.iterdir() if path.suffix == ".jsonl" and path.is_file()]
        except OSError:
            return ()
        return tuple(sorted(found, key=_age, reverse=True))

    def _unknown(self, which: str) -> TranscriptError:
        ids = [path.stem for path in self.paths()]
        near = difflib.get_close_matches(which, ids, n=1, cutoff=0.5)
        near = near or [session for session in ids if which and which in session][:1]
        hint = f"Did you mean {near[0]}?" if near else "See simulator transcripts list."
        return TranscriptError(f"There is no session {which!r}.", hint)


def _require_known(transcript: Transcript) -> None:
    if transcript.header.schema_version > SCHEMA_VERSION:
        raise TranscriptError(
            f"The session {transcript.header.id} was written by a newer version of the program.",
            "Update the program to go on with it; it can still be read and exported.",
        )


def _require_unfinished(transcript: Transcript) -> None:
    session = transcript.header.id
    if transcript.ending is not None:
        raise TranscriptError(f"The session {session} has ended.", "Start a new one with the same persona.")
    if not transcript.header.persona_sha256:
        raise TranscriptError(
            f"The session {session} cannot be resumed: its header is lost.",
            "It can still be read, graded and exported.",
        )


def _checked(session: str) -> str:
    if not _ID.match(session):
        raise TranscriptError(
            f"{session[:80]!r} cannot be the id of a session.",
            "Use letters, digits, dots, hyphens and underscores.",
        )
    return session


def _age(path: Path) -> tuple[str, str]:
    if _STAMPED.match(path.stem):
        return path.stem[:16], path.stem
    try:
        changed = datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)
    except OSError:
        return "", path.stem
    return f"{changed:%Y%m%dT%H%M%SZ}", path.stem
