"""Spoken lines as text: sentences, signs in parentheses, tidying a model's candidate, and telling repeats."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher

ALIKE = 0.8
"""From this similarity (0 to 1) on, two lines count as the same."""
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


def words(text: str) -> list[str]:
    """Return the words of ``text`` in order, as written."""
    return _WORD.findall(text)


def repeats(line: str, earlier: Iterable[str]) -> bool:
    """True where ``line``, or a sentence of it with five words or more, was said before; a line of three words or more
    also where it was one sentence among others. "No." may be said as often as it takes."""
    now = plain(line)
    length = len(now.split())
    parts = [p for p in (plain(s) for s in sentences(line)) if len(p.split()) >= 5]
    for other in earlier:
        before = plain(other)
        if not before or not now:
            continue
        if now == before or any(part in before for part in parts):
            return True
        if length >= 3 and any(now == plain(sentence) for sentence in sentences(other)):
            return True
        if length >= 4 and SequenceMatcher(None, now, before).ratio() >= ALIKE:
            return True
    return False


def sentences(text: str) -> list[str]:
    """Split a line into sentences; a leading sign in parentheses stays with what follows it."""
    parts = re.findall(r"(?:\([^)]*\)\s*)?[^.!?…]*[.!?…]+[\"'”’)]*|\([^)]*\)\s*$|[^.!?…]+$", text.strip())
    return [part.strip() for part in parts if part.strip()]


def tidy(raw: str, name: str) -> str:
    """Return a candidate as it may be shown: no speaker label, quotes or trailing fragment; whole sentences only."""
    text = " ".join(raw.split())
    text = re.sub(
        rf"^(?:{re.escape(name.split(maxsplit=1)[0])}|customer)\s*(?:\([^)]*\))?\s*:\s*", "", text, flags=re.IGNORECASE
    )
    text = re.sub(r"\([^)]*\)?\s*$", "", text) if not text.startswith("(") else text
    text = text.strip().strip('"“”').strip()
    if text and not ends(text):
        whole = [s for s in sentences(text) if ends(s)]
        text = " ".join(whole)
    text = " ".join(_once(sentences(text)))
    return text.replace('"', "") if text.count('"') % 2 else text


def _once(parts: Iterable[str]) -> Iterator[str]:
    """Give each of ``parts`` the first time it comes."""
    seen: set[str] = set()
    for part in parts:
        if plain(part) not in seen or not plain(part):
            yield part
        seen.add(plain(part))


def without_signs(text: str) -> str:
    """Return ``text`` without what stands in parentheses."""
    return re.sub(r"\([^)]*\)", " ", text)


def ends(text: str) -> bool:
    """True where ``text`` ends as a whole sentence or sign does."""
    return bool(re.search(r"[.!?…—)\"”']\s*$", text.strip()))


def plain(text: str) -> str:
    """Return the words of ``text`` in small letters, without signs and punctuation."""
    return " ".join(w.lower() for w in words(without_signs(text)))
