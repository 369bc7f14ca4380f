"""Gold files: the bundled one is sound, a trainer's own is read, and what is wrong is named line by line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from simulator.errors import TranscriptError
from simulator.grading.gold import GoldError, read_gold
from simulator.transcripts.records import BareTranscript
from tests.grading.conftest import KIND

MARKS = {"acknowledge": 3, "presence": 2, "solution": 0}


def line(**changes: Any) -> dict[str, Any]:
    turns = [{"role": "customer", "text": "It broke."}, {"role": "trainee", "text": "What happened?"}]
    return {"id": "c1", "turns": turns, "marks": MARKS, **changes}


def written(folder: Path, *lines: object) -> Path:
    path = folder / "gold.jsonl"
    path.write_text("\n".join(item if isinstance(item, str) else json.dumps(item) for item in lines), "utf-8")
    return path


def test_the_bundled_set_has_two_markings_of_at_least_sixty_conversations() -> None:
    gold = read_gold()
    assert len(gold.conversations) >= 60
    assert gold.markers == ("first", "second")
    assert all(len(item.marks) == 2 for item in gold.conversations)
    assert gold.name == "bundled"


def test_the_bundled_set_shares_no_turn_with_the_labelled_corpus() -> None:
    from simulator.grading.corpus import read_corpus

    known = {turn.trainee for _, _, turn in read_corpus().turns()}
    said = {turn.text for item in read_gold().conversations for turn in item.bare.turns if turn.role == "trainee"}
    assert len([text for text in said & known if len(text.split()) > 6]) == 0


def test_one_marker_needs_no_list_and_no_name(tmp_path: Path) -> None:
    gold = read_gold(written(tmp_path, line(), line(id="c2", marks=[{**MARKS, "by": "Ada"}, {**MARKS, "by": "Bo"}])))
    assert [mark.by for item in gold.conversations for mark in item.marks] == ["1", "Ada", "Bo"]
    assert gold.conversations[0].marks[0].levels == MARKS


def test_a_saved_session_is_marked_by_its_id(tmp_path: Path) -> None:
    def session(name: str) -> BareTranscript:
        if name != "kind":
            raise TranscriptError(f"There is no session {name!r}.", "")
        return KIND

    path = written(tmp_path, {"id": "kind", "marks": MARKS})
    assert read_gold(path, session).conversations[0].bare == KIND
    with pytest.raises(GoldError, match="no session 'other'"):
        read_gold(written(tmp_path, {"id": "other", "marks": MARKS}), session)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("{", "is cut short"),
        (line(marks={**MARKS, "presence": 5}), "has the level 5 for presence"),
        (line(marks={**MARKS, "presence": 2.5}), "has the level 2.5 for presence"),
        (line(marks={"acknowledge": 3, "presence": 2}), "has no level for solution"),
        (line(marks={**MARKS, "tone": 2}), "marks under 'tone'"),
        (line(marks=[]), "has no marks"),
        (line(marks=[MARKS, {**MARKS, "by": "1"}]), "marked twice by the same marker"),
        (line(turns=[{"role": "customer", "text": "It broke."}]), "no turn of the trainee"),
        (line(turns="It broke."), "has no list of turns"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, wrong: object, said: str) -> None:
    with pytest.raises(GoldError) as caught:
        read_gold(written(tmp_path, line(id="c0"), wrong))
    assert len(caught.value.flaws) == 1
    assert str(caught.value.flaws[0]).startswith("Line 2 ")
    assert said in str(caught.value.flaws[0])
    assert caught.value.hint


def test_every_wrong_line_is_named(tmp_path: Path) -> None:
    with pytest.raises(GoldError, match="1 more line") as caught:
        read_gold(written(tmp_path, line(), line(), "nonsense"))
    assert [flaw.line for flaw in caught.value.flaws] == [2, 3]


def test_an_empty_or_missing_file_is_an_error_with_a_hint(tmp_path: Path) -> None:
    for path in (written(tmp_path, ""), tmp_path / "none.jsonl"):
        with pytest.raises(GoldError) as caught:
            read_gold(path)
        assert caught.value.hint
