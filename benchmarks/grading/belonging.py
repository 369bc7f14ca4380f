"""How often the labeler takes an acknowledgement for another customer's, rightly and wrongly.

Every turn of the corpus that acknowledges or restates is looked at twice: after its own customer, and after one of
another conversation, drawn with a fixed seed. ``python -m benchmarks.grading.belonging``
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from simulator.grading.belonging import FEWEST, TOLD_BACK, foreign, strange
from simulator.grading.corpus import read_corpus
from simulator.grading.features import TurnView, content, respelled, view

SEED = 1


@dataclass(frozen=True)
class Belonging:
    """Counts of turns: looked at, called strange after their own customer and after another's; of the latter those
    that hold enough stakes their customer never named, and how many of these are called strange."""

    turns: int
    own: int
    others: int
    foreign: int
    foreign_found: int


def measure() -> Belonging:
    """Return the counts for the corpus that came with the program."""
    turns = [
        (conversation.id, [t.customer for t in conversation.turns[: place + 1] if t.customer.strip()], turn)
        for conversation, place, turn in read_corpus().turns()
    ]
    rng = random.Random(SEED)  # noqa: S311 - draws nothing secret
    looked = own = others = apart = found = 0
    for conversation, heard, turn in turns:
        if not TOLD_BACK & turn.labels or not heard:
            continue
        other = next(h for c, h, _ in iter(lambda: rng.choice(turns), None) if c != conversation and h)
        looked += 1
        own += strange(_view(turn.trainee, heard))
        elsewhere = _view(turn.trainee, other)
        is_strange = strange(elsewhere)
        others += is_strange
        if len(foreign(elsewhere.said, content(respelled(elsewhere.heard)))) >= FEWEST:
            apart += 1
            found += is_strange
    return Belonging(looked, own, others, apart, found)


def _view(said: str, heard: list[str]) -> TurnView:
    return view(said, heard[-1], heard[:-1])


def main() -> None:
    """Print the counts."""
    found = measure()
    print(f"turns that acknowledge or restate   {found.turns}")
    print(f"strange after their own customer    {found.own} ({found.own / found.turns:.1%})")
    print(f"strange after another's words       {found.others} ({found.others / found.turns:.1%})")
    print(f"  of those with foreign stakes      {found.foreign_found} of {found.foreign}")


if __name__ == "__main__":
    main()
