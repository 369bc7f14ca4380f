"""What turns that mean something like it carry: kernel ridge regression over the meanings of the corpus's turns.

Linear classifiers over words (``fitting.py``) know phrases; this knows turns that say the same in other words, after a
customer who speaks of the same things. Its answer is mixed into the margins of the whole turn.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulator.grading.corpus import LabelledTurn
from simulator.grading.features import TurnView
from simulator.grading.meaning import meaning, topic
from simulator.labels import Label

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

RIDGE = 0.3
"""Ridge of the regression; with 1 the held-out F1 is 0.001 to 0.003 lower."""
TOPIC = 0.5
"""Share of the likeness that hangs on the customer's turn before; flat between 0.3 and 0.5."""
_COLUMN = {label: column for column, label in enumerate(Label)}


@dataclass(frozen=True)
class Likeness:
    """``meanings`` and ``topics`` (turns × numbers) of what is known, ``weights`` (turns × labels) and the ``mean``
    share of turns that carry each label."""

    meanings: Floats
    topics: Floats
    weights: Floats
    mean: Floats

    def shares(self, turn: TurnView) -> Floats:
        """Return for each label about what share of turns like this one carry it: 0 to 1, or a little beyond."""
        shares: Floats = self._at(meaning(turn.said)[None], topic(turn.before)[None])[0]
        return shares

    def adapted(self, own: Iterable[tuple[LabelledTurn, TurnView]], weight: float) -> Likeness:
        """Return this with a trainer's turns, each as good as ``weight`` turns of the corpus: what was said about them
        before is taken back, and what the trainer says is put in its place, there and where it is like it."""
        import numpy as np  # noqa: PLC0415

        meanings, topics, wanted = _arrays(own)
        near = _kernel(meanings, topics, meanings, topics) + np.eye(len(wanted), dtype=np.float32) * (RIDGE / weight)
        weights = np.linalg.solve(near, wanted - self._at(meanings, topics)).astype(np.float32)
        return Likeness(
            np.concatenate([self.meanings, meanings]),
            np.concatenate([self.topics, topics]),
            np.concatenate([self.weights, weights]),
            self.mean,
        )

    def _at(self, meanings: Floats, topics: Floats) -> Floats:
        shares: Floats = _kernel(meanings, topics, self.meanings, self.topics) @ self.weights + self.mean
        return shares


def fit(examples: Iterable[tuple[LabelledTurn, TurnView]]) -> Likeness:
    """Return the likeness fitted to the turns."""
    from scipy.linalg import cho_factor, cho_solve  # noqa: PLC0415 - only where something is fitted
    from threadpoolctl import threadpool_limits  # noqa: PLC0415

    meanings, topics, wanted = _arrays(examples)
    mean = wanted.mean(axis=0)
    near = _kernel(meanings, topics, meanings, topics)
    near[range(len(near)), range(len(near))] += RIDGE
    with threadpool_limits(os.cpu_count(), user_api="blas"):  # one large matrix: all cores are welcome
        factor = cho_factor(near, lower=True, overwrite_a=True, check_finite=False)
        weights: Floats = cho_solve(factor, wanted - mean, check_finite=False)
    return Likeness(meanings, topics, weights.astype("float32"), mean)


def _arrays(examples: Iterable[tuple[LabelledTurn, TurnView]]) -> tuple[Floats, Floats, Floats]:
    import numpy as np  # noqa: PLC0415

    pairs = list(examples)
    wanted = np.zeros((len(pairs), len(_COLUMN)), dtype=np.float32)
    for place, (labelled, _) in enumerate(pairs):
        wanted[place, [_COLUMN[label] for label in labelled.labels]] = 1
    meanings = np.array([meaning(turn.said) for _, turn in pairs], dtype=np.float32)
    topics = np.array([topic(turn.before) for _, turn in pairs], dtype=np.float32)
    return meanings, topics, wanted


def _kernel(meanings: Floats, topics: Floats, others: Floats, other_topics: Floats) -> Floats:
    """Return how like each turn is each of the others, 0.08 to 1: falling with the distance of their meanings."""
    import numpy as np  # noqa: PLC0415

    like: Floats = topics @ other_topics.T
    like -= 1
    np.exp(like, out=like)
    like *= TOPIC
    like += 1 - TOPIC
    near: Floats = meanings @ others.T
    near -= 1
    like *= np.exp(near, out=near)
    return like
