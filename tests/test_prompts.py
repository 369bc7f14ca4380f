"""Prompts are files that say what they need, and nothing is sent with a hole in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.errors import PromptError
from simulator.prompts import PromptLibrary, load

BUILT_IN = Path(__file__).parents[1] / "prompts"

GOOD = """---
name: {name}
version: 2
variables:
  who: the customer's name
  lines: what was said
---
You are {{{{ who }}}}.
{{% for line in lines %}}- {{{{ line }}}}
{{% endfor %}}"""


def write(folder: Path, name: str = "speak", text: str = GOOD, **words: str) -> Path:
    folder.mkdir(exist_ok=True, parents=True)
    path = folder / f"{name}.jinja"
    path.write_text(text.format(name=name, **words) if text is GOOD else text)
    return path


def wrong(folder: Path, text: str) -> PromptError:
    write(folder, text=text)
    with pytest.raises(PromptError) as caught:
        PromptLibrary([folder])
    return caught.value


def test_a_prompt_is_rendered_with_its_values(tmp_path: Path) -> None:
    write(tmp_path)
    prompt = PromptLibrary([tmp_path]).get("speak")
    assert prompt.render(who="Ann", lines=["a", "b"]) == "You are Ann.\n- a\n- b\n"
    assert (prompt.version, dict(prompt.variables)) == (
        "2",
        {"who": "the customer's name", "lines": "what was said"},
    )


def test_values_are_never_rendered_again(tmp_path: Path) -> None:
    write(tmp_path)
    text = PromptLibrary([tmp_path]).get("speak").render(who="{{ lines }}", lines=["{% include '/etc/passwd' %}"])
    assert "{{ lines }}" in text
    assert "{% include '/etc/passwd' %}" in text


def test_a_long_transcript_fits(tmp_path: Path) -> None:
    write(tmp_path)
    assert len(PromptLibrary([tmp_path]).get("speak").render(who="Ann", lines=["x" * 4000] * 80)) > 320_000


def test_a_missing_value_is_named(tmp_path: Path) -> None:
    write(tmp_path)
    with pytest.raises(PromptError, match="speak needs lines"):
        PromptLibrary([tmp_path]).get("speak").render(who="Ann")


def test_an_extra_value_is_named(tmp_path: Path) -> None:
    write(tmp_path)
    with pytest.raises(PromptError, match="does not know age"):
        PromptLibrary([tmp_path]).get("speak").render(who="Ann", lines=[], age=3)


def test_a_variable_that_is_not_declared_is_named_with_file_and_line(tmp_path: Path) -> None:
    error = wrong(tmp_path, "---\nname: speak\nversion: 1\nvariables:\n  who: x\n---\n{{ who }}\n\n{{ whom }}\n")
    assert str(tmp_path / "speak.jinja") + ", line 9" in error.message
    assert "'whom'" in error.message
    assert "who?" in error.hint


def test_a_variable_that_is_never_used_is_named_with_file_and_line(tmp_path: Path) -> None:
    error = wrong(tmp_path, "---\nname: speak\nversion: 1\nvariables:\n  who: x\n  age: y\n---\n{{ who }}\n")
    assert "line 6" in error.message
    assert "'age'" in error.message


@pytest.mark.parametrize(
    ("front", "said"),
    [
        ("name: other\nversion: 1\nvariables: {}", "name is not the file's"),
        ("name: speak\nvariables: {}", "'version' is missing"),
        ("name: speak\nversion: 1\nvariables: {}\nmodel: x", "'model' is unknown"),
        ("name: speak\nversion: 1\nvariables: [who]", "not a list of 'name: meaning' lines"),
        ("name: speak\nversion: 1\nvariables: {who: }", "'who' needs a plain name and a meaning"),
        ("name: speak\nversion: 1\nversion: 2\nvariables: {}", "second time"),
    ],
)
def test_front_matter_that_is_wrong_is_explained(tmp_path: Path, front: str, said: str) -> None:
    assert said in wrong(tmp_path, f"---\n{front}\n---\nHello.\n").message


def test_a_slip_in_the_body_has_its_line_in_the_file(tmp_path: Path) -> None:
    assert "line 7" in wrong(tmp_path, "---\nname: speak\nversion: 1\nvariables: {}\n---\nOne.\n{% if %}\n").message


def test_an_unknown_name_suggests_the_nearest(tmp_path: Path) -> None:
    write(tmp_path)
    with pytest.raises(PromptError) as caught:
        PromptLibrary([tmp_path]).get("speek")
    assert "Did you mean speak?" in caught.value.hint


def test_the_trainers_own_prompt_is_found_first(tmp_path: Path) -> None:
    write(tmp_path / "built-in")
    write(tmp_path / "built-in", "close")
    own = write(tmp_path / "own")
    library = PromptLibrary([tmp_path / "own", tmp_path / "built-in"])
    assert library.get("speak").path == own
    assert library.names() == ["close", "speak"]


def test_the_hash_changes_with_the_file_and_with_what_it_includes(tmp_path: Path) -> None:
    (tmp_path / "_part.jinja").write_text("Be short.")
    path = write(tmp_path, text="---\nname: speak\nversion: 1\nvariables: {}\n---\n{% include '_part.jinja' %}\n")
    first = load(path).sha256
    (tmp_path / "_part.jinja").write_text("Be long.")
    second = load(path).sha256
    path.write_text(path.read_text() + "More.\n")
    assert len({first, second, load(path).sha256}) == 3
    assert PromptLibrary([tmp_path]).hashes() == {"speak": load(path).sha256}


def test_files_that_begin_with_an_underscore_are_no_prompts(tmp_path: Path) -> None:
    write(tmp_path, "_part", "Just text.")
    assert PromptLibrary([tmp_path]).names() == []


def test_every_built_in_prompt_loads() -> None:
    assert PromptLibrary([BUILT_IN]).names()
