"""Coaching: one strength, one thing for next time, and rewrites in the customer's own terms.

The written coach (``written_coaching``) needs no model: its sentences stand in ``coaching.yaml``, filled with what
the customer said; a rewrite is kept only where the labeler finds it better than what was said. A model's coaching
(``model_coaching.py``) has to pass the same check.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from simulator.grading.faults import Fault, customer_before, faults
from simulator.grading.labeler import Labeler
from simulator.grading.levels import LAPSES, Judgement
from simulator.grading.particulars import Particular, feeling, particulars
from simulator.grading.scorecard import Coaching, Rewrite
from simulator.labels import Label, TurnLabels
from simulator.transcripts.records import BareTranscript

TEXTS = Path(__file__).resolve().parent / "coaching.yaml"
MOST_REWRITES = 3
MOST_TRIES = 14
"""Candidates the labeler is asked about for one turn."""
ENOUGH = 5.0
"""A candidate worth this much is taken without looking further."""
LONGEST_SAID = 400
"""Characters of a passage that is rewritten; a longer turn is rewritten by the passage that carries the fault."""

WORTH: dict[Label, float] = {
    Label.ACKNOWLEDGES_SPECIFIC: 3.0,
    Label.NAMES_FEELING: 2.0,
    Label.RESTATES: 1.0,
    Label.ASKS_OPEN: 1.0,
    Label.INVITES_MORE: 0.8,
    Label.TAKES_OWNERSHIP: 1.0,
    Label.CONFIRMS_NEXT_STEP: 1.0,
    Label.OFFERS_SOLUTION: 0.5,
    Label.OFFERS_OPTIONS: 0.5,
    Label.SETS_RESPECTFUL_LIMIT: 1.5,
    Label.APOLOGISES: 0.3,
    Label.POSITIVE_WORDING: 0.3,
    Label.ACKNOWLEDGES_FORMULA: 0.2,
    Label.ASKS_PROCESS: -0.3,
    Label.HOSTILE: -5.0,
    Label.BIASED: -5.0,
    Label.DISMISSES: -3.0,
    Label.BLAMES_CUSTOMER: -3.0,
    Label.CANCELS_WITH_BUT: -2.0,
    Label.DEFLECTS: -2.0,
    Label.CITES_POLICY: -1.5,
    Label.SELF_FOCUS: -1.5,
    Label.OVER_APOLOGISES: -1.0,
    Label.MANIPULATES_GRADER: -5.0,
}
"""What a label is worth when two wordings of the same turn are compared; our own choice, in the order of the skills."""


@lru_cache(maxsize=1)
def texts() -> Mapping[str, Any]:
    """Return the coach's sentences."""
    data: dict[str, Any] = yaml.safe_load(TEXTS.read_text("utf-8"))
    return data


def worth(labels: TurnLabels) -> float:
    """Return how good a turn with ``labels`` is for the customer, by ``WORTH``."""
    return sum(WORTH[label] for label in labels.labels)


def is_better(said: TurnLabels, instead: TurnLabels) -> bool:
    """True where a turn with the labels ``instead`` is plainly better: worth more, no new harm, and no harm but an
    apology kept from before."""
    return worth(instead) >= worth(said) + 1.0 and not instead.labels & LAPSES


def written_coaching(
    bare: BareTranscript, labels: Mapping[int, TurnLabels], judgement: Judgement, labeler: Labeler
) -> Coaching:
    """Return the written coach's word on a graded conversation. The same conversation gets the same word."""
    found = faults(bare, labels, judgement)
    return Coaching(
        strength=strength(labels),
        next_time=next_time(found),
        rewrites=tuple(rewrites(bare, labels, found, labeler)),
    )


def strength(labels: Mapping[int, TurnLabels]) -> str:
    """Return the sentence about the best thing that was done, with its quote."""
    for entry in texts()["strengths"]:
        label = Label(entry["label"])
        for index in sorted(labels):
            given = labels[index]
            quote = given.quote(label)
            if quote and not given.labels & LAPSES:
                return str(entry["text"]).replace("{quote}", shown(quote))
    return str(texts()["no_strength"])


def next_time(found: Sequence[Fault]) -> str:
    """Return the sentence about the gravest of the faults ``found``."""
    for entry in texts()["next_time"]:
        for fault in found:
            if fault.kind == entry["fault"]:
                text = str(entry["text"]).replace("{quote}", shown(fault.quote))
                return text.replace("{customer}", shown(fault.customer))
    return str(texts()["nothing_amiss"])


def shown(quote: str, most: int = 140) -> str:
    """Return ``quote`` on one line, cut at a word where it is long, as it stands inside quotation marks."""
    line = " ".join(quote.split())
    if len(line) > most:
        line = line[:most].rsplit(" ", 1)[0].rstrip(",;:") + "…"
    return line.rstrip(",;:.")


def rewrites(
    bare: BareTranscript, labels: Mapping[int, TurnLabels], found: Sequence[Fault], labeler: Labeler
) -> list[Rewrite]:
    """Return up to three rewrites, one a turn, of the turns that need it most, in the order of the conversation."""
    graded = sorted(
        {f.turn for f in found if f.turn is not None and f.kind != "late_acknowledgement"},
        key=lambda t: (worth(labels.get(t, TurnLabels())), t),
    )
    kept: list[Rewrite] = []
    used: set[str] = set()
    for index in graded:
        if len(kept) == MOST_REWRITES:
            break
        own = [fault for fault in found if fault.turn == index]
        said = passage(bare.turns[index].text, own)
        if not said.strip():
            continue
        best = best_wording(bare, index, said, own, labeler, used)
        if best:
            kept.append(Rewrite(turn=index, said=said, better=best))
    return sorted(kept, key=lambda rewrite: rewrite.turn)


def passage(text: str, own: Sequence[Fault]) -> str:
    """Return what of a turn is to be rewritten: the turn, or where that is long the passage that carries the "
    "fault."""
    whole = text.strip()
    if len(whole) <= LONGEST_SAID:
        return whole
    quote = next((fault.quote for fault in own if fault.quote and fault.quote in text), "")
    return quote[:LONGEST_SAID] if quote else whole[:LONGEST_SAID].rsplit(" ", 1)[0]


def best_wording(
    bare: BareTranscript, index: int, said: str, own: Sequence[Fault], labeler: Labeler, used: set[str]
) -> str:
    """Return the candidate that the labeler finds best, "" where none is better; ``used`` collects what was "
    "echoed."""
    heard = customer_before(bare, index)
    before, earlier = (heard[-1] if heard else ""), tuple(heard[:-1])
    was = labeler.label(said, before, earlier)
    best, best_worth, echoed = "", 0.0, ""
    for text, particular in candidates(heard, said, own, is_written(bare), used)[:MOST_TRIES]:
        if text.casefold() == said.casefold():
            continue
        now = labeler.label(text, before, earlier)
        value = worth(now) - 0.02 * len(text.split())
        if is_better(was, now) and value > best_worth + 1e-9:
            best, best_worth, echoed = text, value, particular
            if value >= ENOUGH:
                break
    if best:
        used.update(part for part in (echoed, _last_sentence(best)) if part)
    return best


def _last_sentence(text: str) -> str:
    return re.split(r"(?<=[.?!]) ", text)[-1]


def is_written(bare: BareTranscript) -> bool:
    """True where the conversation goes by letter or email, as far as its setting tells."""
    return bool(bare.setting and re.search(r"\be-?mails?\b|\bletters?\b|\bin writing\b", bare.setting, re.IGNORECASE))


def candidates(
    heard: Sequence[str], said: str, own: Sequence[Fault], written: bool, used: set[str]
) -> list[tuple[str, str]]:
    """Return wordings that could stand where ``said`` did, each with the customer's words it echoes ("" for none)."""
    kinds = {fault.kind for fault in own}
    openings = _acknowledgements(heard, used)
    repair = next((str(text) for kind, text in texts()["repairing"].items() if kind in kinds), "")
    early = len(heard) <= 1
    questions = [
        str(entry["text"])
        for entry in texts()["listening"]
        if not (written and entry.get("spoken")) and (early or not entry.get("early")) and entry["text"] not in used
    ]
    closings = [str(text) for text in texts()["closing"] if not (written and "ring you" in text)]
    closings = [text for text in closings if _last_sentence(text) not in used] or closings
    kept = _kept(said, own)
    made: list[tuple[str, str]] = []
    for opening, echoed in openings or [("", "")]:
        first = " ".join(part for part in (repair, opening) if part)
        if kinds & {"deflects", "cites_policy", "cancels_with_but"}:
            made += [(f"{first} {closing}".strip(), echoed) for closing in closings[:2]]
        if kept:
            made.append((f"{first} {kept}".strip(), echoed))
        made += [(f"{first} {question}".strip(), echoed) for question in questions[:2]]
        if opening:
            made.append((first, echoed))
    return made


def _kept(said: str, own: Sequence[Fault]) -> str:
    """Return what of ``said`` may stay after an acknowledgement: an offer that only came too soon."""
    if {fault.kind for fault in own} - {"solution_first", "not_ready"} or len(said.split()) > 45:
        return ""
    return said[:1].upper() + said[1:]


def _acknowledgements(heard: Sequence[str], used: set[str]) -> list[tuple[str, str]]:
    recent = list(heard[-3:])
    chosen = [p for p in particulars(recent) if p.weight >= 1.0 and p.said not in used][:2]
    made = []
    for particular in chosen:
        # a feeling is only named where these very words sound like it
        word = feeling([particular.said])
        frame = _framed if particular.turned else _quoted
        made += [(text, particular.said) for text in frame(particular, word)]
    return made


def _quoted(particular: Particular, word: str) -> list[str]:
    clause = str(texts()["feeling_clauses"].get(word, texts()["no_feeling"]))
    felt = clause[0].upper() + clause[1:] + "."
    return [str(frame).replace("{said}", particular.said).replace("{felt}", felt) for frame in texts()["quoting"]]


def _framed(particular: Particular, word: str) -> list[str]:
    clause = texts()["feeling_clauses"].get(word, "")
    made = []
    for frame in texts()["acknowledging"]:
        if "{feeling_clause}" in frame and not clause:
            continue
        if "{feeling}" in frame and (not word or word == "heartbroken"):
            continue
        text = frame.replace("{turn}", particular.turned).replace("{feeling_clause}", clause).replace("{feeling}", word)
        made.append(text[0].upper() + text[1:])
    return made[:2]
