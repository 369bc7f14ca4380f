"""What holds for every format."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from simulator.errors import TranscriptError
from simulator.exports import FORMATS, Options, export, exporter
from simulator.transcripts.records import Header, Role, ScorecardLine, Transcript, Turn
from tests.exports.conftest import told

BY_TURN = Options(rows="turn")


@pytest.mark.parametrize("fmt", FORMATS)
def test_secrets_stay_in(fmt: str, session: Transcript) -> None:
    for rows in ("session", "turn"):
        text = told(fmt, session, options=Options(rows=rows))
        assert "SECRET" not in text
        assert "FACT-divorce" not in text


@pytest.mark.parametrize("fmt", [fmt for fmt in FORMATS if fmt != "xapi"])  # a record of learning never holds them
def test_secrets_come_out_where_asked_for(fmt: str, session: Transcript) -> None:
    private = told(fmt, session, options=Options(rows="turn", private=True))
    assert "SECRET sigh" in private
    assert ("SECRET note" in private) is (fmt != "chat")  # nobody is to be trained on what was refused


@pytest.mark.parametrize("fmt", ["markdown", "txt", "html", "json"])
def test_a_page_tells_who_when_what_and_why(fmt: str, session: Transcript) -> None:
    text = told(fmt, session).replace("\\", "")
    for words in (
        "Dana White",
        "2026-01-31T09:30:00Z",
        "local",
        "I have to be out!",
        "that is frightening",
        "in three days",
        "Too early.",
        "Wait for a breath.",
        "What would help most?",
        "5e" * 32,
        "9a" * 32,
        "1.0",
        "labeler-1",
        "Resumed.",
        "Line 4 is cut short.",
        "55",
    ):
        assert words in text, words
    assert "face_to_face" in text or "face to face" in text


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize("options", [Options(private=True), Options(private=True, rows="turn")])
def test_nothing_that_acts_on_a_terminal_is_exported(fmt: str, options: Options, hostile: Transcript) -> None:
    text = told(fmt, hostile, options=options)
    assert not set(text) & set("\x1b\x07\u202e")


ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    10**400,
    float("nan"),
    "x",
    [],
    [None, 3],
    {},
    {"turn": "one"},
    {"x": {"y": 1}},
)


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize(
    "field",
    [
        "status",
        "reason",
        "criteria",
        "acknowledged_before_solution",
        "first_solution_turn",
        "overall",
        "passed",
        "turns",
        "coaching",
        "rubric",
        "grader",
    ],
)
def test_no_scorecard_is_too_odd_to_export(fmt: str, field: str, session: Transcript) -> None:
    good = session.scorecards[-1].scorecard
    names = ("acknowledge", "name", "rewrites", "strength")
    inner = [{**good, field: dict.fromkeys(names, odd)} for odd in ODD]
    for scorecard in [
        *({**good, field: odd} for odd in ODD),
        *inner,
        {k: v for k, v in good.items() if k != field},
    ]:
        odd_one = session.model_copy(update={"scorecards": (ScorecardLine.model_construct(scorecard=scorecard),)})
        for options in (Options(), BY_TURN):
            assert told(fmt, odd_one, options=options)


@pytest.mark.parametrize("fmt", FORMATS)
def test_a_session_without_turns_or_grading_is_exported(fmt: str, session: Transcript) -> None:
    bare = Transcript(header=session.header.model_copy(update={"persona_name": ""}))
    assert told(fmt, bare) or fmt == "chat"  # nothing to learn from
    told(fmt)


@pytest.mark.parametrize(
    ("fmt", "said"), [("markdown", "Not graded"), ("txt", "Not graded"), ("html", "Not graded"), ("csv", "not_graded")]
)
def test_not_graded_is_said_and_is_not_zero(fmt: str, said: str, session: Transcript) -> None:
    ungraded = {"id": "s", "status": "not_graded", "reason": "The trainee said nothing."}
    text = told(fmt, session.model_copy(update={"scorecards": (ScorecardLine(scorecard=ungraded),)}))
    assert said in text
    assert "The trainee said nothing." in text.replace("\\", "")
    assert "0 of 100" not in text


@pytest.mark.parametrize("fmt", FORMATS)
def test_only_the_latest_scorecard_counts(fmt: str, session: Transcript) -> None:
    later = session.scorecards[1].scorecard
    old = session.scorecards[0].model_copy(update={"scorecard": later | {"reason": "SUPERSEDED"}})
    again = session.model_copy(update={"scorecards": (old, session.scorecards[1])})
    assert "SUPERSEDED" not in told(fmt, again)


def test_a_gap_left_by_damage_does_not_shift_the_evidence() -> None:
    header = Header(id="s", started_at="", persona="p", persona_sha256="", seed=1, voice="scripted")
    turns = tuple(Turn(index=i, role=Role.TRAINEE, text=f"said {i}") for i in (0, 2, 3))
    for number in (3, 2):  # by the turn's own index, or by its place after the damage
        evidence = [{"turn": number, "quote": "said 3"}]
        scorecard = {
            "status": "graded",
            "criteria": {"presence": {"level": 2, "reason": "", "evidence": evidence}},
        }
        text = told(
            "markdown",
            Transcript(header=header, turns=turns, scorecards=(ScorecardLine(scorecard=scorecard),)),
        )
        assert "Turn 3: “said 3”" in text


def test_an_unknown_format_suggests_one() -> None:
    with pytest.raises(TranscriptError, match="Did you mean html"):
        exporter("htlm")
    assert exporter("MD").name == "markdown"


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, session: Transcript) -> None:
    out = tmp_path / "page.html"
    out.write_text("before")

    def broken() -> Any:
        yield session
        raise TranscriptError("The second one is gone.")

    with pytest.raises(TranscriptError, match="second one"):
        export(broken(), "html", out)
    assert out.read_text() == "before"
    export([session], "html", out)
    assert out.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, session: Transcript) -> None:
    with pytest.raises(TranscriptError, match="is a folder"):
        export([session], "json", tmp_path)
    with pytest.raises(TranscriptError, match="cannot be written"):
        export([session], "json", tmp_path / "no" / "x.json")
