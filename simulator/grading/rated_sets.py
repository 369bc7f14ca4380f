"""The grader in use on conversations that human experts rated: figures only, the texts stay where they are.

The two sets (Kumar et al., "When Large Language Models are Reliable for Judging Empathic Communication") may not travel
with the program, so their folder is named when they are wanted. They rate empathy between peers, not the handling of a
customer; ``MAPPING`` says what our labels are taken for.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from simulator.errors import SimulatorError
from simulator.grading.agreement import Estimate
from simulator.grading.calibrating import Assessor, Told
from simulator.grading.calibration import bootstrap, quadratic_kappa, spearman
from simulator.grading.coaching import worth
from simulator.labels import Label, Mark, TurnLabels
from simulator.transcripts.records import BareTranscript, BareTurn, Role

MAPPING = """\
epitome       50 replies to a post. Emotional reaction (warmth and concern that are expressed), 0 to 2: how many of
              acknowledges_formula and positive_wording the reply carries. What is understood of the other's feelings
              and situation is a rating of its own there, interpretation.
empdialogues  50 short dialogues. Empathy: the sum of what the labels of the supporter's turns are worth to a coach
              (simulator/grading/coaching.py), compared by rank with the experts' mean."""
WARM = (Label.ACKNOWLEDGES_FORMULA, Label.POSITIVE_WORDING)
"""What EPITOME (Sharma et al., 2020) calls an emotional reaction: warmth, compassion, concern put into words."""
UNDERSTANDING = (Label.ACKNOWLEDGES_SPECIFIC, Label.NAMES_FEELING)
"""What it calls an interpretation: an understanding of the other's feelings and experiences."""
EPITOME, EMPDIALOGUES = Path("expert/epitome_expert50.jsonl"), Path("expert/empdialogues_expert50.jsonl")


class RatedSetError(SimulatorError):
    """A rated set cannot be read."""


@dataclass(frozen=True)
class RatedFigure:
    """One set: what was compared, the grader against the experts, and the experts with one another (mean of pairs).

    ``ungraded`` counts items the grader gave no labels for; they are left out.
    """

    name: str
    measure: str
    items: int
    grader: Estimate
    experts: float
    ungraded: int = 0


def emotional_reaction(labels: TurnLabels) -> int:
    """Return the emotional reaction 0 to 2 that the labels of a reply stand for."""
    return sum(label in labels for label in WARM)


async def rated_sets(grader: Assessor, folder: Path, told: Told | None = None) -> list[RatedFigure]:
    """Return the grader's figures on both sets below ``folder``; raises ``RatedSetError`` where one is not there."""
    rows = {path: _read(folder / path) for path in (EPITOME, EMPDIALOGUES)}
    total, done = sum(len(found) for found in rows.values()), 0

    async def labelled(row: Mapping[str, Any], turns: Sequence[BareTurn]) -> list[TurnLabels] | None:
        nonlocal done
        scorecard = await grader.assess(BareTranscript(id=str(row["id"]), turns=tuple(turns)))
        done += 1
        if told is not None:
            told(done, total)
        if scorecard.status != "graded":
            return None
        return [TurnLabels.of(Mark(q.label, q.quote) for q in turn.marks) for turn in scorecard.turns]

    replies = [
        (row, await labelled(row, (_turn("seeker", row["seeker"]), _turn("supporter", row["response"]))))
        for row in rows[EPITOME]
    ]
    dialogues = [
        (row, await labelled(row, [_turn(m["role"], m["text"]) for m in row["messages"]])) for row in rows[EMPDIALOGUES]
    ]
    return [_epitome(replies), _empdialogues(dialogues)]


def _epitome(rows: Sequence[tuple[Mapping[str, Any], list[TurnLabels] | None]]) -> RatedFigure:
    found = [(row, emotional_reaction(labels[0])) for row, labels in rows if labels]
    rated = [_ratings(row, "level_emotional_reactions") for row, _ in found]
    levels = [float(level) for _, level in found]

    def against(places: Sequence[float], _: Sequence[float]) -> float:
        chosen = [int(place) for place in places]
        given = [levels[i] for i in chosen]
        each = [_kappa(given, [rated[i][k] for i in chosen]) for k in range(len(rated[0]))]
        return sum(each) / len(each)

    return _figure("epitome", "emotional reaction, quadratic κ", rows, len(found), against, _among(rated, _kappa))


def _empdialogues(rows: Sequence[tuple[Mapping[str, Any], list[TurnLabels] | None]]) -> RatedFigure:
    found = [(row, sum(worth(labels) for labels in turns)) for row, turns in rows if turns is not None]
    rated = [_ratings(row, "empathy") for row, _ in found]
    worths = [float(value) for _, value in found]
    means = [sum(ratings) / len(ratings) for ratings in rated]

    def against(places: Sequence[float], _: Sequence[float]) -> float:
        chosen = [int(place) for place in places]
        return spearman([worths[i] for i in chosen], [means[i] for i in chosen])

    return _figure("empdialogues", "empathy, Spearman", rows, len(found), against, _among(rated, spearman))


def _figure(
    name: str,
    measure: str,
    rows: Sequence[object],
    graded: int,
    against: Callable[[Sequence[float], Sequence[float]], float],
    experts: float,
) -> RatedFigure:
    places = list(range(graded))
    return RatedFigure(
        name, measure, graded, Estimate.of(bootstrap(against, places, places)), experts, len(rows) - graded
    )


def _kappa(first: Sequence[float], second: Sequence[float]) -> float:
    return quadratic_kappa(first, second, 0, 2)


def _among(rated: Sequence[Sequence[float]], statistic: Callable[[Sequence[float], Sequence[float]], float]) -> float:
    """Return the mean of ``statistic`` over all pairs of experts."""
    pairs = list(combinations(range(len(rated[0])), 2))
    return sum(statistic([r[a] for r in rated], [r[b] for r in rated]) for a, b in pairs) / len(pairs)


def _ratings(row: Mapping[str, Any], name: str) -> list[float]:
    return [float(expert[name]) for expert in row["experts"].values()]


def _turn(role: str, text: str) -> BareTurn:
    return BareTurn(role=Role.CUSTOMER if role == "seeker" else Role.TRAINEE, text=text)


def _read(path: Path) -> list[dict[str, Any]]:
    try:
        return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    except OSError as error:
        raise RatedSetError(
            f"The rated set {path} cannot be read: {error.strerror or error}.", "Name the folder that holds expert/."
        ) from None
    except ValueError:
        raise RatedSetError(f"The rated set {path} is not JSON lines.", "Fetch it again.") from None
