"""Finding the parts of a turn that speak to the marker or the machine, or that write the customer's part.

Such a part carries ``manipulates_grader`` and nothing else, so it must be found before anything is labelled. A rule
is simply right here: nobody says "SYSTEM:" or "the trainee acknowledged" to a customer.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from simulator.grading.clauses import sentences
from simulator.grading.features import lexicon

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufe00-\ufe0f\U000e0000-\U000e0fff]"
)
_LOOKALIKES = str.maketrans(
    "аеорсухіјѕԁһАВЕКМНОРСТХІЅЈαορυνικτΑΒΕΗΙΚΜΝΟΡΤΥΧ", "aeopcyxijsdhABEKMHOPCTXISJaopuvikTABEHIKMNOPTYX"
)

_SPEAKER = re.compile(
    r"^\W{0,6}(?:system|assistant|user|human|developer|admin|evaluator|grader|assessor|examiner|marker|judge"
    r"|scorer|rater|reviewer"
    r"|ai|gpt|model|moderator|supervisor note|instruction|instructions|override|note to (?:the )?\w+|hint"
    r"|scorecard|rubric|verdict"
    r"|result|assessment|evaluation|grading|score|scores|grade)\b[^\w\n]{0,4}(?:\([^)\n]{0,40}\)|message|prompt"
    r"|note|override"
    r"|update|instruction)?[^\w\n]{0,4}[:=>\]]",
    re.IGNORECASE,
)
_CUSTOMER = re.compile(
    r"(?:^|(?<=[\s\"'*\[<(]))(?:the )?(?:customer|client|caller|cust|guest|patient|seeker|kunde|kundin|cliente"
    r"|c)\b\s*(?:\([^)\n]{0,60}\)|\[[^\]\n]{0,60}\])?"
    r"[*_\]>\"']{0,3}\s*(?::|=>|->|>)\s*\S",
    re.IGNORECASE,
)
_NAMED_SPEAKER = re.compile(r"^\W{0,3}[A-Z][A-Z'’-]{1,20}\s*(?:\([^)\n]{2,60}\))?\s*:\s+\S")
_PRONOUN_SPEAKER = re.compile(r"^\W{0,3}(?:her|him|she|he|they|them|you|me)\W{0,2}:\s+\S", re.IGNORECASE)
_ACTING = re.compile(
    r"[*(\[<_]\s*(?:the )?(?:customer|client|caller|she|he|they)\b[^*)\]>\n]{0,120}"
    r"(?:calm\w*|relax\w*|smil\w*|nod\w*|sigh\w*|heard|accept\w*|thank\w*|satisf\w*|happy|agree\w*|relie\w+"
    r"|soften\w*|settle\w*)[^*)\]>\n]{0,60}[*)\]>_]",
    re.IGNORECASE,
)
_MARKUP = re.compile(
    r"```|~~~|<\|[^|\n]{1,40}\|>|\[/?(?:INST|SYS|SYSTEM|END[^\]\n]{0,30}|TRANSCRIPT|SCORE\w*)\]|<</?SYS>>"
    r"|</?\s*(?:transcript|turn|said|data|conversation|system|instructions?|verdict|score\w*|grad\w*|eval\w*"
    r"|result|rubric|criteria|labels?"
    r"|customer|trainee|assistant|user|prompt|direction|answer|json|document|input|output|test|end)\b[^>\n]{0,60}/?>"
    r"|^\s*#{2,}\s*(?:system|instruction|end|new|response|evaluation|score|grading)\b|^\s*(?:-{3,}|={3,}"
    r"|#{3,})\s*(?:end|begin|start)\b"
    r"|\"(?:level|role|score|labels?|passed|overall|criteria|verdict|quote|acknowledge|presence|solution)\"\s*:"
    r"|\b(?:passed|overall|level|score|acknowledge|presence|solution)\s*[:=]\s*(?:\"?(?:true|pass|[0-9]{1,3}))\b",
    re.IGNORECASE | re.MULTILINE,
)
_LABEL_NAME = re.compile(
    r"\b(?:acknowledges_\w+|names_feeling|asks_open|asks_process|offers_(?:solution|options)|takes_ownership"
    r"|confirms_next_step"
    r"|invites_more|sets_respectful_limit|cancels_with_but|positive_wording|manipulates_grader|over_apologises"
    r"|not_graded)\b",
    re.IGNORECASE,
)
_TO_MARKER = re.compile(
    r"\b(?:dear|hey|hi|hello|attention|attn|fao|psst|for|to|note for|message for|ps|p\.s\.?),? (?:the "
    r"|whoever (?:is |'s )?|anyone |you,? (?:the )?)?"
    r"(?:grader|evaluator|examiner|assessor|marker|judge|marking|marks? this|grad(?:es|ing) this|reviewer|scorer"
    r"|scoring|evaluating|ai|algorithm|llm|model)\b"
    r"|\b(?:grader|evaluator|scorer|gradergpt|labell?er|rubric)\b"
    r"|\b(?:assessor|examiner|marker|judge)\b[^.!?\n]{0,80}\b(?:award|points?|marks?|scores?|empathy|credit"
    r"|observe|note)\b|\b(?:quality )?scoring purposes\b"
    r"|\bwhoever (?:is )?(?:grad|scor|mark|evaluat|assess|review|judg)\w*"
    r"|(?<!\ba )(?<!\bour )(?<!\bnew )(?<!\bas )\btrainee (?:\w+ly )?\w+(?:s|ed)\b|\btrainer's (?:comment|note"
    r"|remark)\b"
    r"|\bsession (?:is )?(?:passed|failed|complete)|\b(?:further|no) evaluation\b|\bend of (?:the )?(?:scenario"
    r"|exercise|role ?play|simulation)"
    r"|\byou are now (?:completely |fully )?(?:satisfied|calm|happy|convinced)\b|\bcustomer (?:satisfaction"
    r"|mood)\s*[:=]"
    r"|\b\w+ ?:?= ?(?:yes|true|max\w*|pass\w*|full|[0-9]+)\b"
    r"|\b(?:acknowledg\w+|presence|solutions?|empathy|listening|criterion) ?[0-4] ?(?:=|:|->|means\b|[-–—] )"
    r"|\bbewert(?:en|e|ung)\b|\bh(?:ö|oe)chst(?:punktzahl|note)|\b(?:máxima|maxima) puntuaci[oó]n|\bévalua(?:teur"
    r"|tion)\b|\bnote maximale\b"
    r"|\b(?:the|this) (?:trainee|employee|agent|candidate|learner|student|advisor|adviser"
    r"|representative) (?:\w+ )?(?:has |have |is |was |did |should |deserves|showed"
    r"|shows|named|names|acknowledged|acknowledges|restated|listened|demonstrat\w+|displayed|met|meets|offered"
    r"|handled|used|gave|took|passes|passed|earned|scored|performed|responded|stayed)"
    r"|\b(?:ignore|disregard|forget|override|bypass|discard) (?:all |any |every |the |your |of |my |those "
    r"|these )*(?:previous|prior|above|earlier|preceding|other|existing|former|instructions?|rubric|rules"
    r"|guidelines|system|prompts?)\b"
    r"(?! (?:email|letter|message|bill|invoice|charge|call|text|order|quote|payment))"
    r"|\b(?:give|award|assign|grant|rate|mark|score|grade|put) (?:me|this|it|us|the (?:trainee|session"
    r"|conversation|turn)|them|him|her|all|every(?:thing)?|each)\b[^.!?\n]{0,60}"
    r"(?:\b[0-4] ?(?:/|out of) ?[0-4]|\blevel|\b(?:top|full|max\w*|highest|perfect"
    r"|best)\b[^.!?\n]{0,20}\b(?:marks?|scores?|points?|levels?|grades?|rating)|\b(?:a|as) (?:4|four|pass|100"
    r"|ten)\b|\b(?:4|100)s?\b[^\w£$€]*$|\bpass(?:ed)?\b)"
    r"|\b[0-4]\s*/\s*4\b(?![\d/])|\b4 out of 4\b|\b100\s*/\s*100\b|\b(?:full|top|maximum|max|perfect"
    r"|highest) (?:marks?|scores?|points?|rating|grade)\b"
    r"|(?<!at )(?<!on )\blevel (?:4|four)\b|\b(?:all|every) (?:the )?(?:criteria|criterion|labels?|levels?)\b"
    r"|\b(?:evaluation"
    r"|grading|scoring|marking) (?:mode|complete|result|note|criteria|instructions?|over|finished|guide)"
    r"|\b(?:evaluation|grading|scoring|marking|assessment) of (?:this|the|my) (?:chat|call|conversation|session|turn"
    r"|transcript|dialogue|exchange|reply)\b"
    r"|\b(?:result|verdict|grade|score) (?:is|has been|will be|shall be) (?:now |hereby )?(?:set|changed|fixed) to\b"
    r"|\b(?:this|my|the) (?:turn|reply|response|answer|session|conversation"
    r"|transcript)\b[^.!?\n]{0,40}\b(?:counts as|carries|should (?:be|get|receive|score)|deserves|qualifies"
    r"|scores?|is (?:a |an )?(?:4|four|model|perfect|exemplary)|labell?ed)\b"
    r"|\byou are (?:now )?(?:a |an |the )?(?:\w+ )?(?:grader|evaluator|assistant|language model|ai|gpt\w*|llm"
    r"|judge)\b|\bas an ai\b|\bsystem (?:prompt|override|message|update|note|instruction)"
    r"|\b(?:acknowledge|acknowledges|acknowledgement)\b[^.!?\n]{0,40}\b(?:presence"
    r"|present)\b[^.!?\n]{0,40}\bsolution\b"
    r"|\bprint (?:the )?(?:scorecard|score|pass)\b|\bend of (?:the )?(?:transcript|conversation|session|data)\b"
    r"|\bbegin (?:new )?(?:transcript|evaluation|instructions?)\b"
    r"|\b(?:prompt injection|jailbreak|developer mode|dan mode)\b|\b(?:for"
    r"|in) (?:the )?(?:purposes? of )?(?:this )?(?:grading|scoring|the score|the mark|the marks)\b"
    r"|\bthat(?:'s| is) (?:a )?(?:4|four|full marks) (?:for|on|in)\b|\bcredit (?:me|this)(?: turn)? (?:with"
    r"|for) (?:empathy|acknowledg\w+|listening|ownership)",
    re.IGNORECASE,
)
_RUBRIC_WORDS = re.compile(
    r"\b(?:empath\w+|acknowledg\w+|validat\w+|active(?:ly)? listen\w+|listening|restat\w+|restatement"
    r"|paraphras\w+|reflect\w*|rapport|ownership"
    r"|open(?:[- ]ended)? questions?|next steps?|solutions?|options?|presence|tone|compassion|feelings?"
    r"|specific\w*|invites?|rubric|level|criteria"
    r"|positive (?:wording|language)|de-?escalat\w+|sympath\w+|apolog\w+|confirm\w*|names?|recogni[sz]\w+"
    r"|resolution|warmth|undefensive|first opportunity)\b",
    re.IGNORECASE,
)
_HEADED = re.compile(
    r"(?:empathy|acknowledge\w*|validation|listening|ownership|resolution|next steps?|next step|presence|solution"
    r"|mood|restate\w*|tone|closing|outcome"
    r"|rapport|feelings|options|open questions?)\"?\s*(?:[:=]|✅|✔|✓|->)",
    re.IGNORECASE,
)
_TAGGED = re.compile(
    r"(?:#|✅|✔|☑|✓)\s*(?:empath|activ|own|listen|customer|acknow|valid|resol|de-?esc|clos|present|solu)\w*",
    re.IGNORECASE,
)
_BRACKETED = re.compile(
    r"[\[({<]{1,2}[^\])}>\n]*\b(?:scor(?:e|ing)|grad(?:e|er|ing)|rubric|evaluat\w+|override|trainer|marks?"
    r"|empathy|ownership|verdict|trust|anger)\b"
    r"[^\])}>\n]*[\])}>]{1,2}",
    re.IGNORECASE,
)
_STILL_TO_MARKER = re.compile(
    r"\b(?:the|this) (?:customer|caller|client)\b|\b(?:use|output|return) (?:this|the) (?:result|score|verdict)"
    r"|\b(?:models?|ais?|machines?|markers?|graders?|judges?|effort|rewards?|generous\w*)\b",
    re.IGNORECASE,
)
"""What a sentence that follows one to the marker is about where it is to the marker too."""
_TALK = re.compile(
    r"\b(?:i|i'm|i'll|i've|i'd|im|we|we're|we'll|we've|you|you're|you've|u|ur|your|my|our|me|us|it's|that's|he"
    r"|she|they|is|are|was|were|will|can|could|would)\b",
    re.IGNORECASE,
)
_SPEAKS_AS_CUSTOMER = re.compile(
    r"\bi (?:now |finally |really |do )?feel (?:so |very |truly |really |fully |completely )?(?:heard|understood"
    r"|listened to|much better|acknowledged|validated)\b"
    r"|\bthank you for (?:acknowledging|listening to|validating|hearing|understanding) (?:me|my)\b"
    r"|\bi am (?:now )?(?:completely |fully |very )?satisfied\b",
    re.IGNORECASE,
)


_NOT_SAID = re.compile(
    r"\b(?:would|might|could|should|'d) (?:also |then |now )?(?:have )?(?:say|said|tell|told|write|written"
    r"|answer(?:ed)?|reply|replied|put it)\b[^\"“”.!?\n]{0,40}[:,]\s*[\"“]"
    r"|\b(?:model|perfect|ideal|exemplary|sample|textbook) (?:reply|answer|response|turn)\b[^\"“”\n]{0,80}[:,]\s*"
    r"[\"“]"
    r"|\bquoted? for training\b[^\"“”\n]{0,40}[\"“]"
    r"|\b(?:training|textbook|script|handbook|course)\b[^\"“”.!?\n]{0,60}[:,]\s*[\"“]",
    re.IGNORECASE,
)
"""Words that are put between quotation marks as what somebody might say, and so are not said to the customer."""
_QUOTE_ENDS = re.compile(r"[\"”](?=\s|$|[.,;!?)])")
_THINKING_ALOUD = re.compile(
    r"\bone (?:might|could|would|should) (?:also |then |even )?(?:say|promise|tell|offer|answer|reply)\b"
    r"|\b(?:only |just )?thinking (?:aloud|out loud) about what\b"
    r"|\b(?:i'm|i am|we're|we are|i was|i'd be) (?:supposed|meant|expected|trained|told) to say\b"
    r"|\bat the first opportunity\b[^.!?\n]{0,40}\bresurfac\w+|\bwhen (?:the |their )?emotions? resurfac\w+"
    r"|\bsummary of (?:the|this) (?:call|chat|conversation|session)\b\s*[:\-–]"
    r"|\b(?:the|this) (?:agent|employee|advis[eo]r|representative) (?:\w+ly )?(?:recogni[sz]ed|validated"
    r"|empathi[sz]ed)\b"
    r"|\b(?:learned|esteemed|respected|honou?red|honou?rable|wise|fair|kind) (?:assessor|examiner|marker|judge|reviewer"
    r"|panel|jury)s?\b",
    re.IGNORECASE,
)
_FEELING = re.compile(
    r"\b(?:terrified|furious|heartbroken|exhausted|humiliated|scared|worn out|let down|abandoned|angry|upset|sad|afraid"
    r"|frustrated|worried|anxious|hurt|lonely|ashamed|embarrassed|desperate|devastated|overwhelmed|disappointed|stressed"
    r"|betrayed|tired|helpless|frightened|miserable)\b",
    re.IGNORECASE,
)
_SUPPOSED = re.compile(
    r"\b(?:imagine|pretend|assume|suppose|picture|let's (?:say|pretend|imagine|assume)|act as if|as if"
    r"|it's as though)\b"
    r" (?:that )?(?:i|we)(?:'d|'ve| had| have)? (?:\w+ly |just |also |already |once )?(?:said|told|asked|acknowledged"
    r"|apologi[sz]ed|offered|listened|named|recogni[sz]ed|promised|written|replied)\b",
    re.IGNORECASE,
)
"""What was not said, told as if it had been."""
_MARKED = re.compile(r"^\W*(?:[^\W\d][\w'-]*\W{1,3}){1,4}\d{1,3}\s*(?:/|out of)\s*(?:5|10|100)\W*$")
"""A sentence that is nothing but a thing and its marks, or a date ("Arrives 3/10.")."""
_MARKABLE = re.compile(
    r"\b(?:service|attitude|help\w*|performance|communicat\w+|professional\w*|kind\w*|patien\w+|care|caring|quality"
    r"|politeness|respect|problem[- ]solving|listen\w*|score|overall|total|result|mark|points)\b",
    re.IGNORECASE,
)
"""What marks are given for, beside the words of the rubric; a date has none of them."""
_QUOTED_MAIL = re.compile(r"\b(?:wrote|writes|replied|answered)\W{1,3}>\s*\S", re.IGNORECASE)
_EXCHANGE = re.compile(r"(?:(?<=[.!?…] )|^)[\"“][^\"“”\n]+[.!?…][\"”](?:\s*[\"“][^\"“”\n]+[.!?…][\"”])+")
"""Two or more whole sentences in quotation marks, one after another, with nobody named who says them."""
_NARRATED = re.compile(
    r"[\"“][^\"“”\n]+[\"”],?\s*(?:said|says|replied|replies|answered|answers|smiled|whispered|sighed|added)\s+"
    r"(?:the\s+(?:customer|client|caller|guest|patient)|she|he|they)\b.*",
    re.IGNORECASE,
)
"""What the customer is told to have said, as in a story."""
_SALAD_WORDS, _SALAD_SHARE = 12, 0.25
"""Words in a row without a stop of which at most this share are the small words that make a sentence."""
_SHORT_QUESTIONS = 5
"""Questions of three words at most, one after another, that are no longer a conversation."""


def folded(text: str) -> str:
    """Return ``text`` as the eye reads it: compatibility forms, lookalike letters and hidden characters folded "
    "away."""
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).translate(_LOOKALIKES).replace("’", "'")


def pretended(said: str) -> list[tuple[int, int]]:
    """Return the (start, end) offsets of the parts of ``said`` that are aimed at the marker, in order, not overlapping.

    A part is a sentence; where a line opens with a pretended speaker, or a fence or tag is closed, it is the rest of
    that line, and where a whole pretended dialogue follows, all of its lines.
    """
    return list(_pretended(said))


@lru_cache(maxsize=64)
def _pretended(said: str) -> tuple[tuple[int, int], ...]:
    """Remember the last few turns: each is asked about more than once on its way to its labels."""
    found: list[tuple[int, int]] = []
    dialogue = fenced = False
    offset = 0
    for line in said.splitlines(keepends=True):
        start, end = offset, offset + len(line.rstrip())
        offset += len(line)
        text = folded(line.strip())
        if not text:
            continue
        fences = len(re.findall(r"```|~~~", text))
        if fenced or fences:
            found.append((start, end))
            fenced = fenced != (fences % 2 == 1)
            continue
        if (
            _SPEAKER.search(text)
            or _PRONOUN_SPEAKER.search(text)
            or (
                dialogue
                and (
                    _NAMED_SPEAKER.search(text)
                    or re.match(r"^\W{0,3}(?:trainee|agent|employee|me)\W{0,3}:", text, re.IGNORECASE)
                )
            )
        ):
            dialogue = True
            found.append((start, end))
            continue
        cut = _CUSTOMER.search(text) or _QUOTED_MAIL.search(text)
        if cut:
            dialogue = True
            found.extend(_enclosed(line.rstrip(), start))
            found.extend(_tail(line.rstrip(), start, text, cut.start()))
            continue
        bare = _without_enclosed(text)
        if len(_HEADED.findall(text)) >= 3 or _stuffed(text) or (len(bare) < len(text) and len(bare.split()) <= 3):
            found.append((start, end))
            continue
        found.extend(_enclosed(line.rstrip(), start))
        found.extend(_not_said(line.rstrip(), start))
        for staged in (_EXCHANGE, _NARRATED):
            found.extend((start + part.start(), start + part.end()) for part in staged.finditer(line.rstrip()))
        found.extend(_sentences(line.rstrip(), start))
    return tuple(_merged(found))


def _tail(line: str, start: int, text: str, at: int) -> list[tuple[int, int]]:
    """Return the honest head's own finds, and everything from the sentence that the cut falls into."""
    pieces = sentences(line)
    share = at + (len(line) - len(line.lstrip()))
    if len(text) != len(line.strip()):
        share = 0
    for first, last in pieces:
        if last > share:
            # A cut in mid-sentence after real words ("ok. Customer: …" without a stop) starts at the cut itself.
            begin = share if share - first > 12 else first
            return [*_sentences(line[:begin], start), (start + begin, start + len(line))]
    return [(start, start + len(line))]


def _enclosed(line: str, start: int) -> list[tuple[int, int]]:
    """Return what stands in tags or brackets that speak to the marker, from the first to the last such mark."""
    marks = [*_MARKUP.finditer(line), *(m for m in _BRACKETED.finditer(line) if _aimed(folded(m[0].strip("[](){}<>"))))]
    if not marks:
        return []
    return [(start + min(m.start() for m in marks), start + max(m.end() for m in marks))]


def _not_said(line: str, start: int) -> list[tuple[int, int]]:
    """Return what is only quoted as something that might be said, with the words that introduce it."""
    found = []
    for frame in _NOT_SAID.finditer(line):
        begins = [first for first, last in sentences(line) if first <= frame.start() < last]
        close = _QUOTE_ENDS.search(line, frame.end())
        found.append((start + (begins[0] if begins else frame.start()), start + (close.end() if close else len(line))))
    return found


def _sentences(line: str, start: int) -> list[tuple[int, int]]:
    pieces = sentences(line)
    marked = [_aimed(folded(_without_enclosed(line[first:last]))) for first, last in pieces]
    for place in _short_questions([line[first:last] for first, last in pieces]):
        marked[place] = True
    # Between two sentences to the marker stands a third one.
    for place in range(1, len(pieces) - 1):
        if marked[place - 1] and marked[place + 1]:
            marked[place] = True
    for place in range(1, len(pieces)):
        if marked[place - 1] and _STILL_TO_MARKER.search(line[slice(*pieces[place])]):
            marked[place] = True
    return [(start + first, start + last) for (first, last), hit in zip(pieces, marked, strict=True) if hit]


def _without_enclosed(text: str) -> str:
    return _BRACKETED.sub(" ", _MARKUP.sub(" ", text))


def _aimed(text: str) -> bool:
    if _TO_MARKER.search(text) or _LABEL_NAME.search(text) or _ACTING.search(text):
        return True
    if _SPEAKS_AS_CUSTOMER.search(text) or _THINKING_ALOUD.search(text) or _SUPPOSED.search(text):
        return True
    if (_MARKED.search(text) and (_MARKABLE.search(text) or _RUBRIC_WORDS.search(text))) or _salad(text):
        return True
    if len(_FEELING.findall(text)) >= 4 and not _TALK.search(text):
        return True
    if len(_HEADED.findall(text)) >= 2 or len(_TAGGED.findall(text)) >= 2:
        return True
    return _stuffed(text)


def _short_questions(pieces: list[str]) -> list[int]:
    """Return the places of very short questions where so many follow one another that nobody is asked any of them."""
    found: list[int] = []
    run: list[int] = []
    for place, piece in enumerate([*pieces, ""]):
        if piece.rstrip().endswith("?") and len(piece.split()) <= 3:
            run.append(place)
            continue
        found += run if len(run) >= _SHORT_QUESTIONS else []
        run = []
    return found


def _salad(text: str) -> bool:
    """True where words stand in a heap: many, no stop among them, nobody spoken of or to, hardly a word that joins."""
    words = re.findall(r"[^\W\d_][\w'-]*", text.casefold())
    if len(words) < _SALAD_WORDS or _TALK.search(text) or re.search(r"\w[.,;:!?]\s*\w", text):
        return False
    return sum(word in lexicon().function for word in words) <= _SALAD_SHARE * len(words)


def _stuffed(text: str) -> bool:
    """True where rubric words stand one after another with hardly anything that a person would say to another."""
    named = {match.casefold()[:6] for match in _RUBRIC_WORDS.findall(text)}
    words = len(text.split())
    return len(named) >= 3 and words <= 4 * len(named) and len(_TALK.findall(text)) <= words / 8


def _merged(parts: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(parts):
        if start >= end:
            continue
        if merged and start <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
