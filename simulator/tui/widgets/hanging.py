"""A short label and a text beside it whose lines all begin in the same column."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static


class Hanging(Horizontal):
    """``label`` at the left, ``content`` beside it."""

    def __init__(self, label: str, content: Content, *, classes: str = "") -> None:
        super().__init__(classes=f"hanging {classes}")
        self._label, self._content = label, content

    def compose(self) -> ComposeResult:
        """Yield label and text."""
        yield Static(Content(self._label), classes="label", markup=False)
        yield Static(self._content, classes="text", markup=False)
