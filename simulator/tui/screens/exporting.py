"""Taking one session elsewhere: choose a format, get a file, be told where it is."""

from __future__ import annotations

import asyncio
import io
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from simulator.errors import SimulatorError
from simulator.exports import FORMATS, Options, export
from simulator.exports.recording import recording_for
from simulator.tui.screens.base import PractiseDialog
from simulator.tui.text import line, lines, trouble
from simulator.tui.widgets.choices import Choices

if TYPE_CHECKING:
    from simulator.transcripts.records import Transcript


def place_for(transcript: Transcript, suffix: str, fallback: Path) -> Path:
    """Return a file that is not there yet, in the current folder or, where that cannot be written, in ``fallback``."""
    here = Path.cwd()
    folder = here if os.access(here, os.W_OK) else fallback
    name = transcript.header.id
    path, number = folder / f"{name}{suffix}", 2
    while path.exists():
        path, number = folder / f"{name}-{number}{suffix}", number + 1
    return path


class ExportDialog(PractiseDialog[None]):
    """Writes ``transcript`` in the format chosen and says where."""

    BINDINGS: ClassVar[list[Any]] = [Binding("escape", "close", "Close")]

    def __init__(self, transcript: Transcript) -> None:
        super().__init__()
        self._transcript = transcript
        self._done = False

    def compose(self) -> ComposeResult:
        """Yield the formats."""
        with Vertical(classes="dialog"):
            yield Static(line("Take this conversation elsewhere", "bold"), classes="question", markup=False)
            yield Choices(
                *(
                    Option(Content.assemble((f"{item.name:<10}", "bold"), (item.about, "$text-muted")), id=item.name)
                    for item in FORMATS.values()
                ),
                id="formats",
            )
            yield Static(
                line("Stage directions and the customer's inner state stay out of it. Escape closes.", "$text-muted"),
                id="export-said",
                markup=False,
            )

    def on_mount(self) -> None:
        """Begin with the first format."""
        self.query_one("#formats").focus()

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self._write(event.option_id or "markdown")

    @work(exclusive=True, group="export")
    async def _write(self, name: str) -> None:
        said = self.query_one("#export-said", Static)
        suffix = FORMATS[name].suffix
        if self.app.is_web:
            await self._hand_over(name, f"{self._transcript.header.id}{suffix}")
            return
        path = place_for(self._transcript, suffix, self.practise.studio.store.folder)
        try:
            await asyncio.to_thread(self._export, name, path)
        except SimulatorError as error:
            said.update(trouble(error))
            return
        said.update(
            lines(
                Content.styled("✓ Written to", "$success"),
                line(str(path)),
                Content.styled("Escape closes.", "$text-muted"),
            )
        )

    async def _hand_over(self, name: str, file_name: str) -> None:
        """Give the file to the browser: this machine's folders are not the visitor's."""
        said = self.query_one("#export-said", Static)
        try:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / file_name
                await asyncio.to_thread(self._export, name, path)
                content = io.BytesIO(path.read_bytes())
        except SimulatorError as error:
            said.update(trouble(error))
            return
        self.app.deliver_binary(content, save_filename=file_name)
        said.update(lines(Content.styled("✓ Your browser has it", "$success"), line(file_name)))

    def _export(self, name: str, path: Path) -> None:
        recording = recording_for(self.practise.settings) if name == "xapi" else None
        export([self._transcript], name, path, Options(recording=recording))

    def action_close(self) -> None:
        """Go back."""
        self.dismiss(None)
