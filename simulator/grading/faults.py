"""What there is to praise and to mend in a graded conversation: pure findings, the gravest first, for the coach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simulator.grading.levels import Judgement
from simulator.grading.moments import Moment, read_moments
from simulator.labels import ACKNOWLEDGING, LISTENING, SOLVING, Label, TurnLabels
from simulator.transcripts.records import BareTranscript, Role

DIRECT = (
    Label.HOSTILE,
    Label.BIASED,
    Label.DISMISSES,
    Label.BLAMES_CUSTOMER,
    Label.CANCELS_WITH_BUT,
    Label.SELF_FOCUS,
    Label.DEFLECTS,
    Label.CITES_POLICY,
    Label.OVER_APOLOGISES,
)
"""Labels that are faults by themselves."""


@dataclass(frozen=True)
class Fault:
    """Something to do otherwise: its ``kind`` (a label, or an event such as ``solution_first``), where (None: nowhere
    in particular), the passage, and the customer's words it failed to answer."""

    kind: str
    turn: int | None = None
    quote: str = ""
    customer: str = ""


def faults(bare: BareTranscript, labels: Mapping[int, TurnLabels], judgement: Judgement) -> list[Fault]:
    """Return every fault of the conversation in the order of its turns."""
    moments = read_moments(bare.turns, labels, {})
    found: list[Fault] = []
    acknowledged = False
    for moment in moments:
        given = moment.labels
        said_before = _before(bare, moment.index)
        found += [
            Fault(label.value, moment.index, given.quote(label) or "", said_before)
            for label in DIRECT
            if label in given
        ]
        harmless = not moment.has(frozenset(DIRECT))
        offer = next(
            (given.quote(label) for label in (Label.OFFERS_SOLUTION, Label.OFFERS_OPTIONS) if label in given), None
        )
        if offer and not acknowledged and judgement.first_solution_turn == moment.index:
            if judgement.acknowledged_before_solution is False:
                found.append(Fault("solution_first", moment.index, offer, said_before))
        elif offer and harmless and not moment.ready and not moment.has(ACKNOWLEDGING):
            found.append(Fault("not_ready", moment.index, offer, said_before))
        listening = moment.has(ACKNOWLEDGING | LISTENING)
        asked = given.quote(Label.ASKS_PROCESS)
        if asked and not acknowledged and not listening:
            found.append(Fault("process_first", moment.index, asked, said_before))
        stock = given.quote(Label.ACKNOWLEDGES_FORMULA)
        if stock and harmless and not acknowledged and not moment.has(ACKNOWLEDGING):
            found.append(Fault("formula_only", moment.index, stock, said_before))
        if moment.resurfaced and harmless and not listening:
            found.append(Fault("passed_over", moment.index, bare.turns[moment.index].text, said_before))
        acknowledged = acknowledged or (moment.has(ACKNOWLEDGING) and harmless)
    return found + _missing(moments, judgement)


def _missing(moments: Sequence[Moment], judgement: Judgement) -> list[Fault]:
    """Return what no turn did."""
    seen = {label for moment in moments for label in moment.labels.labels}
    found = []
    first = judgement.first_acknowledging_turn
    if not seen & ACKNOWLEDGING:
        found.append(Fault("no_acknowledgement"))
    elif judgement.criteria["acknowledge"].level in (2, 3) and first is not None and first != moments[0].index:
        moment = next(m for m in moments if m.index == first)
        found.append(Fault("late_acknowledgement", first, moment.evidence(ACKNOWLEDGING)[0].quote))
    if not seen & (SOLVING | {Label.TAKES_OWNERSHIP}):
        found.append(Fault("no_solution"))
    elif Label.CONFIRMS_NEXT_STEP not in seen:
        found.append(Fault("no_next_step"))
    if not seen & {Label.ASKS_OPEN, Label.INVITES_MORE}:
        found.append(Fault("no_question"))
    return found


def customer_before(bare: BareTranscript, index: int) -> list[str]:
    """Return all that the customer had said before turn ``index``, oldest first."""
    return [turn.text for turn in bare.turns[:index] if turn.role is Role.CUSTOMER]


def _before(bare: BareTranscript, index: int) -> str:
    texts = []
    for turn in reversed(bare.turns[:index]):
        if turn.role is not Role.CUSTOMER:
            break
        texts.append(turn.text)
    return "\n".join(reversed(texts))
