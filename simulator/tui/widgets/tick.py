"""A box to tick that can be told apart without colour."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Checkbox


class Tick(Checkbox):
    """Empty or with a tick; Space or Enter changes it."""

    BUTTON_INNER = " "

    def __init__(self, label: Content, *, id: str) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(label, id=id)

    def watch_value(self) -> None:
        """Draw the tick or take it away."""
        self.BUTTON_INNER = "✓" if self.value else " "
        super().watch_value()
