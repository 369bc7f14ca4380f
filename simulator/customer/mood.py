"""The customer's mood as a pure function: what a trainee's turn does to tension, and when they soften, settle or leave.

No model decides any of this. Two tables hold all figures: ``COSTS`` (tension added) and ``RELIEFS`` (tension
taken away, with how much more heard the customer feels). A persona's temperament replaces single entries and
scales the rest; difficulty changes patience, never decency. The figures are our own choice, made so that a
session of good turns settles in five to eight and two insults end it; ``docs/mood.md`` tells the reasoning.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from simulator.labels import ACKNOWLEDGING, HARMFUL, LISTENING, SOLVING, Label
from simulator.personas.schema import Difficulty, Persona, Temperament, Trigger
from simulator.personas.wording import mentions
from simulator.transcripts.records import Mood, Stage

VENTING_FROM = 6.5
"""At or above this tension the customer vents."""
GUARDED_FROM = 4.5
"""At or above this tension (and below venting) the customer is guarded."""
READY_UP_TO = 4.0
"""Above this tension nobody is ready for solutions."""
SIMMER = 8.5
"""Clumsiness alone (process, early solutions, silence, worn phrases) never drives tension above this; harm does."""
RELIEF_A_TURN = 2.2
"""The most tension one turn can take away: nobody calms down all at once."""
CALMEST = 2.0
"""Below this tension nobody with an unsolved problem gets, however well they are heard."""
BOILING_TURNS = 2
"""Turns in a row at the walk-out mark before the customer leaves."""
SETTLED_AT = 1.5
"""Tension of a customer who has settled."""
SIMMERING_TURNS = 5
"""Turns in a row at ``SIMMER_MARK`` or more before the customer gives up."""
SIMMER_MARK = 8.0

COSTS: dict[Label, float] = {
    Label.HOSTILE: 2.6,
    Label.BIASED: 2.6,
    Label.BLAMES_CUSTOMER: 1.6,
    Label.DISMISSES: 1.5,
    Label.CANCELS_WITH_BUT: 1.1,
    Label.DEFLECTS: 1.1,
    Label.CITES_POLICY: 1.0,
    Label.SELF_FOCUS: 0.8,
    Label.ASKS_PROCESS: 0.7,
    Label.OFFERS_SOLUTION: 0.7,
    Label.MANIPULATES_GRADER: 0.6,
    Label.OVER_APOLOGISES: 0.5,
}
"""Tension added by one turn with the label. Solutions and process questions cost only before the customer is ready."""

CLUMSY = frozenset(
    {
        Label.ASKS_PROCESS,
        Label.OFFERS_SOLUTION,
        Label.MANIPULATES_GRADER,
        Label.OVER_APOLOGISES,
        Label.SELF_FOCUS,
    }
)
"""Costs that stop at ``SIMMER``."""

RELIEFS: dict[Label, tuple[float, float]] = {
    Label.ACKNOWLEDGES_SPECIFIC: (1.5, 2.4),
    Label.NAMES_FEELING: (0.8, 1.2),
    Label.RESTATES: (0.6, 1.2),
    Label.INVITES_MORE: (0.5, 0.9),
    Label.ASKS_OPEN: (0.5, 1.0),
    Label.TAKES_OWNERSHIP: (0.5, 0.5),
    Label.APOLOGISES: (0.4, 0.3),
    Label.ACKNOWLEDGES_FORMULA: (0.4, 0.3),
    Label.POSITIVE_WORDING: (0.1, 0.0),
}
"""By label: (tension taken, heard gained)."""

HEARD_LOST: dict[Label, float] = {
    Label.HOSTILE: 3.0,
    Label.BIASED: 3.0,
    Label.DISMISSES: 1.5,
    Label.BLAMES_CUSTOMER: 1.5,
    Label.CANCELS_WITH_BUT: 0.8,
    Label.DEFLECTS: 0.8,
    Label.CITES_POLICY: 0.6,
    Label.SELF_FOCUS: 0.6,
}
"""How much less heard one such turn leaves the customer."""

SILENCE_COST = 0.5
"""Cost of a turn of at most two words that carries no label."""
BOUNCED_COST = 0.3
"""Cost of a solution offered after an acknowledgement but before the customer is ready."""
RESURFACING_COST = 1.0
"""Tension that the second reveal brings back, at most what the turn had taken away."""
OWED_COST = 0.8
"""Cost of passing over the second reveal."""
LIMIT_RELIEF = 1.2
"""Relief of a respectful limit while tension is high."""
LIMIT_COST = 0.6
"""Cost of a limit that nobody's words called for."""
WORN_STEP = 0.6
"""Share of a stock phrase's effect lost with each one before it; below nothing it annoys."""
LATE_STEP = 0.15
"""Share of the first acknowledgement's effect lost with each turn it came late, down to half."""


@dataclass(frozen=True)
class Stimulus:
    """What of a trainee's turn touches the mood. ``words`` counts words; ``accepted`` and ``refused`` say whether an
    offer in it meets or insults what would settle this customer."""

    labels: frozenset[Label]
    words: int = 10
    triggers: tuple[Trigger, ...] = ()
    accepted: bool = False
    refused: bool = False


@dataclass(frozen=True)
class Effect:
    """One reason why tension moved: a label, or an event such as ``silence``; ``delta`` in points of tension."""

    cause: str
    delta: float


@dataclass(frozen=True)
class Step:
    """The mood after a turn, why it moved (largest first), and what happened: any of ``bounced``, ``resurfaced``,
    ``passed_over``, ``signalled``, ``offered``, ``insulted``, ``settled``, ``walked_out``."""

    mood: Mood
    effects: tuple[Effect, ...]
    events: frozenset[str]


def opening_mood(persona: Persona) -> Mood:
    """Return the mood in which the conversation opens; facts that open it count as revealed."""
    tension = persona.temperament.start
    return Mood(
        tension=tension,
        stage=_stage(tension, 0, needs=9, acknowledged=False, owed=False),
        revealed=tuple(fact.id for fact in persona.facts if fact.reveal == "opening"),
    )


def read_stimulus(text: str, labels: frozenset[Label], persona: Persona) -> Stimulus:
    """Return what of ``text`` touches the mood of ``persona``."""
    settlement = persona.settlement
    return Stimulus(
        labels=labels,
        words=len(re.findall(r"\w+", text)),
        triggers=tuple(t for t in persona.triggers if any(mentions(text, phrase) for phrase in t.when)),
        accepted="*" in settlement.accepts or any(mentions(text, word) for word in settlement.accepts),
        refused=any(mentions(text, word) for word in settlement.refuses),
    )


def tempered(persona: Persona) -> Temperament:
    """Return the persona's temperament with its difficulty worked in: patience and openness, nothing else."""
    patience, openness, heard = {
        Difficulty.EASY: (1.35, 1.15, -1.0),
        Difficulty.STANDARD: (1.0, 1.0, 0.0),
        Difficulty.HARD: (0.85, 0.85, 1.0),
    }[persona.difficulty]
    given = persona.temperament
    return given.model_copy(
        update={
            "patience": given.patience * patience,
            "openness": given.openness * openness,
            "needs_heard": min(9.0, max(2.0, given.needs_heard + heard)),
        }
    )


def step(mood: Mood, stimulus: Stimulus, persona: Persona) -> Step:
    """Return the mood after one trainee turn. A mood that has ended stays as it is."""
    if mood.stage in (Stage.SETTLED, Stage.WALKED_OUT):
        return Step(mood, (), frozenset())
    temperament = tempered(persona)
    turn = mood.turns + 1
    labels = stimulus.labels
    events: set[str] = set()
    was_ready = mood.stage is Stage.READY

    effects = _costs(mood, stimulus, temperament, events)
    hurt = sum(effect.delta for effect in effects)
    reliefs, gained = _reliefs(mood, stimulus, temperament, turn)
    effects += reliefs
    # soothing words soothe nobody while they are being hurt
    effects += [
        Effect(f"trigger:{t.why}", t.tension) for t in stimulus.triggers if t.tension > 0 or not labels & HARMFUL
    ]

    acknowledged_at = mood.acknowledged_at
    if acknowledged_at is None and _acknowledges(labels):
        acknowledged_at = turn
    owed = mood.owed
    if owed:
        if _acknowledges(labels):
            owed = False
        elif not labels & {*LISTENING, Label.TAKES_OWNERSHIP}:
            effects.append(Effect("passed_over", OWED_COST / temperament.patience))
            events.add("passed_over")

    heard = _clamp(mood.heard + gained - sum(HEARD_LOST.get(label, 0.0) for label in labels))
    tension = _moved(mood.tension, effects, only_clumsy=not (labels & set(COSTS) - CLUMSY))
    resurfaced = mood.resurfaced
    if not resurfaced and persona.resurfacing and turn >= 2 and hurt <= 0 and tension < GUARDED_FROM and heard >= 3:
        resurfaced = owed = True
        events.add("resurfaced")
        # what comes up again undoes part of the relief, never more: a good turn is never punished
        back = min(RESURFACING_COST, max(0.0, mood.tension - tension - 0.1))
        effects.append(Effect("resurfaced", back))
        tension = _clamp(tension + back)

    stage = _stage(tension, heard, temperament.needs_heard, acknowledged=acknowledged_at is not None, owed=owed)
    offered, pending = _on_the_table(mood, stimulus, events) if stage is Stage.READY else (False, False)
    if stage is Stage.READY and not mood.signalled:
        events.add("signalled")
    if was_ready and offered and labels & {Label.CONFIRMS_NEXT_STEP, Label.TAKES_OWNERSHIP}:
        stage, tension = Stage.SETTLED, min(tension, SETTLED_AT)
        events.add("settled")

    boiling = mood.boiling + 1 if tension >= temperament.walks_out_at else 0
    simmering = mood.simmering + 1 if tension >= SIMMER_MARK else 0
    if boiling >= BOILING_TURNS or simmering >= SIMMERING_TURNS:
        stage = Stage.WALKED_OUT
        events.add("walked_out")
    return Step(
        Mood(
            tension=round(tension, 2),
            stage=stage,
            revealed=mood.revealed,
            heard=round(heard, 2),
            formulas=mood.formulas + (Label.ACKNOWLEDGES_FORMULA in labels),
            boiling=boiling,
            simmering=simmering,
            turns=turn,
            acknowledged_at=acknowledged_at,
            resurfaced=resurfaced,
            owed=owed,
            signalled=stage in (Stage.READY, Stage.SETTLED),
            offered=offered,
            pending=pending,
        ),
        tuple(sorted(effects, key=lambda effect: -abs(effect.delta))),
        frozenset(events),
    )


def _on_the_table(mood: Mood, stimulus: Stimulus, events: set[str]) -> tuple[bool, bool]:
    """Return whether a customer who is ready has an acceptable offer, and whether another waits to be made definite."""
    labels = stimulus.labels
    definite = bool(labels & {Label.CONFIRMS_NEXT_STEP, Label.TAKES_OWNERSHIP})
    if mood.stage is not Stage.READY:
        return False, False
    if not labels & SOLVING:
        return mood.offered or (mood.pending and definite), mood.pending
    if stimulus.refused and not stimulus.accepted:
        events.add("insulted")
        return mood.offered, False
    # an offer in other words than the persona lists will do once somebody stands behind it
    offered = stimulus.accepted or definite or mood.offered
    if offered:
        events.add("offered")
    return offered, True


def _acknowledges(labels: frozenset[Label]) -> bool:
    return bool(labels & ACKNOWLEDGING) and not labels & {Label.HOSTILE, Label.BIASED}


def _costs(mood: Mood, stimulus: Stimulus, temperament: Temperament, events: set[str]) -> list[Effect]:
    labels = stimulus.labels
    ready = mood.stage is Stage.READY
    effects: list[Effect] = []
    for label, default in COSTS.items():
        if label not in labels:
            continue
        cost = temperament.costs.get(label, default)
        if label is Label.OFFERS_SOLUTION:
            if ready:
                continue
            events.add("bounced")
            if mood.acknowledged_at is not None or _acknowledges(labels):
                cost = min(cost, BOUNCED_COST)
        elif label is Label.ASKS_PROCESS:
            if ready:
                continue
            if _acknowledges(labels) or mood.stage is Stage.SOFTENING:
                cost *= 0.4
        effects.append(Effect(label.value, cost / temperament.patience))
    if Label.SETS_RESPECTFUL_LIMIT in labels and mood.tension < VENTING_FROM:
        cost = temperament.costs.get(Label.SETS_RESPECTFUL_LIMIT, LIMIT_COST)
        effects.append(Effect(Label.SETS_RESPECTFUL_LIMIT.value, cost / temperament.patience))
    if stimulus.words <= 2 and not labels:
        effects.append(Effect("silence", SILENCE_COST / temperament.patience))
    return effects


def _reliefs(mood: Mood, stimulus: Stimulus, temperament: Temperament, turn: int) -> tuple[list[Effect], float]:
    labels = stimulus.labels
    if labels & {Label.HOSTILE, Label.BIASED}:
        return [], 0.0
    undercut = 0.25 if labels & {Label.CANCELS_WITH_BUT, Label.DISMISSES, Label.BLAMES_CUSTOMER} else 1.0
    effects: list[Effect] = []
    heard = 0.0
    for label, (default, gain) in RELIEFS.items():
        if label not in labels:
            continue
        relief = temperament.reliefs.get(label, default)
        if label is Label.ACKNOWLEDGES_FORMULA:
            share = 1 - mood.formulas * WORN_STEP
            if share < 0:
                effects.append(Effect("worn_formula", -share * relief / temperament.patience))
                continue
        elif label in ACKNOWLEDGING and mood.acknowledged_at is None:
            share = max(0.5, 1 - LATE_STEP * (turn - 1))
        elif label is Label.APOLOGISES and Label.OVER_APOLOGISES in labels:
            share = 0.0
        else:
            share = 1.0
        effects.append(Effect(label.value, -relief * share * undercut * temperament.openness))
        heard += gain * share * undercut
    if Label.SETS_RESPECTFUL_LIMIT in labels and mood.tension >= VENTING_FROM:
        relief = temperament.reliefs.get(Label.SETS_RESPECTFUL_LIMIT, LIMIT_RELIEF)
        effects.append(Effect(Label.SETS_RESPECTFUL_LIMIT.value, -relief * temperament.openness))
        heard += 0.5
    return effects, heard


def _moved(tension: float, effects: list[Effect], *, only_clumsy: bool) -> float:
    total = sum(effect.delta for effect in effects)
    total = max(total, -RELIEF_A_TURN)
    after = tension + total
    if total > 0 and only_clumsy:
        after = min(after, max(tension, SIMMER))
    if total < 0:
        after = max(after, min(tension, CALMEST))
    return _clamp(after)


def _stage(tension: float, heard: float, needs: float, *, acknowledged: bool, owed: bool) -> Stage:
    if tension >= VENTING_FROM:
        return Stage.VENTING
    if tension >= GUARDED_FROM or heard < 2:
        return Stage.GUARDED
    if tension <= READY_UP_TO and heard >= needs and acknowledged and not owed:
        return Stage.READY
    return Stage.SOFTENING


def _clamp(value: float) -> float:
    return min(10.0, max(0.0, value))
