"""Agreement statistics against values worked out by hand or known from elsewhere."""

from __future__ import annotations

import math

import pytest

from simulator.grading.calibration import bias, bootstrap, kappa, quadratic_kappa, spearman


@pytest.mark.parametrize(
    ("first", "second", "value"),
    [
        ([0, 1, 2, 3, 4], [0, 1, 2, 3, 4], 1.0),
        ([0, 1, 2, 3, 4], [4, 3, 2, 1, 0], -1.0),
        ([2, 2, 2], [2, 2, 2], 1.0),
        ([0, 0, 4, 4], [0, 4, 0, 4], 0.0),
        ([0, 1, 2], [0, 1, 3], 1 - (1 / 3) / ((0 + 1 + 9 + 1 + 0 + 4 + 4 + 1 + 1) / 9)),
    ],
)
def test_quadratic_kappa(first: list[float], second: list[float], value: float) -> None:
    assert quadratic_kappa(first, second) == pytest.approx(value)


def test_kappa_of_categories() -> None:
    assert kappa(["a", "a", "b", "b"], ["a", "b", "b", "b"]) == pytest.approx((0.75 - 0.5) / 0.5)
    assert kappa(["a"], ["a"]) == 1.0


def test_spearman_with_ties() -> None:
    assert spearman([1, 2, 3, 4], [10, 20, 30, 40]) == pytest.approx(1.0)
    assert spearman([1, 2, 2, 3], [1, 2, 3, 4]) == pytest.approx(0.9486832980505138)
    assert math.isnan(spearman([1, 1, 1], [1, 2, 3]))


def test_bias_is_grader_minus_expert() -> None:
    assert bias([4, 4], [3, 2]) == 1.5


def test_bootstrap_is_the_same_every_time_and_holds_the_value() -> None:
    a, b = [0, 1, 2, 3, 4, 2, 1, 3, 4, 0], [0, 1, 2, 3, 3, 2, 2, 3, 4, 1]
    interval = bootstrap(quadratic_kappa, a, b, rounds=200)
    assert interval == bootstrap(quadratic_kappa, a, b, rounds=200)
    assert interval.low <= interval.value <= interval.high


def test_raters_of_different_items_are_refused() -> None:
    for statistic in (quadratic_kappa, spearman, bias, kappa):
        with pytest.raises(ValueError, match="same items"):
            statistic([1, 2], [1])


def test_no_items_have_no_agreement() -> None:
    assert math.isnan(quadratic_kappa([], []))
    assert math.isnan(kappa([], []))
    assert math.isnan(bias([], []))
