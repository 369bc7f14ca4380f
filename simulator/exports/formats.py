"""The formats a session can be taken elsewhere in, and the one way to write them."""

from __future__ import annotations

import contextlib
import difflib
import os
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from simulator.errors import TranscriptError
from simulator.exports import csv_export, html, json_export, markdown, xapi
from simulator.exports.options import Options
from simulator.exports.redaction import without_secrets
from simulator.settings import secret_values
from simulator.transcripts.records import Transcript


@dataclass(frozen=True)
class Exporter:
    """One format: its name on the command line, what its files end in, a line about it, and its writer."""

    name: str
    suffix: str
    about: str
    write: Callable[[Iterable[Transcript], TextIO, Options], None]


FORMATS: dict[str, Exporter] = {
    exporter.name: exporter
    for exporter in (
        Exporter("markdown", ".md", "a page for reading and for notes", markdown.write),
        Exporter("html", ".html", "a page for the browser and for printing", html.write),
        Exporter("json", ".json", "everything, for programs", json_export.write),
        Exporter("csv", ".csv", "a row a session or a row a turn, for spreadsheets", csv_export.write),
        Exporter("xapi", ".xapi.ndjson", "a statement a line, for learning record stores", xapi.write),
    )
}
"""Every format by its name."""

_ALSO = {"md": "markdown", "htm": "html"}


def exporter(name: str) -> Exporter:
    """Return the format called ``name``; raises ``TranscriptError`` with the nearest where there is none."""
    key = name.lower().lstrip(".")
    key = _ALSO.get(key, key)
    if key in FORMATS:
        return FORMATS[key]
    near = difflib.get_close_matches(key, FORMATS, n=1)
    meant = f"Did you mean {near[0]}? " if near else ""
    raise TranscriptError(f"There is no export format {name!r}.", f"{meant}There are {', '.join(FORMATS)}.")


def export(transcripts: Iterable[Transcript], fmt: str, out: Path | TextIO, options: Options | None = None) -> None:
    """Write ``transcripts`` in the format ``fmt`` to the file ``out`` or to a text stream.

    Keys, tokens and passwords are taken out whatever the format. A file is written whole or not at all: what stood
    there before stays until the export is complete. Raises ``TranscriptError`` where the format is unknown or the
    file cannot be written.
    """
    chosen, options = exporter(fmt), options or Options()
    known = secret_values()
    transcripts = (without_secrets(transcript, known) for transcript in transcripts)
    if not isinstance(out, Path):
        chosen.write(transcripts, out, options)
        return
    if out.is_dir():
        hint = f"Name a file in it, for example {out / 'session'}{chosen.suffix}."
        raise TranscriptError(f"{out} is a folder.", hint)
    scratch: Path | None = None
    try:
        descriptor, name = tempfile.mkstemp(dir=out.parent, prefix=".", suffix=".new")
        scratch = Path(name)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace", newline="") as file:
            chosen.write(transcripts, file, options)
        scratch.replace(out)
        scratch = None
    except OSError as error:
        reason = error.strerror or str(error)
        message = f"{out} cannot be written: {reason}."
        raise TranscriptError(message, "Choose another place with --out.") from None
    finally:
        if scratch is not None:
            with contextlib.suppress(OSError):
                scratch.unlink()
