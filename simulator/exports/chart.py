"""The customer's tension over a session as coordinates, for whatever draws it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.exports.report import SpokenTurn, number_words

WIDTH, HEIGHT = 640, 220
"""Size of the chart in its own units."""
LEFT, RIGHT, TOP, BOTTOM = 40, 16, 12, 36
"""Margins around the chart's own area."""
_MOST_TICKS = 16


@dataclass(frozen=True)
class Point:
    """One customer turn in the chart."""

    x: float
    y: float
    number: int
    tension: float
    stage: str


@dataclass(frozen=True)
class Chart:
    """The customer's tension over the turns as coordinates: ``line`` is the points of an SVG polyline."""

    points: tuple[Point, ...]
    line: str
    rows: tuple[tuple[int, float], ...]
    """Tension values that get a grid line, with their height."""
    ticks: tuple[Point, ...]
    """Points whose turn number is written below."""
    summary: str
    """The chart in a sentence, for those who do not see it."""


def chart_of(turns: Sequence[SpokenTurn]) -> Chart | None:
    """Return the chart of the tension (0 to 10) in ``turns``, or None where fewer than two tell it."""
    told = [(turn, turn.tension) for turn in turns if turn.tension is not None]
    if len(told) < 2:
        return None
    across = (WIDTH - LEFT - RIGHT) / (len(told) - 1)
    points = tuple(
        Point(round(LEFT + place * across, 1), _height(tension), turn.number, tension, turn.stage)
        for place, (turn, tension) in enumerate(told)
    )
    first, last = points[0], points[-1]
    highest = max(points, key=lambda point: point.tension)
    return Chart(
        points=points,
        line=" ".join(f"{point.x},{point.y}" for point in points),
        rows=tuple((tension, _height(tension)) for tension in (0, 5, 10)),
        ticks=points[:: -(-len(points) // _MOST_TICKS)],
        summary=(
            f"The customer's tension goes from {number_words(first.tension)} in turn {first.number} to "
            f"{number_words(last.tension)} in turn {last.number}; it is highest in turn {highest.number}, "
            f"{number_words(highest.tension)}. 0 is at peace, 10 is about to leave."
        ),
    )


def _height(tension: float) -> float:
    return round(TOP + (10 - tension) / 10 * (HEIGHT - TOP - BOTTOM), 1)
