"""The customer bench: every measure finds a planted fault and passes a clean session; one tiny run end to end."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.customer import __main__ as bench
from benchmarks.customer.cases import FOLDER, ScriptError, choose, read_script, read_scripts
from benchmarks.customer.course import moves
from benchmarks.customer.judge import Judge, bare, read_lines, solution_offered
from benchmarks.customer.measures import AUTHORS, measures
from benchmarks.customer.play import Played, Said, play, play_plain
from benchmarks.customer.report import page
from simulator import prompts as prompt_files
from simulator.customer.voice import ScriptedVoice
from simulator.labels import Label, Mark, TurnLabels
from simulator.models.protocol import Chunk, ModelInfo
from simulator.prompts import PromptLibrary
from simulator.settings import built_in
from tests.customer.people import persona

ROBIN = persona()
OPENING = "Your machine has wrecked my kitchen and nobody rings me back."


class Listed:
    """A judge for tests of the measures: employees are those who help."""

    def employee(self, texts: Sequence[str]) -> list[float]:
        return [0.99 if "help you" in text else 0.1 for text in texts]


class Named:
    """A labeler for tests: the words of a turn before a colon name its labels."""

    def label(self, said: str, before: str, earlier: Sequence[str] = ()) -> TurnLabels:
        names = said.split(":", 1)[0].split() if ":" in said else []
        return TurnLabels.of(Mark(Label(name), said) for name in names)


MEASURES = measures(Listed())  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge()


def customer(text: str, tension: float = 6.0, stage: str = "guarded", part: str = "answer", **more: Any) -> Said:
    return Said("customer", text, part=part, tension=tension, stage=stage, **{"known": ("flood",), **more})


def session(*lines: Said, ending: str = "walked_out", **more: Any) -> Played:
    """A session of ``lines`` after an opening; the trainee says something sorry before each of them."""
    turns = [customer(OPENING, 7.0, "venting", "opening")]
    for line in lines:
        turns += [Said("trainee", "Sorry about that.", labels=("apologises",)), line]
    values = {
        "persona": ROBIN.id,
        "seed": 0,
        "script": "kind-x",
        "kind": "kind",
        "expect": "any",
        "voice": "local",
        "model": "m",
    }
    return Played(**{**values, "turns": tuple(turns), "ending": ending, "turn_limit": 14, "start": 7.0, **more})


CLEAN = session(
    customer("(folds his arms) Sorry won't dry the floorboards.", 6.6),
    customer("It came through the ceiling below, the neighbour has a bucket out.", 6.2),
    customer("…Okay. Go on, then. What happens now?", 3.5, "ready"),
    customer("All right. That will do.", 2.0, "settled", "final"),
    ending="settled",
    expect="settled",
)


@pytest.mark.parametrize("name", MEASURES)
def test_a_clean_session_has_no_fault(name: str) -> None:
    count = MEASURES[name](CLEAN, ROBIN)

    assert count.faults == []
    assert count.of or name in ("harmful turn lowered tension", "rude turn lowered tension")


PLANTED = {
    "role flips": session(customer("Of course. How can I help you today?")),
    "solutions offered by the customer": session(customer("Fine. I can refund the machine for you.")),
    "secrets told too soon": session(customer("My daughter has asthma, she coughs.")),
    "facts told unasked": session(customer("I rang on Monday and was cut off in the middle.")),
    "leaked notes": session(customer("[about the customer: furious]")),
    "invented figures": session(customer("I have paid 450 for it.")),
    "repeats": session(
        customer("Nobody ever rings me back, you know."), customer("(sighs) Nobody ever rings me back, you know!")
    ),
    "empty or cut": session(customer("And then the water came through the")),
    "wrong language": session(customer("Das ist nicht mein Problem und ich will auch noch eine Antwort.")),
    "too early endings": session(customer("All right. That will do.", 2.0, "settled", "final"), ending="settled"),
    "never-ending": session(*[customer(f"Number {n}, and still wet.") for n in "abcdefghijklmno"]),
    "helpful turn raised tension": session(customer("Sorry! Sorry is all I get from you.", 7.5)),
    "harmful turn lowered tension": session(customer("Well. You may be right.", 6.0)),
    "rude turn lowered tension": session(customer("Well. You may be right.", 6.0), kind="rude"),
    "ending not as expected": session(customer("Enough.", 9.0), expect="settled", ending="walked_out"),
}
PLANTED["harmful turn lowered tension"] = replace(
    PLANTED["harmful turn lowered tension"],
    turns=tuple(
        replace(turn, labels=("dismisses",)) if turn.role == "trainee" else turn
        for turn in PLANTED["harmful turn lowered tension"].turns
    ),
)


@pytest.mark.parametrize("name", MEASURES)
def test_a_planted_fault_is_found(name: str) -> None:
    assert len(MEASURES[name](PLANTED[name], ROBIN).faults) == 1


def test_facts_are_no_leak_once_they_may_be_spoken_of() -> None:
    told = session(customer("My daughter has asthma, she coughs.", known=("flood", "asthma")))

    assert MEASURES["secrets told too soon"](told, ROBIN).faults == []


def test_a_figure_of_a_hidden_fact_is_not_invented() -> None:
    assert MEASURES["invented figures"](session(customer("Nine days. On Monday you cut me off.")), ROBIN).faults == []


@pytest.mark.parametrize(
    ("line", "direction", "leaked"),
    [
        ("She says the floor is ruined for good.", "worn out; says the floor is ruined; she waits", True),
        ("The floor is ruined for good.", "worn out; says the floor is ruined", False),
        ("It flooded my kitchen.", "sharp; tells it: It flooded my kitchen.", False),
        ("ROBIN: It flooded my kitchen.", "", True),
    ],
)
def test_fragments_of_the_direction_are_leaks_and_what_it_tells_is_not(line: str, direction: str, leaked: bool) -> None:
    played = session(customer(line, direction=direction))

    assert bool(MEASURES["leaked notes"](played, ROBIN).faults) is leaked


def test_a_line_that_speaks_on_after_the_last_is_never_ending() -> None:
    final = customer("All right.", 2.0, "settled", "final")

    assert MEASURES["never-ending"](session(final, customer("And another thing.")), ROBIN).faults


def test_the_authors_own_lines_are_marked_when_the_judge_accuses_them() -> None:
    own = persona(opening=["Who can help you people count?"])
    played = session(customer("Who can help you people count?"))

    assert AUTHORS in MEASURES["role flips"](played, own).faults[0].why


@pytest.mark.parametrize(
    ("labels", "text", "stage", "sort"),
    [
        (("acknowledges_specific", "restates"), "So it is wet.", "venting", "helpful"),
        (("offers_solution",), "I send someone.", "venting", "hurting"),
        (("offers_solution",), "I send someone.", "ready", "mixed"),
        (("acknowledges_specific", "dismisses"), "So wet, but no drama.", "venting", "mixed"),
        (("apologises",), "Sorry, love.", "venting", "trigger"),
    ],
)
def test_which_turns_are_judged_by_what(labels: tuple[str, ...], text: str, stage: str, sort: str) -> None:
    played = session(customer("Hm. It is still wet in there."))
    opening, said, answer = played.turns
    played = replace(played, turns=(replace(opening, stage=stage), replace(said, text=text, labels=labels), answer))

    assert [move.sort for move in moves(played, ROBIN)] == [sort]


# -- the judge -------------------------------------------------------------------------------------------------------


def test_the_judges_lines_are_many_balanced_and_of_its_own() -> None:
    lines = read_lines()
    employees = sum(employee for _, employee in lines)

    assert len(lines) >= 420
    assert abs(2 * employees - len(lines)) <= 0.02 * len(lines)
    assert len({text for text, _ in lines}) == len(lines)


def test_the_judge_tells_service_talk_from_complaint(judge: Judge) -> None:
    service = [
        "I understand how you feel. What can I do for you today?",
        "I can offer you a discount on your next order.",
    ]
    complaint = ["I've waited three weeks and nobody has rung me.", "(sighs) It's dark in there and it smells."]

    assert min(judge.employee(service)) > 0.75
    assert max(judge.employee(complaint)) < 0.5
    assert judge.employee(["(looks away)", ""]) == [0.0, 0.0]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("I'll refund you the whole amount.", True),
        ("Would you like me to send somebody out?", True),
        ("Let's start with the kitchen, then.", True),
        ("You said I could exchange it.", False),
        ("Can you refund it or not?", False),
        ("Let's see if you mean it this time.", False),
        ('"We can offer you a voucher." That is what she said.', False),
    ],
)
def test_solutions_offered_by_a_customer(text: str, found: bool) -> None:
    assert bool(solution_offered(text)) is found


def test_signs_are_not_words() -> None:
    assert bare("(nods) Well. (shrugs) Fine.") == "Well. Fine."


# -- scripts and the run ---------------------------------------------------------------------------------------------


def test_all_scripts_can_be_played_and_cover_every_kind() -> None:
    scripts = read_scripts()

    assert len(scripts) >= 40
    assert len({script.kind for script in scripts.values()}) == 8
    assert set(read_scripts("rude-any-*")) == {path.stem for path in FOLDER.glob("rude-any-*.txt")}


def test_a_script_without_its_first_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "odd.txt"
    path.write_text("Hello.\n", encoding="utf-8")

    with pytest.raises(ScriptError, match=r"odd\.txt"):
        read_script(path)


def test_a_limit_takes_an_even_mix_and_keeps_personas_together() -> None:
    scripts = read_scripts()
    cases = choose(["a", "b"], 2, scripts, limit=16)

    assert len(cases) == 16
    assert {(case.persona, scripts[case.script].kind) for case in cases} == {
        (p, k) for p in "ab" for k in {s.kind for s in scripts.values()}
    }
    assert cases == sorted(cases)
    assert choose(["a", "b"], 2, scripts, limit=16) == cases


async def test_a_script_is_played_through_the_real_session() -> None:
    script = replace(
        read_scripts("rude-any-01")["rude-any-01"],
        lines=("asks_process: number?", "hostile: idiot", "hostile: oaf", "more"),
    )
    prompts = PromptLibrary([built_in("prompts")])

    played = await play(ROBIN, script, ScriptedVoice(), Named(), prompts)

    assert played.ending == "walked_out"
    assert played.trainee_turns < 4
    assert played.customer[0][1].part == "opening"
    assert played.customer[-1][1].part == "final"
    assert [move.sort for move in moves(played, ROBIN)] == ["hurting"] * played.trainee_turns
    assert all(turn.first is not None and turn.whole is not None for _, turn in played.customer[1:])
    assert [name for name, measure in MEASURES.items() if measure(played, ROBIN).faults] == []
    json.dumps(played.as_json())


async def test_a_script_played_in_a_loop_ends_by_itself() -> None:
    script = replace(read_scripts("silent-any-01")["silent-any-01"], lines=("apologises: sorry",))

    played = await play(ROBIN, script, ScriptedVoice(), Named(), PromptLibrary([built_in("prompts")]), loop=True)

    assert played.ending != "trainee_left"


class Polite:
    """A model that answers as small models do."""

    info = ModelInfo("local", "polite", "scene")

    async def chat(self, messages: Any, sampling: Any) -> Any:
        assert ROBIN.facts[-1].text in messages[0].content
        yield Chunk(0, "I understand. How can I ")
        yield Chunk(0, "help you?", finished="stop")


async def test_the_plain_chat_has_words_and_no_mood() -> None:
    script = read_scripts("kind-any-01")["kind-any-01"]

    played = await play_plain(ROBIN, script, Polite(), prompt_files.load(bench.PLAIN), OPENING)  # type: ignore[arg-type]
    text = page([(played, ROBIN)], MEASURES, Listed(), None)  # type: ignore[arg-type]

    assert played.ending == "script_end"
    assert len(MEASURES["role flips"](played, ROBIN).faults) == len(script.lines)
    assert "| never-ending | – |" in text
    assert "fall-backs" not in text


def test_a_tiny_run_writes_its_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, judge: Judge, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench.EmbeddedLabeler, "load", lambda settings: Named())
    monkeypatch.setattr(bench, "Judge", lambda: judge)
    out, report = tmp_path / "s.jsonl", tmp_path / "s.md"

    status = bench.main(
        ["--personas", "moving-house,nobody", "--scripts", "silent-any-*", "--limit", "2", "--seeds", "2", "--no-judge-quality",
         "--out", str(out), "--report", str(report)]
    )  # fmt: skip

    assert status == 0
    assert [json.loads(line)["persona"] for line in out.read_text().splitlines()] == ["moving-house"] * 2
    assert "| role flips | 0 |" in report.read_text()
    assert "skipped nobody" in report.read_text()
    assert "2/2 moving-house" in capsys.readouterr().err


def test_breaking_off_reports_what_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, judge: Judge, capsys: pytest.CaptureFixture[str]
) -> None:
    async def two(given: Any, settings: Any, plan: Any, done: Any) -> None:
        done.append((CLEAN, ROBIN))
        raise KeyboardInterrupt

    monkeypatch.setattr(bench, "perform", two)
    monkeypatch.setattr(bench, "Judge", lambda: judge)

    assert bench.main(["--personas", "moving-house", "--limit", "3", "--no-judge-quality"]) == 1
    assert "broken off after 1 of 3 sessions" in capsys.readouterr().out
