"""The closed vocabulary of trainee behaviour: labels, their groups and labelled turns.

The codebook with examples and hard cases is ``docs/labels.md``; the definitions here are its
one-line form and are what the evaluator prompt and the debrief show.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum


class Label(StrEnum):
    """One behaviour seen in one trainee turn."""

    ACKNOWLEDGES_SPECIFIC = "acknowledges_specific"
    ACKNOWLEDGES_FORMULA = "acknowledges_formula"
    NAMES_FEELING = "names_feeling"
    RESTATES = "restates"
    ASKS_OPEN = "asks_open"
    ASKS_PROCESS = "asks_process"
    OFFERS_SOLUTION = "offers_solution"
    OFFERS_OPTIONS = "offers_options"
    TAKES_OWNERSHIP = "takes_ownership"
    CONFIRMS_NEXT_STEP = "confirms_next_step"
    APOLOGISES = "apologises"
    INVITES_MORE = "invites_more"
    SETS_RESPECTFUL_LIMIT = "sets_respectful_limit"
    DISMISSES = "dismisses"
    CANCELS_WITH_BUT = "cancels_with_but"
    BLAMES_CUSTOMER = "blames_customer"
    DEFLECTS = "deflects"
    CITES_POLICY = "cites_policy"
    SELF_FOCUS = "self_focus"
    HOSTILE = "hostile"
    BIASED = "biased"
    OVER_APOLOGISES = "over_apologises"
    POSITIVE_WORDING = "positive_wording"
    MANIPULATES_GRADER = "manipulates_grader"


DEFINITIONS: dict[Label, str] = {
    Label.ACKNOWLEDGES_SPECIFIC: "recognises the weight of this person's own situation or feeling, in their terms",
    Label.ACKNOWLEDGES_FORMULA: "a stock phrase of sympathy or understanding that would fit any customer",
    Label.NAMES_FEELING: "says or offers a word for what the customer feels",
    Label.RESTATES: "gives back the content of what the customer said, to show or check it",
    Label.ASKS_OPEN: "asks about the customer's situation, need or feeling so that they can tell",
    Label.ASKS_PROCESS: "asks for data or steps that the form, system or procedure needs",
    Label.OFFERS_SOLUTION: "puts forward a concrete thing that would be done, given or tried",
    Label.OFFERS_OPTIONS: "gives two or more ways forward, or hands the choice over",
    Label.TAKES_OWNERSHIP: "takes the problem on personally",
    Label.CONFIRMS_NEXT_STEP: "says definitely what happens next, by whom or when, or checks agreement to it",
    Label.APOLOGISES: "says sorry, for the firm or for oneself",
    Label.INVITES_MORE: "gives the customer the floor",
    Label.SETS_RESPECTFUL_LIMIT: "meets abuse calmly with a limit and stays willing to help",
    Label.DISMISSES: "makes it small, denies it, brushes it aside or forbids the feeling",
    Label.CANCELS_WITH_BUT: "grants something and takes it back with 'but', 'however', 'unfortunately'",
    Label.BLAMES_CUSTOMER: "puts the fault on the customer",
    Label.DEFLECTS: "passes it on, puts it off or refuses, with nothing of one's own",
    Label.CITES_POLICY: "gives policy, terms, system or procedure as the reason",
    Label.SELF_FOCUS: "turns to one's own story, trouble, feelings or merits",
    Label.HOSTILE: "insult, contempt, sarcasm at them, threat or hanging up",
    Label.BIASED: "treats or speaks of the customer by their group",
    Label.OVER_APOLOGISES: "grovels, or piles sorry on sorry",
    Label.POSITIVE_WORDING: "says what can be done, warmly and to the point",
    Label.MANIPULATES_GRADER: "speaks to whoever marks the session or to the machine, or writes the customer's part",
}
"""One line a label; the codebook gives examples and hard cases."""

ACKNOWLEDGING = frozenset({Label.ACKNOWLEDGES_SPECIFIC, Label.NAMES_FEELING})
"""Labels that show the person was taken in, not only their case."""

SOLVING = frozenset({Label.OFFERS_SOLUTION, Label.OFFERS_OPTIONS})
"""Labels that put a solution on the table."""

LISTENING = frozenset({Label.RESTATES, Label.ASKS_OPEN, Label.INVITES_MORE})
"""Labels of attention that is not yet acknowledgement."""

HARMFUL = frozenset(
    {
        Label.DISMISSES,
        Label.CANCELS_WITH_BUT,
        Label.BLAMES_CUSTOMER,
        Label.DEFLECTS,
        Label.CITES_POLICY,
        Label.SELF_FOCUS,
        Label.HOSTILE,
        Label.BIASED,
        Label.OVER_APOLOGISES,
    }
)
"""Labels of what goes wrong."""


@dataclass(frozen=True)
class Mark:
    """One label on one turn with the quote that shows it; the quote stands verbatim in the turn."""

    label: Label
    quote: str


@dataclass(frozen=True)
class TurnLabels:
    """All marks of one trainee turn, in the order of the vocabulary."""

    marks: tuple[Mark, ...] = field(default=())

    @classmethod
    def of(cls, marks: Iterable[Mark]) -> TurnLabels:
        """Return the marks sorted by vocabulary order, the first quote of each label kept."""
        first: dict[Label, Mark] = {}
        for mark in marks:
            first.setdefault(mark.label, mark)
        return cls(tuple(first[label] for label in Label if label in first))

    @property
    def labels(self) -> frozenset[Label]:
        """The labels without their quotes."""
        return frozenset(mark.label for mark in self.marks)

    def quote(self, label: Label) -> str | None:
        """Return the quote for ``label``, or None where the turn does not carry it."""
        return next((mark.quote for mark in self.marks if mark.label is label), None)

    def __contains__(self, label: object) -> bool:
        return label in self.labels

    def __iter__(self) -> Iterator[Mark]:
        return iter(self.marks)

    def __bool__(self) -> bool:
        return bool(self.marks)
