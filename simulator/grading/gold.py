"""Gold conversations: whole conversations with levels that people gave, to compare a grader with.

A line is a bare transcript with ``marks``: one object or a list of them, each with a level from 0 to 4 for every
criterion, and whatever else the marker wrote down. Where ``turns`` are missing, ``id`` is a saved session. The format
is described in ``docs/calibration.md``; the set that came with the program lies in ``gold/`` beside this module.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from simulator.errors import SimulatorError, TranscriptError
from simulator.grading.scorecard import CRITERIA
from simulator.transcripts.bare import conversation
from simulator.transcripts.lines import BadLineError, numbered, parse_object
from simulator.transcripts.records import BareTranscript, Role

BUILT_IN = Path(__file__).resolve().parent / "gold" / "gold.jsonl"
"""The gold set that came with the program: 72 conversations, two markings."""

_MARK_KEYS = {*CRITERIA, "by", "why", "acknowledged_before_solution", "passed"}
Session = Callable[[str], BareTranscript]


class GoldError(SimulatorError):
    """A gold file cannot be used. ``flaws`` names every line that has to be mended, in order."""

    def __init__(self, message: str, hint: str, flaws: Sequence[GoldFlaw] = ()) -> None:
        super().__init__(message, hint)
        self.flaws = tuple(flaws)


@dataclass(frozen=True)
class GoldFlaw:
    """Something wrong in a gold file: the 1-based line and what is wrong with it."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"Line {self.line} {self.message}."


@dataclass(frozen=True)
class Marking:
    """The levels (0 to 4, one for each of the three criteria) that ``by`` gave; ``passed`` is None where not said."""

    by: str
    levels: dict[str, int]
    passed: bool | None = None


@dataclass(frozen=True)
class GoldConversation:
    """A conversation and its markings; no two by the same marker."""

    bare: BareTranscript
    marks: tuple[Marking, ...]


@dataclass(frozen=True)
class Gold:
    """A gold set. ``sha256`` is the hash of its file; ``name`` is the file's, or ``bundled``."""

    name: str
    sha256: str
    conversations: tuple[GoldConversation, ...]

    @property
    def markers(self) -> tuple[str, ...]:
        """Everybody who marked, in the order of their first mark."""
        return tuple(dict.fromkeys(mark.by for item in self.conversations for mark in item.marks))


def no_session(name: str) -> BareTranscript:
    """Refuse to look up saved sessions: for gold sets that hold their own turns."""
    raise TranscriptError(f"There is no session {name!r}.")


def gold_hash(path: Path = BUILT_IN) -> str:
    """Return the sha256 of a gold file; raises ``GoldError`` where it cannot be read."""
    return hashlib.sha256(_bytes(path)).hexdigest()


def read_gold(path: Path = BUILT_IN, session: Session = no_session) -> Gold:
    """Return the gold set in the file at ``path``; ``session`` returns a saved session by its id.

    Raises ``GoldError`` where the file cannot be read, holds nothing, or any line of it is wrong: a figure over
    part of a file would be a figure for something else.
    """
    raw = _bytes(path)
    found: list[GoldConversation] = []
    flaws: list[GoldFlaw] = []
    seen: dict[str, int] = {}
    with path.open("rb") as file:
        for number, line in numbered(file):
            try:
                item = _conversation(parse_object(line), session)
                if item.bare.id in seen:
                    flaws.append(GoldFlaw(number, f"has the id {item.bare.id!r} of line {seen[item.bare.id]}"))
                seen.setdefault(item.bare.id, number)
                found.append(item)
            except BadLineError as error:
                flaws.append(GoldFlaw(number, str(error)))
    if flaws:
        more = f" ({len(flaws) - 1} more lines)" if len(flaws) > 1 else ""
        hint = "Mend it or take it out; docs/calibration.md shows the format."
        raise GoldError(f"The gold file {path} cannot be used: {flaws[0]}{more}", hint, flaws)
    if not found:
        raise GoldError(f"There is nothing in the gold file {path}.", "Write one marked conversation a line.")
    name = "bundled" if path == BUILT_IN else path.name
    return Gold(name, hashlib.sha256(raw).hexdigest(), tuple(found))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise GoldError(f"The gold file {path} cannot be read: {reason}.", "Check the name of the file.") from None


def _conversation(data: dict[str, object], session: Session) -> GoldConversation:
    if "turns" in data:
        bare = conversation(data)
    else:
        name = data.get("id")
        if not isinstance(name, str) or not name:
            raise BadLineError("has neither turns nor the id of a saved session")
        try:
            bare = session(name)
        except TranscriptError as error:
            raise BadLineError(f"has no turns, and its id is no saved session: {error.message.rstrip('.')}") from None
    if not any(turn.role is Role.TRAINEE for turn in bare.turns):
        raise BadLineError("has no turn of the trainee, so there is nothing to mark")
    given = data.get("marks")
    if isinstance(given, dict):
        given = [given]
    if not isinstance(given, list) or not given:
        raise BadLineError("has no marks; give acknowledge, presence and solution, each 0 to 4")
    marks = tuple(_marking(mark, number) for number, mark in enumerate(given, 1))
    names = [mark.by for mark in marks]
    if len(set(names)) < len(names):
        raise BadLineError("is marked twice by the same marker; give each a name of their own under by")
    return GoldConversation(bare, marks)


def _marking(data: object, number: int) -> Marking:
    if not isinstance(data, dict):
        raise BadLineError("has marks that are not an object with a level for each criterion")
    if unknown := sorted(set(data) - _MARK_KEYS):
        raise BadLineError(f"has marks under {unknown[0][:40]!r}, which is no criterion")
    by = data.get("by", str(number))
    if not isinstance(by, str) or not by.strip():
        raise BadLineError("has marks by somebody whose name is not text")
    levels: dict[str, int] = {}
    for name in CRITERIA:
        level = data.get(name)
        if not isinstance(level, int) or isinstance(level, bool) or not 0 <= level <= 4:
            what = "no level" if level is None else f"the level {json.dumps(level)[:20]}"
            raise BadLineError(f"has {what} for {name}; a level is a whole number from 0 to 4")
        levels[name] = level
    passed = data.get("passed")
    return Marking(by.strip(), levels, passed if isinstance(passed, bool) else None)
