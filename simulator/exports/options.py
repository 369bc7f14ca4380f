"""What can be chosen about an export."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from simulator.exports.recording import Recording
from simulator.transcripts.records import Role


@dataclass(frozen=True)
class Options:
    """Choices that hold for one export; a format passes over what does not concern it."""

    private: bool = False
    """Whether the stage directions, the customer's inner state and what the guard refused are shown."""
    rows: Literal["session", "turn"] = "session"
    """CSV: a row a session, or a row a turn."""
    bom: bool = False
    """CSV: begin with a byte order mark, by which Excel knows UTF-8."""
    model: Role = Role.CUSTOMER
    """Chat: who the model is to become; the other one is the user."""
    recording: Recording | None = None
    """xAPI: who the statements speak of. None: an unnamed trainee."""
