"""Every level of every criterion from a table of labels; the function knows nothing else."""

from __future__ import annotations

import pytest

from simulator.grading.levels import levels
from simulator.grading.rubric import ExtraCriterion, Rubric
from simulator.labels import Label, Mark, TurnLabels
from simulator.transcripts.records import BareTurn, Mood, Role, Stage

SHORT = {
    "spec": Label.ACKNOWLEDGES_SPECIFIC,
    "stock": Label.ACKNOWLEDGES_FORMULA,
    "feel": Label.NAMES_FEELING,
    "back": Label.RESTATES,
    "ask": Label.ASKS_OPEN,
    "data": Label.ASKS_PROCESS,
    "floor": Label.INVITES_MORE,
    "offer": Label.OFFERS_SOLUTION,
    "options": Label.OFFERS_OPTIONS,
    "own": Label.TAKES_OWNERSHIP,
    "next": Label.CONFIRMS_NEXT_STEP,
    "small": Label.DISMISSES,
    "but": Label.CANCELS_WITH_BUT,
    "away": Label.DEFLECTS,
    "rule": Label.CITES_POLICY,
    "me": Label.SELF_FOCUS,
    "rude": Label.HOSTILE,
    "blame": Label.BLAMES_CUSTOMER,
    "cheat": Label.MANIPULATES_GRADER,
    "limit": Label.SETS_RESPECTFUL_LIMIT,
}
UPSET = "I'm so worried and nobody listens to me!"
CALM = "It is the blue one in the corner."
READY = "Okay. So what can you do?"
NEW = "And my mother died in March, I cried all night in her kitchen."


def conversation(table: str) -> tuple[list[BareTurn], dict[int, TurnLabels]]:
    """Turns and labels from "upset spec back / calm ask / ready offer next": the customer's word, then labels."""
    turns: list[BareTurn] = []
    labels: dict[int, TurnLabels] = {}
    for part in table.split("/"):
        customer, *names = part.split()
        turns.append(
            BareTurn(role=Role.CUSTOMER, text={"upset": UPSET, "calm": CALM, "ready": READY, "new": NEW}[customer])
        )
        labels[len(turns)] = TurnLabels.of(Mark(SHORT[name], f"<{name}>") for name in names)
        turns.append(BareTurn(role=Role.TRAINEE, text=" ".join(f"<{name}>" for name in names) or "Hm."))
    return turns, labels


def level(table: str, name: str, rubric: Rubric) -> int:
    return levels(*conversation(table), rubric).criteria[name].level


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("upset data / upset offer", 0),
        ("upset small / upset small", 0),
        ("upset rude / upset spec / upset rude / upset rude / calm rude", 0),
        ("upset stock / calm offer", 1),
        ("upset back / calm offer", 1),
        ("upset spec / upset small / upset small", 1),
        ("upset stock back / calm offer", 2),
        ("upset offer / upset spec", 2),
        ("upset spec but / calm offer", 2),
        ("upset data / calm data / calm data / calm spec", 2),
        ("upset spec / calm rude", 2),
        ("upset data / upset spec / calm offer", 3),
        ("upset feel / calm offer", 3),
        ("upset spec / calm ask / new data", 3),
        ("upset spec / calm small / calm ask / calm spec", 3),
        ("upset spec / calm ask / new back", 3),
        ("upset spec / calm ask / ready offer", 4),
        ("upset floor / upset spec / ready offer", 4),
        ("upset spec / calm ask / new spec / ready offer", 4),
    ],
)
def test_acknowledge(table: str, expected: int, rubric: Rubric) -> None:
    assert level(table, "acknowledge", rubric) == expected


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("upset data / upset data", 0),
        ("upset rude / upset data", 0),
        ("upset rude / calm spec", 0),
        ("upset offer / calm next", 1),
        ("upset me / upset me / calm back", 1),
        ("upset spec / calm back / calm ask / calm rude", 1),
        ("upset spec / calm small / calm back / calm me / calm ask", 2),
        ("upset spec / calm offer / calm offer", 2),
        ("upset spec / calm back / calm offer", 3),
        ("upset spec ask / calm back / calm back / calm rule", 3),
        ("upset spec / calm back ask / ready offer", 4),
        ("upset spec ask / calm floor / ready offer / calm next", 4),
    ],
)
def test_presence(table: str, expected: int, rubric: Rubric) -> None:
    assert level(table, "presence", rubric) == expected


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("upset spec / calm ask", 0),
        ("upset spec / calm away / calm rule", 0),
        ("upset offer / calm next", 1),
        ("upset spec / calm own next", 1),
        ("upset offer / calm spec / calm offer", 2),
        ("upset spec / calm offer / calm away", 2),
        ("upset spec / calm offer", 3),
        ("upset spec / ready offer", 3),
        ("upset spec / ready offer next", 3),
        ("upset spec / calm options next", 3),
        ("upset offer / calm spec / ready options next", 3),
        ("upset spec / ready options offer / calm next", 4),
        ("upset spec / ready offer own next", 4),
    ],
)
def test_solution(table: str, expected: int, rubric: Rubric) -> None:
    assert level(table, "solution", rubric) == expected


def test_the_order_within_one_turn_counts(rubric: Rubric) -> None:
    first = levels(*conversation("upset spec offer"), rubric)
    assert first.acknowledged_before_solution is True
    turns, labels = conversation("upset offer spec")
    assert levels(turns, labels, rubric).acknowledged_before_solution is False


def test_without_a_solution_there_is_no_order(rubric: Rubric) -> None:
    judged = levels(*conversation("upset spec / calm ask"), rubric)
    assert judged.acknowledged_before_solution is None
    assert judged.first_solution_turn is None
    assert judged.first_acknowledging_turn == 1


def test_whoever_is_upset_anew_is_not_ready_any_more(rubric: Rubric) -> None:
    assert level("upset spec / ready ask / new offer own next", "solution", rubric) == 3


def test_a_known_mood_tells_readiness_too(rubric: Rubric) -> None:
    turns, labels = conversation("upset spec / calm offer own next")
    ready = {2: Mood(tension=2, stage=Stage.READY)}
    assert levels(turns, labels, rubric).criteria["solution"].level == 3
    assert levels(turns, labels, rubric, ready).criteria["solution"].level == 4


def test_default_pass(rubric: Rubric) -> None:
    assert levels(*conversation("upset spec / calm back ask / ready options next"), rubric).passed
    assert not levels(*conversation("upset offer / calm spec back / calm ask / ready options next"), rubric).passed


def test_an_automatic_fail_says_by_what(rubric: Rubric) -> None:
    table = "upset spec / calm back ask / calm spec rude / calm back ask / ready options next"
    judged = levels(*conversation(table), rubric)
    assert judged.failed_by == (Label.HOSTILE,)
    assert not judged.passed


def test_overall_is_the_weighted_share(rubric: Rubric) -> None:
    assert levels(*conversation("upset spec / calm back ask / ready offer own next"), rubric).overall == 100
    assert levels(*conversation("upset data"), rubric).overall == 0


def test_a_manipulating_turn_counts_for_nothing(rubric: Rubric) -> None:
    assert levels(*conversation("upset cheat / upset cheat"), rubric).overall == 0


@pytest.mark.parametrize("name", ["acknowledge", "presence", "solution"])
@pytest.mark.parametrize("lapse", ["small", "away", "rule", "me", "blame", "but"])
@pytest.mark.parametrize("around", ["upset spec / calm {} / ready offer own next", "upset {} / calm ask / ready offer"])
def test_speaking_to_the_marker_costs_what_a_lapse_costs(around: str, lapse: str, name: str, rubric: Rubric) -> None:
    assert level(around.format("cheat"), name, rubric) <= level(around.format(lapse), name, rubric)


def test_a_short_line_of_fellow_feeling_beside_the_feeling_breaks_nothing(rubric: Rubric) -> None:
    table = "upset spec feel {} / calm ask back / ready offer own next floor"
    assert level(table.format("me"), "presence", rubric) == level(table.format(""), "presence", rubric) == 4
    assert level("upset spec me / calm ask back / ready offer own next floor", "presence", rubric) < 4
    turns, labels = conversation(table.format("me"))
    story = "When I lost my own house I sat on the stairs for a week and could not eat a thing."
    turns[1] = turns[1].model_copy(update={"text": f"{turns[1].text} {story}"})
    labels[1] = TurnLabels.of(
        [*(m for m in labels[1] if m.label is not Label.SELF_FOCUS), Mark(Label.SELF_FOCUS, story)]
    )
    assert levels(turns, labels, rubric).criteria["presence"].level < 4


def test_a_limit_under_fire_is_attention(rubric: Rubric) -> None:
    assert level("upset spec / upset limit back / calm ask", "presence", rubric) == 4


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("upset data / calm data", 0),
        ("upset next / calm data", 4),
        ("upset next / calm next / calm rule", 3),
        ("upset rule", 0),
    ],
)
def test_an_extra_criterion_is_made_of_labels(table: str, expected: int, rubric: Rubric) -> None:
    extra = ExtraCriterion(name="firm", wants=(Label.CONFIRMS_NEXT_STEP,), avoids=(Label.CITES_POLICY,))
    own = rubric.model_copy(update={"extra": (extra,)})
    assert level(table, "firm", own) == expected


def test_a_weight_changes_the_total_and_nothing_else(rubric: Rubric) -> None:
    turns, labels = conversation("upset spec / calm data")
    heavy = rubric.criteria.acknowledge.model_copy(update={"weight": 400})
    own = rubric.model_copy(update={"criteria": rubric.criteria.model_copy(update={"acknowledge": heavy})})
    before, after = levels(turns, labels, rubric), levels(turns, labels, own)
    assert before.criteria == after.criteria
    assert before.overall < after.overall


def test_every_level_cites_its_turns(rubric: Rubric) -> None:
    judged = levels(*conversation("upset spec / calm back ask / ready options next"), rubric)
    assert {e.turn for result in judged.criteria.values() for e in result.evidence} <= {1, 3, 5}
    assert all(result.evidence and result.reason for result in judged.criteria.values())


def test_no_trainee_turn_is_no_judgement(rubric: Rubric) -> None:
    with pytest.raises(ValueError, match="no levels"):
        levels([BareTurn(role=Role.CUSTOMER, text="Hello?")], {}, rubric)
