"""``export``: sessions to files that people and programs can read."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.output import Counter, aside, reported
from simulator.cli.redacting import Redact, Redaction, RedactKey
from simulator.errors import TranscriptError
from simulator.settings import load

if TYPE_CHECKING:
    from simulator.exports import Exporter
    from simulator.transcripts.records import Transcript
    from simulator.transcripts.store import Store


def export(
    sessions: Annotated[
        list[str],
        typer.Argument(help="Sessions by id, beginning of an id, or path; 'latest' and 'all' work too."),
    ],
    to: Annotated[str, typer.Option(help="md, txt, html, pdf, docx, json, csv, chat or xapi.")],
    out: Annotated[
        str | None,
        typer.Option(
            metavar="PATH", help="A file, or a folder for one file a session and a manifest. Without: standard output."
        ),
    ] = None,
    rows: Annotated[str, typer.Option(help="csv only: one row a 'session' or a 'turn'.")] = "session",
    model: Annotated[
        str, typer.Option(help="chat only: who the model is to become, the 'customer' or the 'trainee'.")
    ] = "customer",
    manifest: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Also write which sessions went into what, with checksums."),
    ] = None,
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

    All of them as Word documents: simulator export all --to docx --out sessions/

    Or into a record store: simulator export all --to xapi --lrs https://lrs.example.org/xapi
    """
    with reported():
        from simulator.cli.recording import deliver, recording_told
        from simulator.exports import Options, exporter
        from simulator.exports.manifest import Job, export_file, export_folder, export_stream, write_manifest
        from simulator.transcripts.opening import open_store
        from simulator.transcripts.records import Role

        if rows not in ("session", "turn"):
            raise TranscriptError(f"There are no rows by {rows!r}.", "Use --rows session or --rows turn.")
        if model not in tuple(Role):
            raise TranscriptError(f"A model cannot become {model!r}.", "Use --model customer or --model trainee.")
        chosen = exporter(to)
        settings = load()
        store = open_store(settings)
        ids = named(store, sessions)
        if lrs is not None and (chosen.name != "xapi" or out is not None):
            raise TranscriptError("A record store takes xAPI and nothing else.", "Use --to xapi --lrs URL, no --out.")
        if out is None and lrs is None:
            _fits(chosen)
        recording = recording_told(settings) if chosen.name == "xapi" else None
        options = Options(rows=rows, private=private, model=Role(model), recording=recording)  # type: ignore[arg-type]
        redaction = Redaction(redact, redact_key)
        job = Job(to, options, redacted=redact or redact_key is not None)
        with Counter("sessions read") as told:
            chosen_ones = redaction.over(_read(store, ids, told if len(ids) > 1 else None))
            if lrs is not None and recording is not None:
                deliver(chosen_ones, len(ids), lrs, recording, settings)
                return
            if out is None:
                entry = export_stream(chosen_ones, job, sys.stdout.buffer)
                sys.stdout.flush()
                place = ""
            elif _is_folder(out, ids):
                export_folder(chosen_ones, job, Path(out))
                entry, place = None, f"{out}, listed in {Path(out) / 'manifest.json'}"
            else:
                entry, place = export_file(chosen_ones, job, Path(out)), out
        if place:
            aside(f"{len(ids)} session{'s' if len(ids) != 1 else ''} to {place}")
        if manifest is not None and entry is not None:
            if out is not None:
                entry["name"] = os.path.relpath(out, manifest.parent)
            write_manifest(manifest, [entry])
        redaction.seal()


def _fits(chosen: Exporter) -> None:
    """Refuse to write a document's bytes to a terminal."""
    if chosen.binary and sys.stdout.isatty():
        raise TranscriptError(f"A terminal cannot show {chosen.name}.", f"Add --out session{chosen.suffix}.")


def _is_folder(out: str, ids: list[Path]) -> bool:
    return Path(out).is_dir() or out.endswith(("/", os.sep)) or (len(ids) > 1 and not Path(out).suffix)


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


def _read(store: Store, paths: list[Path], told: Counter | None) -> Iterator[Transcript]:
    for done, path in enumerate(paths, 1):
        transcript = store.read(path)
        for problem in transcript.problems:
            aside(f"{path.name}: {problem}")
        yield transcript
        if told is not None:
            told(done, len(paths))


def add_to(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(export)
