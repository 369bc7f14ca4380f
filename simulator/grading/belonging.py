"""Whether what a trainee tells back is this customer's: somebody else's trouble is no acknowledgement of theirs.

A guess may go beyond what was said ("you must have been standing there all night"), and a plain kind sentence fits many
customers. Only a turn full of particulars that nobody mentioned, about other things than the customer speaks of, is
strange: a sentence learnt by heart, or meant for the last caller.
"""

from __future__ import annotations

from simulator.grading.features import TurnView, content, respelled
from simulator.grading.meaning import topic
from simulator.grading.particulars import stakes

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
    known = content(respelled(turn.heard))
    if not known:
        return False
    foreign = [stake for stake in stakes(turn.said) if not content(respelled(stake)) & known]
    shared = content(respelled(turn.said)) & known
    return len(foreign) - 2 * len(shared) >= FEWEST and float(topic(turn.said) @ topic(turn.heard)) < NEAR
