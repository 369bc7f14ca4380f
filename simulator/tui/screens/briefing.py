"""The briefing: who, where, what may be decided on the spot, while the customer gets ready."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Footer, OptionList, Static
from textual.widgets.option_list import Option

from simulator.cleaning import one_line
from simulator.errors import SimulatorError
from simulator.practice.rehearsal import Recorder
from simulator.tui.screens.base import PractiseScreen
from simulator.tui.text import line, lines, plain, trouble
from simulator.tui.widgets.briefing import BriefingText
from simulator.tui.widgets.choices import Choices
from simulator.tui.widgets.lines import AtWork, TitleBar, Waiting
from simulator.tui.words import CHANNELS, DIFFICULTIES, count, voice_words

if TYPE_CHECKING:
    from simulator.customer.voice import Voice
    from simulator.personas.schema import Persona
    from simulator.practice.session import Session


class BriefingScreen(PractiseScreen[None]):
    """Shows ``persona``, or the one of ``session`` where a session is gone on with; Enter starts."""

    BINDINGS: ClassVar[list[Any]] = [
        Binding("enter", "start", "Start"),
        Binding("escape", "back", "Back"),
        Binding("question_mark", "app.help", "Help", key_display="?"),
        Binding("f4", "app.help", "Help", show=False),
    ]
    KEYS_HELP = "Enter starts as soon as the customer is ready. Up and down scroll."

    def __init__(self, persona: str, *, seed: int | None = None, session: str | None = None) -> None:
        super().__init__()
        self._wanted, self._seed, self._resumed = persona, seed, session
        self._kind = ""
        self._persona: Persona | None = None
        self._voice: Voice | None = None
        self._session: Session | None = None
        self._ready = False
        self._starting = False

    def compose(self) -> ComposeResult:
        """Yield the briefing, the customer's readiness and, where it fails, the ways out."""
        yield TitleBar("Before you start")
        with VerticalScroll(id="briefing-page", classes="page"):
            yield Static("", id="briefing-head", markup=False)
            yield Vertical(id="briefing-body")
        with Vertical(id="trouble"):
            yield Static("", id="trouble-text", markup=False)
            yield Choices(
                Option("Try again", id="again"),
                Option("Use scripted lines this time", id="scripted"),
                Option("Back to the customers", id="back"),
                id="ways-out",
            )
        yield Waiting()
        yield AtWork()
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Read the persona and get the customer ready."""
        self._kind = self.practise.kind or "scripted"
        self.query_one("#briefing-page").focus()
        self._get_ready()

    # -- getting ready --

    @work(exclusive=True, group="ready")
    async def _get_ready(self) -> None:
        self.remove_class("-trouble")
        self._ready = False
        waiting = self.query_one(Waiting)
        try:
            persona = self._persona or await self._read()
            self._tell_at_work()
            waiting.begin(f"{self._who} is getting ready; read on")
            self._voice = await self.practise.voice(self._kind)
            self._tell_at_work()
            await self._warm(persona, self._voice)
        except SimulatorError as error:
            waiting.end()
            self._in_trouble(error)
            return
        self._ready = True
        waiting.end(f"{self._who} is ready. Press Enter to start.", "$success")
        if self._starting:
            await self._start()

    async def _read(self) -> Persona:
        studio = self.practise.studio
        turns = 0
        if self._resumed is not None:
            transcript = await asyncio.to_thread(studio.store.read, self._resumed)
            self._resumed = transcript.header.id
            self._wanted, self._seed = transcript.header.persona, transcript.header.seed
            turns = len(transcript.turns)
        persona = await asyncio.to_thread(studio.persona, self._wanted, self._seed)
        self._persona = persona
        self.query_one("#briefing-head", Static).update(
            lines(
                Content.assemble(
                    line(persona.name, "bold $primary"),
                    (
                        f"   {DIFFICULTIES[persona.difficulty.value]}  ·  {CHANNELS[persona.channel.value]}",
                        "$text-muted",
                    ),
                ),
                plain(persona.summary),
                Content.styled(f"You go on where you stopped: {count(turns, 'turn')} so far.", "$accent")
                if turns
                else "",
            )
        )
        await self.query_one("#briefing-body").mount(BriefingText(persona))
        return persona

    async def _warm(self, persona: Persona, voice: Voice) -> None:
        """Get voice and labeler ready. A new session is written to disk only when it starts."""
        studio = self.practise.studio
        if self._resumed is not None:
            if self._session is None:
                self._session = await asyncio.to_thread(studio.resume, self._resumed, voice)
            await self._session.warm()
            return
        await studio.begin(persona, voice, writer=Recorder(), session_id="getting-ready").warm()

    @property
    def _who(self) -> str:
        return one_line(self._persona.name) if self._persona else "The customer"

    def _tell_at_work(self) -> None:
        model = self._voice.model if self._voice is not None else ""
        self.query_one(AtWork).tell(voice_words(self._kind, model), self.practise.grader_words)

    # -- trouble --

    def _in_trouble(self, error: SimulatorError) -> None:
        self._starting = False
        self.query_one("#trouble-text", Static).update(trouble(error))
        ways = self.query_one("#ways-out", Choices)
        ways.set_options(
            [
                Option("Try again", id="again"),
                *([Option("Use scripted lines this time", id="scripted")] if self._offers_lines else []),
                Option("Back to the customers", id="back"),
            ]
        )
        ways.highlighted = 0
        self.add_class("-trouble")
        ways.focus()

    @property
    def _offers_lines(self) -> bool:
        return self._persona is not None and self._kind != "scripted"

    @on(OptionList.OptionSelected, "#ways-out")
    async def _way_out(self, event: OptionList.OptionSelected) -> None:
        if event.option_id == "back":
            await self.action_back()
            return
        if event.option_id == "scripted":
            self._close()
            self._kind, self._voice = "scripted", None
        elif self._voice is not None:
            self._close()
            self._voice = None
            await self.practise.drop_voice(self._kind)
        self.query_one("#briefing-page").focus()
        self._get_ready()

    # -- starting and going back --

    async def action_start(self) -> None:
        """Start, as soon as the customer is ready."""
        if self.has_class("-trouble"):
            self.query_one("#ways-out", Choices).action_select()
        elif self._ready:
            await self._start()
        elif not self._starting:
            self._starting = True
            self.query_one(Waiting).begin(f"{self._who} is nearly there; it starts by itself")

    async def _start(self) -> None:
        persona, voice, studio = self._persona, self._voice, self.practise.studio
        if persona is None or voice is None:
            return
        self._ready = False  # a second Enter must not start a second session
        try:
            session = self._session
            if session is None:
                session = await asyncio.to_thread(studio.begin, persona, voice)
        except SimulatorError as error:
            self._in_trouble(error)
            return
        self._session = None
        self.practise.converse(session)

    async def action_back(self) -> None:
        """Go back; a session that was to be gone on with stays as it was."""
        self.workers.cancel_group(self, "ready")
        self._close()
        self.dismiss(None)

    def _close(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None
