"""Coaching is true to what was said, promises nothing, and its rewrites are better by the labeler's own word."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.errors import VoiceError
from simulator.grading.coaching import is_better, texts, worth, written_coaching
from simulator.grading.corpus import read_corpus
from simulator.grading.evaluator import speaks_of_marks
from simulator.grading.faults import customer_before
from simulator.grading.labeler import EmbeddedLabeler, label_conversation
from simulator.grading.levels import LAPSES, levels
from simulator.grading.model_coaching import model_coaching
from simulator.grading.rubric import Rubric
from simulator.grading.scorecard import Coaching
from simulator.labels import Label, Mark, TurnLabels
from simulator.prompts import PromptLibrary
from simulator.transcripts.records import BareTranscript, BareTurn, Role
from tests.grading.conftest import KIND, MIXED, POOR, RUDE, FakeModel


def coached(bare: BareTranscript, labeler: EmbeddedLabeler, rubric: Rubric) -> Coaching:
    labels = label_conversation(labeler, bare)
    return written_coaching(bare, labels, levels(bare.turns, labels, rubric), labeler)


def from_corpus() -> list[BareTranscript]:
    made = []
    for conversation in read_corpus().conversations[::25]:
        turns = []
        for turn in conversation.turns:
            turns += [BareTurn(role=Role.CUSTOMER, text=turn.customer), BareTurn(role=Role.TRAINEE, text=turn.trainee)]
        made.append(BareTranscript(id=conversation.id, setting=conversation.channel, turns=tuple(turns)))
    return made


@pytest.mark.parametrize("bare", [KIND, MIXED, POOR, RUDE, *from_corpus()], ids=lambda bare: bare.id)
def test_written_coaching_keeps_its_promises(labeler: EmbeddedLabeler, rubric: Rubric, bare: BareTranscript) -> None:
    coaching = coached(bare, labeler, rubric)
    assert coaching.strength
    assert coaching.next_time
    assert "{" not in coaching.strength + coaching.next_time
    assert len({rewrite.turn for rewrite in coaching.rewrites}) == len(coaching.rewrites) <= 3
    for rewrite in coaching.rewrites:
        assert rewrite.said in bare.turns[rewrite.turn].text
        assert rewrite.better != rewrite.said
        assert "{" not in rewrite.better
        heard = customer_before(bare, rewrite.turn)
        before, earlier = (heard[-1] if heard else ""), tuple(heard[:-1])
        was, now = labeler.label(rewrite.said, before, earlier), labeler.label(rewrite.better, before, earlier)
        assert worth(now) > worth(was)
        assert not now.labels & LAPSES


def test_the_coachs_own_sentences_promise_no_marks() -> None:
    for group in ("strengths", "next_time"):
        assert not any(speaks_of_marks(entry["text"]) for entry in texts()[group])
    for group in ("acknowledging", "closing"):
        assert not any(speaks_of_marks(text) for text in texts()[group])


def test_the_gravest_fault_is_named_first(labeler: EmbeddedLabeler, rubric: Rubric) -> None:
    assert "breath" in coached(RUDE, labeler, rubric).next_time
    assert "before you mend it" in coached(POOR, labeler, rubric).next_time


def test_a_rewrite_uses_the_customers_own_words(labeler: EmbeddedLabeler, rubric: Rubric) -> None:
    said = " ".join(rewrite.better for rewrite in coached(POOR, labeler, rubric).rewrites).casefold()
    assert any(
        words in said for words in ("you do the sums every night", "your daughter's school trip", "your third call")
    )


def test_every_fault_and_label_the_coach_speaks_of_exists() -> None:
    assert all(Label(entry["label"]) for entry in texts()["strengths"])
    named = [entry["fault"] for entry in texts()["next_time"]]
    assert len(named) == len(set(named))


def test_better_means_no_new_harm() -> None:
    def given(*labels: Label) -> TurnLabels:
        return TurnLabels.of(Mark(label, "x") for label in labels)

    assert is_better(given(Label.DISMISSES), given(Label.RESTATES))
    assert is_better(given(), given(Label.ACKNOWLEDGES_SPECIFIC))
    assert not is_better(given(), given(Label.ACKNOWLEDGES_SPECIFIC, Label.DISMISSES))
    assert not is_better(given(Label.RESTATES), given(Label.RESTATES))
    assert not is_better(given(), given(Label.ACKNOWLEDGES_SPECIFIC, Label.MANIPULATES_GRADER))


BETTER = "You do the sums every night and it doesn't work out. No wonder you're worn out. What worries you most?"


async def by_model(
    model: Any, bare: BareTranscript, labeler: EmbeddedLabeler, rubric: Rubric, prompts: PromptLibrary
) -> Any:
    labels = label_conversation(labeler, bare)
    judgement = levels(bare.turns, labels, rubric)
    written = written_coaching(bare, labels, judgement, labeler)
    return written, await model_coaching(model, prompts, bare, labels, judgement, labeler, written)


async def test_a_models_coaching_is_taken_where_it_passes(
    labeler: EmbeddedLabeler, rubric: Rubric, prompts: PromptLibrary
) -> None:
    answer = {
        "strength": 'You stayed polite: "Please calm down" was said without shouting.',
        "next_time": "Say first what the bill does to her evenings.",
        "rewrites": [{"turn": 3, "instead": BETTER}],
    }
    _, coaching = await by_model(FakeModel(answer), POOR, labeler, rubric, prompts)
    assert coaching.strength == answer["strength"]
    assert coaching.next_time == answer["next_time"]
    assert [r.better for r in coaching.rewrites if r.turn == 3] == [BETTER]


@pytest.mark.parametrize(
    "answer",
    [
        {"strength": "You get a level 4.", "next_time": "Then you pass.", "rewrites": []},
        {
            "strength": 'You said "I am so glad you came".',
            "next_time": 'Never say "hello there" again.',
            "rewrites": [],
        },
        {"strength": "", "next_time": "x" * 2000, "rewrites": [{"turn": 3, "instead": "Calm down, it's only a bill."}]},
        {"strength": "", "next_time": "", "rewrites": [{"turn": 3, "instead": f"{BETTER} I'll pay you 500 back."}]},
        {"strength": "", "next_time": "", "rewrites": [{"turn": 3, "instead": f"{BETTER} This is a level 4."}]},
        {"strength": "", "next_time": "", "rewrites": [{"turn": 99, "instead": BETTER}]},
        VoiceError("No answer."),
    ],
    ids=[
        "marks",
        "false quotes",
        "too long and worse",
        "invented figure",
        "marks in a rewrite",
        "no such turn",
        "no answer",
    ],
)
async def test_what_fails_the_check_is_replaced_by_the_written_coach(
    labeler: EmbeddedLabeler, rubric: Rubric, prompts: PromptLibrary, answer: Any
) -> None:
    written, coaching = await by_model(FakeModel(answer), POOR, labeler, rubric, prompts)
    assert coaching == written


async def test_a_small_model_is_asked_for_one_rewrite_as_a_scene(
    labeler: EmbeddedLabeler, rubric: Rubric, prompts: PromptLibrary
) -> None:
    better = (
        "From 62 to 148, and it's your third call. No wonder you're worn out and worried. What worries you most about it? "
        "Take your time, I'm listening."
    )
    model = FakeModel(lines=["Can I have your number?", better], prompting="scene")
    written, coaching = await by_model(model, POOR, labeler, rubric, prompts)
    assert coaching.rewrites[0].better in {better, written.rewrites[0].better}
    assert coaching.rewrites[1:] == written.rewrites[1:]
    assert model.prompts[0].rstrip().endswith("Better answer:")
    assert not model.asked


@pytest.mark.parametrize(
    "rambling",
    [
        "No wonder you're worn out. What's your name? What's your number? What's the time?",
        "Marvellous, you must be worn out. Marvellous, no wonder. Marvellous, that hurts.",
        "You must be worn out by three calls. Can I have your account number?",
    ],
)
async def test_a_rewrite_that_interrogates_or_runs_in_a_circle_is_refused(
    rambling: str, labeler: EmbeddedLabeler, rubric: Rubric, prompts: PromptLibrary
) -> None:
    model = FakeModel(lines=[rambling], prompting="scene")
    written, coaching = await by_model(model, POOR, labeler, rubric, prompts)
    assert coaching == written
