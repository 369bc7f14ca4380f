"""Connecting an endpoint: address, key and model, tried before they are kept."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import SecretStr
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Footer, Input, Static

from simulator.errors import SimulatorError
from simulator.tui.models import try_endpoint
from simulator.tui.screens.base import PractiseScreen
from simulator.tui.text import lines, trouble
from simulator.tui.widgets.lines import TitleBar, Waiting
from simulator.tui.widgets.tick import Tick


class EndpointScreen(PractiseScreen[bool]):
    """Dismissed with True where an endpoint is connected and in use."""

    BINDINGS: ClassVar[list[Any]] = [
        Binding("escape", "back", "Back"),
        Binding("f4", "app.help", "Help"),
    ]
    KEYS_HELP = "Tab goes from field to field, Enter in a field tries the endpoint."

    def compose(self) -> ComposeResult:
        """Yield the form."""
        settings = self.practise.settings
        yield TitleBar("Connect an endpoint", "OpenAI, or any address that speaks like it")
        with VerticalScroll(classes="page form", can_focus=False):
            yield Static(
                Content("Address, up to and including /v1 (empty: OpenAI itself)"), classes="label", markup=False
            )
            yield Input(settings.base_url, placeholder="https://example.org/v1", id="base-url", compact=True)
            yield Static(Content("Key (empty where none is needed)"), classes="label", markup=False)
            yield Input(settings.api_key.get_secret_value(), password=True, id="key", compact=True)
            yield Static(Content("Model (empty: the first one it lists)"), classes="label", markup=False)
            yield Input(settings.model, id="model", compact=True)
            yield Tick(Content("Keep the key in my settings file, readable only by me"), id="keep")
            with Horizontal(classes="buttons"):
                yield Button(Content("Try it and use it"), id="try", variant="primary")
            yield Waiting()
            yield Static("", id="outcome", markup=False)
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Begin with the address."""
        self.query_one("#base-url").focus()

    def action_back(self) -> None:
        """Go back without connecting anything."""
        self.dismiss(False)

    @on(Button.Pressed)
    @on(Input.Submitted)
    def _try(self) -> None:
        self._connect()

    @work(exclusive=True, group="try")
    async def _connect(self) -> None:
        base_url = self.query_one("#base-url", Input).value.strip()
        key = self.query_one("#key", Input).value.strip()
        model = self.query_one("#model", Input).value.strip()
        waiting, outcome = self.query_one(Waiting), self.query_one("#outcome", Static)
        outcome.update("")
        if not base_url and not key:
            outcome.update(
                lines(
                    Content.styled("There is nothing to try yet.", "bold"),
                    Content("Give an address, or a key for OpenAI."),
                )
            )
            return
        changes = {"base_url": base_url, "api_key": SecretStr(key), "model": model}
        waiting.begin("Asking the endpoint")
        try:
            await try_endpoint(self.practise.settings.model_copy(update=changes))
        except SimulatorError as error:
            outcome.update(trouble(error))
            return
        finally:
            waiting.end()
        self.practise.use(**changes)
        kept: dict[str, str] = {"base_url": base_url, "model": model}
        if key and self.query_one("#keep", Tick).value:
            kept["api_key"] = key
        self.practise.write_settings(kept)
        self.dismiss(True)
