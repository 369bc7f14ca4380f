"""``--redact`` for whatever shows or takes transcripts elsewhere, and ``transcripts unredact``, the way back."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.output import aside, reported
from simulator.errors import TranscriptError

if TYPE_CHECKING:
    from simulator.transcripts.records import Transcript

Redact = Annotated[
    bool, typer.Option("--redact", help="Put [Name 1] and the like for names, numbers, emails and addresses.")
]
RedactKey = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="Redact so that it can be turned back with this key file, made if there is none."
    ),
]


class Redaction:
    """Does what ``--redact`` and ``--redact-key`` ask for to transcripts, one after the other; ``seal`` at the end."""

    def __init__(self, redact: bool, key_file: Path | None) -> None:
        self._on, self._key_file = redact or key_file is not None, key_file
        if key_file is not None:
            from simulator.exports.redacting import sealed
            from simulator.exports.redaction import Labels

            self._key = sealed.key_in(key_file, make=True)
            self._labels = Labels.from_originals(sealed.originals_in(key_file, self._key))

    def over(self, transcripts: Iterable[Transcript]) -> Iterator[Transcript]:
        """Yield each transcript as it may be shown. With a key the same words have the same label in all of them."""
        if not self._on:
            yield from transcripts
            return
        from simulator.exports.redaction import Labels, redact
        from simulator.settings import secret_values

        secrets = secret_values()
        for transcript in transcripts:
            yield redact(transcript, self._labels if self._key_file else Labels(), secrets)

    def seal(self) -> None:
        """Keep what the labels stand for, where there is a key to turn them back with."""
        if self._key_file is not None:
            from simulator.exports.redacting import sealed

            sealed.seal(self._labels.originals, self._key_file, self._key)
            aside(
                f"{self._key_file} and {sealed.sealed_beside(self._key_file)} together turn it back; keep them apart."
            )


def unredact(
    file: Annotated[str, typer.Argument(help="An export made with --redact-key; - is standard input.")],
    key: Annotated[Path, typer.Option(metavar="FILE", help="The key file it was made with.")],
    out: Annotated[Path | None, typer.Option(help="A file. Without: standard output.")] = None,
) -> None:
    """Turn a redacted export back: text, Markdown, HTML, JSON, JSONL or CSV.

    Example: simulator transcripts unredact session.md --key names.key
    """
    with reported():
        from simulator.exports.redacting import sealed

        originals = sealed.originals_in(key, sealed.key_in(key, make=False))
        if not originals:
            raise TranscriptError(f"Nothing was sealed beside {key}.", f"Put {sealed.sealed_beside(key).name} there.")
        try:
            data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
            text = sealed.unredacted(data.decode("utf-8"), originals, Path(file).suffix)
        except OSError as error:
            raise TranscriptError(f"{file} cannot be read: {error.strerror or error}.", "Check the name.") from None
        except UnicodeDecodeError:
            raise TranscriptError(
                f"{file} is not text.", "Turn back an export in Markdown, HTML, JSON or CSV."
            ) from None
        if out is None:
            sys.stdout.buffer.write(text.encode("utf-8"))
            return
        try:
            out.write_bytes(text.encode("utf-8"))
        except OSError as error:
            raise TranscriptError(
                f"{out} cannot be written: {error.strerror or error}.", "Choose another place."
            ) from None


def add_to(app: typer.Typer) -> None:
    """Add the command to ``app``, the one of ``transcripts``."""
    app.command()(unredact)
