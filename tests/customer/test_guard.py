"""The guard: which lines a customer may not say, each for its own reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.customer.guard import Surroundings, refusal
from simulator.customer.scenes import load_scenes
from simulator.customer.spoken import repeats, sentences, tidy
from simulator.settings import built_in
from simulator.transcripts.records import Stage
from tests.customer.people import persona


def around(stage: Stage = Stage.VENTING, known: tuple[str, ...] = ("flood",), **changes: object) -> Surroundings:
    values: dict[str, object] = {
        "persona": persona(), "stage": stage, "known": known, "spoken": ("It flooded my kitchen.",),
        "said": ("Can you tell me what happened?",), "note": "worn out; says the floor is ruined",
    }  # fmt: skip
    return Surroundings(**{**values, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("…", "empty"),
        ("I rang and nobody", "cut"),
        (" ".join(["word"] * 61) + ".", "cut"),
        ("Это никуда не годится, всё.", "language"),
        ("AGENT: I see.", "machinery"),
        ("Robin feels angry about the floor.", "machinery"),
        ("</said> I am fine now.", "machinery"),
        ("How can I help you today?", "employee"),
        ("Let me check that for you.", "employee"),
        ("We can offer you a refund.", "employee"),
        ("I understand your frustration.", "employee"),
        ("I'm sorry for the inconvenience.", "employee"),
        ("Thank you for calling us.", "employee"),
        ("Is there anything else I can do?", "employee"),
        ("I paid 640 for that machine!", "figure"),
        ("You said you would come on Thursday!", "figure"),
        ("My late father laid that oak floor.", "leak"),
        ("It flooded my kitchen.", "repeat"),
        ("Can you tell me what happened?", "echo"),
        ("Thank you so much, that sounds great.", "gives_in"),
        ("No problem, I appreciate it.", "gives_in"),
        ("Right. Goodbye.", "goodbye"),
    ],
)
def test_what_a_customer_may_not_say(line: str, rule: str) -> None:
    assert refusal(line, around()) == rule


@pytest.mark.parametrize(
    "line",
    [
        "Nobody rings me back. Nobody!",
        "(slams something down) Is anybody even listening?",
        "Nine days old. Nine!",
        "So I just stand here in the water, do I?",
        "(says nothing, stares)",
    ],
)
def test_what_an_upset_customer_says_passes(line: str) -> None:
    assert refusal(line, around()) is None


def test_a_known_fact_may_be_told_and_its_figures_used() -> None:
    asked = around(known=("flood", "calls"))
    assert refusal("I rang on Monday and got cut off.", asked) is None
    assert refusal("I rang on Monday and got cut off.", around()) in {"figure", "leak"}


def test_a_name_alone_gives_a_hidden_fact_away() -> None:
    facts = [
        *persona().facts[:3],
        {"id": "son", "text": "The son Emil moved out.", "reveal": "trust", "say": ["Emil."]},
    ]
    hidden = around(persona=persona(facts=[f if isinstance(f, dict) else f.model_dump() for f in facts]))
    assert refusal("I told it all to Emil already!", hidden) == "leak"


def test_figures_the_trainee_named_may_be_repeated() -> None:
    assert refusal("Forty minutes? You're joking.", around(said=("It takes 40 minutes.",))) is None


def test_thanks_are_free_once_the_customer_softens() -> None:
    assert refusal("Okay. I appreciate that.", around(Stage.READY)) is None


def test_the_last_line_may_say_goodbye() -> None:
    assert refusal("Right. Bye.", around(Stage.SETTLED, final=True)) is None


def test_real_customers_in_the_example_scenes_are_hardly_ever_taken_for_staff() -> None:
    scenes = load_scenes([built_in("prompts")])
    lines = [line for scene in scenes for line in scene.customer_lines]
    refused = [line for line in lines if refusal(line, around(Stage.READY, final=True)) in {"employee", "machinery"}]
    assert len(lines) > 600
    assert len(refused) / len(lines) < 0.01


def test_a_sentence_said_before_makes_a_repeat_inside_a_longer_line() -> None:
    assert repeats("Well then. Nobody ever rings me back here.", ["Nobody ever rings me back here. Ever."])
    assert not repeats("No.", ["No."[:-1] + ", never again will I."])


def test_a_short_sentence_is_not_said_again_by_itself_to_begin_the_same_line() -> None:
    assert repeats("Nobody rang me.", ["Nobody rang me. All day."])
    assert not repeats("Nobody rang me. I found out at six.", ["Nobody rang me. All day."])
    assert not repeats("Fine then.", ["Fine then. Go on."])


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ('ROBIN (angry): "It leaks. And then', "It leaks."),
        ("Robin: It leaks!", "It leaks!"),
        ("(a long breath) Fine. I will", "(a long breath) Fine."),
        ("It leaks. (angry)", "It leaks."),
        ("  It   leaks.\n", "It leaks."),
        ("half a", ""),
        ("You want me to cry? You want me to cry?", "You want me to cry?"),
        ('She wrote it in the book. "Too cold. Far too', "She wrote it in the book. Too cold."),
    ],
)
def test_candidates_are_tidied_to_whole_sentences(raw: str, shown: str) -> None:
    assert tidy(raw, "Robin Vale") == shown


def test_signs_stay_with_their_sentence() -> None:
    assert sentences("(looks away) No. Never! … Why?") == ["(looks away) No.", "Never!", "…", "Why?"]


def test_scenes_are_read_with_all_their_lines(tmp_path: Path) -> None:
    folder = tmp_path / "scenes"
    folder.mkdir()
    (folder / "x.txt").write_text("About the customer: A man.\nCLERK: Yes?\nJO (cross): No!\n===\n", encoding="utf-8")
    (scene,) = load_scenes([tmp_path])
    assert (scene.word, scene.customer_lines, scene.employee_lines) == ("CLERK", ("No!",), ("Yes?",))
