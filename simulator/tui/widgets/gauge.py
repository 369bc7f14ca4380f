"""The customer's mood at a glance: a bar, a number and a word."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from simulator.transcripts.records import Mood
from simulator.tui.words import stage_word

CELLS = 10


def tension_style(tension: float) -> str:
    """Return the colour that goes with a tension from 0 to 10."""
    return "$error" if tension >= 6.5 else "$warning" if tension >= 4 else "$success"


def gauge(tension: float, stage: str, before: float | None = None) -> Content:
    """Return the gauge as text: ``tension ▇▇▇▇▇▁▁▁▁▁ 5.2 guarded, easing``; ``before`` is the tension a turn ago."""
    filled = round(tension)
    style = tension_style(tension)
    change = ""
    if before is not None and abs(tension - before) >= 0.1:
        change = f"  ▼ {before - tension:.1f} easing" if tension < before else f"  ▲ {tension - before:.1f} rising"
    return Content.assemble(
        ("tension ", "$text-muted"),
        ("▇" * filled, style),
        ("▁" * (CELLS - filled), "$text-muted"),
        (f" {tension:.1f} ", "bold"),
        (stage_word(stage), f"bold {style}"),
        (change, "$text-muted"),
    )


class MoodGauge(Static):
    """Shows ``mood`` and which way it went."""

    mood: reactive[Mood | None] = reactive(None)

    def __init__(self) -> None:
        super().__init__("", id="gauge", markup=False)

    def watch_mood(self, before: Mood | None, mood: Mood | None) -> None:
        """Draw the new mood."""
        if mood is not None:
            self.update(gauge(mood.tension, mood.stage.value, before.tension if before else None))
