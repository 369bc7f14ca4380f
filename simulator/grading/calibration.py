"""How well two raters agree: quadratic-weighted kappa, Spearman's rho, bias, with bootstrap intervals.

Raters give numbers for the same items, as two sequences of the same length. Everything is a pure function; numpy is
imported when first needed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

UNTRAINED_CROWD = 0.33
"""Quadratic-weighted kappa of an untrained crowd against experts (Kumar et al., see ``../shared/data/README.md``)."""

Statistic = Callable[[Sequence[float], Sequence[float]], float]


@dataclass(frozen=True)
class Interval:
    """An estimate with the ends of its percentile bootstrap interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.2f} [{self.low:.2f}, {self.high:.2f}]"


def quadratic_kappa(first: Sequence[float], second: Sequence[float], lowest: int = 0, highest: int = 4) -> float:
    """Return Cohen's kappa with quadratic weights, -1 to 1, over whole categories ``lowest`` to ``highest``.

    Cohen (1968): 1 - sum(w·observed) / sum(w·expected) with w = (i - j)². Values are rounded to the nearest category
    and those outside are counted at the end. Where both raters give one and the same category to everything it is 1;
    for no items it is NaN.
    """
    import numpy as np  # noqa: PLC0415

    a, b = _categories(first, lowest, highest), _categories(second, lowest, highest)
    _same_length(first, second)
    if not len(a):
        return float("nan")
    size = highest - lowest + 1
    observed = np.zeros((size, size))
    np.add.at(observed, (a, b), 1)
    expected = np.outer(observed.sum(1), observed.sum(0)) / len(a)
    weights = (np.arange(size)[:, None] - np.arange(size)[None, :]) ** 2
    chance = float((weights * expected).sum())
    return 1.0 if chance == 0 else 1 - float((weights * observed).sum()) / chance


def kappa(first: Sequence[object], second: Sequence[object]) -> float:
    """Return Cohen's kappa (1960) for categories without order, -1 to 1; NaN for no items."""
    _same_length(first, second)
    if not first:
        return float("nan")
    count = len(first)
    agreed = sum(a == b for a, b in zip(first, second, strict=True)) / count
    names = set(first) | set(second)
    chance = sum((list(first).count(n) / count) * (list(second).count(n) / count) for n in names)
    return 1.0 if chance == 1 else (agreed - chance) / (1 - chance)


def spearman(first: Sequence[float], second: Sequence[float]) -> float:
    """Return Spearman's rank correlation with ties at their mean rank; NaN where a rater gives one value to all."""
    import numpy as np  # noqa: PLC0415

    _same_length(first, second)
    a, b = _ranks(first), _ranks(second)
    if len(a) < 2 or a.std() == 0 or b.std() == 0:
        return float("nan")
    return float(np.corrcoef(a, b)[0, 1])


def bias(grader: Sequence[float], expert: Sequence[float]) -> float:
    """Return the mean difference grader minus expert: above 0 the grader is the more lenient."""
    _same_length(grader, expert)
    if not grader:
        return float("nan")
    return sum(g - e for g, e in zip(grader, expert, strict=True)) / len(grader)


def bootstrap(
    statistic: Statistic,
    first: Sequence[float],
    second: Sequence[float],
    *,
    rounds: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> Interval:
    """Return ``statistic`` with its percentile bootstrap interval over items (Efron 1979); the same every time."""
    import numpy as np  # noqa: PLC0415

    _same_length(first, second)
    value = statistic(first, second)
    a, b = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    generator = np.random.default_rng(seed)
    drawn = []
    for _ in range(rounds if len(a) else 0):
        chosen = generator.integers(0, len(a), len(a))
        drawn.append(statistic(a[chosen].tolist(), b[chosen].tolist()))
    sound = [d for d in drawn if d == d]  # noqa: PLR0124 - NaN is the one value that differs from itself
    if not sound:
        return Interval(value, float("nan"), float("nan"))
    low, high = np.quantile(sound, [(1 - level) / 2, (1 + level) / 2])
    return Interval(value, float(low), float(high))


def _same_length(first: Sequence[object], second: Sequence[object]) -> None:
    if len(first) != len(second):
        raise ValueError(f"two raters of the same items were expected: {len(first)} and {len(second)} values")


def _categories(values: Sequence[float], lowest: int, highest: int) -> NDArray[np.int64]:
    import numpy as np  # noqa: PLC0415

    whole = np.floor(np.asarray(values, dtype=float) + 0.5).astype(np.int64)
    clipped: NDArray[np.int64] = np.clip(whole, lowest, highest) - lowest
    return clipped


def _ranks(values: Sequence[float]) -> Floats:
    import numpy as np  # noqa: PLC0415

    given = np.asarray(values, dtype=float)
    _, where, counts = np.unique(given, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    means: Floats = (ends - (counts - 1) / 2).astype(float)
    return means[where]
