"""The one-line widgets around every screen: title, what is at work, the customer thinking, too small."""

from __future__ import annotations

from time import monotonic

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from simulator.tui.text import line

_BEATS = ("·  ", "·· ", "···", " ··", "  ·", "   ")


class TitleBar(Horizontal):
    """The top line: what this is, and one fact at the right."""

    def __init__(self, left: str | Content, right: str | Content = "") -> None:
        super().__init__(classes="titlebar")
        self._left = left if isinstance(left, Content) else line(left)
        self._right = right if isinstance(right, Content) else line(right)

    def compose(self) -> ComposeResult:
        """Yield the two ends."""
        yield Static(self._left, classes="left", markup=False)
        yield Static(self._right, classes="right", markup=False)

    def set_left(self, text: str) -> None:
        """Change the left end."""
        self.query_one(".left", Static).update(line(text))

    def set_right(self, text: str) -> None:
        """Change the right end."""
        self.query_one(".right", Static).update(line(text))


class AtWork(Static):
    """Says which voice and which grader are at work."""

    def __init__(self, voice: str = "", grader: str = "") -> None:
        super().__init__("", classes="at-work", markup=False)
        self.tell(voice, grader)

    def tell(self, voice: str, grader: str) -> None:
        """Show ``voice`` and ``grader`` in words."""
        self.update(
            Content.assemble(("Voice: ", "$text-muted"), line(voice), ("  ·  Grader: ", "$text-muted"), line(grader))
        )


class Waiting(Static):
    """A line that is empty or says who is being waited for, and for how long; its place is always kept."""

    def __init__(self) -> None:
        super().__init__("", classes="waiting", markup=False)
        self._what = ""
        self._since = 0.0
        self._beat = 0
        self._timer: Timer | None = None

    @property
    def running(self) -> bool:
        """True while something is being waited for."""
        return self._timer is not None

    def begin(self, what: str) -> None:
        """Begin to wait for ``what`` ("Dana is thinking")."""
        self._what, self._since = what, monotonic()
        if self._timer is None:
            self._timer = self.set_interval(0.4, self._tick)
        self._tick()

    def end(self, text: str | Content = "", style: str = "$text-muted") -> None:
        """Stop waiting and show ``text``, or nothing."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        self.update(text if isinstance(text, Content) else line(text, style))

    def _tick(self) -> None:
        self._beat = (self._beat + 1) % len(_BEATS)
        seconds = int(monotonic() - self._since)
        elapsed = f"  {seconds} s" if seconds >= 2 else ""
        still = self.app.animation_level == "none"
        dots = "…" if still else f" {_BEATS[self._beat]}"
        self.update(line(self._what, "$text-muted").append(Content.styled(f"{dots}{elapsed}", "$text-muted")))


class TooSmall(Static):
    """Covers a screen that has no room; the breakpoints of the screens show and hide it."""

    def __init__(self) -> None:
        super().__init__(
            Content("This window is a little too small to talk in.\nAt 60 columns by 18 rows you are back."),
            classes="too-small",
            markup=False,
        )
