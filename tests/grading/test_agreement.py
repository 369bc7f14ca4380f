"""Agreement of a grader with markers: figures against values known by hand, and the warnings at their thresholds."""

from __future__ import annotations

import pytest

from simulator.grading.agreement import Judged, agreement, warnings
from simulator.grading.calibration import quadratic_kappa
from simulator.grading.scorecard import CRITERIA


def judged(given: int, *marks: int, again: int | None = None, passed: bool | None = None) -> Judged:
    """One conversation, the same level on every criterion."""
    runs = [dict.fromkeys(CRITERIA, given)] + ([dict.fromkeys(CRITERIA, again)] if again is not None else [])
    marked = {f"m{number}": dict.fromkeys(CRITERIA, level) for number, level in enumerate(marks)}
    return Judged(tuple(runs), passed, marked, dict.fromkeys(marked, passed is not None or None))


SPREAD = [0, 1, 2, 3, 4] * 8


def test_kappa_is_the_mean_over_the_markers_and_stands_in_its_interval() -> None:
    first, second = list(SPREAD), [min(4, level + (i % 3 == 0)) for i, level in enumerate(SPREAD)]
    found = agreement([judged(level, a, b) for level, a, b in zip(SPREAD, first, second, strict=True)], rounds=200)
    expected = (quadratic_kappa(SPREAD, first) + quadratic_kappa(SPREAD, second)) / 2
    kappa = found.criteria["acknowledge"].kappa
    assert kappa.value == pytest.approx(expected)
    assert kappa.low is not None and kappa.high is not None and kappa.low <= expected <= kappa.high
    assert found.markers == pytest.approx(quadratic_kappa(first, second))
    assert found.trusted is True
    assert warnings(found) == []


def test_a_single_marker_has_nobody_to_agree_with() -> None:
    assert agreement([judged(level, level) for level in SPREAD], rounds=10).markers is None


def test_levels_that_run_against_the_markers_are_not_to_be_trusted() -> None:
    found = agreement([judged(level, 4 - level) for level in SPREAD], rounds=50)
    assert found.trusted is False
    assert any("not to be trusted" in said for said in warnings(found))


def test_one_bad_criterion_is_enough_not_to_be_trusted() -> None:
    items = []
    for level in SPREAD:
        item = judged(level, level)
        items.append(Judged(({**item.runs[0], "presence": 4 - level},), None, item.marks, item.marked_passed))
    found = agreement(items, rounds=50)
    assert found.trusted is False
    assert [said.split(":")[0] for said in warnings(found)] == ["presence"]


def test_few_conversations_get_no_verdict() -> None:
    found = agreement([judged(level, 4 - level) for level in range(5)], rounds=50)
    assert found.trusted is None
    assert "too few" in warnings(found)[0]


@pytest.mark.parametrize(("given", "said"), [(lambda m: min(4, m + 1), "lenient"), (lambda m: max(0, m - 1), "severe")])
def test_leniency_and_severity_are_said(given: object, said: str) -> None:
    found = agreement([judged(given(level), level) for level in SPREAD], rounds=200)  # type: ignore[operator]
    assert any(said in warning for warning in warnings(found))


def test_everything_is_a_four_is_said() -> None:
    found = agreement([judged(4 if i % 5 else level, level) for i, level in enumerate(SPREAD)], rounds=50)
    assert any("nearly everything is a 4 (80% of the conversations, 20% for the markers)" in w for w in warnings(found))


def test_many_fours_that_the_markers_gave_too_are_no_fault() -> None:
    levels = [4] * 30 + [0, 1, 2, 3] * 3
    assert warnings(agreement([judged(level, level) for level in levels], rounds=50)) == []


def test_repeatability_is_the_share_of_levels_that_stay() -> None:
    steady = [judged(level, level, again=level) for level in SPREAD]
    assert agreement(steady, rounds=10).repeatable == 1
    shaky = [judged(level, level, again=level if i % 4 else 4 - level) for i, level in enumerate(SPREAD)]
    found = agreement(shaky, rounds=10)
    assert found.repeatable == pytest.approx(32 / 40)
    assert any("Graded twice" in said for said in warnings(found))


def test_a_grader_with_one_level_for_all_has_no_rank_correlation_and_no_trust() -> None:
    found = agreement([judged(2, level) for level in SPREAD], rounds=50)
    assert found.criteria["presence"].spearman.value is None
    assert found.criteria["presence"].kappa.value == pytest.approx(0)
    assert found.trusted is False
