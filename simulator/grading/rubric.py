"""Rubrics: what a level means, what each criterion weighs, what passes and what fails at once; read from YAML.

A rubric changes how labels count, never which labels a turn carries; so a changed rubric regrades old transcripts
without any model. ``levels.py`` holds the function that applies it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from simulator.errors import RubricError
from simulator.grading.scorecard import CRITERIA, RubricStamp
from simulator.labels import Label

BUILT_IN = Path(__file__).resolve().parent / "rubrics"
"""Folder of the rubrics that came with the program."""

Level = Annotated[int, Field(ge=0, le=4)]
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Criterion(_Part):
    """One of the three criteria: its ``weight`` (any positive scale), the level that passes, a sentence for each "
    "level."""

    weight: float = Field(gt=0, le=1000)
    passes: Level = Field(alias="pass")
    anchors: dict[Level, str]

    @field_validator("anchors")
    @classmethod
    def _five(cls, anchors: dict[int, str]) -> dict[int, str]:
        missing = [str(level) for level in range(5) if not anchors.get(level, "").strip()]
        if missing:
            raise ValueError(f"give a sentence for level {', '.join(missing)}")
        return anchors


class ExtraCriterion(_Part):
    """A trainer's own criterion, made of labels: ``wants`` raise it, ``avoids`` lower it."""

    name: str
    weight: float = Field(default=10, ge=0, le=1000)
    passes: Level = Field(default=0, alias="pass")
    wants: tuple[Label, ...] = ()
    avoids: tuple[Label, ...] = ()

    @field_validator("name")
    @classmethod
    def _named(cls, name: str) -> str:
        if not _NAME.fullmatch(name):
            raise ValueError("use small letters, digits, - and _ only")
        if name in CRITERIA:
            raise ValueError(f"{name} is one of the three criteria every rubric has")
        return name

    @model_validator(mode="after")
    def _something(self) -> ExtraCriterion:
        if not self.wants and not self.avoids:
            raise ValueError("name at least one label under wants or avoids")
        if both := set(self.wants) & set(self.avoids):
            raise ValueError(f"{min(both)} stands under both wants and avoids")
        return self


class Criteria(_Part):
    """The three criteria every rubric has."""

    acknowledge: Criterion
    presence: Criterion
    solution: Criterion


class PassWhen(_Part):
    """What passes beside the level each criterion asks for: the least overall result and the order."""

    overall: float = Field(default=0, ge=0, le=100)
    acknowledged_before_solution: bool = True


class Rubric(_Part):
    """How labels become levels, a total and a verdict. ``sha256`` is the hash of the file it was read from."""

    name: str
    version: str
    description: str = ""
    criteria: Criteria
    pass_when: PassWhen = PassWhen()
    automatic_fails: tuple[Label, ...] = (Label.HOSTILE, Label.BIASED)
    extra: tuple[ExtraCriterion, ...] = ()
    sha256: str = ""

    @field_validator("name")
    @classmethod
    def _named(cls, name: str) -> str:
        if not _NAME.fullmatch(name):
            raise ValueError("use small letters, digits, - and _ only")
        return name

    @field_validator("version", mode="before")
    @classmethod
    def _written(cls, version: object) -> object:
        return str(version) if isinstance(version, int | float) and not isinstance(version, bool) else version

    @field_validator("extra")
    @classmethod
    def _once(cls, extra: tuple[ExtraCriterion, ...]) -> tuple[ExtraCriterion, ...]:
        names = [criterion.name for criterion in extra]
        if twice := [name for name in names if names.count(name) > 1]:
            raise ValueError(f"there are two criteria called {twice[0]}")
        return extra

    def criterion(self, name: str) -> Criterion:
        """Return one of the three criteria by name."""
        found: Criterion = getattr(self.criteria, name)
        return found

    @property
    def stamp(self) -> RubricStamp:
        """Name, version and hash, as they stand on every scorecard."""
        return RubricStamp(name=self.name, version=self.version, sha256=self.sha256)


@dataclass(frozen=True)
class RubricFlaw:
    """Something wrong with a rubric file: the 1-based line (0 where none can be named), what, and how to mend it."""

    line: int
    message: str
    mend: str
    level: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        return f"{f'Line {self.line}: ' if self.line else ''}{self.message} {self.mend}".strip()


def rubric_files(dirs: Sequence[Path] = ()) -> dict[str, Path]:
    """Return the rubric files by name (the file's stem); a trainer's own in ``dirs`` come before the built-in "
    "ones."""
    found: dict[str, Path] = {}
    for folder in [*dirs, BUILT_IN]:
        for path in [*sorted(folder.glob("*.yaml")), *sorted(folder.glob("*.yml"))]:
            found.setdefault(path.stem, path)
    return found


def load_rubric(name: str = "default", dirs: Sequence[Path] = ()) -> Rubric:
    """Return the rubric called ``name``, or the one in the file ``name`` where it is a path to YAML.

    Raises ``RubricError`` where there is none or it cannot be used, naming what to mend.
    """
    files = rubric_files(dirs)
    path = files.get(name)
    if path is None and name.endswith((".yaml", ".yml")):
        path = Path(name).expanduser()
    if path is None:
        known = ", ".join(sorted(files)) or "none"
        raise RubricError(f"There is no rubric called {name}.", f"There are: {known}.")
    rubric, flaws = _read(path)
    errors = [flaw for flaw in flaws if flaw.level == "error"]
    if rubric is None or errors:
        raise RubricError(
            f"The rubric {path} cannot be used: {errors[0] if errors else flaws[0]}", "See `simulator rubrics lint`."
        )
    return rubric


def lint(path: Path) -> list[RubricFlaw]:
    """Return everything wrong with the rubric file ``path``, in line order; an empty list for a sound one."""
    return sorted(_read(path)[1], key=lambda flaw: flaw.line)


def _read(path: Path) -> tuple[Rubric | None, list[RubricFlaw]]:
    try:
        raw = path.read_bytes()
        text = raw.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return None, [RubricFlaw(0, f"{path} cannot be read ({error}).", "Check the name and that it is UTF-8 text.")]
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or "it is not YAML"
        return None, [
            RubricFlaw(mark.line + 1 if mark else 0, f"This is not valid YAML: {what}.", "Check indents and colons.")
        ]
    except (RecursionError, ValueError) as error:
        return None, [RubricFlaw(0, f"This cannot be read as YAML ({error}).", "Begin with a copy of default.yaml.")]
    if not isinstance(data, dict):
        return None, [RubricFlaw(1, "A rubric is a set of named fields.", "Begin with a copy of default.yaml.")]
    flaws = _repeated(node)
    if "sha256" in data:
        flaws.append(RubricFlaw(_line(node, ("sha256",)), "sha256 is worked out, not written.", "Take the line out."))
    data = {**data, "sha256": hashlib.sha256(raw).hexdigest()}
    try:
        rubric = Rubric.model_validate(data)
    except ValidationError as error:
        return None, flaws + [_flaw(node, item) for item in error.errors(include_url=False)]
    if rubric.name != path.stem:
        flaws.append(
            RubricFlaw(
                _line(node, ("name",)),
                f"The rubric is called {rubric.name} and its file {path.stem}; it is found by its file.",
                "Give both the same name.",
                "warning",
            )
        )
    return rubric, flaws


def _flaw(node: yaml.Node | None, item: Any) -> RubricFlaw:
    where = tuple(part for part in item["loc"] if part != "[key]")
    field = ".".join(str(part) for part in where) or "the rubric"
    line = _line(node, where)
    kind = item["type"]
    if kind == "missing":
        return RubricFlaw(line, f"{field} is missing.", "Take it from default.yaml.")
    if kind == "extra_forbidden":
        return RubricFlaw(line, f"{field} is not a field of a rubric.", "Take it out or check its spelling.")
    if kind == "enum":
        names = ", ".join(label.value for label in Label)
        return RubricFlaw(line, f"{item['input']!r} in {field} is not a label.", f"The labels are: {names}.")
    message = str(item["msg"]).removeprefix("Value error, ")
    return RubricFlaw(
        line, f"{field} cannot be used: {message[:1].lower()}{message[1:].rstrip('.')}.", "Mend the value."
    )


def _line(node: yaml.Node | None, where: tuple[Any, ...]) -> int:
    """Return the 1-based line of the field at ``where``, or of the nearest thing around it."""
    line = 0
    for part in where:
        if isinstance(node, yaml.MappingNode):
            pair = next(((k, v) for k, v in node.value if str(k.value) == str(part)), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
        else:
            break
    return line or (node.start_mark.line + 1 if node is not None else 0)


def _repeated(node: yaml.Node | None) -> list[RubricFlaw]:
    flaws: list[RubricFlaw] = []
    pending = [node]
    visited: set[int] = set()  # an alias leads to the same node again
    while pending:
        current = pending.pop()
        if id(current) in visited:
            continue
        visited.add(id(current))
        if isinstance(current, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in current.value:
                if str(key.value) in seen:
                    line = key.start_mark.line + 1
                    flaws.append(RubricFlaw(line, f"{key.value} is given twice; the later one counts.", "Keep one."))
                seen.add(str(key.value))
                pending.append(value)
        elif isinstance(current, yaml.SequenceNode):
            pending.extend(current.value)
    return flaws
