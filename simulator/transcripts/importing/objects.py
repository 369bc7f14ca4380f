"""JSON: bare conversations, messages as chat models write them, and what this program exports and saves."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from simulator.cleaning import one_line
from simulator.transcripts.bare import MAX_TURNS, Problem
from simulator.transcripts.importing.conversation import Conversation, Line
from simulator.transcripts.importing.moments import moment
from simulator.transcripts.lines import BadLineError, numbered, parse_object
from simulator.transcripts.reading import Problems, read_record, transcript_from
from simulator.transcripts.records import Ending, Header, NoteLine, ScorecardLine, Transcript, Turn

EXPORTED = "difficult-customer-simulator/sessions"
"""What stands in the field ``format`` of this program's own JSON export."""

Item = Conversation | Transcript | Problem


def whole(text: str) -> object | None:
    """Return the JSON document that ``text`` is, or None where it is none (several lines of JSON, say)."""
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict | list) else None


def from_document(value: object, name: str) -> Iterator[Item]:
    """Yield what a whole JSON document holds; ``name`` is the file's."""
    if isinstance(value, Mapping) and value.get("format") == EXPORTED:
        sessions = value.get("sessions")
        for number, session in enumerate(sessions if isinstance(sessions, list) else [], 1):
            yield exported(session, number)
        return
    if isinstance(value, list) and (not value or any(map(_is_conversation, value))):
        yield from _each(value, name)
        return
    if isinstance(value, Mapping) and _spoken(value) is None:
        inner = next(
            (value[key] for key in ("conversations", "sessions", "data") if isinstance(value.get(key), list)), None
        )
        if inner is not None:
            yield from _each(inner, name)
            return
    yield _tried(value, name, "")


def from_lines(text: str, name: str) -> Iterator[Item]:
    """Yield what the lines of ``text`` hold, one JSON object each; a session of this program takes all of them."""
    lines = list(numbered(io.StringIO(text)))
    first = lines[0][1] if lines else None
    try:
        own = parse_object(first).get("kind") == "header"
    except BadLineError:
        own = False
    if own:
        yield transcript_from(iter(lines), name)
        return
    for number, line in lines:
        try:
            value = parse_object(line)
        except BadLineError as error:
            yield Problem(number, str(error))
            continue
        yield _tried(value, f"{name}-{number}", f"Line {number}")


def exported(value: object, number: int) -> Transcript | Problem:
    """Return the session that one entry of a JSON export is."""
    if not isinstance(value, Mapping) or not isinstance(value.get("header"), Mapping):
        return Problem(0, f"Session {number} has no header.")
    problems = Problems()
    header = read_record(dict(value["header"]), number, problems)
    turns = [
        read_record(dict(turn), number, problems) for turn in value.get("turns") or [] if isinstance(turn, Mapping)
    ]
    notes = [
        read_record(dict(note), number, problems) for note in value.get("notes") or [] if isinstance(note, Mapping)
    ]
    if not isinstance(header, Header):
        return Problem(0, f"Session {number} cannot be used: {problems.messages[0]}")
    card = value.get("scorecard")
    scorecards: tuple[ScorecardLine, ...] = ()
    if isinstance(card, Mapping):
        scorecards = (ScorecardLine(at=str(value.get("graded_at") or ""), scorecard=dict(card)),)
    ending = value.get("ending")
    try:
        return Transcript(
            header=header,
            turns=tuple(turn for turn in turns if isinstance(turn, Turn)),
            ending=Ending(ending) if ending else None,
            scorecards=scorecards,
            notes=tuple(note for note in notes if isinstance(note, NoteLine)),
            title=str(value.get("title") or ""),
            problems=problems.as_tuple(),
        )
    except (ValueError, ValidationError):
        return Problem(0, f"Session {number} cannot be used: its ending is unknown.")


def _each(values: list[Any], name: str) -> Iterator[Item]:
    if not values:
        yield Problem(0, "There is no conversation in it.")
    for number, value in enumerate(values, 1):
        yield _tried(value, f"{name}-{number}", f"Conversation {number}")


def _tried(value: object, name: str, place: str) -> Item:
    try:
        return conversation(value, name, place)
    except BadLineError as error:
        return Problem(0, f"{place} {error}." if place else f"It {error}.")


def conversation(value: object, name: str, place: str = "") -> Conversation:
    """Return the conversation that ``value`` is; raises ``BadLineError`` naming what is wrong.

    ``value`` is a list of messages, or an object that holds one as ``turns`` or ``messages``.
    """
    about: Mapping[str, Any] = value if isinstance(value, Mapping) else {}
    messages = value if isinstance(value, list) else _spoken(about)
    if not isinstance(messages, list):
        raise BadLineError("has no list of turns or messages")
    if len(messages) > MAX_TURNS:
        raise BadLineError(f"has {len(messages)} turns; {MAX_TURNS} are the most that can be read")
    lines = tuple(_line(message, number) for number, message in enumerate(messages, 1))
    if not any(line.text for line in lines):
        raise BadLineError("has nobody who says anything")
    own = about.get("id", about.get("custom_id"))
    setting = about.get("setting")
    return Conversation(
        id=str(own) if isinstance(own, str | int) and own != "" else name,
        lines=tuple(line for line in lines if line.text),
        setting=one_line(setting)[:300] if isinstance(setting, str) else "",
        place=place,
    )


def _is_conversation(value: object) -> bool:
    return isinstance(value, list) or (isinstance(value, Mapping) and _spoken(value) is not None)


def _spoken(value: Mapping[str, Any]) -> list[Any] | None:
    for key in ("turns", "messages"):
        if isinstance(value.get(key), list):
            found: list[Any] = value[key]
            return found
    return None


def _line(message: object, number: int) -> Line:
    if not isinstance(message, Mapping):
        raise BadLineError(f"has a turn {number} that is not an object with role and text")
    who = next((message[key] for key in ("role", "speaker", "author", "from", "name") if message.get(key)), None)
    if isinstance(who, Mapping):  # an author with a role of its own, as chat archives write it
        who = who.get("role") or who.get("name")
    if not isinstance(who, str):
        raise BadLineError(f"has no role in turn {number}")
    said = next((message[key] for key in ("text", "content", "message", "body") if message.get(key) is not None), "")
    at = next((message[key] for key in ("at", "timestamp", "time", "created_at") if message.get(key)), "")
    return Line(one_line(who), _text(said, number).strip(), moment(at))


def _text(content: object, number: int) -> str:
    """Return the words of a message's content: text, or a list of parts of which only text is words."""
    if isinstance(content, str):
        return content
    if isinstance(content, Mapping):
        content = [content]
    if not isinstance(content, list):
        raise BadLineError(f"has no text in turn {number}")
    words = []
    for part in content:
        if isinstance(part, str):
            words.append(part)
        elif isinstance(part, Mapping):
            found = next((part[key] for key in ("text", "refusal") if isinstance(part.get(key), str)), None)
            words.append(found if found is not None else f"[{one_line(str(part.get('type', 'attachment')))[:30]}]")
    return "\n".join(words)
