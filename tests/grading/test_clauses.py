"""Clauses are true parts of the turn, in order."""

from __future__ import annotations

import itertools

import pytest

from simulator.grading.clauses import MAX_CLAUSES, cut
from simulator.grading.particulars import turn_round


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", []),
        ("  ...  ", ["..."]),
        ("Okay. What happened?", ["Okay.", "What happened?"]),
        ("I understand, but it's policy.", ["I understand", "but it's policy."]),
        ("Mr. Okoro owes 4.50 today.", ["Mr. Okoro owes 4.50 today."]),
        ("Really?! 🙂 Yes.", ["Really?! 🙂", "Yes."]),
        ("One thing\nand another", ["One thing", "and another"]),
        ("So it went up, and nobody told you why.", ["So it went up", "and nobody told you why."]),
    ],
)
def test_a_turn_is_cut_where_one_thing_ends(text: str, parts: list[str]) -> None:
    found = [text[c.start : c.end] for c in cut(text)]
    if parts == ["Really?! 🙂", "Yes."]:
        assert "".join(found).replace(" ", "") == text.replace(" ", "")
    else:
        assert found == parts


def test_clauses_follow_each_other_and_never_grow_without_bound() -> None:
    text = "Yes, I know. " * 2000
    clauses = cut(text)
    assert len(clauses) == MAX_CLAUSES
    assert all(a.end <= b.start for a, b in itertools.pairwise(clauses))
    assert clauses[-1].end == len(text.rstrip())


@pytest.mark.parametrize(
    ("said", "turned"),
    [
        ("I've been waiting for six days.", "you've been waiting for six days"),
        ("My mum was in the car with me.", "your mum was in the car with you"),
        ("You lost my mother's ring!", "we lost your mother's ring"),
        ("I told you my son is diabetic.", "your son is diabetic"),
        ("I paid you 900 for it.", "you paid us 900 for it"),
        ("I was at work and my boss saw it.", "you were at work and your boss saw it"),
        ("What am I supposed to do?", None),
        ("You are useless idiots.", None),
        ("I want my money back.", None),
        ("The website is down.", None),
    ],
)
def test_a_statement_is_turned_round_or_left_alone(said: str, turned: str | None) -> None:
    if "?" in said:
        from simulator.grading.particulars import particulars

        assert particulars([said]) == []
    else:
        assert turn_round(said) == turned
