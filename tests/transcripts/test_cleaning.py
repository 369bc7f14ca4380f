"""What ``clean`` promises of everything that is shown or exported."""

from __future__ import annotations

import random

import pytest

from simulator.cleaning import clean, one_line


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x9b2Jgone", "gone"),
        ("a\x1b]0;title\x07b", "ab"),
        ("a\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\b", "alinkb"),
        ("a\x1bP+q544e\x1b\\b", "ab"),
        ("a\x9d52;c;AAAA\x9cb", "ab"),
        ("a\x1bcb", "ab"),
        ("a\x1b(Bb", "ab"),
        ("bell\x07 null\x00 del\x7f c1\x90", "bell null del c1"),
        ("one\r\ntwo\rthree\u2028four\x85five", "one\ntwo\nthree\nfour\nfive"),
        ("tab\there", "tab\there"),
        ("\u202egnp.exe\u202c \u2066x\u2069", "gnp.exe x"),
        ("ze\u200bro\ufeff wi\u00addth", "zero width"),
        ("lone \ud800 half", "lone \ufffd half"),
        ("tags\U000e0041\U000e0042", "tags"),
        ("Grüße, naïve café — “quoted” 你好 👋🏽", "Grüße, naïve café — “quoted” 你好 👋🏽"),
    ],
)
def test_only_what_a_reader_should_see_is_left(given: str, shown: str) -> None:
    assert clean(given) == shown


def test_an_unended_sequence_hides_nothing_behind_it() -> None:
    assert clean("before\x1b]0;the rest\nof the talk") == "before0;the rest\nof the talk"


@pytest.mark.parametrize("text", ["می‌خواهم", "क्‍ष", "👩‍🚒", "🏳️‍🌈"])
def test_joiners_stay_where_the_script_needs_them(text: str) -> None:
    assert clean(text) == text


def test_joiners_between_latin_letters_go() -> None:
    assert clean("pass\u200dword a\u200cb\u200d") == "password ab"


def test_cleaning_twice_changes_nothing() -> None:
    draw = random.Random(7)  # noqa: S311
    alphabet = "a[]0;m\\ \n\r\t\x1b\x07\x9b\x9c\x9d\x90\u200b\u200c\u200d\u202e\u0915\u0937\ufe0f👩\ud800\u2028P"
    for _ in range(3000):
        once = clean("".join(draw.choices(alphabet, k=draw.randint(0, 12))))
        assert clean(once) == once
        assert "\x1b" not in once


def test_hostile_text_takes_time_in_proportion_to_its_length() -> None:
    for text in ("\x1b]" * 200_000, "\x9d" * 400_000, "\x1b[" + "0" * 400_000, "\u200d" * 400_000):
        clean(text)


def test_one_line_has_no_breaks() -> None:
    assert one_line("  Dana\n\tWhite\u2029 \x1b[1m!") == "Dana White !"
