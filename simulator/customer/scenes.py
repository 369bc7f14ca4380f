"""The example scenes in ``prompts/scenes``: finished scenes of other customers, and what is learnt from them.

Small models write best when they continue a scene after a short finished one. The same scenes tell how customers
talk and how employees talk: ``Ear`` is a classifier of single lines fitted to them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from simulator.errors import PromptError

_LINE = re.compile(r"^(?P<who>[A-ZÀ-Þ][A-ZÀ-Þ'’. -]+?)(?: \((?P<note>[^)]*)\))?:\s*(?P<text>.+)$")


@dataclass(frozen=True)
class SceneLine:
    """One line of a scene; ``note`` is the stage direction of a customer's line, empty for the employee."""

    who: str
    note: str
    text: str


@dataclass(frozen=True)
class Scene:
    """A finished scene: ``about`` the customer, the employee's speaker ``word``, and the lines."""

    about: str
    word: str
    lines: tuple[SceneLine, ...]

    @property
    def customer_lines(self) -> tuple[str, ...]:
        """What the customer says, in order."""
        return tuple(line.text for line in self.lines if line.who != self.word)

    @property
    def employee_lines(self) -> tuple[str, ...]:
        """What the employee says, in order."""
        return tuple(line.text for line in self.lines if line.who == self.word)

    def text(self) -> str:
        """Return the scene as it stands in a prompt."""
        lines = (f"{s.who} ({s.note}): {s.text}" if s.note else f"{s.who}: {s.text}" for s in self.lines)
        return "\n".join([f"About the customer: {self.about}", *lines])


def parse_scenes(text: str, source: str = "scenes") -> list[Scene]:
    """Return the scenes of one file; raises ``PromptError`` naming source and line where one cannot be read."""
    scenes: list[Scene] = []
    about, lines, start = "", list[SceneLine](), 1
    for number, raw in enumerate([*text.splitlines(), "==="], 1):
        row = raw.strip()
        if row == "===":
            if about and lines:
                word = next((line.who for line in lines if not line.note), "EMPLOYEE")
                scenes.append(Scene(about, word, tuple(lines)))
            elif about or lines:
                raise PromptError(
                    f"{source}, line {start}: a scene lacks its card or its lines.",
                    "See prompts/scenes/a.txt.",
                )
            about, lines, start = "", [], number + 1
        elif row.startswith("About the customer:"):
            about = row.removeprefix("About the customer:").strip()
        elif row:
            match = _LINE.match(row)
            if not match:
                raise PromptError(f"{source}, line {number}: this is not 'NAME (direction): words'.", "Mend the line.")
            lines.append(SceneLine(match["who"], match["note"] or "", match["text"].strip()))
    return scenes


def load_scenes(dirs: Sequence[Path]) -> tuple[Scene, ...]:
    """Return all scenes of the first of ``dirs`` that has any, in file order."""
    for folder in dirs:
        files = sorted((folder / "scenes").glob("*.txt"))
        if files:
            return tuple(scene for file in files for scene in parse_scenes(file.read_text("utf-8"), file.name))
    return ()


class Ear:
    """Tells customers from employees by how one line sounds.

    A logistic regression on word and character n-grams, fitted to the lines of ``scenes`` when made (well under a
    second for 1,400 lines). Used to rank candidates; it never sees who really spoke.
    """

    def __init__(self, scenes: Iterable[Scene]) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415 - a second of import time
        from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
        from sklearn.pipeline import make_pipeline, make_union  # noqa: PLC0415

        lines, customer = list[str](), list[int]()
        for scene in scenes:
            for line in scene.lines:
                lines.append(line.text)
                customer.append(int(line.who != scene.word))
        self._model: Any = make_pipeline(
            make_union(
                TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"(?u)[\w']+|[!?…]"),  # noqa: S106
                TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True),
            ),
            LogisticRegression(C=8.0, max_iter=500),
        )
        self._model.fit(lines, customer)

    def customer(self, line: str) -> float:
        """Return how much ``line`` sounds like a customer, 0 (an employee for sure) to 1."""
        return float(self._model.predict_proba([line])[0][1])


@lru_cache(maxsize=4)
def ear_for(dirs: tuple[Path, ...]) -> Ear | None:
    """Return the ear fitted to the scenes found in ``dirs``, once a process; None where there are none."""
    scenes = load_scenes(dirs)
    return Ear(scenes) if scenes else None
