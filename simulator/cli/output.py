"""How commands speak: plain cleaned text on standard output, one-line errors with a hint on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

import typer

from simulator.cleaning import clean
from simulator.errors import SimulatorError


def say(text: str = "") -> None:
    """Print ``text`` without control sequences."""
    typer.echo(clean(text))


def aside(text: str) -> None:
    """Print progress on standard error, so that standard output stays for the result."""
    typer.echo(clean(text), err=True)


def say_json(value: Any) -> None:
    """Print ``value`` as one JSON line."""
    typer.echo(json.dumps(value, ensure_ascii=False, separators=(", ", ": ")))


def fail(error: SimulatorError) -> NoReturn:
    """Print the error as one line with its hint and end with its exit code."""
    line = " ".join(f"{error.message} {error.hint}".split())
    typer.echo(f"simulator: {clean(line)}", err=True)
    raise typer.Exit(error.exit_code)


@contextmanager
def reported() -> Iterator[None]:
    """Turn what a person can act on into one line and exit code 2; a broken pipe and Ctrl-C end quietly."""
    try:
        yield
    except SimulatorError as error:
        fail(error)
    except BrokenPipeError:
        sys.stderr.close()
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        typer.echo("simulator: stopped. Everything up to here is saved.", err=True)
        raise typer.Exit(130) from None


class Counter:
    """A count on one line of standard error that moves in place; silent where standard error is no terminal.

    As a context manager it leaves the line behind, also where the work was stopped.
    """

    def __init__(self, what: str) -> None:
        self.what = what
        self._shown = False

    def __call__(self, done: int, total: int | None = None) -> None:
        """Show how many of how many are done."""
        if sys.stderr.isatty():
            self._shown = True
            of = f" of {total}" if total is not None else ""
            typer.echo(f"\r{done}{of} {self.what}", err=True, nl=False)

    def __enter__(self) -> Counter:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            typer.echo("", err=True)


def table(rows: Sequence[tuple[str, ...]], header: tuple[str, ...]) -> str:
    """Return ``rows`` under ``header`` as aligned columns; the last column is not padded."""
    everything = [header, *rows]
    widths = [max(len(row[column]) for row in everything) for column in range(len(header))]
    lines = []
    for row in everything:
        cells = [cell.ljust(width) for cell, width in zip(row[:-1], widths, strict=False)]
        lines.append("  ".join([*cells, row[-1]]).rstrip())
    return "\n".join(lines)
