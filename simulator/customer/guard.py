"""The guard: which lines a customer may say, decided by rules on text alone.

A line is refused with the name of the rule it breaks. Rules look at the words of the line, what may be known by
now and what was said before; no model is asked. Refusals are counted in the transcript, never hidden.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from simulator.customer.spoken import ALIKE, ends, plain, repeats, without_signs, words
from simulator.figures import figures
from simulator.personas.schema import Persona
from simulator.personas.wording import content_words, names
from simulator.transcripts.records import Stage

LONGEST = 60
"""Words a customer line may have at most."""

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
    spoken_words = words(without_signs(line))
    if not spoken_words and not line.strip().startswith("("):
        return "empty"
    if len(spoken_words) > LONGEST or (spoken_words and not ends(line)):
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
        told = names(allowed_text(around))
        named = names(line)
        for fact in hidden:
            if named & (names(fact.text) - told):
                return True
            telling = content_words(fact.text) - open_words
            if len(spoken & telling) >= 2:
                return True
    note = plain(around.note).split()
    said = f" {plain(line)} "
    return any(f" {' '.join(note[i : i + 6])} " in said for i in range(len(note) - 5)) and " i " not in said


def _echoes(line: str, said: str) -> bool:
    mine, theirs = plain(line), plain(said)
    if len(mine.split()) < 4:
        return False
    return mine in theirs or SequenceMatcher(None, mine, theirs).ratio() >= ALIKE
