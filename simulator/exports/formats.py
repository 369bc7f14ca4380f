"""The formats a session can be taken elsewhere in, and the one way to write them."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from simulator.errors import TranscriptError
from simulator.exports import chat, csv_export, docx, html, json_export, markdown, pdf, text, xapi
from simulator.exports.options import Options
from simulator.exports.redaction import without_secrets
from simulator.exports.writing import whole, words_into
from simulator.settings import secret_values
from simulator.transcripts.records import Transcript


@dataclass(frozen=True)
class Exporter:
    """One format: its name on the command line, what its files end in, a line about it, and its writer.

    The writer gets a stream of text, or of bytes where the format is ``binary``.
    """

    name: str
    suffix: str
    about: str
    write: Callable[[Iterable[Transcript], Any, Options], None]
    binary: bool = False


FORMATS: dict[str, Exporter] = {
    exporter.name: exporter
    for exporter in (
        Exporter("markdown", ".md", "a page for reading and for notes", markdown.write),
        Exporter("txt", ".txt", "plain text, for mails and for reading aloud", text.write),
        Exporter("html", ".html", "a page for the browser and for printing", html.write),
        Exporter("pdf", ".pdf", "numbered pages, for printing and filing", pdf.write, binary=True),
        Exporter("docx", ".docx", "a document for Word, for comments in the margin", docx.write, binary=True),
        Exporter("json", ".json", "everything, for programs", json_export.write),
        Exporter("csv", ".csv", "a row a session or a row a turn, for spreadsheets", csv_export.write),
        Exporter("chat", ".chat.jsonl", "messages, a conversation a line, for fine-tuning", chat.write),
        Exporter("xapi", ".xapi.ndjson", "a statement a line, for learning record stores", xapi.write),
    )
}
"""Every format by its name."""

_ALSO = {"md": "markdown", "htm": "html", "text": "txt", "jsonl": "chat", "word": "docx"}


def exporter(name: str) -> Exporter:
    """Return the format called ``name``; raises ``TranscriptError`` with the nearest where there is none."""
    key = name.lower().lstrip(".")
    key = _ALSO.get(key, key)
    if key in FORMATS:
        return FORMATS[key]
    near = difflib.get_close_matches(key, FORMATS, n=1)
    meant = f"Did you mean {near[0]}? " if near else ""
    raise TranscriptError(f"There is no export format {name!r}.", f"{meant}There are {', '.join(FORMATS)}.")


def export(
    transcripts: Iterable[Transcript],
    fmt: str,
    out: Path | IO[Any],
    options: Options | None = None,
    told: Callable[[Transcript], None] | None = None,
) -> None:
    """Write ``transcripts`` in the format ``fmt`` to the file ``out`` or to a stream, of bytes where it is binary.

    Keys, tokens and passwords are taken out whatever the format; ``told`` hears each transcript as it goes out. A file
    is written whole or not at all: what stood there before stays until the export is complete. Raises
    ``TranscriptError`` where the format is unknown or the file cannot be written.
    """
    chosen, options = exporter(fmt), options or Options()
    safe = _without_secrets(transcripts, told)
    if not isinstance(out, Path):
        chosen.write(safe, out, options)
        return
    if out.is_dir():
        hint = f"Name a file in it, for example {out / 'session'}{chosen.suffix}."
        raise TranscriptError(f"{out} is a folder.", hint)
    with whole(out) as file:
        if chosen.binary:
            chosen.write(safe, file, options)
            return
        with words_into(file) as words:
            chosen.write(safe, words, options)


def _without_secrets(
    transcripts: Iterable[Transcript], told: Callable[[Transcript], None] | None
) -> Iterator[Transcript]:
    known = secret_values()
    for transcript in transcripts:
        safe = without_secrets(transcript, known)
        if told is not None:
            told(safe)
        yield safe
