"""Front matter is plain data with lines; what is odd, doubled or too much is refused where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.front_matter import MAX_BYTES, FrontMatter, FrontMatterError, parse, read


def parsed(text: str) -> FrontMatter:
    return parse(text.encode(), Path("some.jinja"))


def refused(text: str | bytes) -> FrontMatterError:
    with pytest.raises(FrontMatterError) as caught:
        parse(text if isinstance(text, bytes) else text.encode(), Path("some.jinja"))
    return caught.value


def test_data_body_and_their_lines() -> None:
    file = parsed("---\na: 1\nb:\n  - x\n  - c: y\n---\nbody\nmore\n")
    assert file.data == {"a": 1, "b": ["x", {"c": "y"}]}
    assert (file.line(("a",)), file.line(("b", 0)), file.line(("b", 1, "c"))) == (2, 4, 5)
    assert (file.body, file.body_line) == ("body\nmore\n", 7)


def test_a_field_that_is_not_there_has_the_line_of_what_is_around_it() -> None:
    assert parsed("---\na:\n  b: 1\n---\n").line(("a", "missing")) == 2


@pytest.mark.parametrize("word", ["no", "yes", "on", "Off", "12:30", "2024-01-01", "0x1f", "1_000", "<<"])
def test_words_that_yaml_makes_into_something_else_stay_text(word: str) -> None:
    assert parsed(f"---\na: {word}\n---\n").data == {"a": word}


def test_numbers_and_truth_are_read() -> None:
    assert parsed("---\na: 12\nb: -1.5\nc: true\nd:\n---\n").data == {"a": 12, "b": -1.5, "c": True, "d": None}


def test_names_are_always_text() -> None:
    assert parsed("---\na: {1: x, true: y}\n---\n").data == {"a": {"1": "x", "true": "y"}}


def test_a_doubled_name_is_refused_with_both_lines() -> None:
    error = refused("---\na:\n  b: 1\n  c: 2\n  b: 3\n---\n")
    assert error.line == 5
    assert "line 3" in error.message


def test_a_hole_without_quotes_is_explained() -> None:
    error = refused("---\na: 1\nname: {{ name }}\n---\n")
    assert error.line == 3
    assert "quotes" in error.hint


@pytest.mark.parametrize(
    "tag", ["!!python/object/apply:os.system ['true']", "!!python/name:os.system", "!include x", "!!binary eA=="]
)
def test_no_objects_are_made(tag: str) -> None:
    try:
        assert not callable(parsed(f"---\na: {tag}\n---\n").data["a"])
    except FrontMatterError as error:
        assert error.line == 2


def test_a_billion_laughs_are_not_laughed() -> None:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    assert "too many values" in refused("---\n" + "\n".join(rows) + "\n---\n").message


def test_a_value_that_holds_itself_is_refused() -> None:
    refused("---\na: &a [*a]\n---\n")


def test_deep_nesting_is_refused() -> None:
    refused("---\na: " + "[" * 3000 + "]" * 3000 + "\n---\n")


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "large.jinja"
    path.write_bytes(b"---\n" + b"#" * MAX_BYTES)
    with pytest.raises(FrontMatterError, match="larger"):
        read(path)


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FrontMatterError, match="cannot be read"):
        read(tmp_path / "none.jinja")


def test_a_file_that_is_not_text_says_where() -> None:
    assert refused(b"---\na: 1\nb: \xff\n---\n").line == 3


def test_control_characters_are_refused_with_their_line() -> None:
    error = refused("---\na: 1\nb: \x1b[31m\n---\n")
    assert error.line == 3


@pytest.mark.parametrize(
    "text", ["", "no front matter", "---\na: 1\n", "---\n- a\n---\n", "---\n---\n", "---\na: [\n---\n"]
)
def test_what_is_no_front_matter_is_refused(text: str) -> None:
    refused(text)


def test_other_line_ends_and_a_byte_order_mark_do_no_harm() -> None:
    file = parse("\ufeff---\r\na: 1\r\n---\r\nbody\r\n".encode(), Path("some.jinja"))
    assert (file.data, file.body) == ({"a": 1}, "body\n")
