"""The debrief: passed or not and by what, the levels with quotes, the order, the mood, and what to try next time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Collapsible, Footer, Static

from simulator.exports.report import Grade, Report, latest_scorecard, report_of
from simulator.transcripts.records import Role
from simulator.tui.screens.base import PractiseScreen
from simulator.tui.screens.sessions import SessionsScreen
from simulator.tui.text import line, lines
from simulator.tui.widgets import scorecard
from simulator.tui.widgets.hanging import Hanging
from simulator.tui.widgets.lines import TitleBar
from simulator.tui.widgets.mood_chart import MoodChart, MoodPoint, path
from simulator.tui.words import CHANNELS, ending_words, grader_words

if TYPE_CHECKING:
    from simulator.transcripts.records import Transcript


class DebriefScreen(PractiseScreen[None]):
    """Shows ``transcript`` with its latest scorecard."""

    BINDINGS: ClassVar[list[Any]] = [
        Binding("r", "again", "Practise again"),
        Binding("t", "transcript", "Transcript"),
        Binding("l", "labels", "Labels"),
        Binding("c", "correct", "Correct"),
        Binding("e", "export", "Export"),
        Binding("h,escape", "home", "Home", key_display="h"),
        Binding("question_mark", "app.help", "Help", key_display="?"),
    ]
    KEYS_HELP = (
        "Up, down and page keys scroll. r practises again with the same customer, t shows the conversation, l what was "
        "seen in each turn, c corrects that, e writes a file, h goes home."
    )

    def __init__(self, transcript: Transcript) -> None:
        super().__init__()
        self.transcript = transcript
        self._report: Report = report_of(transcript)
        self._standing: tuple[str, ...] = ()
        self._grade = self._report.grade or Grade(False, "This session has not been graded yet.")

    def compose(self) -> ComposeResult:
        """Yield the page: two columns where there is room."""
        header = self.transcript.header
        what = (self._report.title, CHANNELS.get(header.channel, header.channel))
        how = (header.difficulty, ending_words(self.transcript.ending, imported=header.imported))
        yield TitleBar(f"Debrief: {', '.join(filter(None, what))}", ", ".join(filter(None, how)))
        marks = self._marks()
        with VerticalScroll(id="debrief", classes="page"):
            yield Static(scorecard.verdict(self._report, self._grade, marks), id="verdict", markup=False)
            if self._grade.criteria:
                yield Static(scorecard.levels(self._grade, marks), id="bars", markup=False)
            with Horizontal(id="columns"):
                with Vertical(id="lessons"):
                    for title, content in scorecard.coaching(self._grade):
                        yield _section(lines(_title(title), content), "lesson")
                    if self._grade.rewrites:
                        with Vertical(classes="section"):
                            yield Static(_title("In other words"), markup=False)
                            yield from (Hanging(*said) for said in scorecard.rewrites(self._grade))
                    yield from self._mood()
                with Vertical(id="levels"):
                    for item in self._grade.criteria:
                        with Vertical(classes="section"):
                            yield Static(scorecard.criterion(item, marks), markup=False)
                            yield from (Hanging(*quote) for quote in scorecard.evidence(item))
                    if self._grade.graded:
                        yield _section(
                            lines(_title("The order"), scorecard.order(self._grade, self._spoken())), "order"
                        )
            if self._spoken():
                with Collapsible(title="What was seen in each of your turns  (l)", id="labels"):
                    yield from (Hanging(*seen) for seen in scorecard.labels(self._report))
            yield Static(self._made_by(), classes="made-by", id="made-by", markup=False)
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Let the keys scroll; how far the grader can be trusted is looked up beside."""
        self.query_one("#debrief").focus()
        self._look_up()

    @work(exclusive=True, group="standing")
    async def _look_up(self) -> None:
        """Show how well the grader of this card agrees with expert marks, as soon as it is known."""
        made_by = self.query_one("#made-by", Static)
        self._standing = await self.practise.standing.of(latest_scorecard(self.transcript) or {})
        if self._standing:
            made_by.update(self._made_by())

    def _spoken(self) -> frozenset[int]:
        return frozenset(turn.number for turn in self._report.turns if turn.role is Role.TRAINEE)

    def _marks(self) -> scorecard.Marks:
        """Return what the rubric asks for, where the card was made with the rubric in use."""
        rubric = self.practise.studio.grader.rubric
        stamp = (latest_scorecard(self.transcript) or {}).get("rubric")
        same = isinstance(stamp, dict) and stamp.get("sha256") == rubric.sha256
        return scorecard.Marks.of(rubric) if same else scorecard.Marks()

    def _mood(self) -> ComposeResult:
        points = [MoodPoint(turn.number, turn.tension or 0.0, turn.stage) for turn in self._report.moods]
        if not points:
            return
        with Vertical(classes="section mood"):
            yield Static(
                lines(
                    _title("The mood, turn by turn"),
                    Content.styled("10 is about to leave, 0 is at peace", "$text-muted"),
                ),
                markup=False,
            )
            yield MoodChart(points)
            yield Static(path(points), markup=False)

    def _made_by(self) -> Content:
        grade = self._grade
        by = (latest_scorecard(self.transcript) or {}).get("grader")
        grader = self.transcript.header.grader
        if isinstance(by, dict) and isinstance(by.get("model"), str) and by["model"]:
            grader = f"the {grader_words(str(by.get('kind')), 'model')} grader ({by['model']})"
            grader += ", corrected by a person" if by.get("corrected") else ""
        rubric = grade.rubric.split(", sha256")[0]
        return lines(
            line(
                f"Graded by {grader or 'an unnamed grader'}" + (f" with the rubric {rubric}" if rubric else ""),
                "$text-muted",
            ),
            *(line(said, "$text-muted") for said in self._standing),
            line(
                "The grader saw only what was said. It can be wrong: talk it over with your trainer.",
                "$text-muted",
            ),
            *(line(problem, "$warning") for problem in self._report.problems),
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Offer only what this session allows: nobody plays the customer of an imported one."""
        return not (action == "again" and self.transcript.header.imported)

    def action_again(self) -> None:
        """Practise with the same customer again, down to the details."""
        header = self.transcript.header
        self.practise.brief(header.persona, header.seed, instead=True)

    def action_transcript(self) -> None:
        """Show what was said."""
        self.practise.read(self.transcript)

    def action_labels(self) -> None:
        """Open or close what was seen in each turn."""
        for box in self.query(Collapsible):
            box.collapsed = not box.collapsed
            if not box.collapsed:
                self.call_after_refresh(box.scroll_visible, animate=False, top=True)

    def action_correct(self) -> None:
        """Correct what was seen in a turn."""
        if self._grade.graded:
            self.practise.correct(self.transcript)

    def action_export(self) -> None:
        """Write a file."""
        self.practise.take_elsewhere(self.transcript)

    def action_home(self) -> None:
        """Go home, or back to the list this was opened from."""
        if len(self.app.screen_stack) > 1 and isinstance(self.app.screen_stack[-2], SessionsScreen):
            self.dismiss(None)
        else:
            self.practise.go_home()


def _title(text: str) -> Content:
    return Content.styled(text, "bold")


def _section(content: Content, kind: str) -> Static:
    return Static(content, classes=f"section {kind}", markup=False)
