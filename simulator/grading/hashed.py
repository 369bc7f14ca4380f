"""Clauses and turns as sparse rows of hashed columns: n-grams, pairs of known turns of phrase, and named figures.

Built for a whole corpus at once by array arithmetic. A column is a block and a hash, so that no vocabulary of texts is
kept; a word's hash is the same in every process.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING

from simulator.grading.features import TurnView

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Ints = NDArray[np.int64]
    Keys = NDArray[np.uint64]

BLOCKS: tuple[tuple[str, float, int], ...] = (
    ("words", 1.3, 2),
    ("letters", 1.0, 3),
    ("kinds", 1.0, 3),
    ("around", 0.75, 2),
    ("pairs", 0.8, 5),
    ("before", 0.75, 2),
    ("figures", 0.5, 1),
)
"""Block of columns, its weight (the length of a row of n-grams in it), and the rows a column must stand in."""
FIGURES = len(BLOCKS) - 1
BITS = 20
_ODD, _MIX = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9


@lru_cache(maxsize=60_000)
def _word(word: str) -> int:
    data = word.encode("utf-8", "replace")
    return (zlib.crc32(data) << 32) | zlib.crc32(data[::-1] + b"#")


@lru_cache(maxsize=30_000)
def _letters(word: str) -> Keys:
    """Return the keys of the two to five letters in a row within ``word``."""
    import numpy as np  # noqa: PLC0415 - not needed before something is labelled

    padded = f" {word} "[:40]
    grams = [padded[i : i + size] for size in (2, 3, 4, 5) for i in range(max(1, len(padded) - size + 1))]
    return np.array([_word(gram) for gram in grams], dtype=np.uint64)


@dataclass(frozen=True)
class Rows:
    """What ``count`` rows hold: the row, the hashed column and the value of each entry, repeats allowed."""

    count: int
    rows: Ints
    buckets: Ints
    values: Floats


def _mixed(keys: Keys) -> Keys:
    import numpy as np  # noqa: PLC0415

    keys = (keys ^ (keys >> np.uint64(31))) * np.uint64(_MIX)
    return keys ^ (keys >> np.uint64(29))


def _ngrams(lines: Sequence[Sequence[str]], longest: int, *, skip: bool) -> tuple[Ints, Keys]:
    """Return line and key of every run of one to ``longest`` tokens, and of pairs with a token between them."""
    import numpy as np  # noqa: PLC0415

    lengths = np.fromiter(map(len, lines), dtype=np.int64, count=len(lines))
    ids = np.fromiter(map(_word, chain.from_iterable(lines)), dtype=np.uint64, count=int(lengths.sum()))
    at = np.repeat(np.arange(len(lines)), lengths)
    rows, keys = [at], [ids * np.uint64(_ODD)]
    run = ids
    for size in range(2, longest + 1):
        end = max(0, len(ids) - size + 1)
        run = _mixed(run[:end] * np.uint64(_ODD) + ids[size - 1 :] + np.uint64(size))
        inside = at[:end] == at[size - 1 :]
        rows.append(at[:end][inside])
        keys.append(run[inside])
    if skip and len(ids) > 2:
        inside = at[:-2] == at[2:]
        rows.append(at[:-2][inside])
        keys.append(_mixed(ids[:-2] * np.uint64(_ODD) + ids[2:] + np.uint64(99))[inside])
    return np.concatenate(rows), np.concatenate(keys)


def _pairs(lines: Sequence[Sequence[str]]) -> tuple[Ints, Keys]:
    """Return line and key of every pair of different tokens of a line, whatever their order."""
    import numpy as np  # noqa: PLC0415

    rows, keys = [], []
    for place, line in enumerate(lines):
        ids = np.array(sorted({_word(token) for token in line}), dtype=np.uint64)
        one, other = _corner(len(ids))
        keys.append(ids[one] * np.uint64(_ODD) + ids[other])
        rows.append(np.full(len(one), place))
    return np.concatenate(rows), np.concatenate(keys)


@lru_cache(maxsize=128)
def _corner(size: int) -> tuple[Ints, Ints]:
    import numpy as np  # noqa: PLC0415

    one, other = np.triu_indices(size, 1)
    return one, other


def rows_of(turns: Sequence[TurnView]) -> tuple[Rows, Rows]:
    """Return the rows of all clauses of ``turns`` in order, and those of the turns themselves.

    A turn holds what its clauses hold (the highest of each figure), and the customer's words before it.
    """
    import numpy as np  # noqa: PLC0415

    clauses = [clause for turn in turns for clause in turn.clauses]
    turn_of = np.repeat(np.arange(len(turns)), [len(turn.clauses) for turn in turns])
    words = [("^", *clause.words, "$") for clause in clauses]
    kinds = [("^", *clause.kinds, "$") for clause in clauses]
    spelt = [[_letters(word) for word in clause.letters] for clause in clauses]
    in_line = np.repeat(np.arange(len(clauses)), [sum(map(len, line)) for line in spelt])
    spelling = np.concatenate([*chain.from_iterable(spelt), np.empty(0, np.uint64)])
    blocks = [
        _ngrams(words, 3, skip=True),
        (in_line, spelling),
        _ngrams(kinds, 5, skip=True),
        _ngrams([clause.around for clause in clauses], 1, skip=False),
        _pairs([clause.hits for clause in clauses]),
    ]
    rows = np.concatenate([at for at, _ in blocks])
    buckets = np.concatenate([_bucket(keys, number) for number, (_, keys) in enumerate(blocks)])
    at, keys = _ngrams([turn.before_words for turn in turns], 1, skip=False)
    named = [
        (place, _word(name), value) for place, c in enumerate(clauses) for name, value in c.figures.items() if value
    ]
    where = np.array([place for place, _, _ in named], dtype=np.int64)
    names = _bucket(np.array([name for _, name, _ in named], dtype=np.uint64), FIGURES)
    values = np.array([value for _, _, value in named], dtype=np.float32)
    ones = np.ones(len(rows) + len(at), dtype=np.float32)
    by_clause = Rows(
        len(clauses),
        np.concatenate([rows, where]),
        np.concatenate([buckets, names]),
        np.concatenate([ones[: len(rows)], values]),
    )
    by_turn = Rows(
        len(turns),
        np.concatenate([turn_of[rows], at, turn_of[where]]),
        np.concatenate([buckets, _bucket(keys, FIGURES - 1), names]),
        np.concatenate([ones, values]),
    )
    return by_clause, by_turn


def _bucket(keys: Keys, block: int) -> Ints:
    import numpy as np  # noqa: PLC0415

    mixed: Ints = (_mixed(keys * np.uint64(_ODD)) >> np.uint64(64 - BITS)).astype(np.int64)
    return mixed + (block << BITS)


def counted(rows: Rows) -> tuple[Ints, Ints, Floats]:
    """Return row, bucket and value of every different entry, by row: how often an n-gram stands, a figure's highest."""
    import numpy as np  # noqa: PLC0415

    span = len(BLOCKS) << BITS
    code = rows.rows * span + rows.buckets
    order = np.argsort(code, kind="stable")
    code = code[order]
    starts = np.flatnonzero(np.concatenate([np.ones(min(1, len(code)), bool), code[1:] != code[:-1]]))
    code = code[starts]
    at, buckets = code // span, code % span
    if not len(starts):
        return at, buckets, np.empty(0, np.float32)
    counts = np.diff(np.append(starts, len(order)))
    highest = np.maximum.reduceat(rows.values[order], starts)
    values = np.where(buckets >> BITS == FIGURES, highest, 1 + np.log(counts)).astype(np.float32)
    return at, buckets, values


def weighed(
    count: int, at: Ints, buckets: Ints, values: Floats, known: Ints, scale: Floats
) -> tuple[Ints, Ints, Floats]:
    """Return row, column and final value of the entries whose bucket is known."""
    import numpy as np  # noqa: PLC0415

    columns = np.searchsorted(known, buckets)
    keep = np.flatnonzero(known[np.minimum(columns, len(known) - 1)] == buckets) if len(known) else np.empty(0, int)
    at, columns, blocks = at[keep], columns[keep], buckets[keep] >> BITS
    values = values[keep] * scale[columns]
    group = at * len(BLOCKS) + blocks
    length = np.sqrt(np.bincount(group, values * values, count * len(BLOCKS))).reshape(-1, len(BLOCKS))
    length[:, FIGURES] = 1.0
    weight = np.array([weight for _, weight, _ in BLOCKS]) / np.maximum(length, 1e-9)
    return at, columns, values * weight.astype(np.float32).ravel()[group]
