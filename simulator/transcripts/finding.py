"""Finding sessions among many: by what they are, by what was said in them, and by their age."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from simulator.cleaning import one_line
from simulator.errors import TranscriptError
from simulator.transcripts.records import Role
from simulator.transcripts.store import Store
from simulator.transcripts.summaries import Summary

_DAYS = re.compile(r"^(\d{1,5})\s*d(?:ays?)?$")
_WORD = re.compile(r"[a-z0-9]{2,}")
_AROUND = 60
"""Characters of a turn shown on either side of what was searched for."""


@dataclass(frozen=True)
class Wanted:
    """What a list is cut down to; None or empty leaves that open. ``passed``: True, False, or the last scorecard's."""

    persona: str = ""
    passed: bool | None = None
    since: datetime | None = None
    trainee: str = ""

    def keeps(self, summary: Summary) -> bool:
        """True where ``summary`` is among what is wanted."""
        if self.persona.casefold() not in f"{summary.persona}\n{summary.persona_name}".casefold():
            return False
        if self.trainee.casefold() not in summary.trainee.casefold():
            return False
        if self.passed is not None and summary.passed is not self.passed:
            return False
        return self.since is None or ((at := begun(summary)) is not None and at >= self.since)


@dataclass(frozen=True)
class Hit:
    """One place where the words were found; ``turn`` is the turn's index, ``snippet`` what stands around them."""

    session: str
    path: Path
    turn: int
    role: Role
    snippet: str


def begun(summary: Summary) -> datetime | None:
    """Return when a session began: as its header says, else when its file last changed; None where nothing tells."""
    try:
        at = datetime.fromisoformat(summary.started_at)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except ValueError:
        try:
            return datetime.fromtimestamp(summary.path.stat().st_mtime, UTC)
        except OSError:
            return None


def since(text: str, now: datetime) -> datetime:
    """Return the moment that ``text`` names: a date, a time, or ``7d`` for seven days before ``now``."""
    if match := _DAYS.match(text.strip().lower()):
        return now - timedelta(days=int(match[1]))
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise TranscriptError(f"{text!r} is not a date.", "Write 2026-01-31, or 7d for the last seven days.") from None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def search(store: Store, text: str) -> Iterator[Hit]:
    """Yield where ``text`` was said, newest session first; case and runs of blanks make no difference.

    A session that cannot be read is passed over.
    """
    looked_for = one_line(text).casefold()
    if not looked_for:
        raise TranscriptError("There is nothing to search for.", "Write a word or more.")
    words = [word.encode() for word in _WORD.findall(looked_for)] if looked_for.isascii() else []
    for path in store.paths():
        try:
            raw = path.read_bytes().lower()
            if any(word not in raw for word in words):
                continue  # parsing every session would take minutes where there are thousands
            transcript = store.read(path)
        except (OSError, TranscriptError):
            continue
        for turn in transcript.turns:
            said = one_line(turn.text)
            place = said.casefold().find(looked_for)
            if place >= 0:
                yield Hit(path.stem, path, turn.index, turn.role, _snippet(said, place, len(looked_for)))


def _snippet(said: str, place: int, length: int) -> str:
    start, end = max(0, place - _AROUND), place + length + _AROUND
    return f"{'…' if start else ''}{said[start:end]}{'…' if end < len(said) else ''}"


def older_than(store: Store, days: int, now: datetime) -> Iterator[Summary]:
    """Yield the sessions, archived or not, that began more than ``days`` days before ``now``."""
    before = now - timedelta(days=days)
    for part in (store, store.archived):
        for summary in part.list():
            at = begun(summary)
            if at is not None and at < before:
                yield summary
