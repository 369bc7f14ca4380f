"""How a persona's words are looked at.

Phrases in a text, words that carry content, and manners of speaking.
"""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
_SMALL_WORDS = """
a about after again all already also always am an and another any anybody anyone anything are around as
ask asked asks at away back be because been before being both but by call called came can can't come
could couldn't day days did didn't do does doesn't doing don't done down each either else enough even
ever every everybody everyone everything feel feels few find first for from get gets getting give gives
go goes going gone good got had hadn't half has hasn't have haven't he he's her here hers him his hour
hours how i i'd i'll i'm i've if in into is isn't it it's its just keep keeps kept knew know knows last
leave left less let like likes little long look looks lot made make makes many may maybe me mean might
mine minute minutes money month months more most much must my name need needs never new next no nobody
not nothing now of off old on once one only or other our out over own part people person place put quite
rather really right said same say says see seen she she's should since so some somebody someone something
still stop such sure take taken takes talk tell tells than that that's the their them themselves then
there there's they they're thing things think this those thought three time times to today told tomorrow
too took tried tries try two under until up us use used very want wanted wants was wasn't way we week
weeks well went were weren't what what's when where which while who whole why will with without won't
word words work would wouldn't year years yes yesterday yet you you're your
"""
_COMMON = frozenset(_SMALL_WORDS.split())


def mentions(text: str, phrase: str) -> bool:
    """True where ``phrase`` stands in ``text`` as whole words, ignoring case.

    A trailing ``*`` matches any ending.
    """
    plain = phrase.strip()
    pattern = re.escape(plain.rstrip("*")).replace(r"\ ", r"\s+")
    ending = r"\w*" if plain.endswith("*") else r"(?:s|es)?"
    return re.search(rf"(?<!\w){pattern}{ending}(?!\w)", text, re.IGNORECASE) is not None


def content_words(text: str) -> frozenset[str]:
    """Return the words of ``text`` that carry content, in small letters and without plural or possessive s."""
    words = (word.lower().replace("\u2019", "'").removesuffix("'s") for word in _WORD.findall(text))
    return frozenset(
        word[:-1] if word.endswith("s") and len(word) > 4 else word
        for word in words
        if word not in _COMMON and len(word) > 2
    )


def names(text: str) -> frozenset[str]:
    """Return the words of ``text`` written with a capital inside a sentence, in small letters.

    Names, mostly.
    """
    found = re.finditer(r"(?<![.!?:(\"“] )(?<!^)\b([A-ZÀ-Þ][\w\u2019']+)", text)
    return frozenset(m[1].lower().replace("\u2019", "'").removesuffix("'s") for m in found) - _COMMON


def plain(text: str) -> str:
    """Return ``text`` as bare words in small letters, without what stands in parentheses."""
    return " ".join(word.lower() for word in _WORD.findall(re.sub(r"\([^)]*\)", " ", text)))


def sentences(text: str) -> list[str]:
    """Return the sentences of ``text`` as bare words, those of five words or more."""
    parts = (plain(part) for part in re.split(r"[.!?…]+", text))
    return [part for part in parts if len(part.split()) >= 5]


def unseen(text: str) -> str | None:
    """Return the first character in ``text`` that steers a terminal or hides from the eye, or None."""
    for character in text:
        if unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs") and character not in "\n\t\u200c\u200d":
            return f"U+{ord(character):04X} {unicodedata.name(character, '')}".strip()
    return None


STAFF = re.compile(
    r"""
      \b(?:how|what)\s+(?:can|may)\s+i\s+(?:help|assist|do\s+for\s+you)
    | \bi(?:['\u2019]ll|\s+will|\s+can|\s+could)\s+(?:help\s+you|assist|offer\s+you|refund|arrange|
        look\s+into|check\s+(?:that|it|this)\s+for|transfer|waive|credit|escalate|send\s+you|get\s+you|show\s+you|find\s+you)
    | \b(?:i['\u2019]d|i\s+would)\s+be\s+(?:happy|glad)\s+to\b
    | \blet\s+me\s+(?:check|help|assist|look\s+into|see\s+what|pull|transfer|get\s+that)\b
    | \bwe(?:['\u2019]ll|\s+will|\s+can|\s+could)\s+
        (?:offer|refund|arrange|send|waive|credit|replace|help|get\s+you)\b
    | \bour\s+(?:policy|policies|records|system|team|customers|company)\b
    | \bthank\s*(?:s|\s+you)\s+for\s+
        (?:calling|contacting|reaching|your\s+(?:patience|call|business|understanding))
    | \b(?:sorry|apologi[sz]e)\s+for\s+(?:the|any|your)\s+(?:inconvenience|trouble|delay|frustration|wait)\b
    | \bi\s+(?:completely\s+|totally\s+|fully\s+)?understand\s+(?:your|how\s+you)\b
    | \banything\s+else\s+i\s+can\b | \brest\s+assured\b | \bbear\s+with\s+me\b
    | \bhave\s+a\s+(?:great|nice|good|lovely)\s+(?:day|evening|one)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""Words that belong to the person behind the counter.

Greeting, checking, offering, apologising for the firm.
"""

GRATEFUL = re.compile(r"\bthank\s*(?:s|\s+you)\b(?!\s+for\s+nothing)|\bi\s+(?:really\s+)?appreciate\b", re.IGNORECASE)
"""Thanks, which come late if at all."""
REFUSING = re.compile(r"\bno,?\s+thank", re.IGNORECASE)

SPEAKER = re.compile(r"^\s*(?:[A-Z][A-Z.'-]+(?: [A-Z.'-]+)*|Customer|Employee|Clerk|Agent)\s*(?:\([^)]*\))?:\s")
"""A line that begins with who says it."""

SIGN = re.compile(r"^\s*\(([^()]+)\)\s*")
"""A non-verbal sign at the start of a line."""
SEEN = re.compile(
    r"\b(?:nod|look|stare|glance|shrug|point|smile|turn|step|walk|wipe|fold|shake|hold|lift|rub|frown)s?\b",
    re.IGNORECASE,
)
"""Signs that nobody can hear on the phone."""
