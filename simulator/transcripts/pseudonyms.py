"""Pseudonyms of trainees: the same for the same name, and nobody's without the key file.

A pseudonym is cut from an HMAC-SHA256 of the name under a random key, so that it can neither be guessed from a
list of colleagues nor turned back. Who has the key file can work out the pseudonym of a name, and so find it.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import unicodedata
from pathlib import Path

from simulator.errors import TranscriptError
from simulator.settings import Settings
from simulator.transcripts.writing import private_folder

KEY_FILE = "pseudonyms.key"
_SHORTEST = 32


def pseudonym(name: str, key: bytes) -> str:
    """Return the pseudonym of ``name``: ``trainee-`` and 10 characters; case, form and blanks make no difference."""
    plain = " ".join(unicodedata.normalize("NFKC", name).casefold().split())
    return f"trainee-{hmac.new(key, plain.encode(), hashlib.sha256).hexdigest()[:10]}"


def key_in(folder: Path) -> bytes:
    """Return the key in ``folder``, made on first use and private to its owner; raises ``TranscriptError``."""
    path = folder / KEY_FILE
    try:
        private_folder(folder)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            pass
        else:
            with os.fdopen(descriptor, "wb") as file:
                file.write(secrets.token_hex(32).encode() + b"\n")
        key = path.read_bytes().strip()
    except OSError as error:
        reason = error.strerror or str(error)
        raise TranscriptError(f"The key file {path} cannot be used: {reason}.", "Check its permissions.") from None
    if len(key) < _SHORTEST:
        raise TranscriptError(f"The key file {path} is too short to be one.", "Restore it, or delete it for a new key.")
    return key


def trainee_name(settings: Settings, name: str | None = None) -> str:
    """Return how ``name``, or who the settings say practises, is written down; empty where it is nobody."""
    name = settings.trainee if name is None else name
    if not name.strip() or not settings.pseudonyms:
        return name.strip()
    return pseudonym(name, key_in(settings.folder))
