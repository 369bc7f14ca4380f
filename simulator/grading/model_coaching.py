"""Coaching written by a model, kept only as far as it passes: quotes real, no marks promised, rewrites better.

A chat model writes all three parts; a small model that continues scenes is asked for rewrites alone. Whatever is
missing or refused comes from the written coach.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict, Field

from simulator.errors import VoiceError
from simulator.grading.coaching import is_better, worth
from simulator.grading.evaluator import exact_quote, fence_for, fenced_turns, speaks_of_marks, trainee_turns
from simulator.grading.faults import customer_before
from simulator.grading.labeler import Labeler
from simulator.grading.levels import Judgement
from simulator.grading.scorecard import Coaching, Rewrite
from simulator.labels import DEFINITIONS, Label, TurnLabels
from simulator.models.protocol import Message, Model, Sampling
from simulator.prompts import PromptLibrary
from simulator.transcripts.records import BareTranscript

LONGEST = 600
"""Characters a part of the coaching may have."""
QUESTIONS = 2
"""Questions a rewrite may ask; more of them is an interrogation."""
_QUOTED = re.compile(r"[\"“]([^\"“”]{3,})[\"”]")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_LEAKED = re.compile(r"^(?:poor answer|better answer|customer|employee|turn \d+)\b", re.IGNORECASE)


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CoachedRewrite(_Answer):
    """What could have been said instead of a turn."""

    turn: int
    instead: str


class Coached(_Answer):
    """What a coach model answers."""

    strength: str
    next_time: str
    rewrites: list[CoachedRewrite] = Field(default_factory=list)


async def model_coaching(
    model: Model,
    prompts: PromptLibrary,
    bare: BareTranscript,
    labels: Mapping[int, TurnLabels],
    judgement: Judgement,
    labeler: Labeler,
    written: Coaching,
) -> Coaching:
    """Return ``written`` with every part replaced that ``model`` wrote and that passes the checks.

    A model that fails, or fails the checks, leaves ``written`` as it is.
    """
    if not written.rewrites and model.info.prompting == "scene":
        return written
    try:
        if model.info.prompting == "scene":
            return await _rewritten(model, prompts, bare, labeler, written)
        answer = await model.parse(
            [Message("user", _request(prompts, bare, labels, judgement, written))], Coached, max_tokens=1200
        )
    except VoiceError:
        return written
    return await asyncio.to_thread(accepted, answer, bare, labeler, written)


def accepted(answer: Coached, bare: BareTranscript, labeler: Labeler, written: Coaching) -> Coaching:
    """Return ``written`` with the parts of ``answer`` that pass."""
    strength, next_time = answer.strength.strip(), answer.next_time.strip()
    offered = {rewrite.turn: rewrite.instead for rewrite in answer.rewrites}
    rewrites = []
    for rewrite in written.rewrites:
        instead = offered.get(rewrite.turn, "").strip().strip('"“”').strip()
        good = passes(rewrite, instead, bare, labeler)
        rewrites.append(Rewrite(turn=rewrite.turn, said=rewrite.said, better=instead) if good else rewrite)
    return Coaching(
        strength=strength if _sound(strength, bare) else written.strength,
        next_time=next_time if _sound(next_time, bare) else written.next_time,
        rewrites=tuple(rewrites),
    )


def passes(rewrite: Rewrite, instead: str, bare: BareTranscript, labeler: Labeler) -> bool:
    """True where ``instead`` may replace what was said: other words, nothing invented, and labelled at least as well
    as the written rewrite's better half would need."""
    if not instead or len(instead) > LONGEST or speaks_of_marks(instead) or _LEAKED.search(instead):
        return False
    if " ".join(instead.split()).casefold() == " ".join(rewrite.said.split()).casefold():
        return False
    heard = customer_before(bare, rewrite.turn)
    known = set(_NUMBER.findall("\n".join(turn.text for turn in bare.turns)))
    if set(_NUMBER.findall(instead)) - known:
        return False
    if instead.count("?") > QUESTIONS or _rambles(instead):
        return False
    before, earlier = (heard[-1] if heard else ""), tuple(heard[:-1])
    now = labeler.label(instead, before, earlier)
    return Label.ASKS_PROCESS not in now and is_better(labeler.label(rewrite.said, before, earlier), now)


def _rambles(text: str) -> bool:
    """True where a longer word comes a third time, as it does when a small model runs in a circle."""
    words = re.findall(r"[^\W\d_]{5,}", text.casefold())
    return any(words.count(word) > 2 for word in set(words))


def _sound(text: str, bare: BareTranscript) -> bool:
    """True where a sentence may be shown: not too long, no marks promised, every quote in it said by somebody."""
    if not text or len(text) > LONGEST or speaks_of_marks(text):
        return False
    said = [turn.text for turn in bare.turns]
    return all(any(exact_quote(quote.rstrip(".,;:!?… "), turn) for turn in said) for quote in _QUOTED.findall(text))


def _request(
    prompts: PromptLibrary,
    bare: BareTranscript,
    labels: Mapping[int, TurnLabels],
    judgement: Judgement,
    written: Coaching,
) -> str:
    fence = fence_for(bare)
    findings = [f"{name}: {result.reason}" for name, result in judgement.criteria.items()]
    for index in trainee_turns(bare):
        shown = "; ".join(DEFINITIONS[label] for label in (mark.label for mark in labels.get(index, TurnLabels())))
        findings.append(f"turn {index}: {shown or 'nothing in particular'}")
    return prompts.get("coaching").render(
        fence=fence,
        turns=fenced_turns(bare, fence),
        findings=findings,
        candidates=[{"index": r.turn, "said": " ".join(r.said.split())} for r in written.rewrites],
    )


async def _rewritten(
    model: Model, prompts: PromptLibrary, bare: BareTranscript, labeler: Labeler, written: Coaching
) -> Coaching:
    """Return ``written`` with one rewrite, the first that a small model does better, in its words."""
    prompt = prompts.get("coaching-scene")
    target = written.rewrites[0]
    heard = customer_before(bare, target.turn)
    if not heard:
        return written
    text = prompt.render(customer=" ".join(heard[-1].split())[-400:], said=" ".join(target.said.split())[:300]).rstrip()
    parts: dict[int, list[str]] = {}
    async for chunk in model.complete(text, Sampling(max_tokens=60, temperature=0.7, n=4, seed=1, stop=("\n",))):
        parts.setdefault(chunk.candidate, []).append(chunk.text)
    offered = ["".join(pieces).strip().strip('"“”').strip() for _, pieces in sorted(parts.items())]
    best = await asyncio.to_thread(_best, offered, target, bare, labeler)
    if not best:
        return written
    first = Rewrite(turn=target.turn, said=target.said, better=best)
    return written.model_copy(update={"rewrites": (first, *written.rewrites[1:])})


def _best(offered: Sequence[str], target: Rewrite, bare: BareTranscript, labeler: Labeler) -> str:
    heard = customer_before(bare, target.turn)
    before, earlier = heard[-1], tuple(heard[:-1])
    best, most = "", worth(labeler.label(target.better, before, earlier))
    for text in offered:
        if text.endswith((".", "!", "?")) and passes(target, text, bare, labeler):
            value = worth(labeler.label(text, before, earlier))
            if value > most:
                best, most = text, value
    return best
