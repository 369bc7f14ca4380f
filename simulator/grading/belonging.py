"""Whether what a trainee tells back is this customer's: somebody else's trouble is no acknowledgement of theirs.

A guess may go beyond what was said ("you must have been standing there all night"), and a plain kind sentence fits many
customers. Only a turn full of particulars that nobody mentioned, about other things than the customer speaks of, is
strange: a sentence learnt by heart, or meant for the last caller.
"""

from __future__ import annotations

from collections.abc import Set

from simulator.grading.features import TurnView, content, respelled
from simulator.grading.meaning import topic
from simulator.grading.particulars import stakes
from simulator.labels import Label

TOLD_BACK = frozenset({Label.ACKNOWLEDGES_SPECIFIC, Label.RESTATES})
"""What only words about this customer can be."""
FEWEST = 2
"""Stakes the customer never named that a turn must hold to be strange; each word it shares with the customer allows two
more."""
NEAR = 0.2
"""Likeness of topics, -1 to 1, from which a turn speaks of the customer's matter in other words.

Of the corpus's turns that acknowledge or restate, these two bounds call 6 in 1,000 strange; of the same turns put after
another customer's words, 21 in 100, and 71 of those 100 that hold two such stakes
(``python -m benchmarks.grading.belonging``)."""


def strange(turn: TurnView) -> bool:
    """True where the trainee's turn tells of a trouble that is not this customer's.

    Where the customer has said nothing yet, nothing is strange.
    """
    if len(stakes(turn.said)) < FEWEST:  # most turns: nothing else need be looked at
        return False
    known = content(respelled(turn.heard))
    if not known:
        return False
    excess = len(foreign(turn.said, known)) - 2 * len(content(respelled(turn.said)) & known)
    return excess >= FEWEST and float(topic(turn.said) @ topic(turn.heard)) < NEAR


def foreign(said: str, known: Set[str]) -> list[str]:
    """Return the stakes that ``said`` names and that share no word with ``known``, the stems the customer used."""
    return [stake for stake in stakes(said) if not content(respelled(stake)) & known]
