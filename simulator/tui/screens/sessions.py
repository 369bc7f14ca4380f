"""All sessions on disk: read one, go on with it, grade it, take it elsewhere."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Footer, OptionList, Static
from textual.widgets.option_list import Option

from simulator.errors import SimulatorError
from simulator.tui.screens.base import PractiseScreen
from simulator.tui.shelf import sessions
from simulator.tui.text import line
from simulator.tui.widgets.choices import Choices
from simulator.tui.widgets.lines import TitleBar
from simulator.tui.widgets.sessions import session_option

MOST = 500


class SessionsScreen(PractiseScreen[None]):
    """The list, newest first."""

    BINDINGS: ClassVar[list[Any]] = [
        Binding("t", "words", "Transcript"),
        Binding("c", "go_on", "Continue"),
        Binding("e", "export", "Export"),
        Binding("escape,h", "back", "Back", key_display="esc"),
        Binding("question_mark", "app.help", "Help", key_display="?"),
    ]
    KEYS_HELP = "Enter opens the debrief, or the conversation where there is none. t always shows the conversation."

    def compose(self) -> ComposeResult:
        """Yield the list."""
        yield TitleBar("Your conversations", "newest first")
        yield Choices(id="sessions")
        yield Static(
            line(f"Saved in {self.practise.studio.store.folder}", "$text-muted"), classes="at-work", markup=False
        )
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Read the folder."""
        self.query_one("#sessions").focus()

    def on_screen_resume(self) -> None:
        """Show what has happened since."""
        self._read()

    @work(exclusive=True, group="sessions")
    async def _read(self) -> None:
        box = self.query_one("#sessions", Choices)
        found = await asyncio.to_thread(sessions, self.practise.studio.store, MOST)
        everything = sorted((*found.unfinished, *found.finished), key=lambda s: s.started_at, reverse=True)
        now, place = datetime.now(UTC), box.highlighted
        if everything:
            box.set_options([session_option(summary, now) for summary in everything])
            box.highlighted = min(place or 0, len(everything) - 1)
        else:
            box.set_options([Option("Nothing yet. Choose a customer at home and talk with them.", disabled=True)])

    @property
    def _chosen(self) -> tuple[str, str]:
        kind, _, name = self.query_one("#sessions", Choices).chosen.partition(":")
        return kind, name

    @on(OptionList.OptionSelected)
    def _open(self, event: OptionList.OptionSelected) -> None:
        self.practise.open_session((event.option_id or "").partition(":")[2])

    def action_words(self) -> None:
        """Show what was said."""
        if self._chosen[1]:
            self.practise.open_session(self._chosen[1], words=True)

    def action_go_on(self) -> None:
        """Go on with a session that was broken off."""
        kind, name = self._chosen
        if kind == "resume":
            self.practise.resume(name)
        elif name:
            self.notify("This conversation is over. r in its debrief starts a new one.", markup=False)

    @work(group="export")
    async def action_export(self) -> None:
        """Write a file."""
        if not self._chosen[1]:
            return
        try:
            transcript = await asyncio.to_thread(self.practise.studio.store.read, self._chosen[1])
        except SimulatorError as error:
            self.practise.complain(error)
            return
        self.practise.take_elsewhere(transcript)

    def action_back(self) -> None:
        """Go back home."""
        self.practise.go_home()
