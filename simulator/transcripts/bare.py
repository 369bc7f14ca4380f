"""Conversations from anywhere, one JSON object a line, or a session of this program: what can be graded.

A line is ``{"id": "…", "setting": "…"?, "turns": [{"role": "customer"|"trainee", "text": "…"}, …]}``; other
fields are passed over. A file whose first line is a ``header`` record is one of the store's own.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TextIO

from simulator.errors import TranscriptError
from simulator.transcripts.lines import BadLineError, numbered, parse_object
from simulator.transcripts.reading import transcript_from
from simulator.transcripts.records import BareTranscript, BareTurn, Role, Transcript

MAX_TURNS = 2000
"""Most turns one conversation may have."""

_Line = tuple[int, bytes | str | None]


@dataclass(frozen=True)
class Problem:
    """A line that could not be used, or only in part. ``line`` is 0 for what concerns the file as a whole."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"Line {self.line} {self.message}." if self.line else self.message


Source = str | os.PathLike[str] | TextIO | BinaryIO


def read_conversations(source: Source) -> Iterator[BareTranscript | Problem]:
    """Yield every conversation in ``source`` as a bare transcript; see ``read_transcripts``."""
    for item in read_transcripts(source):
        yield item.bare() if isinstance(item, Transcript) else item


def read_transcripts(source: Source) -> Iterator[BareTranscript | Transcript | Problem]:
    """Yield every conversation in ``source``, a path or an open stream, and a ``Problem`` for every bad line.

    A session of this program comes whole, with what is stored beside the turns. One conversation is held at a
    time. Raises ``TranscriptError`` where the source cannot be read at all.
    """
    if isinstance(source, str | os.PathLike):
        path = Path(source)
        if not path.exists():
            raise TranscriptError(f"There is no file {path}.", "Check the name; - stands for standard input.")
        if path.is_dir():
            hint = f"Name the files in it, for example {path / '*.jsonl'}."
            raise TranscriptError(f"{path} is a folder.", hint)
        try:
            with path.open("rb") as file:
                yield from _conversations(file, path.stem)
        except OSError as error:
            reason = error.strerror or str(error)
            raise TranscriptError(f"{path} cannot be read: {reason}.", "Check its permissions.") from None
    else:
        # The bytes below a text stream are read where there are any: one bad byte must not end the stream.
        binary = getattr(source, "buffer", None)
        yield from _conversations(source if binary is None else binary, "standard input")


def _conversations(file: BinaryIO | TextIO, name: str) -> Iterator[BareTranscript | Transcript | Problem]:
    lines = numbered(file)
    first = next(lines, None)
    if first is None:
        yield Problem(0, "There is nothing in it: one conversation a line was expected.")
        return
    if first[1] in (b"{", b"[", "{", "["):
        yield Problem(first[0], "begins JSON spread over several lines; write each conversation on one line")
        return
    if _is_header(first):
        try:
            transcript = transcript_from(itertools.chain([first], lines), name)
        except TranscriptError as error:
            yield Problem(0, str(error))
            return
        yield from (Problem(0, problem) for problem in transcript.problems)
        yield transcript
        return
    for number, line in itertools.chain([first], lines):
        try:
            yield conversation(parse_object(line))
        except BadLineError as error:
            yield Problem(number, str(error))


def _is_header(line: _Line) -> bool:
    try:
        return parse_object(line[1]).get("kind") == "header"
    except BadLineError:
        return False


def conversation(data: dict[str, object]) -> BareTranscript:
    """Return the conversation that ``data`` describes; raises ``BadLineError`` naming what is wrong."""
    name, setting, turns = data.get("id"), data.get("setting"), data.get("turns")
    if isinstance(name, int) and not isinstance(name, bool):
        name = str(name)
    if not isinstance(name, str) or not name:
        raise BadLineError("has no id" if name in (None, "") else "has an id that is not text")
    if setting is not None and not isinstance(setting, str):
        raise BadLineError("has a setting that is not text")
    if not isinstance(turns, list):
        raise BadLineError("has no list of turns")
    if len(turns) > MAX_TURNS:
        raise BadLineError(f"has {len(turns)} turns; {MAX_TURNS} are the most that can be read")
    read = tuple(_turn(turn, number) for number, turn in enumerate(turns, 1))
    return BareTranscript(id=name, setting=setting, turns=read)


def _turn(data: object, number: int) -> BareTurn:
    if not isinstance(data, dict):
        raise BadLineError(f"has a turn {number} that is not an object with role and text")
    role, text = data.get("role"), data.get("text")
    if role not in (Role.CUSTOMER, Role.TRAINEE):
        what = f"the role {str(role)[:40]!r}" if role is not None else "no role"
        raise BadLineError(f"has {what} in turn {number}; it must be customer or trainee")
    if not isinstance(text, str):
        raise BadLineError(f"has no text in turn {number}")
    return BareTurn(role=Role(role), text=text)
