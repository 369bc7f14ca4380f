"""What stands in the field's place when the conversation is over: how it ended, and how far the debrief is."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from simulator.tui.grading import Grading, Progress
from simulator.tui.text import line, lines, trouble


class EndingPanel(Static):
    """Two or three lines, hidden until the conversation ends."""

    def __init__(self) -> None:
        super().__init__("", id="ending", markup=False)
        self._sentence = ""

    def tell(self, sentence: str) -> None:
        """Say how it ended."""
        self._sentence = sentence

    def tell_grading(self, grading: Grading) -> None:
        """Say how far the debrief is."""
        match grading.progress:
            case Progress.RUNNING:
                step = f": {grading.step}" if grading.step else ""
                state = line(f"Your debrief is being prepared{step}…  You can read on meanwhile.", "$text-muted")
            case Progress.DONE:
                state = line("Your debrief is ready. Enter opens it.", "$success")
            case Progress.STOPPED:
                state = line(
                    "Not graded. The conversation is saved; Enter grades it now, Escape goes home.", "$warning"
                )
            case Progress.FAILED:
                problem = trouble(grading.problem) if grading.problem else Content("It could not be graded.")
                state = lines(
                    problem, line("The conversation is saved; Enter tries again, Escape goes home.", "$text-muted")
                )
        self.update(lines(line(self._sentence, "bold"), state))
