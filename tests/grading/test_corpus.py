"""The corpus is sound, broad enough, and says exactly where it is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from simulator.grading.corpus import BUILT_IN, CorpusError, corpus_files, parse_line, read_corpus, read_files
from simulator.labels import Label

LINE = {
    "id": "x-1",
    "business": "bank",
    "channel": "phone",
    "style": "plain",
    "turns": [{"customer": "My card!", "trainee": "What happened?", "labels": [["asks_open", "What happened?"]]}],
}


def test_the_built_in_corpus_has_no_flaw() -> None:
    conversations, flaws = read_files(corpus_files())
    assert [str(flaw) for flaw in flaws] == []
    assert sum(len(c.turns) for c in conversations) >= 1500
    assert len({c.business for c in conversations}) >= 15
    assert {c.channel for c in conversations} == {"phone", "chat", "face_to_face", "email"}
    assert len({c.style for c in conversations}) >= 8


def test_every_label_is_shown_often_enough_to_be_learnt() -> None:
    seen = [label for _, _, turn in read_corpus().turns() for label in turn.labels]
    assert all(seen.count(label) >= 60 for label in Label)


def test_the_corpus_lies_inside_the_package() -> None:
    assert BUILT_IN.parent.name == "grading"
    assert list(BUILT_IN.glob("*.jsonl"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": ""}, "id is not a text"),
        ({"extra": 1}, "extra is not a field"),
        ({"turns": []}, "turns is not a list"),
        ({"turns": [1]}, "turn 1: it is not an object"),
        ({"turns": [{"customer": "a", "trainee": "b", "labels": [["praises", "b"]]}]}, "there is no label 'praises'"),
        ({"turns": [{"customer": "a", "trainee": "b", "labels": [["restates", "c"]]}]}, "does not stand in the turn"),
        ({"turns": [{"customer": "a", "trainee": "b", "labels": ["restates"]}]}, "not a pair"),
        ({"turns": [{"customer": "a", "trainee": "b"}]}, "labels is missing"),
    ],
)
def test_a_flaw_is_named(change: dict[str, object], message: str) -> None:
    problems = parse_line(json.dumps({**LINE, **change}))[1]
    assert any(message in problem for problem in problems)


def test_flaws_name_file_and_line(tmp_path: Path) -> None:
    file = tmp_path / "mine.jsonl"
    file.write_text(json.dumps(LINE) + "\n\nnot json\n" + json.dumps(LINE) + "\n", encoding="utf-8")
    _, flaws = read_files([file])
    assert [(flaw.file, flaw.line) for flaw in flaws] == [("mine.jsonl", 3), ("mine.jsonl", 4)]
    with pytest.raises(CorpusError, match=r"mine\.jsonl, line 3"):
        read_corpus(tmp_path)


def test_a_trainer_replaces_a_conversation_by_its_id(tmp_path: Path) -> None:
    before = read_corpus()
    own = {**LINE, "id": before.conversations[0].id}
    (tmp_path / "own.jsonl").write_text(json.dumps(own), encoding="utf-8")
    after = read_corpus(tmp_path)
    assert len(after.conversations) == len(before.conversations)
    assert after.conversations[0].turns[0].trainee == "What happened?"
    assert after.sha256 != before.sha256
