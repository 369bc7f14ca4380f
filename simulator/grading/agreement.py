"""How well a grader agrees with the people who marked a gold set, and what that is worth: pure functions of levels.

The grader is compared with each marker in turn and the figures are averaged, so that they can be held beside the
agreement of the markers with one another. Every figure comes with a bootstrap interval over conversations.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from pydantic import BaseModel, ConfigDict

from simulator.grading.calibration import UNTRAINED_CROWD, Interval, bias, bootstrap, quadratic_kappa, spearman
from simulator.grading.scorecard import CRITERIA

LENIENT = 0.5
"""Mean difference from the markers, in levels, from which a grader counts as lenient (or, below, as severe), provided
the interval does not reach 0."""
ONE_LEVEL = 0.6
"""Share of all conversations in one and the same level from which "everything is a 4" is said ..."""
MORE_THAN_MARKERS = 0.25
"""... where the markers give that level at least this much less often."""
ENOUGH = 20
"""Conversations from which a grader is trusted or not; below, the figures are shown without a verdict."""
STEADY = 0.95
"""Share of identical levels when everything is graded twice, below which a grader counts as unsteady."""
LEVELS = range(5)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Estimate(_Part):
    """A figure with its 95 % interval; None where it cannot be worked out (a rater who gives one level to all)."""

    value: float | None
    low: float | None = None
    high: float | None = None

    @classmethod
    def of(cls, interval: Interval) -> Estimate:
        """Return the estimate in ``interval``, NaN as None."""
        return cls(value=_known(interval.value), low=_known(interval.low), high=_known(interval.high))

    def __str__(self) -> str:
        if self.value is None:
            return "–"
        interval = "" if self.low is None or self.high is None else f" [{self.low:.2f}, {self.high:.2f}]"
        return f"{self.value:.2f}{interval}"


class CriterionAgreement(_Part):
    """One criterion. ``markers`` is the mean quadratic kappa of the markers with one another, None where one marked
    alone; the histograms count levels 0 to 4, those of the markers per marker."""

    kappa: Estimate
    spearman: Estimate
    bias: Estimate
    markers: float | None
    given: tuple[int, ...]
    marked: tuple[float, ...]


class Agreement(_Part):
    """A grader against the markers, criterion by criterion. ``repeatable`` is the share of identical levels over
    repeated gradings (None where graded once), ``passed`` the share of conversations with the same verdict."""

    conversations: int
    criteria: dict[str, CriterionAgreement]
    passed: float | None
    repeatable: float | None

    @property
    def kappa(self) -> float | None:
        """The mean quadratic kappa over the criteria."""
        return _mean([item.kappa.value for item in self.criteria.values()])

    @property
    def markers(self) -> float | None:
        """The mean quadratic kappa of the markers with one another, over the criteria."""
        return _mean([item.markers for item in self.criteria.values()])

    @property
    def trusted(self) -> bool | None:
        """Whether levels may come from this grader: on every criterion it agrees with the markers at least as well as
        an untrained crowd does with experts (kappa 0.33). None where there are too few conversations to say."""
        if self.conversations < ENOUGH:
            return None
        return all((item.kappa.value or 0.0) >= UNTRAINED_CROWD for item in self.criteria.values())


@dataclass(frozen=True)
class Judged:
    """One conversation: the grader's levels by criterion and verdict, in each run, and each marker's by name."""

    runs: tuple[Mapping[str, int], ...]
    passed: bool | None
    marks: Mapping[str, Mapping[str, int]]
    marked_passed: Mapping[str, bool | None]


def agreement(judged: Sequence[Judged], *, rounds: int = 1000) -> Agreement:
    """Return how well the first run of a grader agrees with the markers over ``judged`` conversations."""
    criteria = {name: _criterion(name, judged, rounds) for name in CRITERIA}
    verdicts = [
        item.passed == verdict
        for item in judged
        for verdict in item.marked_passed.values()
        if verdict is not None and item.passed is not None
    ]
    return Agreement(
        conversations=len(judged),
        criteria=criteria,
        passed=sum(verdicts) / len(verdicts) if verdicts else None,
        repeatable=_repeatable(judged),
    )


def _criterion(name: str, judged: Sequence[Judged], rounds: int) -> CriterionAgreement:
    given = [item.runs[0][name] for item in judged]
    markers = tuple(dict.fromkeys(marker for item in judged for marker in item.marks))

    def against(statistic: Callable[[Sequence[float], Sequence[float]], float]) -> Estimate:
        """Average ``statistic`` over markers; the bootstrap draws conversations, the same ones for every marker."""

        def over(places: Sequence[float], _: Sequence[float]) -> float:
            chosen = [int(place) for place in places]
            values = []
            for marker in markers:
                pairs = [(given[i], judged[i].marks[marker][name]) for i in chosen if marker in judged[i].marks]
                values.append(statistic([a for a, _ in pairs], [b for _, b in pairs]))
            mean = _mean([_known(value) for value in values])
            return math.nan if mean is None else mean

        places = list(range(len(judged)))
        return Estimate.of(bootstrap(over, places, places, rounds=rounds))

    return CriterionAgreement(
        kappa=against(quadratic_kappa),
        spearman=against(spearman),
        bias=against(bias),
        markers=_among(name, judged, markers),
        given=tuple(given.count(level) for level in LEVELS),
        marked=tuple(
            sum(mark[name] == level for item in judged for mark in item.marks.values()) / max(1, len(markers))
            for level in LEVELS
        ),
    )


def _among(name: str, judged: Sequence[Judged], markers: Sequence[str]) -> float | None:
    """Return the mean kappa over all pairs of markers, on the conversations that both marked."""
    values = []
    for one, other in combinations(markers, 2):
        both = [item.marks for item in judged if one in item.marks and other in item.marks]
        if both:
            values.append(quadratic_kappa([m[one][name] for m in both], [m[other][name] for m in both]))
    return _mean([_known(value) for value in values])


def _repeatable(judged: Sequence[Judged]) -> float | None:
    same = [item.runs[0][name] == again[name] for item in judged for again in item.runs[1:] for name in CRITERIA]
    return sum(same) / len(same) if same else None


def warnings(found: Agreement) -> list[str]:
    """Return what a trainer should know before trusting the levels, one sentence each."""
    said = []
    if found.trusted is None:
        said.append(f"{found.conversations} conversations are too few for a verdict; mark at least {ENOUGH}.")
    for name, item in found.criteria.items():
        if found.trusted is not None and (item.kappa.value or 0.0) < UNTRAINED_CROWD:
            said.append(
                f"{name}: it agrees less with the markers than an untrained crowd does with experts "
                f"(κ {UNTRAINED_CROWD}); its levels are not to be trusted."
            )
        off = item.bias
        if off.value is not None and off.low is not None and off.high is not None:
            if off.value >= LENIENT and off.low > 0:
                said.append(f"{name}: it is lenient, {off.value:.1f} of a level above the markers.")
            elif off.value <= -LENIENT and off.high < 0:
                said.append(f"{name}: it is severe, {-off.value:.1f} of a level below the markers.")
        total, marked = max(1, sum(item.given)), max(1.0, sum(item.marked))
        for level in LEVELS:
            share, usual = item.given[level] / total, item.marked[level] / marked
            if share >= ONE_LEVEL and share - usual >= MORE_THAN_MARKERS:
                said.append(
                    f"{name}: nearly everything is a {level} ({share:.0%} of the conversations, "
                    f"{usual:.0%} for the markers)."
                )
    if found.repeatable is not None and found.repeatable < STEADY:
        said.append(f"Graded twice, only {found.repeatable:.0%} of the levels stay the same.")
    return said


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
