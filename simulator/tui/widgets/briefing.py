"""What a trainee may know about the scene: role, place, what they may decide, what good looks like."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from simulator.tui.text import line, lines, plain
from simulator.tui.words import SKILLS

if TYPE_CHECKING:
    from simulator.personas.schema import Persona


class BriefingText(Vertical):
    """Everything about ``persona`` that the trainee may know, and nothing of its private notes."""

    def __init__(self, persona: Persona) -> None:
        super().__init__(classes="briefing")
        self._persona = persona

    def compose(self) -> ComposeResult:
        """Yield the sections."""
        for title, content in sections(self._persona):
            yield Static(lines(Content.styled(title, "bold"), content), classes="section", markup=False)


def sections(persona: Persona) -> Iterator[tuple[str, Content]]:
    """Yield the sections of the briefing: title and text."""
    trainee = persona.trainee
    yield "You", plain(trainee.role)
    yield "Where", plain(persona.setting)
    yield "You may decide on the spot", _items(trainee.may, "✓", "$success")
    if trainee.must_not:
        yield "Better not", _items(trainee.must_not, "✗", "$error")
    skills = [
        Content.assemble((f"{number}. {skill}", "bold $accent"), f": {what}")
        for number, (skill, what) in enumerate(SKILLS, 1)
    ]
    yield "What good looks like, in this order", lines(*skills)


def _items(items: list[str], mark: str, style: str) -> Content:
    return lines(*(Content.assemble((f"{mark} ", style), line(item)) for item in items))
