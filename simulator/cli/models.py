"""``models``: the local models, and which voice to use."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.output import aside, reported, say, say_json, table
from simulator.errors import ModelFileError
from simulator.settings import load, save

if TYPE_CHECKING:
    from simulator.models.catalogue import Progress

app = typer.Typer(help="The local models and the voice in use.", no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def list_models(as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False) -> None:
    """List the local models the program knows, and which are here.

    Example: simulator models list
    """
    with reported():
        from simulator.models.catalogue import CATALOGUE, choose, installed

        settings = load()
        used = choose(settings)
        entries = CATALOGUE if used in CATALOGUE else (*CATALOGUE, used)
        rows = []
        for entry in entries:
            path = installed(entry, settings)
            row = {
                "id": entry.id,
                "title": entry.title,
                "size": entry.size,
                "licence": entry.licence,
                "sha256": entry.sha256,
                "in_use": entry == used,
                "path": str(path) if path else None,
            }
            if as_json:
                say_json(row)
            rows.append(
                (
                    f"{'*' if entry == used else ' '} {entry.id}",
                    f"{entry.size / 1e9:.1f} GB",
                    entry.licence or "unknown licence",
                    "here" if path else "not here: simulator models pull",
                )
            )
        if not as_json:
            say(table(rows, ("  model", "size", "licence", "state")))


@app.command()
def pull(
    model: Annotated[str | None, typer.Argument(help="Id of the catalogue. Without: the one in use.")] = None,
) -> None:
    """Download a local model once; ends early with Ctrl-C and goes on from there the next time.

    Example: simulator models pull
    """
    with reported():
        from simulator.models.catalogue import choose, fetch, installed

        settings = load(local_model=model)
        entry = choose(settings)
        here = installed(entry, settings)
        if here is not None:
            say(f"{entry.title} is here already: {here}")
            return
        path = asyncio.run(fetch(entry, settings, _Meter()))
        say(f"{entry.title} is here: {path}")


@app.command()
def use(
    what: Annotated[
        str, typer.Argument(help="A model of the catalogue, a path to a GGUF file, or: auto, local, openai, scripted.")
    ],
) -> None:
    """Choose the voice, or the local model, for from now on.

    Example: simulator models use local
    """
    with reported():
        from simulator.models.catalogue import choose, installed

        if what in ("auto", "local", "openai", "scripted"):
            path = save(voice=what)
            say(f"The voice is now {what}. ({path})")
            return
        name = str(Path(what).expanduser().absolute()) if what.endswith(".gguf") else what
        entry = choose(load(local_model=name))
        save(local_model=name, voice="local")
        say(f"The local model is now {entry.title}.")
        if installed(entry, load()) is None:
            raise ModelFileError(f"{entry.title} is not here yet.", f"Fetch it: simulator models pull {entry.id}.")


class _Meter:
    """Shows a download on standard error: a line that rewrites itself on a terminal, a line each tenth elsewhere."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._tenth = -1
        self._phase = ""

    def __call__(self, progress: Progress) -> None:
        share = progress.done / progress.total if progress.total else 0.0
        text = f"{progress.phase} from {progress.mirror}: {progress.done / 1e6:,.0f} of {progress.total / 1e6:,.0f} MB"
        if self._live:
            typer.echo(f"\r{text:<78}", err=True, nl=progress.done >= progress.total)
        elif int(share * 10) != self._tenth or progress.phase != self._phase:
            self._tenth, self._phase = int(share * 10), progress.phase
            aside(text)
