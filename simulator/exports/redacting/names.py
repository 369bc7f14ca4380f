"""Names of people in what was said, by a list of given names and by how people name one another.

Rules, not a model: they run anywhere, in well under a millisecond a turn, and say why. What they find and miss is
measured in ``tests/exports/test_redacting.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from simulator.exports.redacting.spans import Kind, Span

_PART = r"(?:(?:Mc|Mac|O['’]|D['’]|[dl]['’])?[^\W\d_a-z][^\W\d_]{0,30}(?:['’-][^\W\d_]{1,30}){0,3})"
_TOKEN = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_TITLED = re.compile(rf"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Sir|Dame)\b\.?\s+({_PART}(?:\s{{1,3}}{_PART})?)")
_INTRODUCED = re.compile(
    r"\b(?:my (?:full |first |last )?name(?:['’]s| is)|name['’]s|(?:she|he|they) (?:is|are) called|called me|call me|"
    r"(?:my|his|her|their) name (?:was|is)|the name(?: is|['’]s| was)|under the name(?: of)?|signed(?: by)?|"
    r"in the name of|ask for|spoke (?:to|with)|speak (?:to|with)|speaking (?:to|with)|talked (?:to|with)|"
    r"someone called|somebody called|"
    r"a (?:man|woman|guy|colleague) (?:called|named)|named|this is|(?-i:I)['’]m|(?-i:I) am|it['’]s)\s+"
    rf"(?-i:({_PART}(?:\s{{1,3}}{_PART}){{0,2}}))",
    re.IGNORECASE,
)
_LOWER_INTRODUCED = re.compile(r"\bmy name(?:['’]s| is)\s+([a-z]+(?:\s+[a-z'’-]+)?)")
_GREETED = re.compile(
    r"(?:^|[.!?,;\n]\s*)(?:hi|hello|hey|dear|thanks|thank you|good (?:morning|afternoon|evening)|sorry|okay|ok|yes|no)"
    rf",?\s+(?-i:({_PART}))(?=\s*(?:[,.!?;:]|$))",
    re.IGNORECASE,
)
_MONTHS = frozenset(("april", "may", "june", "august"))
_ACTING = frozenset(
    (
        *(
            "said",
            "says",
            "told",
            "tells",
            "promised",
            "promises",
            "called",
            "knows",
            "knew",
            "took",
            "signed",
            "wrote",
        ),
        *("answered", "asked", "gave", "sent", "hung", "picked", "laughed", "shouted"),
    )
)
"""What a person does: a word before it that could be a name is one."""
_CLOSED = re.compile(
    r"(?:regards|sincerely|best wishes|cheers|yours|thanks|faithfully),?\s*\n\s*"
    rf"(?-i:({_PART}(?:\s{{1,3}}{_PART}){{0,2}}))\s*$",
    re.IGNORECASE | re.MULTILINE,
)
_PLACED = frozenset(
    (
        *("in", "to", "from", "near", "at", "around", "outside", "on", "since"),
        *("until", "by", "of", "last", "next", "this", "every"),
    )
)
"""Words after which May is a month and Paris a place."""


@cache
def given_names() -> dict[str, bool]:
    """Return every given name in lower case, with whether it is also an ordinary word or a place."""
    return {name.rstrip("*"): name.endswith("*") for name in _words_of("given_names.txt")}


@cache
def not_names() -> frozenset[str]:
    """Return the words, in lower case, that are no part of a name."""
    return frozenset(_words_of("not_names.txt"))


def _words_of(file: str) -> list[str]:
    text = (Path(__file__).parent / file).read_text(encoding="utf-8")
    return [word for line in text.splitlines() if not line.startswith("#") for word in line.split()]


def names_in(text: str) -> Iterator[Span]:
    """Yield the names in ``text``: by how they are brought up, then by the list; parts of one name are one span."""
    names = given_names()
    for pattern in (_TITLED, _INTRODUCED, _GREETED, _CLOSED):
        for match in pattern.finditer(text):
            span = _trimmed(text, match.start(1), match.end(1))
            if span is not None and not _is_month(match[0], text[span.start : span.end]):
                yield span
    for match in _LOWER_INTRODUCED.finditer(text):
        if match[1].split()[0] in names:
            yield Span(Kind.NAME, *match.span(1))
    yield from _listed(text, names)


def _trimmed(text: str, start: int, end: int) -> Span | None:
    """Return the words from ``start`` up to the first that is no part of a name; None where that is the very first."""
    last = None
    for token in _TOKEN.finditer(text, start, end):
        word = token[0].casefold()
        if word in not_names() and (last is not None or word not in given_names()):
            break
        last = token.end()
    shouted = text[start:last].isupper() and not text.isupper() and text[start:last].casefold() not in given_names()
    return None if last is None or last - start < 2 or shouted else Span(Kind.NAME, start, last)


def _is_month(brought_up: str, name: str) -> bool:
    """True for "It's June" and the like, where nobody is called that."""
    return name.casefold() in _MONTHS and brought_up[:3].casefold() in ("it'", "it’")


def _listed(text: str, names: dict[str, bool]) -> Iterator[Span]:
    shouted = text.isupper()
    tokens = list(_TOKEN.finditer(text))
    done = -1
    for number, token in enumerate(tokens):
        word = token[0]
        known, stem = _known(word, names)
        if token.start() < done or not known or not word[0].isupper() or (word.isupper() and len(word) < 4):
            continue
        before = tokens[number - 1][0].casefold() if number else ""
        follows = _surname(text, tokens, number)
        acts = number + 1 < len(tokens) and tokens[number + 1][0].casefold() in _ACTING
        doubtful = shouted or stem in _MONTHS or before in _PLACED or (_begins(text, token.start()) and not acts)
        if names[stem] and not follows and doubtful:
            continue
        if shouted and names[stem]:
            continue
        end = follows or token.start() + len(stem)
        done = end
        yield Span(Kind.NAME, token.start(), end)


def _known(word: str, names: dict[str, bool]) -> tuple[bool, str]:
    """Return whether ``word`` (without a possessive ending) is a given name, and that name in lower case."""
    lower = word.casefold()
    for ending in ("'s", "’s", "'", "’"):
        lower = lower.removesuffix(ending)
    first = lower.split("-")[0]
    return (
        (True, lower)
        if lower in names
        else (first in names and first != lower, first)
        if "-" in lower
        else (False, lower)
    )


def _surname(text: str, tokens: list[re.Match[str]], number: int) -> int:
    """Return where the name that begins with token ``number`` ends if surnames follow it, else 0."""
    end, place = 0, tokens[number].end()
    for token in tokens[number + 1 : number + 4]:
        word = token[0]
        if text[place : token.start()].strip(" .") or "\n" in text[place : token.start()]:
            break
        if not word[0].isupper() or word.casefold() in not_names() or len(word) == 1:
            break
        if "." in text[place : token.start()] and len(tokens[number][0]) > 1 and place - tokens[number].start() > 2:
            break
        bare = re.sub(r"['’]s$", "", word)
        end, place = token.start() + len(bare), token.end()
        if bare != word:
            break
    return end


def _begins(text: str, start: int) -> bool:
    """True where a sentence begins at ``start``."""
    before = text[max(0, start - 40) : start].rstrip(" \t\"'“”‘’(")
    return not before or before[-1] in ".!?\n:;…—–-*"
