"""What every screen has: breakpoints, the cover for small windows, and the app by its own type."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeVar, cast

from textual import events, on
from textual.screen import ModalScreen, Screen

from simulator.tui.widgets.lines import TooSmall

if TYPE_CHECKING:
    from simulator.tui.app import PractiseApp

Result = TypeVar("Result")

_WIDTHS: list[tuple[int, str]] | None = [(0, "-tiny"), (60, "-normal"), (116, "-wide")]
_HEIGHTS: list[tuple[int, str]] | None = [(0, "-flat"), (18, "-low"), (32, "-high")]


class PractiseScreen(Screen[Result]):
    """A screen of this program. Below 60 by 18 it shows one friendly sentence and stays as it was beneath."""

    HORIZONTAL_BREAKPOINTS = _WIDTHS
    VERTICAL_BREAKPOINTS = _HEIGHTS
    KEYS_HELP: ClassVar[str] = ""
    """What is special about the keys of this screen, for the help screen."""

    @property
    def practise(self) -> PractiseApp:
        """The app."""
        return cast("PractiseApp", self.app)

    @on(events.Mount)
    def _lay_cover(self) -> None:
        """Lay the cover for small windows over the screen; the breakpoints show it."""
        self.mount(TooSmall())


class PractiseDialog(ModalScreen[Result]):
    """A dialog of this program."""

    HORIZONTAL_BREAKPOINTS = _WIDTHS
    VERTICAL_BREAKPOINTS = _HEIGHTS

    @property
    def practise(self) -> PractiseApp:
        """The app."""
        return cast("PractiseApp", self.app)

    @on(events.Mount)
    def _lay_cover(self) -> None:
        """Lay the cover for small windows over the dialog."""
        self.mount(TooSmall())
