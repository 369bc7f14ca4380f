"""Who a training record speaks of, and by which names: read once from the settings, handed to the statements.

Without a setting the actor is a pseudonym drawn at random, kept in the settings file so that one person stays one
learner. Nothing of the user's name or machine is in it.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simulator import settings as settings_file
from simulator.cleaning import one_line
from simulator.errors import RubricError, SettingsError
from simulator.grading.rubric import Rubric, load_rubric, rubric_files
from simulator.grading.scorecard import CRITERIA
from simulator.settings import ACTIVITY_BASE, Settings

_ADDRESS = re.compile(r"[^\s@<>\"]+@[^\s@<>\"]+")
_ACTOR_HINT = "Name who practises: SIMULATOR_ACTOR=trainee-1, or SIMULATOR_ACTOR=mailto:ada@example.org."

Marks = Mapping[str, Mapping[str, int]]
"""The sha256 of a rubric to the level (0 to 4) that passes, by criterion."""


@dataclass(frozen=True)
class Recording:
    """What statements need beside the transcript.

    ``actor`` is an xAPI agent; ``base`` begins the ids of sessions, personas and criteria; ``marks`` say what passes a
    criterion; ``registration`` is a UUID given by an LMS, empty: one for each session.
    """

    actor: Mapping[str, Any] = field(default_factory=lambda: account("trainee", f"{ACTIVITY_BASE}trainees"))
    base: str = ACTIVITY_BASE
    marks: Marks = field(default_factory=dict)
    registration: str = ""


def recording_for(settings: Settings) -> Recording:
    """Return how ``settings`` want sessions recorded; draws and saves a pseudonym where no actor is set."""
    base = settings.activity_base
    return Recording(actor_for(settings), base, pass_marks(settings.rubric_dirs()))


def actor_for(settings: Settings) -> dict[str, Any]:
    """Return the agent that ``settings`` name; raises ``SettingsError`` where a fresh pseudonym cannot be kept."""
    name = one_line(settings.actor)
    if name.lower().startswith("mailto:"):
        address = name[len("mailto:") :].strip()
        if not _ADDRESS.fullmatch(address):
            raise SettingsError("The setting actor has no address after mailto.", _ACTOR_HINT)
        return {"objectType": "Agent", "mbox": f"mailto:{address}"}
    if not name:
        name = f"trainee-{secrets.token_hex(6)}"
        try:
            settings_file.save(actor=name)
        except OSError as error:
            raise SettingsError(
                f"A pseudonym for the training records cannot be kept: {error.strerror or error}.",
                _ACTOR_HINT,
            ) from None
    return account(name, settings.actor_home_page or f"{settings.activity_base}trainees")


def account(name: str, home_page: str) -> dict[str, Any]:
    """Return the agent with the account ``name`` at ``home_page``, an IRI."""
    return {"objectType": "Agent", "account": {"homePage": home_page, "name": name}}


def pass_marks(dirs: Sequence[Path]) -> dict[str, dict[str, int]]:
    """Return the level that passes each criterion, for every sound rubric in ``dirs`` and built in, by its hash."""
    marks: dict[str, dict[str, int]] = {}
    for path in rubric_files(dirs).values():
        try:
            rubric = load_rubric(str(path))
        except RubricError:
            continue  # `simulator rubrics lint` is where a rubric is mended
        marks[rubric.sha256] = _passing(rubric)
    return marks


def _passing(rubric: Rubric) -> dict[str, int]:
    levels = {name: rubric.criterion(name).passes for name in CRITERIA}
    return levels | {extra.name: extra.passes for extra in rubric.extra}
