"""Make ``docs/session.svg``: a real session with scripted lines, on the real screens.

Run: python3 -m uv run python docs/picture.py
"""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
LINES = (
    "Days to empty a whole house, and your marriage ending on top of it. No wonder you can't choose a box.",
    "So you've never packed a house by yourself. What is weighing on you most right now?",
)


async def main() -> None:
    """Play two turns and save the screen."""
    from simulator.cli.assembly import build_studio
    from simulator.settings import load
    from simulator.tui.app import PractiseApp

    app = PractiseApp(build_studio(load(voice="scripted")), start="moving-house", seed=3)
    app.animation_level = "none"
    async with app.run_test(size=(100, 30)) as pilot:

        async def until(screen: str) -> None:
            while type(app.screen).__name__ != screen:
                await pilot.pause(0.05)

        await until("BriefingScreen")
        await pilot.press("enter")
        await until("ConversationScreen")
        session = app.screen.session  # type: ignore[attr-defined]
        for count, line in enumerate(LINES):
            while len(session.turns) < 1 + 2 * count or app.screen.busy:  # type: ignore[attr-defined]
                await pilot.pause(0.05)
            app.screen.query_one("TextArea").insert(line)  # type: ignore[attr-defined]
            await pilot.press("enter")
        while len(session.turns) < 5 or app.screen.busy:  # type: ignore[attr-defined]
            await pilot.pause(0.05)
        await pilot.pause(0.5)
        picture = app.export_screenshot(title="simulator practice moving-house")
        # no fonts fetched from elsewhere by whoever looks at it: any monospaced one will do
        picture = re.sub(r"@font-face \{.*?\}\s*", "", picture, flags=re.DOTALL)
        (HERE / "session.svg").write_text(picture, "utf-8")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        os.environ["SIMULATOR_HOME"] = home
        asyncio.run(main())
