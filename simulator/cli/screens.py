"""Opening the screens, with as little loaded before the first frame as can be."""

from __future__ import annotations

import os
import sys

from simulator.cleaning import one_line
from simulator.errors import SettingsError, SimulatorError
from simulator.settings import Settings, load


def open_screens(
    settings: Settings, persona: str | None = None, session: str | None = None, seed: int | None = None
) -> None:
    """Open the screens, at home or straight in a session."""
    served = os.environ.get("TEXTUAL_DRIVER", "").endswith(":WebDriver")
    if not served and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise SettingsError(
            "The screens need a terminal.", "Without one, use 'simulator rehearse' or see 'simulator --help'."
        )
    from simulator.cli.assembly import build_studio
    from simulator.tui.app import PractiseApp

    studio = build_studio(settings)
    if persona is not None:
        studio.persona(persona, seed)  # an unknown or broken persona is said before the screen changes
    PractiseApp(studio, start=persona, session=session, seed=seed).run()


def main() -> None:
    """Open the screens at home; what a person can act on ends with one line and exit code 2."""
    try:
        open_screens(load())
    except SimulatorError as error:
        sys.stderr.write(f"simulator: {one_line(f'{error.message} {error.hint}')}\n")
        sys.exit(error.exit_code)
