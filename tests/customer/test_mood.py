"""The mood machine: what every behaviour does to the customer, and where a session ends."""

from __future__ import annotations

import pytest

from simulator.customer.mood import (
    BOILING_TURNS,
    CALMEST,
    COSTS,
    RELIEF_A_TURN,
    RELIEFS,
    SIMMER,
    Stimulus,
    opening_mood,
    read_stimulus,
    step,
)
from simulator.labels import Label
from simulator.personas.schema import Difficulty, Persona, Temperament
from simulator.transcripts.records import Mood, Stage
from tests.customer.people import persona

ACK = Label.ACKNOWLEDGES_SPECIFIC
VENTING = Mood(tension=7, stage=Stage.VENTING)
GOOD = [
    {ACK, Label.NAMES_FEELING},
    {Label.RESTATES, Label.ASKS_OPEN},
    {Label.INVITES_MORE, ACK},
    {ACK, Label.RESTATES},
    {Label.ASKS_OPEN},
]
OFFER = {Label.OFFERS_SOLUTION, Label.OFFERS_OPTIONS}
CONFIRM = {Label.CONFIRMS_NEXT_STEP, Label.TAKES_OWNERSHIP}


def moved(mood: Mood, who: Persona, *turns: set[Label], words: int = 12, accepted: bool = True) -> list[Mood]:
    moods = []
    for labels in turns:
        mood = step(mood, Stimulus(frozenset(labels), words=words, accepted=accepted), who).mood
        moods.append(mood)
    return moods


def until_ready(who: Persona) -> Mood:
    mood = opening_mood(who)
    for labels in GOOD * 3:
        mood = step(mood, Stimulus(frozenset(labels)), who).mood
        if mood.stage is Stage.READY:
            return mood
    raise AssertionError("good turns never make this customer ready")


@pytest.mark.parametrize("label", sorted(COSTS))
def test_every_cost_raises_tension_before_the_customer_is_ready(label: Label) -> None:
    after = step(VENTING, Stimulus(frozenset({label})), persona()).mood
    assert after.tension > VENTING.tension


@pytest.mark.parametrize("label", sorted(RELIEFS))
def test_every_relief_lowers_tension_the_first_time(label: Label) -> None:
    after = step(VENTING, Stimulus(frozenset({label})), persona()).mood
    assert after.tension < VENTING.tension


def test_one_turn_never_takes_away_more_than_its_share() -> None:
    after = step(VENTING, Stimulus(frozenset(RELIEFS)), persona()).mood
    assert VENTING.tension - after.tension == pytest.approx(RELIEF_A_TURN)


def test_a_formula_wears_out_and_then_annoys() -> None:
    tensions = [m.tension for m in moved(VENTING, persona(), *[{Label.ACKNOWLEDGES_FORMULA}] * 6)]
    assert tensions[0] < VENTING.tension
    assert tensions[-1] > tensions[-2] > tensions[-3]


def test_an_acknowledgement_works_at_once_and_less_when_late() -> None:
    at_once = step(VENTING, Stimulus(frozenset({ACK})), persona()).mood
    late = step(VENTING.model_copy(update={"turns": 5}), Stimulus(frozenset({ACK})), persona()).mood
    assert at_once.tension < late.tension < VENTING.tension
    assert at_once.heard > late.heard


def test_a_but_takes_back_most_of_what_was_granted() -> None:
    plain = step(VENTING, Stimulus(frozenset({ACK})), persona()).mood
    undercut = step(VENTING, Stimulus(frozenset({ACK, Label.CANCELS_WITH_BUT})), persona()).mood
    assert undercut.tension > VENTING.tension > plain.tension


def test_solutions_before_readiness_bounce_however_generous() -> None:
    result = step(VENTING, Stimulus(frozenset(OFFER | CONFIRM), accepted=True), persona())
    assert "bounced" in result.events
    assert result.mood.stage is Stage.VENTING
    assert not result.mood.offered


def test_clumsiness_alone_simmers_and_does_not_boil_over() -> None:
    moods = moved(VENTING, persona(), *[{Label.OFFERS_SOLUTION}, {Label.ASKS_PROCESS}] * 2)
    assert max(m.tension for m in moods) <= SIMMER
    assert all(m.stage is Stage.VENTING for m in moods)


def test_two_insults_end_it_and_one_does_not() -> None:
    moods = moved(VENTING, persona(), *[{Label.HOSTILE}] * (BOILING_TURNS + 1))
    assert moods[0].stage is Stage.VENTING
    assert moods[-1].stage is Stage.WALKED_OUT


def test_silence_costs_a_little_and_in_the_end_the_customer_goes() -> None:
    moods = moved(VENTING, persona(), *[set[Label]()] * 12, words=1)
    assert 0 < moods[0].tension - VENTING.tension < 1
    assert Stage.WALKED_OUT in {m.stage for m in moods}


@pytest.mark.parametrize("difficulty", list(Difficulty))
def test_an_exemplary_session_settles_neither_at_once_nor_never(difficulty: Difficulty) -> None:
    who = persona(difficulty=difficulty)
    mood = opening_mood(who)
    stages = [mood.stage]
    for labels in [*GOOD, {ACK}, OFFER, OFFER | CONFIRM, OFFER | CONFIRM, CONFIRM]:
        mood = step(mood, Stimulus(frozenset(labels), accepted=True), who).mood
        stages.append(mood.stage)
        if mood.stage is Stage.SETTLED:
            break
    assert stages[-1] is Stage.SETTLED
    assert 4 <= mood.turns <= 9
    assert Stage.READY in stages


def test_readiness_is_signalled_once() -> None:
    who = persona()
    mood, signals = opening_mood(who), 0
    for labels in [*GOOD, {Label.POSITIVE_WORDING}, {Label.POSITIVE_WORDING}]:
        result = step(mood, Stimulus(frozenset(labels)), who)
        mood, signals = result.mood, signals + ("signalled" in result.events)
    assert mood.stage is Stage.READY
    assert signals == 1


def test_an_offer_settles_only_when_it_fits_and_is_confirmed() -> None:
    who = persona()
    ready = until_ready(who)
    offered = step(ready, Stimulus(frozenset(OFFER), accepted=True), who)
    assert offered.mood.stage is Stage.READY
    assert offered.mood.offered
    assert step(offered.mood, Stimulus(frozenset(CONFIRM)), who).mood.stage is Stage.SETTLED
    unfit = step(ready, Stimulus(frozenset(OFFER), accepted=False), who)
    assert step(unfit.mood, Stimulus(frozenset({Label.POSITIVE_WORDING})), who).mood.stage is Stage.READY


def test_an_offer_in_other_words_settles_once_somebody_stands_behind_it() -> None:
    who = persona()
    ready = until_ready(who)
    vague = step(ready, Stimulus(frozenset({Label.OFFERS_SOLUTION}), accepted=False), who).mood
    assert not vague.offered
    assert step(vague, Stimulus(frozenset({Label.CONFIRMS_NEXT_STEP})), who).mood.stage is Stage.SETTLED


def test_soothing_words_do_not_soothe_in_an_insult() -> None:
    who = persona(triggers=[{"when": ["take your time"], "tension": -2, "why": "being given time"}])
    kind, rude = (
        step(VENTING, read_stimulus("Take your time.", frozenset(labels), who), who).mood.tension
        for labels in ({Label.INVITES_MORE}, {Label.HOSTILE})
    )
    assert kind < VENTING.tension < rude
    assert rude == step(VENTING, Stimulus(frozenset({Label.HOSTILE})), who).mood.tension


def test_an_insulting_offer_is_not_taken() -> None:
    who = persona()
    result = step(until_ready(who), Stimulus(frozenset(OFFER), refused=True), who)
    assert "insulted" in result.events
    assert not result.mood.offered


def test_what_resurfaces_must_be_acknowledged_again() -> None:
    who = persona()
    mood = opening_mood(who)
    for labels in GOOD:
        result = step(mood, Stimulus(frozenset(labels)), who)
        mood = result.mood
        if "resurfaced" in result.events:
            break
    assert mood.owed
    passed_over = step(mood, Stimulus(frozenset({Label.OFFERS_SOLUTION})), who)
    assert "passed_over" in passed_over.events
    assert passed_over.mood.owed
    answered = step(mood, Stimulus(frozenset({ACK})), who)
    assert not answered.mood.owed
    assert answered.mood.resurfaced


def test_what_resurfaces_never_punishes_a_good_turn() -> None:
    who = persona()
    mood = opening_mood(who)
    for labels in GOOD:
        after = step(mood, Stimulus(frozenset(labels)), who).mood
        assert after.tension < mood.tension or after.tension == CALMEST
        mood = after


def test_respect_under_abuse_is_rewarded_and_an_uncalled_limit_is_not() -> None:
    hot = VENTING.model_copy(update={"tension": 8.5})
    calm = Mood(tension=4, stage=Stage.SOFTENING, heard=4)
    limit = Stimulus(frozenset({Label.SETS_RESPECTFUL_LIMIT}))
    assert step(hot, limit, persona()).mood.tension < hot.tension
    assert step(calm, limit, persona()).mood.tension > calm.tension


def test_after_the_ending_nothing_moves() -> None:
    gone = Mood(tension=10, stage=Stage.WALKED_OUT)
    assert step(gone, Stimulus(frozenset({ACK})), persona()).mood == gone


def test_difficulty_changes_patience_not_the_direction() -> None:
    for labels in ({Label.DISMISSES}, {ACK}):
        tensions = [step(VENTING, Stimulus(frozenset(labels)), persona(difficulty=d)).mood.tension for d in Difficulty]
        assert tensions == sorted(tensions)
        assert len({t > 7 for t in tensions}) == 1


def test_a_persona_replaces_single_figures() -> None:
    who = persona(temperament=Temperament(start=7, costs={Label.ASKS_PROCESS: 2.0}))
    assert step(VENTING, Stimulus(frozenset({Label.ASKS_PROCESS})), who).mood.tension == pytest.approx(8.5)
    plain = step(VENTING, Stimulus(frozenset({Label.ASKS_PROCESS})), persona()).mood
    assert plain.tension == pytest.approx(7 + COSTS[Label.ASKS_PROCESS])


def test_words_that_set_this_customer_off_are_whole_words() -> None:
    who = persona()
    assert read_stimulus("Calm down, love.", frozenset(), who).triggers
    assert not read_stimulus("You lovely person, glove.", frozenset(), who).triggers


def test_the_same_turns_give_the_same_moods() -> None:
    turns = [*GOOD, OFFER, CONFIRM]
    assert moved(VENTING, persona(), *turns) == moved(VENTING, persona(), *turns)
