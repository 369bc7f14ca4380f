"""JSON: everything a program may want of the sessions, in a documented and versioned form.

::

    {"format": "difficult-customer-simulator/sessions", "version": 1, "private": false,
     "sessions": [{"header": …,       the header record: persona, prompts, rubric, their hashes, voice, seed
                   "title": …,        what somebody called the session, or ""
                   "turns": […],      turn records: index (from 0), role, text, at, cut; mood (tension 0 to 10
                                      and stage) on customer turns; labels with quotes on trainee turns
                   "ending": …,       settled, walked_out, trainee_left, turn_limit, or null: not finished
                   "scorecard": …,    the latest scorecard as it was written, or null
                   "graded_at": …,    when, or null
                   "gradings": n,     how many scorecards the session's file holds
                   "notes": […],      note records
                   "problems": […]    what of the file could not be used, in words
                  }, …]}

With ``private`` a turn has its whole mood, its stage direction and what the guard refused. Records are those
of ``simulator.transcripts.records`` without their empty fields, so ``Turn.model_validate`` reads them back.
Text is cleaned of control and hidden characters. ``version`` changes when a field's meaning does. ``schema`` is the
same as a JSON Schema; it is kept in ``docs/export-json.schema.json``, written by ``python
docs/schema.py``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any, TextIO

from simulator.cleaning import clean
from simulator.exports.options import Options
from simulator.transcripts.records import Ending, Header, NoteLine, Transcript, Turn

FORMAT = "difficult-customer-simulator/sessions"
VERSION = 1

_DEEPEST = 40


def write(transcripts: Iterable[Transcript], out: TextIO, options: Options) -> None:
    """Write all transcripts as one JSON document, one session at a time."""
    private = "true" if options.private else "false"
    out.write(f'{{"format": "{FORMAT}", "version": {VERSION}, "private": {private}, "sessions": [')
    for number, transcript in enumerate(transcripts):
        out.write(",\n" if number else "\n")
        value = session(transcript, private=options.private)
        out.write(json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1))
    out.write("\n]}\n")


def session(transcript: Transcript, *, private: bool = False) -> dict[str, Any]:
    """Return one session as the JSON object described above."""
    latest = transcript.scorecards[-1] if transcript.scorecards else None
    value = {
        "header": transcript.header.model_dump(mode="json", exclude_none=True),
        "title": transcript.title,
        "turns": [_turn(turn, private) for turn in transcript.turns],
        "ending": transcript.ending.value if transcript.ending else None,
        "scorecard": dict(latest.scorecard) if latest else None,
        "graded_at": latest.at if latest else None,
        "gradings": len(transcript.scorecards),
        "notes": [note.model_dump(mode="json") for note in transcript.notes],
        "problems": list(transcript.problems),
    }
    return {name: _plain(item) for name, item in value.items()}


def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of an export; records may gain fields without a new version."""
    parts: dict[str, Any] = {}
    definitions: dict[str, Any] = {}
    for model in (Header, Turn, NoteLine):
        part = model.model_json_schema(mode="serialization", ref_template="#/$defs/{model}")
        definitions |= part.pop("$defs", {})
        parts[model.__name__] = part
    text_or_null = {"type": ["string", "null"]}
    fields = {
        "header": {"$ref": "#/$defs/Header"},
        "title": {"type": "string"},
        "turns": {"type": "array", "items": {"$ref": "#/$defs/Turn"}},
        "ending": {"enum": [*(ending.value for ending in Ending), None]},
        "scorecard": {"type": ["object", "null"]},
        "graded_at": text_or_null,
        "gradings": {"type": "integer", "minimum": 0},
        "notes": {"type": "array", "items": {"$ref": "#/$defs/NoteLine"}},
        "problems": {"type": "array", "items": {"type": "string"}},
    }
    whole = {
        "format": {"const": FORMAT},
        "version": {"const": VERSION},
        "private": {"type": "boolean"},
        "sessions": {"type": "array", "items": {"$ref": "#/$defs/Session"}},
    }
    session = {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": FORMAT,
        "type": "object",
        "properties": whole,
        "required": list(whole),
        "additionalProperties": False,
        "$defs": {"Session": session, **parts, **definitions},
    }


def _turn(turn: Turn, private: bool) -> dict[str, Any]:
    value = turn.model_dump(mode="json", exclude_none=True)
    if not private:
        value.pop("direction", None)
        value.pop("guard", None)
        if turn.mood:
            value["mood"] = {"tension": turn.mood.tension, "stage": turn.mood.stage.value}
    return value


def _plain(value: object, depth: int = 0) -> object:
    """Return ``value`` with every string cleaned and only what JSON can hold: no NaN, no endless nesting."""
    if depth > _DEEPEST:
        return None
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {clean(str(key)): _plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, depth + 1) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, int | float) or value is None else clean(str(value))
