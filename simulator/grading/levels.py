"""From labels and their order to levels 0 to 4, the total and the verdict: a pure function, the same for any labeler.

Every rule below is an anchor of DESIGN section 5 spelled out. The counts in them are our own choice; the tests hold a
table for each level of each criterion.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simulator.grading.moments import Moment, read_moments
from simulator.grading.rubric import ExtraCriterion, Rubric
from simulator.grading.scorecard import CRITERIA, CriterionResult, Evidence
from simulator.labels import ACKNOWLEDGING, LISTENING, SOLVING, Label, TurnLabels
from simulator.transcripts.records import BareTurn, Mood

HARSH = frozenset({Label.HOSTILE, Label.BIASED})
"""Labels that no listening makes up for."""
UNDERCUTS = frozenset({Label.CANCELS_WITH_BUT, Label.DISMISSES, Label.HOSTILE, Label.BIASED, Label.BLAMES_CUSTOMER})
"""Labels that take back an acknowledgement of the same turn."""
BRUSHES_ASIDE = frozenset(
    {Label.DISMISSES, Label.HOSTILE, Label.BIASED, Label.BLAMES_CUSTOMER, Label.MANIPULATES_GRADER}
)
"""Labels after which the customer is less heard than before. Whoever speaks to the marker has turned away from them."""
LAPSES = frozenset(
    {
        Label.DISMISSES,
        Label.BLAMES_CUSTOMER,
        Label.DEFLECTS,
        Label.CITES_POLICY,
        Label.SELF_FOCUS,
        Label.HOSTILE,
        Label.BIASED,
        Label.OVER_APOLOGISES,
        Label.CANCELS_WITH_BUT,
        Label.MANIPULATES_GRADER,
    }
)
"""Labels that break attention."""
FELLOW_WORDS = 10
"""Words that one line of fellow feeling may have; a longer one is the trainee's own story."""
ATTENTION = LISTENING | ACKNOWLEDGING
"""Labels that show attention."""

LEVEL_DRIVING = (
    ATTENTION
    | LAPSES
    | SOLVING
    | {
        Label.ACKNOWLEDGES_FORMULA,
        Label.ASKS_PROCESS,
        Label.TAKES_OWNERSHIP,
        Label.CONFIRMS_NEXT_STEP,
        Label.SETS_RESPECTFUL_LIMIT,
    }
)
"""Labels that can change a level. Two do not: ``apologises`` and ``positive_wording`` only keep an upset turn from
counting as unanswered."""


@dataclass(frozen=True)
class Judgement:
    """What labels come to. ``overall`` is 0 to 100; ``failed_by`` the automatic fails that were seen."""

    criteria: dict[str, CriterionResult]
    acknowledged_before_solution: bool | None
    first_acknowledging_turn: int | None
    first_solution_turn: int | None
    overall: int
    passed: bool
    failed_by: tuple[Label, ...]


def levels(
    turns: Sequence[BareTurn],
    labels: Mapping[int, TurnLabels],
    rubric: Rubric,
    moods: Mapping[int, Mood] | None = None,
) -> Judgement:
    """Return the judgement of a conversation under ``rubric``; ``labels`` by transcript index of the trainee turn.

    ``moods`` may give the customer's mood after turn i where it is known; then it tells readiness beside the words.
    A conversation without a trainee turn raises ``ValueError``: it is not graded at all.
    """
    moments = read_moments(turns, labels, moods or {})
    if not moments:
        raise ValueError("a conversation without a trainee turn has no levels")
    texts = [turn.text for turn in turns]
    order = _Order.of(moments, texts)
    results = {
        "acknowledge": _acknowledge(moments, order, rubric),
        "presence": _presence(moments, rubric),
        "solution": _solution(moments, order, rubric),
    }
    extras = {criterion.name: _extra(criterion, moments) for criterion in rubric.extra}
    weights = {name: rubric.criterion(name).weight for name in CRITERIA}
    weights |= {criterion.name: criterion.weight for criterion in rubric.extra}
    bars = {name: rubric.criterion(name).passes for name in CRITERIA}
    bars |= {criterion.name: criterion.passes for criterion in rubric.extra}
    criteria = {**results, **extras}
    share = sum(weights[name] * result.level for name, result in criteria.items()) / (4 * sum(weights.values()))
    overall = int(100 * share + 0.5)
    seen = frozenset(label for moment in moments for label in moment.labels.labels)
    failed_by = tuple(label for label in Label if label in rubric.automatic_fails and label in seen)
    in_order = order.acknowledged_first is not False or not rubric.pass_when.acknowledged_before_solution
    passed = (
        all(result.level >= bars[name] for name, result in criteria.items())
        and in_order
        and overall >= rubric.pass_when.overall
        and not failed_by
    )
    return Judgement(criteria, order.acknowledged_first, order.acknowledging, order.solving, overall, passed, failed_by)


@dataclass(frozen=True)
class _Order:
    acknowledging: int | None
    """First turn with an acknowledgement that stands, else the first one that was undercut."""
    clean: tuple[int, ...]
    """Turns with an acknowledgement that was not undercut."""
    solving: int | None
    acknowledged_first: bool | None

    @classmethod
    def of(cls, moments: Sequence[Moment], texts: Sequence[str]) -> _Order:
        clean = tuple(m.index for m in moments if m.has(ACKNOWLEDGING) and not m.has(UNDERCUTS))
        any_kind = [m.index for m in moments if m.has(ACKNOWLEDGING)]
        solution = next((m for m in moments if m.has(SOLVING)), None)
        first = clean[0] if clean else (any_kind[0] if any_kind else None)
        if solution is None:
            return cls(first, clean, None, None)
        before = [index for index in clean if index < solution.index]
        within = solution.index in clean and _comes_first(solution, texts[solution.index])
        return cls(first, clean, solution.index, bool(before) or within)


def _comes_first(moment: Moment, text: str) -> bool:
    """True where the acknowledgement of the turn stands before its solution."""
    acknowledging = min(text.find(e.quote) for e in moment.evidence(ACKNOWLEDGING))
    return acknowledging <= min(text.find(e.quote) for e in moment.evidence(SOLVING))


def _result(name: str, level: int, why: str, evidence: Sequence[Evidence], rubric: Rubric) -> CriterionResult:
    distinct = tuple(dict.fromkeys(evidence))[:6]
    anchor = rubric.criterion(name).anchors[level].rstrip()
    return CriterionResult(level=level, reason=f"{anchor} {why}".strip(), evidence=distinct)


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _acknowledge(moments: Sequence[Moment], order: _Order, rubric: Rubric) -> CriterionResult:
    clean = [m for m in moments if m.index in order.clean]
    undercut = [m for m in moments if m.has(ACKNOWLEDGING) and m.index not in order.clean]
    brushed = [m for m in moments if m.has(BRUSHES_ASIDE)]
    shown = [e for m in clean for e in m.evidence(ACKNOWLEDGING)]
    against = [e for m in brushed for e in m.evidence(BRUSHES_ASIDE)]

    def result(level: int, why: str, evidence: Sequence[Evidence]) -> CriterionResult:
        return _result("acknowledge", level, why, evidence, rubric)

    if brushed and len(brushed) > len(clean):
        level = 1 if clean and len(brushed) < 2 * len(clean) + 1 else 0
        return result(
            level, f"The customer was brushed aside in {_counted(len(brushed), 'turn', 'turns')}.", against + shown
        )
    if not clean:
        return result(*_unacknowledged(moments, undercut, brushed))
    first = next((m.index for m in moments if m.opportunity), moments[0].index)
    waited = sum(1 for m in moments if first <= m.index < clean[0].index and not _only_listens(m))
    late = order.acknowledged_first is False or waited > 2
    if late:
        when = "only after a solution had been offered" if order.acknowledged_first is False else "late"
        return result(2, f"The first acknowledgement came {when}.", shown)
    harsh = [m for m in brushed if m.has(HARSH)]
    if harsh:
        return result(2, "Another turn undid it.", shown + [e for m in harsh for e in m.evidence(HARSH)])
    again = [m for m in moments if m.resurfaced and m.index > clean[0].index]
    missed = [
        m for m in again if not m.has(ACKNOWLEDGING | frozenset({Label.RESTATES, Label.INVITES_MORE, Label.ASKS_OPEN}))
    ]
    specific = any(Label.ACKNOWLEDGES_SPECIFIC in m.labels for m in clean)
    named_again = not again or any(m.has(ACKNOWLEDGING) for m in again)
    if specific and named_again and waited == 0 and not missed and not brushed and not undercut:
        why = "It was named again when it came back." if again else "It came at the first chance."
        return result(4, why, shown)
    if brushed or undercut:
        why = "Another turn took some of it back."
    elif missed:
        why = f"When it came back {_counted(len(missed), 'time', 'times')}, it was passed over."
    elif waited:
        why = "It did not come at the first chance."
    elif not named_again:
        why = "When it came back, it was heard and not named."
    else:
        why = "It came from a word for the feeling rather than from their situation."
    return result(3, why, shown + against)


def _unacknowledged(
    moments: Sequence[Moment], undercut: Sequence[Moment], brushed: Sequence[Moment]
) -> tuple[int, str, list[Evidence]]:
    """Return level, reason and evidence where no acknowledgement stands."""
    if undercut:
        shown = [e for m in undercut for e in m.evidence(ACKNOWLEDGING | UNDERCUTS)]
        return 1 if brushed else 2, "What was granted was taken back in the same turn.", shown
    restated = [e for m in moments for e in m.evidence(frozenset({Label.RESTATES}))]
    stock = [e for m in moments for e in m.evidence(frozenset({Label.ACKNOWLEDGES_FORMULA}))]
    if stock and restated:
        return 2, "The case was given back, and the sympathy came from stock.", stock + restated
    if stock:
        return 1, "A stock phrase would have fitted anybody.", stock
    if restated:
        return 1, "The facts were given back, and not what they mean to the customer.", restated
    return 0, "No turn said what this is like for the customer.", []


def _only_listens(moment: Moment) -> bool:
    """True where the turn gives the floor and nothing else, which is no delay of an acknowledgement."""
    given = moment.labels.labels
    return bool(given & LISTENING) and not given & (SOLVING | LAPSES | {Label.ASKS_PROCESS})


def _lapsed(moment: Moment) -> bool:
    """True where attention broke. One short line of fellow feeling ("I'd be furious too") beside a word for what the
    customer feels goes straight back to them, and breaks nothing."""
    broken = moment.labels.labels & LAPSES
    own = moment.labels.quote(Label.SELF_FOCUS) or ""
    fellow = broken == {Label.SELF_FOCUS} and Label.NAMES_FEELING in moment.labels and len(own.split()) <= FELLOW_WORDS
    return bool(broken) and not fellow


def _presence(moments: Sequence[Moment], rubric: Rubric) -> CriterionResult:
    limit = frozenset({Label.SETS_RESPECTFUL_LIMIT})
    lapses = [m for m in moments if _lapsed(m)]
    attentive = [m for m in moments if m.has(ATTENTION | limit) and m not in lapses]
    mixed = [m for m in moments if m.has(ATTENTION | limit) and m in lapses]
    answers = ATTENTION | limit | {Label.APOLOGISES, Label.TAKES_OWNERSHIP, Label.POSITIVE_WORDING} | SOLVING
    answers |= {Label.CONFIRMS_NEXT_STEP}
    unanswered = [m for m in moments if m.warranted and not m.ready and not m.has(answers) and not m.has(LAPSES)]
    data = frozenset({Label.ASKS_PROCESS})
    processing = [
        m for m in moments if m.has(data) and not m.has(ATTENTION | LAPSES) and not m.ready and m not in unanswered
    ]
    harsh = [m for m in moments if m.has(HARSH)]
    good = len(attentive) + 0.5 * len(mixed)
    bad = len(lapses) + len(unanswered) + 0.5 * len(processing)
    shown = [e for m in attentive for e in m.evidence(ATTENTION | limit)]
    against = [e for m in lapses for e in m.evidence(LAPSES)] + [e for m in processing for e in m.evidence(data)]

    def result(level: int, why: str, evidence: Sequence[Evidence]) -> CriterionResult:
        return _result("presence", level, why, evidence, rubric)

    lapse_words = _lapse_words(len(lapses), len(unanswered), len(processing))
    if harsh and (2 * len(harsh) >= len(moments) or not attentive):
        return result(0, f"There was hostility or bias in {_counted(len(harsh), 'turn', 'turns')}.", against)
    if good == 0:
        if not bad and any(m.has(answers) for m in moments):
            return result(
                1, "There was an answer, but no sign of listening.", [e for m in moments for e in m.evidence(answers)]
            )
        return result(0, "No turn shows listening.", against)
    if bad > good or harsh:
        return result(1, lapse_words, against + shown)
    kinds = {label for m in attentive for label in m.labels.labels & ATTENTION}
    own_words = [m for m in attentive if m.has(frozenset({Label.RESTATES, Label.ACKNOWLEDGES_SPECIFIC}))]
    asked = kinds & {Label.ASKS_OPEN, Label.INVITES_MORE}
    needed = 1 if len(moments) <= 2 else 2
    if bad > good / 3 or len(attentive) < needed:
        return result(2, lapse_words if bad else "It was heard once and not followed up.", shown + against)
    if bad or not own_words or not asked or 2 * len(attentive) < len(moments):
        why = lapse_words if bad else "Not every turn was with the customer."
        return result(3, why, shown + against)
    return result(4, f"Attention showed in {len(attentive)} of {len(moments)} turns and never broke.", shown)


def _lapse_words(lapses: int, unanswered: int, processing: int) -> str:
    parts = []
    if lapses:
        parts.append(f"attention broke in {_counted(lapses, 'turn', 'turns')}")
    if unanswered:
        parts.append(
            f"{_counted(unanswered, 'upset turn of the customer', 'upset turns of the customer')} had no answer"
        )
    if processing:
        parts.append(f"{_counted(processing, 'turn', 'turns')} only asked for data")
    text = ", ".join(parts)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _solution(moments: Sequence[Moment], order: _Order, rubric: Rubric) -> CriterionResult:
    offers = [m for m in moments if m.has(SOLVING)]
    step = frozenset({Label.CONFIRMS_NEXT_STEP})
    owned = frozenset({Label.TAKES_OWNERSHIP})
    passing_on = frozenset({Label.DEFLECTS, Label.CITES_POLICY, Label.MANIPULATES_GRADER})
    deflected = [m for m in moments if m.has(passing_on) and not m.has(SOLVING | owned)]
    shown = [e for m in offers for e in m.evidence(SOLVING)]
    firm = [e for m in moments for e in m.evidence(step | owned)]
    against = [e for m in deflected for e in m.evidence(passing_on)]

    def result(level: int, why: str, evidence: Sequence[Evidence]) -> CriterionResult:
        return _result("solution", level, why, evidence, rubric)

    if not offers:
        if firm and len(deflected) <= sum(1 for m in moments if m.has(step | owned)):
            return result(1, "There was a promise, and nothing concrete on the table.", firm)
        return result(0, "Nothing concrete was put forward.", against)
    if not order.clean or (not order.acknowledged_first and not any(m.index > order.clean[0] for m in offers)):
        return result(1, "The solution came before anything had been acknowledged.", shown)
    if deflected and deflected[-1].index > offers[-1].index:
        return result(
            1 if len(deflected) > len(offers) else 2, "In the end it was passed on or put off.", shown + against
        )
    after = [m for m in offers if m.index >= order.clean[0]]
    ready = [m for m in after if m.ready]
    closing = [m for m in moments if m.has(step) and after and m.index >= after[0].index]
    chosen = frozenset({Label.OFFERS_OPTIONS}) | owned
    owning = [m for m in moments if m.has(chosen) and after and m.index >= after[0].index]
    full = bool(ready and closing and owning and closing[-1].index >= ready[0].index)
    if not order.acknowledged_first:
        if full:
            return result(3, "The first offer came too early; a later one came when they were ready.", shown + firm)
        return result(2, "The first offer came before anything had been acknowledged.", shown)
    if len(deflected) >= len(offers):
        return result(2, "Between the offers it was passed on or refused.", shown + against)
    if full and not deflected:
        return result(4, "They had signalled that they were ready, and the next step was firm.", shown + firm)
    if not ready:
        why = "The customer had not yet signalled that they were ready."
    elif not closing:
        why = "The next step was left open."
    elif not owning:
        why = "There was no choice, and nobody's name behind it."
    else:
        why = "Not every turn moved it forward."
    return result(3, why, shown + firm)


def _extra(criterion: ExtraCriterion, moments: Sequence[Moment]) -> CriterionResult:
    """Level by the share of turns with a wanted label (a half earns 4), one level off for each turn with an "
    "avoided one."""
    wanted, avoided = frozenset(criterion.wants), frozenset(criterion.avoids)
    with_wanted = [m for m in moments if m.has(wanted)]
    with_avoided = [m for m in moments if m.has(avoided)]
    earned = min(4, int(8 * len(with_wanted) / len(moments) + 0.5)) if wanted else 4
    parts = []
    if wanted:
        parts.append(f"{len(with_wanted)} of {_counted(len(moments), 'turn', 'turns')} showed what is wanted.")
    if avoided:
        parts.append(f"{_counted(len(with_avoided), 'turn', 'turns')} showed what is not.")
    evidence = [e for m in with_wanted for e in m.evidence(wanted)] + [
        e for m in with_avoided for e in m.evidence(avoided)
    ]
    level = max(0, earned - len(with_avoided))
    return CriterionResult(level=level, reason=" ".join(parts), evidence=tuple(dict.fromkeys(evidence))[:6])
