"""How well the embedded labeler labels conversations of the corpus that it was not fitted to.

    python -m benchmarks.grading.labeler            precision, recall and F1 a label, macro-F1
    python -m benchmarks.grading.labeler --write    the same, and write the thresholds that give the best F1

Grouped cross-validation: whole conversations are held out, together with every conversation that shares a situation
with them (a customer's line of six words or more in common). The thresholds for one fold are chosen on the other
folds' held-out scores, so no turn helps to choose the threshold it is judged by.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulator.grading.corpus import LabelledTurn, read_corpus
from simulator.grading.features import TurnView
from simulator.grading.fitting import LABELS, Scores, fit, views
from simulator.grading.labeler import THRESHOLDS_FILE, decide
from simulator.grading.levels import HARSH, LAPSES, LEVEL_DRIVING
from simulator.labels import Label

FOLDS = 5


@dataclass(frozen=True)
class HeldOut:
    """Every turn of the corpus with the scores of a labeler that had not seen its conversation."""

    conversations: list[str]
    folds: np.ndarray
    turns: list[LabelledTurn]
    views: list[TurnView]
    scores: list[Scores]

    def highest(self) -> np.ndarray:
        """Return the margin of each turn: turns × labels."""
        return np.array([scores.turn for scores in self.scores])

    def truth(self) -> np.ndarray:
        """Return which labels each turn carries: turns × labels."""
        return np.array([[label in turn.labels for label in LABELS] for turn in self.turns])


def situations(seen: Sequence[tuple[str, LabelledTurn, TurnView]]) -> dict[str, str]:
    """Return for each conversation the name of its situation: one of those that share a customer's line with it."""
    above: dict[str, str] = {}
    first: dict[str, str] = {}

    def root(name: str) -> str:
        while above.setdefault(name, name) != name:
            name = above[name]
        return name

    for name, turn, _ in seen:
        line = turn.customer.strip().casefold()
        if len(line.split()) >= 6:
            above[root(name)] = root(first.setdefault(line, name))
    return {name: root(name) for name, _, _ in seen}


def held_out(folds: int = FOLDS, seed: int = 0) -> HeldOut:
    """Fit ``folds`` labelers, each without a part of the conversations, and score that part."""
    seen = views(read_corpus())
    situation = situations(seen)
    names = sorted(set(situation.values()))
    order = np.random.default_rng(seed).permutation(len(names))
    fold_of = {names[place]: int(rank) % folds for rank, place in enumerate(order)}
    fold = np.array([fold_of[situation[name]] for name, _, _ in seen])
    scores: list[Scores | None] = [None] * len(seen)
    for part in range(folds):
        fitted = fit((turn, view) for (_, turn, view), f in zip(seen, fold, strict=True) if f != part)
        for place in np.flatnonzero(fold == part):
            scores[place] = fitted.scores(seen[place][2])
    return HeldOut(
        [n for n, _, _ in seen],
        fold,
        [t for _, t, _ in seen],
        [v for _, _, v in seen],
        [s for s in scores if s is not None],
    )


CAREFUL = frozenset({Label.HOSTILE, Label.BIASED, Label.BLAMES_CUSTOMER})
"""Labels that must not be given lightly."""
CARE = 0.7
"""Beta of the F-score by which their thresholds are chosen. With 0.5, 0.7 and 1 the recall of hostile is 0.32, 0.40 and
0.56, and 0.6 %, 1.0 % and 2.7 % of the turns without any lapse are called hostile or biased: a rude turn that goes
unseen teaches as wrongly as a decent one that is blamed."""


ACCUSING, SLACK = CAREFUL | {Label.DISMISSES}, 0.01
"""Labels that hurt where they are wrong, and the F-beta that is given up for a higher threshold of theirs: where the
curve is flat, the surer one. The macro-F1 over the labels that drive levels is 0.005 lower with it; of what is called
hostile, blaming or dismissing, 65, 83 and 75 % are, and without it 58, 77 and 70 %."""


def best_threshold(scores: np.ndarray, truth: np.ndarray, beta: float = 1.0, slack: float = 0.0) -> float:
    """Return the highest threshold whose F-beta is within ``slack`` of the best, in the middle between the two scores
    it lies between."""
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(truth[order])
    given_so_far = np.arange(1, len(order) + 1)
    f = (1 + beta**2) * hits / (given_so_far + beta**2 * truth.sum())
    # Smoothing over a fifth of the positives keeps the threshold off a lucky peak.
    half = max(2, int(truth.sum()) // 10)
    smooth = np.convolve(f, np.ones(2 * half + 1) / (2 * half + 1), mode="valid")
    best = int((smooth >= smooth.max() - slack).argmax()) + half
    ranked = scores[order]
    return float((ranked[best] + ranked[min(best + 1, len(ranked) - 1)]) / 2)


def thresholds(data: HeldOut, keep: np.ndarray | None = None) -> dict[Label, float]:
    """Return the best threshold for each label over the turns where ``keep`` is true (all)."""
    rows = np.ones(len(data.turns), dtype=bool) if keep is None else keep
    highest, truth = data.highest()[rows], data.truth()[rows]
    return {
        label: best_threshold(
            highest[:, k], truth[:, k], CARE if label in CAREFUL else 1.0, SLACK if label in ACCUSING else 0.0
        )
        for k, label in enumerate(LABELS)
    }


def given(data: HeldOut) -> np.ndarray:
    """Return which labels the whole labeler (thresholds of the other folds, rules) gives: turns × labels."""
    result = np.zeros((len(data.turns), len(LABELS)), dtype=bool)
    for part in sorted(set(data.folds.tolist())):
        bars = thresholds(data, data.folds != part)
        for place in np.flatnonzero(data.folds == part):
            turn = data.turns[place]
            marks = decide(turn.trainee, data.views[place], data.scores[place], bars)
            for mark in marks:
                result[place, LABELS.index(mark.label)] = True
    return result


def report(found: np.ndarray, truth: np.ndarray) -> dict[Label, tuple[float, float, float]]:
    """Return precision, recall and F1 by label."""
    result = {}
    for k, label in enumerate(LABELS):
        both = int((found[:, k] & truth[:, k]).sum())
        precision = both / max(1, int(found[:, k].sum()))
        recall = both / max(1, int(truth[:, k].sum()))
        result[label] = (precision, recall, 2 * precision * recall / max(1e-9, precision + recall))
    return result


def main() -> None:
    """Print the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write the thresholds into the package")
    arguments = parser.parse_args()
    begin = time.perf_counter()
    data = held_out()
    truth = data.truth()
    found = given(data)
    figures = report(found, truth)
    print(f"{'label':<24}{'turns':>6}{'prec':>7}{'rec':>7}{'F1':>7}")
    for k, label in enumerate(LABELS):
        precision, recall, f1 = figures[label]
        mark = "" if label in LEVEL_DRIVING else "  (drives no level)"
        print(f"{label.value:<24}{int(truth[:, k].sum()):>6}{precision:>7.2f}{recall:>7.2f}{f1:>7.2f}{mark}")
    driving = [figures[label][2] for label in LABELS if label in LEVEL_DRIVING]
    kind = [i for i, turn in enumerate(data.turns) if turn.labels and not turn.labels & LAPSES]
    accused = sum(bool(found[i, [LABELS.index(label) for label in HARSH]].any()) for i in kind)
    print(
        f"\nof {len(kind)} turns without any lapse, {accused} are called hostile or biased ({accused / len(kind):.1%})"
    )
    print(f"macro-F1 over the {len(driving)} labels that drive levels: {np.mean(driving):.3f}")
    print(f"macro-F1 over all {len(LABELS)} labels: {np.mean([f for _, _, f in figures.values()]):.3f}")
    count, seconds = len(set(data.conversations)), time.perf_counter() - begin
    print(f"{len(data.turns)} turns of {count} conversations, {FOLDS} folds, {seconds:.0f} s")
    if arguments.write:
        chosen = thresholds(data)
        lines = [
            "# Margin from which a clause shows a label. Written by `python -m benchmarks.grading.labeler --write`."
        ]
        lines += [f"{label.value}: {chosen[label]:.3f}" for label in LABELS if label is not Label.MANIPULATES_GRADER]
        THRESHOLDS_FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")
        print(f"wrote {THRESHOLDS_FILE}")


if __name__ == "__main__":
    main()
