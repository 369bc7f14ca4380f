"""Lint says everything that is wrong, where, and how to mend it; a sound persona has no problems."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.errors import PersonaError
from simulator.personas import starter
from simulator.personas.lint import Problem, lint
from tests.personas.files import BUILT_IN, line_of, persona_file


def only(path: Path) -> Problem:
    """The single problem of the file at ``path``."""
    problems = lint(path)
    assert len(problems) == 1, problems
    return problems[0]


def test_the_starter_has_no_problems(tmp_path: Path) -> None:
    assert lint(persona_file(tmp_path)) == []


@pytest.mark.parametrize("persona", ["moving-house", "billing-dispute"])
def test_the_built_in_personas_have_no_problems_for_thirty_seeds(persona: str) -> None:
    assert lint(BUILT_IN / f"{persona}.jinja", [BUILT_IN], range(30)) == []


@pytest.mark.parametrize(
    ("old", "new", "field", "said"),
    [
        ("Just tell me straight.", "It cost me $900.", "lines.guarded[2].say", "The figure '900' stands in no fact"),
        ("points at the bike", "says it took twelve weeks", "beats.venting[1]", "The figure '12'"),
        ("Please tell me", "Since Friday. Please tell me", "opening[2]", "The figure 'friday'"),
        ("Just tell me straight.", "Let me check that.", "lines.guarded[2].say", "is how staff speak"),
        ("Just tell me straight.", "I can help you with it.", "lines.guarded[2].say", "is how staff speak"),
        ("Just tell me straight.", "Thank you so much.", "lines.guarded[2].say", "comes too early"),
        ("Just tell me straight.", "I am listening. I'm not happy, but I'm listening.", "lines.guarded[2].say", "also stands in line"),
        ("Just tell me straight.", '"ROBIN: Tell me."', "lines.guarded[2].say", "begins with who says it"),
        ("Just tell me straight.", "Tell me *sighs* straight.", "lines.guarded[2].say", "Stars stand in the line"),
        ("Just tell me straight.", "Tell me (sighs) straight.", "lines.guarded[2].say", "Parentheses stand inside"),
        ("Just tell me straight.", "Tell me. " + "Please. " * 40, "lines.guarded[2].say", "240 are the most"),
        ("Just tell me straight.", '" "', "lines.guarded[2].say", "The line is empty"),
        ("Just tell me straight.", '"Tell me \\e[31m now."', "lines.guarded[2].say", "control character U+001B"),
        ("Just tell me straight.", '"Tell me \\u202e now."', "lines.guarded[2].say", "control character U+202E"),
        ("- angry, let down", "- They are angry, let down", "feelings.venting[1]", "It begins with 'They'"),
        ("- points at the bike", "- Robin points at the bike", "beats.venting[1]", "It begins with 'Robin'"),
        ("cue: thinks", "cue: she thinks", "resurfacing.cue", "It begins with 'she'"),
        ("- close to panic about tomorrow", "- panicking", "feelings.venting[3]", "3 to 12 words"),
        ("when: [take your time]", 'when: ["..."]', "triggers[2].when[1]", "not a word or phrase"),
        ("accepts: [tonight, lend, loan, off the bill]", "accepts: [a unicorn]", "settlement.accepts", "nobody can settle it"),
        ("refuses: [another branch,", "refuses: [tonight,", "settlement.refuses[1]", "is accepted as well"),
        ("about: [paid, pay, cost, price, repair, part]\n", "\n", "facts[price]", "no words ask for it"),
        ("patience: 1.0 ", "patience: 0.6 ", "temperament", "is odd"),
        ("walks_out_at: 9.0", "walks_out_at: 7.0\n  start: 7.0 #", "", "second time"),
        ("vary:\n", "vary:\n  spare: [a, b]\n", "vary.spare", "never used"),
        ("- say: I don't want a speech.\n", "- say: My brother taught me to ride.\n", "lines.guarded[4].say", "tells 'brother'"),
        ("- say: I planned my", "- say: I fell and didn't finish. I planned my", "lines.venting[2].say", "gives away 'last_year'"),
        ("Hi. The ticket", "Hi. My brother taught me to ride. The ticket", "opening[1]", "gives away 'brother'"),
        ("Robin talks fast,", "Robin fell and did not finish last year, talks fast,", "card", "gives away 'last_year'"),
        ("- I was told today. By this counter.", "- I was told today, at 15:40.", "facts[promised].say[2]", "stands in no fact"),
    ],
)  # fmt: skip
def test_one_thing_wrong_is_one_problem_with_its_place(
    tmp_path: Path, old: str, new: str, field: str, said: str
) -> None:
    problems = lint(persona_file(tmp_path, (old, new)))
    assert problems
    assert any(problem.field == field and said in problem.message for problem in problems), problems


def test_a_secret_may_not_be_told_while_venting(tmp_path: Path) -> None:
    path = persona_file(
        tmp_path, ("- say: How does nobody pick up a phone?", "- say: You know who's coming?\n      reveals: brother")
    )
    problem = only(path)
    assert "'brother' (trust) is told in 'venting'" in problem.message
    assert "guarded" in problem.mend


def test_a_stage_with_too_few_lines_is_named(tmp_path: Path) -> None:
    cut = "    - say: Just tell me straight.\n", ""
    more = "    - say: I don't want a speech.\n", ""
    also = "    - say: I keep looking at it as if it'd put itself together.\n", ""
    problems = lint(persona_file(tmp_path, cut, more, also))
    assert [problem.field for problem in problems] == ["lines.guarded", "lines.guarded"]
    assert "has 7 lines; it needs 8" in problems[1].message
    assert "Only 1 lines of 'guarded' fit any turn" in problems[0].message


def test_an_ending_needs_two_lines(tmp_path: Path) -> None:
    path = persona_file(tmp_path, ("    - say: Deal. I'll ride past tomorrow and wave.\n", ""))
    assert "has 1 lines; it needs 2" in only(path).message


def test_a_wrong_label_suggests_the_nearest(tmp_path: Path) -> None:
    path = persona_file(tmp_path, ("after: [restates]", "after: [restate]"))
    problem = only(path)
    assert (problem.line, problem.mend) == (line_of(path, "[restate]"), "Did you mean 'restates'?")


@pytest.mark.parametrize("channel", ["chat", "email"])
def test_nobody_sees_signs_in_writing(tmp_path: Path, channel: str) -> None:
    path = persona_file(tmp_path, ("channel: face_to_face ", f"channel: {channel} "))
    assert any("Nobody sees '(nods once)' in writing" in problem.message for problem in lint(path))


def test_nobody_sees_a_nod_on_the_phone_but_hears_a_breath(tmp_path: Path) -> None:
    said = " ".join(
        problem.message for problem in lint(persona_file(tmp_path, ("channel: face_to_face ", "channel: phone ")))
    )
    assert "Nobody sees '(nods once)' on the phone" in said
    assert "breathes out" not in said


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    path = persona_file(
        tmp_path,
        ("reveals: brother", "reveals: sister"),
        ("Just tell me straight.", "It cost me $900."),
        ("cue: thinks", "cue: she thinks"),
        ("{{ day }}, which", "{{ dya }}, which"),
    )
    said = "\n".join(problem.message for problem in lint(path))
    for part in ("'sister'", "'900'", "'she'", "'dya'"):
        assert part in said


def test_a_problem_of_many_seeds_is_told_once(tmp_path: Path) -> None:
    only(persona_file(tmp_path, ("Just tell me straight.", "On {{ day }} I paid $900.")))


def test_a_variation_that_fails_for_some_seed_is_found(tmp_path: Path) -> None:
    path = persona_file(tmp_path, ("age: 34", "age: \"{{ 34 if day == 'Monday' else 3 }}\""))
    assert "greater than or equal to 16" in only(path).message


def test_a_persona_that_varies_nothing_needs_no_vary(tmp_path: Path) -> None:
    path = persona_file(tmp_path)
    text = path.read_text()
    start, end = text.index("vary:\n"), text.index("name: Robin")
    for name, value in (("{{ day }}", "Monday"), ("{{ repair.price }}", "85"), ("{{ repair.part }}", "the brakes")):
        text = text.replace(name, value)
    text = text[: text.index("vary:\n")] + text[text.index("name: Robin") :]
    path.write_text(text)
    assert start < end
    assert lint(path) == []


def test_a_file_that_is_no_persona_is_one_problem(tmp_path: Path) -> None:
    path = tmp_path / "notes.jinja"
    path.write_text("nothing here")
    assert only(path).line == 1


def test_problems_are_in_the_order_of_the_file(tmp_path: Path) -> None:
    problems = lint(
        persona_file(tmp_path, ("cue: thinks", "cue: she thinks"), ("Hi. The ticket", "Hi. 900. The ticket"))
    )
    assert [problem.line for problem in problems] == sorted(problem.line for problem in problems)


def test_a_problem_reads_as_one_line(tmp_path: Path) -> None:
    path = persona_file(tmp_path, ("cue: thinks", "cue: she thinks"))
    assert str(only(path)) == (
        f"{path}, line {line_of(path, 'cue: she')}, resurfacing.cue: It begins with 'she'. "
        "Leave the subject out: 'stung, nobody heard it'."
    )


def test_a_new_persona_never_replaces_another(tmp_path: Path) -> None:
    path = starter.new("late-bike", tmp_path)
    path.write_text("mine")
    with pytest.raises(PersonaError, match="already"):
        starter.new("late-bike", tmp_path)
    assert path.read_text() == "mine"


@pytest.mark.parametrize("name", ["", "../x", "a/b", "Late Bike", "_base", "x" * 90, "bike.jinja", "-x"])
def test_a_new_persona_needs_a_plain_id(tmp_path: Path, name: str) -> None:
    with pytest.raises(PersonaError, match="cannot be a persona's id"):
        starter.new(name, tmp_path)
    assert list(tmp_path.glob("**/*.jinja")) == []
