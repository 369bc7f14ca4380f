"""The commands. Each module holds one group; ``assembly`` is the only place that chooses implementations."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the program: the screens where there are no arguments, else the command they name."""
    if len(sys.argv) == 1:
        from simulator.cli.screens import main as start
    else:
        from simulator.cli.app import main as start
    start()
