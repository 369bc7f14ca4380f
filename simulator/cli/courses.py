"""``course``: a package by which an LMS opens the trainer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from simulator.cli.output import reported, say
from simulator.errors import SettingsError
from simulator.settings import load


def course(
    personas: Annotated[list[str], typer.Argument(help="Customers to practise with; see 'simulator personas list'.")],
    to: Annotated[Literal["cmi5", "scorm"], typer.Option(help="cmi5, or SCORM 1.2.")],
    url: Annotated[str, typer.Option(help="Where learners' browsers reach 'simulator serve'.")],
    out: Annotated[Path, typer.Option(help="The zip file to write.")] = Path("course.zip"),
    title: Annotated[str, typer.Option(help="What the LMS calls the course.")] = "Practise with difficult customers",
    needs: Annotated[Literal["passed", "completed"], typer.Option(help="cmi5 only: what satisfies a unit.")] = "passed",
) -> None:
    """Make a course package for an LMS; it opens the browser version and is told completion and score.

    Example: simulator course moving-house --to cmi5 --url https://practise.example.org --out course.zip
    """
    with reported():
        from simulator.exports.cmi5_launch import origin
        from simulator.exports.courses import PACKAGES, Course, Unit
        from simulator.exports.writing import whole
        from simulator.personas import loader

        if not origin(url) or url.rstrip("/").lower() != origin(url):
            raise SettingsError(
                f"{url!r} is not the address of a server alone.", "It looks like https://practise.example.org."
            )
        settings = load()
        found = [loader.load(persona, settings.persona_dirs()) for persona in dict.fromkeys(personas)]
        units = [Unit(persona.id, persona.id.replace("-", " ").capitalize(), persona.summary) for persona in found]
        description = "Talk with a difficult customer, be graded, and see in your own words where it turned."
        made = Course(title, description, url, units, needs, settings.activity_base)
        with whole(out) as file:
            file.write(PACKAGES[to](made))
        lms = "--lms https://your-lms" if to == "cmi5" else ""
        say(f"{out}: {len(units)} unit{'s' if len(units) != 1 else ''} for {to}.")
        say(f"Upload it to the LMS, and keep this running: simulator serve --url {origin(url)} --public {lms}".rstrip())


def add_to(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(course)
