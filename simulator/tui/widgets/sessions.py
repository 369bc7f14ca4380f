"""A saved session as one entry of a list."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets.option_list import Option

from simulator.cleaning import one_line
from simulator.tui.text import line
from simulator.tui.words import ago, count, ending_words

if TYPE_CHECKING:
    from simulator.transcripts.summaries import Summary


def result_of(summary: Summary) -> Content:
    """Return what a session came to, in words and a mark."""
    if summary.resumable:
        return Content.styled("▸ not finished", "$accent")
    if summary.passed is None:
        ended = ending_words(summary.ending, imported=summary.imported)
        return Content.styled(f"– not graded, {ended}", "$text-muted")
    score = "" if summary.overall is None else f", {summary.overall:.0f} of 100"
    if summary.passed:
        return Content.styled(f"✓ passed{score}", "$success")
    return Content.styled(f"○ not yet passed{score}", "$warning")


def session_option(summary: Summary, now: datetime) -> Option:
    """Return the entry; its id is ``resume:`` or ``session:`` and the session's id."""
    kind = "resume" if summary.resumable else "session"
    name = one_line(summary.persona_name) or one_line(summary.persona) or one_line(summary.id)
    turns = count(summary.turns, "turn")
    title = one_line(summary.title)
    prompt = Content.assemble(
        line(name, "bold"),
        f"  “{title}”" if title else "",
        "  ",
        result_of(summary),
        (f"  ·  {turns}, {ago(summary.started_at, now)}", "$text-muted"),
    )
    return Option(prompt, id=f"{kind}:{summary.id}")
