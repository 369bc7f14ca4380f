"""Finding the JSON object in a reply: bare, between fences, or with talk around it."""

from __future__ import annotations

import json
import re
from typing import Any

from pydantic import BaseModel, ValidationError

_FENCE = re.compile(r"```(?:[a-zA-Z]*)\s*\n?(.*?)```", re.DOTALL)
_TRIES = 50


def find_object(text: str) -> dict[str, Any] | None:
    """Return the first JSON object in ``text``, fenced ones before bare ones; None where there is none."""
    for piece in (*_FENCE.findall(text), text):
        start, tries = piece.find("{"), 0
        while start >= 0 and tries < _TRIES:
            try:
                value, _ = json.JSONDecoder(strict=False).raw_decode(piece, start)
            except (json.JSONDecodeError, RecursionError):
                start, tries = piece.find("{", start + 1), tries + 1
                continue
            if isinstance(value, dict):
                return value
    return None


def schema_request(answer: type[BaseModel]) -> str:
    """Return the message for servers that take no schema of their own: the schema and what to do with it."""
    schema = json.dumps(answer.model_json_schema(), ensure_ascii=False, separators=(",", ":"))
    return f"Answer with one JSON object that fits this JSON schema, and nothing else:\n{schema}"


def unread(error: ValidationError) -> str | None:
    """Return the reply behind ``error`` where it was no JSON at all; None where it was JSON of another shape."""
    for problem in error.errors(include_url=False, include_context=False):
        if problem["type"] == "json_invalid" and isinstance(problem["input"], str):
            return problem["input"]
    return None


def first_problem(error: ValidationError) -> str:
    """Return the first thing wrong with an answer, as ``field: message``, without the answer's text."""
    problem = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(part) for part in problem["loc"])
    return f"{place}: {problem['msg']}" if place else problem["msg"]
