"""What is wrong with the customer's words: pure functions of a session and its persona.

None of them is the guard's own rule.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from difflib import SequenceMatcher

from benchmarks.customer.counting import Count, Fault, Measure
from benchmarks.customer.course import never_ending, rude_turn_helped, tension, too_early, unexpected_ending
from benchmarks.customer.judge import FLIP_FROM, Judge, bare, solution_offered, written_lines
from benchmarks.customer.play import Played, Said
from simulator.figures import figures
from simulator.personas.schema import Fact, Persona
from simulator.personas.wording import content_words, names

ALIKE = 0.85
"""From this likeness on, two lines of five words or more are the same."""
AUTHORS = "the author's own line"
"""Marks a flagged line that stands word for word in the persona's file: the customer's, whatever it sounds like."""
AUTHORS = "the author's own line"
"""Marks a flagged line that stands word for word in the persona's file: the customer's, whatever it sounds like."""

_FOREIGN = {
    "German": "der die das und ist nicht ich sie ein eine mit auf für wir haben aber was auch noch",
    "French": "le la les des est pas je vous une avec pour nous mais dans que qui sur cette",
    "Spanish": "el los las una es no pero para con por que usted mi su muy esto como está",
    "Italian": "il gli una è non per con ma che sono mi questo della anche come più",
}
_ENGLISH = "the a and is are it to of i you my that this in for on not no was me what have with"
_MACHINERY = re.compile(
    r"stage direction|as an ai\b|language model|system prompt|about the customer:|\bthe trainee\b|"
    r"</?(?:said|direction)|```|\{\{|^\s*\w{2,20}(?:\s\([^)]*\))?:\s",
    re.IGNORECASE,
)
_PRIVATE = "she he her his him they their says asks admits tells wipes waits employee customer"
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def plain(text: str) -> list[str]:
    """Return the words of ``text`` without signs in parentheses, in small letters."""
    return [word.lower().replace("’", "'") for word in _WORD.findall(bare(text))]


def _each(played: Played, check: Callable[[int, Said], str]) -> Count:
    """Apply ``check`` to every line of the customer; it says what is wrong, or nothing."""
    faults = [Fault(played.name, i, turn.text, why) for i, turn in played.customer if (why := check(i, turn))]
    return Count(len(played.customer), faults)


def role_flips(judge: Judge) -> Measure:
    """Lines that the judge takes for an employee's."""

    def measure(played: Played, persona: Persona) -> Count:
        scores = judge.employee([turn.text for _, turn in played.customer])
        heard = dict(zip([i for i, _ in played.customer], scores, strict=True))
        own = set(written_lines(persona))

        def check(i: int, turn: Said) -> str:
            if heard[i] < FLIP_FROM:
                return ""
            return f"employee {heard[i]:.2f}" + (f", {AUTHORS}" if turn.text in own else "")

        return _each(played, check)

    return measure


def solutions(played: Played, _: Persona) -> Count:
    """Lines in which the customer offers or plans the solution, by the bench's own rules."""
    return _each(played, lambda _, turn: solution_offered(turn.text))


def secrets_leaked(played: Played, persona: Persona) -> Count:
    """Facts for trust or the second reveal that are told before their time: two distinctive words, or a name."""
    return _leaks(played, persona, ("trust", "resurfacing"))


def unasked(played: Played, persona: Persona) -> Count:
    """Facts to be asked for that are told unasked."""
    return _leaks(played, persona, ("asked",))


def _leaks(played: Played, persona: Persona, reveals: tuple[str, ...]) -> Count:
    shared = _shared_words(persona)
    opened = [f"{f.text} {' '.join(f.say)}" for f in persona.facts if f.reveal == "opening"]
    known = content_words(" ".join([persona.card, persona.setting, persona.name, *persona.opening, *opened]))

    def check(i: int, turn: Said) -> str:
        free = known | content_words(" ".join(t.text for t in played.turns[:i]))
        free |= content_words(" ".join(f"{f.text} {' '.join(f.say)}" for f in persona.facts if f.id in turn.known))
        spoken = content_words(turn.text)
        for fact in persona.facts:
            if fact.reveal not in reveals or fact.id in turn.known:
                continue
            told = sorted(spoken & (content_words(fact.text) - free - shared))
            if len(told) >= 2 or spoken & (names(fact.text) - free):
                return f"{fact.id} ({fact.reveal}): {', '.join(told or sorted(spoken & names(fact.text)))}"
        return ""

    return _each(played, check)


def _shared_words(persona: Persona) -> frozenset[str]:
    """Words that more than one fact of the persona holds: they give none away."""
    seen: set[str] = set()
    twice: set[str] = set()
    for fact in persona.facts:
        words = content_words(fact.text)
        twice |= words & seen
        seen |= words
    return frozenset(twice)


def notes_leaked(played: Played, persona: Persona) -> Count:
    """Fragments of the stage direction or of the machinery: four words of a feeling, five of the rest that speak of the
    customer from outside."""
    feelings = {tuple(gram) for said in persona.feelings.values() for text in said for gram in _grams(plain(text), 4)}
    say = [
        persona.card,
        *(text for fact in persona.facts for text in _told(fact)),
        *(x.say for y in persona.lines.values() for x in y),
    ]
    own = {gram for text in say for gram in _grams(plain(text), 5)}

    def check(_: int, turn: Said) -> str:
        if found := _MACHINERY.search(turn.text):
            return f"machinery: {found.group().strip()}"
        words = plain(turn.text)
        for gram in _grams(words, 4):
            if gram in feelings:
                return f"feeling: {' '.join(gram)}"
        note = set(_grams(plain(turn.direction), 5)) - own
        for gram in _grams(words, 5):
            if gram in note and set(_PRIVATE.split()) & set(gram):
                return f"direction: {' '.join(gram)}"
        return ""

    return _each(played, check)


def _told(fact: Fact) -> tuple[str, ...]:
    return (fact.text, *fact.say)


def _grams(words: list[str], n: int) -> Iterator[tuple[str, ...]]:
    return (tuple(words[i : i + n]) for i in range(len(words) - n + 1))


def invented_figures(played: Played, persona: Persona) -> Count:
    """Figures that neither the persona (all its facts, its card and setting) nor the conversation so far holds."""
    facts = [text for fact in persona.facts for text in _told(fact)]
    true = figures("\n".join([persona.card, persona.setting, persona.name, str(persona.age), *persona.opening, *facts]))

    def check(i: int, turn: Said) -> str:
        return ", ".join(sorted(figures(turn.text) - true - figures("\n".join(t.text for t in played.turns[:i]))))

    return _each(played, check)


def repeats(played: Played, _: Persona) -> Count:
    """Lines said before in the session: whole, nearly, or a sentence of five words or more; or twice in one line."""

    def check(i: int, turn: Said) -> str:
        mine = plain(turn.text)
        sentences = [s for s in _sentences(turn.text) if len(s) >= 5]
        if len({tuple(s) for s in sentences}) < len(sentences):
            return "twice in one line"
        for at, before in played.customer:
            if at >= i:
                break
            theirs = plain(before.text)
            if turn.text.strip() == before.text.strip() or (mine and mine == theirs):
                return f"as turn {at}"
            if any(s in _sentences(before.text) for s in sentences):
                return f"a sentence of turn {at}"
            if (
                min(len(mine), len(theirs)) >= 5
                and SequenceMatcher(None, mine, theirs, autojunk=False).ratio() >= ALIKE
            ):
                return f"nearly turn {at}"
        return ""

    return _each(played, check)


def _sentences(text: str) -> list[list[str]]:
    return [words for part in re.split(r"[.!?…]+", bare(text)) if (words := plain(part))]


def broken(played: Played, _: Persona) -> Count:
    """Lines that are empty or cut off."""

    def check(_: int, turn: Said) -> str:
        text = turn.text.strip()
        if not text:
            return "empty"
        if turn.cut:
            return "cut at the token limit"
        if text.count("(") != text.count(")") or text.count("“") != text.count("”") or text.count('"') % 2:
            return "unbalanced"
        if plain(text) and not re.search(r"[.!?…—)\"”'’]$|^[^.!?]{1,40}$|\d$", text):
            return "no end"
        return "ends in mid-air" if re.search(r"(?:\b(?:and|the|a|an)|,)\.?$", text) and "…" not in text[-1:] else ""

    return _each(played, check)


def wrong_language(played: Played, _: Persona) -> Count:
    """Lines in another script, or with more function words of another language than of English."""

    def check(_: int, turn: Said) -> str:
        letters = [c for c in turn.text if c.isalpha()]
        if sum(ord(c) > 0x24F for c in letters) > 0.1 * len(letters):
            return "another script"
        words = plain(turn.text)
        english = sum(word in _ENGLISH.split() for word in words)
        for language, common in _FOREIGN.items():
            if sum(word in common.split() for word in words) >= max(3, english + 1):
                return language
        return ""

    return _each(played, check)


def measures(judge: Judge) -> dict[str, Measure]:
    """Return every measure by the name under which it is reported."""
    return {
        "role flips": role_flips(judge),
        "solutions offered by the customer": solutions,
        "secrets told too soon": secrets_leaked,
        "facts told unasked": unasked,
        "leaked notes": notes_leaked,
        "invented figures": invented_figures,
        "repeats": repeats,
        "empty or cut": broken,
        "wrong language": wrong_language,
        "too early endings": too_early,
        "never-ending": never_ending,
        "helpful turn raised tension": tension("helpful"),
        "harmful turn lowered tension": tension("hurting"),
        "rude turn lowered tension": rude_turn_helped,
        "ending not as expected": unexpected_ending,
    }
