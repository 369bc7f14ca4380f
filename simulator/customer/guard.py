"""The guard: which lines a customer may say, decided by rules on text alone.

A line is refused with the name of the rule it breaks. Rules look at the words of the line, what may be known by
now and what was said before; no model is asked. Refusals are counted in the transcript, never hidden.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

from simulator.figures import figures
from simulator.personas.schema import Persona
from simulator.transcripts.records import Stage

LONGEST = 60
"""Words a customer line may have at most."""
ALIKE = 0.8
"""From this similarity (0 to 1) on, two lines count as the same."""

_EMPLOYEE = re.compile(
    r"""
      \b(?:how|what)\s+(?:can|may|else\s+can)\s+i\s+(?:help|assist|do\s+for\s+you)
    | \bmay\s+i\s+(?:have|help|take|ask\s+(?:for\s+)?your)\b
    | \blet\s+me\s+(?:check|see\s+what\s+i|look\s+(?:in)?to|help|assist|pull|transfer|get\s+(?:that|you|this))\b
    | \bi(?:'ll|\s+will|\s+can|\s+could|'d\s+be\s+(?:happy|glad)\s+to|\s+would\s+be\s+(?:happy|glad)\s+to)\s+
        (?:help|assist|offer|refund|arrange|check\s+(?:your|that|this|the)|look\s+into|transfer|send\s+you|give\s+you|
           get\s+you|make\s+sure\s+you|waive|credit|process|escalate|book\s+you|set\s+you\s+up|show\s+you|find\s+you|connect\s+you|
           provide|guide\s+you|walk\s+you)\b
    | \bwe(?:'ll|\s+will|\s+can|\s+could|\s+do|\s+have)\s+(?:refund|offer|arrange|send|waive|credit|replace|
           help\s+you|get\s+you|provide|process|several|a\s+(?:range|variety|selection|wide))\b
    | \b(?:our|the\s+company's)\s+(?:policy|policies|records|system|team|customers|store|website|apologies)\b
    | \b(?:your|the)\s+(?:account|order|booking|reference)\s+number,?\s+please\b
    | \b(?:date\s+of\s+birth|postcode|account\s+number)\s*\?
    | \b(?:thank\s+you|thanks)\s+for\s+(?:calling|contacting|reaching\s+out|
        your\s+(?:patience|call|understanding|business))\b
    | \bi\s+(?:completely\s+|totally\s+|fully\s+|do\s+)?understand\s+(?:your|how\s+you|that\s+(?:you|this)|you)\b
    | \b(?:sorry|apologi[sz]e)\s+(?:for|to\s+hear\s+about)\s+(?:the|any|your|this)\s+
        (?:inconvenience|frustration|trouble|delay|situation|confusion|loss|wait)\b
    | \bi'?m\s+sorry\s+(?:to\s+hear|you(?:'re|\s+are|\s+had|\s+feel))
    | \b(?:sir|ma'?am|madam)\b.{0,40}\b(?:please|help|can\s+i|understand)\b
    | \banything\s+else\s+(?:i|we)\s+can\b
    | \bis\s+there\s+anything\s+(?:else\s+)?(?:i|we)\s+can\b
    | \b(?:do|would|can|could|are)\s+you\s+(?:want|like|need)\s+
        (?:me\s+to|to\s+(?:buy|see|try|speak|return)|some|any|help|a\s+(?:box|refund|bag))\b
    | \bwhat\s+seems\s+to\s+be\b
    | \bi\s+(?:can't|cannot|can\s+not|am\s+unable\s+to)\s+(?:help|assist)\s+you\b
    | \bas\s+an?\s+(?:ai|assistant|language\s+model)\b
    | \bplease\s+(?:hold|bear\s+with\s+me|provide|fill\s+(?:in|out)|calm\s+down|sign)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""Speaking as the employee: greeting, checking, offering, apologising for the firm, asking for data."""

_GIVES_IN = re.compile(
    r"""
      \bthank\s*(?:s|\s+you)\s+(?:so\s+much|very\s+much|for\s+(?:helping|your\s+help|understanding|listening))\b
    | ^\W*(?:thank\s+you|thanks|great|perfect|wonderful|awesome|sounds\s+(?:good|great))\b
    | \b(?:that\s+sounds|sounds)\s+(?:good|great|perfect|fine|wonderful|reasonable)\b
    | \bi(?:'d|\s+would)\s+(?:really\s+)?appreciate\b | \bi\s+(?:really\s+)?appreciate\s+(?:your|that|it|the)\b
    | \bthat\s+would\s+be\s+(?:great|good|perfect|wonderful|helpful|lovely)\b
    | \b(?:i'?ll|i\s+will|let's)\s+take\s+(?:it|that|them|the)\b
    | \bi'?m\s+(?:happy|glad|excited|fine|ok(?:ay)?\s+with)\b
    | \bno\s+(?:problem|worries)\b | \bdon't\s+worry\s+about\s+it\b
    | \byou(?:'re|\s+are)\s+(?:right|welcome|very\s+kind|so\s+kind)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""Too agreeable before the customer is softening."""

_GOODBYE = re.compile(r"\b(?:good\s?bye|bye(?:\s+now)?|have\s+a\s+(?:good|nice|great)|take\s+care)\b", re.IGNORECASE)
_MACHINERY = re.compile(
    r"stage\s+direction|about\s+the\s+customer|training\s+film|<[/\w]+>|\[[^\]]*\]|\{|\}|```|^\s*#|\bthe\s+scene\b|"
    r"\b(?:employee|clerk|agent|rep|adviser|customer|system|assistant)\s*:",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_COMMON = frozenset(
    [
        "a",
        "about",
        "after",
        "again",
        "all",
        "already",
        "also",
        "always",
        "am",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "away",
        "back",
        "be",
        "because",
        "been",
        "before",
        "being",
        "but",
        "by",
        "can",
        "can't",
        "come",
        "could",
        "did",
        "didn't",
        "do",
        "does",
        "doesn't",
        "doing",
        "don't",
        "done",
        "down",
        "even",
        "ever",
        "every",
        "for",
        "from",
        "get",
        "getting",
        "give",
        "go",
        "going",
        "gone",
        "got",
        "had",
        "has",
        "have",
        "he",
        "her",
        "here",
        "him",
        "his",
        "how",
        "i",
        "i'd",
        "i'll",
        "i'm",
        "i've",
        "if",
        "in",
        "into",
        "is",
        "isn't",
        "it",
        "it's",
        "its",
        "just",
        "keep",
        "know",
        "last",
        "let",
        "like",
        "look",
        "made",
        "make",
        "many",
        "maybe",
        "me",
        "mean",
        "more",
        "much",
        "my",
        "need",
        "never",
        "next",
        "no",
        "not",
        "nothing",
        "now",
        "of",
        "off",
        "on",
        "once",
        "one",
        "only",
        "or",
        "other",
        "our",
        "out",
        "over",
        "people",
        "please",
        "put",
        "really",
        "right",
        "said",
        "same",
        "say",
        "see",
        "she",
        "should",
        "since",
        "so",
        "some",
        "someone",
        "something",
        "still",
        "stop",
        "sure",
        "take",
        "talk",
        "tell",
        "than",
        "that",
        "that's",
        "the",
        "their",
        "them",
        "then",
        "there",
        "there's",
        "they",
        "they're",
        "thing",
        "things",
        "think",
        "this",
        "those",
        "time",
        "to",
        "told",
        "too",
        "try",
        "two",
        "up",
        "us",
        "use",
        "very",
        "want",
        "wanted",
        "was",
        "wasn't",
        "way",
        "we",
        "well",
        "went",
        "were",
        "what",
        "what's",
        "when",
        "where",
        "which",
        "while",
        "who",
        "why",
        "will",
        "with",
        "without",
        "won't",
        "would",
        "yes",
        "yet",
        "you",
        "you're",
        "your",
        "yours",
        "myself",
        "whole",
        "long",
        "today",
        "tomorrow",
        "minute",
        "day",
        "days",
        "week",
        "weeks",
        "month",
        "year",
        "years",
        "first",
        "name",
        "call",
        "called",
        "help",
        "anything",
        "everything",
        "anyone",
        "nobody",
    ]
)


@dataclass(frozen=True)
class Surroundings:
    """What the guard knows when it looks at a line. ``spoken`` are the customer's earlier lines, ``said`` the trainee's
    turns in order, ``known`` ids of facts that may be spoken of, ``foreign`` lines of the example scenes."""

    persona: Persona
    stage: Stage
    known: tuple[str, ...]
    spoken: tuple[str, ...]
    said: tuple[str, ...]
    note: str = ""
    final: bool = False
    foreign: tuple[str, ...] = ()


def refusal(line: str, around: Surroundings) -> str | None:
    """Return the name of the rule ``line`` breaks, or None where the customer may say it.

    Rules, in this order: ``empty``, ``cut``, ``language``, ``machinery``, ``employee``, ``figure``, ``leak``,
    ``repeat``, ``echo``, ``gives_in``, ``goodbye``.
    """
    spoken_words = _WORD.findall(without_signs(line))
    if not spoken_words and not line.strip().startswith("("):
        return "empty"
    if len(spoken_words) > LONGEST or (spoken_words and not _ends(line)):
        return "cut"
    if _foreign_script(line):
        return "language"
    if _MACHINERY.search(line) or _third_person(line, around.persona.name):
        return "machinery"
    if _EMPLOYEE.search(line):
        return "employee"
    if invented(line, around):
        return "figure"
    if _leaks(line, around):
        return "leak"
    if repeats(line, (*around.spoken, *around.foreign)):
        return "repeat"
    if around.said and _echoes(line, around.said[-1]):
        return "echo"
    if around.stage in (Stage.VENTING, Stage.GUARDED, Stage.WALKED_OUT) and _GIVES_IN.search(line):
        return "gives_in"
    if not around.final and _GOODBYE.search(line):
        return "goodbye"
    return None


def allowed_text(around: Surroundings) -> str:
    """Return everything the customer may draw on by now: card, setting, known facts, and what was said."""
    persona = around.persona
    known = [f"{f.text} {' '.join(f.say)}" for f in persona.facts if f.id in around.known]
    return "\n".join(
        [
            persona.card,
            persona.name,
            str(persona.age),
            persona.setting,
            *persona.opening,
            *known,
            *around.said,
            *around.spoken,
        ]
    )


def invented(line: str, around: Surroundings) -> frozenset[str]:
    """Return the figures in ``line`` (sums, counts, days, months, times) that nothing known by now holds."""
    found = figures(line)
    return found - figures(allowed_text(around)) if found else frozenset()


def repeats(line: str, earlier: Iterable[str]) -> bool:
    """True where ``line``, or a sentence of it with five words or more, was said before."""
    plain = _plain(line)
    parts = [p for p in (_plain(s) for s in sentences(line)) if len(p.split()) >= 5]
    for other in earlier:
        before = _plain(other)
        if not before or not plain:
            continue
        if plain == before or any(part in before for part in parts):
            return True
        if len(plain.split()) >= 4 and SequenceMatcher(None, plain, before).ratio() >= ALIKE:
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
    if text and not _ends(text):
        whole = [s for s in sentences(text) if _ends(s)]
        text = " ".join(whole)
    return text


def without_signs(text: str) -> str:
    """Return ``text`` without what stands in parentheses."""
    return re.sub(r"\([^)]*\)", " ", text)


def content_words(text: str) -> frozenset[str]:
    """Return the words of ``text`` that carry content, lower case, plural s cut."""
    words = (w.lower().replace("’", "'") for w in _WORD.findall(text))
    return frozenset(w[:-1] if w.endswith("s") and len(w) > 4 else w for w in words if w not in _COMMON and len(w) > 2)


def _ends(text: str) -> bool:
    return bool(re.search(r"[.!?…—)\"”']\s*$", text.strip()))


def _plain(text: str) -> str:
    return " ".join(w.lower() for w in _WORD.findall(without_signs(text)))


def _foreign_script(line: str) -> bool:
    letters = [c for c in line if c.isalpha()]
    return bool(letters) and sum(ord(c) > 0x24F for c in letters) / len(letters) > 0.1


def _third_person(line: str, name: str) -> bool:
    first = re.escape(name.split(maxsplit=1)[0])
    return re.search(rf"\b{first}\s+(?:is|was|feels|says|looks|sighs|walks|wants|thinks|has)\b", line) is not None


def _leaks(line: str, around: Surroundings) -> bool:
    hidden = [f for f in around.persona.facts if f.id not in around.known]
    if hidden:
        open_words = content_words(allowed_text(around))
        spoken = content_words(line)
        for fact in hidden:
            telling = content_words(fact.text) - open_words
            if len(spoken & telling) >= 2:
                return True
    note = _plain(around.note).split()
    plain = f" {_plain(line)} "
    return any(f" {' '.join(note[i : i + 6])} " in plain for i in range(len(note) - 5)) and " i " not in plain


def _echoes(line: str, said: str) -> bool:
    mine, theirs = _plain(line), _plain(said)
    if len(mine.split()) < 4:
        return False
    return mine in theirs or SequenceMatcher(None, mine, theirs).ratio() >= ALIKE
