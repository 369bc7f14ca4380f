"""All commands under one roof."""

from __future__ import annotations

from typing import Annotated

import typer

from simulator import __version__
from simulator.cli import (
    calibrating,
    courses,
    doctor,
    exporting,
    grading,
    importing,
    keeping,
    models,
    personas,
    practising,
    redacting,
    rubrics,
    serving,
    transcripts,
)
from simulator.cli.output import reported, say
from simulator.cli.screens import open_screens
from simulator.settings import load

app = typer.Typer(
    name="simulator",
    help="Practise with difficult customers, and be graded by a separate evaluator.\n\nWithout a command: the screens.",
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def start(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    """Open the screens where no command is given. Example: simulator"""
    if version:
        say(__version__)
        raise typer.Exit
    if context.invoked_subcommand is None:
        with reported():
            open_screens(load())


practising.add_to(app)
grading.add_to(app)
calibrating.add_to(app)
exporting.add_to(app)
serving.add_to(app)
courses.add_to(app)
doctor.add_to(app)
importing.add_to(transcripts.app)
keeping.add_to(transcripts.app)
redacting.add_to(transcripts.app)
app.add_typer(personas.app, name="personas")
app.add_typer(rubrics.app, name="rubrics")
app.add_typer(transcripts.app, name="transcripts")
app.add_typer(models.app, name="models")


def main() -> None:
    """Run the command the arguments name."""
    app()


__all__ = ["app", "main"]
