"""Taking sessions elsewhere: choose a format, get a file or a folder, be told where it is."""

from __future__ import annotations

import asyncio
import io
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
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
from simulator.exports.manifest import Job, export_folder
from simulator.exports.recording import recording_for
from simulator.settings import secret_values
from simulator.tui.screens.base import PractiseDialog
from simulator.tui.text import line, lines, trouble
from simulator.tui.widgets.choices import Choices

if TYPE_CHECKING:
    from simulator.transcripts.records import Transcript


def place_for(name: str, suffix: str, fallback: Path) -> Path:
    """Return a path that is not there yet, in the current folder or, where that cannot be written, in ``fallback``."""
    here = Path.cwd()
    folder = here if os.access(here, os.W_OK) else fallback
    path, number = folder / f"{name}{suffix}", 2
    while path.exists():
        path, number = folder / f"{name}-{number}{suffix}", number + 1
    return path


class _Stopped(Exception):  # noqa: N818 - nothing went wrong
    """Somebody closed the dialog while it was writing."""


class ExportDialog(PractiseDialog[None]):
    """Writes what ``read`` gives in the format chosen and says where: a file, or a folder where there are ``many``."""

    BINDINGS: ClassVar[list[Any]] = [
        Binding("s", "directions", "Stage directions"),
        Binding("n", "names", "Names"),
        Binding("escape", "close", "Close"),
    ]

    def __init__(self, read: Callable[[], Iterable[Transcript]], name: str, many: int = 1) -> None:
        super().__init__()
        self._read, self._file, self._many = read, name, many
        self._private = self._redact = False
        self._stop = threading.Event()

    def compose(self) -> ComposeResult:
        """Yield the formats and what can be chosen beside them."""
        what = "this conversation" if self._many == 1 else f"these {self._many} conversations"
        with Vertical(classes="dialog"):
            yield Static(line(f"Take {what} elsewhere", "bold"), classes="question", markup=False)
            yield Choices(
                *(
                    Option(Content.assemble((f"{item.name:<10}", "bold"), (item.about, "$text-muted")), id=item.name)
                    for item in FORMATS.values()
                ),
                id="formats",
            )
            yield Static(self._chosen(), id="export-chosen", markup=False)
            yield Static(line("Escape closes.", "$text-muted"), id="export-said", markup=False)

    def on_mount(self) -> None:
        """Begin with the first format."""
        self.query_one("#formats").focus()

    def _chosen(self) -> Content:
        directions = "stage directions are in it" if self._private else "stage directions stay out"
        names = "names and numbers are replaced" if self._redact else "names stay as they are"
        return lines(line(f"s  {directions}", "$text-muted"), line(f"n  {names}", "$text-muted"))

    def action_directions(self) -> None:
        """Put the stage directions in, or leave them out."""
        self._private = not self._private
        self.query_one("#export-chosen", Static).update(self._chosen())

    def action_names(self) -> None:
        """Replace names and numbers, or leave them."""
        self._redact = not self._redact
        self.query_one("#export-chosen", Static).update(self._chosen())

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self._write(event.option_id or "markdown")

    @work(exclusive=True, group="export")
    async def _write(self, name: str) -> None:
        suffix = FORMATS[name].suffix if self._many == 1 else ""
        try:
            if self.app.is_web:
                said = await self._hand_over(name, f"{self._file}{suffix}")
            else:
                path = place_for(self._file, suffix, self.practise.studio.store.folder)
                await asyncio.to_thread(self._export, name, path)
                said = (Content.styled("✓ Written to", "$success"), line(str(path)))
        except SimulatorError as error:
            self._say(trouble(error))
        except _Stopped:
            return
        else:
            self._say(lines(*said, Content.styled("Escape closes.", "$text-muted")))

    async def _hand_over(self, name: str, file_name: str) -> tuple[Content, Content]:
        """Give the file to the browser: this machine's folders are not the visitor's."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / file_name
            await asyncio.to_thread(self._export, name, path)
            if path.is_dir():
                path = Path(await asyncio.to_thread(shutil.make_archive, str(path), "zip", path))
            content, file_name = io.BytesIO(path.read_bytes()), path.name
        self.app.deliver_binary(content, save_filename=file_name)
        return Content.styled("✓ Your browser has it", "$success"), line(file_name)

    def _export(self, name: str, path: Path) -> None:
        """Write to ``path``. Slow enough for a thread."""
        recording = recording_for(self.practise.settings) if name == "xapi" else None
        options = Options(private=self._private, recording=recording)
        if self._many == 1:
            export(self._wanted(), name, path, options)
        else:
            export_folder(self._wanted(), Job(name, options, redacted=self._redact), path, self._told)

    def _wanted(self) -> Iterator[Transcript]:
        from simulator.exports.redaction import Labels, redact  # noqa: PLC0415 - only who wants it waits for it

        secrets = secret_values()
        for transcript in self._read():
            if self._stop.is_set():
                raise _Stopped
            yield redact(transcript, Labels(), secrets) if self._redact else transcript

    def _told(self, done: int, _: Path) -> None:
        if not self._stop.is_set():
            self.app.call_from_thread(self._say, line(f"{done} of {self._many} written. Escape stops.", "$text-muted"))

    def _say(self, said: Content) -> None:
        if self.is_mounted:
            self.query_one("#export-said", Static).update(said)

    def action_close(self) -> None:
        """Stop what is being written, and go back; what is written already stays."""
        self._stop.set()
        self.dismiss(None)
