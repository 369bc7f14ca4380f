"""The first step of the labeler's pipelines: which hashed columns are kept, and what each is worth.

A column that stands in too few rows is left out; a rare one counts more than a common one (inverse document
frequency), and every block of columns has a length of its own (``hashed.BLOCKS``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, TransformerMixin

from simulator.grading.hashed import BITS, BLOCKS, FIGURES, Rows, counted, weighed

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Weighing(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """``Rows`` in, a sparse matrix of rows × kept columns out.

    Fitted, ``known_`` are the kept buckets in rising order and ``scale_`` what each is multiplied with.
    """

    def fit(self, rows: Rows, _: Any = None) -> Weighing:
        """Choose the columns of ``rows`` and their scale."""
        _, buckets, _ = counted(rows)
        frequency = np.bincount(buckets, minlength=len(BLOCKS) << BITS)
        least = np.repeat([least for _, _, least in BLOCKS], 1 << BITS)
        self.known_: NDArray[np.int64] = np.flatnonzero(frequency >= least)
        scale = np.log((1 + rows.count) / (1 + frequency[self.known_])) + 1
        self.scale_: NDArray[np.float32] = np.where(self.known_ >> BITS == FIGURES, 1.0, scale).astype(np.float32)
        return self

    def transform(self, rows: Rows) -> Any:
        """Return the matrix of ``rows``."""
        at, columns, values = weighed(rows.count, *counted(rows), self.known_, self.scale_)
        starts = np.searchsorted(at, np.arange(rows.count + 1))
        return csr_matrix((values, columns, starts), shape=(rows.count, len(self.known_)))
