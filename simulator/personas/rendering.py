"""Putting values into a persona: every text of its front matter, and its card.

The templates are bounded and sandboxed (``simulator.templates``); what is put in is data and never rendered
again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simulator.front_matter import FrontMatter
from simulator.personas.problems import Field, Problem, nearest, problem
from simulator.personas.schema import Persona
from simulator.templates import Sandbox, TemplateError

_FIRST = ("name", "age", "pronoun")
"""Fields that are rendered first and may be used in all others."""
_HOLES = ("{{", "{%", "{#")


def render_fields(
    file: FrontMatter, values: Mapping[str, Any], sandbox: Sandbox
) -> tuple[dict[str, Any], list[Problem]]:
    """Return the front matter (less ``vary``) with ``values`` in its texts, and what could not be rendered.

    ``name``, ``age`` and ``pronoun`` come first; the other fields may use them.
    """
    filling = _Filling(file, dict(values), sandbox, [])
    rendered: dict[str, Any] = {}
    for name in (*_FIRST, *(name for name in file.data if name not in (*_FIRST, "vary"))):
        if name not in file.data:
            continue
        rendered[name] = filling.fill(file.data[name], (name,))
        if name in _FIRST:
            filling.known[name] = rendered[name]
    return {name: rendered[name] for name in file.data if name in rendered}, filling.problems


def render_card(file: FrontMatter, persona: Persona, values: Mapping[str, Any], sandbox: Sandbox) -> str:
    """Return the body with all of the persona's fields and the varied ``values`` in it, as one paragraph.

    Raises ``TemplateError``, its line counted in the body.
    """
    known = {**values, **persona.model_dump(mode="json", exclude={"card", "sha256"})}
    text = sandbox.template(file.body).render(known)
    return " ".join(text.split())


def names_used(file: FrontMatter, sandbox: Sandbox) -> set[str]:
    """Return every variable that the front matter or the body uses.

    Texts that cannot be read count for nothing.
    """
    used: set[str] = set()
    waiting: list[Any] = [value for name, value in file.data.items() if name != "vary"]
    waiting.append(file.body)
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, str) and any(hole in value for hole in _HOLES):
            try:
                used |= set(sandbox.template(value).uses)
            except TemplateError:
                continue
    return used


@dataclass(frozen=True)
class _Filling:
    file: FrontMatter
    known: dict[str, Any]
    sandbox: Sandbox
    problems: list[Problem]

    def fill(self, value: Any, field: Field) -> Any:
        if isinstance(value, dict):
            return {key: self.fill(part, (*field, key)) for key, part in value.items()}
        if isinstance(value, list):
            return [self.fill(part, (*field, at)) for at, part in enumerate(value)]
        if not isinstance(value, str) or not any(hole in value for hole in _HOLES):
            return value
        try:
            return self.sandbox.template(value).render(self.known)
        except TemplateError as error:
            hint = nearest(error.variable, self.known) if error.variable and self.known else error.hint
            self.problems.append(problem(self.file, field, error.message, hint))
            return value
