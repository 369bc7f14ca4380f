"""Fitting the labeler to the corpus: linear classifiers for all labels at once over sparse rows, and the cache.

Two scikit-learn pipelines are fitted, one to clauses and one to whole turns: hashed columns (``hashed.py``) are weighed
(``weighing.py``), then a linear support vector machine a label. Beside them stands what turns of like meaning carry
(``likeness.py``). What they learnt is kept as plain arrays: it is cached without pickles, and labelling needs numpy
alone, so that scikit-learn is loaded only where something is fitted.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.grading import likeness
from simulator.grading.belonging import TOLD_BACK, strange
from simulator.grading.corpus import Corpus, LabelledTurn
from simulator.grading.features import TurnView, view
from simulator.grading.hashed import Rows, counted, rows_of, weighed
from simulator.grading.likeness import Likeness
from simulator.grading.rules import SETTLES, VETOES, adjustments, checks
from simulator.labels import Label

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Ints = NDArray[np.int64]

LABELS = tuple(Label)
"""The order of the columns."""
_COLUMN = {label: column for column, label in enumerate(LABELS)}
REGULARISATION = 0.1
"""C of the squared hinge loss; chosen by grouped cross-validation (0.05 to 0.3 differ by 0.004 F1)."""
TOLERANCE, ROUNDS = 0.1, 20
"""When the optimiser stops: early on purpose, which is quick and tames rare n-grams (exact fits lose 0.002 F1)."""
WHOLE_TURN = 0.45
"""Share of the whole turn's margin beside its best clause's; flat between 0.3 and 0.5 in cross-validation."""
LIKENESS = 1.0
"""What is added to the margin of a label that all turns like this one carry, half of it taken off where none does: the
regression's answer, 0 to 1, less a half. With 1.4 the held-out F1 is 0.003 lower; less was not tried."""
_CODE = (
    "adapting.py",
    "belonging.py",
    "clauses.py",
    "features.py",
    "features.yaml",
    "fitting.py",
    "encoder/weights.npz",
    "hashed.py",
    "likeness.py",
    "meaning.py",
    "particulars.py",
    "pretending.py",
    "rules.py",
    "labeler.py",
    "lexicon.yaml",
    "thresholds.yaml",
    "weighing.py",
)
_PARTS = ("clauses", "turns")
_LIKE = ("meanings", "topics", "weights", "mean")


@dataclass(frozen=True)
class Linear:
    """Linear classifiers: ``buckets`` are the known hashed columns in rising order, ``scale`` what each is multiplied
    with (inverse document frequency), ``weights`` columns + 1 × labels, the last row the intercepts."""

    buckets: Ints
    scale: Floats
    weights: Floats

    def scores(self, rows: Rows) -> Floats:
        """Return the margin of every label for every row: rows × labels."""
        import numpy as np  # noqa: PLC0415

        at, columns, values = weighed(rows.count, *counted(rows), self.buckets, self.scale)
        result = np.repeat(self.weights[-1:], rows.count, axis=0)
        cuts = np.searchsorted(at, np.arange(rows.count + 1))
        for row in range(rows.count):
            part = slice(cuts[row], cuts[row + 1])
            result[row] += values[part] @ self.weights[columns[part]]
        return result


@dataclass(frozen=True)
class Scores:
    """Margins of one turn: ``clauses`` is clauses × labels, ``turn`` one value a label (clauses and whole turn
    mixed)."""

    clauses: Floats
    turn: Floats


@dataclass(frozen=True)
class Fitted:
    """A fitted labeler: one set of classifiers for clauses, one for whole turns, and what turns of like meaning
    carry."""

    clauses: Linear
    turns: Linear
    like: Likeness

    def scores(self, turn: TurnView) -> Scores:
        """Return the margins of ``turn``; one without a clause has -9 throughout."""
        import numpy as np  # noqa: PLC0415

        if not turn.clauses:
            return Scores(np.empty((0, len(LABELS)), np.float32), np.full(len(LABELS), -9.0, np.float32))
        clauses, turns = rows_of([turn])
        by_clause = self.clauses.scores(clauses)
        plain = by_clause.max(axis=0)
        for place, clause in enumerate(turn.clauses):
            for label, step in adjustments(clause.words).items():
                by_clause[place, _COLUMN[label]] += step
            if place and checks(clause.words):  # it makes a telling back of the sentence before it
                told = by_clause[_sentence_of(turn, place - 1), _COLUMN[Label.RESTATES]]
                np.maximum(told, by_clause[place, _COLUMN[Label.RESTATES]], out=told)
                told += SETTLES
        whole = self.turns.scores(turns)[0]
        mixed = WHOLE_TURN * whole + (1 - WHOLE_TURN) * plain + (by_clause.max(axis=0) - plain)
        mixed += LIKENESS * (self.like.shares(turn) - 0.5)
        if strange(turn):
            mixed[[_COLUMN[label] for label in TOLD_BACK]] -= VETOES
        return Scores(by_clause, mixed)


def _sentence_of(turn: TurnView, place: int) -> slice:
    """Return the clauses of the sentence up to the clause at ``place``."""
    first = place
    while first and turn.clauses[first - 1].clause.sentence == turn.clauses[place].clause.sentence:
        first -= 1
    return slice(first, place + 1)


def targets(turn: TurnView, labelled: LabelledTurn) -> list[list[int]]:
    """Return for each clause the columns of the labels whose quote overlaps it.

    A clause counts where half of it lies in the quote or half of the quote in it; a quote that no clause meets so far
    counts for the clause it overlaps most.
    """
    found: list[set[int]] = [set() for _ in turn.clauses]
    for mark in labelled.marks:
        start = labelled.trainee.find(mark.quote)
        end = start + len(mark.quote)
        shared = [min(end, c.clause.end) - max(start, c.clause.start) for c in turn.clauses]
        most = max(range(len(shared)), key=shared.__getitem__, default=None)
        for place, overlap in enumerate(shared):
            clause = turn.clauses[place].clause
            half = 2 * overlap >= clause.end - clause.start or 2 * overlap >= end - start
            if overlap > 0 and (half or place == most):
                found[place].add(_COLUMN[mark.label])
    return [sorted(columns) for columns in found]


def views(corpus: Corpus) -> list[tuple[str, LabelledTurn, TurnView]]:
    """Return conversation id, labelled turn and its view for every turn of the corpus."""
    return [
        (conversation.id, turn, view(turn.trainee, turn.customer, [t.customer for t in conversation.turns[:place]]))
        for conversation, place, turn in corpus.turns()
    ]


def fit(examples: Iterable[tuple[LabelledTurn, TurnView]]) -> Fitted:
    """Return a labeler fitted to the turns; the same turns give the same labeler."""
    pairs = list(examples)
    clauses, turns = rows_of([turn for _, turn in pairs])
    marked = [columns for labelled, turn in pairs for columns in targets(turn, labelled)]
    carried = [[_COLUMN[label] for label in labelled.labels] for labelled, _ in pairs]
    return Fitted(_fit(clauses, marked), _fit(turns, carried), likeness.fit(pairs))


def _fit(rows: Rows, marked: Sequence[Sequence[int]]) -> Linear:
    """Return what a scikit-learn pipeline learns from ``rows``: columns weighed, then a classifier a label."""
    import numpy as np  # noqa: PLC0415
    from sklearn.multiclass import OneVsRestClassifier  # noqa: PLC0415 - only where something is fitted
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415
    from sklearn.svm import LinearSVC  # noqa: PLC0415

    from simulator.grading.weighing import Weighing  # noqa: PLC0415

    wanted = np.zeros((rows.count, len(LABELS)), dtype=bool)
    for place, labels in enumerate(marked):
        wanted[place, labels] = True
    seen = np.flatnonzero(wanted.any(axis=0) & ~wanted.all(axis=0))
    classifier = OneVsRestClassifier(LinearSVC(C=REGULARISATION, tol=TOLERANCE, max_iter=ROUNDS, random_state=0))
    pipeline = make_pipeline(Weighing(), classifier).fit(rows, wanted[:, seen].astype(int))
    weighing: Weighing = pipeline[0]
    weights = np.zeros((len(weighing.known_) + 1, len(LABELS)), dtype=np.float32)
    weights[-1] = -9.0  # never seen, never given
    for column, learnt in zip(seen, pipeline[-1].estimators_, strict=True):
        weights[:-1, column] = learnt.coef_[0]
        weights[-1, column] = learnt.intercept_[0]
    return Linear(weighing.known_, weighing.scale_, weights)


@lru_cache(maxsize=1)
def code_hash() -> str:
    """Return the sha256 of everything beside the corpus that decides what a fitted labeler says."""
    digest = hashlib.sha256(f"{version('numpy')} {version('scikit-learn')}".encode())
    for name in _CODE:
        digest.update((Path(__file__).resolve().parent / name).read_bytes())
    return digest.hexdigest()


def cached(corpus: Corpus, folder: Path) -> Fitted:
    """Return the labeler fitted to ``corpus`` from the cache in ``folder``, or fit it and put it there.

    A cache that cannot be read or written never stops anything: the labeler is fitted again.
    """
    key = hashlib.sha256(f"{corpus.sha256} {code_hash()}".encode()).hexdigest()[:24]
    path = folder / f"labeler-{key}.npz"
    found = read_fitted(path)
    if found is not None:
        return found
    fitted = fit((labelled, turn) for _, labelled, turn in views(corpus))
    write_fitted(path, fitted)
    return fitted


def read_fitted(path: Path) -> Fitted | None:
    """Return the labeler kept at ``path``, or None where there is none that can be used."""
    import numpy as np  # noqa: PLC0415

    if not path.is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as data:
            clauses, turns = (
                _linear(*(data[f"{part}_{name}"] for name in ("buckets", "scale", "weights"))) for part in _PARTS
            )
            like = _likeness(*(data[f"like_{name}"] for name in _LIKE))
    except (OSError, ValueError, KeyError, EOFError, AttributeError, TypeError, zipfile.BadZipFile, zlib.error):
        return None
    return Fitted(clauses, turns, like)


def _linear(buckets: Any, scale: Any, weights: Any) -> Linear:
    if weights.shape != (len(buckets) + 1, len(LABELS)) or scale.shape != buckets.shape or buckets.dtype != "int64":
        raise ValueError("the cache does not hold a labeler of this shape")
    return Linear(buckets, scale.astype("float32"), weights.astype("float32"))


def _likeness(*arrays: Any) -> Likeness:
    meanings, topics, weights, mean = arrays
    if meanings.shape != topics.shape or weights.shape != (len(meanings), len(LABELS)) or mean.shape != (len(LABELS),):
        raise ValueError("the cache does not hold a labeler of this shape")
    return Likeness(*(array.astype("float32") for array in arrays))


def write_fitted(path: Path, fitted: Fitted) -> None:
    """Keep ``fitted`` at ``path``; where that cannot be written, nothing is kept."""
    import numpy as np  # noqa: PLC0415

    arrays: dict[str, Any] = {}
    for part, linear in zip(_PARTS, (fitted.clauses, fitted.turns), strict=True):
        arrays |= {f"{part}_{name}": getattr(linear, name) for name in ("buckets", "scale", "weights")}
    arrays |= {f"like_{name}": getattr(fitted.like, name) for name in _LIKE}
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".new")
        with os.fdopen(handle, "wb") as file:
            np.savez(file, **arrays)
        Path(name).replace(path)
    except OSError:
        return
