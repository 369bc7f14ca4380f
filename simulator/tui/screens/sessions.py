"""All sessions on disk: read one, go on with it, grade it, take it elsewhere, put it away, find it again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Footer, Input, OptionList, Static
from textual.widgets.option_list import Option

from simulator.cleaning import one_line
from simulator.errors import SimulatorError, TranscriptError
from simulator.tui.screens.base import PractiseScreen
from simulator.tui.screens.deleting import DeletingDialog
from simulator.tui.shelf import sessions
from simulator.tui.text import line
from simulator.tui.widgets.choices import Choices
from simulator.tui.widgets.lines import TitleBar
from simulator.tui.widgets.sessions import session_option

if TYPE_CHECKING:
    from simulator.transcripts.store import Store
    from simulator.transcripts.summaries import Summary

MOST = 500


class SessionsScreen(PractiseScreen[None]):
    """The list, newest first; ``/`` narrows it while typing, ``v`` turns to the archive and back."""

    BINDINGS: ClassVar[list[Any]] = [
        Binding("t", "words", "Transcript", show=False),
        Binding("c", "go_on", "Continue"),
        Binding("e", "export", "Export"),
        Binding("E", "export_all", "Export all", show=False),
        Binding("slash", "search", "Search", key_display="/"),
        Binding("a", "archive", "Archive"),
        Binding("a", "restore", "Bring back"),
        Binding("d,delete", "delete", "Delete", key_display="d"),
        Binding("v", "view", "Archived", show=False),
        Binding("escape,h", "back", "Back", key_display="esc"),
        Binding("question_mark", "app.help", "Help", key_display="?", show=False),
    ]
    KEYS_HELP = (
        "Enter opens the debrief, or the conversation where there is none. t always shows the conversation. / searches "
        "names, titles and what was said; Enter goes to the list, Escape ends the search. a puts a session into the "
        "archive or brings it back, v shows the archive, d deletes after a question. e exports one, E all of the list."
    )

    def __init__(self) -> None:
        super().__init__()
        self._archived = False
        self._names: dict[str, str] = {}

    def compose(self) -> ComposeResult:
        """Yield the field to search with, hidden until it is wanted, and the list."""
        yield TitleBar("Your conversations", "newest first")
        yield Input(placeholder="a name, a title, or what was said", id="wanted")
        yield Choices(id="sessions")
        yield Static(
            line(f"v shows the archive  ·  saved in {self.practise.studio.store.place}", "$text-muted"),
            classes="at-work",
            markup=False,
        )
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Read the folder."""
        self.query_one("#wanted").display = False
        self.query_one("#sessions").focus()

    def on_screen_resume(self) -> None:
        """Show what has happened since."""
        self._read()

    @property
    def _store(self) -> Store:
        store = self.practise.studio.store
        return store.archived if self._archived else store

    @work(exclusive=True, group="sessions")
    async def _read(self) -> None:
        box, title = self.query_one("#sessions", Choices), self.query_one(TitleBar)
        wanted = one_line(self.query_one("#wanted", Input).value)
        found = await asyncio.to_thread(_found, self._store, wanted)
        now, place = datetime.now(UTC), box.highlighted
        self._names = {summary.id: one_line(summary.title or summary.persona_name or summary.id) for summary in found}
        if found:
            box.set_options([session_option(summary, now) for summary in found])
            box.highlighted = min(place or 0, len(found) - 1)
        else:
            box.set_options([Option(self._nothing(wanted), disabled=True)])
        title.set_left("Your archive" if self._archived else "Your conversations")
        title.set_right(f"{len(found)} found" if wanted else "newest first")
        self.refresh_bindings()

    def _nothing(self, wanted: str) -> str:
        if wanted:
            return "None of them. Escape ends the search."
        if self._archived:
            return "The archive is empty. v goes back to the list."
        return "Nothing yet. Choose a customer at home and talk with them."

    @property
    def _chosen(self) -> tuple[str, str]:
        kind, _, name = self.query_one("#sessions", Choices).chosen.partition(":")
        return kind, name

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Offer putting away in the list and bringing back in the archive."""
        if action == "restore":
            return self._archived
        if action in ("archive", "go_on"):
            return not self._archived
        return True

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
            transcript = await asyncio.to_thread(self._store.read, self._chosen[1])
        except SimulatorError as error:
            self.practise.complain(error)
            return
        self.practise.take_elsewhere(transcript)

    def action_export_all(self) -> None:
        """Write a folder of all that are listed."""
        from simulator.tui.screens.exporting import ExportDialog  # noqa: PLC0415 - opened seldom

        store, names = self._store, tuple(self._names)
        if names:
            name = f"conversations-{datetime.now(UTC):%Y%m%d}"
            self.app.push_screen(ExportDialog(lambda: map(store.read, names), name, len(names)))

    # -- finding --

    def action_search(self) -> None:
        """Show the field to search with."""
        field = self.query_one("#wanted", Input)
        field.display = True
        field.focus()

    @on(Input.Changed)
    def _narrow(self) -> None:
        self._read()

    @on(Input.Submitted)
    def _to_the_list(self) -> None:
        self.query_one("#sessions").focus()

    def action_view(self) -> None:
        """Turn to the archive, or back."""
        self._archived = not self._archived
        self._read()

    # -- keeping --

    def action_archive(self) -> None:
        """Put the session away."""
        self._keep(self.practise.studio.store.archive, self._chosen[1])

    def action_restore(self) -> None:
        """Bring the session back into the list."""
        self._keep(self.practise.studio.store.restore, self._chosen[1])

    def action_delete(self) -> None:
        """Ask, then delete the session."""
        name = self._chosen[1]

        def answered(sure: bool | None) -> None:
            if sure:
                self._keep(self._store.delete, name)

        if name:
            self.app.push_screen(DeletingDialog(self._names.get(name, name)), answered)

    @work(group="keeping")
    async def _keep(self, act: Callable[[str], str], name: str) -> None:
        if not name:
            return
        try:
            await asyncio.to_thread(act, name)
        except SimulatorError as error:
            self.practise.complain(error)
        self._read()

    def action_back(self) -> None:
        """End the search, leave the archive, or go back home."""
        field = self.query_one("#wanted", Input)
        if field.display:
            field.value = ""
            field.display = False
            self.query_one("#sessions").focus()
        elif self._archived:
            self.action_view()
        else:
            self.practise.go_home()


def _found(store: Store, wanted: str) -> list[Summary]:
    """Return the sessions whose name, title or words hold ``wanted``, newest first. Slow enough for a thread."""
    from simulator.transcripts.finding import search  # noqa: PLC0415 - only who searches waits for it

    everything = sessions(store, MOST)
    found = sorted((*everything.unfinished, *everything.finished), key=lambda s: s.started_at, reverse=True)
    if not wanted:
        return found
    try:
        said = {hit.session for hit in search(store, wanted)}
    except TranscriptError:
        said = set()
    looked_for = wanted.casefold()
    return [
        summary
        for summary in found
        if summary.id in said
        or looked_for in one_line(f"{summary.persona_name} {summary.title} {summary.persona} {summary.id}").casefold()
    ]
