"""What a person reads about one session, put together from its transcript and its latest scorecard.

Every string is cleaned of control and hidden characters here, so the formats only escape. The scorecard is a
JSON object from anywhere and anytime: what is missing or of the wrong kind is left out, never fatal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from simulator.cleaning import clean, one_line
from simulator.transcripts.records import Ending, Role, Transcript, Turn

CRITERIA = {"acknowledge": "Acknowledge", "presence": "Stay present", "solution": "Move to a solution"}
"""Criterion to the words a reader sees, in the order they are practised."""

MAX_LEVEL = 4

ENDINGS = {
    Ending.SETTLED: "Settled",
    Ending.WALKED_OUT: "The customer walked out",
    Ending.TRAINEE_LEFT: "The trainee left",
    Ending.TURN_LIMIT: "Turn limit reached",
}


@dataclass(frozen=True)
class Evidence:
    """A quote from one turn; ``number`` counts turns from 1 and is None where no turn holds the quote."""

    number: int | None
    quote: str


@dataclass(frozen=True)
class Criterion:
    """One graded criterion; ``level`` is 0 to 4, or None where it was not given."""

    key: str
    name: str
    level: float | None
    reason: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True)
class Rewrite:
    """Something the trainee said and what they might try."""

    number: int | None
    said: str
    attempt: str


@dataclass(frozen=True)
class Grade:
    """The scorecard in readable form. Where ``graded`` is False only ``reason`` counts."""

    graded: bool
    reason: str
    criteria: tuple[Criterion, ...] = ()
    acknowledged_before_solution: bool | None = None
    first_acknowledging: int | None = None
    first_solution: int | None = None
    overall: float | None = None
    passed: bool | None = None
    strength: str = ""
    next_time: str = ""
    rewrites: tuple[Rewrite, ...] = ()
    rubric: str = ""
    grader: str = ""
    at: str = ""

    @property
    def verdict(self) -> str:
        """``Passed``, ``Not passed``, ``Graded`` where it is not said, or ``Not graded``."""
        if not self.graded:
            return "Not graded"
        return {True: "Passed", False: "Not passed", None: "Graded"}[self.passed]

    @property
    def order(self) -> str:
        """A sentence on whether acknowledging came before solving; empty where it cannot be said."""
        if self.acknowledged_before_solution is None:
            return ""
        if self.acknowledged_before_solution:
            return "The customer was acknowledged before a solution was offered."
        if self.first_acknowledging is None:
            return "The customer was not acknowledged before a solution was offered, nor after."
        return "A solution was offered before the customer was acknowledged."

    @property
    def why(self) -> str:
        """What the verdict rests on: the levels, the order, and the grader's own reason where it gave one."""
        if not self.graded:
            return self.reason
        levels = ", ".join(f"{c.name} {number_words(c.level)} of {MAX_LEVEL}" for c in self.criteria)
        parts = (f"{levels}." if levels else "", self.order, self.reason)
        return " ".join(part for part in parts if part)


@dataclass(frozen=True)
class TurnLabel:
    """One label of a trainee turn, with its quote where one is known."""

    label: str
    quote: str = ""

    @property
    def words(self) -> str:
        """The label as words."""
        return self.label.replace("_", " ")


@dataclass(frozen=True)
class SpokenTurn:
    """One turn as a reader sees it. ``segments`` are the text in parts, each with whether it is evidence."""

    number: int
    index: int
    role: Role
    speaker: str
    text: str
    at: str
    cut: bool
    tension: float | None
    stage: str
    labels: tuple[TurnLabel, ...]
    segments: tuple[tuple[str, bool], ...]
    direction: str = ""
    refused: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """One session as a reader sees it. ``facts`` are what is known of it, as pairs of words and value."""

    id: str
    title: str
    facts: tuple[tuple[str, str], ...]
    turns: tuple[SpokenTurn, ...]
    grade: Grade | None
    notes: tuple[str, ...]
    problems: tuple[str, ...]
    private: bool = field(default=False)

    @property
    def moods(self) -> tuple[SpokenTurn, ...]:
        """The turns that tell the customer's tension."""
        return tuple(turn for turn in self.turns if turn.tension is not None)


def report_of(transcript: Transcript, *, private: bool = False) -> Report:
    """Return the report of ``transcript`` with its latest scorecard.

    Stage directions and what the guard refused are in it only where ``private``; notes of the persona are
    in no transcript.
    """
    header = transcript.header
    customer = one_line(header.persona_name) or "Customer"
    card = latest_scorecard(transcript)
    numbers = turn_numbers(transcript, card)
    grade = _grade(card, numbers, transcript) if card is not None else None
    quotes: dict[int, list[str]] = {}
    for criterion in grade.criteria if grade else ():
        for evidence in criterion.evidence:
            if evidence.number is not None:
                quotes.setdefault(evidence.number, []).append(evidence.quote)
    labels = turn_labels(transcript, card)
    turns = tuple(
        _spoken(
            turn,
            number,
            customer=customer,
            labels=labels.get(number, ()),
            quotes=quotes.get(number, ()),
            private=private,
        )
        for number, turn in enumerate(transcript.turns, 1)
    )
    return Report(
        id=one_line(header.id),
        title=one_line(header.persona_name) or one_line(header.persona) or one_line(header.id),
        facts=_facts(transcript),
        turns=turns,
        grade=grade,
        notes=tuple(clean(note.text) for note in transcript.notes),
        problems=tuple(clean(problem) for problem in transcript.problems),
        private=private,
    )


def latest_scorecard(transcript: Transcript) -> Mapping[str, Any] | None:
    """Return the last scorecard of ``transcript`` as it was written, or None."""
    return transcript.scorecards[-1].scorecard if transcript.scorecards else None


def turn_numbers(transcript: Transcript, card: Mapping[str, Any] | None) -> dict[int, int]:
    """Return, for the turn indices of ``card``, the numbers of the turns in ``transcript``, from 1.

    Both count alike unless a damaged file has lost turns: then a card made before the damage goes by the
    turns' own indices and one made after it by their places; the quotes tell which.
    """
    by_index = {turn.index: number for number, turn in enumerate(transcript.turns, 1)}
    by_place = {place: place + 1 for place in range(len(transcript.turns))}
    if by_index == by_place:
        return by_index

    def found(numbers: dict[int, int]) -> int:
        return sum(
            _text(item.get("quote")) in transcript.turns[numbers[item["turn"]] - 1].text
            for criterion in _mappings(_mapping(_mapping(card).get("criteria")).values())
            for item in _mappings(criterion.get("evidence"))
            if _index(item.get("turn")) in numbers
        )

    return by_place if found(by_place) > found(by_index) else by_index


def turn_labels(transcript: Transcript, card: Mapping[str, Any] | None) -> dict[int, tuple[TurnLabel, ...]]:
    """Return each trainee turn's labels by turn number: the scorecard's, else those taken on the way."""
    found: dict[int, tuple[TurnLabel, ...]] = {}
    for number, turn in enumerate(transcript.turns, 1):
        if turn.role is Role.TRAINEE:
            found[number] = tuple(TurnLabel(q.label.value, clean(q.quote)) for q in turn.labels or ())
    numbers = turn_numbers(transcript, card)
    for item in _mappings(_mapping(card).get("turns")):
        graded = numbers.get(_index(item.get("turn")), 0)
        given = item.get("labels")
        if graded in found and isinstance(given, list | tuple):
            quotes = {label.label: label.quote for label in found[graded]}
            names = [one_line(name) for name in given if isinstance(name, str)]
            found[graded] = tuple(TurnLabel(name, quotes.get(name, "")) for name in names)
    return found


def number_words(value: float | None) -> str:
    """Return a number without a needless fraction, or ``none``."""
    return "none" if value is None else f"{value:.1f}".removesuffix(".0")


def _facts(transcript: Transcript) -> tuple[tuple[str, str], ...]:
    header = transcript.header
    said = sum(turn.role is Role.TRAINEE for turn in transcript.turns)
    voice = f"{header.voice} ({header.voice_model})" if header.voice_model else header.voice
    facts = (
        ("Customer", header.persona_name),
        ("Persona", header.persona),
        ("Channel", header.channel.replace("_", " ")),
        ("Setting", header.setting),
        ("Difficulty", header.difficulty),
        ("Date", header.started_at),
        ("Voice", voice),
        ("Turns", f"{len(transcript.turns)}, {said} by the trainee"),
        ("Ending", ENDINGS[transcript.ending] if transcript.ending else "Not finished"),
        ("Session", header.id),
    )
    return tuple((name, one_line(value)) for name, value in facts if value)


def _spoken(
    turn: Turn,
    number: int,
    *,
    customer: str,
    labels: Sequence[TurnLabel],
    quotes: Sequence[str],
    private: bool,
) -> SpokenTurn:
    text = clean(turn.text)
    refused = turn.guard.refused if private and turn.guard else ()
    return SpokenTurn(
        number=number,
        index=turn.index,
        role=turn.role,
        speaker=customer if turn.role is Role.CUSTOMER else "Trainee",
        text=text,
        at=one_line(turn.at),
        cut=turn.cut,
        tension=turn.mood.tension if turn.mood else None,
        stage=turn.mood.stage.value.replace("_", " ") if turn.mood else "",
        labels=tuple(labels),
        segments=_segments(text, quotes),
        direction=clean(turn.direction or "") if private else "",
        refused=tuple(f"{one_line(rule)}: {clean(said)}" for rule, said in refused),
    )


def _segments(text: str, quotes: Sequence[str]) -> tuple[tuple[str, bool], ...]:
    """Return ``text`` cut at the quotes it holds; overlapping quotes become one."""
    marked = bytearray(len(text))
    for quote in quotes:
        start = text.find(quote) if quote else -1
        if start >= 0:
            marked[start : start + len(quote)] = b"\1" * len(quote)
    cuts = [0, *(i for i in range(1, len(text)) if marked[i] != marked[i - 1]), len(text)]
    return tuple((text[start:end], bool(marked[start])) for start, end in pairwise(cuts) if start < end)


def _grade(card: Mapping[str, Any], numbers: Mapping[int, int], transcript: Transcript) -> Grade:
    reason, at = clean(_text(card.get("reason"))), one_line(transcript.scorecards[-1].at)
    rubric, grader = _rubric(_mapping(card.get("rubric"))), _grader(_mapping(card.get("grader")))
    if card.get("status") != "graded":
        reason = reason or "The grading gives no result."
        return Grade(False, reason, rubric=rubric, grader=grader, at=at)
    texts = {number: clean(turn.text) for number, turn in enumerate(transcript.turns, 1)}

    def evidence(item: Mapping[str, Any]) -> Evidence:
        quote, number = clean(_text(item.get("quote"))), numbers.get(_index(item.get("turn")))
        return Evidence(number if quote in texts.get(number or 0, "") else None, quote)

    criteria = _mapping(card.get("criteria"))
    names = [*(key for key in CRITERIA if key in criteria), *(key for key in criteria if key not in CRITERIA)]
    coaching = _mapping(card.get("coaching"))
    before, passed = card.get("acknowledged_before_solution"), card.get("passed")
    return Grade(
        True,
        reason,
        criteria=tuple(
            Criterion(
                key=one_line(str(key)),
                name=CRITERIA.get(key) or one_line(str(key)),
                level=_number(_mapping(criteria[key]).get("level"), MAX_LEVEL),
                reason=clean(_text(_mapping(criteria[key]).get("reason"))),
                evidence=tuple(evidence(item) for item in _mappings(_mapping(criteria[key]).get("evidence"))),
            )
            for key in names
        ),
        acknowledged_before_solution=before if isinstance(before, bool) else None,
        first_acknowledging=numbers.get(_index(card.get("first_acknowledging_turn"))),
        first_solution=numbers.get(_index(card.get("first_solution_turn"))),
        overall=_number(card.get("overall"), 100),
        passed=passed if isinstance(passed, bool) else None,
        strength=clean(_text(coaching.get("strength"))),
        next_time=clean(_text(coaching.get("next_time"))),
        rewrites=tuple(
            Rewrite(
                number=numbers.get(_index(item.get("turn"))),
                said=clean(_text(item.get("said"))),
                attempt=clean(_text(item.get("try"))),
            )
            for item in _mappings(coaching.get("rewrites"))
        ),
        rubric=rubric,
        grader=grader,
        at=at,
    )


def _rubric(rubric: Mapping[str, Any]) -> str:
    version, sha = rubric.get("version"), _text(rubric.get("sha256"))
    parts = (
        _text(rubric.get("name")),
        f"version {version}" if isinstance(version, str | int | float) and version != "" else "",
        f"sha256 {sha}" if sha else "",
    )
    return one_line(", ".join(part for part in parts if part))


def _grader(grader: Mapping[str, Any]) -> str:
    sha = _text(grader.get("prompt_sha256"))
    parts = (_text(grader.get("kind")), _text(grader.get("model")), f"prompt sha256 {sha}" if sha else "")
    return one_line(", ".join(part for part in parts if part))


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _mappings(values: object) -> list[Mapping[str, Any]]:
    if isinstance(values, Mapping | str) or not hasattr(values, "__iter__"):
        return []
    return [value for value in values if isinstance(value, Mapping)]


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _index(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else -1


def _number(value: object, most: float) -> float | None:
    """Return ``value`` where it is a number from 0 to ``most``; anything else, NaN too, is None."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        return None
    return value
