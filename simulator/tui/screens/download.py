"""Fetching the local model: how far, how fast, from where; it can be stopped and gone on with."""

from __future__ import annotations

from time import monotonic
from typing import Any, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Footer, Static

from simulator.errors import SimulatorError
from simulator.tui.models import PHASES, Arrived, Speed, fetch_model
from simulator.tui.screens.base import PractiseScreen
from simulator.tui.text import line, lines, trouble
from simulator.tui.widgets.lines import TitleBar
from simulator.tui.words import size_words

CELLS = 50


def bar(done: int, total: int) -> Content:
    """Return a bar for ``done`` of ``total``, with the percentage."""
    share = done / total if total else 0.0
    filled = int(CELLS * share)
    return Content.assemble(
        ("▇" * filled, "$primary"), ("▁" * (CELLS - filled), "$text-muted"), (f"  {share:.0%}", "bold")
    )


class DownloadScreen(PractiseScreen[bool]):
    """Dismissed with True when the model is here, with False where the trainee stopped."""

    BINDINGS: ClassVar[list[Any]] = [
        Binding("enter", "again", "Try again"),
        Binding("escape", "stop", "Stop (goes on later)"),
        Binding("f4", "app.help", "Help"),
    ]
    KEYS_HELP = "Escape stops; what has been fetched is kept, and next time it goes on from there."

    def __init__(self) -> None:
        super().__init__()
        self._speed = Speed()
        self._failed = False

    def compose(self) -> ComposeResult:
        """Yield the bar and what is known about it."""
        yield TitleBar("Fetching the local model", "once, 1.1 GB")
        with Vertical(classes="page"):
            yield Static(
                lines(
                    Content.styled("The customer's voice comes to this computer.", "bold"),
                    Content.styled(
                        "Afterwards you practise without a connection, and nothing you say leaves it.", "$text-muted"
                    ),
                ),
                classes="intro",
                markup=False,
            )
            yield Static(bar(0, 1), id="bar", markup=False)
            yield Static("Looking for a mirror…", id="how-far", markup=False)
            yield Static("", id="outcome", markup=False)
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Begin."""
        self._fetch()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Offer to try again only after it failed."""
        return self._failed if action == "again" else True

    @work(exclusive=True, group="fetch")
    async def _fetch(self) -> None:
        self._failed = False
        self.refresh_bindings()
        self.query_one("#outcome", Static).update("")
        try:
            await fetch_model(self.practise.settings, self._tell)
        except SimulatorError as error:
            self._failed = True
            self.refresh_bindings()
            self.query_one("#how-far", Static).update("")
            self.query_one("#outcome", Static).update(
                lines(
                    trouble(error),
                    Content(" "),
                    Content("Enter tries again; Escape goes back, where scripted lines need no download."),
                )
            )
            return
        self.dismiss(True)

    def _tell(self, arrived: Arrived) -> None:
        self.query_one("#bar", Static).update(bar(arrived.done, arrived.total))
        parts = [PHASES.get(arrived.phase, arrived.phase)]
        if arrived.done:
            parts.append(f"{size_words(arrived.done)} of {size_words(arrived.total)}")
        speed = self._speed.at(monotonic(), arrived.done)
        if speed and arrived.phase == "downloading":
            parts.append(f"{speed / 1e6:.1f} MB/s")
            left = (arrived.total - arrived.done) / speed
            parts.append(f"about {left / 60:.0f} min left" if left >= 90 else f"about {left:.0f} s left")
        if arrived.mirror:
            parts.append(f"from {arrived.mirror}")
        self.query_one("#how-far", Static).update(line("  ·  ".join(parts)))

    def action_again(self) -> None:
        """Go on with what is here."""
        self._fetch()

    def action_stop(self) -> None:
        """Stop; what is here is gone on with next time."""
        self.workers.cancel_group(self, "fetch")
        self.dismiss(False)
