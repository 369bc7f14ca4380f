"""Checks of what is true and when it comes out.

Invented figures, secrets told too soon, notes on the card.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from simulator.figures import figures
from simulator.front_matter import FrontMatter
from simulator.personas import wording
from simulator.personas.lines import Said, everything_said
from simulator.personas.problems import Field, Problem, problem
from simulator.personas.schema import SPEAKING_STAGES, Fact, Persona
from simulator.transcripts.records import Stage

_AFTER_TRUST = (Stage.GUARDED, Stage.SOFTENING, Stage.READY)
_MAY_TELL: dict[str, tuple[Stage, ...]] = {
    "opening": tuple(Stage),
    "asked": SPEAKING_STAGES,
    "trust": (*_AFTER_TRUST, Stage.SETTLED),
    "resurfacing": (*_AFTER_TRUST, Stage.SETTLED),
}
"""By a fact's ``reveal``: the stages whose lines may tell it."""


@dataclass(frozen=True)
class _Secret:
    """What gives ``fact`` away: words, names and figures that nothing said openly holds."""

    fact: Fact
    words: frozenset[str]
    names: frozenset[str]
    figures: frozenset[str]

    def given_away(self, counts: frozenset[str], words: frozenset[str]) -> str:
        """Return what of a text's figures and words tells the fact: a figure, a name, or two of its words."""
        found = sorted(counts & self.figures) or sorted(words & self.names)
        if not found and len(words & self.words) >= 2:
            found = sorted(words & self.words)
        return ", ".join(found)


def secret_problems(persona: Persona, file: FrontMatter) -> Iterator[Problem]:
    """Give what is wrong with what is told, and when."""
    yield from _unaskable(persona, file)
    yield from _invented(persona, file)
    secrets = _secrets(persona)
    for said in everything_said(persona):
        yield from _too_soon(said, secrets, persona, file)
    for secret in _secrets(persona, with_card=False):
        hit = secret.given_away(figures(persona.card), wording.content_words(persona.card))
        if hit and secret.fact.reveal != "asked":
            message = f"The card gives away '{secret.fact.id}' ({hit})."
            yield Problem(file.path, file.body_line, "card", message, "The card is known from the start: take it out.")


def _open_text(persona: Persona, *, with_card: bool) -> str:
    told = [f"{f.text} {' '.join(f.say)}" for f in persona.facts if f.reveal == "opening"]
    parts = [persona.name, str(persona.age), persona.summary, persona.setting, *told]
    return " ".join([*parts, persona.card] if with_card else parts)


def _secrets(persona: Persona, *, with_card: bool = True) -> list[_Secret]:
    open_text = _open_text(persona, with_card=with_card)
    words, counts = wording.content_words(open_text), figures(open_text)
    return [
        _Secret(
            fact,
            wording.content_words(fact.text) - words,
            wording.names(fact.text) - words,
            figures(fact.text) - counts,
        )
        for fact in persona.facts
        if fact.reveal != "opening"
    ]


def _unaskable(persona: Persona, file: FrontMatter) -> Iterator[Problem]:
    for at, fact in enumerate(persona.facts):
        if fact.reveal == "asked" and not fact.about:
            message = f"'{fact.id}' comes out when asked, and no words ask for it."
            yield problem(file, ("facts", at), message, "Add 'about:' with the words of such a question.")
        for n, word in enumerate(fact.about):
            if not wording.plain(word):
                yield problem(file, ("facts", at, "about", n), "This is not a word.", "Write one or take it out.")


def _invented(persona: Persona, file: FrontMatter) -> Iterator[Problem]:
    true = " ".join([str(persona.age), persona.setting, *(fact.text for fact in persona.facts)])
    known = figures(true)
    for text, field in _directed(persona):
        for figure in sorted(figures(text) - known):
            message = f"The figure '{figure}' stands in no fact's text."
            yield problem(file, field, message, "Add it to the fact it belongs to, or leave it out.")


def _directed(persona: Persona) -> Iterator[tuple[str, Field]]:
    yield from ((said.text, said.field) for said in everything_said(persona))
    for part, stages in (("feelings", persona.feelings), ("beats", persona.beats)):
        for stage, texts in stages.items():
            yield from ((text, (part, stage.value, at)) for at, text in enumerate(texts))
    if persona.resurfacing:
        yield persona.resurfacing.cue, ("resurfacing", "cue")


def _too_soon(said: Said, secrets: list[_Secret], persona: Persona, file: FrontMatter) -> Iterator[Problem]:
    own = next((fact for fact in persona.facts if fact.id == said.reveals), None)
    if own is not None and said.stage is not None and said.stage not in _MAY_TELL[own.reveal]:
        stages = ", ".join(stage.value for stage in _MAY_TELL[own.reveal])
        message = f"'{own.id}' ({own.reveal}) is told in '{said.stage.value}'."
        yield problem(file, said.field, message, f"It may be told in: {stages}.")
        return
    counts, words = figures(said.text), wording.content_words(said.text)
    for secret in secrets:
        fact = secret.fact
        hit = "" if own is not None and own.id == fact.id else secret.given_away(counts, words)
        if not hit:
            continue
        if said.field[0] == "opening":
            message = f"The opening gives away '{fact.id}' ({hit})."
            yield problem(file, said.field, message, "Say it later, or make the fact 'reveal: opening'.")
        elif said.stage is not None and said.stage not in _MAY_TELL[fact.reveal]:
            message = f"This gives away '{fact.id}' ({hit}), which is told after '{said.stage.value}'."
            yield problem(file, said.field, message, "Leave it out here.")
        elif said.stage is not None and own is None and fact.reveal != "asked":
            message = f"This tells '{fact.id}' ({hit}) without saying so."
            yield problem(file, said.field, message, f"Add 'reveals: {fact.id}', or leave it out.", "warning")
