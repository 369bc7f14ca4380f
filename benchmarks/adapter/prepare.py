"""Scenes into token ids, with a mask on what the customer says: only that is learnt.

    python benchmarks/adapter/prepare.py TOKENIZER OUT.jsonl

``TOKENIZER`` is a folder or GGUF file that ``transformers`` reads a tokenizer from. The scenes are those that stand in
prompts (``prompts/scenes``) and those written for this (``scenes`` beside this file), which have the form that the
program asks in: a place, a card, lines that show the voice, and directions whose last part is often ``tells it: …``.
"""

from __future__ import annotations

import json
import random
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
INTRO = (
    "Scenes from a training film about difficult customers. Every scene is short and true to life. The customers are "
    "upset; they talk in short plain sentences, they never help the employee, and they say nothing that their card "
    "does not know."
)
"""As in ``prompts/scene.jinja``."""
HELD_OUT = 5
"""Scenes of each kind that are kept for validation."""
TWICE = 2
"""How often a scene in the program's own form is seen in one pass."""
TOLD = 0.75
"""Share of lines with facts in the older scenes whose direction is given the line: facts come from the direction."""

_LINE = re.compile(r"^(?P<who>[A-ZÀ-Þ][A-ZÀ-Þ'’. -]+?)(?: \((?P<note>[^)]*)\))?:\s*(?P<text>.+)$")
_FACT = re.compile(r"\d|\b(?:reveals|tells|gives|explains|admits|names|describes)\b|(?<=[a-z,] )[A-Z][a-z]+")


@dataclass
class Scene:
    about: str = ""
    place: str = ""
    style: str = ""
    lines: list[tuple[str, str, str]] = field(default_factory=list)

    def head(self) -> str:
        place = f"Place: {self.place}\n" if self.place else ""
        style = f"How this customer talks, on other days: {self.style}\n" if self.style else ""
        return f"{INTRO}\n\nScene 1\n{place}About the customer: {self.about}\n{style}"


def scenes(path: Path) -> Iterator[Scene]:
    scene = Scene()
    for raw in [*path.read_text("utf-8").splitlines(), "==="]:
        row = raw.strip()
        if row == "===":
            if scene.about and scene.lines:
                yield scene
            scene = Scene()
        elif row.startswith("Place:"):
            scene.place = row.removeprefix("Place:").strip()
        elif row.startswith("About the customer:"):
            scene.about = row.removeprefix("About the customer:").strip()
        elif row.startswith("How this customer talks:"):
            scene.style = row.removeprefix("How this customer talks:").strip()
        elif row:
            match = _LINE.match(row)
            if not match:
                raise SystemExit(f"{path.name}: this is not a line of a scene: {row[:80]}")
            scene.lines.append((match["who"], match["note"] or "", match["text"].strip()))


def ids_of(scene: Scene, tokenizer: Any, rng: random.Random) -> dict[str, list[int]]:
    def encoded(text: str) -> list[int]:
        found: list[int] = tokenizer.encode(text, add_special_tokens=False)
        return found

    ids = encoded(scene.head())
    mask, pending = [0] * len(ids), ""
    for who, note, text in scene.lines:
        if not note:
            pending += f"{who}: {text}\n"
            continue
        if not scene.place and "tells it:" not in note and _FACT.search(f"{note} {text}") and rng.random() < TOLD:
            told = f"{note}; tells it: {text}"
        else:
            told = note
        asked, said = encoded(f"{pending}{who} ({told}):"), encoded(f" {text}\n")
        ids += asked + said
        mask += [0] * len(asked) + [1] * len(said)
        pending = ""
    return {"ids": ids, "mask": mask}


def main() -> None:
    from transformers import AutoTokenizer

    source, out = sys.argv[1:3]
    where = Path(source)
    given = {"gguf_file": where.name} if where.suffix == ".gguf" else {}
    tokenizer = AutoTokenizer.from_pretrained(where.parent if given else where, **given)
    rng = random.Random(1)
    kinds = []
    for folder in (HERE / "scenes", HERE.parent.parent / "prompts" / "scenes"):
        rows = [ids_of(s, tokenizer, rng) for file in sorted(folder.glob("*.txt")) for s in scenes(file)]
        rng.shuffle(rows)
        kinds.append(rows)
    directed, older = kinds
    held_out = directed[:HELD_OUT] + older[:HELD_OUT]
    train = directed[HELD_OUT:] * TWICE + older[HELD_OUT:]
    with Path(out).open("w", encoding="utf-8") as file:
        for split, rows in (("valid", held_out), ("train", train)):
            file.writelines(json.dumps({**row, "split": split}) + "\n" for row in rows)
    print(f"{len(directed)} + {len(older)} scenes, {sum(sum(r['mask']) for r in train):,} tokens of customers a pass")


if __name__ == "__main__":
    main()
