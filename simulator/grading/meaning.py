"""What a text is about, as a short vector: the first layers of a small sentence encoder, in numpy alone.

The weights are the embeddings and the first three of the six layers of all-MiniLM-L6-v2 (Apache-2.0), kept as whole
numbers of eight bits; ``encoder/README.md`` tells where they come from and how they were made. Three layers tell labels
apart better than six and take half the time: what a turn does lies nearer to its words than what it is about.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

FOLDER = Path(__file__).resolve().parent / "encoder"
WEIGHTS_FILE = FOLDER / "weights.npz"
KNOWN_FILE = FOLDER / "corpus.npz"
SIZE = 64
"""Numbers of a vector: the main axes of the corpus; 384 tell labels apart no better."""
LAYERS, HEADS = 3, 12
MOST_PIECES = 128
"""Pieces of a text that are read: of a turn its beginning, of what came before it its end."""
_LONGEST_WORD = 100
_QUOTES = str.maketrans("’‘`“”", "'''\"\"")


@dataclass(frozen=True)
class Layer:
    """One layer: the matrices (inputs × outputs) and biases of its four steps, and its two norms (scale, shift)."""

    attend: tuple[Floats, Floats]
    gather: tuple[Floats, Floats]
    widen: tuple[Floats, Floats]
    narrow: tuple[Floats, Floats]
    norms: tuple[tuple[Floats, Floats], tuple[Floats, Floats]]


class Encoder:
    """Turns texts into vectors of length one. ``arrays`` are those of ``weights.npz``."""

    def __init__(self, arrays: dict[str, Any]) -> None:
        pieces = bytes(arrays["pieces"]).decode("utf-8").split("\n")
        self._pieces = {piece: number for number, piece in enumerate(pieces)}
        self._words, self._word_scale = arrays["words"], arrays["words_scale"]
        self._places = _whole(arrays, "places")
        self._norm = (arrays["norm_scale"], arrays["norm_shift"])
        self._layers = [_layer(arrays, number) for number in range(LAYERS)]
        self._said_axes = (arrays["said_mean"], arrays["said_axes"])
        self._topic_axes = (arrays["topic_mean"], arrays["topic_axes"])
        self._rarity = arrays["rarity"].astype("float32")

    def meaning(self, text: str) -> Floats:
        """Return what ``text`` says, word order and all: ``SIZE`` numbers, of length one, or zeros without a word."""
        return self._along(self.read(text), self._said_axes)

    def topic(self, text: str) -> Floats:
        """Return what ``text`` is about, from its words alone, rare ones first; hundreds of times quicker."""
        return self._along(self.gist(text), self._topic_axes)

    def read(self, text: str) -> Floats | None:
        """Return the mean of what the last layer gives for the pieces of ``text`` (384 numbers), None without any."""
        import numpy as np  # noqa: PLC0415 - nothing heavy before something is labelled

        pieces = self.pieces(text)[: MOST_PIECES - 2]
        if not pieces:
            return None
        ids = [self._pieces["[CLS]"], *pieces, self._pieces["[SEP]"]]
        x: Floats = _normed(self._vectors(ids) + self._places[: len(ids)], self._norm)
        for layer in self._layers:
            asked, held, told = (
                part.reshape(len(ids), HEADS, -1).transpose(1, 0, 2)
                for part in np.split(x @ layer.attend[0] + layer.attend[1], 3, axis=1)
            )
            heed = asked @ held.transpose(0, 2, 1) * np.float32(asked.shape[2] ** -0.5)
            heed = np.exp(heed - heed.max(axis=2, keepdims=True))
            heed /= heed.sum(axis=2, keepdims=True)
            heard: Floats = (heed @ told).transpose(1, 0, 2).reshape(len(ids), -1)
            x = _normed(x + heard @ layer.gather[0] + layer.gather[1], layer.norms[0])
            wide: Floats = x @ layer.widen[0] + layer.widen[1]
            # GELU by its usual tanh form (Hendrycks and Gimpel, 2016)
            wide *= np.float32(0.5) * (
                1 + np.tanh(np.float32(0.7978846) * (wide + np.float32(0.044715) * wide * wide * wide))
            )
            thought: Floats = wide @ layer.narrow[0] + layer.narrow[1]
            x = _normed(x + thought, layer.norms[1])
        mean: Floats = x.mean(axis=0)
        return mean

    def gist(self, text: str) -> Floats | None:
        """Return the mean of the vectors of the pieces at the end of ``text``, rare ones counting more (384
        numbers)."""
        pieces = self.pieces(text)[-MOST_PIECES:]
        if not pieces:
            return None
        weight = self._rarity[pieces]
        mean: Floats = weight @ _normed(self._vectors(pieces), self._norm) / weight.sum()
        return mean

    def pieces(self, text: str) -> list[int]:
        """Return the numbers of the word pieces of ``text`` (WordPiece, small letters, accents off)."""
        found: list[int] = []
        for word in _words(text):
            found += self._split(word)
        return found

    def _split(self, word: str) -> list[int]:
        unknown = [self._pieces["[UNK]"]]
        if len(word) > _LONGEST_WORD:
            return unknown
        found: list[int] = []
        start = 0
        while start < len(word):
            prefix = "##" if start else ""
            ends = range(len(word), start, -1)
            end = next((end for end in ends if prefix + word[start:end] in self._pieces), None)
            if end is None:
                return unknown
            found.append(self._pieces[prefix + word[start:end]])
            start = end
        return found

    def _vectors(self, ids: Sequence[int]) -> Floats:
        vectors: Floats = self._words[ids] * self._word_scale[ids][:, None]
        return vectors

    @staticmethod
    def _along(vector: Floats | None, axes: tuple[Floats, Floats]) -> Floats:
        import numpy as np  # noqa: PLC0415

        if vector is None:
            return np.zeros(SIZE, np.float32)
        along = (vector - axes[0]) @ axes[1]
        unit: Floats = (along / max(float(np.linalg.norm(along)), 1e-9)).astype(np.float32)
        return unit


@lru_cache(maxsize=1)
def encoder() -> Encoder:
    """Return the encoder that came with the program, read once a process.

    From then on the process multiplies matrices on one core: on these small ones several cores waste each other's time,
    and two graders at once would take five times as long.
    """
    import numpy as np  # noqa: PLC0415
    from threadpoolctl import threadpool_limits  # noqa: PLC0415

    threadpool_limits(1, user_api="blas")
    with np.load(WEIGHTS_FILE, allow_pickle=False) as data:
        return Encoder({name: data[name] for name in data.files})


@lru_cache(maxsize=1)
def known() -> dict[int, Floats]:
    """Return the meanings of the corpus's turns by ``text_key``: working them out again would take half a minute."""
    import numpy as np  # noqa: PLC0415

    if not KNOWN_FILE.is_file():
        return {}
    with np.load(KNOWN_FILE, allow_pickle=False) as data:
        vectors = data["meanings"].astype(np.float32)
        return dict(zip(data["keys"].tolist(), vectors, strict=True))


def text_key(text: str) -> int:
    """Return the number by which ``text`` is known: the first eight bytes of its sha256."""
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "replace")).digest()[:8], "big")


@lru_cache(maxsize=64)
def meaning(text: str) -> Floats:
    """Return ``Encoder.meaning`` of ``text``, looked up where it stands in the corpus; the last few are remembered, for
    a turn that is graded is asked about again when it is coached. Not to be written to."""
    found = known().get(text_key(text))
    return encoder().meaning(text) if found is None else found


@lru_cache(maxsize=64)
def topic(text: str) -> Floats:
    """Return ``Encoder.topic`` of ``text``; the last few are remembered. Not to be written to."""
    return encoder().topic(text)


def _words(text: str) -> list[str]:
    spread: list[str] = []
    for letter in unicodedata.normalize("NFD", text.translate(_QUOTES).lower()):
        kind = unicodedata.category(letter)
        if kind == "Mn" or letter in "\0\ufffd" or (kind[0] == "C" and letter not in "\t\n\r"):
            continue
        # punctuation and signs stand alone, as do ideographs, which nothing separates
        alone = kind[0] == "P" or (kind[0] == "S" and letter.isascii()) or "\u4e00" <= letter <= "\u9fff"
        spread.append(f" {letter} " if alone else " " if kind[0] == "Z" else letter)
    return "".join(spread).split()


def _normed(x: Floats, norm: tuple[Floats, Floats]) -> Floats:
    import numpy as np  # noqa: PLC0415

    x = x - x.mean(axis=1, keepdims=True)
    size = np.sqrt((x * x).mean(axis=1, keepdims=True) + np.float32(1e-12))
    normed: Floats = x / size * norm[0] + norm[1]
    return normed


def _whole(arrays: dict[str, Any], name: str) -> Floats:
    """Return a matrix as floats: whole numbers times a scale a row."""
    matrix: Floats = arrays[name].astype("float32") * arrays[f"{name}_scale"][:, None]
    return matrix


def _layer(arrays: dict[str, Any], number: int) -> Layer:
    import numpy as np  # noqa: PLC0415

    def step(name: str) -> tuple[Floats, Floats]:
        return np.ascontiguousarray(_whole(arrays, f"{number}_{name}").T), arrays[f"{number}_{name}_bias"]

    def norm(name: str) -> tuple[Floats, Floats]:
        return arrays[f"{number}_{name}_scale"], arrays[f"{number}_{name}_shift"]

    return Layer(step("attend"), step("gather"), step("widen"), step("narrow"), norms=(norm("heard"), norm("thought")))
