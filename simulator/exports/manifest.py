"""The manifest of an export: which files there are, whose sessions they hold, and a checksum for each.

::

    {"format": "difficult-customer-simulator/manifest", "version": 1, "program": "0.1.0", "made_at": "2026-…Z",
     "files": [{"name": "….html",      relative to the manifest; "-" is standard output
                "format": "html", "bytes": n, "sha256": "…",
                "private": false,      whether stage directions are in it
                "redacted": false,     whether names and numbers were replaced
                "sessions": [{"id": …, "started_at": …, "persona": …, "ending": … or null,
                              "status": "graded", "not_graded" or null, "overall": 0 to 100 or null,
                              "passed": true, false or null}, …]}, …]}

A folder's manifest lists everything exported into it so far that is still there.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any, BinaryIO

from simulator.cleaning import one_line
from simulator.errors import TranscriptError
from simulator.exports.formats import export, exporter
from simulator.exports.options import Options
from simulator.exports.redaction import without_secrets
from simulator.exports.report import report_of
from simulator.exports.writing import whole, words_into
from simulator.settings import secret_values
from simulator.transcripts.records import Transcript

FORMAT, VERSION = "difficult-customer-simulator/manifest", 1
MANIFEST = "manifest.json"
_UNSAFE = re.compile(r"[^\w.-]+")


@dataclass(frozen=True)
class Job:
    """What is exported how; ``redacted`` says whether the transcripts come redacted."""

    fmt: str
    options: Options
    redacted: bool = False


def session_entry(transcript: Transcript) -> dict[str, Any]:
    """Return what a manifest says of one session, which comes without its secrets."""
    grade = report_of(transcript).grade
    return {
        "id": one_line(transcript.header.id),
        "started_at": one_line(transcript.header.started_at),
        "persona": one_line(transcript.header.persona),
        "ending": transcript.ending.value if transcript.ending else None,
        "status": None if grade is None else "graded" if grade.graded else "not_graded",
        "overall": grade.overall if grade else None,
        "passed": grade.passed if grade else None,
    }


def export_file(transcripts: Iterable[Transcript], job: Job, out: Path) -> dict[str, Any]:
    """Write all ``transcripts`` to the file ``out`` and return its entry; raises ``TranscriptError``."""
    sessions = _exported(transcripts, job, out)
    with out.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return _entry(out.name, job, out.stat().st_size, digest, sessions)


def export_stream(transcripts: Iterable[Transcript], job: Job, out: BinaryIO) -> dict[str, Any]:
    """Write all ``transcripts`` to ``out`` as they come and return the entry."""
    counted = _Counted(out)
    if exporter(job.fmt).binary:
        document = io.BytesIO()  # a document is put together before its first byte is known
        sessions = _exported(transcripts, job, document)
        counted.write(document.getvalue())
    else:
        with words_into(counted) as words:
            sessions = _exported(transcripts, job, words)
    return _entry("-", job, counted.bytes, counted.digest.hexdigest(), sessions)


def export_folder(
    transcripts: Iterable[Transcript], job: Job, folder: Path, told: Callable[[int, Path], None] | None = None
) -> None:
    """Write each transcript to a file of its own in ``folder``, made where it is missing, and the manifest at the end.

    ``told`` hears the number of files so far and the last of them. What was written before an interruption stays and
    is in the manifest. Raises ``TranscriptError``.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TranscriptError(f"{folder} cannot be made: {error.strerror or error}.", "Choose another place.") from None
    suffix, entries, names = exporter(job.fmt).suffix, [], set[str]()
    known = secret_values()
    try:
        for done, transcript in enumerate(transcripts, 1):
            session = one_line(without_secrets(transcript, known).header.id)
            path = folder / f"{_name(session, names)}{suffix}"
            entries.append(export_file([transcript], job, path))
            if told is not None:
                told(done, path)
    finally:
        if entries:
            write_manifest(folder / MANIFEST, entries)


def write_manifest(path: Path, entries: list[dict[str, Any]]) -> None:
    """Write the manifest of ``entries`` to ``path``, with what stood there of files that are there still."""
    new = {entry["name"] for entry in entries}
    kept = [entry for entry in _standing(path) if entry["name"] not in new]
    value = {
        "format": FORMAT,
        "version": VERSION,
        "program": version("difficult-customer-simulator"),
        "made_at": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "files": kept + entries,
    }
    with whole(path) as file:
        file.write((json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode("utf-8"))


def _standing(path: Path) -> list[dict[str, Any]]:
    """Return the entries of the manifest at ``path`` whose files are there; none where it is no manifest."""
    try:
        value = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return []
    if not isinstance(value, dict) or value.get("format") != FORMAT or not isinstance(value.get("files"), list):
        return []
    named = [entry for entry in value["files"] if isinstance(entry, dict) and isinstance(entry.get("name"), str)]
    return [
        entry
        for entry in named
        if Path(entry["name"]).name == entry["name"] and (path.parent / entry["name"]).is_file()
    ]


def _exported(transcripts: Iterable[Transcript], job: Job, out: Path | IO[Any]) -> list[dict[str, Any]]:
    """Write all ``transcripts`` to ``out`` and return the entries of their sessions."""
    sessions: list[dict[str, Any]] = []
    export(transcripts, job.fmt, out, job.options, told=lambda safe: sessions.append(session_entry(safe)))
    return sessions


def _name(session: str, taken: set[str]) -> str:
    """Return a file name for a session that no other session of this export has."""
    plain = _UNSAFE.sub("-", session).strip("-.")[:100] or "session"
    name, number = plain, 2
    while name.casefold() in taken:
        name, number = f"{plain}-{number}", number + 1
    taken.add(name.casefold())
    return name


def _entry(name: str, job: Job, size: int, digest: str, sessions: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "name": name,
        "format": exporter(job.fmt).name,
        "bytes": size,
        "sha256": digest,
        "private": job.options.private,
        "redacted": job.redacted,
        "sessions": sessions,
    }


class _Counted(io.RawIOBase):
    """Passes bytes on and keeps their number and checksum."""

    def __init__(self, out: BinaryIO) -> None:
        self._out, self.bytes, self.digest = out, 0, hashlib.sha256()

    def writable(self) -> bool:
        """Return True: that is what it is for."""
        return True

    def write(self, data: Any) -> int:
        """Pass ``data`` on."""
        self.bytes += len(data)
        self.digest.update(data)
        self._out.write(data)
        return len(data)
