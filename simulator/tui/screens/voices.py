"""Choosing who writes the customer's words: the local model, scripted lines, or an endpoint."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Footer, OptionList, Static
from textual.widgets.option_list import Option

from simulator.tui.models import model_there
from simulator.tui.screens.base import PractiseScreen
from simulator.tui.screens.download import DownloadScreen
from simulator.tui.screens.endpoint import EndpointScreen
from simulator.tui.text import lines
from simulator.tui.widgets.choices import Choices
from simulator.tui.widgets.lines import TitleBar


class VoicesScreen(PractiseScreen[str | None]):
    """Dismissed with the kind of voice chosen, or None where nothing was."""

    BINDINGS: ClassVar[list[Any]] = [
        Binding("1", "pick(0)", show=False),
        Binding("2", "pick(1)", show=False),
        Binding("3", "pick(2)", show=False),
        Binding("escape", "back", "Later"),
        Binding("question_mark", "app.help", "Help", key_display="?"),
        Binding("q", "app.quit", "Quit"),
    ]
    KEYS_HELP = "Press 1, 2 or 3, or choose with the arrow keys and Enter. You can change it at home with v."

    def __init__(self, *, first: bool) -> None:
        super().__init__()
        self._first = first

    def compose(self) -> ComposeResult:
        """Yield the three choices, the simplest good one first."""
        yield TitleBar("Welcome" if self._first else "Who speaks for the customer?", "one choice, then you can start")
        with Vertical(classes="page"):
            yield Static(
                lines(
                    Content.styled("Who should speak for the customer?", "bold"),
                    Content.styled(
                        "You can change this at any time. Your conversations stay on this computer.", "$text-muted"
                    )
                    if self._first
                    else Content.styled("Your choice is remembered.", "$text-muted"),
                ),
                classes="intro",
                markup=False,
            )
            yield Choices(
                _choice(
                    "1",
                    "The local model",
                    "recommended",
                    "Speaks freely, on this computer only. Downloaded once: 1.1 GB.",
                ),
                _choice(
                    "2",
                    "Scripted lines",
                    "at once",
                    "Written for each customer. Nothing to download, a little less lively.",
                ),
                _choice(
                    "3",
                    "A model at an endpoint",
                    "if you have one",
                    "OpenAI or any compatible address. What is said goes there.",
                ),
                id="voices",
            )
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Begin at the first choice."""
        self.query_one("#voices").focus()
        self._look()

    @work(group="look")
    async def _look(self) -> None:
        """See whether the local model is there already."""
        voices = self.query_one("#voices", Choices)
        if await asyncio.to_thread(model_there, self.practise.settings):
            there = _choice(
                "1", "The local model", "ready", "Speaks freely, on this computer only. Already downloaded."
            )
            voices.replace_option_prompt_at_index(0, there.prompt)

    def action_pick(self, index: int) -> None:
        """Choose by number."""
        self._chosen(index)

    def action_back(self) -> None:
        """Choose nothing now."""
        self.dismiss(None)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self._chosen(event.option_index)

    @work(group="choose", exclusive=True)
    async def _chosen(self, index: int) -> None:
        if index == 0:
            await self._local()
        elif index == 1:
            self._settle("scripted")
        else:
            await self._endpoint()

    async def _local(self) -> None:
        there = await asyncio.to_thread(model_there, self.practise.settings)
        if there or await self.app.push_screen_wait(DownloadScreen()):
            self._settle("local")

    async def _endpoint(self) -> None:
        if await self.app.push_screen_wait(EndpointScreen()):
            await self.practise.drop_voice("openai")
            self._settle("openai")

    def _settle(self, kind: str) -> None:
        self.practise.remember(voice=kind)
        self.dismiss(kind)


def _choice(key: str, name: str, tag: str, what: str) -> Option:
    head = Content.assemble((f"{key}  ", "bold $accent"), (name, "bold"), (f"  {tag}", "$success"))
    return Option(lines(head, Content.styled(what, "$text-muted"), " "), id=name)
