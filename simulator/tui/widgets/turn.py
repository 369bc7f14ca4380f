"""One turn of the conversation: who speaks and what they say, appearing as it comes."""

from __future__ import annotations

from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Static

from simulator.cleaning import one_line
from simulator.transcripts.records import Role
from simulator.tui.text import spoken

TICKS = 30
"""Frames a second of the typewriter."""
SLOWEST = 3
"""Characters a frame when little is left; a long backlog goes faster, so that the screen never lags far behind."""


class TurnView(Static):
    """A turn that can grow. What it is given is already saved: showing it slowly delays nothing."""

    class Shown(Message):
        """Everything that was given so far stands on the screen."""

        def __init__(self, view: TurnView) -> None:
            super().__init__()
            self.view = view

    def __init__(self, role: Role, speaker: str, text: str = "", *, note: str = "") -> None:
        super().__init__(classes=f"turn -{role.value}", markup=False)
        self.role = role
        self.speaker = one_line(speaker) or "Customer"
        self.note = note
        self._text = text
        self._shown = len(text)
        self._timer: Timer | None = None

    @property
    def all_shown(self) -> bool:
        """True where nothing waits to appear."""
        return self._shown >= len(self._text)

    @property
    def text(self) -> str:
        """What the turn says, whether it has appeared yet or not."""
        return self._text

    def on_mount(self) -> None:
        """Show what there is."""
        self._draw()

    def add(self, text: str) -> None:
        """Let ``text`` appear after what is there."""
        self.set_text(self._text + text)

    def set_text(self, text: str) -> None:
        """Make ``text`` the whole turn; what already stands there stays."""
        self._text = text
        self._shown = min(self._shown, len(text))
        if self.app.animation_level == "none":
            self.show_all()
        elif self._timer is None:
            self._timer = self.set_interval(1 / TICKS, self._tick)

    def show_all(self) -> None:
        """Show everything at once."""
        self._shown = len(self._text)
        self._rest()

    def _tick(self) -> None:
        waiting = len(self._text) - self._shown
        self._shown += max(SLOWEST, waiting // 10)
        if self.all_shown:
            self._shown = len(self._text)
            self._rest()
        else:
            self._draw()

    def _rest(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        self._draw()
        self.post_message(self.Shown(self))

    def _draw(self) -> None:
        style = "bold $primary" if self.role is Role.CUSTOMER else "bold $accent"
        head = Content.assemble((self.speaker, style), (f"  {self.note}", "$text-muted") if self.note else "")
        self.update(Content("\n").join([head, spoken(self._text[: self._shown])]))


class QuietLine(Static):
    """Something beside the conversation, said quietly: a voice that failed, a resume."""

    def __init__(self, text: str) -> None:
        super().__init__(spoken(text).stylize_before("$text-muted"), classes="aside", markup=False)
