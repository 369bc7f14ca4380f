"""The parts of a debrief: verdict, criteria, order, coaching, labels. Pure text from a report; no judgement here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from textual.content import Content

from simulator.cleaning import one_line
from simulator.exports.report import MAX_LEVEL, Criterion, Grade, Report, number_words
from simulator.labels import DEFINITIONS, Label
from simulator.transcripts.records import Role
from simulator.tui.text import line, lines, plain, quoted
from simulator.tui.words import level_words

if TYPE_CHECKING:
    from simulator.grading.rubric import Rubric


QUOTES = 4
"""Quotes shown for one criterion; the transcript underlines them all."""


@dataclass(frozen=True)
class Marks:
    """What the rubric of a scorecard asks for: by criterion the sentence of each level and the level that passes; the
    labels that fail a session at once; the least overall result. Empty where the rubric is not at hand."""

    anchors: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    passes: Mapping[str, int] = field(default_factory=dict)
    fails: frozenset[str] = frozenset()
    overall: float = 0

    @classmethod
    def of(cls, rubric: Rubric) -> Marks:
        """Return what ``rubric`` asks for."""
        found = {name: rubric.criterion(name) for name in ("acknowledge", "presence", "solution")}
        return cls(
            {name: item.anchors for name, item in found.items()},
            {name: item.passes for name, item in found.items()} | {extra.name: extra.passes for extra in rubric.extra},
            frozenset(label.value for label in rubric.automatic_fails),
            rubric.pass_when.overall,
        )


def verdict(report: Report, grade: Grade, marks: Marks) -> Content:
    """Return whether it was passed, and by what, in plain words."""
    if not grade.graded:
        return lines(
            Content.styled("– Not graded", "bold $warning"),
            plain(grade.reason),
            Content.styled("Nothing was judged, so this is no result, good or bad.", "$text-muted"),
        )
    heads = {True: ("✓ Passed", "bold $success"), False: ("○ Not yet passed", "bold $warning")}
    head = ("Graded", "bold") if grade.passed is None else heads[grade.passed]
    overall = "" if grade.overall is None else f"   {number_words(grade.overall)} of 100"
    return lines(Content.assemble(head, (overall, "bold")), *(line(why) for why in reasons(report, grade, marks)))


def reasons(report: Report, grade: Grade, marks: Marks) -> Iterator[str]:
    """Yield what the verdict rests on, a sentence each."""
    if grade.reason:
        yield grade.reason
    if grade.passed:
        yield "You reached every mark" + (
            ", and you acknowledged before you solved." if grade.acknowledged_before_solution else "."
        )
        return
    for turn in report.turns:
        failing = [label.words for label in turn.labels if label.label in marks.fails]
        if failing:
            yield f"Turn {turn.number} was {' and '.join(failing)}: that alone keeps a session from passing."
            break
    below = [item.name for item in grade.criteria if (item.level or 0) < marks.passes.get(item.key, 0)]
    if below:
        yield f"Below the mark: {', '.join(below)}."
    if grade.acknowledged_before_solution is False:
        yield "A solution came before the customer felt heard; the other way round it would have counted."
    if grade.overall is not None and grade.overall < marks.overall:
        yield f"All in all it takes {number_words(marks.overall)} of 100."


def levels(grade: Grade, marks: Marks) -> Content:
    """Return every criterion on a line of its own: bar, number, words, and whether it passes."""
    return lines(*(_level(item, marks) for item in grade.criteria))


def _level(item: Criterion, marks: Marks) -> Content:
    name = one_line(item.name).ljust(20)
    if item.level is None:
        return Content.assemble((name, "bold"), ("no level was given", "$text-muted"))
    needed = marks.passes.get(item.key)
    reached = needed is None or item.level >= needed
    style = "$success" if reached else "$warning"
    filled = round(item.level)
    mark = "" if needed is None else ("  ✓" if reached else f"  ○ passes at {needed}")
    return Content.assemble(
        (name, "bold"),
        ("■" * filled, style),
        ("□" * (MAX_LEVEL - filled), "$text-muted"),
        (f"  {number_words(item.level)} of {MAX_LEVEL}", "bold"),
        f" {level_words(item.level)}",
        (mark, style),
    )


def criterion(item: Criterion, marks: Marks) -> Content:
    """Return why one criterion got its level."""
    level = "" if item.level is None else f"  {number_words(item.level)} of {MAX_LEVEL}, {level_words(item.level)}"
    anchor = marks.anchors.get(item.key, {}).get(round(item.level or 0), "").strip()
    return lines(Content.assemble((one_line(item.name), "bold"), (level, "$text-muted")), *_reason(item, anchor))


def evidence(item: Criterion) -> Iterator[tuple[str, Content]]:
    """Yield the quotes a level rests on, each with its turn."""
    for quote in item.evidence[:QUOTES]:
        yield (f"turn {quote.number}" if quote.number else "", quoted(quote.quote))
    more = len(item.evidence) - QUOTES
    if more > 0:
        yield "", Content.styled(f"and {more} more, underlined in the transcript (t)", "$text-muted")


def _reason(item: Criterion, anchor: str) -> Iterator[Content]:
    """Yield the rubric's sentence for the level, quieter, and what was said beyond it."""
    if anchor:
        yield line(anchor, "$text-muted")
    own = one_line(item.reason).removeprefix(one_line(anchor)).strip()
    if own:
        yield line(own)


def order(grade: Grade, trainee: frozenset[int]) -> Content:
    """Return whether acknowledging came before solving, with the turns; ``trainee`` are the trainee's turn numbers."""
    first = [
        f"first acknowledgement in turn {grade.first_acknowledging}"
        if grade.first_acknowledging
        else "no acknowledgement yet",
        f"first solution in turn {grade.first_solution}" if grade.first_solution else "no solution offered",
    ]
    if trainee and grade.first_acknowledging == min(trainee):
        first[0] += " (your very first)"
    mark, style = {True: ("✓ ", "$success"), False: ("○ ", "$warning"), None: ("– ", "$text-muted")}[
        grade.acknowledged_before_solution
    ]
    said = grade.order or "No solution was offered, so there is no order to judge."
    return lines(Content.assemble((mark, style), line(said)), line("; ".join(first).capitalize() + ".", "$text-muted"))


def coaching(grade: Grade) -> Iterator[tuple[str, Content]]:
    """Yield what worked and what to try next time, as title and text."""
    if grade.strength:
        yield "What worked", plain(grade.strength)
    if grade.next_time:
        yield "What to try next time", plain(grade.next_time)


def rewrites(grade: Grade) -> Iterator[tuple[str, Content]]:
    """Yield what was said and what could be said instead, in turn."""
    for rewrite in grade.rewrites:
        yield "you said", Content.assemble(quoted(rewrite.said), _in_turn(rewrite.number))
        yield "try", Content.styled(quoted(rewrite.attempt).plain, "bold")


def labels(report: Report) -> Iterator[tuple[str, Content]]:
    """Yield each of the trainee's turns with what was seen in it."""
    for turn in report.turns:
        if turn.role is not Role.TRAINEE:
            continue
        seen = [
            Content.assemble((label.words, "bold"), (f": {_meaning(label.label)}", "$text-muted"))
            for label in turn.labels
        ]
        nothing = Content.styled("nothing in particular", "$text-muted")
        yield f"turn {turn.number}", lines(quoted(_short(turn.text)), *(seen or [nothing]))


def _in_turn(number: int | None) -> tuple[str, str]:
    return (f"  turn {number}" if number else "", "$text-muted")


def _meaning(label: str) -> str:
    return DEFINITIONS[Label(label)] if label in set(Label) else "a label this version does not know"


def _short(text: str, most: int = 90) -> str:
    return text if len(text) <= most else text[: most - 1].rsplit(" ", 1)[0] + "…"
