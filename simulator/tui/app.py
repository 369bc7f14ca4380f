"""The app: it holds the studio, the voice and the gradings, and knows the way from screen to screen."""

# ruff: noqa: PLC0415 - a screen is imported when it is first shown, so that the first frame comes fast

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.app import App, SystemCommand
from textual.binding import Binding
from textual.screen import Screen
from textual.signal import Signal

from simulator import settings as settings_file
from simulator.cleaning import clean
from simulator.errors import SimulatorError
from simulator.tui.grading import Grading, Progress
from simulator.tui.screens.base import PractiseScreen
from simulator.tui.screens.home import HomeScreen
from simulator.tui.standing import Standing
from simulator.tui.themes import DARK, LIGHT, OWN
from simulator.tui.words import grader_words

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.theme import Theme

    from simulator.customer.voice import Voice
    from simulator.practice.session import Session
    from simulator.practice.studio import Studio
    from simulator.settings import Settings
    from simulator.transcripts.records import Transcript


_HERE = Path(__file__).resolve().parent


class PractiseApp(App[None]):
    """Practise with difficult customers.

    ``start`` is the id of a persona to go straight to (with ``seed``, if given), ``session`` the id of a session to
    go on with.
    """

    TITLE = "Difficult customers"
    CSS_PATH: ClassVar[list[str | Path]] = [
        _HERE / "base.tcss",
        _HERE / "practice.tcss",
        _HERE / "debrief.tcss",
    ]  # type: ignore[assignment]
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[Any]] = [
        Binding("ctrl+q", "quit", "Quit", show=False, priority=True),
        Binding("f5", "switch_theme", "Light/dark", show=False),
        Binding("f4", "help", "Help", show=False),
        Binding("question_mark", "help", "Help", show=False),
    ]

    def __init__(
        self, studio: Studio, start: str | None = None, session: str | None = None, *, seed: int | None = None
    ) -> None:
        super().__init__()
        self.studio = studio
        self.kind: str | None = None
        """Which voice is chosen; None until it is known or chosen."""
        self.gradings: dict[str, Grading] = {}
        self.grading_moved: Signal[Grading] = Signal(self, "grading moved")
        self._start, self._session, self._seed = start, session, seed
        self._looked = False
        self.standing = Standing(self)
        self._voices: dict[str, Voice] = {}
        self._writing = asyncio.Lock()
        for theme in OWN:
            self.register_theme(theme)

    # -- looks --

    async def on_mount(self) -> None:
        """Put on the chosen look and show the home screen."""
        chosen = self.studio.settings.theme
        self.theme = chosen if chosen in self.available_themes else DARK.name
        self.theme_changed_signal.subscribe(self, self._remember_theme)
        await self.push_screen(HomeScreen())
        self.call_after_refresh(self._find_voice)
        self.call_after_refresh(self._copy_waiting)

    def action_switch_theme(self) -> None:
        """Change between the dark and the light look."""
        self.theme = DARK.name if not self.current_theme.dark else LIGHT.name

    def _remember_theme(self, theme: Theme) -> None:
        if theme.name != (self.settings.theme or DARK.name):  # putting on the remembered one is no choice
            self.remember(theme=theme.name)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Yield what the command palette offers, the same on every ``screen``."""
        del screen
        yield SystemCommand("Home", "Choose a customer", self.go_home)
        yield SystemCommand("Sessions", "Read, resume or export what was practised", self.action_sessions)
        yield SystemCommand("Voice", "Choose who writes the customer's words", self.action_voice)
        yield SystemCommand("Light or dark", "Switch the look", self.action_switch_theme)
        yield SystemCommand("Theme", "Choose among all looks", self.action_change_theme)
        yield SystemCommand("Help", "The keys, and what good looks like", self.action_help)
        yield SystemCommand("Quit", "Everything said is saved", self.action_quit)

    # -- settings --

    @property
    def settings(self) -> Settings:
        """The settings in use."""
        return self.studio.settings

    @property
    def grader_words(self) -> str:
        """Who grades, in words."""
        grader = self.studio.grader
        return grader_words(grader.kind, "" if grader.kind == "local" else grader.name)

    def remember(self, **changes: str | bool | float) -> None:
        """Use ``changes`` from now on and write them into the settings file."""
        self.use(**changes)
        self.write_settings(changes)

    def use(self, **changes: Any) -> None:
        """Use ``changes`` of the settings from now on, in this run only."""
        self.studio = self.studio.with_settings(self.settings.model_copy(update=changes))

    @work(group="settings")
    async def write_settings(self, changes: dict[str, str | bool | float]) -> None:
        """Write ``changes`` into the settings file; where that fails, say so and go on."""
        try:
            async with self._writing:  # each write reads the file first
                await asyncio.to_thread(lambda: settings_file.save(**changes))
        except (SimulatorError, OSError) as error:
            self.complain(error if isinstance(error, SimulatorError) else _unwritten(error))

    def complain(self, error: SimulatorError) -> None:
        """Say what went wrong and what to do, beside whatever is on the screen."""
        self.notify(clean(error.hint), title=clean(error.message), severity="warning", timeout=8, markup=False)

    @work(group="copies")
    async def _copy_waiting(self) -> None:
        """Copy to where sessions are kept what an earlier run could not; where that fails again, say so once."""
        store = self.studio.store
        try:
            if await asyncio.to_thread(store.waiting):
                await asyncio.to_thread(store.copy_waiting)
        except SimulatorError as error:
            self.complain(error)

    # -- the voice --

    @work(group="voice")
    async def _find_voice(self) -> None:
        """Find out which voice the settings choose, then go where the program was asked to go."""
        try:
            self.kind = await asyncio.to_thread(self.studio.voice_kind, self.settings)
        except SimulatorError as error:
            self.complain(error)
        self._looked = True
        self.voice_chosen()
        if self.kind is None:
            await self.action_voice()
        else:
            self._go_on()

    def _ask_for_voice(self) -> None:
        if self._looked:  # else it is just being looked up, and goes on from there
            self.call_next(self.action_voice)

    def _go_on(self) -> None:
        start, session, self._start, self._session = self._start, self._session, None, None
        if session is not None:
            self.resume(session)
        elif start is not None:
            self.brief(start, self._seed)

    def voice_chosen(self) -> None:
        """Tell the home screen which voice is at work."""
        for screen in self.screen_stack:
            if isinstance(screen, HomeScreen):
                screen.tell_voice()

    async def action_voice(self) -> None:
        """Let the trainee choose who writes the customer's words."""
        from simulator.tui.screens.voices import VoicesScreen

        def chosen(kind: str | None) -> None:
            if kind is not None:
                self.kind = kind
            self.voice_chosen()
            if self.kind is not None:
                self._go_on()

        if self.settings.visitor:  # the owner's keys and downloads are no visitor's to choose
            self.complain(SimulatorError("The voice is chosen by whoever serves this.", ""))
        elif not isinstance(self.screen, VoicesScreen):
            await self.push_screen(VoicesScreen(first=self.kind is None), chosen)

    async def voice(self, kind: str) -> Voice:
        """Return the voice of ``kind``, the same one each time; raises ``SimulatorError`` where it cannot speak."""
        if kind not in self._voices:
            self._voices[kind] = await self.studio.connect(kind, self.settings)
        return self._voices[kind]

    async def drop_voice(self, kind: str) -> None:
        """Let go of the voice of ``kind``, so that the next one is connected afresh."""
        voice = self._voices.pop(kind, None)
        if voice is not None:
            await voice.aclose()

    async def on_unmount(self) -> None:
        """Let go of every model."""
        for kind in list(self._voices):
            await self.drop_voice(kind)

    # -- ways --

    @work(group="ways", exclusive=True)
    async def go_home(self) -> None:
        """Show the home screen, whatever lies above it; a conversation under way is put away first."""
        from simulator.tui.screens.conversation import ConversationScreen

        while len(self.screen_stack) > 1 and not isinstance(self.screen, HomeScreen):
            if isinstance(self.screen, ConversationScreen):
                await self.screen.put_away()
            await self.pop_screen()
        if isinstance(self.screen, HomeScreen):
            self.screen.refresh_shelf()

    def brief(self, persona: str, seed: int | None = None, *, instead: bool = False) -> None:
        """Show the briefing of ``persona``, ``instead`` of the present screen or above it."""
        from simulator.tui.screens.briefing import BriefingScreen

        if self.kind is None:
            self._start, self._seed = persona, seed
            self._ask_for_voice()
            return
        screen = BriefingScreen(persona, seed=seed)
        self.switch_screen(screen) if instead else self.push_screen(screen)

    def resume(self, session: str) -> None:
        """Go on with a session that was broken off."""
        from simulator.tui.screens.briefing import BriefingScreen

        if self.kind is None:
            self._session = session
            self._ask_for_voice()
            return
        self.push_screen(BriefingScreen("", session=session))

    @work(group="open")
    async def open_session(self, session: str, *, words: bool = False) -> None:
        """Show a saved session: its debrief where it is graded and ``words`` is not asked for, else what was said."""
        try:
            transcript = await asyncio.to_thread(self.studio.store.read, session)
        except SimulatorError as error:
            self.complain(error)
            return
        if transcript.scorecards and not words:
            self.debrief(transcript)
        else:
            self.read(transcript)

    def converse(self, session: Session) -> None:
        """Show the conversation of ``session`` instead of its briefing."""
        from simulator.tui.screens.conversation import ConversationScreen

        self.switch_screen(ConversationScreen(session))

    def debrief(self, transcript: Transcript, *, instead: bool = False) -> None:
        """Show the debrief of ``transcript``, ``instead`` of the present screen or above it."""
        from simulator.tui.screens.debrief import DebriefScreen

        screen = DebriefScreen(transcript)
        self.switch_screen(screen) if instead else self.push_screen(screen)

    def read(self, transcript: Transcript) -> None:
        """Show what was said in ``transcript``."""
        from simulator.tui.screens.reading import ReadingScreen

        self.push_screen(ReadingScreen(transcript))

    def take_elsewhere(self, transcript: Transcript) -> None:
        """Offer to write ``transcript`` into a file."""
        from simulator.tui.screens.exporting import ExportDialog

        self.push_screen(ExportDialog(lambda: [transcript], transcript.header.id))

    def correct(self, transcript: Transcript) -> None:
        """Let a person correct the labels of ``transcript``; the debrief is shown anew where they did."""
        from simulator.tui.screens.correcting import CorrectionDialog

        def done(changed: bool | None) -> None:
            if changed:
                self.show_anew(transcript.header.id)

        self.push_screen(CorrectionDialog(transcript), done)

    @work(group="correct", exclusive=True)
    async def show_anew(self, session: str) -> None:
        """Show the debrief of ``session`` as it is on disk now; where the labeler has learned, fit it beside."""
        try:
            self.debrief(await asyncio.to_thread(self.studio.store.read, session), instead=True)
        except SimulatorError as error:
            self.complain(error)
        ready = getattr(self.studio.labeler, "ready", None)
        if ready is not None:
            await asyncio.to_thread(ready)

    async def action_sessions(self) -> None:
        """Show all sessions."""
        from simulator.tui.screens.sessions import SessionsScreen

        if not isinstance(self.screen, SessionsScreen):
            await self.push_screen(SessionsScreen())

    async def action_help(self) -> None:
        """Show the keys and what good looks like."""
        from simulator.tui.screens.help import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            keys = self.screen.KEYS_HELP if isinstance(self.screen, PractiseScreen) else ""
            await self.push_screen(HelpScreen(keys))

    async def action_quit(self) -> None:
        """End the program; a conversation under way asks first."""
        from simulator.tui.screens.conversation import ConversationScreen

        if isinstance(self.screen, ConversationScreen) and self.screen.going_on:
            self.screen.action_leave()
            return
        for screen in self.screen_stack:
            if isinstance(screen, ConversationScreen):
                await screen.put_away()
        self.exit()

    # -- grading --

    def grade(self, session: Session) -> Grading:
        """Have a session that has just ended graded; the grading goes on whatever screen is shown."""
        name = session.cast.persona.name

        async def graded(tell: Callable[[str], None]) -> Transcript:
            try:
                await session.grade(self.studio.grader, tell)
            finally:
                session.close()
            return await asyncio.to_thread(self.studio.store.read, session.header.id)

        return self._begin_grading(session.header.id, name, graded)

    def grade_saved(self, session: str, name: str) -> Grading:
        """Have a session on disk graded, again or for the first time."""

        async def graded(tell: Callable[[str], None]) -> Transcript:
            await self.studio.regrade(session, tell)
            return await asyncio.to_thread(self.studio.store.read, session)

        return self._begin_grading(session, name, graded)

    def _begin_grading(
        self, session: str, name: str, graded: Callable[[Callable[[str], None]], Awaitable[Transcript]]
    ) -> Grading:
        grading = self.gradings.get(session)
        if grading is None or grading.progress is not Progress.RUNNING:
            grading = self.gradings[session] = Grading(session, name)
            grading.worker = self.run_worker(self._graded(grading, graded), group=f"grading {session}")
        return grading

    async def _graded(self, grading: Grading, graded: Callable[[Callable[[str], None]], Awaitable[Transcript]]) -> None:
        loop = asyncio.get_running_loop()

        def tell(step: str) -> None:
            def heard() -> None:
                grading.step = step
                self.grading_moved.publish(grading)

            loop.call_soon_threadsafe(heard)

        try:
            grading.transcript = await graded(tell)
            grading.progress = Progress.DONE
        except SimulatorError as error:
            grading.progress, grading.problem = Progress.FAILED, error
        except asyncio.CancelledError:
            grading.progress = Progress.STOPPED
            self.grading_moved.publish(grading)
            raise
        self.grading_moved.publish(grading)


def _unwritten(error: OSError) -> SimulatorError:
    return SimulatorError(f"Your choice could not be saved: {error.strerror or error}.", "It holds until you quit.")
