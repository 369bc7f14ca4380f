"""An acknowledgement is of this customer's trouble, not of somebody else's."""

from __future__ import annotations

import pytest

from benchmarks.grading import belonging
from simulator.grading.belonging import strange
from simulator.grading.features import view
from simulator.grading.labeler import EmbeddedLabeler
from simulator.labels import Label

AIDS = "These hearing aids whistle. I can't follow a word in the shop."
MOVING = "You have three days to empty a whole house while your marriage ends."


def test_a_sentence_meant_for_another_customer_acknowledges_nobody(labeler: EmbeddedLabeler) -> None:
    assert not {Label.ACKNOWLEDGES_SPECIFIC, Label.RESTATES} & labeler.label(MOVING, AIDS).labels
    theirs = labeler.label(MOVING, "I've got three days to get out. My marriage is over and it's a whole house.")
    assert Label.ACKNOWLEDGES_SPECIFIC in theirs


@pytest.mark.parametrize(
    ("said", "before", "earlier"),
    [
        (MOVING, "", ()),  # nothing is known yet
        (MOVING, "Yes.", ("It's a whole house, and he wants me out in three days.",)),
        ("That would wear anyone down.", AIDS, ()),  # fits many
        ("You must have stood there all evening nodding.", AIDS, ()),  # a guess
    ],
)
def test_what_belongs_or_fits_many_is_not_strange(said: str, before: str, earlier: tuple[str, ...]) -> None:
    assert not strange(view(said, before, earlier))


def test_few_of_the_corpus_are_called_strange_after_their_own_customer() -> None:
    found = belonging.measure()
    assert found.own / found.turns <= 0.01
    assert found.foreign_found / found.foreign >= 0.6
