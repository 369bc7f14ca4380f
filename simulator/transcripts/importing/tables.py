"""CSV: a row a message, with columns found by their names or named by the person."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping

from simulator.cleaning import one_line
from simulator.errors import TranscriptError
from simulator.transcripts.bare import Problem
from simulator.transcripts.importing.conversation import Conversation, Line
from simulator.transcripts.importing.moments import moment

COLUMNS: dict[str, tuple[str, ...]] = {
    "conversation": (
        "conversation", "conversation_id", "session", "session_id", "ticket", "ticket_id", "call", "call_id", "chat",
        "chat_id", "thread", "thread_id", "case", "case_id", "dialogue_id", "id",
    ),
    "speaker": ("role", "speaker", "sender", "from", "author", "who", "participant", "name"),
    "text": ("text", "message", "content", "utterance", "body", "said", "transcript", "comment"),
    "at": ("at", "time", "timestamp", "date", "datetime", "created_at", "sent_at"),
    "setting": ("setting", "scenario", "context", "subject"),
}  # fmt: skip
"""What a column may be called, by what it holds; the first that is there is taken."""

_DELIMITERS = ",;\t|"


def columns_of(header: list[str], chosen: Mapping[str, str]) -> dict[str, int]:
    """Return the place of each column that was ``chosen`` by name or is known by it; raises ``TranscriptError``."""
    names = [_key(name) for name in header]
    places: dict[str, int] = {}
    for what, known in COLUMNS.items():
        if what in chosen:
            if _key(chosen[what]) not in names:
                message = f"There is no column {chosen[what]!r}."
                raise TranscriptError(message, f"There are {', '.join(one_line(name)[:30] for name in header[:12])}.")
            places[what] = names.index(_key(chosen[what]))
        elif found := [name for name in known if name in names]:
            places[what] = names.index(found[0])
    return places


def header_of(text: str) -> tuple[list[str], str]:
    """Return the cells of the first line and the delimiter that gives the most of them."""
    first = text.lstrip("\n").split("\n", 1)[0]
    rows = {mark: next(csv.reader([first], delimiter=mark), []) for mark in _DELIMITERS}
    best = max(rows, key=lambda mark: len(rows[mark]))
    return rows[best], best


def conversations(text: str, name: str, chosen: Mapping[str, str]) -> Iterator[Conversation | Problem]:
    """Yield the conversations of the table in ``text``, in the order in which they begin.

    Rows of one conversation need not stand together; without such a column the whole table is one. Raises
    ``TranscriptError`` where the columns of speaker and text cannot be told.
    """
    header, delimiter = header_of(text)
    places = columns_of(header, chosen)
    missing = [what for what in ("speaker", "text") if what not in places]
    if missing:
        message = f"Which column holds the {' and the '.join(missing)} cannot be told."
        named = ", ".join(one_line(cell)[:30] for cell in header[:12])
        raise TranscriptError(message, f"Say it with --column {missing[0]}=NAME; there are {named}.")
    previous = csv.field_size_limit(2**24)
    try:
        yield from _grouped(csv.reader(io.StringIO(text.lstrip("\n"), newline=""), delimiter=delimiter), places, name)
    finally:
        csv.field_size_limit(previous)


def _grouped(rows: Iterator[list[str]], places: dict[str, int], name: str) -> Iterator[Conversation | Problem]:
    said: dict[str, list[Line]] = {}
    settings: dict[str, str] = {}
    number = 1
    try:
        next(rows)
        for number, row in enumerate(rows, 2):
            if not any(cell.strip() for cell in row):
                continue
            cells = {what: row[place].strip() if place < len(row) else "" for what, place in places.items()}
            if not cells["speaker"]:
                yield Problem(0, f"Row {number} names no speaker.")
            elif cells["text"]:
                key = cells.get("conversation") or name
                said.setdefault(key, []).append(
                    Line(one_line(cells["speaker"]), cells["text"], moment(cells.get("at", "")))
                )
                settings[key] = settings.get(key) or one_line(cells.get("setting", ""))
    except csv.Error as error:
        yield Problem(0, f"Row {number + 1} cannot be read: {error}.")
    if not said:
        yield Problem(0, "There is no row in which somebody says something.")
    for key, lines in said.items():
        yield Conversation(key, tuple(lines), settings[key], place=f"Conversation {one_line(key)[:60]}")


def _key(name: str) -> str:
    return one_line(name).casefold().replace(" ", "_").replace("-", "_")
