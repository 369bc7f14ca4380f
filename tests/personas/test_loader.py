"""Finding and reading personas: the right file, the same for the same seed, and errors one can act on."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from simulator.errors import PersonaError
from simulator.personas.loader import check, find, load
from simulator.personas.schema import Persona
from tests.personas.files import BUILT_IN, line_of, persona_file


def refused(path: Path, seed: int = 0) -> PersonaError:
    with pytest.raises(PersonaError) as caught:
        load(path.stem, [path.parent], seed)
    return caught.value


def test_the_starter_loads(tmp_path: Path) -> None:
    persona = load(persona_file(tmp_path).stem, [tmp_path], seed=4)
    assert (persona.id, persona.name, persona.seed) == ("late-bike", "Robin Hale", 4)
    assert persona.card.startswith("Robin Hale is 34")


def test_the_same_seed_gives_the_same_persona(tmp_path: Path) -> None:
    persona_file(tmp_path)
    assert load("late-bike", [tmp_path], 7) == load("late-bike", [tmp_path], 7)


def test_other_seeds_give_other_personas(tmp_path: Path) -> None:
    persona_file(tmp_path)
    assert len({load("late-bike", [tmp_path], seed).card for seed in range(10)}) == 3


def test_what_stands_in_one_group_varies_together(tmp_path: Path) -> None:
    persona_file(tmp_path)
    seen = {load("late-bike", [tmp_path], seed).facts[2].text for seed in range(8)}
    assert seen == {
        "The repair of the back wheel costs $85 and is already paid.",
        "The repair of the brakes costs $60 and is already paid.",
    }


def test_a_range_counts_from_first_to_last(tmp_path: Path) -> None:
    persona_file(
        tmp_path, ("age: 34", 'age: "{{ years }}"'), ("vary:\n", "vary:\n  years: {from: 30, to: 40, step: 5}\n")
    )
    assert {load("late-bike", [tmp_path], seed).age for seed in range(12)} == {30, 35, 40}


def test_name_age_and_pronoun_may_be_used_in_every_field(tmp_path: Path) -> None:
    persona_file(
        tmp_path,
        ("wants: Robin wants", 'wants: "{{ name }}, {{ age }}, {{ pronoun }}:'),
        ("works tomorrow morning.\n", 'works."\n'),
    )
    assert load("late-bike", [tmp_path]).settlement.wants.startswith("Robin Hale, 34, they: ")


def test_values_are_not_rendered_again(tmp_path: Path) -> None:
    persona_file(tmp_path, ("day: [Monday, Tuesday, Wednesday]", 'day: ["{{ age }}"]'))
    assert "{{ age }}" in load("late-bike", [tmp_path]).card


def test_an_unknown_id_suggests_the_nearest_and_lists_all(tmp_path: Path) -> None:
    persona_file(tmp_path)
    persona_file(tmp_path, name="lost-ring")
    with pytest.raises(PersonaError) as caught:
        load("late-bikes", [tmp_path])
    assert "Did you mean late-bike?" in caught.value.hint
    assert "lost-ring" in caught.value.hint


@pytest.mark.parametrize("persona", ["../late-bike", "/etc/passwd", "_base", "", "late-bike.jinja", "LATE-BIKE"])
def test_an_id_is_no_way_to_other_files(tmp_path: Path, persona: str) -> None:
    persona_file(tmp_path)
    (tmp_path / "own").mkdir()
    with pytest.raises(PersonaError):
        load(persona, [tmp_path / "own"])


def test_earlier_folders_shadow_later_ones(tmp_path: Path) -> None:
    own, built_in = tmp_path / "own", tmp_path / "built-in"
    persona_file(own, ("name: Robin Hale", "name: Sam Hale"))
    persona_file(built_in)
    persona_file(built_in, name="lost-ring")
    assert [(entry.id, entry.path.parent, entry.shadowed) for entry in find([own, built_in])] == [
        ("late-bike", own, False),
        ("late-bike", built_in, True),
        ("lost-ring", built_in, False),
    ]
    assert load("late-bike", [own, built_in]).name == "Sam Hale"


def test_bases_and_other_files_are_no_personas(tmp_path: Path) -> None:
    (tmp_path / "_base.jinja").write_text("x")
    (tmp_path / "Notes.jinja").write_text("x")
    (tmp_path / "readme.md").write_text("x")
    assert find([tmp_path, tmp_path / "none"]) == []


def test_the_hash_is_of_the_file_and_its_bases(tmp_path: Path) -> None:
    shutil.copy(BUILT_IN / "_base.jinja", tmp_path)
    shutil.copy(BUILT_IN / "moving-house.jinja", tmp_path)
    first = load("moving-house", [tmp_path], 1).sha256
    assert load("moving-house", [tmp_path], 2).sha256 == first
    with (tmp_path / "_base.jinja").open("a") as base:
        base.write("More.\n")
    assert load("moving-house", [tmp_path], 1).sha256 != first


def test_an_error_names_file_line_field_and_mend(tmp_path: Path) -> None:
    path = persona_file(tmp_path, ("reveal: asked", "reveal: aksed"))
    error = refused(path)
    assert f"{path}, line {line_of(path, 'aksed')}, facts[price].reveal" in error.message
    assert "Did you mean 'asked'?" in error.hint


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("age: 34", "age: young", "cannot be used"),
        ("age: 34", "age: 12", "greater than or equal to 16"),
        ("summary: The", "sumary: The", "'sumary' is not known here"),
        ("channel: face_to_face ", "channel: letter ", "'letter' is not one of the choices"),
        ("reveals: brother", "reveals: sister", "There is no fact 'sister'"),
        ("fact: last_year", "fact: brother", "is told before"),
        ("fact: last_year", "fact: last_yeer", "There is no fact 'last_yeer'"),
        ("- id: race", "- id: promised", "stands twice"),
        ("  settled:\n    - relieved, almost cheerful\n", "", "stage 'settled' is missing"),
        ("dismisses: 1.8", "dismises: 1.8", "'dismises' is not one of the choices"),
        ("name: Robin Hale", "name: Robin Hale\nid: other", "'id' is not written in the front matter"),
        ("say: Sure, ask.", "say: 12", "This is '12', not text"),
        ("cue: thinks", "cue: thinks of {{ dya }},", "It uses 'dya'"),
        ("promised for {{ day }}. It", "promised for {{ dya }}. It", "It uses 'dya'"),
        ("cue: thinks", "cue: thinks {% if %}", "Expected an expression"),
        ("tension: 1.2", "tension: 12", "less than or equal to 4"),
    ],
)
def test_what_cannot_be_played_is_refused_in_plain_words(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert said in refused(persona_file(tmp_path, (old, new))).message


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ("day: Monday", "not choices"),
        ("day: []", "nothing to choose from"),
        ("day: [Monday, {a: 1}]", "Either every choice is a group"),
        ("day: [{a: 1}, {b: 1}]", "Not every group has the same names"),
        ("day: {from: 5, to: 2}", "counts nowhere"),
        ("day: {from: 1, to: 2, step: 0}", "counts nowhere"),
        ("day: {from: 1, to: 1000000000}", "more than 1,000 choices"),
        ("day: [[Monday]]", "A choice is text or a number"),
        ("facts: [Monday]\n  day: [Monday]", "a field of every persona"),
    ],
)
def test_what_cannot_vary_is_refused(tmp_path: Path, new: str, said: str) -> None:
    assert said in refused(persona_file(tmp_path, ("day: [Monday, Tuesday, Wednesday]", new))).message


@pytest.mark.parametrize(
    "body",
    [
        "{% include '/etc/passwd' %}",
        "{% extends '../../etc/passwd' %}",
        "{% for n in range(100000000) %}x{% endfor %}",
        "{{ name.__class__.__mro__ }}",
        "{{ 'a' * 1000000000 }}",
        "",
    ],
)
def test_a_hostile_or_empty_card_is_refused(tmp_path: Path, body: str) -> None:
    path = persona_file(tmp_path)
    front = path.read_text().rsplit("---\n", 1)[0]
    path.write_text(f"{front}---\n{body}\n")
    assert refused(path).message.startswith(str(path))


def test_check_gives_all_problems_at_once(tmp_path: Path) -> None:
    path = persona_file(
        tmp_path,
        ("age: 34", "age: young"),
        ("reveal: asked", "reveal: aksed"),
        ("{{ day }}, which", "{{ dya }}, which"),
    )
    assert len(check(path, [])) == 3


def test_check_gives_nothing_for_a_sound_persona(tmp_path: Path) -> None:
    assert check(persona_file(tmp_path), []) == []


@pytest.mark.parametrize("persona", ["moving-house", "billing-dispute"])
def test_the_built_in_personas_load(persona: str) -> None:
    assert isinstance(load(persona, [BUILT_IN], 1), Persona)
