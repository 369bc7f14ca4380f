"""How well a trainer's corrections are learned, and what that costs elsewhere.

    python -m benchmarks.grading.corrections

A fifth of the corpus is held out. Turns of one half of it that the labeler gets wrong stand for corrected turns: they
are put to it with their right labels. Printed: the share of them it then labels exactly right, its macro-F1 over the
labels that drive levels on the other half, before and after, and the seconds.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from benchmarks.grading.labeler import report, situations
from simulator.grading.adapting import OWN_WEIGHT, STEPS, Ground, adapted
from simulator.grading.corpus import LabelledTurn, read_corpus
from simulator.grading.features import TurnView
from simulator.grading.fitting import LABELS, Fitted, fit, views
from simulator.grading.labeler import decide, read_thresholds
from simulator.grading.levels import LEVEL_DRIVING
from simulator.labels import Label

Example = tuple[LabelledTurn, TurnView]
COUNTS = (10, 40, 200)


def found_in(fitted: Fitted, example: Example) -> frozenset[Label]:
    turn, view = example
    return frozenset(mark.label for mark in decide(turn.trainee, view, fitted.scores(view), read_thresholds()))


def macro_f1(fitted: Fitted, examples: list[Example]) -> float:
    found = np.zeros((len(examples), len(LABELS)), dtype=bool)
    truth = np.zeros_like(found)
    for place, example in enumerate(examples):
        for label in found_in(fitted, example):
            found[place, LABELS.index(label)] = True
        for label in example[0].labels:
            truth[place, LABELS.index(label)] = True
    figures = report(found, truth)
    here = [label for k, label in enumerate(LABELS) if label in LEVEL_DRIVING and truth[:, k].any()]
    return float(np.mean([figures[label][2] for label in here]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folds", type=int, default=2, help="held-out fifths to measure on, 1 to 5")
    parser.add_argument("--weights", type=float, nargs="*", default=[1, 3, OWN_WEIGHT, 10])
    arguments = parser.parse_args()
    seen = views(read_corpus())
    situation = situations(seen)
    names = sorted(set(situation.values()))
    order = np.random.default_rng(0).permutation(len(names))
    fold_of = {names[place]: int(rank) % 5 for place, rank in enumerate(order)}
    print(f"{'corrected':>9}{'weight':>8}{'learned':>9}{'F1 before':>11}{'after':>7}{'seconds':>9}")
    for part in range(arguments.folds):
        known = [(turn, view) for name, turn, view in seen if fold_of[situation[name]] != part]
        base = fit(known)
        ground = Ground.of(known, base)
        held = sorted({situation[name] for name, _, _ in seen if fold_of[situation[name]] == part})
        mine, others = set(held[::2]), set(held[1::2])
        elsewhere = [(turn, view) for name, turn, view in seen if situation[name] in others]
        wrong = [
            (turn, view)
            for name, turn, view in seen
            if situation[name] in mine and found_in(base, (turn, view)) != turn.labels
        ]
        before = macro_f1(base, elsewhere)
        for count in COUNTS:
            own = wrong[:count]
            for weight in arguments.weights:
                begin = time.perf_counter()
                result = adapted(base, ground, own, weight, STEPS)
                seconds = time.perf_counter() - begin
                learned = np.mean([found_in(result, example) == example[0].labels for example in own])
                after = macro_f1(result, elsewhere)
                print(f"{len(own):>9}{weight:>8g}{learned:>9.0%}{before:>11.3f}{after:>7.3f}{seconds:>9.1f}")


if __name__ == "__main__":
    main()
