"""Home: what this is, whom to talk with, and what was practised before."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.css.query import NoMatches
from textual.widgets import Footer, OptionList, Static
from textual.widgets.option_list import Option

from simulator.errors import SimulatorError
from simulator.tui.screens.base import PractiseScreen
from simulator.tui.shelf import Customer, Sessions, Shelf, sessions
from simulator.tui.text import line, lines, plain
from simulator.tui.widgets.choices import Choices
from simulator.tui.widgets.lines import AtWork, TitleBar
from simulator.tui.widgets.sessions import result_of, session_option
from simulator.tui.words import CHANNELS, DIFFICULTIES, SKILLS, ago, count, voice_words

RECENT = 8
"""Finished sessions shown at home; the sessions screen has them all."""
OFFERED = 2
"""Broken-off sessions offered at the top."""


class HomeScreen(PractiseScreen[None]):
    """The list of customers, with broken-off sessions first and recent results last."""

    BINDINGS: ClassVar[list[Any]] = [
        Binding("s", "app.sessions", "Sessions"),
        Binding("v", "app.voice", "Voice"),
        Binding("f5", "app.switch_theme", "Light/dark"),
        Binding("question_mark", "app.help", "Help", key_display="?"),
        Binding("q", "app.quit", "Quit"),
    ]
    KEYS_HELP = "Up and down choose, Enter opens. Broken-off conversations stand first: nothing said is lost."

    def __init__(self) -> None:
        super().__init__()
        self._customers: list[Customer] = []
        self._sessions = Sessions()
        self._shelf = Shelf()

    def compose(self) -> ComposeResult:
        """Yield the list, and beside it what is known of the chosen one."""
        yield TitleBar("Difficult customers", "a place to practise")
        yield Static(
            Content(
                "Choose a customer and talk with them; they react to how you treat them, "
                "and afterwards you see what helped."
            ),
            id="about-app",
            markup=False,
        )
        with Horizontal(id="shelf"):
            yield Choices(id="choices")
            with VerticalScroll(id="about", can_focus=False):
                yield Static("", id="about-text", markup=False)
        yield AtWork("…", "…")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Let the keys choose."""
        self.query_one("#choices").focus()

    def on_screen_resume(self) -> None:
        """Read personas and sessions, after the first frame and whenever home is shown again."""
        self.call_after_refresh(self.refresh_shelf)

    def tell_voice(self) -> None:
        """Show which voice and which grader are at work."""
        app = self.practise
        model = app.settings.model if app.kind == "openai" else ""
        for at_work in self.query(AtWork):  # none before the screen is composed
            at_work.tell(voice_words(app.kind, model), app.grader_words)

    @work(exclusive=True, group="shelf")
    async def refresh_shelf(self) -> None:
        """Read personas and sessions again."""
        studio = self.practise.studio
        try:
            self._customers, self._sessions = await asyncio.gather(
                asyncio.to_thread(self._shelf.customers, studio.settings), asyncio.to_thread(sessions, studio.store)
            )
        except SimulatorError as error:
            self.practise.complain(error)
        with suppress(NoMatches):  # left meanwhile: the parts of a screen are taken down before it is
            self._fill()
        self.tell_voice()

    def _fill(self) -> None:
        choices = self.query_one("#choices", Choices)
        chosen = choices.chosen
        now = datetime.now(UTC)
        options: list[Option | None] = []
        offered = self._sessions.unfinished[:OFFERED]
        if offered:
            options.append(_heading("Go on where you stopped", first=True))
            options += [session_option(summary, now) for summary in offered]
        options.append(_heading("Customers", first=not offered))
        options += [_customer_option(customer) for customer in self._customers]
        if not self._customers:
            options.append(Option(line("There is no customer yet: simulator personas new", "$warning"), disabled=True))
        done = self._sessions.finished[:RECENT]
        if done:
            options.append(_heading("Your last conversations"))
            options += [session_option(summary, now) for summary in done]
        choices.set_options(options)
        ids = [option.id for option in options if option is not None]
        if chosen in ids:
            choices.highlighted = ids.index(chosen)
        else:
            choices.highlighted = next((i for i, name in enumerate(ids) if name is not None), None)
        if choices.highlighted == 1:
            choices.scroll_home(animate=False)

    @on(OptionList.OptionHighlighted)
    def _describe(self, event: OptionList.OptionHighlighted) -> None:
        self.query_one("#about-text", Static).update(self._about(event.option_id or ""))

    @on(OptionList.OptionSelected)
    def _open(self, event: OptionList.OptionSelected) -> None:
        kind, _, name = (event.option_id or "").partition(":")
        if kind == "persona":
            chosen = next((customer.persona for customer in self._customers if customer.id == name), None)
            self._shelf.let_go(name)  # next time it is another one
            self.practise.brief(name, chosen.seed if chosen is not None else None)
        elif kind == "resume":
            self.practise.resume(name)
        elif kind == "session":
            self.practise.open_session(name)
        elif kind == "broken":
            customer = next(c for c in self._customers if c.id == name)
            self.practise.complain(SimulatorError(customer.problem, customer.hint))

    def _about(self, option: str) -> Content:
        kind, _, name = option.partition(":")
        customer = next((c for c in self._customers if c.id == name), None)
        if kind == "persona" and customer is not None and customer.persona is not None:
            persona = customer.persona
            parts = [
                line(persona.name, "bold $primary"),
                line(f"{DIFFICULTIES[persona.difficulty.value]}  ·  {CHANNELS[persona.channel.value]}", "$text-muted"),
                Content(" "),
                plain(persona.summary),
                Content(" "),
                plain(persona.setting, "$text-muted"),
                Content(" "),
                plain(persona.trainee.role),
                Content(" "),
                Content.styled("What good looks like", "bold"),
            ]
            parts += [Content.assemble((skill, "bold $accent"), f": {what}") for skill, what in SKILLS]
            return lines(*parts)
        if kind == "broken" and customer is not None:
            return lines(
                line(customer.id, "bold $primary"),
                Content.styled("This file cannot be played yet.", "$warning"),
                Content(" "),
                plain(customer.problem),
                Content(" "),
                plain(customer.hint, "$text-muted"),
            )
        known = (*self._sessions.unfinished, *self._sessions.finished)
        summary = next((summary for summary in known if summary.id == name), None)
        if summary is None:
            return Content("")
        going_on = kind == "resume"
        return lines(
            line(summary.persona_name or summary.persona, "bold $primary"),
            line(f"{ago(summary.started_at, datetime.now(UTC))}  ·  {count(summary.turns, 'turn')}", "$text-muted"),
            Content(" "),
            result_of(summary),
            Content(" "),
            Content("Enter goes on where you stopped; your draft is still there." if going_on else "Enter opens it."),
            *(plain(problem, "$warning") for problem in summary.problems[:3]),
        )


def _heading(text: str, *, first: bool = False) -> Option:
    title = Content.styled(text, "bold $text-muted")
    return Option(title if first else lines(" ", title), disabled=True)


def _customer_option(customer: Customer) -> Option:
    persona = customer.persona
    if persona is None:
        head = Content.assemble(line(customer.id, "bold"), ("  cannot be played yet", "$warning"))
        return Option(lines(head, line(customer.problem, "$text-muted")), id=f"broken:{customer.id}")
    head = Content.assemble(
        line(persona.name, "bold"),
        "  ",
        (DIFFICULTIES[persona.difficulty.value], "$accent"),
        (f"  {CHANNELS[persona.channel.value]}", "$text-muted"),
    )
    return Option(lines(head, line(persona.summary, "$text-muted")), id=f"persona:{customer.id}")
