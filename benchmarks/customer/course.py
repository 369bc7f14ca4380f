"""How a session goes: its ending, and whether tension moves the right way."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.customer.counting import Count, Fault, Measure
from benchmarks.customer.play import Played, Said
from simulator.labels import HARMFUL, Label
from simulator.personas.schema import Persona
from simulator.personas.wording import mentions
from simulator.transcripts.records import Ending

HELPFUL = frozenset(
    {
        Label.ACKNOWLEDGES_SPECIFIC,
        Label.NAMES_FEELING,
        Label.RESTATES,
        Label.ASKS_OPEN,
        Label.INVITES_MORE,
        Label.TAKES_OWNERSHIP,
        Label.APOLOGISES,
        Label.POSITIVE_WORDING,
    }
)
"""A turn with only these must not raise tension."""
HURTING = HARMFUL | {Label.MANIPULATES_GRADER}
"""A turn with only these must not lower it."""
TOO_SOON = frozenset({Label.OFFERS_SOLUTION, Label.OFFERS_OPTIONS, Label.ASKS_PROCESS})
"""These count among the hurting as long as the customer is not ready."""
SETTLES_FROM, WALKS_FROM = 3, 2
"""Trainee turns before which nobody settles or walks out."""


def too_early(played: Played, _: Persona) -> Count:
    """Settled before the third trainee turn, or walked out before the second."""
    least = {Ending.SETTLED.value: SETTLES_FROM, Ending.WALKED_OUT.value: WALKS_FROM}.get(played.ending, 0)
    early = played.trainee_turns < least
    return Count(
        1,
        [Fault(played.name, len(played.turns) - 1, _last(played), f"{played.ending} at {played.trainee_turns}")]
        * early,
    )


def never_ending(played: Played, _: Persona) -> Count:
    """Beyond the turn limit, or the customer speaks on after the last line."""
    finals = [i for i, turn in played.customer if turn.part == "final"]
    why = "beyond the limit" if played.turn_limit and played.trainee_turns > played.turn_limit else ""
    if finals and finals[0] != len(played.turns) - 1:
        why = "spoke on after the ending"
    return Count(1, [Fault(played.name, len(played.turns) - 1, _last(played), why)] if why else [])


def unexpected_ending(played: Played, _: Persona) -> Count:
    """Another ending than the script's header expects; scripts that expect any are not counted."""
    if played.expect == "any" or played.start is None:
        return Count()
    met = played.ending != Ending.SETTLED.value if played.expect == "not_settled" else played.ending == played.expect
    why = f"{played.ending}, expected {played.expect}, after {played.trainee_turns} turns"
    return Count(1, [] if met else [Fault(played.name, len(played.turns) - 1, _last(played), why)])


def _last(played: Played) -> str:
    return played.turns[-1].text if played.turns else ""


@dataclass(frozen=True)
class Move:
    """What one labelled turn did: ``sort`` is ``helpful``, ``hurting``, ``mixed`` or ``trigger``."""

    turn: int
    said: Said
    sort: str
    before: float
    after: float

    @property
    def wrong(self) -> bool:
        """Helpful and tension rose, or hurting and it fell."""
        return (self.sort == "helpful" and self.after > self.before) or (
            self.sort == "hurting" and self.after < self.before
        )


def moves(played: Played, persona: Persona) -> list[Move]:
    """Return what every labelled trainee turn did to tension. Turns with words that set this persona off or soothe them
    are their own sort, for there the words decide."""
    before, ready = played.start, False
    found: list[Move] = []
    for i, turn in enumerate(played.turns):
        if turn.role == "customer":
            before, ready = turn.tension, turn.stage == "ready"
            continue
        answer = played.turns[i + 1] if i + 1 < len(played.turns) else None
        labels = {Label(name) for name in turn.labels}
        if before is None or answer is None or answer.tension is None or not labels:
            continue
        sort = "mixed"
        if any(mentions(turn.text, phrase) for trigger in persona.triggers for phrase in trigger.when):
            sort = "trigger"
        elif labels <= HELPFUL:
            sort = "helpful"
        elif labels <= (HURTING if ready else HURTING | TOO_SOON):
            sort = "hurting"
        found.append(Move(i, turn, sort, before, answer.tension))
    return found


def tension(sort: str) -> Measure:
    """Turns of one sort after which tension moved the wrong way."""

    def measure(played: Played, persona: Persona) -> Count:
        judged = [move for move in moves(played, persona) if move.sort == sort]
        return Count(
            len(judged),
            [
                Fault(played.name, m.turn, m.said.text, f"{m.before:.1f} → {m.after:.1f}, {', '.join(m.said.labels)}")
                for m in judged
                if m.wrong
            ],
        )

    return measure


def rude_turn_helped(played: Played, _: Persona) -> Count:
    """Turns of a rude script after which tension fell: wrong whatever the labels, which may be what is wrong."""
    if played.kind != "rude" or played.start is None:
        return Count()
    count, before = Count(), played.start
    for i, turn in enumerate(played.turns):
        if turn.role == "trainee":
            said = i, turn
        elif turn.part != "opening" and turn.tension is not None:
            count.of += 1
            if turn.tension < before:
                why = f"{before:.1f} → {turn.tension:.1f}, {', '.join(said[1].labels) or 'no label'}"
                count.faults.append(Fault(played.name, said[0], said[1].text, why))
            before = turn.tension
    return count
