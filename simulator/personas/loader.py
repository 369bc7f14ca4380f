"""Personas as files: finding them, reading one for a seed, and saying all that keeps one from being read."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from pydantic import ValidationError

from simulator import front_matter
from simulator.errors import PersonaError
from simulator.front_matter import FrontMatter, FrontMatterError
from simulator.personas import problems as wrong
from simulator.personas.problems import Problem, problem
from simulator.personas.rendering import render_card, render_fields
from simulator.personas.schema import Persona
from simulator.personas.structure import structure_problems
from simulator.personas.variation import Variation, read_variation
from simulator.templates import Sandbox, TemplateError

SUFFIX = ".jinja"
ID = re.compile(r"^[a-z0-9][a-z0-9-]{0,59}$")
"""What a persona's file may be called, without its ending."""


@dataclass(frozen=True)
class Entry:
    """One persona file; ``shadowed`` where an earlier folder has a persona of the same id."""

    id: str
    path: Path
    shadowed: bool = False


@dataclass(frozen=True)
class Source:
    """A persona file as read, before any seed is chosen."""

    id: str
    file: FrontMatter
    variation: Variation
    sandbox: Sandbox
    sha256: str


def find(dirs: Sequence[Path]) -> list[Entry]:
    """Return the personas in ``dirs``, earlier folders first, by id within a folder.

    Bases (``_…``) are none.
    """
    entries: list[Entry] = []
    seen: set[str] = set()
    for folder in dirs:
        paths = sorted(p for p in folder.glob(f"*{SUFFIX}") if ID.match(p.stem) and p.is_file())
        entries.extend(Entry(path.stem, path, path.stem in seen) for path in paths)
        seen.update(path.stem for path in paths)
    return entries


def load(persona: str, dirs: Sequence[Path], seed: int = 0) -> Persona:
    """Return the persona with the id ``persona`` as it is for ``seed``.

    Raises ``PersonaError``: for an unknown id with the nearest one; for a file that cannot be played with
    file, line, field and how to mend it.
    """
    entries = [entry for entry in find(dirs) if not entry.shadowed]
    entry = next((entry for entry in entries if entry.id == persona), None)
    if entry is None:
        ids = sorted(entry.id for entry in entries)
        near = get_close_matches(persona, ids, n=1)
        hint = f"Did you mean {near[0]}? " if near else ""
        raise PersonaError(f"There is no persona {persona!r}.", f"{hint}There are: {', '.join(ids) or 'none'}.")
    source, problems = read(entry.path, dirs)
    if source is not None and not problems:
        built, problems = build(source, seed)
        if built is not None and not problems:
            return built
    first, others = problems[0], len(problems) - 1
    more = f" ({others} more: 'simulator personas lint {persona}' shows all.)" if others else ""
    place = f"{first.file}, line {first.line}" + (f", {first.field}" if first.field else "")
    raise PersonaError(f"{place}: {first.message}", f"{first.mend}{more}".strip())


def check(path: Path, dirs: Sequence[Path], seed: int = 0) -> list[Problem]:
    """Return everything that keeps the file at ``path`` from being played with ``seed``.

    Empty where it can be.
    """
    source, problems = read(path, dirs)
    if source is None:
        return problems
    return [*problems, *build(source, seed)[1]]


def read(path: Path, dirs: Sequence[Path]) -> tuple[Source | None, list[Problem]]:
    """Return the file at ``path`` as far as it can be read, and what is wrong with it whatever the seed."""
    try:
        file = front_matter.read(path)
    except FrontMatterError as error:
        return None, [Problem(path, error.line, "", error.message, error.hint)]
    problems = []
    if not ID.match(path.stem):
        mend = "Use small letters, digits and hyphens, and the ending '.jinja'."
        problems.append(Problem(path, 1, "", f"'{path.stem}' cannot be used as a persona's id.", mend))
    problems += [
        problem(file, (name,), f"'{name}' is not written in the front matter.", "Take it out.")
        for name in wrong.NOT_WRITTEN
        if name in file.data
    ]
    variation, faults = read_variation(file)
    problems += faults
    folders = dirs if path.parent in dirs else [path.parent, *dirs]
    sandbox = Sandbox(folders)
    digest = hashlib.sha256(file.raw)
    try:
        for base in sandbox.template(file.body).bases:
            digest.update(base.read_bytes())
    except TemplateError as error:
        problems.append(_in_body(file, error))
        return None, problems
    return Source(path.stem, file, variation, sandbox, digest.hexdigest()), problems


def build(source: Source, seed: int) -> tuple[Persona | None, list[Problem]]:
    """Return the persona for ``seed`` where one can be made, and every problem on the way."""
    file = source.file
    picked = source.variation.pick(source.id, seed)
    data, problems = render_fields(file, picked, source.sandbox)
    for name in wrong.NOT_WRITTEN:
        data.pop(name, None)
    try:
        persona = Persona.model_validate({**data, "id": source.id, "sha256": source.sha256, "seed": seed})
    except ValidationError as error:
        return None, [*problems, *wrong.of_schema(error, file)]
    problems += structure_problems(persona, file)
    try:
        card = render_card(file, persona, picked, source.sandbox)
    except TemplateError as error:
        return None, [*problems, _in_body(file, error)]
    if not card:
        problems.append(Problem(file.path, file.body_line, "card", "The body is empty.", "Say who the customer is."))
    return persona.model_copy(update={"card": card}), problems


def _in_body(file: FrontMatter, error: TemplateError) -> Problem:
    if error.file is not None:
        return Problem(error.file, error.line or 1, "card", error.message, error.hint)
    return Problem(file.path, file.body_line + (error.line or 1) - 1, "card", error.message, error.hint)
