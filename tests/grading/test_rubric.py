"""A rubric is read whole or not at all, and lint names everything wrong with where and how to mend it."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.errors import RubricError
from simulator.grading.rubric import BUILT_IN, Rubric, lint, load_rubric, rubric_files
from simulator.labels import Label
from simulator.settings import load

DEFAULT = (BUILT_IN / "default.yaml").read_text(encoding="utf-8")


def write(folder: Path, text: str, name: str = "mine") -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(text.replace("name: default", f"name: {name}"), encoding="utf-8")
    return path


def test_the_default_rubric_is_that_of_the_design(rubric: Rubric) -> None:
    assert [rubric.criterion(name).passes for name in ("acknowledge", "presence", "solution")] == [3, 3, 2]
    assert rubric.pass_when.acknowledged_before_solution
    assert set(rubric.automatic_fails) == {Label.HOSTILE, Label.BIASED}
    assert len(rubric.sha256) == 64
    assert lint(BUILT_IN / "default.yaml") == []


def test_a_trainers_rubric_comes_first(tmp_path: Path) -> None:
    write(tmp_path, DEFAULT.replace("weight: 40", "weight: 70"), "default")
    assert load_rubric("default", [tmp_path]).criteria.acknowledge.weight == 70
    assert load_rubric("default").criteria.acknowledge.weight == 40


def test_settings_name_the_built_in_folder() -> None:
    assert rubric_files(load().rubric_dirs())["default"].parent == BUILT_IN


def test_a_rubric_can_be_named_by_its_path(tmp_path: Path) -> None:
    assert load_rubric(str(write(tmp_path, DEFAULT))).name == "mine"


def test_the_hash_is_of_the_file(tmp_path: Path) -> None:
    first = load_rubric(str(write(tmp_path, DEFAULT))).sha256
    assert load_rubric(str(write(tmp_path, DEFAULT + "\n# a comment\n"))).sha256 != first


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(RubricError, match="no rubric called strict") as caught:
        load_rubric("strict")
    assert "default" in caught.value.hint


@pytest.mark.parametrize(
    ("before", "after", "line", "words"),
    [
        ("weight: 40", "weight: -1", 10, "greater than 0"),
        (
            "    pass: 3\n    anchors:\n      0: No word",
            "    pass: 9\n    anchors:\n      0: No word",
            11,
            "less than or equal to 4",
        ),
        ("[hostile, biased]", "[hostile, nasty]", 0, "'nasty'"),
        ("overall: 0 ", "overal: 0 ", 0, "overal is not a field"),
        ("extra: []", "extra:\n  - name: tone\n    wants: []", 0, "at least one label"),
        ("extra: []", "extra:\n  - name: solution\n    wants: [apologises]", 0, "one of the three"),
        ("extra: []", "extra: []\nsha256: abc", 0, "worked out, not written"),
        ("extra: []", "extra: []\nextra: []", 0, "given twice"),
        ("      4: Named in this person's own terms", "      5: Named in this person's own terms", 0, "acknowledge"),
    ],
)
def test_a_flaw_is_named_with_its_line(tmp_path: Path, before: str, after: str, line: int, words: str) -> None:
    assert before in DEFAULT
    path = write(tmp_path, DEFAULT.replace(before, after, 1))
    flaws = lint(path)
    assert any(words in str(flaw) for flaw in flaws), [str(flaw) for flaw in flaws]
    assert all(flaw.line > 0 and flaw.mend for flaw in flaws)
    if line:
        assert flaws[0].line == line
    with pytest.raises(RubricError):
        load_rubric(str(path))


def test_all_flaws_are_told_at_once(tmp_path: Path) -> None:
    text = DEFAULT.replace("weight: 40", "weight: none").replace("[hostile, biased]", "[nasty, mean]")
    assert len(lint(write(tmp_path, text))) == 3


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "a: [", "name: x\n", "\x00", "a: &a [*a]"])
def test_what_is_no_rubric_is_refused_in_words(tmp_path: Path, text: str) -> None:
    path = tmp_path / "odd.yaml"
    path.write_text(text, encoding="utf-8")
    assert lint(path)
    with pytest.raises(RubricError):
        load_rubric(str(path))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert "cannot be read" in str(lint(tmp_path / "none.yaml")[0])


def test_a_name_that_is_not_the_files_is_only_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "other.yaml"
    path.write_text(DEFAULT, encoding="utf-8")
    assert [flaw.level for flaw in lint(path)] == ["warning"]
    assert load_rubric("other", [tmp_path]).name == "default"
