"""A trainee turn with what the rubric needs to know of the customer before it: what was said, how upset, how ready."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simulator.grading.hearing import resurfaces, signals_readiness, upset
from simulator.grading.scorecard import Evidence
from simulator.labels import Label, TurnLabels
from simulator.transcripts.records import BareTurn, Mood, Role, Stage


@dataclass(frozen=True)
class Moment:
    """One trainee turn as the rubric sees it.

    ``index`` is its place in the transcript. ``opportunity`` is true where the customer had said something to answer,
    ``warranted`` where that was upset or where feeling came back, ``resurfaced`` only the latter, ``ready`` where they
    had given the sign by then.
    """

    index: int
    labels: TurnLabels
    opportunity: bool
    warranted: bool
    resurfaced: bool
    ready: bool

    def has(self, wanted: frozenset[Label]) -> bool:
        """True where the turn carries any of ``wanted``."""
        return bool(self.labels.labels & wanted)

    def evidence(self, wanted: frozenset[Label]) -> list[Evidence]:
        """Return turn and quote of every mark among ``wanted``."""
        return [Evidence(turn=self.index, quote=mark.quote) for mark in self.labels if mark.label in wanted]


def read_moments(
    turns: Sequence[BareTurn], labels: Mapping[int, TurnLabels], moods: Mapping[int, Mood]
) -> list[Moment]:
    """Return the trainee turns in order with what the customer had said before each."""
    moments: list[Moment] = []
    earlier: list[str] = []
    since: list[str] = []
    ready = False
    for index, turn in enumerate(turns):
        if turn.role is Role.CUSTOMER:
            since.append(turn.text)
            mood = moods.get(index)
            known = mood is not None and mood.stage in (Stage.READY, Stage.SETTLED)
            ready = ready or (bool(moments) and signals_readiness(turn.text)) or known
            continue
        before = "\n".join(since)
        again = bool(moments) and resurfaces(earlier, before)
        if again and not signals_readiness(before):
            ready = False  # whoever is upset anew wants to be heard anew
        moments.append(
            Moment(
                index=index,
                labels=labels.get(index, TurnLabels()),
                opportunity=len(before.split()) >= 4,
                warranted=bool(before) and (again or upset(before)),
                resurfaced=again,
                ready=ready,
            )
        )
        earlier += since
        since = []
    return moments
