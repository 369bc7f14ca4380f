"""Reading a session back from its file: whatever can be used is used, whatever cannot is named."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from simulator.errors import TranscriptError
from simulator.transcripts.lines import BadLineError, numbered, parse_object
from simulator.transcripts.records import (
    SCHEMA_VERSION,
    CorrectionLine,
    Ending,
    EndingLine,
    Header,
    LabelsLine,
    NoteLine,
    Piece,
    Record,
    Role,
    ScorecardLine,
    TitleLine,
    Transcript,
    Turn,
)

MAX_PROBLEMS = 20
"""How many problems of one file are named; the rest are counted."""

LOST_HEADER = "The header is missing or damaged: persona and date are taken from the file's name."

_KINDS: dict[str, type[Record]] = {
    "header": Header,
    "turn": Turn,
    "piece": Piece,
    "ending": EndingLine,
    "labels": LabelsLine,
    "scorecard": ScorecardLine,
    "correction": CorrectionLine,
    "note": NoteLine,
    "title": TitleLine,
}
_BEFORE_VERSIONS = {"persona": "", "persona_sha256": "", "seed": 0, "voice": ""}
"""What stands in a header of version 0 for the fields it had not got yet."""
_NAME = re.compile(r"^(?P<at>\d{8}T\d{6}Z)-(?P<persona>.+)-[0-9a-f]{6}$")
_MAX_REPAIRS = 100


@dataclass
class Problems:
    """What could not be used, in plain words and in the order it was met; bounded by ``MAX_PROBLEMS``."""

    messages: list[str] = field(default_factory=list)
    left_off: int = 0

    def add(self, message: str, number: int | None = None) -> None:
        """Note ``message``, about line ``number`` where given."""
        if len(self.messages) < MAX_PROBLEMS:
            self.messages.append(message if number is None else f"Line {number} {message}.")
        else:
            self.left_off += 1

    def as_tuple(self) -> tuple[str, ...]:
        """Return the messages, with a last one that counts what was left off."""
        more = (f"{self.left_off} more problems are not listed.",) if self.left_off else ()
        return (*self.messages, *more)


def read_record(data: dict[str, object], number: int, problems: Problems) -> Record | None:
    """Return the record that ``data`` holds, or None; either way say in ``problems`` what was left out.

    Fields that this version does not know, or whose values it cannot use, are dropped where the record can
    stand without them: that is how the file of a newer program is read as far as it can be.
    """
    kind = data.get("kind")
    model = _KINDS.get(kind) if isinstance(kind, str) else None
    if model is None:
        what = "does not say what kind it is"
        if "kind" in data:
            what = f"is of the unknown kind {str(kind)[:40]!r}"
        problems.add(f"{what} and was passed over", number)
        return None
    if kind == "header" and not data.setdefault("schema_version", 0):
        data = _BEFORE_VERSIONS | data
    dropped: list[str] = []
    for _ in range(_MAX_REPAIRS):
        try:
            record = model.model_validate(data)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False, include_input=False)[0]
            path = list(first["loc"][:-1]) if first["type"] == "missing" else list(first["loc"])
            if not path or not _drop(data, path):
                what = " ".join(str(part) for part in first["loc"])
                problems.add(f"cannot be used: its {what} is missing or wrong", number)
                return None
            dropped.append(".".join(str(part) for part in path))
        else:
            if dropped:
                names = ", ".join(name[:40] for name in dict.fromkeys(dropped[:5]))
                problems.add(f"holds what this version cannot use ({names}); that was left out", number)
            return record
    problems.add("holds too many values that this version cannot use and was passed over", number)
    return None


def _drop(data: object, path: list[int | str]) -> bool:
    """Delete the value at ``path`` inside ``data``; False where there is none."""
    try:
        for part in path[:-1]:
            data = data[part]  # type: ignore[index]
        del data[path[-1]]  # type: ignore[attr-defined]
    except (KeyError, IndexError, TypeError):
        return False
    return True


def header_from_name(name: str) -> Header:
    """Return a stand-in header for a file whose own is lost: what its name tells."""
    match = _NAME.match(name)
    at = match["at"] if match else ""
    started = f"{at[:4]}-{at[4:6]}-{at[6:11]}:{at[11:13]}:{at[13:15]}Z" if at else ""
    persona = match["persona"] if match else ""
    return Header(id=name, started_at=started, persona=persona, persona_sha256="", seed=0, voice="")


class _Reader:
    """Takes the lines of one session in order and puts the transcript together."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.problems = Problems()
        self.header: Header | None = None
        self.ending: Ending | None = None
        self.turns: dict[int, Turn] = {}
        self.pieces: dict[int, list[str]] = {}
        self.scorecards: list[ScorecardLine] = []
        self.labellings: list[LabelsLine] = []
        self.corrections: list[CorrectionLine] = []
        self.notes: list[NoteLine] = []
        self.title = ""
        self.seen = False

    def take(self, number: int, line: bytes | str | None) -> None:
        """Use one line or say why not."""
        self.seen = True
        try:
            data = parse_object(line)
        except BadLineError as error:
            self.problems.add(str(error), number)
            return
        record = read_record(data, number, self.problems)
        if isinstance(record, Header):
            self._take_header(number, record)
        elif isinstance(record, Turn):
            self._take_turn(number, record)
        elif isinstance(record, Piece):
            self.pieces.setdefault(record.index, []).append(record.text)
        elif isinstance(record, EndingLine):
            self.ending = record.ending
        elif isinstance(record, ScorecardLine):
            self.scorecards.append(record)
        elif isinstance(record, LabelsLine):
            self.labellings.append(record)
        elif isinstance(record, CorrectionLine):
            self.corrections.append(record)
        elif isinstance(record, NoteLine):
            self.notes.append(record)
        elif isinstance(record, TitleLine):
            self.title = record.text

    def _take_header(self, number: int, header: Header) -> None:
        if self.header is not None:
            self.problems.add("is a second header and was passed over", number)
            return
        self.header = header
        if header.schema_version > SCHEMA_VERSION:
            self.problems.add(
                f"The file was written by a newer version of the program (format {header.schema_version}, "
                f"known here: {SCHEMA_VERSION}); it was read as far as it can be."
            )

    def _take_turn(self, number: int, turn: Turn) -> None:
        earlier = self.turns.get(turn.index)
        if earlier is not None and not earlier.cut:
            self.problems.add(f"repeats turn {turn.index + 1} and was passed over", number)
            return
        self.turns[turn.index] = turn
        self.pieces.pop(turn.index, None)

    def result(self) -> Transcript:
        """Return the transcript; raises ``TranscriptError`` where nothing at all could be used."""
        if not self.seen:
            raise TranscriptError(
                f"The session {self.name} is empty: it was cut off before it began.", "Practise again."
            )
        if self.header is None:
            if not (self.turns or self.pieces or self.scorecards or self.labellings or self.notes):
                first = self.problems.messages[0] if self.problems.messages else ""
                raise TranscriptError(
                    f"{self.name} is not a session of this program. {first}".strip(),
                    "Name a file from the transcripts folder, or see simulator transcripts list.",
                )
            self.header = header_from_name(self.name)
            self.problems.add(LOST_HEADER)
        for index, texts in self.pieces.items():
            before = self.turns.get(index)
            shown = (before.text if before and before.cut else "") + "".join(texts)
            if shown and (before is None or before.cut):
                cut = before or Turn(index=index, role=Role.CUSTOMER, text="", cut=True)
                self.turns[index] = cut.model_copy(update={"text": shown})
        turns = tuple(self.turns[index] for index in sorted(self.turns))
        for last, turn in zip((-1, *(t.index for t in turns)), turns, strict=False):
            if turn.index == last + 2:
                self.problems.add(f"Turn {last + 2} is missing.")
            elif turn.index > last + 2:
                self.problems.add(f"Turns {last + 2} to {turn.index} are missing.")
        return Transcript(
            header=self.header,
            turns=turns,
            ending=self.ending,
            scorecards=tuple(self.scorecards),
            labellings=tuple(self.labellings),
            corrections=tuple(self.corrections),
            notes=tuple(self.notes),
            problems=self.problems.as_tuple(),
            title=self.title,
        )


def transcript_from(lines: Iterable[tuple[int, bytes | str | None]], name: str) -> Transcript:
    """Return the session in ``lines`` (as ``lines.numbered`` yields them); ``name`` is its file's stem.

    Raises ``TranscriptError`` only where nothing can be used.
    """
    reader = _Reader(name)
    for number, line in lines:
        reader.take(number, line)
    return reader.result()


def read_file(path: Path) -> Transcript:
    """Return the session in the file at ``path``; raises ``TranscriptError`` where nothing can be read."""
    if not path.is_file():
        raise TranscriptError(f"There is no session file {path}.", "See simulator transcripts list.")
    try:
        with path.open("rb") as file:
            return transcript_from(numbered(file), path.stem)
    except OSError as error:
        raise TranscriptError(
            f"The session {path} cannot be read: {error.strerror or error}.", "Check its permissions."
        ) from None
