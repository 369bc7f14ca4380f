"""``calibrate``: how well the grader in use agrees with people."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from simulator.cli.output import Counter, aside, fail, reported, say, say_json, table
from simulator.errors import SimulatorError
from simulator.settings import Settings, load

if TYPE_CHECKING:
    from simulator.grading.agreement import Agreement
    from simulator.grading.calibrating import Calibration
    from simulator.grading.gold import Gold
    from simulator.grading.rated_sets import RatedFigure
    from simulator.transcripts.records import BareTranscript

MOST_FLAWS = 20
"""Wrong lines of a gold file that are named one by one."""


def calibrate(
    gold: Annotated[
        Path | None, typer.Argument(help="Your own gold file; without it the set that came with the program.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="Folder of the expert-rated sets, to be measured on as well.")
    ] = None,
    grader: Annotated[Literal["auto", "local", "model"] | None, typer.Option(help="Who labels the turns.")] = None,
    repeats: Annotated[int, typer.Option(min=1, max=9, help="How often everything is graded.")] = 2,
    jobs: Annotated[int, typer.Option(min=1, max=64, help="Conversations graded at once.")] = 4,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Compare the grader in use with expert marks, and remember the figure.

    Example: simulator calibrate my-gold.jsonl
    """
    with reported():
        from simulator.grading.gold import GoldError

        settings = load(grader=grader)
        try:
            found, rated = asyncio.run(_calibrate(settings, gold, data, repeats, jobs))
        except GoldError as error:
            for flaw in error.flaws[:MOST_FLAWS]:
                aside(str(flaw))
            fail(error)
        if as_json:
            say_json(record(found, rated))
        else:
            say(text(found, rated))


async def _calibrate(
    settings: Settings, path: Path | None, data: Path | None, repeats: int, jobs: int
) -> tuple[Calibration, list[RatedFigure]]:
    from simulator.cli.assembly import build_studio
    from simulator.grading.calibrating import calibrate as compare
    from simulator.grading.rated_sets import rated_sets

    studio = build_studio(settings)
    gold = read(settings, path)
    with Counter("conversations graded") as counter:
        try:
            found = await compare(studio.grader, gold, repeats=repeats, jobs=jobs, told=counter)
        except ValueError as error:
            raise SimulatorError(f"The grader gave no grade at all: {error}.", "See 'simulator doctor'.") from None
    if studio.calibrations is not None:
        studio.calibrations.keep(found)
    if data is None:
        return found, []
    with Counter("rated conversations labelled") as counter:
        return found, await rated_sets(studio.grader, data, counter)


def read(settings: Settings, path: Path | None) -> Gold:
    """Return the gold set asked for: ``path``, else the one of the settings, else the bundled one."""
    from simulator.grading.gold import read_gold
    from simulator.transcripts.store import Store

    store = Store(settings.transcripts)

    def session(name: str) -> BareTranscript:
        return store.read(name).bare()

    return read_gold(path or settings.gold_file(), session)


def record(found: Calibration, rated: list[RatedFigure]) -> dict[str, Any]:
    """Return what ``--json`` prints: the calibration, what it is worth, and the rated sets."""
    agreement = found.agreement
    return {
        **found.model_dump(mode="json"),
        "kappa": agreement.kappa,
        "markers_kappa": agreement.markers,
        "trusted": agreement.trusted,
        "warnings": found.warnings,
        "rated_sets": [
            {
                "name": item.name,
                "measure": item.measure,
                "items": item.items,
                "ungraded": item.ungraded,
                "grader": item.grader.model_dump(mode="json"),
                "experts": item.experts,
            }
            for item in rated
        ],
    }


def text(found: Calibration, rated: list[RatedFigure]) -> str:
    """Return the comparison as plain text."""
    agreement = found.agreement
    kind = "the built-in grader" if found.grader.kind == "local" else "an evaluator model"
    lines = [
        f"{found.grader.model} ({kind}) with the rubric {found.rubric.name}, version {found.rubric.version},",
        f"compared with {found.gold} gold: {agreement.conversations} conversations, "
        f"{found.markers} marking{'s' if found.markers != 1 else ''} each.",
        "",
        _figures(agreement),
        "",
        "κ is quadratic-weighted, with its 95 % bootstrap interval; bias is grader minus markers, in levels.",
        "",
        _histograms(agreement),
        "",
    ]
    if agreement.passed is not None:
        lines.append(f"Same verdict (passed or not) as the markers: {agreement.passed:.0%}")
    if agreement.repeatable is not None:
        lines.append(f"Same level when graded again: {agreement.repeatable:.0%}")
    if rated:
        from simulator.grading.rated_sets import MAPPING

        lines += ["", "On the expert-rated sets:", "", _rated(rated), "", MAPPING]
    lines += ["", *(f"WARNING  {warning}" for warning in found.warnings)]
    verdicts = {
        True: "Levels of this grader can be used: it agrees with the markers better than an untrained crowd would.",
        False: "Levels of this grader are not to be trusted."
        + ("" if found.grader.kind == "local" else " They come from the built-in grader until it does better."),
        None: "",
    }
    lines.append(verdicts[agreement.trusted])
    return "\n".join(lines).rstrip()


def _figures(agreement: Agreement) -> str:
    rows = [
        (
            name,
            str(item.kappa),
            "–" if item.markers is None else f"{item.markers:.2f}",
            str(item.spearman),
            "–" if item.bias.value is None else f"{item.bias.value:+.2f}",
        )
        for name, item in agreement.criteria.items()
    ]
    return table(rows, ("criterion", "κ grader to markers", "κ between markers", "Spearman", "bias"))


def _histograms(agreement: Agreement) -> str:
    rows: list[tuple[str, ...]] = []
    for name, item in agreement.criteria.items():
        rows.append((name, "grader", *(str(count) for count in item.given)))
        rows.append(("", "markers", *(f"{count:.1f}".removesuffix(".0") for count in item.marked)))
    return table(rows, ("how often each level", "", "0", "1", "2", "3", "4"))


def _rated(rated: list[RatedFigure]) -> str:
    rows = [(i.name, i.measure, str(i.items), str(i.grader), f"{i.experts:.2f}") for i in rated]
    return table(rows, ("set", "measure", "items", "grader to experts", "between experts"))


def add_to(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(calibrate)
