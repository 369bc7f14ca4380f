"""The customer's own words, turned round so that a trainee could say them back: "my mum" becomes "your mum".

Only plain statements are turned: a clause with the speaker in it, no question, no insult, of a length somebody would
say. What cannot be turned into good English for certain is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from simulator.grading.clauses import sentences

_SWEARING = re.compile(
    r"\b(?:fuck\w*|shit\w*|bloody|damn\w*|hell|crap|arse\w*|ass|bastard\w*|bitch\w*|idiots?|stupid|moron\w*"
    r"|useless|liars?|lying|thie(?:f|ves)"
    r"|robb\w+|cow|clowns?|scum|sods?|cows?|brainless|cheeky|heartless|pigs?|gits?|muppets?|eejits?|wankers?"
    r"|tossers?|twats?|pathetic|rubbish|joke|wtf|omg|lol|shut up|you people|you lot)\b",
    re.IGNORECASE,
)
_ASIDE = re.compile(r"\([^)]*\)|\*[^*]*\*|[\U0001F300-\U0001FAFF]|^[\W_]+")
_LEADING = re.compile(
    r"^(?:(?:no|yes|yeah|yep|ok|okay|well|look|listen|so|and|but|right|oh|ah|please|hi|hello|hey|good (?:morning"
    r"|afternoon|evening)|excuse me|sorry"
    r"|dear sir or madam|dear (?:sir|madam|team|all)|because|cos|actually|honestly|fine|great|sure|all right"
    r"|alright|i said|i told you|i just said|god|thanks?|thank you|still|then|also|plus|now)\b[\s,.!:…-]*)+",
    re.IGNORECASE,
)
_SPEAKER = re.compile(r"\b(?:i|i'm|i've|i'll|i'd|im|ive|my|me|mine|we|we're|we've|our|us|myself)\b", re.IGNORECASE)
_THINKING = re.compile(
    r"\b(?:i (?:want|need|demand|expect|think|guess|suppose|mean|know|don't (?:know|care|want|think)|hope|wish"
    r"|would like|asked|said|told|was told|hate|can't believe)"
    r"|i'd (?:like|rather)|i am (?:not|asking|telling|calling|writing|going to|done|leaving|sorry|here)|i asked"
    r"|i'm (?:not|asking|telling|calling|ringing|writing|going to|done|leaving|sorry|here)|tell me|give me"
    r"|help me|let me|get me|excuse me|call me|ask me)\b",
    re.IGNORECASE,
)
_STAKE = re.compile(
    r"\b(?:mum|mam|mom|mother\w*|dad\w*|father\w*|nan\w*|gran\w*|wife|husband|partner|son\w*|daughter\w*|kids?"
    r"|child\w*|baby|brother|sister|friend|dog|cat"
    r"|marriage|wedding|funeral|rent|wages?|job|savings|pension|surgery|hospital|school|birthday|christmas"
    r"|holiday|home|house|flat|years?|months?|weeks?"
    r"|days?|nights?|hours?|times?|twice|third|fourth|deadline|alone|by myself|on my own|nobody|no one|waiting"
    r"|waited|lost|broke\w*|dead|died|late|left|cold|dark|floor)\b"
    r"|\d",
    re.IGNORECASE,
)
_TURNED = {
    "i": "you",
    "i'm": "you're",
    "im": "you're",
    "i've": "you've",
    "ive": "you've",
    "i'll": "you'll",
    "i'd": "you'd",
    "my": "your",
    "me": "you",
    "mine": "yours",
    "myself": "yourself",
    "we": "you",
    "we're": "you're",
    "we've": "you've",
    "we'll": "you'll",
    "we'd": "you'd",
    "our": "your",
    "ours": "yours",
    "us": "you",
    "ourselves": "yourselves",
    "your": "our",
    "yours": "ours",
    "you've": "we've",
    "you're": "we're",
    "you'll": "we'll",
    "you'd": "we'd",
    "yourselves": "ourselves",
}
_AGREES = {"am": "are", "was": "were", "wasn't": "weren't", "wasnt": "weren't"}
_TALKED_TO = re.compile(
    r"(?:\b(?:to|for|with|from|at|of|by|about|on|told|tell|asked|ask|called|rang|emailed|paid|pay|gave|give|sent"
    r"|send|trusted|trust|believed?|chose|owe|hired|let"
    r"|thank|see|hear|heard) )$",
    re.IGNORECASE,
)
_KIN = re.compile(
    r"\s+(?:own|mum|mam|ma|dad|da|nan|gran|wife|husband|lad|lass|son|daughter|bairn|house|car|phone|back|job|mate"
    r"|money)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\s+|[\W\d_]", re.UNICODE)
FEWEST, MOST = 3, 20
"""Words of a statement that can be said back."""


@dataclass(frozen=True)
class Particular:
    """One thing of the customer's own, without a stop at its end.

    ``said`` is verbatim; ``turned`` as the trainee would say it, "" where only the customer's own words are safe;
    ``weight`` is higher where more is at stake.
    """

    said: str
    turned: str
    weight: float


def particulars(texts: Sequence[str]) -> list[Particular]:
    """Return what of the customer's ``texts`` (oldest first) can be said back, the weightiest first."""
    found: list[Particular] = []
    for age, text in enumerate(reversed(texts)):
        plain = text.replace("’", "'")
        for start, end in sentences(plain):
            said = plain[start:end]
            if "?" in said or any(c in said for c in '<>{}[]|\\"“”') or not said.isprintable():
                continue
            turned = turn_round(said)
            certain = turned is not None and is_certain(said)
            if turned is not None and (certain or not _QUARREL.search(said)):
                plain_said = _ASIDE.sub("", text[start:end]).strip().rstrip(".!… ,;:-–—")
                found.append(Particular(plain_said, turned if certain else "", _weight(said) - 0.8 * age))
    return sorted(found, key=lambda particular: -particular.weight)


def turn_round(said: str) -> str | None:
    """Return the statement ``said`` from the other side, beginning small unless its first word is a name; None where
    it is not a plain statement about the speaker."""
    if re.search(r",? you [\w-]+(?: [\w-]+)?[.!]*$", said) and re.search(r"[,!.] you ", said):
        return None  # a name for the employee
    text = _LEADING.sub("", _ASIDE.sub("", said).strip()).strip()
    text = text.rstrip(".!… ,;:-–—").strip()
    text = _main_part(text)
    count = len(text.split())
    if not FEWEST <= count <= MOST or _SWEARING.search(text) or not _SPEAKER.search(text) or _THINKING.search(text):
        return None
    if sum(word.isupper() and len(word) > 3 for word in text.split()) > 0:
        text = " ".join(word.lower() if word.isupper() and len(word) > 3 else word for word in text.split())
    words = _WORD.findall(text)
    turned: list[str] = []
    last = ""
    for place, word in enumerate(words):
        low = word.casefold().replace("’", "'")
        if low == "you":
            # "You lost my ring" but "I told you": the firm is the subject or the one spoken to.
            before = "".join(words[:place])
            new = "us" if _TALKED_TO.search(before) or place >= len(words) - 1 else "we"
        elif low == "me" and _KIN.match("".join(words[place + 1 :])):
            new = "your"  # "me mam"
        elif low in _AGREES and last in ("i", "we"):
            new = _AGREES[low] if last == "i" else low
        else:
            new = _TURNED.get(low, word)
        turned.append(new)
        if not word.isspace():
            last = low
    result = "".join(turned).strip()
    if re.search(r"\b(?:you|we) (?:am|is|has)\b|\b(\w+) \1\b", result, re.IGNORECASE):
        return None
    first = result.split()[0]
    if first.casefold() in set(_TURNED.values()) | _SMALL:
        result = result[0].lower() + result[1:]
    return result


_SMALL = frozenset(
    [
        "the",
        "a",
        "an",
        "this",
        "that",
        "these",
        "those",
        "it",
        "it's",
        "there",
        "there's",
        "nobody",
        "no",
        "somebody",
        "someone",
        "he",
        "she",
        "they",
        "he's",
        "she's",
        "they're",
        "three",
        "two",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "one",
        "all",
        "every",
        "everything",
        "half",
        "because",
        "since",
        "after",
        "before",
        "when",
        "while",
        "now",
        "yesterday",
        "today",
        "last",
        "in",
        "on",
        "at",
        "for",
        "with",
    ]
)


_CERTAIN = re.compile(
    r"^(?:i|i'm|i've|i'd|my|we|we've|our|(?:this|it|that)(?:'s| is| was) (?:my|our))\b", re.IGNORECASE
)
_BROKEN = re.compile(r"\b(?:you\w*|your\w*)\b|[–—…;:]|\s-\s|\.\.", re.IGNORECASE)
_QUARREL = re.compile(r"\b(?:you\w*|your\w*)\b|^\W*(?:don't|do not|stop|tell|give|read|let|just)\b", re.IGNORECASE)
"""Words aimed at the employee: not what anybody would want said back."""
_DANGLING = re.compile(
    r"\b(?:has|have|had|is|was|were|am|did|do|does|to|of|my|our|a|an|the|and|that|with|for)$", re.IGNORECASE
)


def is_certain(said: str) -> bool:
    """True where ``said`` is so plain that turning it round makes good English: the speaker first, whole, unbroken."""
    text = _LEADING.sub("", _ASIDE.sub("", said).strip()).strip().rstrip(".!,")
    return bool(_CERTAIN.match(text)) and not _BROKEN.search(text) and not _DANGLING.search(text)


def _main_part(text: str) -> str:
    """Return ``text`` up to a turn of speech that belongs to the quarrel: ", and now you…", " - how…"."""
    cut = re.split(
        r"\s[-–—]+\s|[;:]\s|,\s+(?=(?:so|and now|but|how|what|why|you know|right|okay|ok)\b)|\.\.\.|…", text, maxsplit=1
    )[0]
    return cut.strip() if len(cut.split()) >= FEWEST else text


def stakes(text: str) -> set[str]:
    """Return the words of ``text`` that name what is at stake for somebody: people, places, times, money, loss."""
    return {match.casefold() for match in _STAKE.findall(text)}


def _weight(said: str) -> float:
    length = len(said.split())
    return min(3, len(stakes(said))) + (1.0 if 5 <= length <= 14 else 0.0) - (0.5 if "!" in said else 0.0)


_FEELINGS: tuple[tuple[str, str], ...] = (
    (r"\b(?:scared|afraid|frighten\w+|terrif\w+)\b", "frightened"),
    (r"\b(?:worr(?:y|ied|ying)|anxious|panic\w*)\b", "worried"),
    (r"\b(?:asham\w+|embarrass\w+|humiliat\w+|mortif\w+)\b", "humiliated"),
    (
        r"\b(?:died|dead|funeral|passed away|dying|late (?:mum|mother|dad|father|wife|husband)|ashes|miscarr\w+"
        r"|grave)\b",
        "heartbroken",
    ),
    (r"\b(?:exhaust\w+|tired|haven't slept|not slept|no sleep|worn out|can't sleep)\b", "worn out"),
    (
        r"\b(?:third|fourth|fifth|again and again|times|every time|nobody (?:calls|called|rang|told|tells"
        r"|listens)|chas\w+|passed (?:on|round|around))\b",
        "tired of it",
    ),
    (r"\b(?:on hold|waiting|waited|waits?|for (?:\w+ )?(?:weeks|months))\b", "fed up"),
    (r"\b(?:lied|lying|promised|trusted|cheated|behind my back)\b", "let down"),
    (r"\b(?:alone|lonely|on my own|by myself|left me|divorc\w+|marriage)\b", "overwhelmed"),
    (r"\b(?:rent|can't afford|wages?|savings|bills?|money|paid|pay|charged?|£|\$|€)\b", "worried about the money"),
    (
        r"\b(?:tomorrow|tonight|by (?:mon|tues|wednes|thurs|fri|satur|sun)day|deadline|in (?:two|three|four|2|3|4"
        r"|a few) (?:hours|days)|(?:two|three|2|3) days (?:to|left))\b",
        "under pressure",
    ),
)


def feeling(texts: Sequence[str]) -> str:
    """Return a word for what the newest of ``texts`` that gives a clue sounds like ("worn out"); "" for no clue."""
    for text in reversed(texts):
        for pattern, word in _FEELINGS:
            if re.search(pattern, text, re.IGNORECASE):
                return word
    return ""
