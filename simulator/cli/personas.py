"""``personas``: list, start, check and look at customers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from simulator.cli.output import aside, reported, say, say_json, table
from simulator.errors import PersonaError, SimulatorError
from simulator.settings import load

app = typer.Typer(help="The customers, and writing your own.", no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def list_personas(as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False) -> None:
    """List the personas, your own first.

    Example: simulator personas list
    """
    with reported():
        from simulator.personas import loader

        settings = load()
        rows: list[tuple[str, ...]] = []
        for entry in loader.find(settings.persona_dirs()):
            if entry.shadowed:
                continue
            row: dict[str, Any] = {"id": entry.id, "path": str(entry.path)}
            try:
                persona = loader.load(entry.id, settings.persona_dirs())
            except SimulatorError as error:
                row["problem"] = str(error)
                aside(f"{entry.id}: {error}")
            else:
                row |= {
                    "name": persona.name,
                    "summary": persona.summary,
                    "difficulty": persona.difficulty.value,
                    "channel": persona.channel.value,
                }
                rows.append(
                    (entry.id, persona.difficulty.value, persona.channel.value.replace("_", " "), persona.summary)
                )
            if as_json:
                say_json(row)
        if not as_json:
            say(table(rows, ("persona", "difficulty", "channel", "situation")))


@app.command()
def new(
    persona: Annotated[str, typer.Argument(help="Its id: small letters, digits and hyphens, for example lost-ring.")],
    folder: Annotated[Path | None, typer.Option(help="Where to write it. Without: your own folder.")] = None,
) -> None:
    """Write a commented persona that already plays, to change into your own.

    Example: simulator personas new lost-ring
    """
    with reported():
        from simulator.personas import starter

        path = starter.new(persona, folder or load().folder / "personas")
        say(f"{path}")
        aside(f"It plays already: simulator practice {persona}. After each change: simulator personas lint {persona}.")


@app.command()
def lint(
    personas: Annotated[list[str] | None, typer.Argument(help="Ids or files. Without: every persona.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a problem, a line each.")] = False,
) -> None:
    """Say everything that is wrong with a persona at once, with file, line, field and how to mend it.

    Example: simulator personas lint moving-house
    """
    with reported():
        from simulator.personas.lint import lint as problems_of

        dirs = load().persona_dirs()
        paths = _paths(personas or [], dirs)
        found = [problem for path in paths for problem in problems_of(path, dirs)]
        for problem in found:
            if as_json:
                say_json(
                    {
                        "file": str(problem.file),
                        "line": problem.line,
                        "field": problem.field,
                        "severity": problem.severity,
                        "message": problem.message,
                        "mend": problem.mend,
                    }
                )
            else:
                field = f" {problem.field}:" if problem.field else ""
                say(f"{problem.file}:{problem.line}:{field} {problem.message} {problem.mend}".rstrip())
        count = f"{len(found)} problem{'s' if len(found) != 1 else ''}" if found else "no problems"
        aside(f"{len(paths)} persona{'s' if len(paths) != 1 else ''} checked: {count}.")
        if found:
            raise typer.Exit(2)


@app.command()
def preview(
    persona: Annotated[str, typer.Argument(help="Id of a persona.")],
    seed: Annotated[int, typer.Option(help="Which variation.")] = 0,
) -> None:
    """Show what a model would be told: the card, the prompts and stage directions at every stage, for a seed.

    Example: simulator personas preview billing-dispute --seed 3
    """
    with reported():
        from simulator.customer.preview import preview_text
        from simulator.customer.scenes import load_scenes
        from simulator.personas.loader import load as load_persona
        from simulator.prompts import PromptLibrary

        settings = load()
        chosen = load_persona(persona, settings.persona_dirs(), seed)
        prompts = PromptLibrary(settings.prompt_dirs())
        say(preview_text(chosen, prompts, load_scenes(settings.prompt_dirs())))


def _paths(names: list[str], dirs: list[Path]) -> list[Path]:
    from simulator.personas import loader

    entries = [entry for entry in loader.find(dirs) if not entry.shadowed]
    if not names:
        return [entry.path for entry in entries]
    paths = []
    for name in names:
        given = Path(name)
        if given.is_file():
            paths.append(given)
            continue
        match = next((entry.path for entry in entries if entry.id == name), None)
        if match is None:
            if given.suffix or "/" in name:
                raise PersonaError(f"There is no file {name}.", "Check the name.")
            loader.load(name, dirs)  # raises, naming the nearest
            continue
        paths.append(match)
    return paths
