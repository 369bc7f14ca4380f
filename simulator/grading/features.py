"""What the labeler looks at: a turn cut into clauses, and each clause as words, kinds of words, phrases and overlaps.

Everything here is a function of text. A clause becomes three rows of tokens (``words``, ``letters``, ``kinds``), the
``hits`` among the known turns of phrase, and named figures. ``kinds`` is the clause with every word replaced by its
class in ``lexicon.yaml`` (or ``SAID`` where the customer used the word just before), so that a pattern such as "so YOU
SAID SAID" is learnt whatever the business. ``features.yaml`` holds more kinds of words and turns of phrase.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, chain
from pathlib import Path
from typing import Any

import yaml

from simulator.grading.clauses import Clause, cut

LEXICON_FILE = Path(__file__).resolve().parent / "lexicon.yaml"
PHRASES_FILE = Path(__file__).resolve().parent / "features.yaml"
MAX_CONTEXT = 6000
"""Characters of the customer's turn (its end) that are looked at."""

_TOKEN = re.compile(r"[£$€]?\d[\d.,:]*[£$€%]?|\w+(?:['\-/&]\w+)*|[?!…]|\.\.\.|[\U0001F300-\U0001FAFF]", re.UNICODE)
_SMALL_NUMBERS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
)
_TENS = {"thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "seventy": "70", "eighty": "80", "ninety": "90"}
_NUMBERS = {word: str(number) for number, word in enumerate(_SMALL_NUMBERS.split())} | _TENS
_DIGIT = re.compile(r"\d")
_DIGITS = frozenset("£$€0123456789")
_ENDINGS = re.compile(r"(?:'s|s'|ings?|ed|es|s|ly|er|e|y)$")


@dataclass(frozen=True)
class Lexicon:
    """The word knowledge of ``lexicon.yaml`` and ``features.yaml``, compiled; ``marks`` are the latter's classes."""

    spellings: dict[str, str]
    function: frozenset[str]
    kinds: dict[str, tuple[str, ...]]
    stems: dict[str, list[tuple[int, str]]]
    phrases: tuple[tuple[str, str, re.Pattern[str]], ...]
    marks: dict[str, tuple[str, ...]]

    def kinds_of(self, word: str) -> tuple[str, ...]:
        """Return the classes of one respelled word, the first one being its main class."""
        exact = self.kinds.get(word, ())
        begun = sorted(chain.from_iterable(self.stems.get(word[:size], ()) for size in range(1, len(word) + 1)))
        return exact + tuple(name for _, name in begun if name not in exact)


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """Return the built-in lexicon, read once a process."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    data: dict[str, Any] = yaml.load(LEXICON_FILE.read_text("utf-8"), Loader=loader)  # noqa: S506 - a safe loader
    kinds: dict[str, tuple[str, ...]] = {}
    stems: dict[str, list[tuple[int, str]]] = {}
    for place, (name, words) in enumerate(data["classes"].items()):
        for word in words:
            if word.endswith("*"):
                stems.setdefault(word[:-1], []).append((place, name))
            else:
                kinds[word] = (*kinds.get(word, ()), name)
    phrases = [(name, *_pattern(pattern, {})) for name, pattern in data["phrases"].items()]
    more: dict[str, Any] = yaml.load(PHRASES_FILE.read_text("utf-8"), Loader=loader)  # noqa: S506
    marks: dict[str, tuple[str, ...]] = {}
    for name, words in more["classes"].items():
        for word in sorted(set(words.split())):
            marks[word] = (*marks.get(word, ()), name)
    phrases += [(name, *_pattern(pattern, more["classes"])) for name, pattern in more["patterns"].items()]
    spellings = {str(key): str(value) for key, value in data["spellings"].items()}
    return Lexicon(spellings, frozenset(data["function"].split()), kinds, stems, tuple(phrases), marks)


def _pattern(pattern: str, classes: dict[str, str]) -> tuple[str, re.Pattern[str]]:
    """Return the class whose words ``pattern`` speaks of ("" for none), and it as ``_phrases`` searches it.

    All clauses of a turn are searched at once, one a line, every word after a space: no match may run over a line's
    end, and a pattern that begins with a space or a new line is found several times sooner than one with a boundary.
    """
    owner = next((name for name in classes if f"{{{name}}}" in pattern), "")
    pattern = pattern.replace(f"{{{owner}}}", owner) if owner else pattern
    pattern = pattern.replace("[^", "[\0\\n").replace("\\W", "[\0\\w\\n]").replace("\\s", " ")
    branches = [branch.replace("^", "(?<=\\n )") for branch in _branches(pattern)]
    opened = [
        " " + b[2:] if b.startswith("\\b") else "\\n " + b[8:] if b.startswith("(?<=\\n )") else b for b in branches
    ]
    return owner, re.compile("|".join(opened).replace("\0", "^"), re.MULTILINE)


def _branches(pattern: str) -> list[str]:
    """Return the alternatives of ``pattern`` that stand in no bracket."""
    branches, depth, start = [], 0, 0
    for place, letter in enumerate(pattern):
        if place and pattern[place - 1] == "\\":
            continue
        depth += (letter in "([") - (letter in ")]")
        if letter == "|" and not depth:
            branches.append(pattern[start:place])
            start = place + 1
    return [*branches, pattern[start:]]


@lru_cache(maxsize=20000)
def _kinds_of(word: str) -> tuple[str, ...]:
    return lexicon().kinds_of(word)


def respelled(text: str) -> list[str]:
    """Return the words of ``text``, small letters, straight quotes, texting and common dialect spelt out."""
    plain = text.replace("’", "'").replace("‘", "'").replace("`", "'").casefold()
    spellings = lexicon().spellings
    words = []
    for match in _TOKEN.finditer(plain):
        word = match[0].strip("'") or match[0]
        word = spellings.get(word, word)
        words.extend(word.replace("-", " ").split() if word.startswith(("i-", "oh-")) else [word])
    return words


def stem(word: str) -> str:
    """Return a rough stem: number words as digits, common endings off."""
    if word in _NUMBERS:
        return _NUMBERS[word]
    if word[:1] in "£$€0123456789":
        return word.strip("£$€%.,:").replace(",", "").removesuffix(".00").removesuffix("th")
    short = _ENDINGS.sub("", word) if len(word) > 4 else word.removesuffix("s") if len(word) > 3 else word
    return short if len(short) >= 3 else word


def content(words: Sequence[str]) -> set[str]:
    """Return the stems of the words that carry content."""
    function = lexicon().function
    return {stem(word) for word in words if word not in function and (word[:1].isalnum() or word[:1] in "£$€")}


@dataclass(frozen=True)
class ClauseView:
    """One clause as tokens; ``hits`` are known turns of phrase, ``figures`` named values around 0 to 1."""

    clause: Clause
    words: tuple[str, ...]
    letters: tuple[str, ...]
    kinds: tuple[str, ...]
    around: tuple[str, ...]
    hits: tuple[str, ...]
    figures: dict[str, float]


@dataclass(frozen=True)
class TurnView:
    """A turn with its clauses, the customer's turn before it (its end) as text and as words, and all the customer
    has said so far (its end)."""

    said: str
    clauses: tuple[ClauseView, ...]
    before: str = ""
    before_words: tuple[str, ...] = ()
    heard: str = ""


def view(said: str, before: str, earlier: Sequence[str] = ()) -> TurnView:
    """Return the view of a trainee's turn ``said`` after the customer's ``before``; ``earlier`` are older "
    "customer turns."""
    pieces = cut(said)
    before = before[-MAX_CONTEXT:]
    before_words, heard = _heard(before)
    older = _heard("\n".join(earlier)[-MAX_CONTEXT:])[1] - heard
    numbers = {word for word in heard if word[:1].isdigit()}
    tokens = [respelled(said[c.start : c.end]) for c in pieces]
    hits = _phrases(tokens)
    opening = _opening(before)
    views = []
    for place, (clause, words) in enumerate(zip(pieces, tokens, strict=True)):
        raw = said[clause.start : clause.end]
        figures = _figures(raw, words, hits[place], heard, older, numbers)
        figures |= {f"before:{name}": value for name, value in opening.items()}
        figures["at"] = place / max(1, len(pieces) - 1) if len(pieces) > 1 else 0.0
        figures["first"] = float(place == 0)
        figures["last"] = float(place == len(pieces) - 1)
        figures["alone"] = float(len(pieces) == 1)
        for offset, tag in ((-1, "prev"), (1, "next"), (-2, "prev2")):
            other = place + offset
            if 0 <= other < len(pieces):
                figures |= {f"{tag}:{name}": 0.6 for name in hits[other]}
                figures[f"{tag}:?"] = float("?" in tokens[other])
                figures[f"{tag}:same"] = float(pieces[other].sentence == clause.sentence)
            else:
                figures[f"{tag}:none"] = 1.0
        around = [f"p_{w}" for w in (tokens[place - 1][-6:] if place else [])]
        around += [f"n_{w}" for w in (tokens[place + 1][:6] if place + 1 < len(pieces) else [])]
        views.append(
            ClauseView(
                clause,
                tuple("0num" if w[0] in _DIGITS else w for w in words),
                tuple(_DIGIT.sub("0", w) if w[0] in _DIGITS else w for w in words),
                tuple(_kind(w, heard, older) for w in words),
                tuple(around),
                (*hits[place], *_forms(words, figures)),
                figures,
            )
        )
    return TurnView(said, tuple(views), before, before_words, "\n".join([*earlier, before])[-MAX_CONTEXT:])


@lru_cache(maxsize=64)
def _heard(text: str) -> tuple[tuple[str, ...], frozenset[str]]:
    words = respelled(text)
    return tuple(words), frozenset(content(words))


def _phrases(tokens: Sequence[Sequence[str]]) -> list[list[str]]:
    """Return for each clause the names of the known turns of phrase that stand in it."""
    marks = lexicon().marks
    texts = {"": _lined(tokens)}
    for owner in {mark for words in tokens for word in words for mark in marks.get(word, ())}:
        texts[owner] = _lined([[owner if owner in marks.get(w, ()) else w for w in words] for words in tokens])
    found: list[list[str]] = [[] for _ in tokens]
    for name, owner, pattern in lexicon().phrases:
        if owner not in texts:
            continue
        text, starts = texts[owner]
        for match in pattern.finditer(text):
            hits = found[bisect_right(starts, match.end() - 1, 0, len(tokens)) - 1]
            if not hits or hits[-1] != name:
                hits.append(name)
    return found


def _lined(tokens: Sequence[Sequence[str]]) -> tuple[str, list[int]]:
    lines = ["\n " + " ".join(words).replace(" ?", "?").replace(" !", "!")[:1200] for words in tokens]
    return "".join(lines), list(accumulate(map(len, lines), initial=0))


def _forms(words: list[str], figures: dict[str, float]) -> list[str]:
    """Return the shape of the clause, to be paired with its turns of phrase."""
    shape = ["?"] if "?" in words else []
    shape += [name for name in ("said_any", "you_only", "i_only", "length:one") if figures[name]]
    return shape + sorted({mark for word in words for mark in lexicon().marks.get(word, ())})


def _kind(word: str, heard: frozenset[str], older: frozenset[str]) -> str:
    if word[:1].isdigit() or word[:1] in "£$€":
        return "SAIDNUM" if stem(word) in heard else "OLDNUM" if stem(word) in older else "NUM"
    kinds = _kinds_of(word)
    if word not in lexicon().function:
        root = stem(word)
        mark = "SAID" if root in heard else "OLD" if root in older else ""
        if mark:
            return f"{mark}{kinds[0]}" if kinds and kinds[0] in ("FEEL", "FAMILY") else mark
    if kinds:
        return kinds[0]
    if word in ("?", "!", "…", "..."):
        return word
    if word in lexicon().function:
        return word
    return "ING" if word.endswith("ing") else "ED" if word.endswith("ed") else "X"


def _figures(
    raw: str, words: list[str], hits: list[str], heard: frozenset[str], older: frozenset[str], numbers: set[str]
) -> dict[str, float]:
    figures: dict[str, float] = {f"has:{name}": 1.0 for name in hits}
    marks = lexicon().marks
    figures |= {f"mark:{name}": 1.0 for word in words for name in marks.get(word, ())}
    counts: dict[str, int] = {}
    for word in words:
        for name in _kinds_of(word):
            counts[name] = counts.get(name, 0) + 1
    figures |= {f"kind:{name}": min(1.0, 0.5 + 0.25 * count) for name, count in counts.items()}
    own = content(words)
    shared = own & heard
    figures["said_share"] = len(shared) / len(own) if own else 0.0
    figures["said_count"] = min(1.0, len(shared) / 4)
    figures["said_two"] = float(len(shared) >= 2)
    figures["said_any"] = float(bool(shared))
    figures["older"] = min(1.0, len(own & older) / 3)
    figures["said_number"] = float(bool(own & numbers))
    figures["new_number"] = float(any(w[:1].isdigit() for w in own - heard - older))
    length = len(words)
    for name, low, high in (
        ("one", 0, 2),
        ("short", 3, 5),
        ("middle", 6, 10),
        ("long", 11, 18),
        ("very_long", 19, 10**6),
    ):
        figures[f"length:{name}"] = float(low <= length <= high)
    question = raw.rstrip("\"')]” ").endswith("?")
    figures["?"] = float("?" in raw)
    figures["ends?"] = float(question)
    figures["!"] = float("!" in raw)
    figures["caps"] = float(sum(w.isupper() and len(w) > 2 for w in raw.split()) >= 2)
    first, second = counts.get("FIRST", 0), counts.get("YOU", 0)
    figures["you_only"] = float(bool(second) and not first)
    figures["i_only"] = float(bool(first) and not second)
    figures["i_first"] = float(bool(words) and "FIRST" in _kinds_of(words[0]))
    figures["you_first"] = float(bool(words) and "YOU" in _kinds_of(words[0]))
    figures["will"] = float(any(w.endswith("'ll") for w in words) or bool(counts.get("WILL")))
    if question:
        figures |= {
            f"?{name}": 1.0 for name in ("FIRST", "YOU", "WH", "MODAL", "DATA", "OR", "THEY", "FEEL") if name in counts
        }
        figures |= {f"?{name}": 1.0 for name in hits}
    if counts.get("NOT"):
        figures |= {f"not_{name}": 1.0 for name in ("FIRST", "YOU", "FEEL", "GIVE", "MODAL") if name in counts}
    if shared:
        figures |= {f"said_{name}": 1.0 for name in ("FIRST", "YOU", "FEEL", "FAMILY", "NOT", "BUT") if name in counts}
        if question:
            figures["said_?"] = 1.0
    if first:
        figures |= {
            f"i_{name}": 1.0
            for name in ("WILL", "GIVE", "REACH", "NOW", "FEEL", "NOT", "MODAL", "OWN")
            if name in counts
        }
    if second:
        figures |= {
            f"you_{name}": 1.0
            for name in ("FEEL", "MUST", "BLAME", "GIVE", "NOW", "FAMILY", "GROUP", "OTHERS")
            if name in counts
        }
    return figures


@lru_cache(maxsize=64)
def _opening(before: str) -> dict[str, float]:
    """Return a few figures about the customer's turn itself."""
    words = _heard(before)[0]
    kinds = {name for word in words for name in _kinds_of(word)}
    return {
        "none": float(not words),
        "short": float(0 < len(words) <= 5),
        "long": float(len(words) > 25),
        "?": float("?" in words),
        "!": float("!" in words),
        "feel": float("FEEL" in kinds),
        "family": float("FAMILY" in kinds),
        "contempt": float("CONTEMPT" in kinds and "YOU" in kinds),
        "number": float(any(w[:1].isdigit() for w in words)),
    }
