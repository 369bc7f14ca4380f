"""``serve``: the screens in a browser."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Annotated

import typer

from simulator.cli.output import aside, reported, say
from simulator.errors import SettingsError
from simulator.settings import load


def serve(
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen at; 0: any free one.")] = 8000,
    public: Annotated[
        bool, typer.Option("--public", help="Let others in: needed for every --host that is not this machine alone.")
    ] = False,
    url: Annotated[
        str, typer.Option(help="Address at which visitors come, where a proxy stands before this one.")
    ] = "",
    lms: Annotated[
        list[str] | None, typer.Option(help="An LMS that may open courses here, as https://host; can be repeated.")
    ] = None,
    visitors: Annotated[int, typer.Option(min=1, help="Most people at a time; each has a process of their own.")] = 20,
) -> None:
    """Show the screens in a browser, one process a visitor.

    Example: simulator serve --port 8000

    For an LMS: simulator serve --url https://practise.example.org --public --lms https://lms.example.org
    """
    with reported():
        from simulator.cli.assembly import chosen_voice
        from simulator.exports.cmi5_launch import origin
        from simulator.models.address import is_loopback
        from simulator.transcripts.opening import open_store
        from simulator.web.server import PracticeServer, serving
        from simulator.web.visits import VISITORS

        settings = load()
        shown = f"[{host}]" if ":" in host else host
        alone = is_loopback(f"http://{shown}")
        if not alone and not public:
            raise SettingsError(
                f"Whoever reaches {host} could practise here, on your model and at your cost.",
                "Add --public if that is meant, and put an address with https before it.",
            )
        for place in [*(lms or []), *([url] if url else [])]:
            if not origin(place):
                raise SettingsError(f"{place!r} is not an address.", "It looks like https://lms.example.org.")
        voice = chosen_voice(settings) or "scripted"
        server = PracticeServer(
            settings,
            voice,
            host=host,
            port=port,
            address=url.rstrip("/"),
            lms=frozenset(origin(place) for place in lms or []),
            most=visitors,
            told=aside,
            alone=alone and not public,
        )

        async def run() -> None:
            async with serving(server) as address:
                say(f"Open {(url or address).rstrip('/')}{server.first_page} in a browser. Ctrl-C ends it.")
                if not server.alone:
                    place = open_store(settings).folder / VISITORS
                    aside(f"The voice for visitors is {voice}; their sessions go to {place}.")
                await asyncio.Event().wait()

        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(run())
            return
        aside("Stopped. Every session is saved.")


def add_to(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(serve)
