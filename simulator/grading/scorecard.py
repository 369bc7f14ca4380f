"""The scorecard: what a graded conversation comes to, as it is saved, shown and exported (DESIGN section 6).

``turn`` is always the 0-based index into the transcript's turns, and every quote stands verbatim in that turn;
``misquoted`` checks it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from simulator.labels import Label
from simulator.transcripts.records import BareTranscript, BareTurn, Quoted

CRITERIA = ("acknowledge", "presence", "solution")
"""The three criteria every rubric has, in the order in which they matter."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Evidence(_Part):
    """A passage of one turn that shows why a level was given."""

    turn: int = Field(ge=0)
    quote: str


class CriterionResult(_Part):
    """The level (0 to 4) of one criterion, why, and the passages it rests on."""

    level: int = Field(ge=0, le=4)
    reason: str
    evidence: tuple[Evidence, ...] = ()


class GradedTurn(_Part):
    """The labels one trainee turn was found to carry.

    ``marks`` hold the quotes too; they are not part of the scorecard's JSON but are saved beside it, so that levels
    can be worked out again without any model.
    """

    turn: int = Field(ge=0)
    labels: tuple[Label, ...]
    marks: tuple[Quoted, ...] = Field(default=(), exclude=True, repr=False)


class Rewrite(_Part):
    """What was said, quoted verbatim, and what could have been said there (``try`` in the JSON)."""

    turn: int = Field(ge=0)
    said: str
    better: str = Field(alias="try")


class Coaching(_Part):
    """One thing done well, one thing to do next time, and rewrites of single passages."""

    strength: str = ""
    next_time: str = ""
    rewrites: tuple[Rewrite, ...] = ()


class RubricStamp(_Part):
    """Which rubric turned the labels into levels."""

    name: str
    version: str
    sha256: str


class GraderStamp(_Part):
    """Who gave the labels: the embedded labeler (``local``) or a model; ``prompt_sha256`` is the hash of the corpus
    or of the evaluator prompt. ``corrected`` counts the turns whose labels a person has corrected since."""

    kind: Literal["local", "model"]
    model: str
    prompt_sha256: str
    corrected: int = Field(default=0, ge=0)


class Scorecard(_Part):
    """One graded conversation. Where ``status`` is ``not_graded``, ``reason`` says why and nothing else is judged.

    ``overall`` runs from 0 to 100. A rubric with extra criteria adds their names to ``criteria`` after the three.
    """

    id: str
    status: Literal["graded", "not_graded"]
    reason: str | None = None
    criteria: dict[str, CriterionResult] = Field(default_factory=dict)
    acknowledged_before_solution: bool | None = None
    first_acknowledging_turn: int | None = None
    first_solution_turn: int | None = None
    overall: int | None = Field(default=None, ge=0, le=100)
    passed: bool | None = None
    turns: tuple[GradedTurn, ...] = ()
    coaching: Coaching = Coaching()
    rubric: RubricStamp
    grader: GraderStamp

    def record(self) -> dict[str, Any]:
        """Return the scorecard as the JSON object of the contract; ``reason`` and the grader's ``corrected`` only where
        there is one."""
        value: dict[str, Any] = self.model_dump(mode="json", by_alias=True)
        if self.reason is None:
            del value["reason"]
        if not self.grader.corrected:
            del value["grader"]["corrected"]
        return value

    def to_json(self) -> str:
        """Return the scorecard as one line of JSON with the field names of the contract."""
        return json.dumps(self.record(), ensure_ascii=False)


def not_graded(name: str, reason: str, rubric: RubricStamp, grader: GraderStamp) -> Scorecard:
    """Return the scorecard of conversation ``name`` that could not be graded: never zero, always with the reason."""
    return Scorecard(id=name, status="not_graded", reason=reason, rubric=rubric, grader=grader)


def misquoted(card: Scorecard, turns: Sequence[BareTurn] | BareTranscript) -> list[str]:
    """Return one sentence for every quote of ``card`` that does not stand verbatim in the turn it names."""
    spoken = turns.turns if isinstance(turns, BareTranscript) else tuple(turns)
    quotes = [(e.turn, e.quote, name) for name, result in card.criteria.items() for e in result.evidence]
    quotes += [(r.turn, r.said, "coaching") for r in card.coaching.rewrites]
    wrong = []
    for index, quote, name in quotes:
        if index >= len(spoken):
            wrong.append(f"{name} names turn {index}, and there are {len(spoken)} turns.")
        elif not quote or quote not in spoken[index].text:
            wrong.append(f"{name} quotes {quote[:60]!r}, which is not in turn {index}.")
    return wrong
