"""The two built-in customers are whole: everything a trainee may ask about has an answer, in every variation."""

from __future__ import annotations

from itertools import chain

import pytest

from simulator.labels import Label
from simulator.personas.lines import everything_said
from simulator.personas.loader import build, load, read
from simulator.personas.schema import SPEAKING_STAGES, Channel, Persona
from simulator.personas.wording import mentions
from simulator.transcripts.records import Stage
from tests.personas.files import BUILT_IN

IDS = ("moving-house", "billing-dispute")
ANSWERED = {
    Label.ASKS_PROCESS, Label.OFFERS_SOLUTION, Label.ACKNOWLEDGES_SPECIFIC, Label.ACKNOWLEDGES_FORMULA, Label.APOLOGISES,
    Label.DISMISSES, Label.HOSTILE, Label.ASKS_OPEN, Label.CITES_POLICY, Label.DEFLECTS, Label.CANCELS_WITH_BUT,
    Label.SELF_FOCUS, Label.NAMES_FEELING, Label.RESTATES, Label.TAKES_OWNERSHIP,
}  # fmt: skip


@pytest.fixture(params=IDS)
def persona(request: pytest.FixtureRequest) -> Persona:
    return load(request.param, [BUILT_IN], 3)


def test_the_channels_differ() -> None:
    assert [load(each, [BUILT_IN]).channel for each in IDS] == [Channel.FACE_TO_FACE, Channel.PHONE]


def test_every_stage_has_lines_feelings_and_beats_enough(persona: Persona) -> None:
    for stage in SPEAKING_STAGES:
        assert len(persona.lines[stage]) >= 10
        assert len(persona.feelings[stage]) >= 6
        assert len(persona.beats[stage]) >= 6
    for stage in (Stage.SETTLED, Stage.WALKED_OUT):
        assert len(persona.lines[stage]) >= 4


def test_every_stage_answers_what_a_trainee_does(persona: Persona) -> None:
    for stage in SPEAKING_STAGES:
        answered = set(chain.from_iterable(line.after for line in persona.lines[stage]))
        assert answered >= ANSWERED, (stage, ANSWERED - answered)


@pytest.mark.parametrize(
    ("persona_id", "question", "fact"),
    [
        ("moving-house", "How many rooms are there to pack?", "rooms"),
        ("moving-house", "Is there anyone helping you?", "help"),
        ("moving-house", "What are you driving today?", "car"),
        ("moving-house", "Is there a budget you need to stay inside?", "budget"),
        ("moving-house", "When do you have to be out?", "deadline"),
        ("moving-house", "Where are you going to live?", "going_to"),
        ("moving-house", "Can you lift much?", "back"),
        ("moving-house", "Do you have children?", "daughter"),
        ("billing-dispute", "Which plan are you on?", "plan"),
        ("billing-dispute", "How much was it last month?", "jump"),
        ("billing-dispute", "What is the new line on it?", "charge"),
        ("billing-dispute", "What were you told on the first call?", "first_agent"),
        ("billing-dispute", "And the second call?", "second_agent"),
        ("billing-dispute", "May I have your account number?", "account"),
        ("billing-dispute", "And your date of birth?", "second_agent"),
        ("billing-dispute", "Have you paid any of it?", "late_notice"),
        ("billing-dispute", "Is money tight?", "money"),
        ("billing-dispute", "Is your wife at home with you?", "wife_home"),
    ],
)
def test_what_a_trainee_may_ask_has_an_answer(persona_id: str, question: str, fact: str) -> None:
    facts = load(persona_id, [BUILT_IN]).facts
    hits = {each.id: sum(mentions(question, word) for word in each.about) for each in facts}
    assert hits[fact] == max(hits.values()) > 0, hits


def variations(persona_id: str) -> list[Persona]:
    source, problems = read(BUILT_IN / f"{persona_id}.jinja", [BUILT_IN])
    assert source is not None
    built = [build(source, seed) for seed in range(30)]
    assert not problems
    assert not any(faults for _, faults in built)
    return [persona for persona, _ in built if persona is not None]


@pytest.mark.parametrize("persona_id", IDS)
def test_every_variation_reads_right(persona_id: str) -> None:
    for persona in variations(persona_id):
        reads_right(persona)


def reads_right(persona: Persona) -> None:
    beats = [*chain.from_iterable(persona.beats.values())]
    texts = [said.text for said in everything_said(persona)] + [fact.text for fact in persona.facts]
    texts += [persona.card, persona.setting, persona.summary, *beats]
    for text in texts:
        assert not any(sign in text for sign in ("{", "}", "  ", " .", " ,", "$$", "None")), text
        assert text.strip() == text
        assert text[0].isupper() or text[0] in "($…\"'" or text[0].isdigit() or text in beats


@pytest.mark.parametrize("persona_id", IDS)
def test_the_same_seed_is_the_same_person(persona_id: str) -> None:
    assert load(persona_id, [BUILT_IN], 11) == load(persona_id, [BUILT_IN], 11)


@pytest.mark.parametrize("persona_id", IDS)
def test_thirty_seeds_are_many_people(persona_id: str) -> None:
    assert len({persona.card for persona in variations(persona_id)}) > 20
