"""A small theatre for the screens: a real store and session, a quick labeler and grader, any voice."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import yaml
from textual.pilot import Pilot
from textual.widget import Widget

from simulator.customer.voice import ScriptedVoice, Voice
from simulator.errors import SimulatorError
from simulator.grading.rubric import Rubric, load_rubric
from simulator.grading.scorecard import (
    Coaching,
    CriterionResult,
    Evidence,
    GradedTurn,
    GraderStamp,
    Rewrite,
    Scorecard,
    not_graded,
)
from simulator.labels import Label, Mark, TurnLabels
from simulator.practice.studio import Studio
from simulator.prompts import PromptLibrary
from simulator.settings import built_in, load
from simulator.transcripts.records import BareTranscript, Role
from simulator.transcripts.store import Store
from simulator.tui.app import PractiseApp
from tests.customer.people import persona

HOSTILE = "[/foo] [@click=app.quit]x[/] \x1b[31mred\x1b[0m [b]"
SIZE = (100, 30)


class Words:
    """A labeler for tests: the words of a turn before a colon name its labels."""

    def label(self, said: str, before: str, earlier: Sequence[str] = ()) -> TurnLabels:
        names = said.split(":", 1)[0].split() if ":" in said else []
        return TurnLabels.of(Mark(Label(name), said) for name in names if name in set(Label))


class Marker:
    """A grader for tests: quotes the first trainee turn, and waits for ``gate`` where there is one."""

    name = "test grader"
    kind = "model"

    def __init__(self, *, passed: bool = True, gate: asyncio.Event | None = None, error: SimulatorError | None = None):
        self.rubric: Rubric = load_rubric()
        self.passed, self.gate, self.error = passed, gate, error
        self.asked = 0

    async def grade(self, bare: BareTranscript, progress: Callable[[str], None] | None = None) -> Scorecard:
        self.asked += 1
        if progress is not None:
            progress("reading turn 1")
        if self.gate is not None:
            await self.gate.wait()
        if self.error is not None:
            error, self.error = self.error, None
            raise error
        stamp = GraderStamp(kind="local", model=self.name, prompt_sha256="0" * 64)
        said = [(i, turn) for i, turn in enumerate(bare.turns) if turn.role is Role.TRAINEE]
        if not said:
            return not_graded(bare.id, "You did not say anything.", self.rubric.stamp, stamp)
        index, first = said[0]
        level = 4 if self.passed else 1
        result = CriterionResult(level=level, reason="A reason.", evidence=(Evidence(turn=index, quote=first.text),))
        return Scorecard(
            id=bare.id,
            status="graded",
            criteria=dict.fromkeys(("acknowledge", "presence", "solution"), result),
            acknowledged_before_solution=self.passed,
            first_acknowledging_turn=index,
            first_solution_turn=said[-1][0],
            overall=100 if self.passed else 25,
            passed=self.passed,
            turns=tuple(GradedTurn(turn=i, labels=(Label.RESTATES,)) for i, _ in said),
            coaching=Coaching(
                strength="You stayed with them.",
                next_time="Name the feeling sooner.",
                rewrites=(Rewrite(turn=index, said=first.text, better="That floor was your father's."),),
            ),
            rubric=self.rubric.stamp,
            grader=stamp,
        )


def write_persona(folder: Path, stem: str = "flood", /, **changes: Any) -> None:
    """Write a persona file of the trainer's own."""
    who = persona(**changes).model_dump(mode="json", exclude_defaults=True)
    body = who.pop("card")
    for key in ("id", "sha256", "seed"):
        who.pop(key, None)
    (folder / "personas").mkdir(parents=True, exist_ok=True)
    front = yaml.safe_dump(who, allow_unicode=True, sort_keys=False)
    (folder / "personas" / f"{stem}.jinja").write_text(f"---\n{front}---\n{body}\n", encoding="utf-8")


def studio(
    *,
    voice: Voice | None = None,
    grader: Marker | None = None,
    kind: str | None = "scripted",
    connect: Callable[..., Awaitable[Voice]] | None = None,
    **changes: Any,
) -> Studio:
    """Return a studio whose voices are all ``voice`` (the scripted one), with a store in the test's own home."""
    settings = load(voice=kind, **changes) if kind else load(**changes)

    async def connected(wanted: str, *_: object) -> Voice:
        return voice if voice is not None and wanted != "scripted" else ScriptedVoice()

    return Studio(
        settings=settings,
        store=Store(settings.transcripts),
        prompts=PromptLibrary([built_in("prompts")]),
        labeler=Words(),
        grader=grader or Marker(),  # type: ignore[arg-type]
        connect=connect or connected,
        voice_kind=lambda _: kind,
    )


async def until(pilot: Pilot[None], seen: Callable[[], object], what: str = "", seconds: float = 20.0) -> None:
    """Let the app go on until ``seen()`` is true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if seen():
                return
        except Exception as error:
            what = what or repr(error)
        await pilot.pause(0.01)
    raise AssertionError(f"never happened: {what}\n{shown(pilot.app)}")


async def on_screen(pilot: Pilot[None], name: str) -> None:
    """Let the app go on until the screen of this class is shown and put together."""
    await until(pilot, lambda: type(pilot.app.screen).__name__ == name and pilot.app.screen.is_mounted, name)


def shown(app: Any) -> str:
    """Return the text on the screen."""
    strips = app.screen._compositor.render_strips(app.screen.size)
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)


def text_of(widget: Widget) -> str:
    """Return the text a widget shows."""
    return "\n".join(strip.text.rstrip() for strip in widget.render_lines(widget.size.region))


async def say(pilot: Pilot[None], text: str) -> None:
    """Write ``text`` into the field and send it."""
    from simulator.tui.widgets.composer import Composer

    pilot.app.screen.query_one(Composer).insert(text)
    await pilot.press("enter")


def app(stage: Studio | None = None, **where: Any) -> PractiseApp:
    """Return the app with no animation, so that nothing waits for a typewriter."""
    made = PractiseApp(stage or studio(), **where)
    made.animation_level = "none"
    return made
