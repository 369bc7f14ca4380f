"""``calibrate`` as a process: the bundled set, a trainer's own, the expert-rated sets, and what is wrong with a file."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Run

TURNS = [
    {"role": "customer", "text": "You charged me twice and nobody calls back!"},
    {"role": "trainee", "text": "Twice, and then no call. No wonder you're angry. What happened when you rang?"},
]
MARKS = {"acknowledge": 3, "presence": 3, "solution": 0}


def gold(folder: Path, *lines: object) -> str:
    path = folder / "mine.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines), "utf-8")
    return str(path)


def test_the_bundled_set_is_measured_without_anything_being_set_up(simulator: Run) -> None:
    printed = simulator("calibrate").stdout
    assert "72 conversations, 2 markings each" in printed
    assert "κ between markers" in printed
    assert "Same level when graded again: 100%" in printed
    found = json.loads(simulator("calibrate", "--json").stdout)
    assert found["trusted"] is True
    assert found["kappa"] >= 0.33
    assert set(found["agreement"]["criteria"]) == {"acknowledge", "presence", "solution"}


def test_a_trainers_own_file_is_measured_and_named(simulator: Run, tmp_path: Path) -> None:
    path = gold(tmp_path, {"id": "a", "turns": TURNS, "marks": MARKS})
    printed = simulator("calibrate", path, "--repeats", "1").stdout
    assert "mine.jsonl gold: 1 conversations, 1 marking each" in printed
    assert "too few for a verdict" in printed
    found = json.loads(simulator("calibrate", "--json", SIMULATOR_GOLD=path).stdout)
    assert found["gold"] == "mine.jsonl"
    assert found["trusted"] is None


def test_a_session_saved_here_is_marked_by_its_id(simulator: Run, tmp_path: Path) -> None:
    lines = tmp_path / "lines.txt"
    lines.write_text("What happened?\n", "utf-8")
    simulator("rehearse", "moving-house", "--lines", str(lines), "--voice", "scripted")
    session = json.loads(simulator("transcripts", "list", "--json").stdout.splitlines()[0])["id"]
    found = json.loads(simulator("calibrate", gold(tmp_path, {"id": session, "marks": MARKS}), "--json").stdout)
    assert found["agreement"]["conversations"] == 1


def test_every_wrong_line_is_named_and_the_last_word_is_one_sentence_with_a_hint(
    simulator: Run, tmp_path: Path
) -> None:
    path = gold(tmp_path, {"id": "a", "turns": TURNS}, {"id": "b", "turns": TURNS, "marks": {**MARKS, "solution": 9}})
    said = simulator("calibrate", path, code=2).stderr.splitlines()
    assert said[0].startswith("Line 1 has no marks")
    assert said[1].startswith("Line 2 has the level 9 for solution")
    assert said[2].startswith("simulator: The gold file") and "docs/calibration.md" in said[2]
    assert len(said) == 3
    assert "cannot be read" in simulator("calibrate", "none.jsonl", code=2).stderr


def test_the_expert_rated_sets_are_measured_from_where_they_lie(simulator: Run, tmp_path: Path) -> None:
    own = gold(tmp_path, {"id": "a", "turns": TURNS, "marks": MARKS})
    folder = tmp_path / "data" / "expert"
    folder.mkdir(parents=True)
    replies = [
        "I'm so sorry, that must hurt.",
        "Get over it.",
        "I'm sorry for your loss. I hope it gets easier.",
        "Ok.",
    ]
    epitome = [
        {"id": str(i), "seeker": "My dog died.", "response": reply,
         "experts": {f"e{k}": {"level_emotional_reactions": 2 - i % 2 * 2} for k in range(3)}}
        for i, reply in enumerate(replies)
    ]  # fmt: skip
    dialogues = [
        {"id": str(i), "messages": [{"role": "seeker", "text": "My dog died."}, {"role": "supporter", "text": reply}],
         "experts": {f"e{k}": {"empathy": 5 - i % 2 * 3 - k % 2} for k in range(3)}}
        for i, reply in enumerate(replies)
    ]  # fmt: skip
    for name, rows in (("epitome_expert50", epitome), ("empdialogues_expert50", dialogues)):
        (folder / f"{name}.jsonl").write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    found = json.loads(simulator("calibrate", own, "--data", str(folder.parent), "--json").stdout)
    rated = {item["name"]: item for item in found["rated_sets"]}
    assert rated["epitome"]["items"] == rated["empdialogues"]["items"] == 4
    assert rated["epitome"]["grader"]["value"] > 0.5
    assert rated["empdialogues"]["experts"] > 0.5
    assert "emotional reaction" in simulator("calibrate", own, "--data", str(folder.parent)).stdout
    missing = simulator("calibrate", own, "--data", str(tmp_path), code=2)
    assert "Name the folder that holds expert/" in missing.stderr


def test_doctor_shows_the_figure_of_the_grader_in_use(simulator: Run) -> None:
    found = [json.loads(line) for line in simulator("doctor", "--json").stdout.splitlines()]
    (grader,) = [item for item in found if item["about"] == "grader"]
    assert grader["state"] == "ok"
    assert "agrees with expert marks at κ 0." in grader["message"]
