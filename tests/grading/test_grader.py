"""Promises of the grader: order of skill, the same grade every time, true quotes, nobody fools it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from simulator.errors import SettingsError, VoiceError
from simulator.grading.evaluator import Evaluator
from simulator.grading.grader import NO_TURN, Grader, build_grader, spread
from simulator.grading.labeler import EmbeddedLabeler
from simulator.grading.rubric import Rubric
from simulator.grading.scorecard import Scorecard, misquoted
from simulator.prompts import PromptLibrary
from simulator.settings import load
from tests.grading.conftest import KIND, MIXED, POOR, RUDE, FakeModel, talk


def level(card: Scorecard, name: str) -> int:
    return card.criteria[name].level


def test_a_kind_conversation_gets_three_or_four_everywhere_and_passes(grader: Grader) -> None:
    card = grader.grade_now(KIND)
    assert {name: result.level for name, result in card.criteria.items()}.keys() == {
        "acknowledge",
        "presence",
        "solution",
    }
    assert all(result.level >= 3 for result in card.criteria.values()), card.criteria
    assert card.passed
    assert card.acknowledged_before_solution is True
    assert card.first_acknowledging_turn == 1


def test_solving_first_does_not_pass(grader: Grader) -> None:
    card = grader.grade_now(POOR)
    assert level(card, "acknowledge") <= 1
    assert level(card, "solution") <= 2
    assert card.acknowledged_before_solution is False
    assert not card.passed


def test_rudeness_gets_next_to_nothing(grader: Grader) -> None:
    card = grader.grade_now(RUDE)
    assert level(card, "acknowledge") == 0
    assert level(card, "presence") == 0
    assert level(card, "solution") <= 1
    assert not card.passed


def test_kind_is_better_than_mixed_and_mixed_than_poor(grader: Grader) -> None:
    marks = [grader.grade_now(bare).overall or 0 for bare in (KIND, MIXED, POOR, RUDE)]
    assert marks == sorted(marks, reverse=True)
    assert marks[0] > marks[1] > marks[2] >= marks[3]


@pytest.mark.parametrize("bare", [KIND, MIXED, POOR, RUDE], ids=lambda bare: bare.id)
def test_every_quote_stands_in_its_turn(grader: Grader, bare: Any) -> None:
    card = grader.grade_now(bare)
    assert misquoted(card, bare) == []
    assert all(result.evidence for result in card.criteria.values() if result.level >= 1)


def test_the_same_conversation_gets_the_same_card(grader: Grader) -> None:
    assert grader.grade_now(MIXED).to_json() == grader.grade_now(MIXED).to_json()


async def test_grading_with_and_without_waiting_comes_to_the_same(grader: Grader) -> None:
    told: list[str] = []
    assert await grader.grade(KIND, told.append) == grader.grade_now(KIND)
    assert told


@pytest.mark.parametrize("bare", [talk("C: Hello?"), talk()], ids=["only the customer", "nothing"])
async def test_without_a_trainee_turn_there_is_no_grade(grader: Grader, bare: Any) -> None:
    for card in (grader.grade_now(bare), await grader.grade(bare)):
        assert card.status == "not_graded"
        assert card.reason == NO_TURN
        assert card.overall is None
        assert card.passed is None


def test_the_card_has_the_fields_of_the_contract(grader: Grader) -> None:
    data = json.loads(grader.grade_now(POOR).to_json())
    assert {"id", "status", "criteria", "overall", "passed", "turns", "coaching", "rubric", "grader"} <= set(data)
    assert set(data["rubric"]) == {"name", "version", "sha256"}
    assert data["grader"]["kind"] == "local"
    assert data["grader"]["model"].startswith("labeler-")
    assert all(set(rewrite) == {"turn", "said", "try"} for rewrite in data["coaching"]["rewrites"])
    assert json.loads(Scorecard.model_validate(data).to_json()) == data


def test_corrected_labels_are_regraded_without_any_labelling(grader: Grader, labeler: EmbeddedLabeler) -> None:
    plain = grader.grade_labels(KIND, {})
    assert level(plain, "acknowledge") == 0
    assert plain.overall == 0


ANSWER = {
    "turns": [
        {
            "turn": 1,
            "reason": "names the situation",
            "marks": [
                {"reason": "their terms", "label": "acknowledges_specific", "quote": "Three calls for one bill."}
            ],
        }
    ]
}
SHORT = talk("C: This is my third call!", "T: Three calls for one bill. What happened?")


async def test_an_evaluator_gives_the_labels_and_its_name(
    labeler: EmbeddedLabeler, rubric: Rubric, prompts: PromptLibrary
) -> None:
    evaluator = Evaluator(FakeModel(ANSWER), prompts)
    card = await Grader(labeler, rubric, evaluator=evaluator).grade(SHORT)
    assert card.grader.kind == "model"
    assert card.grader.model == "fake-1"
    assert card.grader.prompt_sha256 == evaluator.prompt_sha256
    assert [label.value for label in card.turns[0].labels] == ["acknowledges_specific"]


async def test_an_evaluator_that_fails_leaves_the_session_ungraded_with_the_reason(
    labeler: EmbeddedLabeler, rubric: Rubric, prompts: PromptLibrary
) -> None:
    model = FakeModel(VoiceError("The endpoint is away.", "Try later.", retryable=True))
    card = await Grader(labeler, rubric, evaluator=Evaluator(model, prompts)).grade(SHORT)
    assert card.status == "not_graded"
    assert "The endpoint is away." in (card.reason or "")


async def test_where_asked_to_it_falls_back_and_says_so(
    labeler: EmbeddedLabeler, rubric: Rubric, prompts: PromptLibrary
) -> None:
    model = FakeModel(VoiceError("The endpoint is away.", retryable=True))
    card = await Grader(labeler, rubric, evaluator=Evaluator(model, prompts), falls_back=True).grade(SHORT)
    assert card.status == "graded"
    assert card.grader.kind == "local"


async def test_repeated_runs_show_their_spread(rubric: Rubric, prompts: PromptLibrary) -> None:
    nothing = {"turns": [{"turn": 1, "reason": "nothing", "marks": []}]}
    evaluation = await Evaluator(FakeModel(ANSWER, nothing, ANSWER), prompts, repeats=3).evaluate(SHORT)
    assert [label.value for label in evaluation.labels[1].labels] == ["acknowledges_specific"]
    low, high = spread(evaluation.runs, SHORT, rubric)["acknowledge"]
    assert low < high


def test_settings_choose_the_grader(labeler: EmbeddedLabeler, prompts: PromptLibrary) -> None:
    assert build_grader(load(), labeler, prompts).kind == "local"
    assert build_grader(load(grader="local", base_url="http://127.0.0.1:9/v1"), labeler, prompts).kind == "local"
    assert build_grader(load(evaluator_base_url="http://127.0.0.1:9/v1"), labeler, prompts).kind == "model"
    own_machine = load(base_url="http://127.0.0.1:9/v1")
    assert build_grader(own_machine, labeler, prompts).kind == "local"
    with pytest.raises(SettingsError, match="evaluator"):
        build_grader(load(grader="model"), labeler, prompts)


async def test_the_spread_of_repeated_runs_is_said_in_the_reasons(
    labeler: EmbeddedLabeler, rubric: Rubric, prompts: PromptLibrary
) -> None:
    nothing = {"turns": [{"turn": 1, "reason": "nothing", "marks": []}]}
    model = FakeModel(ANSWER, nothing, ANSWER)
    card = await Grader(labeler, rubric, evaluator=Evaluator(model, prompts, repeats=3)).grade(SHORT)
    assert re.search(r"It was 0 to [34] over 3 readings\.$", card.criteria["acknowledge"].reason)
    assert card.criteria["solution"].reason.endswith("It was 0 in each of 3 readings.")
    assert misquoted(card, SHORT) == []


def test_settings_choose_who_words_the_coaching_and_how_often_the_evaluator_reads(
    labeler: EmbeddedLabeler, prompts: PromptLibrary
) -> None:
    asked: list[str] = []

    def local() -> None:
        asked.append("local")

    build_grader(load(coach="written"), labeler, prompts, local_coach=local)
    assert asked == []
    build_grader(load(coach="local"), labeler, prompts, local_coach=local)
    assert asked == ["local"]
    with pytest.raises(SettingsError, match="evaluator_repeats"):
        load(evaluator_repeats=0)
