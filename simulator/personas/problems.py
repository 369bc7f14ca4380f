"""What is wrong with a persona file: where, what, and how to mend it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ValidationError

from simulator.front_matter import FrontMatter
from simulator.personas import schema

Field = tuple[str | int, ...]
"""Where something stands in the front matter: ``("facts", 2, "say", 0)``."""
Severity = Literal["error", "warning"]


@dataclass(frozen=True, order=True)
class Problem:
    """One thing to mend.

    An ``error`` keeps the persona from being played well; a ``warning`` is worth a look.
    """

    file: Path
    line: int
    field: str
    message: str
    mend: str = ""
    severity: Severity = "error"

    def __str__(self) -> str:
        place = f"{self.file}, line {self.line}" + (f", {self.field}" if self.field else "")
        return f"{place}: {self.message} {self.mend}".rstrip()


def problem(file: FrontMatter, field: Field, message: str, mend: str = "", severity: Severity = "error") -> Problem:
    """Return the problem at ``field`` of ``file``, with its line."""
    return Problem(file.path, file.line(field), spelled(file, field), message, mend, severity)


def spelled(file: FrontMatter, field: Field) -> str:
    """Return ``field`` as a person would name it: ``facts[keys].say[1]``, list places counted from 1."""
    words, inside = "", file.data
    for part in field:
        try:
            inside = inside[part]  # type: ignore[index]
        except (LookupError, TypeError):
            inside = {}
        if isinstance(part, int):
            named = inside.get("id") if isinstance(inside, dict) else None
            words += f"[{named or part + 1}]"
        else:
            words += f".{part}" if words else part
    return words


def nearest(word: object, choices: Iterable[str]) -> str:
    """Return 'Did you mean x?' where one of ``choices`` is near ``word``, else which there are."""
    known = list(choices)
    near = get_close_matches(str(word), known, n=1, cutoff=0.5)
    return f"Did you mean '{near[0]}'?" if near else f"There are: {', '.join(known)}."


_MODELS: dict[str, type[BaseModel]] = {
    "trainee": schema.Trainee,
    "facts": schema.Fact,
    "temperament": schema.Temperament,
    "triggers": schema.Trigger,
    "lines": schema.WrittenLine,
    "resurfacing": schema.Resurfacing,
    "settlement": schema.Settlement,
}
NOT_WRITTEN = ("id", "card", "sha256", "seed")
"""Fields of a persona that no front matter holds.

They come from the file's name, its body, its bytes, the run.
"""


def fields(place: Field = ()) -> list[str]:
    """Return the names that may stand at ``place`` of the front matter."""
    model = _MODELS.get(str(place[0]), schema.Persona) if place else schema.Persona
    names = [name for name in model.model_fields if model is not schema.Persona or name not in NOT_WRITTEN]
    return ["vary", *names] if model is schema.Persona else names


def of_schema(error: ValidationError, file: FrontMatter) -> list[Problem]:
    """Return every way in which the front matter does not fit the schema, in plain words, what is missing last."""
    found = []
    details = sorted(error.errors(include_url=False), key=lambda detail: detail["type"] == "missing")
    for detail in details:
        field = tuple(part for part in detail["loc"] if part != "[key]")
        message, mend = _plainly(detail["type"], detail.get("input"), detail.get("ctx", {}), field, detail["msg"])
        found.append(problem(file, field, message, mend))
    return found


def _plainly(kind: str, given: Any, context: dict[str, Any], field: Field, said: str) -> tuple[str, str]:
    name = str(field[-1]) if field else "the front matter"
    match kind:
        case "missing":
            told = f"'{name}' is missing.", "Add it; a new persona shows how ('personas new')."
        case "extra_forbidden":
            told = f"'{name}' is not known here.", nearest(name, fields(field[:-1]))
        case "enum" | "literal_error":
            choices = re.findall(r"'([^']+)'", str(context.get("expected", "")))
            told = f"'{given}' is not one of the choices.", nearest(given, choices)
        case "string_type":
            told = (
                f"This is {_shown(given)}, not text.",
                "Write text, in quotes where it looks like a number.",
            )
        case "list_type":
            told = "This is not a list.", "Begin each item with '- ' on a line of its own."
        case "too_short" | "string_too_short":
            told = f"At least {context.get('min_length', 1)} are needed here.", "Add more."
        case "string_too_long":
            told = f"This is longer than {context.get('max_length')} characters.", "Make it shorter."
        case "string_pattern_mismatch":
            told = f"'{given}' cannot be used as an id.", "Use small letters, digits and underscores."
        case "model_type" | "dict_type":
            told = "This is not a group of 'name: value' lines.", "Indent its fields below it."
        case _:
            told = f"'{given}' cannot be used: {said[0].lower()}{said[1:]}.", ""
    return told


def _shown(given: object) -> str:
    if isinstance(given, list):
        return "a list"
    if isinstance(given, dict):
        return "a group of fields"
    return {"True": "'true'", "False": "'false'", "None": "nothing"}.get(str(given), f"'{given}'")
