"""What is played: the trainee scripts, and the mix of personas × seeds × scripts."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "scripts"
EXPECTATIONS = ("settled", "walked_out", "not_settled", "any")
_HEADER = re.compile(
    r"^#\s*kind:\s*(?P<kind>[\w-]+)\s*;\s*for:\s*(?P<whom>[\w, -]+?)\s*;\s*expect:\s*(?P<expect>\w+)\s*$"
)


class ScriptError(ValueError):
    """A script that cannot be played; the message names the file."""


@dataclass(frozen=True)
class Script:
    """One file of trainee lines; ``whom`` are the persona ids it is for, empty for any."""

    name: str
    kind: str
    whom: frozenset[str]
    expect: str
    lines: tuple[str, ...]

    def fits(self, persona: str) -> bool:
        """True where the script is meant for ``persona``."""
        return not self.whom or persona in self.whom


@dataclass(frozen=True, order=True)
class Case:
    """One session to play."""

    persona: str
    seed: int
    script: str


def read_script(path: Path) -> Script:
    """Return the script at ``path``; raises ``ScriptError``."""
    rows = [row.strip() for row in path.read_text(encoding="utf-8").splitlines() if row.strip()]
    header = _HEADER.match(rows[0]) if rows else None
    if header is None or header["expect"] not in EXPECTATIONS:
        raise ScriptError(f"{path.name}: the first line is not '# kind: …; for: …; expect: {'|'.join(EXPECTATIONS)}'")
    lines = tuple(row for row in rows[1:] if not row.startswith("#"))
    if not lines:
        raise ScriptError(f"{path.name}: no trainee lines")
    whom = frozenset(name.strip() for name in header["whom"].split(",")) - {"any", ""}
    return Script(path.stem, header["kind"], whom, header["expect"], lines)


def read_scripts(pattern: str = "*") -> dict[str, Script]:
    """Return the scripts whose file matches ``pattern``: a glob in the scripts folder, or a path with a /."""
    name = pattern if pattern.endswith(".txt") else f"{pattern}.txt"
    place = Path(name)
    if place.is_absolute():
        found: Iterable[Path] = place.parent.glob(place.name)
    else:
        found = Path().glob(name) if "/" in name else FOLDER.glob(name)
    return {script.name: script for script in map(read_script, sorted(found))}


def choose(personas: Iterable[str], seeds: int, scripts: dict[str, Script], limit: int | None = None) -> list[Case]:
    """Return the sessions to play, those of one persona together; ``limit`` takes an even mix of personas and kinds."""
    groups: dict[tuple[str, str], list[Case]] = defaultdict(list)
    for persona in personas:
        for script in scripts.values():
            if script.fits(persona):
                groups[script.kind, persona] += [Case(persona, seed, script.name) for seed in range(seeds)]
    mixed = [sorted(group, key=_shuffled) for _, group in sorted(groups.items(), key=lambda g: _shuffled(g[0]))]
    turns: Sequence[Case | None] = list(chain.from_iterable(zip_longest(*mixed)))
    cases = [case for case in turns if case is not None]
    return sorted(cases[:limit] if limit is not None else cases)


def _shuffled(key: object) -> str:
    return hashlib.sha256(repr(key).encode()).hexdigest()
