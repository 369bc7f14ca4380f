"""The way back from a redacted export: what each label stands for, encrypted under a key in a file of its own.

Beside the key ``names.key`` lies ``names.key.sealed``. Either alone tells nothing: keep them apart, or delete the
key, and nobody can ever turn the labels back. Both are private to their owner (0600).
"""

from __future__ import annotations

import csv
import html
import io
import json
import os
import re
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from simulator.errors import TranscriptError
from simulator.exports.markdown import escaped

_LABEL = re.compile(r"\\?(\[(?:Email|Card|Phone|Address|Name) \d+[a-z]?)\\?(\])")


def sealed_beside(key_file: Path) -> Path:
    """Return where what the labels stand for is kept, encrypted under the key in ``key_file``."""
    return key_file.with_name(f"{key_file.name}.sealed")


def key_in(key_file: Path, *, make: bool) -> Fernet:
    """Return the key in ``key_file``, where ``make`` is said a new one if need be; raises ``TranscriptError``."""
    try:
        if make:
            try:
                descriptor = os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            except FileExistsError:
                pass
            else:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(Fernet.generate_key() + b"\n")
        return Fernet(key_file.read_bytes().strip())
    except FileNotFoundError:
        raise TranscriptError(
            f"There is no key file {key_file}.", "Without it nobody can turn the labels back."
        ) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise TranscriptError(f"The key file {key_file} cannot be used: {reason}.", "Choose another place.") from None
    except ValueError:
        raise TranscriptError(f"{key_file} is not a key file.", "Name one that --redact-key has made.") from None


def originals_in(key_file: Path, key: Fernet) -> dict[str, str]:
    """Return what each label stands for, as sealed beside ``key_file``; nothing where nothing was sealed yet."""
    path = sealed_beside(key_file)
    try:
        found: dict[str, str] = json.loads(key.decrypt(path.read_bytes()))
    except FileNotFoundError:
        return {}
    except (InvalidToken, ValueError):
        raise TranscriptError(
            f"{path} was not sealed with the key in {key_file}.", "Name the key it was made with."
        ) from None
    return found


def seal(originals: Mapping[str, str], key_file: Path, key: Fernet) -> None:
    """Write what each label stands for beside ``key_file``, encrypted, private, whole or not at all."""
    path = sealed_beside(key_file)
    descriptor, scratch = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".new")  # made 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(key.encrypt(json.dumps(dict(originals)).encode()))
        Path(scratch).replace(path)
    except OSError as error:
        Path(scratch).unlink(missing_ok=True)
        raise TranscriptError(
            f"{path} cannot be written: {error.strerror or error}.", "Choose another place."
        ) from None


def unredacted(text: str, originals: Mapping[str, str], suffix: str) -> str:
    """Return an exported ``text`` with what its labels stand for, written as a file ending in ``suffix`` needs it."""
    escape = _ESCAPES.get(suffix.lower(), str)
    if suffix.lower() == ".csv":
        rows = csv.reader(io.StringIO(text, newline=""))
        out = io.StringIO(newline="")
        csv.writer(out).writerows([_back(cell, originals, str) for cell in row] for row in rows)
        return out.getvalue()
    return _back(text, originals, escape)


def _back(text: str, originals: Mapping[str, str], escape: Callable[[str], str]) -> str:
    def original(match: re.Match[str]) -> str:
        words = originals.get(match[1] + match[2])
        return match[0] if words is None else escape(words)

    return _LABEL.sub(original, text)


def _in_json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _in_markdown(text: str) -> str:
    return escaped(f"x{text}")[1:]  # the x: what is escaped only where a line begins stays as it is


_ESCAPES: dict[str, Callable[[str], str]] = {
    ".md": _in_markdown,
    ".html": html.escape,
    ".json": _in_json,
    ".jsonl": _in_json,
}
"""How words are written in a file by its suffix; anywhere else they stand as they are."""
