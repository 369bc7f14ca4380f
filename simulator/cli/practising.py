"""The screens, ``practice`` and ``rehearse``."""

from __future__ import annotations

import asyncio
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from simulator.cli.output import aside, reported, say, say_json
from simulator.cli.screens import open_screens
from simulator.errors import SettingsError, TranscriptError
from simulator.settings import Settings, load

if TYPE_CHECKING:
    from simulator.practice.events import Event
    from simulator.transcripts.records import Transcript

VoiceOption = Literal["openai", "local", "scripted"]


def practice(
    persona: Annotated[str, typer.Argument(help="Id of a persona; see 'simulator personas list'.")] = "",
    resume: Annotated[str | None, typer.Option(help="Go on with this session, by id or its beginning.")] = None,
    voice: Annotated[VoiceOption | None, typer.Option(help="Who writes the customer's words.")] = None,
    seed: Annotated[int | None, typer.Option(help="The variation of the persona; the same seed repeats it.")] = None,
) -> None:
    """Go straight into a session.

    Example: simulator practice moving-house
    """
    with reported():
        if not persona and not resume:
            raise SettingsError("Which persona?", "Name one, for example: simulator practice moving-house.")
        open_screens(load(voice=voice), persona or None, resume, seed)


def rehearse(
    persona: Annotated[str, typer.Argument(help="Id of a persona; see 'simulator personas list'.")],
    lines: Annotated[
        str, typer.Option(help="File with one trainee turn a line (# begins a comment); - is standard input.")
    ],
    seed: Annotated[int, typer.Option(help="The variation of the persona and of the words.")] = 0,
    voice: Annotated[VoiceOption | None, typer.Option(help="Who writes the customer's words.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    save: Annotated[bool, typer.Option(help="Keep the transcript in the store.")] = True,
) -> None:
    """Play a file of trainee lines against a persona, without a screen, and grade it.

    Example: simulator rehearse moving-house --lines kind.txt --voice scripted --json
    """
    with reported():
        settings = load(voice=voice)
        spoken = read_lines(lines)
        result, transcript = asyncio.run(_rehearse(settings, persona, spoken, seed, save=save, quiet=as_json))
        if as_json:
            say_json(result)
            return
        from simulator.cli.scorecards import scorecard_text

        say()
        say(f"Ending: {result['ending'].replace('_', ' ')}")
        say(scorecard_text(result["scorecard"]))
        if save:
            from simulator.transcripts.opening import open_store

            say(f"\nSaved as {transcript.header.id} in {open_store(settings).place}")


async def _rehearse(
    settings: Settings, persona_id: str, lines: list[str], seed: int, *, save: bool, quiet: bool
) -> tuple[dict[str, Any], Transcript]:
    from simulator.cli.assembly import build_studio, chosen_voice
    from simulator.practice.rehearsal import Recorder, play, rehearsal_id, report

    studio = build_studio(settings)
    persona = studio.persona(persona_id, seed)
    kind = chosen_voice(settings) or "scripted"
    if settings.voice == "auto" and kind == "scripted":
        aside("No model is set up, so the customer speaks scripted lines; see 'simulator doctor'.")
    voice = await studio.connect(kind, settings)
    try:
        name = ""
        if kind == "scripted":
            name = rehearsal_id(
                persona.id,
                persona.sha256,
                seed,
                lines,
                studio.grader.name,
                studio.grader.rubric.sha256,
                studio.prompts.hashes(),
            )
        kept = save and not (name and _finished(studio.store, name))
        recorder = None if kept else Recorder()
        session = studio.begin(persona, voice, writer=recorder, session_id=name)
        with closing(session):
            transcript = await play(session, lines, None if quiet else _Teller(persona.name.split()[0]))
            if not quiet:
                aside("grading…")
            scorecard = await session.grade(studio.grader)
        return report(transcript, scorecard.record()), transcript
    finally:
        await voice.aclose()


def _finished(store: Any, name: str) -> bool:
    """True where this very rehearsal is saved already; one that was broken off is put aside to be played again."""
    path = store.folder / f"{name}.jsonl"
    if path not in store.paths():
        return False
    try:
        if store.read(name).scorecards:
            return True
    except TranscriptError:
        pass
    path.replace(path.with_suffix(".jsonl.broken-off"))
    return False


class _Teller:
    """Prints a session as it happens."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, event: Event) -> None:
        from simulator.practice.events import CustomerSpoke, TraineeSpoke, VoiceFailed

        if isinstance(event, TraineeSpoke):
            marks = ", ".join(quoted.label.value for quoted in event.turn.labels or ())
            say(f"\nYou: {event.turn.text}" + (f"\n     [{marks}]" if marks else ""))
        elif isinstance(event, CustomerSpoke):
            mood = event.turn.mood
            say(
                f"\n{self._name}: {event.turn.text}"
                + (f"\n     [tension {mood.tension:.1f}, {mood.stage.value}]" if mood else "")
            )
        elif isinstance(event, VoiceFailed):
            aside(f"{event.message} {event.hint}")


def read_lines(source: str) -> list[str]:
    """Return the trainee lines of a file or of standard input; raises ``TranscriptError`` where it cannot be read."""
    try:
        text = sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise TranscriptError(f"{source} cannot be read: {error.strerror}.", "Check the name of the file.") from None
    except UnicodeDecodeError:
        raise TranscriptError(f"{source} is not UTF-8 text.", "Save it as UTF-8.") from None
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("# ")]
    if not lines:
        raise TranscriptError(f"{source} holds no trainee lines.", "Write one trainee turn a line.")
    return lines


def add_to(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.command()(practice)
    app.command()(rehearse)
