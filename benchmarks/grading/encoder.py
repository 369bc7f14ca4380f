"""Make the files of ``simulator/grading/encoder``.

python -m benchmarks.grading.encoder FOLDER    from all-MiniLM-L6-v2 (model.safetensors, tokenizer.json in FOLDER)
python -m benchmarks.grading.encoder           only the meanings of the corpus's turns, after it was changed
"""

from __future__ import annotations

import json
import struct
import sys
from pathlib import Path
from typing import Any

import numpy as np

from simulator.grading.corpus import read_corpus
from simulator.grading.meaning import (
    KNOWN_FILE,
    LAYERS,
    MOST_PIECES,
    SIZE,
    WEIGHTS_FILE,
    Encoder,
    encoder,
    text_key,
)

SPECIAL = ("[CLS]", "[SEP]", "[UNK]")
PARTS = {
    "attend": ("attention.self.query", "attention.self.key", "attention.self.value"),
    "gather": ("attention.output.dense",),
    "widen": ("intermediate.dense",),
    "narrow": ("output.dense",),
}
NORMS = {"heard": "attention.output.LayerNorm", "thought": "output.LayerNorm"}


def tensors(path: Path) -> dict[str, np.ndarray]:
    data = path.read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    found = {}
    for name, about in json.loads(data[8 : 8 + size]).items():
        if name != "__metadata__" and about["dtype"] == "F32":
            start, end = about["data_offsets"]
            found[name] = np.frombuffer(data[8 + size + start : 8 + size + end], np.float32).reshape(about["shape"])
    return found


def whole(matrix: np.ndarray, name: str) -> dict[str, np.ndarray]:
    """Return ``matrix`` as whole numbers of eight bits and a scale a row."""
    scale = np.abs(matrix).max(axis=1) / 127 + 1e-12
    return {name: np.round(matrix / scale[:, None]).astype(np.int8), f"{name}_scale": scale.astype(np.float32)}


def weights(folder: Path) -> dict[str, Any]:
    """Return the arrays of the weights file, without the axes."""
    held = tensors(folder / "model.safetensors")
    vocabulary = json.loads((folder / "tokenizer.json").read_text("utf-8"))["model"]["vocab"]
    pieces = [p for p in vocabulary if p in SPECIAL or (not p.startswith("[unused") and _latin(p))]
    arrays: dict[str, Any] = {"pieces": np.frombuffer("\n".join(pieces).encode(), np.uint8)}
    # there is only one kind of token here, so that its vector belongs to the word
    words = held["embeddings.word_embeddings.weight"] + held["embeddings.token_type_embeddings.weight"][0]
    arrays |= whole(words[[vocabulary[p] for p in pieces]], "words")
    arrays |= whole(held["embeddings.position_embeddings.weight"][:MOST_PIECES], "places")
    arrays |= {"norm_scale": held["embeddings.LayerNorm.weight"], "norm_shift": held["embeddings.LayerNorm.bias"]}
    for number in range(LAYERS):
        layer = f"encoder.layer.{number}."
        for name, parts in PARTS.items():
            arrays |= whole(np.concatenate([held[f"{layer}{part}.weight"] for part in parts]), f"{number}_{name}")
            arrays[f"{number}_{name}_bias"] = np.concatenate([held[f"{layer}{part}.bias"] for part in parts])
        for name, part in NORMS.items():
            arrays[f"{number}_{name}_scale"] = held[f"{layer}{part}.weight"]
            arrays[f"{number}_{name}_shift"] = held[f"{layer}{part}.bias"]
    return arrays


def _latin(piece: str) -> bool:
    return all(c.isascii() or c in "£€°–—…¿¡×" for c in piece)


def axes(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean of ``vectors`` and their ``SIZE`` main axes."""
    mean = vectors.mean(axis=0)
    _, _, main = np.linalg.svd(vectors - mean, full_matrices=False)
    return mean.astype(np.float32), np.ascontiguousarray(main[:SIZE].T.astype(np.float32))


def main() -> None:
    turns = [turn for _, _, turn in read_corpus().turns()]
    said, heard = sorted({t.trainee for t in turns}), sorted({t.customer for t in turns})
    if len(sys.argv) > 1:
        arrays = weights(Path(sys.argv[1]))
        blank = (np.zeros(384, np.float32), np.zeros((384, SIZE), np.float32))
        arrays |= dict(zip(("said_mean", "said_axes", "topic_mean", "topic_axes"), (*blank, *blank), strict=True))
        arrays["rarity"] = np.ones(len(arrays["words"]), np.float16)
        reader = Encoder(arrays)
        often = np.zeros(len(arrays["words"]))
        for text in (*said, *heard):
            often[sorted(set(reader.pieces(text)))] += 1
        arrays["rarity"] = np.sqrt(np.log((1 + len(said) + len(heard)) / (1 + often))).astype(np.float16)
        reader = Encoder(arrays)
        arrays["said_mean"], arrays["said_axes"] = axes(
            np.array([v for t in said if (v := reader.read(t)) is not None])
        )
        arrays["topic_mean"], arrays["topic_axes"] = axes(
            np.array([v for t in heard if (v := reader.gist(t)) is not None])
        )
        np.savez(WEIGHTS_FILE, **arrays)
        print(f"wrote {WEIGHTS_FILE.name}, {WEIGHTS_FILE.stat().st_size / 1e6:.1f} MB, {len(arrays['words'])} pieces")
    meanings = np.array([encoder().meaning(text) for text in said], dtype=np.float16)
    np.savez_compressed(KNOWN_FILE, keys=np.array([text_key(t) for t in said], np.uint64), meanings=meanings)
    print(f"wrote {KNOWN_FILE.name}, {len(said)} turns")


if __name__ == "__main__":
    main()
