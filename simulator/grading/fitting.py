"""Fitting the labeler to the corpus: clauses to sparse vectors, one linear classifier a label, and the cache.

The vectors are built here (word, letter and kind n-grams weighted by tf-idf, and named figures), so that a fitted
labeler is plain arrays and a vocabulary: it is cached without pickles, and labelling needs neither scikit-learn nor
its second of import time. scikit-learn fits the weights.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import tempfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.grading.corpus import Corpus, LabelledTurn
from simulator.grading.features import ClauseView, TurnView, view
from simulator.grading.rules import adjustments
from simulator.labels import Label

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

LABELS = tuple(Label)
"""The order of the columns."""
REGULARISATION = 0.1
"""C of the linear support vector classifiers; chosen by grouped cross-validation (0.05 to 0.3 differ by 0.006 F1)."""
_CODE = (
    "clauses.py",
    "features.py",
    "fitting.py",
    "pretending.py",
    "rules.py",
    "labeler.py",
    "lexicon.yaml",
    "thresholds.yaml",
)

_BLOCKS: dict[str, tuple[float, int]] = {"w": (1.3, 2), "c": (1.0, 3), "k": (1.0, 3), "a": (0.75, 2)}
"""Block of n-grams to (weight, number of clauses an n-gram must stand in)."""
_FIGURE_WEIGHT = 0.35
WHOLE_TURN = 0.4
"""Share of the whole turn's margin beside its best clause's; flat between 0.3 and 0.5 in cross-validation."""
_PARTS = ("clauses", "turns")


def grams(clause: ClauseView) -> dict[str, Counter[str]]:
    """Return the n-grams of a clause by block: words (1-2), letters within words (2-4), kinds (1-4), words "
    "around it."""
    words = clause.words.split()
    kinds = clause.kinds.split()
    letters: Counter[str] = Counter()
    for word in clause.letters.split():
        padded = f" {word} "
        for size in (2, 3, 4):
            letters.update(padded[i : i + size] for i in range(max(1, len(padded) - size + 1)))
    return {
        "w": Counter(_ngrams(words, 2)),
        "c": letters,
        "k": Counter(_ngrams(kinds, 4)),
        "a": Counter(clause.around.split()),
    }


def _ngrams(words: Sequence[str], longest: int) -> list[str]:
    found = list(words)
    for size in range(2, longest + 1):
        found += [" ".join(words[i : i + size]) for i in range(len(words) - size + 1)]
    return found


@dataclass(frozen=True)
class Vocabulary:
    """Feature names by block to column, and the inverse document frequency of each column (1 for figures)."""

    columns: dict[str, dict[str, int]]
    idf: tuple[float, ...]

    @classmethod
    def of(cls, clauses: Sequence[Row]) -> Vocabulary:
        """Return the vocabulary of the n-grams and figures of ``clauses``."""
        columns: dict[str, dict[str, int]] = {}
        idf: list[float] = []
        for block, (_, least) in _BLOCKS.items():
            frequency: Counter[str] = Counter()
            for blocks, _figures in clauses:
                frequency.update(blocks[block].keys())
            names = sorted(name for name, count in frequency.items() if count >= least)
            columns[block] = {name: len(idf) + place for place, name in enumerate(names)}
            idf += [math.log((1 + len(clauses)) / (1 + frequency[name])) + 1 for name in names]
        figures = sorted({name for _, given in clauses for name in given})
        columns["f"] = {name: len(idf) + place for place, name in enumerate(figures)}
        idf += [1.0] * len(figures)
        return cls(columns, tuple(idf))

    def row(self, blocks: dict[str, Counter[str]], figures: dict[str, float]) -> tuple[list[int], list[float]]:
        """Return the columns and values of one row; each block of n-grams has the length of its weight."""
        where: list[int] = []
        values: list[float] = []
        idf = self.idf
        for block, (weight, _) in _BLOCKS.items():
            get = self.columns[block].get
            total = 0.0
            first = len(values)
            for name, count in blocks[block].items():
                column = get(name)
                if column is not None:
                    value = idf[column] if count == 1 else (1 + math.log(count)) * idf[column]
                    where.append(column)
                    values.append(value)
                    total += value * value
            scale = weight / math.sqrt(total) if total else 0.0
            values[first:] = [value * scale for value in values[first:]]
        known = self.columns["f"].get
        for name, value in figures.items():
            column = known(name)
            if value and column is not None:
                where.append(column)
                values.append(value * _FIGURE_WEIGHT)
        return where, values


Row = tuple[dict[str, Counter[str]], dict[str, float]]
"""N-grams by block and figures by name, of a clause or of a whole turn."""


def clause_row(clause: ClauseView) -> Row:
    """Return what one clause is judged by."""
    return grams(clause), clause.figures


def turn_row(turn: TurnView, clauses: Sequence[Row]) -> Row:
    """Return what a whole turn is judged by: the sum of its clauses, the highest of each figure, the customer's "
    "words."""
    blocks: dict[str, Counter[str]] = {block: Counter() for block in _BLOCKS}
    figures: dict[str, float] = {}
    for given, named in clauses:
        for block in ("w", "c", "k"):
            blocks[block].update(given[block])
        for name, value in named.items():
            if value > figures.get(name, 0.0):
                figures[name] = value
    blocks["a"].update(f"b_{word}" for word in turn.before_words)
    return blocks, figures


@dataclass(frozen=True)
class Linear:
    """Linear classifiers over one vocabulary: ``weights`` is (columns + 1) × labels, the last row the intercepts."""

    vocabulary: Vocabulary
    weights: Floats

    def scores(self, rows: Sequence[Row]) -> Floats:
        """Return the margin of every label for every row: rows × labels."""
        import numpy as np  # noqa: PLC0415 - not needed before something is labelled

        result = np.empty((len(rows), len(LABELS)), dtype=np.float32)
        for place, row in enumerate(rows):
            where, values = self.vocabulary.row(*row)
            result[place] = np.asarray(values, dtype=np.float32) @ self.weights[where] + self.weights[-1]
        return result


@dataclass(frozen=True)
class Scores:
    """Margins of one turn: ``clauses`` is clauses × labels, ``turn`` one value a label (clauses and whole turn "
    "mixed)."""

    clauses: Floats
    turn: Floats


@dataclass(frozen=True)
class Fitted:
    """A fitted labeler: one set of classifiers for clauses, one for whole turns."""

    clauses: Linear
    turns: Linear

    def scores(self, turn: TurnView) -> Scores:
        """Return the margins of ``turn``; one without a clause has -9 throughout."""
        import numpy as np  # noqa: PLC0415

        rows = [clause_row(clause) for clause in turn.clauses]
        if not rows:
            return Scores(np.empty((0, len(LABELS)), np.float32), np.full(len(LABELS), -9.0, np.float32))
        by_clause = self.clauses.scores(rows)
        plain = by_clause.max(axis=0)
        for place, clause in enumerate(turn.clauses):
            for label, step in adjustments(clause.words.split()).items():
                by_clause[place, LABELS.index(label)] += step
        whole = self.turns.scores([turn_row(turn, rows)])[0]
        mixed = WHOLE_TURN * whole + (1 - WHOLE_TURN) * plain + (by_clause.max(axis=0) - plain)
        return Scores(by_clause, mixed)


def targets(turn: TurnView, labelled: LabelledTurn) -> list[list[int]]:
    """Return for each clause the columns of the labels whose quote overlaps it.

    A clause counts where half of it lies in the quote or half of the quote in it; a quote that no clause meets so far
    counts for the clause it overlaps most.
    """
    found: list[set[int]] = [set() for _ in turn.clauses]
    for mark in labelled.marks:
        column = LABELS.index(mark.label)
        start = labelled.trainee.find(mark.quote)
        end = start + len(mark.quote)
        shared = [min(end, c.clause.end) - max(start, c.clause.start) for c in turn.clauses]
        most = max(range(len(shared)), key=shared.__getitem__, default=None)
        for place, overlap in enumerate(shared):
            clause = turn.clauses[place].clause
            half = 2 * overlap >= clause.end - clause.start or 2 * overlap >= end - start
            if overlap > 0 and (half or place == most):
                found[place].add(column)
    return [sorted(columns) for columns in found]


def views(corpus: Corpus) -> list[tuple[str, LabelledTurn, TurnView]]:
    """Return conversation id, labelled turn and its view for every turn of the corpus."""
    return [
        (conversation.id, turn, view(turn.trainee, turn.customer, [t.customer for t in conversation.turns[:place]]))
        for conversation, place, turn in corpus.turns()
    ]


def fit(examples: Iterable[tuple[LabelledTurn, TurnView]]) -> Fitted:
    """Return a labeler fitted to the turns; the same turns give the same labeler."""
    clauses: list[Row] = []
    marked: list[list[int]] = []
    turns: list[Row] = []
    carried: list[list[int]] = []
    for labelled, turn in examples:
        rows = [clause_row(clause) for clause in turn.clauses]
        clauses += rows
        marked += targets(turn, labelled)
        turns.append(turn_row(turn, rows))
        carried.append([LABELS.index(label) for label in labelled.labels])
    return Fitted(_fit(clauses, marked), _fit(turns, carried))


def _fit(rows: Sequence[Row], marked: Sequence[Sequence[int]]) -> Linear:
    import numpy as np  # noqa: PLC0415
    from scipy.sparse import csr_matrix  # noqa: PLC0415
    from sklearn.svm import LinearSVC  # noqa: PLC0415

    vocabulary = Vocabulary.of(rows)
    columns: list[int] = []
    values: list[float] = []
    starts = [0]
    for row in rows:
        where, found = vocabulary.row(*row)
        columns += where
        values += found
        starts.append(len(columns))
    width = len(vocabulary.idf)
    matrix: Any = csr_matrix((values, columns, starts), shape=(len(rows), width))
    wanted = np.zeros((len(rows), len(LABELS)), dtype=np.int8)
    for place, labels in enumerate(marked):
        wanted[place, labels] = 1
    weights = np.zeros((width + 1, len(LABELS)), dtype=np.float32)
    for column in range(len(LABELS)):
        if wanted[:, column].min(initial=1) == wanted[:, column].max(initial=0):
            weights[-1, column] = -9.0  # never seen, never given
            continue
        model = LinearSVC(C=REGULARISATION, tol=1e-2, random_state=0).fit(matrix, wanted[:, column])
        weights[:-1, column] = model.coef_[0]
        weights[-1, column] = model.intercept_[0]
    return Linear(vocabulary, weights)


@lru_cache(maxsize=1)
def code_hash() -> str:
    """Return the sha256 of everything beside the corpus that decides what a fitted labeler says."""
    digest = hashlib.sha256(version("scikit-learn").encode())
    for name in _CODE:
        digest.update((Path(__file__).resolve().parent / name).read_bytes())
    return digest.hexdigest()


def cached(corpus: Corpus, folder: Path) -> Fitted:
    """Return the labeler fitted to ``corpus`` from the cache in ``folder``, or fit it and put it there.

    A cache that cannot be read or written never stops anything: the labeler is fitted again.
    """
    key = hashlib.sha256(f"{corpus.sha256} {code_hash()}".encode()).hexdigest()[:24]
    path = folder / f"labeler-{key}.npz"
    found = _read(path)
    if found is not None:
        return found
    fitted = fit((labelled, turn) for _, labelled, turn in views(corpus))
    _write(path, fitted)
    return fitted


def _read(path: Path) -> Fitted | None:
    import numpy as np  # noqa: PLC0415

    if not path.is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as data:
            parts = [_linear(data[f"{part}_weights"], data[f"{part}_idf"], data[f"{part}_columns"]) for part in _PARTS]
    except (OSError, ValueError, KeyError, EOFError, AttributeError, TypeError, zipfile.BadZipFile, zlib.error):
        return None
    return Fitted(*parts)


def _linear(weights: Any, idf: Any, columns: Any) -> Linear:
    named = json.loads(bytes(columns).decode())
    vocabulary = Vocabulary(
        {b: {n: int(i) for n, i in names.items()} for b, names in named.items()}, tuple(idf.tolist())
    )
    highest = max((column for names in vocabulary.columns.values() for column in names.values()), default=-1)
    if weights.shape != (len(idf) + 1, len(LABELS)) or set(named) != {*_BLOCKS, "f"} or highest >= len(idf):
        raise ValueError("the cache does not hold a labeler of this shape")
    return Linear(vocabulary, weights.astype("float32"))


def _write(path: Path, fitted: Fitted) -> None:
    import numpy as np  # noqa: PLC0415

    arrays: dict[str, Any] = {}
    for part, linear in zip(_PARTS, (fitted.clauses, fitted.turns), strict=True):
        arrays[f"{part}_weights"] = linear.weights
        arrays[f"{part}_idf"] = np.array(linear.vocabulary.idf)
        arrays[f"{part}_columns"] = np.frombuffer(json.dumps(linear.vocabulary.columns).encode(), dtype=np.uint8)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".new")
        with os.fdopen(handle, "wb") as file:
            np.savez(file, **arrays)
        Path(name).replace(path)
    except OSError:
        return
