"""Reading a saved conversation: every turn with its number and the mood after it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Footer, Static

from simulator.exports.report import SpokenTurn, report_of
from simulator.transcripts.records import Role
from simulator.tui.grading import Grading, Progress
from simulator.tui.screens.base import PractiseScreen
from simulator.tui.screens.debrief import DebriefScreen
from simulator.tui.text import line, lines, plain, spoken
from simulator.tui.widgets.lines import TitleBar, Waiting
from simulator.tui.words import ending_words, stage_word

if TYPE_CHECKING:
    from simulator.transcripts.records import Transcript


class ReadingScreen(PractiseScreen[None]):
    """Shows what was said in ``transcript``; nothing can be changed here."""

    BINDINGS: ClassVar[list[Any]] = [
        Binding("d", "debrief", "Debrief"),
        Binding("g", "grade", "Grade it"),
        Binding("c", "go_on", "Continue"),
        Binding("e", "export", "Export"),
        Binding("escape", "back", "Back"),
        Binding("question_mark", "app.help", "Help", key_display="?"),
    ]
    KEYS_HELP = "Up, down and page keys scroll. The numbers are those the debrief cites."

    def __init__(self, transcript: Transcript) -> None:
        super().__init__()
        self.transcript = transcript

    def compose(self) -> ComposeResult:
        """Yield the conversation as one text: it never changes."""
        report = report_of(self.transcript)
        imported = self.transcript.header.imported
        yield TitleBar(f"Conversation: {report.title}", ending_words(self.transcript.ending, imported=imported))
        with VerticalScroll(id="reading", classes="page"):
            yield Static(plain(self.transcript.header.setting, "$text-muted"), classes="setting", markup=False)
            for turn in report.turns:
                yield Static(turn_text(turn), classes=f"turn -{turn.role.value}", markup=False)
            if not report.turns:
                yield Static("Nothing was said.", markup=False)
            notes = [line(note, "$text-muted") for note in report.notes]
            problems = [line(problem, "$warning") for problem in report.problems]
            yield Static(lines(*notes, *problems), classes="made-by", markup=False)
        yield Waiting()
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Let the keys scroll."""
        self.query_one("#reading").focus()
        self.practise.grading_moved.subscribe(self, self._moved)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Offer only what this session allows."""
        if action == "debrief":
            return bool(self.transcript.scorecards)
        if action == "grade":
            return not self.transcript.scorecards and self.transcript.over
        if action == "go_on":
            return not self.transcript.over
        return True

    def action_debrief(self) -> None:
        """Show the debrief."""
        if any(isinstance(screen, DebriefScreen) for screen in self.app.screen_stack):
            self.dismiss(None)
        else:
            self.practise.debrief(self.transcript, instead=True)

    def action_grade(self) -> None:
        """Have it graded now."""
        self.query_one(Waiting).begin("Your debrief is being prepared")
        self.practise.grade_saved(self.transcript.header.id, self.transcript.header.persona_name)

    def _moved(self, grading: Grading) -> None:
        if grading.session != self.transcript.header.id or grading.progress is Progress.RUNNING:
            return
        self.query_one(Waiting).end()
        if grading.transcript is not None:
            self.transcript = grading.transcript
            self.refresh_bindings()
            if self.is_current:
                self.action_debrief()
        elif grading.problem is not None:
            self.practise.complain(grading.problem)

    def action_go_on(self) -> None:
        """Go on with it."""
        self.practise.resume(self.transcript.header.id)

    def action_export(self) -> None:
        """Write a file."""
        self.practise.take_elsewhere(self.transcript)

    def action_back(self) -> None:
        """Go back to where this was opened."""
        self.dismiss(None)


def turn_text(turn: SpokenTurn) -> Content:
    """Return one turn: number, who, mood after it, and what was said with the quoted evidence underlined."""
    customer = turn.role is Role.CUSTOMER
    note = f"   tension {turn.tension:.1f}, {stage_word(turn.stage)}" if turn.tension is not None else ""
    note += "   cut off here" if turn.cut else ""
    head = Content.assemble(
        (f"{turn.number}  ", "$text-muted"),
        line(turn.speaker if customer else "You", "bold $primary" if customer else "bold $accent"),
        (note, "$text-muted"),
    )
    said = spoken(turn.text)
    at = 0
    for text, evidence in turn.segments:
        if evidence:
            said = said.stylize("underline", at, at + len(text))
        at += len(text)
    return lines(head, said)
