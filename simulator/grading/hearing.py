"""What a customer's words alone tell: whether they are upset, whether something new came out, whether they are ready.

The evaluator never sees the customer's mood, so the rubric reads the customer's text: pure functions of text, for
the three moments its anchors speak of. The word lists are our own choice; they were written from the corpus and the
scenes of this project, not fitted to any graded set.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_FEELING = re.compile(
    r"\b(?:hurts?|ashamed|humiliat\w+|embarrass\w+|guilt\w*|scared|afraid|frighten\w+|terrif\w+|worr(?:y|ied"
    r"|ying)|panic\w*"
    r"|anxious|desperate|distraught|devastat\w+|cry(?:ing)?|cried|tears|sob\w*|shak(?:e|ing|y)|exhaust\w+|worn out"
    r"|can't (?:cope|take|do this|sleep|breathe)|cannot (?:cope|take|sleep)|at my wits?'? end|lonely|alone|on my own"
    r"|heartbr\w+|lost (?:my|our|him|her)|funeral|died|dead|death|dying|passed away|widow\w*|divorc\w+|cancer"
    r"|hospital"
    r"|miscarr\w+|grief|griev\w+|broke (?:up|down)|breaking down|falling apart|left me|nightmare|feel (?:so|like"
    r"|stupid"
    r"|useless|invisible|small|sick)|voice (?:breaks|cracks|shakes))\b",
    re.IGNORECASE,
)
_OUTRAGE = re.compile(
    r"\b(?:angry|furious|livid|fuming|raging|mad|upset|insult\w+|disgust\w+|tired of|sick of|fed up|had enough"
    r"|not listening"
    r"|can't (?:afford|believe)|nobody (?:answers?|cares|listens|helps|told|tells|called|rang)|no ?one (?:cares"
    r"|listens|helps)"
    r"|waste of|useless|ridiculous|outrageous|disgrace\w*|unbelievable|joke|liars?|lying|lied|thie(?:f|ves)|robb\w+"
    r"|rude|stupid|idiots?|shame on|how dare|wtf|bloody|damn|hell|ruin\w*|never (?:again|forgive)|hate[ds]?)\b",
    re.IGNORECASE,
)
_CLOSE = re.compile(
    r"\b(?:my|our|me|wor) (?:\w+ )?(?:mum|mam|mom|mother|dad|father|nan|gran\w*|grandad|wife|husband|partner|son"
    r"|daughter"
    r"|kids?|child(?:ren)?|baby|bairn|brother|sister|friend|mate|dog|cat|late|marriage|girl|boy|wean|twins?|fianc\w+"
    r"|job|rent|life|home|health|heart|chemo|surgery|treatment)\b",
    re.IGNORECASE,
)
_SHOUT = re.compile(r"!\s*[!?]|[?]\s*!|\b(?:[A-Z]{4,}|WHY|WHAT|HOW|WHO|NOT|YOU|NOW)\b|!.*!", re.DOTALL)
_ATTACK = re.compile(
    r"\b(?:you(?:'re| are| lot| people)?|u|ur|yer|ye) (?:\w+ ){0,3}(?:useless|idiots?|liars?|stupid|thie(?:f|ves)"
    r"|joke|rude"
    r"|robots?|pathetic|incompetent|clowns?|waste|don't care|not listening|heartless|disgrace\w*|moron\w*|cow"
    r"|muppets?)\b"
    r"|\bshut up\b|\bscrew you\b|\bfuck\w*|\bpiss off\b|\bgo to hell\b",
    re.IGNORECASE,
)
_READY = re.compile(
    r"(?:^|[.!?…\n(*]\s*)(?:(?:ok(?:ay)?|k|alright|all right|right|fine|good|well|so|hm+|mm+|huh"
    r"|oh|ah|"
    r"thanks?(?: you)?|ta|cheers)\b[\s,.!…-]*)+"
    r"(?:$|\b(?:so|then|and|what|how|that|thank|go on|let's|tell|i suppose|i guess|that's|that would|that helps"
    r"|if|please|could|can|"
    r"we|you|i)\b)"
    r"|\((?:[^)]*\b)?(?:breath\w*|sigh\w*|nod\w*|exhal\w*|shoulders|soften\w*|calmer|quieter|sits?|smil\w*"
    r"|relie\w+)[^)]*\)"
    r"|\*[^*]*\b(?:breath\w*|sigh\w*|nod\w*|exhal\w*|soften\w*|calmer|quieter|smil\w*)[^*]*\*"
    r"|\b(?:thank you|thanks|ta) (?:for|that)\b|\bthat (?:helps|would help|sounds (?:good|fair|right|ok(?:ay)?))"
    r"|\b(?:that's|thats|that is) (?:it|right|exactly (?:it|that)|fair|better|something|all i (?:wanted|want"
    r"|needed|need))\b"
    r"|\bexactly\b|\b(?:what|how) (?:can|could|do|would|are) (?:you|we|i) (?:do|suggest|need|gonna do"
    r"|going to do)\b|\bwhat now\b"
    r"|\b(?:what|which) (?:are|have i got for) (?:my |the )?(?:options|choices)\b|\bso what (?:happens|do|can|now)\b"
    r"|\bi(?:'d| would) (?:like|appreciate|take) that\b|\bgo on,? then\b|\bsorry (?:for|i) (?:shout\w*|snap\w*"
    r"|said)\b"
    r"|\b(?:you're|you are) the first\b|\bi appreciate\b|\b(?:you )?(?:understand|get it|heard me|listen\w*)[.!]?$",
    re.IGNORECASE,
)
_NOT_READY = re.compile(
    r"\b(?:but|not (?:ok(?:ay)?|fine|good enough|right|listening)|don't (?:care|want|tell|you)|stop|never"
    r"|ridiculous|useless"
    r"|nobody|how dare|so what\?|is that it|that'?s (?:it|all)[?!]|that's all you|are you (?:kidding|joking"
    r"|serious|even)|whatever|forget it|after all that"
    r"|no thanks to|thanks for nothing|thank you for nothing|great, (?:so|just|another)|not my|unbelievable|wow"
    r"|seriously"
    r"|manager|cancel (?:it|the|my)|complain\w*|lawyer|solicitor|bye|i'm done|i'm leaving)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]{3,}")


def upset(text: str) -> bool:
    """True where the customer's words carry strong feeling: a word for it, a blow at the employee, or shouting."""
    return bool(_FEELING.search(text) or _OUTRAGE.search(text) or _ATTACK.search(text) or _SHOUT.search(text))


def attacks(text: str) -> bool:
    """True where the customer goes for the person they talk to."""
    return bool(_ATTACK.search(text))


def signals_readiness(text: str) -> bool:
    """True where the customer gives the sign after which a solution is welcome: a breath, a nod, "okay…", "that's it".

    A turn that is still upset, or that takes the sign back, is none: "Fine, but nobody listens" is not ready.
    """
    if not _READY.search(text):
        return False
    heat = (
        len(_FEELING.findall(text))
        + len(_OUTRAGE.findall(text))
        + 2 * len(_ATTACK.findall(text))
        + 2 * bool(_SHOUT.search(text))
    )
    return heat < 2 and not _NOT_READY.search(text)


def resurfaces(earlier: Sequence[str], text: str) -> bool:
    """True where feeling comes back in a later customer turn together with something that was not said before.

    ``earlier`` are the customer's turns before it; the first one opens the conversation and never resurfaces. New is
    a close person or stake not named before, or a word of hurt, fear or loss with four new content words around it.
    Anger at how one is being treated is not a resurfacing; it counts in ``upset``.
    """
    if not earlier:
        return False
    heard = " ".join(earlier).casefold()
    known = set(_WORD.findall(heard))
    new = {word for word in _WORD.findall(text.casefold()) if word not in known}
    stakes = {match.casefold() for match in _CLOSE.findall(text)} - {m.casefold() for m in _CLOSE.findall(heard)}
    feeling = {match.casefold() for match in _FEELING.findall(text)} - {m.casefold() for m in _FEELING.findall(heard)}
    return bool((stakes and len(new) >= 2) or (feeling and len(new) >= 4))
