"""Help: what the program is for, the keys of the present screen, and what the words mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from simulator.tui.screens.base import PractiseDialog
from simulator.tui.text import line, lines
from simulator.tui.widgets.briefing import BriefingText
from simulator.tui.words import SKILLS, STAGES, STAGES_EXPLAINED

if TYPE_CHECKING:
    from simulator.personas.schema import Persona

_CLOSE: list[Any] = [Binding("escape,enter,question_mark,q,f2,f4", "close", "Close", show=False)]


class HelpScreen(PractiseDialog[None]):
    """Lies over whatever screen it was asked for on."""

    BINDINGS: ClassVar[list[Any]] = _CLOSE

    def __init__(self, keys: str) -> None:
        super().__init__()
        self._keys_here = keys

    def compose(self) -> ComposeResult:
        """Yield the text."""
        with VerticalScroll(classes="dialog wide"):
            yield Static(
                lines(
                    _title("What this is for"),
                    Content(
                        "You practise talking with upset customers. They react to how you treat them. "
                        "Afterwards a grader that took no part reads what was said and shows where it turned. "
                        "Nobody is hurt here: try things, and try them again."
                    ),
                    " ",
                    _title("What good looks like, in this order"),
                    *(Content.assemble((f"{skill}", "bold $accent"), f": {what}") for skill, what in SKILLS),
                    " ",
                    _title("The keys here"),
                    line(self._keys_here or "Escape goes back."),
                    line("Everywhere: ? or F4 this help, F5 light or dark, Ctrl+P all commands, Ctrl+Q quit."),
                    " ",
                    _title("The words beside the mood"),
                    *(
                        Content.assemble((STAGES[stage], "bold"), (f": {what}", "$text-muted"))
                        for stage, what in STAGES_EXPLAINED.items()
                    ),
                    " ",
                    line("Escape closes this.", "$text-muted"),
                ),
                markup=False,
            )

    def on_mount(self) -> None:
        """Let the keys scroll."""
        self.query_one(VerticalScroll).focus()

    def action_close(self) -> None:
        """Go back."""
        self.dismiss(None)


class BriefingDialog(PractiseDialog[None]):
    """The briefing of ``persona`` over the conversation."""

    BINDINGS: ClassVar[list[Any]] = _CLOSE

    def __init__(self, persona: Persona) -> None:
        super().__init__()
        self._persona = persona

    def compose(self) -> ComposeResult:
        """Yield the same text as before the start."""
        with VerticalScroll(classes="dialog wide"):
            yield BriefingText(self._persona)
            yield Static(line("Escape closes this.", "$text-muted"), markup=False)

    def on_mount(self) -> None:
        """Let the keys scroll."""
        self.query_one(VerticalScroll).focus()

    def action_close(self) -> None:
        """Go back."""
        self.dismiss(None)


def _title(text: str) -> Content:
    return Content.styled(text, "bold")
