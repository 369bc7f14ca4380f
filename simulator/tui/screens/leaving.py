"""Leaving a conversation: be graded, stay, or put it away for later."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from simulator.tui.screens.base import PractiseDialog
from simulator.tui.text import line, lines
from simulator.tui.widgets.choices import Choices


class LeavingDialog(PractiseDialog[str]):
    """Dismissed with ``stay``, ``graded`` or ``later``."""

    BINDINGS: ClassVar[list[Any]] = [Binding("escape", "stay", "Stay")]

    def __init__(self, name: str, *, spoken: bool) -> None:
        super().__init__()
        self._who, self._spoken = name, spoken

    def compose(self) -> ComposeResult:
        """Yield the question and the three answers."""
        with Vertical(classes="dialog"):
            yield Static(line(f"Leave the conversation with {self._who}?", "bold"), classes="question", markup=False)
            yield Choices(
                _way("stay", "Stay", "go on talking"),
                _way(
                    "graded",
                    "Leave and see the debrief",
                    "ends the conversation" if self._spoken else "nothing to grade yet",
                ),
                _way("later", "Save and close for later", "everything is kept, your draft too"),
                id="leaving",
            )

    def on_mount(self) -> None:
        """Begin at the answer that loses nothing."""
        self.query_one("#leaving").focus()

    @on(OptionList.OptionSelected)
    def _answered(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_id or "stay")

    def action_stay(self) -> None:
        """Go on talking."""
        self.dismiss("stay")


def _way(name: str, what: str, why: str) -> Option:
    return Option(lines(Content.styled(what, "bold"), Content.styled(f"  {why}", "$text-muted")), id=name)
