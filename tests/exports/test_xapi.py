"""xAPI statements: what they say, that they are sound to another program, and that the same is always the same."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from simulator.errors import SettingsError
from simulator.exports import Options, export
from simulator.exports.recording import Recording, account, actor_for, pass_marks, recording_for
from simulator.exports.xapi import VOCABULARY, duration, seconds_at_work, statements, term
from simulator.grading.rubric import load_rubric
from simulator.settings import load
from simulator.transcripts.records import Ending, NoteLine, Transcript
from tests.exports.conftest import EVIL, card, made
from tests.ralph import Ralph

MARKS = pass_marks(())
BUILT_IN = load_rubric().stamp.model_dump()
NOT_GRADED = {"id": "s", "status": "not_graded", "reason": "Nothing was said.", "overall": None, "passed": None}


def told(transcript: Transcript, **more: Any) -> list[dict[str, Any]]:
    return list(statements(transcript, Recording(marks=MARKS, **more)))


def extension(statement: dict[str, Any], name: str, part: str = "result") -> Any:
    return statement[part]["extensions"].get(term(name))


def timed(*times: str, notes: tuple[NoteLine, ...] = ()) -> Transcript:
    session = made()
    turns = tuple(turn.model_copy(update={"at": at}) for turn, at in zip(session.turns, times, strict=True))
    return session.model_copy(update={"turns": turns, "notes": notes})


def test_a_session_is_one_statement_with_score_success_completion_and_duration() -> None:
    session = told(timed("2026-01-31T09:30:10Z", "2026-01-31T09:31:00Z", "2026-01-31T10:31:02Z"))[0]
    assert session["verb"]["id"] == "http://adlnet.gov/expapi/verbs/failed"
    assert session["result"]["score"] == {"scaled": 0.55, "raw": 55, "min": 0, "max": 100}
    assert session["result"]["success"] is False
    assert session["result"]["completion"] is True
    assert session["result"]["duration"] == "PT1H1M2S"
    assert session["timestamp"] == "2026-01-31T10:31:02.000Z"
    assert extension(session, "rubric", "context")["sha256"] == "5e" * 32
    assert extension(session, "grader", "context")["model"] == "labeler-1"


def test_a_passed_session_says_passed() -> None:
    session = told(made(scorecards=(card(passed=True, overall=91),)))[0]
    assert session["verb"]["id"].endswith("/passed")
    assert session["result"]["success"] is True


def test_each_criterion_is_a_statement_of_its_own_with_the_session_as_parent() -> None:
    session, *criteria = told(made())
    assert [s["object"]["id"].rpartition("/")[2] for s in criteria] == ["acknowledge", "presence", "solution"]
    assert [s["result"]["score"]["scaled"] for s in criteria] == [0.75, 0.5, 0.25]
    for statement in criteria:
        assert statement["context"]["contextActivities"]["parent"] == [session["object"]]
        assert statement["context"]["registration"] == session["context"]["registration"]
    assert extension(criteria[0], "level") == 3
    assert extension(criteria[0], "evidence") == [{"turn": 1, "quote": "in three days"}]


def test_success_of_a_criterion_is_what_the_rubric_of_the_grading_asks_for() -> None:
    known = told(made(scorecards=(card(rubric=BUILT_IN),)))[1:]
    assert [s["result"]["success"] for s in known] == [True, False, False]
    changed = told(made())[1:]  # a rubric that is no longer here
    assert all("success" not in s["result"] for s in changed)


@pytest.mark.parametrize(
    ("scorecards", "ending", "verb"),
    [
        ((), Ending.WALKED_OUT, "completed"),
        ((), None, "attempted"),
        ((NOT_GRADED,), Ending.TRAINEE_LEFT, "attempted"),
        ((NOT_GRADED,), Ending.SETTLED, "completed"),
    ],
)
def test_a_session_without_a_grade_has_no_score(scorecards: tuple[Any, ...], ending: Ending | None, verb: str) -> None:
    (session,) = told(made(scorecards=scorecards).model_copy(update={"ending": ending}))
    assert session["verb"]["id"].endswith(f"/{verb}")
    assert not {"score", "success"} & set(session["result"])
    assert session["result"]["completion"] is (verb == "completed")


def test_the_same_grading_always_has_the_same_ids_and_another_one_others() -> None:
    ids = [s["id"] for s in told(made())]
    assert ids == [s["id"] for s in told(made())]
    assert len(set(ids)) == 4
    for other in (
        told(made(scorecards=(card(overall=56),))),
        told(made(), actor=account("somebody-else", "https://lms.example.org")),
        told(made().model_copy(update={"header": made().header.model_copy(update={"id": "other"})})),
    ):
        assert not set(ids) & {s["id"] for s in other}


def test_another_program_finds_every_statement_sound(ralph: Ralph) -> None:
    kinds = [
        made(),
        made(EVIL),
        made(scorecards=()),
        made(scorecards=(NOT_GRADED,)),
        made(scorecards=(card(rubric=BUILT_IN),)),
    ]
    everything = [s for kind in kinds for s in told(kind)]
    mailed = {"objectType": "Agent", "mbox": "mailto:ada@example.org"}
    everything += told(made(), actor=mailed, base="https://example.org/training/")
    assert ralph.validate(everything) == []
    broken = told(made())[0]
    broken["result"]["score"]["scaled"] = 3
    assert len(ralph.validate([broken])) == 1


def test_what_is_private_stays_out_even_where_asked_for() -> None:
    out = io.StringIO()
    export([made()], "xapi", out, Options(private=True))
    assert "SECRET" not in out.getvalue()
    assert "FACT-divorce" not in out.getvalue()
    assert "I have to be out!" not in out.getvalue()


def test_a_file_holds_a_statement_a_line() -> None:
    out = io.StringIO()
    export([made(), made(EVIL)], "xapi", out)
    lines = out.getvalue().splitlines()
    assert len(lines) == 8
    assert all(json.loads(line)["id"] for line in lines)


def test_time_between_a_break_and_going_on_does_not_count() -> None:
    times = ("2026-01-31T09:30:10Z", "2026-01-31T09:31:00Z", "2026-02-02T08:00:30Z")
    resumed = NoteLine(at="2026-02-02T08:00:00Z", text="resumed with the local voice")
    assert seconds_at_work(timed(*times, notes=(resumed,))) == 90
    assert seconds_at_work(timed("", "not a time", "")) is None


@pytest.mark.parametrize(
    ("seconds", "told_as"),
    [(0, "PT0S"), (59.994, "PT59.99S"), (59.996, "PT1M0S"), (3661.5, "PT1H1M1.5S"), (-1, "PT0S")],
)
def test_durations_are_iso_8601(seconds: float, told_as: str) -> None:
    assert duration(seconds) == told_as


def test_who_practises_is_a_pseudonym_that_stays_unless_somebody_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    first = recording_for(load()).actor
    assert first["account"]["name"].startswith("trainee-")
    assert recording_for(load()).actor == first
    monkeypatch.setenv("SIMULATOR_ACTOR", "1625378")
    monkeypatch.setenv("SIMULATOR_ACTOR_HOME_PAGE", "https://lms.example.org")
    assert actor_for(load()) == account("1625378", "https://lms.example.org")
    monkeypatch.setenv("SIMULATOR_ACTOR", "mailto:ada@example.org")
    assert actor_for(load()) == {"objectType": "Agent", "mbox": "mailto:ada@example.org"}
    monkeypatch.setenv("SIMULATOR_ACTOR", "mailto:")
    with pytest.raises(SettingsError, match="no address"):
        actor_for(load())


@pytest.mark.parametrize("name", ["ACTIVITY_BASE", "ACTOR_HOME_PAGE"])
def test_a_name_that_is_no_address_is_said_in_words(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(f"SIMULATOR_{name}", "training records/")
    with pytest.raises(SettingsError, match=r"such as https://example\.org"):
        load()


def test_extensions_have_names_of_the_programs_own() -> None:
    for statement in told(made()):
        for part in ("result", "context"):
            assert all(name.startswith(VOCABULARY) for name in statement[part]["extensions"])
