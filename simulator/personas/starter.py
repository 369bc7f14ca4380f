"""A new persona to begin from: a commented file that already plays."""

from __future__ import annotations

from pathlib import Path

from simulator.errors import PersonaError
from simulator.personas.loader import ID, SUFFIX

_STARTER = Path(__file__).with_name("starter.jinja")


def new(persona: str, folder: Path) -> Path:
    """Write a persona with the id ``persona`` into ``folder`` and return its path; never over another file.

    Raises ``PersonaError`` for an id that cannot be a file's name, for one that is taken, and where the folder
    cannot be written to.
    """
    if not ID.match(persona):
        raise PersonaError(
            f"{persona!r} cannot be a persona's id.", "Use small letters, digits and hyphens, like 'late-parcel'."
        )
    path = folder / f"{persona}{SUFFIX}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(_STARTER.read_text(encoding="utf-8"))
    except FileExistsError:
        raise PersonaError(f"There is a persona {persona!r} already: {path}.", "Choose another id.") from None
    except OSError as error:
        raise PersonaError(f"{path} cannot be written: {error.strerror or error}.", "Choose another folder.") from None
    return path
