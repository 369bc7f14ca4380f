"""Deleting one session: asked before, because nothing brings it back."""

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


class DeletingDialog(PractiseDialog[bool]):
    """Dismissed with True where the session called ``name`` is to be deleted."""

    BINDINGS: ClassVar[list[Any]] = [Binding("escape", "keep", "Keep it")]

    def __init__(self, name: str) -> None:
        super().__init__()
        self._which = name

    def compose(self) -> ComposeResult:
        """Yield the question and the two answers."""
        with Vertical(classes="dialog"):
            yield Static(line(f"Delete {self._which}?", "bold"), classes="question", markup=False)
            yield Choices(
                _way("keep", "Keep it", "nothing happens"),
                _way("delete", "Delete it for good", "what was said, its grades and its draft"),
                id="deleting",
            )

    def on_mount(self) -> None:
        """Begin at the answer that loses nothing."""
        self.query_one("#deleting").focus()

    @on(OptionList.OptionSelected)
    def _answered(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_id == "delete")

    def action_keep(self) -> None:
        """Leave everything as it is."""
        self.dismiss(False)


def _way(name: str, what: str, why: str) -> Option:
    return Option(lines(Content.styled(what, "bold"), Content.styled(f"  {why}", "$text-muted")), id=name)
