"""A conversation as it stands in a foreign file, before anybody has said who is the customer."""

from __future__ import annotations

import re
from dataclasses import dataclass

from simulator.cleaning import one_line


@dataclass(frozen=True)
class Line:
    """What one speaker said; ``at`` is the time as ISO 8601, empty where the file does not tell."""

    speaker: str
    text: str
    at: str = ""


@dataclass(frozen=True)
class Conversation:
    """One conversation. ``id`` is what the file calls it; ``place`` says where in the file it stands, in words."""

    id: str
    lines: tuple[Line, ...]
    setting: str = ""
    place: str = ""

    @property
    def speakers(self) -> tuple[str, ...]:
        """Everybody who speaks, in the order in which they begin."""
        return tuple(dict.fromkeys(line.speaker for line in self.lines))


_ID = re.compile(r"[^A-Za-z0-9._-]+")


def file_id(name: str) -> str:
    """Return ``name`` as an id that can name a file; empty where nothing of it can."""
    return _ID.sub("-", one_line(name)).strip("-._")[:120]
