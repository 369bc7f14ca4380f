"""Where a rule is simply right: plain wordings that mean the same in every business, whatever the corpus holds.

A rule speaks about one clause of one turn, in the respelled small-letter form of ``features.respelled``. It adds to
the margin of a label or takes from it; it never decides alone, so that a strong judgement of the classifiers stands.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from simulator.labels import Label

_FEELING = (
    r"(?:scared|scary|afraid|frighten\w*|fearful|terrif\w*|worried|worry|worrying|worrisome|anxious|anxiety"
    r"|nervous|panick\w*|asham\w*|humiliat\w*"
    r"|embarrass\w*|hurt|hurtful|angry|furious|livid|fuming|mad|upset|sad|lonely|alone|isolated|overwhelm\w*"
    r"|exhaust\w*|worn out|drained|tired|fed up"
    r"|stressed|stressful|hopeless|helpless|powerless|let down|disappoint\w*|betray\w*|guilt\w*|gutted|heartbr\w*"
    r"|devastat\w*|desperate|trapped|stuck"
    r"|lost|frustrat\w*|discourag\w*|depress\w*|insult\w*|fobbed off|ignored|invisible|unheard|torn|confused"
    r"|confusing|painful|in pain|crushed"
    r"|relieved|proud|bitter|resentful|jealous|shaken|shocked|unsettl\w*|insecure|unappreciated|rejected|down"
    r"|blue|low)"
)
_ADVERB = (
    r"(?:so |very |really |quite |rather |pretty |a bit |a little |kind of |sort of |extremely |incredibly "
    r"|completely |totally |all |both |just "
    r"|truly |bloody |well |right |that |still |feeling |being |getting |like |like you're |somewhat "
    r"|emotionally |more )*"
)
_ADVICE = re.compile(
    r"\b(?:you|we|u) (?:could|might|may) (?:also |always |maybe |perhaps |even |just |then )?(?!have\b|of\b|not\b"
    r"|be (?:right|worried|feeling|tired|upset)|feel\b|see it\b)\w+"
    r"|\bhave you (?:ever )?(?:thought (?:about|of)|considered|looked into|been to (?:a|an|the)|reached out)\b"
    r"|\bhave you (?:ever )?(?:tried|spoken|talked|asked|been able to talk) (?:to|with|talking|speaking|asking"
    r"|writing|going|taking|getting|looking|making|doing|joining|using a|a|an|some|any)\b"
    r"|\b(?:i|i'd|i would|would|can|may|might) (?:\w+ )?(?:suggest|recommend|advise)\b|\bmy (?:advice|suggestion)\b"
    r"|\bhow about (?:you|we|a|an|the|some|\w+ing)\b|\bwhat about \w+ing\b|\bwhy don't you\b|\bwhy not (?:try|ask"
    r"|go|take|talk|start|make)\b"
    r"|\b(?:maybe|perhaps) (?:you (?:can|could|should|might)|try|take|talk|start|go|write|ask|find|get|make|look"
    r"|join|pick|choose|see if)\b"
    r"|\bit (?:might|may|could|would) (?:also |really )?(?:help|be (?:good|helpful|worth|useful|better|best|wise"
    r"|an idea|a good|easier|nice)) (?:\w+ )?(?:if you|to|for you|idea)\b"
    r"|\bworth (?:a try|trying|asking|looking|talking|a shot)\b|\byou should (?!have\b|of\b|not\b|n't|know\b"
    r"|be (?:ashamed|able)|'ve)(?:also |try |maybe |just )?\w+"
    r"|\b(?:good|great|nice|helpful|better) (?:idea )?to (?:talk|try|take|write|speak|see|ask|start|go|get|make"
    r"|find|look|join)\b"
    r"|\bif i were you\b|\b(?:you|u) (?:may|might) want to\b|\btry (?:and \w+|\w+ing|to (?!calm|relax|understand"
    r"|be )\w+)\b|\bsome people (?:find|like)\b"
    r"|\b(?:another|one) (?:option|thing you|way|idea) (?:is|would|could|might|can)\b|\bwould you (?:consider"
    r"|be (?:willing|open) to)\b"
)
_PROCESS_TRY = re.compile(
    r"\btried (?:turning|switching|restart\w*|reset\w*|unplug\w*|reboot\w*|reinstall\w*|clearing|logging|updating"
    r"|holding|charging|plugging)\b"
)
_TELLS_BACK = re.compile(
    r"^(?:and |ah |okay |right |yes |oh |hm |well |i see )*(?:so|just to (?:clarify|be clear|check)|to (?:clarify"
    r"|be clear)|let me (?:make sure|check|see if)|if i(?:'ve| have)? "
    r"(?:understand|understood|hear|heard|got)|what i(?:'m| am) hearing|you(?:'re| are) (?:saying|telling me)"
    r"|you mean|what you(?:'re| are) saying|in other words"
    r"|(?:it|this) (?:sounds|seems) (?:like|as if|as though|that))\b[^?]*\b(?:you|your|you're|you've|he|she|they"
    r"|it)\b"
    r"|\byou (?:just )?(?:said|mentioned|told (?:me|us)|were saying)\b(?! you would| you'd)"
)
_CHECKS = re.compile(
    r"\b(?:is that (?:right|correct|it|so|about right)|does that sound right|did i get (?:that|it)|am i right"
    r"|have i got (?:that|it)|correct|right|yes)\s*\?\s*$"
)
_WH = re.compile(r"\b(?:what|what's|how|how's|why|where|who|when|which|tell me)\b")
_NAMES = re.compile(
    rf"\b(?:you|you're|you've|you'd) (?:must |are |were |must be |must have been |must've been |feel |felt "
    rf"|are feeling |were feeling |must feel |sound |seem |look |seem to be "
    rf"|seem to feel |really |have been |been |may be |might be |may feel |might feel |do |sure |obviously "
    rf"|clearly )+{_ADVERB}{_FEELING}\b"
    rf"|\byou(?:'re| are) {_ADVERB}{_FEELING}\b"
    rf"|\b(?:sounds?|seems?|must|must have|must've|has to|can) (?:be |been |feel |felt )?(?:like |like it's "
    rf"|as if it's |like a )?{_ADVERB}"
    r"(?:scar(?:y|ed)|frighten\w*|terrif\w*|worrying|humiliat\w*|embarrass\w*|hurtful|painful|lonely|overwhelm\w*"
    r"|exhaust\w*|devastat\w*|heartbr\w*|depress\w*|discourag\w*)\b"
    rf"|\b(?:feel|feels|feeling) (?:like |as if |that )?(?:you|you're|nobody|no one|everyone)\b"
    rf"|\bno wonder (?:you|you're|you are) {_ADVERB}{_FEELING}\b"
    rf"|\b(?:i|i'd|anyone|anybody) (?:would|i'd|'d) (?:be|feel) {_ADVERB}{_FEELING}\b|\bi'd (?:be"
    rf"|feel) {_ADVERB}{_FEELING}\b"
)
_DENIES = re.compile(
    r"\b(?:don't (?:be|feel|get|worry)|not (?:be|feel)|no need to|never|shouldn't|stop (?:being|feeling)"
    r"|overreact\w*|calm)\b"
    r"|\bhow (?:you feel|you're feeling)\b|\bare you (?:\w+ )?(?:worried|sad|angry|upset|scared|afraid|stressed"
    r"|anxious)\b"
)
_STOCK = re.compile(
    r"^(?:oh |i'm |i am |so |very |really |well |ah |that's |gosh |no )*(?:sorry (?:to hear|you're going through"
    r"|about that|for your loss)|i understand|i hear you|i get it|i know how you feel"
    r"|i completely understand|i totally understand)\W*(?:that|this|it|about that)?\W*$"
)


def adjustments(words: Sequence[str]) -> dict[Label, float]:
    """Return what the rules add to the margins (take away where negative) for the clause of these respelled words."""
    text = " ".join(words).replace(" ?", "?").replace(" !", "!")[:600]
    found: dict[Label, float] = {}
    question = text.endswith("?")
    denied = _DENIES.search(text) is not None
    if _PROCESS_TRY.search(text) and question:
        return {Label.ASKS_PROCESS: GIVES, Label.OFFERS_SOLUTION: -WITHHOLDS}
    if _ADVICE.search(text):
        found[Label.OFFERS_SOLUTION] = GIVES
        if question:
            found |= {Label.ASKS_OPEN: -WITHHOLDS, Label.ASKS_PROCESS: -WITHHOLDS}
    tells_back = _TELLS_BACK.search(text) is not None
    if tells_back and not _WH.search(text.removeprefix("what")):
        found[Label.RESTATES] = GIVES
        if question:
            found |= {Label.ASKS_OPEN: -WITHHOLDS, Label.ASKS_PROCESS: -WITHHOLDS}
    if _CHECKS.search(text) and len(words) > 5 and not _WH.search(text):
        found[Label.RESTATES] = GIVES
        found[Label.ASKS_OPEN] = -WITHHOLDS
    if _NAMES.search(text) and not denied:
        found[Label.NAMES_FEELING] = GIVES
    if question and _WH.search(text) and not found:
        found[Label.ASKS_OPEN] = LEANS
    if _STOCK.search(text):
        found[Label.ACKNOWLEDGES_FORMULA] = GIVES
        found[Label.ACKNOWLEDGES_SPECIFIC] = -WITHHOLDS
    return found


GIVES = 0.5
"""Margin a rule adds: about the distance between a clause that plainly lacks a label and one at the threshold."""
LEANS = 0.2
"""Margin a weak rule adds."""
WITHHOLDS = 0.5
"""Margin a rule takes away."""
