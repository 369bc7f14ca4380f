"""What the customer's words tell without their mood being known."""

from __future__ import annotations

import pytest

from simulator.grading.hearing import attacks, resurfaces, signals_readiness, upset


@pytest.mark.parametrize(
    "text",
    [
        "Okay.",
        "(breathes out) Okay... so what now?",
        "...okay. Thank you.",
        "That's it exactly.",
        "Alright. What can you do?",
        "*nods* Right.",
        "Thank you for listening.",
        "So what are my options?",
        "Sorry for shouting.",
    ],
)
def test_a_sign_of_readiness(text: str) -> None:
    assert signals_readiness(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I've rung three times!",
        "Fine, but nobody listens to me.",
        "Okay, so you don't care. Great.",
        "Thanks for nothing.",
        "That's it? After all that?",
        "OKAY?! You call that okay?!",
        "Are you even listening?",
        "So you're telling me it's my fault? Unbelievable.",
    ],
)
def test_no_sign_of_readiness(text: str) -> None:
    assert not signals_readiness(text)


@pytest.mark.parametrize(
    "text", ["I'm so scared.", "This is ridiculous!", "You're useless.", "WHY does nobody answer?"]
)
def test_upset(text: str) -> None:
    assert upset(text)


@pytest.mark.parametrize("text", ["", "The number is 4471.", "It's the blue one."])
def test_calm(text: str) -> None:
    assert not upset(text)


def test_going_for_the_person() -> None:
    assert attacks("You're a liar!")
    assert not attacks("The bill is a joke.")


def test_feeling_comes_back_with_something_new() -> None:
    opening = ["I have to be out of the house by Friday."]
    assert resurfaces(opening, "My husband left, that's why. I cry every night in that kitchen.")
    assert not resurfaces(opening, "By Friday, as I said.")
    assert not resurfaces([], "My husband left and I cry every night.")
    assert not resurfaces(opening, "Are you calling me a liar?")
