"""What a text means as a vector, and what turns of like meaning carry."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.grading import likeness
from simulator.grading.corpus import LabelledTurn, read_corpus
from simulator.grading.features import TurnView, view
from simulator.grading.meaning import SIZE, encoder, known, meaning, text_key, topic
from simulator.labels import Label, Mark


@pytest.mark.parametrize(
    ("one", "other"), [("Café", "cafe"), ("don’t", "don't"), ("Ça  va\n?", "ca va ?"), ("well…", "well…\x07")]
)
def test_case_accents_quotes_and_control_signs_make_no_difference(one: str, other: str) -> None:
    assert encoder().pieces(one) == encoder().pieces(other) != []


def test_a_word_is_cut_into_known_pieces_and_what_has_none_is_unknown() -> None:
    assert len(encoder().pieces("unhelpfulness")) > 1
    assert len(encoder().pieces("help")) == 1
    assert len(set(encoder().pieces("не слышу"))) == 1
    assert encoder().pieces("x" * 500) == encoder().pieces("не")


@pytest.mark.parametrize("text", ["", " \n", "\x00"])
def test_no_word_means_nothing(text: str) -> None:
    assert not meaning(text).any()
    assert not topic(text).any()


@pytest.mark.parametrize("text", ["ok", "No!", "…", "no " * 5000, "Take your time, I'm here."])
def test_a_vector_has_length_one_and_is_the_same_every_time(text: str) -> None:
    for of in (meaning, topic):
        vector = of(text)
        assert vector.shape == (SIZE,)
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-3)
        assert (vector == of(text)).all()


@pytest.mark.parametrize(
    ("said", "alike", "other"),
    [
        ("Nobody forced you to buy it.", "No one made you sign.", "We close at six on Saturdays."),
        ("That must have been terrifying for you.", "How frightening for you.", "What is your account number?"),
        (
            "Have you got your order number there?",
            "What's the reference on the receipt?",
            "Take all the time you need.",
        ),
    ],
)
def test_the_same_in_other_words_lies_nearer_than_something_else(said: str, alike: str, other: str) -> None:
    assert meaning(said) @ meaning(alike) > meaning(said) @ meaning(other)


def test_the_order_of_words_counts_for_the_meaning_and_not_for_the_topic() -> None:
    one, other = "the customer shouted at the clerk", "the clerk shouted at the customer"
    assert not np.allclose(meaning(one), meaning(other), atol=1e-3)
    assert np.allclose(topic(one), topic(other), atol=1e-3)


def test_the_meaning_of_every_turn_of_the_corpus_is_at_hand_and_true() -> None:
    said = [turn.trainee for _, _, turn in read_corpus().turns()]
    assert {text_key(text) for text in said} <= known().keys(), "run: python -m benchmarks.grading.encoder"
    for text in said[:: len(said) // 8]:
        assert np.abs(encoder().meaning(text) - known()[text_key(text)]).max() < 0.002


def labelled(said: str, before: str, *labels: Label) -> tuple[LabelledTurn, TurnView]:
    return LabelledTurn(before, said, tuple(Mark(label, said) for label in labels)), view(said, before)


RUDE = ["Nobody forced you to come here.", "Go and cry to somebody else.", "Your problem, not mine.", "Oh, boo hoo."]
KIND = ["Tell me what happened.", "What worries you most?", "How long has it been?", "How are the children taking it?"]


def test_turns_of_like_meaning_lend_their_labels() -> None:
    likely = likeness.fit(
        [labelled(said, "I lost my job.", Label.HOSTILE) for said in RUDE]
        + [labelled(said, "I lost my job.", Label.ASKS_OPEN) for said in KIND]
    )
    shares = dict(zip(Label, likely.shares(view("No one made you come.", "I've lost my work.")), strict=True))
    assert shares[Label.HOSTILE] > shares[Label.ASKS_OPEN]
    shares = dict(zip(Label, likely.shares(view("What happened to you?", "I've lost my work.")), strict=True))
    assert shares[Label.ASKS_OPEN] > shares[Label.HOSTILE]


def test_a_trainers_turn_overrules_what_was_known() -> None:
    likely = likeness.fit([labelled(said, "I lost my job.", Label.HOSTILE) for said in RUDE])
    own = labelled(RUDE[0], "I lost my job.", Label.DISMISSES)
    before = dict(zip(Label, likely.shares(own[1]), strict=True))
    after = dict(zip(Label, likely.adapted([own], weight=5).shares(own[1]), strict=True))
    assert before[Label.HOSTILE] > 0.9
    assert after[Label.HOSTILE] < 0.2
    assert before[Label.DISMISSES] < 0.1
    assert after[Label.DISMISSES] > 0.8
