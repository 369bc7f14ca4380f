"""The small parts: words, gauge, chart, scorecard text, and text that is never markup."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from textual.app import App, ComposeResult

from simulator.exports.report import report_of
from simulator.transcripts.records import Header, Role, ScorecardLine, Transcript, Turn
from simulator.tui.text import spoken
from simulator.tui.widgets import scorecard
from simulator.tui.widgets.gauge import gauge
from simulator.tui.widgets.mood_chart import MoodPoint, chart, path
from simulator.tui.widgets.turn import TurnView
from simulator.tui.words import ago, size_words, voice_words
from tests.tui.stage import HOSTILE, text_of, until

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("2026-03-01T11:59:30Z", "just now"),
        ("2026-03-01T11:50:00Z", "10 minutes ago"),
        ("2026-03-01T09:00:00Z", "3 hours ago"),
        ("2026-02-28T11:00:00Z", "yesterday"),
        ("2026-01-01T00:00:00", "on 01 January 2026"),
        ("no time", "no time"),
    ],
)
def test_times_are_told_as_a_person_would(moment: str, words: str) -> None:
    assert ago(moment, NOW) == words


def test_sizes_and_voices_in_words() -> None:
    assert size_words(412_000_000) == "412 MB"
    assert size_words(1_117_320_768) == "1.12 GB"
    assert voice_words("openai", "big") == "a model at your endpoint (big)"
    assert voice_words(None) == "not chosen yet"


def test_the_gauge_says_everything_in_words_too() -> None:
    assert gauge(6.5, "guarded").plain == "tension ▇▇▇▇▇▇▁▁▁▁ 6.5 guarded"
    assert gauge(5.0, "guarded", 6.5).plain.endswith("▼ 1.5 easing")
    assert gauge(7.0, "venting", 6.5).plain.endswith("▲ 0.5 rising")


@pytest.mark.parametrize(("turns", "width"), [(1, 76), (7, 76), (40, 76), (40, 20)])
def test_the_chart_fits_whatever_the_width(turns: int, width: int) -> None:
    points = [MoodPoint(2 * n + 1, 10 - n / 4, "venting") for n in range(turns)]
    drawn = chart(points, width).plain.split("\n")
    assert len(drawn) == 7
    assert max(len(line) for line in drawn) <= width
    assert drawn[0].startswith("10 ┤")


def test_the_chart_is_higher_where_the_tension_is() -> None:
    top, *_, bottom, numbers = chart([MoodPoint(1, 10, "venting"), MoodPoint(3, 0, "settled")], 40).plain.split("\n")
    assert "████" in top
    assert bottom.count("█") == 4
    assert numbers.split() == ["turn", "1", "3"]


def test_the_path_names_each_stage_once() -> None:
    points = [MoodPoint(1, 7, "venting"), MoodPoint(3, 7, "venting"), MoodPoint(5, 5, "walked out")]
    assert path(points).plain == "venting 7.0 (turn 1) → walked out 5.0 (turn 5)"


def test_signs_in_parentheses_are_quieter_and_markup_stays_text() -> None:
    content = spoken(f"(sighs) {HOSTILE}")
    assert content.plain == "(sighs) [/foo] [@click=app.quit]x[/] red [b]"
    assert [(span.start, span.end) for span in content.spans] == [(0, 7)]


class Stage(App[None]):
    def compose(self) -> ComposeResult:
        yield TurnView(Role.CUSTOMER, "Mo [/foo]")


async def test_a_turn_appears_bit_by_bit_and_can_be_shown_at_once() -> None:
    async with Stage().run_test(size=(60, 10)) as pilot:
        turn = pilot.app.query_one(TurnView)
        turn.add("x" * 400)
        assert not turn.all_shown
        turn.add(" end")
        turn.show_all()
        await until(pilot, lambda: "end" in text_of(turn))
        assert "Mo [/foo]" in text_of(turn)


async def test_a_turn_appears_whole_where_motion_is_not_wanted() -> None:
    app = Stage()
    app.animation_level = "none"
    async with app.run_test(size=(60, 10)) as pilot:
        turn = pilot.app.query_one(TurnView)
        turn.add("All of it.")
        assert turn.all_shown


def graded(**card: object) -> Transcript:
    turns = (
        Turn(index=0, role=Role.CUSTOMER, text="It flooded."),
        Turn(index=1, role=Role.TRAINEE, text="Whatever, [/foo]."),
    )
    header = Header(id="s", started_at="", persona="p", persona_sha256="0", seed=0, voice="scripted")
    values = {
        "status": "graded",
        "passed": False,
        "overall": 20,
        "criteria": {
            "presence": {"level": 1, "reason": "Mostly form.", "evidence": [{"turn": 1, "quote": "Whatever"}]}
        },
        "turns": [{"turn": 1, "labels": ["hostile"]}],
        **card,
    }
    return Transcript(header=header, turns=turns, scorecards=(ScorecardLine(scorecard=values),))


MARKS = scorecard.Marks(passes={"presence": 3}, fails=frozenset({"hostile"}), overall=50)


def test_the_verdict_says_by_what_it_was_not_passed() -> None:
    report = report_of(graded(acknowledged_before_solution=False))
    text = scorecard.verdict(report, report.grade, MARKS).plain  # type: ignore[arg-type]
    assert "Not yet passed   20 of 100" in text
    assert "Turn 2 was hostile" in text
    assert "Below the mark: Stay present" in text
    assert "A solution came before" in text
    assert "50 of 100" in text


def test_what_was_not_graded_is_no_result() -> None:
    report = report_of(graded(status="not_graded", reason="The evaluator said [/foo]."))
    text = scorecard.verdict(report, report.grade, MARKS).plain  # type: ignore[arg-type]
    assert text.startswith("– Not graded\nThe evaluator said [/foo].")
    assert "20" not in text


def test_a_level_is_a_bar_a_number_and_words() -> None:
    report = report_of(graded())
    assert scorecard.levels(report.grade, MARKS).plain.split() == (  # type: ignore[arg-type]
        ["Stay", "present", "■□□□", "1", "of", "4", "a", "beginning", "○", "passes", "at", "3"]
    )


def test_labels_of_another_version_are_shown_as_they_are() -> None:
    report = report_of(graded(turns=[{"turn": 1, "labels": ["sings"]}]))
    ((turn, seen),) = scorecard.labels(report)
    assert turn == "turn 2"
    assert "sings: a label this version does not know" in seen.plain
