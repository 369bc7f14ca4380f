"""Templates put values in, and whatever else they try ends quickly with a clear error."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from simulator.templates import Limits, Sandbox, TemplateError


def rendered(source: str, dirs: tuple[Path, ...] = (), **values: Any) -> str:
    return Sandbox(dirs).template(source).render(values)


def refused(source: str, dirs: tuple[Path, ...] = (), **values: Any) -> TemplateError:
    started = time.monotonic()
    with pytest.raises(TemplateError) as caught:
        rendered(source, dirs, **values)
    assert time.monotonic() - started < 5
    return caught.value


def test_values_are_put_in() -> None:
    assert rendered("{{ name }} is {{ age }}.", name="Ann", age=40) == "Ann is 40."


def test_values_are_data_and_never_rendered_again() -> None:
    assert rendered("{{ said }}", said="{{ 7 * 7 }}{% for %}") == "{{ 7 * 7 }}{% for %}"


def test_markup_in_values_is_left_alone() -> None:
    assert rendered("{{ said }}", said="<b>&") == "<b>&"


def test_entries_of_a_group_come_before_its_methods() -> None:
    assert rendered("{{ group.items }}", group={"items": 3}) == "3"


def test_loops_choices_and_filters_work() -> None:
    source = "{% for n in range(3) %}{{ loop.index }}{% if not loop.last %}, {% endif %}{% endfor %} {{ 'a'|upper }}"
    assert rendered(source) == "1, 2, 3 A"


def test_reading_methods_work() -> None:
    assert rendered("{{ d.get('x', 'no') }}{% if t.startswith('a') %} yes{% endif %}", d={}, t="ab") == "no yes"


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ ().__class__ }}",
        "{{ range.__globals__ }}",
        "{{ said|attr('__class__') }}",
        "{{ said['__class__'] }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ lipsum.__globals__ }}",
        "{{ self.__init__ }}",
        "{{ '{0.__class__}'.format(said) }}",
        "{{ dict(a=1) }}",
        "{{ said.encode() }}",
        "{{ items.append(1) }}",
        "{{ items.clear() }}",
    ],
)
def test_no_way_out_of_the_sandbox(source: str) -> None:
    refused(source, said="x", items=[1])


@pytest.mark.parametrize(
    "source",
    [
        "{% for n in range(1000000000) %}x{% endfor %}",
        "{% for a in range(999) %}{% for b in range(999) %}{% for c in range(999) %}{% endfor %}{% endfor %}{% endfor %}",
        "{% for a in range(999) if range(999)|list|length %}{{ range(999)|list|length }}{% endfor %}{{ missing }}",
        "{{ 'a' * 10 ** 9 }}",
        "{{ 'a' * 1000000000 }}",
        "{{ [1] * 1000000000 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ '{:1000000000}'.format(1) }}",
        "{{ 'a'.ljust(1000000000) }}",
        "{{ 'a'|center(1000000000) }}",
        "{{ 'aaaa'|replace('', 'b' * 40000) }}",
        "{{ (['a' * 40000] * 900)|join }}",
        "{% set x = 'aaaaaaaaaaaaaaaa' %}" + "{% set x = x ~ x %}" * 60 + "{{ x }}",
        "{% set x = ['a'] %}" + "{% set x = [x, x] %}" * 60 + "{{ x }}",
        "{% set x = ('a',) %}" + "{% set x = (x, x) %}" * 60 + "{% if x == x %}{% endif %}{{ x }}",
        "{% set x = 1 %}" + "{% set x = x * 999999999 %}" * 60 + "{{ x }}",
        "{% for n in range(999) %}" + "b" * 60_000 + "{% endfor %}",
        "{% if x %}" * 90 + "{% endif %}" * 90,
        "{% for n in range(2) %}" * 25 + "{% endfor %}" * 25,
        "{{ " + "(" * 900 + "1" + ")" * 900 + " }}",
        "{{ 1" + "+1" * 9000 + " }}",
        "{{ x }}" * 20_000,
        "{% macro f(n) %}{{ f(n) }}{{ f(n) }}{% endmacro %}{{ f(1) }}",
        "{% block a %}{{ self.a() }}{% endblock %}",
        "{% for n in [1] recursive %}{{ loop([1]) }}{% endfor %}",
        "{% set x %}{% for n in range(999) %}" + "b" * 9_000 + "{% endfor %}{% endset %}",
        "{% filter upper %}{% for n in range(999) %}" + "b" * 9_000 + "{% endfor %}{% endfilter %}",
    ],
    ids=lambda source: source[:40],
)
def test_whatever_would_never_end_or_fill_the_memory_ends_quickly(source: str) -> None:
    refused(source, x=1)


def test_time_runs_out_for_what_is_slow_within_its_steps() -> None:
    slow = Sandbox(limits=Limits(seconds=0.0)).template("{% for n in range(900) %}{{ n }}{% endfor %}")
    with pytest.raises(TemplateError, match="longer than 0 seconds"):
        slow.render({})


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../secret.jinja", "_../../secret.jinja", "plain.jinja", "_none.jinja"]
)
@pytest.mark.parametrize("word", ["include", "extends"])
def test_only_bases_in_the_folders_can_be_read(tmp_path: Path, word: str, name: str) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    (tmp_path / "secret.jinja").write_text("secret")
    (folder / "plain.jinja").write_text("not a base")
    assert "no base" in refused(f"{{% {word} '{name}' %}}", (folder,)).message


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    (tmp_path / "secret").write_text("secret")
    (folder / "_base.jinja").symlink_to(tmp_path / "secret")
    assert "no base" in refused("{% include '_base.jinja' %}", (folder,)).message


def test_the_name_of_a_base_cannot_be_worked_out(tmp_path: Path) -> None:
    assert "in quotes" in refused("{% include name %}", (tmp_path,), name="/etc/passwd").message


def test_bases_that_extend_each_other_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "_a.jinja").write_text("{% extends '_b.jinja' %}")
    (tmp_path / "_b.jinja").write_text("{% extends '_a.jinja' %}")
    refused("{% extends '_a.jinja' %}", (tmp_path,))


def test_a_base_includes_itself_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "_a.jinja").write_text("{% include '_a.jinja' %}")
    refused("{% include '_a.jinja' %}", (tmp_path,))


def test_the_first_folder_that_has_a_base_wins(tmp_path: Path) -> None:
    for name in ("own", "built-in"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "_base.jinja").write_text(f"{name} {{% block b %}}{{% endblock %}}")
    dirs = (tmp_path / "own", tmp_path / "built-in")
    assert rendered("{% extends '_base.jinja' %}{% block b %}x{% endblock %}", dirs) == "own x"


def test_a_missing_value_is_named_with_its_line() -> None:
    error = refused("one\ntwo {{ thrid }}", third=3)
    assert (error.variable, error.line, error.file) == ("thrid", 2, None)


def test_a_missing_part_names_those_there_are() -> None:
    assert "'bil' among bill, usual" in refused("{{ house.bil }}", house={"bill": 1, "usual": 2}).message


def test_an_error_in_a_base_names_the_base_and_its_line(tmp_path: Path) -> None:
    (tmp_path / "_base.jinja").write_text("\n\n{{ missing }}")
    error = refused("{% extends '_base.jinja' %}", (tmp_path,))
    assert (error.file, error.line) == (tmp_path / "_base.jinja", 3)


def test_a_slip_of_the_pen_has_its_line() -> None:
    assert refused("one\ntwo\n{% fro x in y %}").line == 3


@pytest.mark.parametrize("value", [None, True, [1], {"a": 1}, print])
def test_only_text_and_numbers_can_be_put_in(value: object) -> None:
    assert "where text is due" in refused("{{ value }}", value=value).message


def test_a_template_says_what_it_uses_and_what_its_bases_use(tmp_path: Path) -> None:
    (tmp_path / "_base.jinja").write_text("{{ name }}{% block b %}{% endblock %}{{ said }}")
    source = "{% extends '_base.jinja' %}{% set said = 'x' %}\n{% block b %}{{ age }}{% endblock %}"
    template = Sandbox((tmp_path,)).template(source)
    assert template.uses == {"age": 2, "name": None}
    assert template.bases == (tmp_path / "_base.jinja",)


def test_one_rendering_does_not_use_up_the_next() -> None:
    template = Sandbox().template("{% for a in range(99) %}{% for b in range(99) %}{% endfor %}{% endfor %}done")
    assert [template.render({}) for _ in range(3)] == ["done"] * 3
