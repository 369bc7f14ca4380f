"""``doctor``: is everything in place, and if not, what to do."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from simulator.cli.output import aside, reported, say, say_json
from simulator.errors import SimulatorError
from simulator.settings import Settings, config_file, load


@dataclass(frozen=True)
class Finding:
    """What was looked at, how it stands, and what to do about it."""

    about: str
    state: Literal["ok", "note", "problem"]
    message: str
    hint: str = ""


def doctor(as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False) -> None:
    """Check settings, folders, personas, prompts, endpoint, model file and terminal, and say what to do.

    Example: simulator doctor
    """
    with reported():
        settings = load()
        worst = 0
        for finding in findings(settings):
            worst = max(worst, finding.state == "problem")
            if as_json:
                say_json(finding.__dict__)
            else:
                mark = {"ok": "ok     ", "note": "note   ", "problem": "PROBLEM"}[finding.state]
                say(f"{mark}  {finding.about}: {finding.message}")
                if finding.hint:
                    say(f"         {finding.hint}")
        if worst:
            raise typer.Exit(2)


def findings(settings: Settings) -> Iterator[Finding]:
    """Give what was found, one check after the other; nothing here raises."""
    yield _settings()
    yield from _transcripts(settings)
    for about, check in (
        ("your folder", lambda: f"{settings.folder} (personas/, prompts/ and rubrics/ in it come first)"),
        ("prompts", lambda: _prompts(settings)),
        ("personas", lambda: _personas(settings)),
        ("rubric", lambda: _rubric(settings)),
    ):
        yield _checked(about, check)
    yield _grader(settings)
    yield _endpoint(settings)
    yield _local(settings)
    yield _voice(settings)
    yield _terminal()


def _checked(about: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(about, "ok", check())
    except SimulatorError as error:
        return Finding(about, "problem", error.message, error.hint)
    except OSError as error:
        return Finding(about, "problem", f"{error.strerror or error}.", "Check the path and its permissions.")


def _settings() -> Finding:
    path = config_file()
    return Finding("settings", "ok", str(path) if path.is_file() else f"defaults and environment (no {path})")


def _transcripts(settings: Settings) -> Iterator[Finding]:
    from simulator.transcripts.finding import older_than
    from simulator.transcripts.opening import open_store

    try:
        store = open_store(settings)
    except SimulatorError as error:
        yield Finding("transcripts", "problem", error.message, error.hint)
        return
    yield _checked("transcripts", lambda: _writable(store.folder))
    if not isinstance(settings.transcripts, Path):
        store.paths()
        state, message = ("problem", store.trouble) if store.trouble else ("ok", f"{store.place} answers")
        yield Finding("transcripts", state, message)  # type: ignore[arg-type]
        if waiting := len(store.waiting()):
            yield Finding(
                "transcripts",
                "note",
                f"{waiting} not copied to {store.place} yet.",
                "Copy: simulator transcripts sync.",
            )
    if settings.keep_days:
        old = sum(1 for _ in older_than(store, settings.keep_days, datetime.now(UTC)))
        if old:
            message = f"{old} older than the {settings.keep_days} days they are to be kept."
            yield Finding("transcripts", "note", message, "Delete them: simulator transcripts prune.")


def _writable(folder: Path) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(b"x")
    free = shutil.disk_usage(folder).free
    if free < 50_000_000:
        raise SimulatorError(
            f"Only {free / 1e6:.0f} MB are free at {folder}.", "Free some space, or set SIMULATOR_TRANSCRIPTS."
        )
    return f"{folder} can be written, {free / 1e9:.1f} GB free"


def _prompts(settings: Settings) -> str:
    from simulator.prompts import PromptLibrary

    return f"{len(PromptLibrary(settings.prompt_dirs()).names())} prompts are sound"


def _personas(settings: Settings) -> str:
    from simulator.personas import loader

    entries = [entry for entry in loader.find(settings.persona_dirs()) if not entry.shadowed]
    for entry in entries:
        loader.load(entry.id, settings.persona_dirs())
    return f"{len(entries)} personas can be played"


def _rubric(settings: Settings) -> str:
    from simulator.grading.rubric import load_rubric

    rubric = load_rubric(settings.rubric, settings.rubric_dirs())
    return f"{rubric.name}, version {rubric.version}"


def _grader(settings: Settings) -> Finding:
    """Return who grades and how well that agrees with expert marks; the built-in grader is compared where it was not
    yet, which takes a few seconds."""
    from simulator.cli.assembly import build_studio

    try:
        studio = build_studio(settings)
        grader = studio.grader
        if grader.kind == "local" and not studio.standing(grader.stamp, grader.rubric.stamp):
            if sys.stderr.isatty():
                aside("comparing the grader with expert marks…")
            asyncio.run(studio.measure())
        standing = studio.standing(grader.stamp, grader.rubric.stamp)
        known = studio.calibrations.known(grader.stamp, grader.rubric.stamp) if studio.calibrations else None
    except SimulatorError as error:
        return Finding("grader", "problem", error.message, error.hint)
    message = f"{grader.name}. {standing}".strip()
    if known is not None and known.agreement.trusted is False:
        hint = studio.stands_in() or "Do not rely on its levels; see 'simulator calibrate'."
        return Finding("grader", "note" if grader.kind == "model" else "problem", message, hint)
    hint = "Compare it: simulator calibrate." if known is None else ""
    return Finding("grader", "note" if known is None else "ok", message, hint)


def _endpoint(settings: Settings) -> Finding:
    if not settings.has_endpoint():
        return Finding(
            "endpoint", "note", "none configured.", "To use one: set OPENAI_BASE_URL, OPENAI_API_KEY, OPENAI_MODEL."
        )
    from simulator.models.openai_client import connect

    async def check() -> str:
        model = connect(settings)
        try:
            await model.check()
            return f"{settings.base_url or 'the default address'} answers with {model.info.model}"
        finally:
            await model.aclose()

    return _checked("endpoint", lambda: asyncio.run(check()))


def _local(settings: Settings) -> Finding:
    from simulator.models.catalogue import adapter, choose, installed

    try:
        entry = choose(settings)
        path = installed(entry, settings)
    except SimulatorError as error:
        return Finding("local model", "problem", error.message, error.hint)
    if path is None:
        free = shutil.disk_usage(settings.cache.parent if settings.cache.parent.exists() else Path.home()).free
        return Finding(
            "local model", "note", f"{entry.title} is not here ({entry.size / 1e9:.1f} GB; {free / 1e9:.1f} GB free).",
            "Fetch it: simulator models pull.",
        )  # fmt: skip
    fitted = ", plays customers with its adapter" if settings.local_adapter and adapter(entry) else ""
    return Finding("local model", "ok", f"{entry.title}, checked{fitted}, {path}")


def _voice(settings: Settings) -> Finding:
    from simulator.cli.assembly import chosen_voice

    try:
        kind = chosen_voice(settings)
    except SimulatorError as error:
        return Finding("voice", "problem", error.message, error.hint)
    if kind is None:
        return Finding("voice", "note", "not chosen yet; the first run asks.", "Or choose: simulator models use local.")
    return Finding("voice", "ok", kind)


def _terminal() -> Finding:
    if not sys.stdout.isatty():
        return Finding("terminal", "note", "output is not a terminal, so the screens cannot open here.")
    size = shutil.get_terminal_size()
    if size.columns < 60 or size.lines < 18:
        return Finding("terminal", "problem", f"{size.columns}×{size.lines} is too small.", "Make it 80×24 or larger.")
    encoding = (sys.stdout.encoding or "").lower().replace("-", "")
    if encoding not in ("utf8", "cp65001"):
        return Finding(
            "terminal", "problem", f"its encoding is {sys.stdout.encoding}.", "Use UTF-8, for example LANG=C.UTF-8."
        )
    colour = (
        "without colour (NO_COLOR is set)"
        if os.environ.get("NO_COLOR")
        else os.environ.get("COLORTERM", "256 colours or fewer")
    )
    return Finding("terminal", "ok", f"{size.columns}×{size.lines}, {colour}")


def add_to(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(doctor)
