"""Persona files for tests: the starter with changes."""

from __future__ import annotations

from pathlib import Path

from simulator.personas import starter

BUILT_IN = Path(__file__).parents[2] / "personas"


def persona_file(folder: Path, *changes: tuple[str, str], name: str = "late-bike") -> Path:
    """Write the starter persona into ``folder`` with each (old, new) of ``changes`` made once."""
    path = starter.new(name, folder)
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, f"the starter no longer holds {old!r}"
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")
    return path


def line_of(path: Path, text: str) -> int:
    """Return the 1-based number of the first line of ``path`` that holds ``text``."""
    rows = path.read_text(encoding="utf-8").split("\n")
    return next(number for number, row in enumerate(rows, 1) if text in row)
