"""``export``: sessions to files that people and programs can read."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.output import aside, reported
from simulator.cli.redacting import Redact, Redaction, RedactKey
from simulator.errors import TranscriptError
from simulator.settings import load

if TYPE_CHECKING:
    from simulator.transcripts.records import Transcript
    from simulator.transcripts.store import Store


def export(
    sessions: Annotated[
        list[str],
        typer.Argument(help="Sessions by id, beginning of an id, or path; 'latest' and 'all' work too."),
    ],
    to: Annotated[str, typer.Option(help="md, html, json, csv or xapi.")],
    out: Annotated[
        Path | None,
        typer.Option(help="A file, or a folder for one file a session. Without: standard output."),
    ] = None,
    rows: Annotated[str, typer.Option(help="csv only: one row a 'session' or a 'turn'.")] = "session",
    lrs: Annotated[
        str | None,
        typer.Option(help="xapi only: send to the learning record store at this address."),
    ] = None,
    private: Annotated[bool, typer.Option(help="Show stage directions too, for trainers.")] = False,
    redact: Redact = False,
    redact_key: RedactKey = None,
) -> None:
    """Take sessions elsewhere.

    Example: simulator export latest --to html --out session.html

    Or into a record store: simulator export all --to xapi --lrs https://lrs.example.org/xapi
    """
    with reported():
        from simulator.cli.recording import deliver, recording_told
        from simulator.exports.formats import export as write
        from simulator.exports.formats import exporter
        from simulator.exports.options import Options
        from simulator.transcripts.opening import open_store

        if rows not in ("session", "turn"):
            raise TranscriptError(f"There are no rows by {rows!r}.", "Use --rows session or --rows turn.")
        chosen = exporter(to)
        settings = load()
        store = open_store(settings)
        ids = named(store, sessions)
        if lrs is not None and (chosen.name != "xapi" or out is not None):
            raise TranscriptError("A record store takes xAPI and nothing else.", "Use --to xapi --lrs URL, no --out.")
        recording = recording_told(settings) if chosen.name == "xapi" else None
        options = Options(rows=rows, private=private, recording=recording)  # type: ignore[arg-type]
        redaction = Redaction(redact, redact_key)
        chosen_ones = redaction.over(_read(store, ids))
        if lrs is not None and recording is not None:
            deliver(chosen_ones, len(ids), lrs, recording, settings)
            return
        if out is None:
            text = io.StringIO()
            write(chosen_ones, to, text, options)
            typer.echo(text.getvalue(), nl=False)
        elif out.is_dir() or str(out).endswith(("/", "\\")) or (len(ids) > 1 and not out.suffix):
            out.mkdir(parents=True, exist_ok=True)
            for done, transcript in enumerate(chosen_ones, 1):
                path = out / f"{transcript.header.id}{chosen.suffix}"
                write([transcript], to, path, options)
                aside(f"{done} of {len(ids)}: {path}")
        else:
            write(chosen_ones, to, out, options)
            aside(f"{len(ids)} session{'s' if len(ids) != 1 else ''} to {out}")
        redaction.seal()


def named(store: Store, sessions: list[str]) -> list[Path]:
    """Return the files of the sessions asked for; ``latest`` and ``all`` stand for what they say."""
    paths: list[Path] = []
    for session in sessions:
        if session == "all":
            paths += [summary.path for summary in store.list()]
        elif session == "latest":
            latest = store.latest()
            if latest is None:
                raise TranscriptError("There is no session yet.", "Practise first: simulator practice moving-house.")
            paths.append(latest.path)
        else:
            paths.append(store.find(session))
    if not paths:
        raise TranscriptError("There is no session yet.", "Practise first: simulator practice moving-house.")
    return list(dict.fromkeys(paths))


def _read(store: Store, paths: list[Path]) -> Iterator[Transcript]:
    for path in paths:
        transcript = store.read(path)
        for problem in transcript.problems:
            sys.stderr.write(f"{path.name}: {problem}\n")
        yield transcript


def add_to(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(export)
