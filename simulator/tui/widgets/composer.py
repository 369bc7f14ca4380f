"""Where the trainee writes: Enter sends, Ctrl+J begins a new line, the field grows with the text."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.widgets import TextArea

from simulator.cleaning import clean, one_line

LONGEST = 8000
"""Characters a turn may have; the engine refuses more, this only warns in time."""
_NEW_LINE = ("ctrl+j", "shift+enter", "alt+enter")


class Composer(TextArea):
    """A field for one turn. It keeps its text until it is told to clear."""

    BINDINGS: ClassVar[list[Any]] = [
        Binding("enter", "submit", "Send", show=True, priority=False),
        Binding("pageup", "screen.scroll_talk(-1)", "Back", show=False),
        Binding("pagedown", "screen.scroll_talk(1)", "On", show=False),
    ]

    class Sent(Message):
        """The trainee pressed Enter; ``text`` is what stands in the field, which may be nothing."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, name: str) -> None:
        super().__init__(
            id="composer",
            soft_wrap=True,
            show_line_numbers=False,
            tab_behavior="focus",
            highlight_cursor_line=False,
            placeholder=Content(f"What do you say to {one_line(name)}?"),
        )
        self.border_title = "You"
        self._hint()

    def action_submit(self) -> None:
        """Send what stands in the field."""
        self.post_message(self.Sent(self.text))

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "enter":
            event.stop()
            event.prevent_default()
            self.action_submit()
        elif event.key in _NEW_LINE:
            event.stop()
            event.prevent_default()
            self.insert("\n")
        else:
            await super()._on_key(event)

    def give_back(self, text: str) -> None:
        """Put ``text`` that could not be sent before whatever has been written since."""
        self.text = f"{text}\n{self.text}" if self.text.strip() else text
        self.move_cursor(self.document.end)

    def on_text_area_changed(self) -> None:
        """Warn where the turn gets too long."""
        self._hint()

    async def _on_paste(self, event: events.Paste) -> None:
        event.text = clean(event.text)
        await super()._on_paste(event)

    def _hint(self) -> None:
        length = len(self.text)
        if length > LONGEST * 0.8:
            self.border_subtitle = f"{length:,} of {LONGEST:,} characters"
        else:
            self.border_subtitle = "Enter sends · Ctrl+J new line"
