"""Conversations from anywhere are read line by line, and a bad line costs only itself."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from simulator.errors import TranscriptError
from simulator.transcripts.bare import MAX_TURNS, Problem, read_conversations
from simulator.transcripts.records import BareTranscript

GOOD = {"id": "a", "setting": "phone", "turns": [{"role": "customer", "text": "My bill!"}]}


def read(*lines: object) -> list[BareTranscript | Problem]:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    return list(read_conversations(io.StringIO(text)))


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{oops}", "Line 2 is not valid JSON."),
        ('{"id": "b", "turns": [', "Line 2 is cut short."),
        ("3", "Line 2 is not a JSON object."),
        ({"turns": []}, "Line 2 has no id."),
        ({"id": [1], "turns": []}, "Line 2 has an id that is not text."),
        ({"id": "b"}, "Line 2 has no list of turns."),
        ({"id": "b", "turns": {}}, "Line 2 has no list of turns."),
        ({"id": "b", "setting": 1, "turns": []}, "Line 2 has a setting that is not text."),
        ({"id": "b", "turns": ["hi"]}, "Line 2 has a turn 1 that is not an object with role and text."),
        (
            {"id": "b", "turns": [{"role": "user", "text": "x"}]},
            "Line 2 has the role 'user' in turn 1; it must be customer or trainee.",
        ),
        ({"id": "b", "turns": [{"role": [], "text": "x"}]}, "Line 2 has the role '[]' in turn 1; it must be"),
        ({"id": "b", "turns": [{"role": "trainee"}]}, "Line 2 has no text in turn 1."),
        (
            {"id": "b", "turns": [{"role": "trainee", "text": ""}] * (MAX_TURNS + 1)},
            f"Line 2 has {MAX_TURNS + 1} turns; {MAX_TURNS} are the most that can be read.",
        ),
    ],
)
def test_a_bad_line_is_named_and_the_next_one_read(line: object, problem: str) -> None:
    first, bad, last = read(GOOD, line, GOOD)
    assert str(bad).startswith(problem)
    assert first == last == BareTranscript.model_validate(GOOD)


def test_what_else_a_line_says_is_passed_over() -> None:
    assert read({**GOOD, "id": 5, "source": "survey"}) == [BareTranscript.model_validate({**GOOD, "id": "5"})]


def test_a_conversation_without_turns_is_a_conversation() -> None:
    (only,) = read({"id": "a", "turns": []})
    assert isinstance(only, BareTranscript)


def test_a_session_of_our_own_is_read_as_one_conversation() -> None:
    header = {
        "kind": "header",
        "id": "s",
        "started_at": "",
        "persona": "p",
        "persona_sha256": "",
        "seed": 1,
        "voice": "scripted",
        "setting": "store",
    }
    turn = {"kind": "turn", "index": 0, "role": "customer", "text": "Hello?", "direction": "secret"}
    problem, only = read(header, turn, "{cut")
    assert str(problem) == "Line 3 is cut short."
    assert isinstance(only, BareTranscript)
    assert (only.id, only.setting, [turn.text for turn in only.turns]) == ("s", "store", ["Hello?"])
    assert "secret" not in only.model_dump_json()


def test_json_over_several_lines_is_one_problem() -> None:
    (problem,) = read(*json.dumps(GOOD, indent=2).split("\n"))
    assert "on one line" in str(problem)


def test_nothing_at_all_is_a_problem() -> None:
    (problem,) = read("", "  ")
    assert isinstance(problem, Problem)


def test_half_a_surrogate_pair_does_not_stop_the_scorecard_from_being_written() -> None:
    (only,) = read('{"id": "a", "turns": [{"role": "trainee", "text": "\\ud83d\\ude00 \\udc00"}]}')
    assert isinstance(only, BareTranscript)
    assert only.turns[0].text == "😀 \ufffd"


def test_files_and_byte_streams_are_read_alike(tmp_path: Path) -> None:
    path = tmp_path / "talks.jsonl"
    path.write_bytes(b"\xff\xfe junk\r\n" + json.dumps(GOOD).encode() + b"\r\n")
    from_file = list(read_conversations(path))
    with path.open(encoding="utf-8") as stream:
        assert list(read_conversations(stream)) == from_file
    assert [type(item) for item in from_file] == [Problem, BareTranscript]


def test_a_path_that_cannot_be_read_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(TranscriptError, match="no file"):
        list(read_conversations(tmp_path / "none.jsonl"))
    with pytest.raises(TranscriptError, match="is a folder"):
        list(read_conversations(tmp_path))
