"""Checks of what a customer says.

Enough lines, each once, in the customer's own voice, within the channel.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from simulator.front_matter import FrontMatter
from simulator.personas import wording
from simulator.personas.problems import Field, Problem, problem
from simulator.personas.schema import SPEAKING_STAGES, Channel, Persona
from simulator.transcripts.records import Stage

LONGEST = 240
"""Characters a line may have: what somebody says before they draw breath."""
SPOKEN_LINES, CLOSING_LINES, OPEN_LINES = 8, 2, 3
"""Fewest lines in a speaking stage, in an ending, and without ``after`` in a speaking stage."""
_EARLY = (Stage.VENTING, Stage.GUARDED, Stage.WALKED_OUT)


@dataclass(frozen=True)
class Said:
    """One text the customer may say, and where it stands. ``stage`` is None outside the lines of a stage."""

    text: str
    field: Field
    stage: Stage | None = None
    reveals: str | None = None


def everything_said(persona: Persona) -> Iterator[Said]:
    """Give every text the customer may say, in the order of the schema."""
    for at, fact in enumerate(persona.facts):
        yield from (Said(say, ("facts", at, "say", n), None, fact.id) for n, say in enumerate(fact.say))
    yield from (Said(say, ("opening", at)) for at, say in enumerate(persona.opening))
    for stage, lines in persona.lines.items():
        for at, line in enumerate(lines):
            yield Said(line.say, ("lines", stage.value, at, "say"), stage, line.reveals)
    yield from (Said(say, ("readiness", at), Stage.READY) for at, say in enumerate(persona.readiness))


def line_problems(persona: Persona, file: FrontMatter) -> Iterator[Problem]:
    """Give what is wrong with the lines of ``persona``."""
    yield from _counts(persona, file)
    yield from _doubles(persona, file)
    for said in everything_said(persona):
        yield from _one(said, persona, file)


def _counts(persona: Persona, file: FrontMatter) -> Iterator[Problem]:
    for stage in Stage:
        lines = persona.lines.get(stage, [])
        fewest = SPOKEN_LINES if stage in SPEAKING_STAGES else CLOSING_LINES
        field = ("lines", stage.value)
        if 0 < len(lines) < fewest:
            message = f"The stage '{stage.value}' has {len(lines)} lines; it needs {fewest}."
            yield problem(file, field, message, "Write more, or the customer repeats themselves.")
        free = sum(not line.after for line in lines)
        if stage in SPEAKING_STAGES and lines and free < OPEN_LINES:
            message = f"Only {free} lines of '{stage.value}' fit any turn; it needs {OPEN_LINES}."
            yield problem(file, field, message, "Write some without 'after'.")


def _doubles(persona: Persona, file: FrontMatter) -> Iterator[Problem]:
    whole: dict[str, Said] = {}
    parts: dict[str, Said] = {}
    for said in everything_said(persona):
        text = wording.plain(said.text) or said.text.strip().lower()
        earlier = whole.setdefault(text, said)
        if earlier is not said:
            line = file.line(earlier.field)
            yield problem(file, said.field, f"This line also stands in line {line}.", "Write another.")
            continue
        for sentence in wording.sentences(said.text):
            other = parts.setdefault(sentence, said)
            if other is not said:
                message = f"The sentence '{sentence}' also stands in line {file.line(other.field)}."
                yield problem(file, said.field, message, "Nobody says it twice the same way.", "warning")


def _one(said: Said, persona: Persona, file: FrontMatter) -> Iterator[Problem]:
    text, field = said.text, said.field
    if not text.strip():
        yield problem(file, field, "The line is empty.", "Write it or take it out.")
        return
    if len(text) > LONGEST:
        yield problem(file, field, f"The line has {len(text)} characters; {LONGEST} are the most.", "Cut it in two.")
    if wording.SPEAKER.match(text):
        yield problem(file, field, "The line begins with who says it.", "Leave only what is said.")
    if found := wording.STAFF.search(text):
        mend = "The customer has a problem and does not solve it."
        yield problem(file, field, f"'{' '.join(found[0].split())}' is how staff speak.", mend)
    grateful = wording.GRATEFUL.search(text)
    if grateful and said.stage in _EARLY and not wording.REFUSING.search(text):
        message = f"'{grateful[0]}' comes too early in '{said.stage.value}'."
        yield problem(file, field, message, "Keep it for 'ready' or 'settled', if at all.", "warning")
    yield from _signs(said, persona.channel, file)


def _signs(said: Said, channel: Channel, file: FrontMatter) -> Iterator[Problem]:
    text = said.text
    sign = wording.SIGN.match(text)
    rest = text[sign.end() :] if sign else text
    if "*" in text:
        yield problem(file, said.field, "Stars stand in the line.", "Put a sign in parentheses, at the start.")
    if "(" in rest or ")" in rest:
        mend = "Put one sign in parentheses, at the start."
        yield problem(file, said.field, "Parentheses stand inside the line.", mend)
    if sign is None:
        return
    if channel in (Channel.CHAT, Channel.EMAIL):
        mend = "Say it in the words themselves."
        yield problem(file, said.field, f"Nobody sees '({sign[1]})' in writing.", mend)
    elif channel is Channel.PHONE and wording.SEEN.search(sign[1]):
        mend = "Take what can be heard: a pause, a breath."
        yield problem(file, said.field, f"Nobody sees '({sign[1]})' on the phone.", mend)
