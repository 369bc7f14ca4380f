"""Prompts: every word that is sent to a model, as files a person can read, check and change.

A prompt is a file ``<name>.jinja``: front matter with ``name``, ``version`` and ``variables`` (name to
meaning in one line), then a Jinja body. What the body uses and what it declares are compared when the file
is loaded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from simulator import front_matter
from simulator.errors import PromptError
from simulator.front_matter import FrontMatter, FrontMatterError
from simulator.templates import Limits, Sandbox, Template, TemplateError

LIMITS = Limits(output=1_000_000, items=2_000, steps=50_000)
"""A prompt may hold a whole long transcript."""
_FIELDS = ("name", "version", "variables")


@dataclass(frozen=True)
class Prompt:
    """One prompt.

    ``variables`` maps each to its meaning, ``sha256`` is of its bytes and of what it includes.
    """

    name: str
    version: str
    variables: Mapping[str, str]
    sha256: str
    path: Path
    body_line: int
    _template: Template = field(repr=False, compare=False)

    def render(self, **values: Any) -> str:
        """Return the prompt with ``values`` put in, as data.

        Raises ``PromptError`` where one is missing or extra.
        """
        missing = [name for name in self.variables if name not in values]
        extra = [name for name in values if name not in self.variables]
        if missing or extra:
            said = [f"needs {', '.join(missing)}"] * bool(missing) + [f"does not know {', '.join(extra)}"] * bool(extra)
            raise PromptError(
                f"The prompt {self.name} {' and '.join(said)}.", f"Its variables are listed in {self.path}."
            )
        try:
            return self._template.render(values)
        except TemplateError as error:
            raise _wrong(self.path, self.body_line, error) from None


class PromptLibrary:
    """All prompts of some folders.

    The first folder that has a name wins. Everything is checked when it is made.
    """

    def __init__(self, dirs: Sequence[Path]) -> None:
        sandbox = Sandbox(dirs, LIMITS)
        self._prompts: dict[str, Prompt] = {}
        for folder in dirs:
            for path in sorted(folder.glob("*.jinja")):
                if not path.name.startswith("_") and path.stem not in self._prompts:
                    self._prompts[path.stem] = load(path, sandbox)

    def get(self, name: str) -> Prompt:
        """Return the prompt ``name``; raises ``PromptError`` naming the nearest one where there is none."""
        if name not in self._prompts:
            near = get_close_matches(name, self._prompts, n=1)
            hint = f"Did you mean {near[0]}? " if near else ""
            raise PromptError(
                f"There is no prompt {name!r}.", f"{hint}There are: {', '.join(self._prompts) or 'none'}."
            )
        return self._prompts[name]

    def names(self) -> list[str]:
        """Return the names of all prompts, in order."""
        return sorted(self._prompts)

    def hashes(self) -> dict[str, str]:
        """Return each prompt's name with its sha256, in order of name."""
        return {name: self._prompts[name].sha256 for name in self.names()}


def load(path: Path, sandbox: Sandbox | None = None) -> Prompt:
    """Return the prompt in the file at ``path``; raises ``PromptError`` naming file, line and variable."""
    sandbox = sandbox or Sandbox([path.parent], LIMITS)
    try:
        file = front_matter.read(path)
    except FrontMatterError as error:
        raise PromptError(f"{path}, line {error.line}: {error.message}", error.hint) from None
    variables = _declared(file)
    try:
        template = sandbox.template(file.body)
    except TemplateError as error:
        raise _wrong(path, file.body_line, error) from None
    for name, at in template.uses.items():
        if name not in variables:
            line = file.body_line + at - 1 if at else file.body_line
            near = get_close_matches(name, variables, n=1)
            hint = f"Did you mean {near[0]}?" if near else "Add it to 'variables', with its meaning."
            raise PromptError(f"{path}, line {line}: the body uses '{name}', which is not declared.", hint)
    for name in variables:
        if name not in template.uses:
            line = file.line(("variables", name))
            message = f"{path}, line {line}: '{name}' is declared and never used in the body."
            raise PromptError(message, "Use it or take it out.")
    digest = hashlib.sha256(file.raw)
    for base in template.bases:
        digest.update(base.read_bytes())
    return Prompt(
        name=path.stem,
        version=str(file.data["version"]),
        variables=variables,
        sha256=digest.hexdigest(),
        path=path,
        body_line=file.body_line,
        _template=template,
    )


def _declared(file: FrontMatter) -> dict[str, str]:
    for name in _FIELDS:
        if name not in file.data:
            raise PromptError(
                f"{file.path}, line 1: '{name}' is missing.", "A prompt has a name, version and variables."
            )
    for name in file.data:
        if name not in _FIELDS:
            line = file.line((name,))
            raise PromptError(f"{file.path}, line {line}: '{name}' is unknown.", f"There are: {', '.join(_FIELDS)}.")
    if file.data["name"] != file.path.stem:
        line = file.line(("name",))
        raise PromptError(f"{file.path}, line {line}: the name is not the file's.", f"Write 'name: {file.path.stem}'.")
    if not isinstance(file.data["version"], str | int | float):
        raise PromptError(f"{file.path}, line {file.line(('version',))}: the version is not a number or text.")
    variables = file.data["variables"] or {}
    if not isinstance(variables, dict):
        line = file.line(("variables",))
        raise PromptError(f"{file.path}, line {line}: 'variables' is not a list of 'name: meaning' lines.")
    for name, meaning in variables.items():
        if not name.isidentifier() or not isinstance(meaning, str) or not meaning.strip():
            line = file.line(("variables", name))
            raise PromptError(f"{file.path}, line {line}: '{name}' needs a plain name and a meaning in one line.")
    return dict(variables)


def _wrong(path: Path, body_line: int, error: TemplateError) -> PromptError:
    if error.file is not None:
        where = f"{error.file}, line {error.line}" if error.line else str(error.file)
    else:
        where = f"{path}, line {body_line + (error.line or 1) - 1}"
    return PromptError(f"{where}: {error.message}", error.hint)
