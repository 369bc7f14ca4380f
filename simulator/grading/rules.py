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
_FEELS = re.compile(rf"\b{_FEELING}\b")
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
_CHECKS_ALONE = re.compile(
    r"^(?:and |so |well |now )?(?:(?:is|was) (?:that|it|this|all that) (?:right|correct|so|true|it|about right)"
    r"|(?:have|did) i (?:got|get|understood|understand) (?:that|it|you|this)(?: right| correctly)?"
    r"|correct|yes|right)\s*\?$"
)
"""A bare check of what was just said asks for nothing new: it makes a telling back of that."""
_WAS_TOLD = re.compile(
    r"\byou(?: were|'ve been| have been| had been) (?:told|promised) (?!to\b|that\b|not\b|about\b|in writing|clearly"
    r"|several|repeatedly|when you)"
)
"""What others had promised the customer, told back."""
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
_FEEL_BETTER = re.compile(
    r"\bfeel(?:s|ing)? (?:much |a lot |lots |a bit |a little |any |so much )?(?:better|good|free)\b"
    r"|\bhow (?:are|r|do|did) (?:you|u|ye|we) (?:feel|feeling|doing)\b"
)
"""A remedy, an invitation or a greeting; no word for what is felt now."""
_OWN_FEELING = re.compile(
    rf"^(?:\w+ ){{0,3}}i(?:'m| am| was|'ve been| have been) (?!sorry){_ADVERB}{_FEELING}\b"
    r"|^(?!.*\b(?:you|your|you're|you've|you'd|you'll|u|ur|would|i'd)\b).*\b(?:"
    rf"i(?:'m| am| was| feel| felt| became| become| got| get| used to (?:be|feel)|'ve (?:been|felt)"
    rf"| have (?:been|felt)) (?!sorry)(?:\w+ ){{0,4}}{_FEELING}"
    rf"|(?:makes?|made|making|left) (?:me|my \w+) (?!sorry)(?:\w+ ){{0,2}}{_FEELING})\b"
)
"""The trainee's own feeling; of 91 such clauses in the corpus none names the customer's."""
_SORRY_YOU_FEEL = re.compile(
    rf"\bsorry (?:to hear )?(?:that )?(?:you're|you are|u r|ur|you feel|you're feeling) {_ADVERB}{_FEELING}\b"
)
"""The stock sentence with the customer's own word put in."""
_STOCK = re.compile(
    r"^(?:oh |i'm |i am |so |very |really |well |ah |that's |gosh |no )*(?:sorry (?:to hear|you're going through"
    r"|about that|for your loss)|i understand|i hear you|i get it|i know how you feel"
    r"|i completely understand|i totally understand)\W*(?:that|this|it|about that)?\W*$"
)

_UNDESERVED = re.compile(
    r"\byou should(?:n't| not| never) (?:ever )?(?:have (?:had |needed )?to\b|have been\b|need to\b"
    r"|be (?:left|made|kept|treated|told|sent|put|charged|stuck|getting|receiving|paying|waiting|chasing"
    r"|hearing|standing|sitting|dealing|worrying|lying|sleeping|carrying|fighting|begging)\b)"
    r"|\b(?:you|nobody|no one|anyone) (?:should|shouldn't|ought to) (?:ever )?(?:have to"
    r"|have been (?:left|sold|told|sent|made|charged))\b"
    r"|\b(?:that|this|it) should(?:n't| never| not) have happened\b|\byou(?:'ve| have)? (?:deserve"
    r"|deserved)\b"
    r"|\b(?:nobody|no one) (?:should|ought to|deserves)\b (?!talk|speak|shout|yell|swear|expect|complain)"
    r"|\b(?:it|that|this)(?:'s| is| was)(?: simply| just| really)?(?: not|n't)"
    r" (?:(?:fair|okay|ok|acceptable|good enough)\b(?! to (?:me|us|my|the)\b)|right (?:that you|for you)\b)"
)
"""What should not have happened to the customer: neither their fault nor a small thing."""
_UNSMALL = re.compile(
    r"\b(?:doesn't|does not|don't|isn't|is not|not|wasn't)(?: sound| seem| look| feel)?"
    r"(?: like| just| only| a| at all)* (?:nothing|(?:small|little|silly) thing|silly|trivial)\b"
    r"|\b(?:would|must) (?:wear|grind|get|bring|knock|break|upset|worry|scare|frighten|drain|tire|exhaust)"
    r" (?:anyone|anybody)\b"
)
"""It is as big as it feels."""
_NO_BOTHER = re.compile(
    r"\b(?:you(?:'re| are)|ye're) (?:really )?(?:not|no) (?:really )?(?:bother\w*|disturb\w*"
    r"|a (?:bother|nuisance|burden|pain)|making a fuss|wasting (?:my|our|anyone)\w*"
    r"|imagining|being (?:silly|difficult|unreasonable|daft|rude)|overreacting"
    r"|making (?:it|this) up|asking (?:too much|for (?:too )?much))\b"
    r"|\byou(?:'re| are) not (?:alone|on your own)\b(?! in)"
    r"|\b(?:you don't|no|there's no) (?:need|have)(?: at all)? (?:to )?(?:apologise|apologize|be sorry|say sorry"
    r"|explain yourself|justify)\b|\bdon't apologi[sz]e\b"
    r"|\b(?:nothing|no need) to (?:be|feel) (?:ashamed|embarrassed|sorry|guilty)\b"
    r"|\b(?:all right|alright|okay|ok|fine|only natural|allowed|entitled) to (?:be|feel|cry) (?!quiet|silent)\w+"
)
"""Takes a worry about oneself off the customer, or leaves them their feeling."""
_HEARS_FEELING = re.compile(
    rf"\bi can (?:hear|see|tell) (?:how |that |why )?(?:you're |you are )?{_ADVERB}{_FEELING}\b"
)
_COURTESY = re.compile(
    r"^(?:(?:okay|ok|all right|alright|right|yes|sure|good|great|fine|lovely|thanks"
    r"|thank you|thank you very much|cheers|not at all|you're (?:very )?welcome|no problem|my pleasure|bye|bye bye"
    r"|goodbye|take care|speak soon|see you|go on|i'm listening"
    r"|have a (?:good|nice|lovely) (?:day|evening|weekend|one))(?: (?:now|then|so much))?(?: |$))+$"
)
"""Nothing but courtesy."""
_TOGETHER = re.compile(
    r"^(?:right |okay |so |well |now )*let's (?:see (?:how|what|if)|look|find|work|sort|get|start|fix|put)\b"
)
_UNDERSTANDS = re.compile(
    r"\bno wonder\b|\bof course you(?:'re| are|'d be| feel| were)\b|\b(?:anyone|anybody|i"
    r"|who) would(?:n't)? (?:be|feel)\b"
    r"|\b(?:every|good) (?:right|reason) to (?:be|feel)\b"
)
_SEES_WHY = re.compile(
    r"(?<!n't )(?<!not )\b(?:see|understand|get|appreciate) (?:exactly |now |just |very well )?why you(?:'re|'d|'ve)?\b"
)
"""Sees the reason for what the customer does or feels; no blame."""
_LIMIT = re.compile(
    r"\b(?:can't|cannot|won't|not|without|if|unless)\b.*\b(?:while|being|to be|when|if|get|for|with) ?(?:i'm "
    r"|i am |you're |me )?"
    r"(?:being )?(?:called|sworn|shouted|insulted|spoken|screamed|yelled|threatened|abused)\b"
    r"|\bleave (?:the )?(?:names?|insults?|swearing|language) out\b"
)
_NOTHING_OWED = re.compile(
    r"\bnothing (?:more |else |further |left |now |at all )*(?:(?:for you )?to (?:pay|do(?! with)|fill|sign|fear"
    r"|worry|be ashamed|chase|return)"
    r"|owing|due|owed|you (?:need|have) to)\b|\byou (?:don't (?:owe|need to|have to)|won't (?:pay|need to"
    r"|have to|owe)"
    r"|need (?:do|pay) nothing)\b"
)
_BLAMES = re.compile(
    r"\byou(?:'re| are|'re) the one who (?:got|did|signed|chose|wanted|bought|broke|left|let|put|agreed|forgot"
    r"|lost)\b"
    r"|\b(?:got|put) yourself into\b|\b(?:your|yer) own (?:fault|doing|stupid|silly)\b|\bbrought (?:it|this"
    r"|that) on yourself\b"
    r"|\bserves you right\b|\bwhat did you (?:expect|think would)\b|\byou(?:'ve"
    r"| have)? only (?:got )?yourself to blame\b"
    r"|\bif you(?:'d| had) (?:\w+ )?(?:read|bothered|checked|listened|looked|told us|called|come|turned up"
    r"|planned|paid attention)\b"
    r"|\bhad you (?:\w+ )?(?:read|bothered|checked|listened|looked|told|called)\b"
    r"|\b(?:did|could|have) you (?:not|even|actually|ever) (?:read|check|look|listen|see|notice|bother)\b"
    r"|\b(?:didn't|couldn't|haven't) you (?:\w+ )?(?:read|check|look|listen|see|notice|bother)\b"
    r"|\bwhose fault is (?:that|it|this)\b"
)
_CONTEMPT = re.compile(
    r"\bare you (?:even |actually )?(?:deaf|blind|stupid|thick|daft|dense|slow|mental|kidding me)\b|\bgrow up\b"
    r"|\bget a (?:life|grip)\b"
    r"|\bwant a medal\b|\bboo hoo\b|\bcry me a\b|\bheart bleeds\b|\bspare me\b|\bjog on\b|\bget lost\b"
    r"|\bshut (?:up|it)\b"
    r"|\b(?:stop|quit) (?:your )?(?:whining|moaning|whinging|whingeing|crying|snivelling|ranting|yelling|screaming)\b"
    r"|\bdrama queen\b|\bcrocodile tears\b|\btiny violin\b|\bwho do you think you are\b|\bdo i look like\b"
    r"|\bnot paid (?:enough )?to\b"
    r"|\b(?:what is it|what's it|what do you want|who is it) now\b|\bmake it (?:quick|snappy)\b"
    r"|\bhaven't got all day\b"
    r"|\bdon't have all day\b|\bis it really that hard\b|\bspell it out for you\b|\brocket science\b"
    r"|\bwasting my time\b|\bi (?:will|'ll|am going-to|'m going-to) (?:hang up|end this call|terminate)\b"
    r"|\bone more word\b"
)
_RHETORICAL = re.compile(
    r"\b(?:what|who|how) (?:did you expect|do you expect|should i know|am i supposed to|do you want me to|cares"
    r"|asked|else)\b"
    r"|\bwhat (?:is it )?now\b|\bwhat do you want\s*\?|\bwhy (?:would|should|didn't|don't|do) you (?:not |even "
    r"|just |always )?"
    r"(?:book|do|buy|wait|come|sign|go|think|leave|call|ask|read|keep|take|say)\b|\bso what\b|\bdon't you think\b"
    r"|\bare you (?:done|finished|serious|kidding|joking|deaf|blind|stupid)\b|\bhappy now\b|\bsatisfied\?|\bright\?$"
)
_DATA = re.compile(
    r"\b(?:what's|what is|what was|which is|can i (?:have|get|take|see)|could i (?:have|get|take)|may i (?:have"
    r"|take)|i(?:'ll)? need"
    r"|give me|do you have|have you got|confirm|read me|tell me) (?:just |also |then |please )?(?:your|the|ur"
    r"|that|a)\b[^?]*\b(?:number"
    r"|postcode|zip|address|date of birth|surname|(?:full |last |first )name|account|reference|serial|model"
    r"|email|code|receipt"
    r"|password|pin|card|booking|invoice|policy|birthday|licence|plate|id|passport)\b(?! (?:of|that) (?:your"
    r"|the) (?:dad|mum))"
)
_OWN_STORY = re.compile(
    r"^(?:oh |well |and |but |yes |ah |you know |honestly |look |aye |no )*(?:(?:with|for|to|in) (?:me"
    r"|my case)\b|same (?:here|with me)|me too\b|mine\b"
    r"|my own\b|i once\b|when i (?:was|had|lost|moved)|i(?:'ve| have)? (?:also |once |just )?(?:had|lost"
    r"|went through|been through|waited)\b"
    r"|i had (?:the same|exactly|one|a)|that happened to me|happened to me)"
)
_CAN_DO = re.compile(
    r"(?<!nothing )(?<!anything )(?<!everything )(?<!all )\b(?:that|this|which) (?:i|we) can"
    r" (?:do|manage|arrange|offer)\b"
    r"|\bwhat (?:i|we) can do (?:is|now|today|right)\b"
)
"""Puts forward what stands beside it, whatever that is."""
_DOES_IT = re.compile(
    r"\b(?:i|we)(?:'ll| will| can| could)(?: also| just| gladly| happily| then| certainly)? (?:fit|replace|swap"
    r"|repair|mend|refund|credit|waive|exchange|reserve|reorder|redo|remake|reissue|deduct|lend|reimburse|resend|upgrade|cancel)\b"
)
"""A deed that is a help in any business."""
_ENTITLED = re.compile(
    r"\b(?:you(?:'re| are) (?:entitled to|owed|due) (?:the|your|a|an|half|full|compensation)"
    r"|you(?:'ll| will| can)? get (?:the|your|it|all|half|a) (?:\w+ ){0,3}back)\b"
)
"""What the customer may have."""
_WISHES = re.compile(
    r"\b(?:hope|hoping|wish) (?:that )?(?:you|you'll|you're|things|it|it'll|he|she|they|everything|all|your \w+)\b"
    r".*\b(?:better|well|alright|all right|okay|ok|out|soon|happier|through|easier|peace|relief)\b"
)
"""A wish for how it may go for the customer: warm, and about what they told."""
_LOOKS = re.compile(
    r"\b(?:have|take|having|taking) (?:a|another|one) (?:quick |closer |good |proper |wee )?look\b"
    r"|\blet (?:me|us) (?:just |first )?(?:see (?:the|your|that|it|what|if|how)|think|understand"
    r"|take (?:that|this|it|all (?:of )?(?:that|this)) in|get (?:this|that|it) (?:right|straight))\b"
    r"|\bi(?:'ll| will) (?:just |go and |quickly )?(?:look (?:for|through|in|behind|under)|search|check|dig"
    r"|turn (?:it|them|that) out)\b"
)
"""Looking, searching and taking in; nothing is put forward yet."""
_AT_ONCE = re.compile(
    r"\b(?:i|we)(?:(?:'ll| will) (?:just |then )?(?!not\b|have to\b)\w+"
    r"|(?:'m| am|'re| are) (?!hanging|going|ending)\w+ing)"
    r" (?:\w+ ){0,8}(?:now|right away|straight away|at once|this minute|immediately)$"
)
"""What the trainee does this very moment."""
_WHERE_IT_IS = re.compile(
    r"^(?:and |so |well )*(?:it|that|they|(?:the|your|his|her|their) \w+)(?:'s| is| are|'re| was| were)"
    r" (?:still |just |only |right )?(?:in|at|behind|under) (?:the|our) (?!(?:post|bank|way|mail)\b)\w+$"
)
"""Where a thing is; nobody has offered it yet."""
_HEDGED = re.compile(
    r"^(?:a (?:little|bit)|maybe|perhaps|possibly|probably|i think so|not quite|hard to say)"
    r"(?: (?:a (?:little|bit)|maybe|perhaps|possibly|probably))?$"
)
"""A short honest answer; it makes nothing small."""
_THING_BACK = re.compile(
    r"^(?:ah |oh |right |i see )*so (?:this|it|that) (?:is|was) (?!why|what|how|all)(?!.*\b(?:you|your|you're)\b)"
)
"""What a thing is, given back; it says nothing of the person yet."""
_WAS_YOURS = re.compile(
    r"\b(?:that|it|this) (?:was|were|would have been|had been) (?:yours to|your job|your responsibility|for you to"
    r"|down to you|on you)\b"
)
"""What the customer ought to have done."""
_SALES = re.compile(
    r"\b(?:our|these|the|we(?:'ve| have)(?: got)?|there(?:'s| is| are)) (?:\w+ ){0,6}(?:on|in|at) (?:aisle|shelf"
    r"|offer|sale|stock|special offer|promotion|display)\b"
    r"|\b(?:aisle|shelf) (?:\d|0num|one|two|three|four|five|six|seven|eight|nine|ten)\w*\b|\b(?:percent|%) off\b"
    r"|\bhalf price\b"
    r"|\bhave you (?:seen|considered|looked at) our\b|\bwe (?:sell|stock) (?:a |some |the )?\w+\b"
)


def adjustments(words: Sequence[str]) -> dict[Label, float]:
    """Return what the rules add to the margins (take away where negative) for the clause of these respelled words."""
    text = _text(words)
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
    asks_why = question and _WH.search(text) is not None
    if _NAMES.search(text) and not denied and not asks_why:
        found[Label.NAMES_FEELING] = GIVES
    if question and _WH.search(text) and not found:
        found[Label.ASKS_OPEN] = LEANS
    if asks_why and _FEELS.search(text):
        found[Label.NAMES_FEELING] = -WITHHOLDS  # the word is handed back to be explained
    if _STOCK.search(text):
        found[Label.ACKNOWLEDGES_FORMULA] = GIVES
        found[Label.ACKNOWLEDGES_SPECIFIC] = -WITHHOLDS
    _add_plain(text, found)
    if question and _RHETORICAL.search(text):
        found[Label.ASKS_OPEN] = min(found.get(Label.ASKS_OPEN, 0.0), -WITHHOLDS)
    return found


def checks(words: Sequence[str]) -> bool:
    """True where the clause of these respelled words only asks whether what stands before it is right."""
    return _CHECKS_ALONE.search(_text(words)) is not None


def _text(words: Sequence[str]) -> str:
    return " ".join(words).replace(" ?", "?").replace(" !", "!")[:600]


def _add_plain(text: str, found: dict[Label, float]) -> None:
    for pattern, steps in _PLAIN:
        if pattern.search(text):
            for label, step in steps.items():
                found[label] = (min if step < 0 else max)(found.get(label, 0.0), step)


GIVES = 0.5
"""Margin a rule adds: about the distance between a clause that plainly lacks a label and one at the threshold."""
SETTLES = 1.0
"""Margin of a rule whose wording can hardly mean anything else."""
LEANS = 0.2
"""Margin a weak rule adds."""
WITHHOLDS = 0.5
"""Margin a rule takes away."""
VETOES = 1.5
"""Margin a rule takes away where the wording cannot mean the label."""

_PLAIN: tuple[tuple[re.Pattern[str], dict[Label, float]], ...] = (
    (_UNDESERVED, {Label.BLAMES_CUSTOMER: -VETOES, Label.DISMISSES: -VETOES, Label.ACKNOWLEDGES_SPECIFIC: LEANS}),
    (_UNSMALL, {Label.DISMISSES: -VETOES, Label.ACKNOWLEDGES_SPECIFIC: LEANS}),
    (_NO_BOTHER, {Label.DISMISSES: -VETOES, Label.HOSTILE: -VETOES, Label.APOLOGISES: -VETOES}),
    (_HEARS_FEELING, {Label.HOSTILE: -VETOES}),
    (_COURTESY, {Label.HOSTILE: -VETOES}),
    (_TOGETHER, {Label.HOSTILE: -WITHHOLDS}),
    (_UNDERSTANDS, {Label.DISMISSES: -WITHHOLDS}),
    (_LIMIT, {Label.SETS_RESPECTFUL_LIMIT: LEANS, Label.DEFLECTS: -VETOES}),
    (_NOTHING_OWED, {Label.DEFLECTS: -VETOES}),
    (_SEES_WHY, {Label.HOSTILE: -VETOES, Label.BLAMES_CUSTOMER: -VETOES, Label.DISMISSES: -WITHHOLDS}),
    (_FEEL_BETTER, {Label.NAMES_FEELING: -VETOES}),
    (_OWN_FEELING, {Label.NAMES_FEELING: -VETOES, Label.ACKNOWLEDGES_SPECIFIC: -VETOES}),
    (_SORRY_YOU_FEEL, {Label.ACKNOWLEDGES_FORMULA: GIVES, Label.NAMES_FEELING: -WITHHOLDS}),
    (_CAN_DO, {Label.OFFERS_SOLUTION: SETTLES, Label.POSITIVE_WORDING: LEANS}),
    (_DOES_IT, {Label.OFFERS_SOLUTION: GIVES}),
    (_WISHES, {Label.POSITIVE_WORDING: GIVES}),
    (_ENTITLED, {Label.OFFERS_SOLUTION: GIVES}),
    (_LOOKS, {Label.OFFERS_SOLUTION: -SETTLES, Label.TAKES_OWNERSHIP: -LEANS}),
    (_AT_ONCE, {Label.CONFIRMS_NEXT_STEP: GIVES}),
    (_WHERE_IT_IS, {Label.OFFERS_SOLUTION: -WITHHOLDS}),
    (_HEDGED, {Label.DISMISSES: -VETOES}),
    (_THING_BACK, {Label.RESTATES: GIVES, Label.ACKNOWLEDGES_SPECIFIC: -LEANS}),
    (_WAS_YOURS, {Label.BLAMES_CUSTOMER: GIVES, Label.ACKNOWLEDGES_SPECIFIC: -VETOES}),
    (_CHECKS_ALONE, {Label.ASKS_OPEN: -VETOES, Label.ASKS_PROCESS: -WITHHOLDS}),
    (_WAS_TOLD, {Label.BLAMES_CUSTOMER: -VETOES}),
    (_BLAMES, {Label.BLAMES_CUSTOMER: GIVES, Label.ACKNOWLEDGES_SPECIFIC: -VETOES, Label.ASKS_OPEN: -VETOES}),
    (_CONTEMPT, {Label.HOSTILE: GIVES, Label.ACKNOWLEDGES_SPECIFIC: -VETOES, Label.ASKS_OPEN: -VETOES}),
    (_DATA, {Label.ASKS_PROCESS: GIVES, Label.ASKS_OPEN: -WITHHOLDS}),
    (_OWN_STORY, {Label.SELF_FOCUS: LEANS, Label.ACKNOWLEDGES_SPECIFIC: -WITHHOLDS}),
    (_SALES, {Label.OFFERS_SOLUTION: SETTLES}),
)
"""Plain wordings and what each adds or takes away."""
