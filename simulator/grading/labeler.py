"""From a trainee turn to its labels with quotes: the embedded labeler, fitted to the corpus when first used.

A turn is cut into clauses; each clause is scored for each label (``fitting.py``); the turn carries what its clauses
carry, and the quote is the run of clauses that shows it, verbatim. Parts that speak to the marker are taken out first
(``pretending.py``). A few labels that belong to a whole turn are settled by rule.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import yaml

from simulator.grading.adapting import fitted_to
from simulator.grading.corpus import Corpus, read_corpus
from simulator.grading.features import TurnView, view
from simulator.grading.fitting import LABELS, Fitted, code_hash, fit, views
from simulator.grading.pretending import pretended
from simulator.labels import Label, Mark, TurnLabels
from simulator.settings import Settings
from simulator.transcripts.records import BareTranscript, Role

if TYPE_CHECKING:
    from simulator.grading.fitting import Scores

THRESHOLDS_FILE = Path(__file__).resolve().parent / "thresholds.yaml"
NEARLY = 0.35
"""How far below the best clause's margin a neighbour may lie and still belong to the quote."""
MAX_TEXT = 20_000
"""Characters of a turn that are labelled; a longer turn is labelled by its beginning."""


class Labeler(Protocol):
    """Whatever gives labels to single trainee turns."""

    def label(self, said: str, before: str, earlier: Sequence[str] = ()) -> TurnLabels:
        """Return the labels of the trainee turn ``said``.

        ``before`` is what the customer said just before it ("" where the trainee opens); ``earlier`` are the
        customer's turns before that, oldest first. Every quote stands verbatim in ``said``.
        """
        ...


class EmbeddedLabeler:
    """The labeler that needs no model: milliseconds a turn, the same labels for the same words every time.

    Nothing is read or fitted before the first label (or ``ready``) is asked for. Safe to share between threads.
    """

    def __init__(
        self,
        corpus: Callable[[], Corpus],
        cache: Path | None = None,
        thresholds: Mapping[Label, float] | None = None,
    ) -> None:
        self._read = corpus
        self._cache = cache
        self._given = thresholds
        self._lock = threading.Lock()
        self._corpus: Corpus | None = None
        self._fitted: Fitted | None = None

    @classmethod
    def load(cls, settings: Settings) -> EmbeddedLabeler:
        """Return the labeler for the program's corpus and the trainer's own, cached in ``settings.cache``.

        The corpus is read when first needed; a flawed file raises ``CorpusError`` then.
        """
        return cls(lambda: read_corpus(settings.folder / "corpus"), settings.cache)

    @classmethod
    def fitted_to(cls, corpus: Corpus, thresholds: Mapping[Label, float] | None = None) -> EmbeddedLabeler:
        """Return a labeler for ``corpus`` alone, no cache involved."""
        return cls(lambda: corpus, None, thresholds)

    @property
    def corpus_sha256(self) -> str:
        """Hash of the corpus it is fitted to; reads the corpus when first asked for."""
        return self._known_corpus().sha256

    @property
    def name(self) -> str:
        """``labeler-`` and eight digits that change whenever its corpus or its code does."""
        return f"labeler-{_short(self.corpus_sha256)}"

    def ready(self) -> Fitted:
        """Return what was fitted; the first call reads it from the cache or fits it, which takes a few seconds."""
        corpus = self._known_corpus()
        with self._lock:
            if self._fitted is None:
                if self._cache is not None:
                    self._fitted = fitted_to(corpus, self._cache)
                else:
                    self._fitted = fit((labelled, turn) for _, labelled, turn in views(corpus))
            return self._fitted

    def forget(self) -> None:
        """Read the corpus again when next asked for something: a trainer's turn has joined it."""
        with self._lock:
            self._corpus = self._fitted = None

    def _known_corpus(self) -> Corpus:
        with self._lock:
            if self._corpus is None:
                self._corpus = self._read()
            return self._corpus

    def label(self, said: str, before: str, earlier: Sequence[str] = ()) -> TurnLabels:
        """Return the labels of one trainee turn; see ``Labeler.label``."""
        said = said[:MAX_TEXT]
        # What is aimed at the marker becomes blanks of the same length, so that every offset stays true.
        turn = view(blanked(said, pretended(said)), before, earlier)
        return TurnLabels.of(decide(said, turn, self.ready().scores(turn), self._given or read_thresholds()))

    def margins(self, said: str, before: str, earlier: Sequence[str] = ()) -> dict[Label, float]:
        """Return how far each label lies above (below: negative) its threshold; for comparing labels with each "
        "other."""
        said = said[:MAX_TEXT]
        scores = self.ready().scores(view(blanked(said, pretended(said)), before, earlier))
        bars = self._given or read_thresholds()
        return {label: float(scores.turn[k]) - bars.get(label, 0.0) for k, label in enumerate(LABELS)}


def decide(said: str, turn: TurnView, scores: Scores, thresholds: Mapping[Label, float]) -> list[Mark]:
    """Return the marks that ``scores`` come to under the thresholds and the rules.

    ``turn`` is the view of ``said`` without what is aimed at the marker.
    """
    marks = [Mark(Label.MANIPULATES_GRADER, said[start:end]) for start, end in pretended(said)[:1]]
    for column, label in enumerate(LABELS):
        if label is Label.MANIPULATES_GRADER:
            continue
        if scores.turn[column] >= thresholds.get(label, 0.0):
            quote = _quote(turn, [float(row[column]) for row in scores.clauses])
            marks.append(Mark(label, quote))
    return marks


@lru_cache(maxsize=8)
def _short(corpus_sha256: str) -> str:
    return hashlib.sha256(f"{corpus_sha256}{code_hash()}".encode()).hexdigest()[:8]


@lru_cache(maxsize=1)
def read_thresholds() -> Mapping[Label, float]:
    """Return the margin from which a label counts, chosen by cross-validation (``benchmarks.grading.labeler``)."""
    data = yaml.safe_load(THRESHOLDS_FILE.read_text("utf-8"))
    return {Label(name): float(value) for name, value in data.items()}


def label_conversation(labeler: Labeler, bare: BareTranscript) -> dict[int, TurnLabels]:
    """Return the labels of every trainee turn by its index in ``bare``.

    What the customer said since the trainee's last turn is joined into one text.
    """
    found: dict[int, TurnLabels] = {}
    earlier: list[str] = []
    since: list[str] = []
    for index, turn in enumerate(bare.turns):
        if turn.role is Role.CUSTOMER:
            since.append(turn.text)
            continue
        found[index] = labeler.label(turn.text, "\n".join(since), tuple(earlier))
        earlier += since
        since = []
    return found


def blanked(text: str, parts: Iterable[tuple[int, int]]) -> str:
    """Return ``text`` with blanks where ``parts`` (start, end) are; the length stays."""
    for start, end in parts:
        text = text[:start] + re.sub(r"[^\n]", " ", text[start:end]) + text[end:]
    return text


def _quote(turn: TurnView, scores: list[float]) -> str:
    """Return the run of clauses around the best one, within its sentence, that are nearly as good as it."""
    best = max(range(len(scores)), key=scores.__getitem__)
    bar = scores[best] - NEARLY
    first = last = best
    sentence = turn.clauses[best].clause.sentence
    while first > 0 and scores[first - 1] >= bar and turn.clauses[first - 1].clause.sentence == sentence:
        first -= 1
    while last + 1 < len(scores) and scores[last + 1] >= bar and turn.clauses[last + 1].clause.sentence == sentence:
        last += 1
    return turn.said[turn.clauses[first].clause.start : turn.clauses[last].clause.end]
