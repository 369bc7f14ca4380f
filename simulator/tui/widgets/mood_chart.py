"""The customer's mood over the conversation, drawn with block characters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from simulator.tui.widgets.gauge import tension_style
from simulator.tui.words import stage_word

ROWS = 6
_EIGHTHS = " ▁▂▃▄▅▆▇█"
_MARGIN = 5


@dataclass(frozen=True)
class MoodPoint:
    """The mood after one customer turn; ``number`` counts all turns from 1, ``tension`` is 0 to 10."""

    number: int
    tension: float
    stage: str


def chart(points: Sequence[MoodPoint], width: int, rows: int = ROWS) -> Content:
    """Return the chart, ``rows`` lines of bars and a line of turn numbers, none wider than ``width`` cells."""
    if not points:
        return Content("There is no mood to show.")
    room = max(1, width - _MARGIN)
    cell = max(1, min(5, room // len(points)))
    shown = points[-(room // cell) :]
    body = cell - 1 if cell > 1 else 1
    gap = " " * (cell - body)
    drawn: list[Content] = []
    for row in range(rows, 0, -1):
        label = {rows: "10 ┤", 1: " 0 ┤", (rows + 1) // 2: " 5 ┤"}.get(row, "   │")
        parts: list[str | tuple[str, str]] = [(label, "$text-muted")]
        for point in shown:
            eighths = round(point.tension / 10 * rows * 8) - (row - 1) * 8
            full = _EIGHTHS[max(1 if row == 1 else 0, min(8, eighths))]
            parts.append((full * body + gap, tension_style(point.tension)))
        drawn.append(Content.assemble(*parts))
    drawn.append(Content.styled(_numbers(shown, cell), "$text-muted"))
    return Content("\n").join(drawn)


def _numbers(points: Sequence[MoodPoint], cell: int) -> str:
    """Return the line of turn numbers, each under its bar, as many as there is room for."""
    places = [" "] * (len(points) * cell + 3)
    free = 0
    for place, point in enumerate(points):
        text = str(point.number)
        at = place * cell
        if at >= free:
            places[at : at + len(text)] = text
            free = at + len(text) + 1
    return "turn " + "".join(places).rstrip() if _MARGIN == 5 else "".join(places)


def path(points: Sequence[MoodPoint]) -> Content:
    """Return the stages gone through, each with the turn in which it began and the tension there."""
    parts: list[str | tuple[str, str] | Content] = []
    before = ""
    for point in points:
        if point.stage != before:
            if parts:
                parts.append((" → ", "$text-muted"))
            parts.append((stage_word(point.stage), f"bold {tension_style(point.tension)}"))
            parts.append((f" {point.tension:.1f} (turn {point.number})", "$text-muted"))
            before = point.stage
    return Content.assemble(*parts)


class MoodChart(Widget):
    """The chart at whatever width there is."""

    def __init__(self, points: Sequence[MoodPoint]) -> None:
        super().__init__(classes="mood-chart")
        self._points = tuple(points)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        """Return the lines it takes."""
        return ROWS + 1

    def render(self) -> Content:
        """Draw the chart for the present width."""
        return chart(self._points, self.content_size.width)
