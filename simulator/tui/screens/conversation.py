"""The conversation: what is said, how the customer feels, and the field to answer in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.timer import Timer
from textual.widgets import Footer, Static
from textual.worker import Worker, WorkerError

from simulator.cleaning import one_line
from simulator.errors import SimulatorError
from simulator.practice.coach import nudge
from simulator.practice.events import CustomerPiece, CustomerSpoke, Ended, Event, TraineeSpoke, VoiceFailed
from simulator.transcripts.records import Ending, Role
from simulator.tui.drafts import Draft
from simulator.tui.grading import Grading, Progress
from simulator.tui.screens.base import PractiseScreen
from simulator.tui.screens.help import BriefingDialog
from simulator.tui.screens.leaving import LeavingDialog
from simulator.tui.text import line, lines, plain, trouble
from simulator.tui.widgets.briefing import BriefingText
from simulator.tui.widgets.composer import Composer
from simulator.tui.widgets.ending import EndingPanel
from simulator.tui.widgets.gauge import MoodGauge
from simulator.tui.widgets.lines import AtWork, TitleBar, Waiting
from simulator.tui.widgets.turn import QuietLine, TurnView
from simulator.tui.words import CHANNELS, ending_sentence, voice_words

if TYPE_CHECKING:
    from simulator.practice.session import Session
    from simulator.transcripts.records import Turn

DRAFT_AFTER = 0.4
"""Seconds after the last key until the draft is written."""
READING_TIME = 4.0
"""Seconds the last words stand before the debrief opens by itself; any key that scrolls stops that."""


class ConversationScreen(PractiseScreen[None]):
    """One session, from its first or its next turn to its ending. The screen shows; the session decides."""

    BINDINGS: ClassVar[list[Any]] = [
        Binding("enter", "debrief", "Debrief"),
        Binding("escape", "leave", "Leave"),
        Binding("escape", "home", "Home"),
        Binding("f1,ctrl+t", "nudge", "Hint", key_display="F1"),
        Binding("f2", "briefing", "Briefing", key_display="F2"),
        Binding("f3", "mood", "Mood", key_display="F3"),
        Binding("f4", "app.help", "Help", key_display="F4"),
        Binding("x", "stop_grading", "Stop grading"),
        Binding("pageup", "scroll_talk(-1)", show=False),
        Binding("pagedown", "scroll_talk(1)", show=False),
    ]
    KEYS_HELP = (
        "Enter sends; with an empty field it shows the customer's whole line at once. Ctrl+J, Shift+Enter or Alt+Enter "
        "begin a new line. Page up and down scroll. F1 or Ctrl+T gives a hint, F2 the briefing, F3 hides the mood. "
        "Escape leaves: everything said is already saved."
    )

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._who = one_line(session.cast.persona.name) or "The customer"
        self._speaking: TurnView | None = None
        self._worker: Worker[None] | None = None
        self._pending = ""
        self._draft: Draft | None = None
        self._draft_timer: Timer | None = None
        self._grading: Grading | None = None
        self._reading: Timer | None = None
        self._stays = False

    @property
    def going_on(self) -> bool:
        """True until the conversation has ended."""
        return self.session.ending is None

    @property
    def busy(self) -> bool:
        """True while the session is working on a turn."""
        return self._worker is not None and not self._worker.is_finished

    def compose(self) -> ComposeResult:
        """Yield gauge, transcript, field and what is at work."""
        persona, voice = self.session.cast.persona, self.session.cast.voice
        yield TitleBar(f"{self._who}, {CHANNELS[persona.channel.value]}")
        yield MoodGauge()
        with Horizontal(id="talk"):
            yield VerticalScroll(id="transcript")
            with VerticalScroll(id="card", can_focus=False):
                yield BriefingText(persona)
        yield Static("", id="nudge", markup=False)
        yield Waiting()
        yield Composer(self._who)
        yield EndingPanel()
        yield AtWork(voice_words(voice.kind, voice.model), self.practise.grader_words)
        yield Footer(show_command_palette=False)

    async def on_mount(self) -> None:
        """Show what has been said, give the draft back, and let the customer begin or answer."""
        self.query_one(MoodGauge).display = self.practise.settings.mood_gauge
        transcript = self.query_one("#transcript", VerticalScroll)
        await transcript.mount_all([self._view(turn) for turn in self.session.turns])
        transcript.anchor()
        self._tell_turns()
        if self.session.turns:
            await transcript.mount(QuietLine("You go on where you stopped."))
        self._draft = Draft(self.practise.studio.store, self.session.header.id)
        composer = self.query_one(Composer)
        composer.focus()
        if draft := await self._draft.load():
            composer.give_back(draft)
        self.practise.grading_moved.subscribe(self, self._grading_moved)
        if self.session.owed:
            self._talk(self.session.answer())
        elif not self.session.turns:
            self._talk(self.session.open())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Offer only the keys that do something now."""
        if action in ("leave", "nudge", "briefing", "mood"):
            return self.going_on
        if action in ("debrief", "home"):
            return not self.going_on
        if action == "stop_grading":
            return self._grading is not None and self._grading.progress is Progress.RUNNING
        return True

    # -- talking --

    @on(Composer.Sent)
    def _sent(self, message: Composer.Sent) -> None:
        if not message.text.strip():
            if self._speaking is not None and not self._speaking.all_shown:
                self._speaking.show_all()
            elif self.session.owed and not self.busy:
                self._talk(self.session.answer())
            elif not self.busy:
                self.query_one(Waiting).end("Write something first. Saying nothing for a moment is also fine: send …")
            return
        if self.busy:
            self.query_one(Waiting).begin(f"{self._who} is still speaking; your text is safe here")
            return
        self.query_one("#nudge").display = False
        self._pending = message.text
        self.query_one(Composer).clear()
        self.query_one("#transcript", VerticalScroll).anchor()
        self._talk(self.session.say(message.text))

    def _talk(self, events: AsyncIterator[Event]) -> None:
        self._worker = self._follow(events)

    @work(exclusive=True, group="talk")
    async def _follow(self, events: AsyncIterator[Event]) -> None:
        waiting = self.query_one(Waiting)
        waiting.begin(f"{self._who} is thinking" if self.session.turns else f"{self._who} begins")
        try:
            async with aclosing(events) as running:  # type: ignore[type-var]
                async for event in running:
                    await self._take(event)
            waiting.end()
        except SimulatorError as error:
            await self._drop_unfinished()
            waiting.end(lines(trouble(error)))
            if self.session.owed:
                waiting.end(lines(trouble(error), "Press Enter to ask for the answer again."))
        finally:
            if self._pending and self.is_attached:  # it was not said: give it back
                self.query_one(Composer).give_back(self._pending)
                self._pending = ""
            self.refresh_bindings()

    async def _take(self, event: Event) -> None:
        transcript = self.query_one("#transcript", VerticalScroll)
        match event:
            case TraineeSpoke(turn):
                self._pending = ""
                self._keep_draft()
                await transcript.mount(self._view(turn))
                self._tell_turns()
            case CustomerPiece(_, text):
                if self._speaking is None:
                    self._speaking = TurnView(Role.CUSTOMER, self._who)
                    await transcript.mount(self._speaking)
                self._speaking.add(text)
                self.query_one(Waiting).begin(f"{self._who} is speaking")
            case CustomerSpoke(turn):
                if self._speaking is None:
                    await transcript.mount(self._view(turn))
                else:
                    self._speaking.set_text(turn.text)
                self._speaking = None
                self._tell_mood()
            case VoiceFailed(message, hint):
                await transcript.mount(
                    QuietLine(f"{message} {hint} One of the written lines of {self._who} stands in.")
                )
            case Ended(ending):
                await self._ended(ending)

    def _view(self, turn: Turn) -> TurnView:
        note = "cut off here" if turn.cut else ""
        return TurnView(turn.role, self._who if turn.role is Role.CUSTOMER else "You", turn.text, note=note)

    async def _drop_unfinished(self) -> None:
        if self._speaking is not None:
            await self._speaking.remove()
            self._speaking = None

    async def _stop_talking(self) -> None:
        if self._worker is not None and not self._worker.is_finished:
            self._worker.cancel()
            with suppress(WorkerError):
                await self._worker.wait()

    def _tell_mood(self) -> None:
        self.query_one(MoodGauge).mood = self.session.mood

    def _tell_turns(self) -> None:
        limit = self.session.cast.persona.turn_limit
        now = min(self.session.trainee_turns + 1, limit)
        self.query_one(TitleBar).set_right(f"your turn {now} of {limit}")
        self._tell_mood()

    # -- the draft --

    @on(Composer.Changed)
    def _keep_draft_soon(self) -> None:
        if self._draft_timer is not None:
            self._draft_timer.stop()
        self._draft_timer = self.set_timer(DRAFT_AFTER, self._keep_draft)

    @work(group="draft")
    async def _keep_draft(self) -> None:
        await self._write_draft()

    async def _write_draft(self) -> None:
        if self._draft is None:
            return
        written = self.query_one(Composer).text
        try:
            await self._draft.keep("\n".join(text for text in (self._pending, written) if text.strip()))
        except SimulatorError as error:
            self.query_one(Waiting).end(lines(trouble(error)))

    # -- keys --

    def action_nudge(self) -> None:
        """Show a hint, or put it away."""
        box = self.query_one("#nudge", Static)
        box.display = not box.display
        if box.display:
            try:
                prompt = self.session.cast.prompts.get("coach-nudge")
                hint = nudge(self.session.turns, self.session.mood, prompt)
            except SimulatorError as error:
                hint = str(error)
            box.update(lines(line("A hint", "bold $accent"), plain(hint)))

    def action_mood(self) -> None:
        """Show or hide the mood, now and next time."""
        gauge = self.query_one(MoodGauge)
        gauge.display = not gauge.display
        self.practise.remember(mood_gauge=gauge.display)

    def action_briefing(self) -> None:
        """Show the briefing over the conversation."""
        self.app.push_screen(BriefingDialog(self.session.cast.persona))

    def action_scroll_talk(self, direction: int) -> None:
        """Scroll what was said by a page."""
        transcript = self.query_one("#transcript", VerticalScroll)
        self._stays = True
        if direction < 0:
            transcript.scroll_page_up(animate=False)
        else:
            transcript.scroll_page_down(animate=False)

    @work(group="leave", exclusive=True)
    async def action_leave(self) -> None:
        """Ask how to leave."""
        answer = await self.app.push_screen_wait(LeavingDialog(self._who, spoken=self.session.trainee_turns > 0))
        if answer == "later":
            self.practise.go_home()
        elif answer == "graded" and self.going_on:
            await self._stop_talking()
            await self._drop_unfinished()
            self._talk(self.session.leave())

    def action_home(self) -> None:
        """Go home; the grading goes on."""
        self.practise.go_home()

    async def put_away(self) -> None:
        """Stop, keep the draft, and let go of the file, so that the session can be resumed."""
        if not self.going_on:
            return
        await self._stop_talking()
        await self._write_draft()
        await asyncio.to_thread(self.session.close)

    # -- after the ending --

    async def _ended(self, ending: Ending) -> None:
        self.query_one(Composer).display = False
        self.query_one("#nudge").display = False
        panel = self.query_one(EndingPanel)
        channel = self.session.cast.persona.channel.value
        panel.tell(ending_sentence(ending, self._who, channel, self.session.trainee_turns))
        panel.display = True
        self.query_one("#transcript").focus()
        self.query_one(TitleBar).set_right("the end")
        self._grading = self.practise.grade(self.session)
        self._tell_grading()

    def _grading_moved(self, grading: Grading) -> None:
        if grading is self._grading:
            self._tell_grading()

    def _tell_grading(self) -> None:
        if self._grading is None:
            return
        self.query_one(EndingPanel).tell_grading(self._grading)
        self.refresh_bindings()
        if self._grading.progress is Progress.DONE and self._reading is None and not self._stays:
            self._reading = self.set_timer(READING_TIME, self._open_by_itself)

    async def _open_by_itself(self) -> None:
        if not self._stays and self.is_current:
            await self.action_debrief()

    async def action_debrief(self) -> None:
        """Open the debrief where it is ready; grade again where it was stopped or failed."""
        grading = self._grading
        if grading is None:
            return
        if grading.progress in (Progress.FAILED, Progress.STOPPED):
            self._grading = self.practise.grade_saved(self.session.header.id, self._who)
            self._tell_grading()
        elif grading.progress is Progress.DONE and grading.transcript is not None:
            self.practise.debrief(grading.transcript, instead=True)

    def action_stop_grading(self) -> None:
        """Stop the grading; the conversation is saved and can be graded later."""
        if self._grading is not None:
            self._grading.stop()
