"""A fitted labeler that has learned from a trainer's own turns: refitted in about a second, not from the start.

The sparse rows of the program's corpus are kept in the cache (about 20 MB, made when first needed). The trainer's turns
are put under them and the known weights are taken a few steps further on the fit's own loss, in which a turn of the
trainer's counts ``OWN_WEIGHT`` times. The columns stay those of the program's corpus.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.grading.corpus import Corpus, LabelledTurn
from simulator.grading.features import TurnView
from simulator.grading.fitting import (
    LABELS,
    REGULARISATION,
    Fitted,
    Linear,
    cached,
    code_hash,
    read_fitted,
    targets,
    views,
    write_fitted,
)
from simulator.grading.hashed import Rows, counted, rows_of, weighed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Bools = NDArray[np.bool_]

OWN_WEIGHT = 5.0
"""How often a trainer's turn counts. With 3, one corrected turn in ten keeps a label it was corrected for; with 5, one
in fifty or none; more costs held-out F1 without gain (``python -m benchmarks.grading.corrections``)."""
STEPS = 5
"""Conjugate gradient steps from the known weights; three leave a fifth of the corrections undone."""
_COLUMN = {label: column for column, label in enumerate(LABELS)}
_PARTS = ("clauses", "turns")
_ARRAYS = ("values", "columns", "starts", "wanted")
Examples = Iterable[tuple[LabelledTurn, TurnView]]


@dataclass(frozen=True)
class Part:
    """Rows as a sparse matrix over the columns of a ``Linear``, and the labels each row should get."""

    matrix: Any
    wanted: Bools


@dataclass(frozen=True)
class Ground:
    """The rows of a corpus, by clause and by turn, over the columns of the labeler that was fitted to it."""

    clauses: Part
    turns: Part

    @classmethod
    def of(cls, examples: Examples, fitted: Fitted) -> Ground:
        """Return the rows of the labelled turns over the columns of ``fitted``."""
        pairs = list(examples)
        clauses, turns = rows_of([turn for _, turn in pairs])
        marked = [columns for labelled, turn in pairs for columns in targets(turn, labelled)]
        carried = [[_COLUMN[label] for label in labelled.labels] for labelled, _ in pairs]
        return cls(_part(clauses, marked, fitted.clauses), _part(turns, carried, fitted.turns))


def adapted(fitted: Fitted, ground: Ground, own: Examples, weight: float = OWN_WEIGHT, steps: int = STEPS) -> Fitted:
    """Return ``fitted`` taken on to the turns in ``own``; ``ground`` is what it was fitted to. No turns change
    nothing."""
    pairs = list(own)
    if not pairs:
        return fitted
    more = Ground.of(pairs, fitted)
    return Fitted(
        _further(fitted.clauses, ground.clauses, more.clauses, weight, steps),
        _further(fitted.turns, ground.turns, more.turns, weight, steps),
        fitted.like.adapted(pairs, weight),
    )


def fitted_to(corpus: Corpus, folder: Path) -> Fitted:
    """Return the labeler for a corpus whose ``own`` conversations are a trainer's, from the cache in ``folder`` where
    it is there."""
    base, own = corpus.parts()
    if not own.conversations:
        return cached(corpus, folder)
    path = folder / f"labeler-own-{_key(corpus)}.npz"
    found = read_fitted(path)
    if found is not None:
        return found
    fitted = cached(base, folder)
    ground = _ground(base, fitted, folder)
    result = adapted(fitted, ground, ((turn, view) for _, turn, view in views(own)))
    for old in folder.glob("labeler-own-*.npz"):  # each correction makes another one
        with contextlib.suppress(OSError):
            old.unlink()
    write_fitted(path, result)
    return result


def _key(corpus: Corpus) -> str:
    return hashlib.sha256(f"{corpus.sha256} {code_hash()}".encode()).hexdigest()[:24]


def _part(rows: Rows, marked: Sequence[Sequence[int]], linear: Linear) -> Part:
    import numpy as np  # noqa: PLC0415
    from scipy.sparse import csr_matrix  # noqa: PLC0415

    at, columns, values = weighed(rows.count, *counted(rows), linear.buckets, linear.scale)
    starts = np.searchsorted(at, np.arange(rows.count + 1))
    wanted = np.zeros((rows.count, len(LABELS)), dtype=bool)
    for place, labels in enumerate(marked):
        wanted[place, list(labels)] = True
    return Part(csr_matrix((values, columns, starts), shape=(rows.count, len(linear.buckets))), wanted)


def _further(linear: Linear, ground: Part, own: Part, weight: float, steps: int) -> Linear:
    """Return ``linear`` after one round of Newton's method from where it stands, solved by conjugate gradients."""
    import numpy as np  # noqa: PLC0415
    from scipy.sparse import csr_matrix, hstack, vstack  # noqa: PLC0415

    plain: Any = vstack([ground.matrix, own.matrix], format="csr")
    rows = plain.shape[0]
    full: Any = hstack([plain, np.ones((rows, 1), dtype=np.float32)], format="csr")
    turned: Any = csr_matrix(full.T)
    wanted = np.concatenate([ground.wanted, own.wanted])
    sign = np.where(wanted, 1, -1).astype(np.float32)
    counts = np.ones((rows, 1), dtype=np.float32)
    counts[len(ground.wanted) :] = weight
    ridge = np.float32(1 / (2 * REGULARISATION))
    weights = linear.weights.copy()
    # a label that only the trainer has ever given begins where every label begins
    weights[-1] = np.where(weights[-1] <= -9, -1, weights[-1])
    margins = full @ weights
    active = (sign * margins < 1).astype(np.float32) * counts
    rest = -(ridge * weights + turned @ (active * (margins - sign)))
    way, size = rest.copy(), (rest * rest).sum(axis=0)
    for _ in range(steps):
        ahead = full @ way
        bent = ridge * way + turned @ (active * ahead)
        step = size / np.maximum((way * bent).sum(axis=0), 1e-12)
        weights += step * way
        rest -= step * bent
        before, size = size, (rest * rest).sum(axis=0)
        way = rest + (size / np.maximum(before, 1e-12)) * way
    never = ~wanted.any(axis=0)
    weights[:, never], weights[-1, never] = 0, -9.0
    return Linear(linear.buckets, linear.scale, weights.astype(np.float32))


def _ground(base: Corpus, fitted: Fitted, folder: Path) -> Ground:
    """Return the rows of the program's corpus from the cache, or make them and put them there."""
    path = folder / f"corpus-{_key(base)}.npz"
    found = _read(path, fitted)
    if found is None:
        found = Ground.of(((turn, view) for _, turn, view in views(base)), fitted)
        _write(path, found)
    return found


def _read(path: Path, fitted: Fitted) -> Ground | None:
    import numpy as np  # noqa: PLC0415
    from scipy.sparse import csr_matrix  # noqa: PLC0415

    if not path.is_file():
        return None
    parts = []
    try:
        with np.load(path, allow_pickle=False) as data:
            for name, linear in zip(_PARTS, (fitted.clauses, fitted.turns), strict=True):
                values, columns, starts, wanted = (data[f"{name}_{array}"] for array in _ARRAYS)
                shape = (len(starts) - 1, len(linear.buckets))
                if wanted.shape != (shape[0], len(LABELS)) or wanted.dtype != bool:
                    return None
                parts.append(Part(csr_matrix((values, columns, starts), shape=shape), wanted))
    except (OSError, ValueError, KeyError, EOFError, AttributeError, TypeError, zipfile.BadZipFile, zlib.error):
        return None
    return Ground(*parts)


def _write(path: Path, ground: Ground) -> None:
    import numpy as np  # noqa: PLC0415

    arrays: dict[str, Any] = {}
    for name, part in zip(_PARTS, (ground.clauses, ground.turns), strict=True):
        held = part.matrix
        given = (held.data, held.indices.astype(np.int32), held.indptr.astype(np.int64), part.wanted)
        arrays |= {f"{name}_{array}": value for array, value in zip(_ARRAYS, given, strict=True)}
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, scratch = tempfile.mkstemp(dir=path.parent, suffix=".new")
        with os.fdopen(handle, "wb") as file:
            np.savez(file, **arrays)
        Path(scratch).replace(path)
