"""Figures in spoken text: sums, counts, weekdays, months and times, in one form so that they compare."""

from __future__ import annotations

import re

_SMALL = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
sixteen seventeen eighteen nineteen"""
_UNITS = {word: value for value, word in enumerate(_SMALL.split())}
_TENTHS = "twenty thirty forty fifty sixty seventy eighty ninety"
_TENS = {word: 10 * value for value, word in enumerate(_TENTHS.split(), 2)}
_SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
_NAMES = """monday tuesday wednesday thursday friday saturday sunday january february april june july august
september october november december"""
_NAMED = frozenset(_NAMES.split())
"""'May' and 'march' are left out: as words they are far more common than as months."""
_FREE = frozenset({"0", "1"})
"""'One' is a pronoun more often than a figure."""
_TOKEN = re.compile(r"\d[\d,]*(?:\.\d+)?|[a-z]+|[.,;:!?()]", re.IGNORECASE)


def figures(text: str) -> frozenset[str]:
    """Return the figures in ``text`` as digits without separators ('148.2') or lower-case names ('monday').

    Number words count ('a hundred and forty-eight' is '148'), so do their parts written as digits; 'one' and
    'zero' do not, being words of other trades.
    """
    found: set[str] = set()
    total: int | None = None
    current = 0
    for match in _TOKEN.finditer(text.lower().replace("-", " ")):
        token = match.group()
        if token in _UNITS:
            current, total = current + _UNITS[token], total or 0
        elif token in _TENS:
            current, total = current + _TENS[token], total or 0
        elif token in _SCALES and (total is not None or _said_a(text, match.start())):
            scale = _SCALES[token]
            if scale == 100:
                current = max(current, 1) * 100
                total = total or 0
            else:
                total, current = ((total or 0) + max(current, 1)) * scale, 0
        elif token == "and" and total is not None:  # noqa: S105 - a word, not a secret
            continue
        else:
            if total is not None:
                found.add(str(total + current))
            total, current = None, 0
            if token[0].isdigit():
                found.add(_digits(token))
            elif token in _NAMED:
                found.add(token)
    if total is not None:
        found.add(str(total + current))
    return frozenset(found - _FREE)


def _digits(token: str) -> str:
    plain = token.replace(",", "")
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    return plain


def _said_a(text: str, start: int) -> bool:
    return re.search(r"\b(?:a|an)\s+$", text[:start].lower().replace("-", " ")) is not None
