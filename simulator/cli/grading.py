"""``grade``: conversations from anywhere become scorecards."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from simulator.cli.output import Counter, aside, reported, say, say_json
from simulator.cli.scorecards import scorecard_text
from simulator.settings import Settings, load

if TYPE_CHECKING:
    from simulator.grading.grader import Grader
    from simulator.grading.scorecard import Scorecard
    from simulator.practice.studio import Studio
    from simulator.transcripts.records import BareTranscript, Transcript
    from simulator.transcripts.store import Store


def grade(
    files: Annotated[
        list[str],
        typer.Argument(
            help="Bare transcripts (JSONL) or files of sessions; 'latest' and 'all' are sessions saved here, - is "
            "standard input."
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="One scorecard a line on standard output.")] = False,
    jobs: Annotated[
        int, typer.Option(min=1, max=64, help="Conversations graded at once; helps with an evaluator model.")
    ] = 4,
    grader: Annotated[Literal["auto", "local", "model"] | None, typer.Option(help="Who labels the turns.")] = None,
    rubric: Annotated[
        str | None,
        typer.Option(
            help="Name or file of the rubric. Sessions of this program are then graded from the labels stored with "
            "them, corrections included, without any model; with --grader they are labelled anew."
        ),
    ] = None,
) -> None:
    """Grade conversations.

    Example: simulator grade conversations.jsonl --json > scorecards.jsonl
    """
    with reported():
        stored = rubric is not None and grader is None
        bad = asyncio.run(_grade(load(grader=grader, rubric=rubric), files, jobs, as_json=as_json, stored=stored))
        if bad:
            raise typer.Exit(2)


async def _grade(settings: Settings, files: list[str], jobs: int, *, as_json: bool, stored: bool) -> int:
    from simulator.cli.assembly import build_studio

    studio = build_studio(settings)
    sources = [source for name in files for source in _sources(studio.store, name)]
    done = bad = 0

    def conversations() -> Iterator[BareTranscript | Transcript]:
        nonlocal bad
        for where, item in _read_all(sources):
            if isinstance(item, str):
                bad += 1
                aside(f"{where}: {item}")
            else:
                yield item

    with Counter("graded") as counter:
        async for scorecard in _in_order(studio, conversations(), jobs, stored=stored):
            done += 1
            if as_json:
                say_json(scorecard.record())
            else:
                say(f"{scorecard.id}: {scorecard_text(scorecard.record())}\n")
            if as_json and not sys.stdout.isatty() and done % 10 == 0:
                counter(done)
    if not as_json or bad or sys.stderr.isatty():
        aside(f"{done} graded" + (f", {bad} line{'s' if bad != 1 else ''} could not be used" if bad else ""))
    return bad


def _sources(store: Store, name: str) -> list[str]:
    """Return the files that ``name`` stands for: itself, or the sessions saved here."""
    from simulator.cli.exporting import named

    return [str(path) for path in named(store, [name])] if name in ("latest", "all") else [name]


def _read_all(files: list[str]) -> Iterator[tuple[str, BareTranscript | Transcript | str]]:
    from simulator.transcripts.bare import Problem, read_transcripts

    for name in files:
        source = sys.stdin if name == "-" else name
        where = "standard input" if name == "-" else name
        for item in read_transcripts(source):
            yield where, str(item) if isinstance(item, Problem) else item


async def _in_order(
    studio: Studio, conversations: Iterator[BareTranscript | Transcript], jobs: int, *, stored: bool
) -> AsyncIterator[Scorecard]:
    """Grade up to ``jobs`` conversations at once and give the scorecards in the order of the input.

    A long batch for the built-in grader goes on in processes of its own.
    """
    from simulator.cli.grading_pool import WORTH_IT, graded, pool

    loop = asyncio.get_running_loop()
    running: list[asyncio.Future[Scorecard]] = []
    children = None
    at_once = jobs
    try:
        for number, conversation in enumerate(conversations):
            if number == WORTH_IT and studio.grader.kind == "local":
                children = pool(studio.settings, jobs)
                at_once = 8 * jobs if children else jobs
            if children is not None:
                running.append(loop.run_in_executor(children, graded, conversation, stored))
            else:
                running.append(asyncio.ensure_future(_graded(studio.grader, conversation, stored=stored)))
            if len(running) >= at_once:
                yield await running.pop(0)
        while running:
            yield await running.pop(0)
    finally:
        for task in running:
            task.cancel()
        if children is not None:
            children.shutdown(wait=False, cancel_futures=True)


async def _graded(grader: Grader, conversation: BareTranscript | Transcript, *, stored: bool) -> Scorecard:
    from simulator.cli.grading_pool import from_stored
    from simulator.transcripts.records import Transcript

    if stored and (card := await asyncio.to_thread(from_stored, grader, conversation)) is not None:
        return card
    return await grader.grade(conversation.bare() if isinstance(conversation, Transcript) else conversation)


def add_to(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(grade)
