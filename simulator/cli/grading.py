"""``grade``: conversations from anywhere become scorecards."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from simulator.cli.output import aside, reported, say, say_json
from simulator.cli.scorecards import scorecard_text
from simulator.settings import Settings, load

if TYPE_CHECKING:
    from simulator.grading.grader import Grader
    from simulator.grading.scorecard import Scorecard
    from simulator.transcripts.records import BareTranscript


def grade(
    files: Annotated[
        list[str],
        typer.Argument(help="Bare transcripts (JSONL) or sessions of this program; - is standard input."),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="One scorecard a line on standard output.")] = False,
    jobs: Annotated[
        int, typer.Option(min=1, max=64, help="Conversations graded at once; helps with an evaluator model.")
    ] = 4,
    grader: Annotated[Literal["auto", "local", "model"] | None, typer.Option(help="Who labels the turns.")] = None,
) -> None:
    """Grade conversations.

    Example: simulator grade conversations.jsonl --json > scorecards.jsonl
    """
    with reported():
        bad = asyncio.run(_grade(load(grader=grader), files, jobs, as_json=as_json))
        if bad:
            raise typer.Exit(2)


async def _grade(settings: Settings, files: list[str], jobs: int, *, as_json: bool) -> int:
    from simulator.cli.assembly import build_studio

    studio = build_studio(settings)
    done = bad = 0
    shows_progress = sys.stderr.isatty()

    def conversations() -> Iterator[BareTranscript]:
        nonlocal bad
        for where, item in _read_all(files):
            if isinstance(item, str):
                bad += 1
                aside(f"{where}: {item}")
            else:
                yield item

    async for scorecard in _in_order(studio.grader, conversations(), jobs):
        done += 1
        if as_json:
            say_json(scorecard.record())
        else:
            say(f"{scorecard.id}: {scorecard_text(scorecard.record())}\n")
        if shows_progress and done % 25 == 0:
            typer.echo(f"\r{done} graded", err=True, nl=False)
    if shows_progress and done >= 25:
        typer.echo("\r", err=True, nl=False)
    if not as_json or bad or shows_progress:
        aside(f"{done} graded" + (f", {bad} line{'s' if bad != 1 else ''} could not be used" if bad else ""))
    return bad


def _read_all(files: list[str]) -> Iterator[tuple[str, BareTranscript | str]]:
    from simulator.transcripts.bare import Problem, read_conversations

    for name in files:
        source = sys.stdin if name == "-" else name
        where = "standard input" if name == "-" else name
        for item in read_conversations(source):
            yield where, str(item) if isinstance(item, Problem) else item


async def _in_order(grader: Grader, conversations: Iterator[BareTranscript], jobs: int) -> AsyncIterator[Scorecard]:
    """Grade up to ``jobs`` conversations at once and give the scorecards in the order of the input."""
    running: list[asyncio.Task[Scorecard]] = []
    try:
        for conversation in conversations:
            running.append(asyncio.create_task(grader.grade(conversation, None)))
            if len(running) >= jobs:
                yield await running.pop(0)
        while running:
            yield await running.pop(0)
    finally:
        for task in running:
            task.cancel()


def add_to(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(grade)
