"""Who is speaking: a judge of single lines that shares nothing with the guard.

A logistic regression on word and character n-grams, fitted to ``judge/lines.jsonl`` (written for this bench, copied
from no prompt, scene or persona; hard on purpose) and to what customers and decent employees say in the grading corpus,
of which the guard knows nothing. For solutions that a customer should not be offering there are rules of the bench's
own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline, make_union

from simulator.personas.schema import Persona

_HERE = Path(__file__).resolve().parent
LINES = _HERE / "judge" / "lines.jsonl"
CORPUS = _HERE.parents[1] / "simulator" / "grading" / "corpus"
UNSEEN = _HERE.parents[1] / "simulator" / "grading" / "gold" / "gold.jsonl"
FLIP_FROM = 0.96
"""From this probability on a customer's line counts as a role flip: where 1 % of the lines that the personas' authors
wrote, all of them the customer's, are accused. It is the point at which voices are compared, not a count of all flips:
of the employees of unseen conversations it catches a fifth."""
FOLDS = 5
OWN_WEIGHT = 4
"""How much more a line written for the judge counts than a customer's one of the corpus."""
EMPLOYEE_WEIGHT = 0.3
"""And how much an employee's one of the corpus counts. Without them the judge tells 63 % of the unseen turns apart,
with them at 0.05, 0.15, 0.3 and 1 it tells 79, 84, 84 and 82 %."""
_SIGN = re.compile(r"\([^)]*\)")
_RUDE = {"hostile", "biased", "dismisses", "blames_customer", "self_focus", "manipulates_grader"}
"""Labels of employees' turns that could come from an angry customer as well."""

_OFFERS = {
    "serves": r"""\b(?:i|we)(?:['’]ll|\s+will|\s+can|\s+could|['’]d\s+be\s+(?:happy|glad)\s+to)\s+
        (?:also\s+|just\s+|certainly\s+|then\s+|even\s+)?
        (?:offer|refund|replace|credit|waive|reimburse|compensate|arrange|book\s+you|exchange|transfer\s+you|escalate|
        send\s+(?:you|someone|somebody|an?\s+\w+\s+out)|give\s+you\s+an?\s+(?:discount|refund|credit|voucher|call)|
        help\s+you|assist|look\s+into|provide|process\s+(?:your|the)|get\s+you\s+(?:a|the|some)|
        check\s+(?:your|the|our))""",
    "asks_to_serve": r"""\b(?:would\s+you\s+like|do\s+you\s+want|shall\s+i|should\s+i)\s+(?:me\s+|us\s+)?(?:to\s+)?
        (?:help|send|refund|replace|book|check|call\s+you|put\s+you|show|get\s+you|arrange|explain|transfer|try|see)\b""",
    "here_is_what": r"\bhere(?:['’]s|\s+is)\s+what\s+(?:i|we)(?:['’]ll|\s+will|\s+can|(?:['’]d)?\s+suggest)\b",
    "suggests": r"\bi(?:['’]d|\s+would)?\s+(?:suggest|recommend|propose|advise)\b|\bmy\s+suggestion\s+is\b",
    "joint_plan": r"""\b(?:let['’]s|we\s+(?:can|could|should)|why\s+don['’]t\s+we|
        (?:how\s+about|what\s+if)\s+(?:i|we))\s+
        (?:just\s+|maybe\s+|then\s+)?
        (?:start|try|work|find|figure|sort|fix|solve|make\s+(?:a|an|it)|set|meet|agree|schedule|plan|discuss|pack|split|
        compromise|go\s+(?:over|through)|look\s+(?:at|for|into)|take\s+(?:it\s+one|a\s+few)|get\s+(?:you|started))\b""",
    "you_could": r"""\byou\s+(?:could|can|(?:might|may)\s+want\s+to)\s+(?:always|also|just|simply)?\s*
        (?:try|use|buy|rent|choose|consider|start\s+(?:by|with)\s+(?:the|a|your|one|some|pack))\b""",
}
_OFFER = {name: re.compile(pattern, re.IGNORECASE | re.VERBOSE) for name, pattern in _OFFERS.items()}
_DOUBTED = re.compile(
    r"""(?:\b(?:if|unless|whether|when|until|till|think|thought|so|how|that|said|told\s+me|promised|says?|asked?)\s+|["“][^"”]*)$""",
    re.IGNORECASE,
)
"""What may stand before such words where a customer only quotes or doubts them."""


def bare(text: str) -> str:
    """Return ``text`` without signs in parentheses, in one line."""
    return " ".join(_SIGN.sub(" ", text).split())


def solution_offered(text: str) -> str:
    """Return the name of the rule by which ``text`` offers a solution, empty where it does not."""
    line = bare(text)
    for name, pattern in _OFFER.items():
        for found in pattern.finditer(line):
            if not _DOUBTED.search(line[: found.start()]) and "ironic" not in _irony(line, found.end()):
                return name
    return ""


def _irony(line: str, end: int) -> str:
    """``Let's see if you …`` and ``let's try again, shall we?`` are no offers."""
    return "ironic" if re.match(r"[^.!?]*\b(?:shall\s+we|again\?|this\s+time)", line[end:], re.IGNORECASE) else ""


Labelled = tuple[str, bool]
"""A text, and whether an employee says it."""


def read_lines(path: Path = LINES) -> list[Labelled]:
    """Return the judge's own lines."""
    rows = [json.loads(row) for row in path.read_text(encoding="utf-8").splitlines() if row.strip()]
    return [(row["text"], row["role"] == "employee") for row in rows]


def read_corpus(folder: Path = CORPUS) -> list[Labelled]:
    """Return the turns of the grading corpus and their sentences of three words or more. Of the employees, only those
    who are not rude: an insult sounds the same from either side."""
    found: list[Labelled] = []
    for path in sorted(folder.glob("*.jsonl")):
        for row in path.read_text(encoding="utf-8").splitlines():
            for turn in json.loads(row)["turns"]:
                said = [(turn["customer"], False)]
                if not _RUDE & {label for label, _ in turn["labels"]}:
                    said.append((turn["trainee"], True))
                for text, employee in said:
                    found += [(part, employee) for part in dict.fromkeys((bare(text), *_sentences(text, 3)))]
    return [(text, employee) for text, employee in found if len(text.split()) >= 3]


def read_unseen(path: Path = UNSEEN) -> list[Labelled]:
    """Return the turns of the expert-marked conversations, to which nothing is fitted."""
    rows = [json.loads(row) for row in path.read_text(encoding="utf-8").splitlines() if row.strip()]
    return [(turn["text"], turn["role"] == "trainee") for row in rows for turn in row["turns"]]


@dataclass(frozen=True)
class Rates:
    """``accuracy`` at one half; at ``FLIP_FROM``, the share of employees ``caught`` and of customers ``accused``."""

    lines: int
    accuracy: float
    caught: float
    accused: float


@dataclass(frozen=True)
class Quality:
    """How good the judge is: by cross-validation on its own lines, on whole turns of unseen conversations, and on the
    lines that the personas' authors wrote, which are all the customer's (``flagged`` are those accused)."""

    own: Rates
    unseen: Rates
    written: Rates
    flagged: tuple[str, ...]
    offers_accused: float
    """Share of written persona lines in which the rules see a solution offered."""


class Judge:
    """Tells an employee's line from a customer's."""

    def __init__(self, own: Sequence[Labelled] | None = None, corpus: Sequence[Labelled] | None = None) -> None:
        self._own = list(read_lines() if own is None else own)
        self._corpus = list(read_corpus() if corpus is None else corpus)
        texts = [_marked(text) for text, _ in (*self._own, *self._corpus)]
        weights = [OWN_WEIGHT] * len(self._own) + [EMPLOYEE_WEIGHT if employee else 1 for _, employee in self._corpus]
        self._model: Any = make_pipeline(
            make_union(
                TfidfVectorizer(ngram_range=(1, 3), sublinear_tf=True, token_pattern=r"(?u)[\w'’]+|[!?…,]", min_df=2),  # noqa: S106
                TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=3),
            ),
            LogisticRegression(C=3.0, max_iter=400, solver="liblinear"),
        )
        truth = [employee for _, employee in (*self._own, *self._corpus)]
        self._model.fit(texts, truth, logisticregression__sample_weight=weights)

    def employee(self, texts: Sequence[str]) -> list[float]:
        """Return for each of ``texts`` how much it sounds like an employee, 0 to 1: its own score or that of its
        worst sentence of five words or more; 0 where nothing is said."""
        parts = [[part for part in (bare(text), *_sentences(text, 5)) if re.search(r"\w", part)] for text in texts]
        flat = [_marked(part) for group in parts for part in group]
        scores = iter(self._model.predict_proba(flat)[:, 1] if flat else [])
        return [max((float(next(scores)) for _ in group), default=0.0) for group in parts]

    def quality(self, personas: Iterable[Persona]) -> Quality:
        """Return how good the judge is; fits it ``FOLDS`` times more, which takes about half a minute."""
        written = sorted({line for persona in personas for line in written_lines(persona)})
        heard = self.employee(written)
        unseen = read_unseen()
        return Quality(
            own=_rates(self._held_out(), [employee for _, employee in self._own]),
            unseen=_rates(self.employee([text for text, _ in unseen]), [employee for _, employee in unseen]),
            written=_rates(heard, [False] * len(heard)),
            flagged=tuple(
                f"{score:.2f} {line}" for line, score in zip(written, heard, strict=True) if score >= FLIP_FROM
            ),
            offers_accused=sum(bool(solution_offered(line)) for line in written) / max(1, len(written)),
        )

    def _held_out(self) -> list[float]:
        """The scores of the judge's own lines, each by a judge that has not seen it."""
        truth = np.array([employee for _, employee in self._own])
        scores = np.zeros(len(truth))
        for seen, held in StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(truth, truth):
            judge = Judge([self._own[i] for i in seen], self._corpus)
            scores[held] = judge.employee([self._own[i][0] for i in held])
        return [float(score) for score in scores]


def written_lines(persona: Persona) -> list[str]:
    """Return everything a persona's file lets the customer say."""
    said = [line.say for lines in persona.lines.values() for line in lines]
    return [*persona.opening, *said, *persona.readiness, *(say for fact in persona.facts for say in fact.say)]


def _sentences(text: str, least: int) -> list[str]:
    parts = re.findall(r"[^.!?…]+[.!?…]+[\"”’]?|[^.!?…]+$", bare(text))
    return [part.strip() for part in parts if len(part.split()) >= least]


def _marked(text: str) -> str:
    """``text`` with a word at the start of each sentence, so that how one begins counts."""
    return "BOS " + re.sub(r"([.!?…])\s+", r"\1 BOS ", bare(text))


def _rates(scores: Sequence[float], truth: Sequence[bool]) -> Rates:
    found, employee = np.array(scores), np.array(truth, dtype=bool)
    flips = found >= FLIP_FROM

    def share(which: Any) -> float:
        return float(which.mean()) if len(which) else 0.0

    return Rates(len(found), share((found >= 0.5) == employee), share(flips[employee]), share(flips[~employee]))
