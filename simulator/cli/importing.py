"""``transcripts import``: conversations from elsewhere into the store."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from simulator.cleaning import one_line
from simulator.cli.output import aside, reported, say, say_json
from simulator.errors import SimulatorError, TranscriptError
from simulator.settings import Settings, load

if TYPE_CHECKING:
    from simulator.transcripts.importing.conversation import Conversation
    from simulator.transcripts.importing.objects import Item
    from simulator.transcripts.importing.recognise import Format
    from simulator.transcripts.importing.roles import Roles
    from simulator.transcripts.importing.saving import Saved
    from simulator.transcripts.records import Role
    from simulator.transcripts.store import Store


def import_conversations(
    files: Annotated[list[str], typer.Argument(help="Files of conversations; - is standard input.")],
    fmt: Annotated[
        Literal["jsonl", "json", "csv", "text", "vtt", "srt"] | None,
        typer.Option("--from", help="Their format. Without: found by what is in them."),
    ] = None,
    customer: Annotated[list[str] | None, typer.Option(help="A speaker who is the customer; repeat for more.")] = None,
    trainee: Annotated[list[str] | None, typer.Option(help="A speaker who is the trainee; repeat for more.")] = None,
    leave_out: Annotated[list[str] | None, typer.Option(help="A speaker to leave out; repeat for more.")] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(help="csv only: WHAT=NAME, where WHAT is conversation, speaker, text, at or setting."),
    ] = None,
    encoding: Annotated[str, typer.Option(help="Their encoding. Without: found.")] = "",
    grade: Annotated[bool, typer.Option("--grade", help="Grade each one too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Import conversations: JSON, JSONL, chat messages, CSV, plain text, WebVTT and SRT.

    Example: simulator transcripts import calls.vtt --customer "Dana White" --trainee Tom --grade
    """
    with reported():
        from simulator.transcripts.importing.roles import Roles

        roles = Roles.of(customer or (), trainee or (), leave_out or ())
        desk = _Desk(load(), roles, as_json=as_json, asks=_can_ask(files))
        for name in files:
            desk.take(name, fmt, encoding, _columns(column or []))
        if grade and desk.saved:
            asyncio.run(_grade(desk.settings, desk.saved))
        desk.sum_up()
        if desk.bad:
            raise typer.Exit(2)


class _Desk:
    """Takes files in, asks who is who where it may, and counts what came of it."""

    def __init__(self, settings: Settings, roles: Roles, *, as_json: bool, asks: bool) -> None:
        from simulator.transcripts.opening import open_store

        self.settings, self.roles = settings, roles
        self.store: Store = open_store(settings)
        self.saved: list[str] = []
        self.known = self.bad = 0
        self._as_json, self._asks = as_json, asks

    def take(self, name: str, fmt: Format | None, encoding: str, columns: dict[str, str]) -> None:
        """Import one file; what cannot be used is said, and the rest goes on."""
        from simulator.transcripts.importing.recognise import conversations

        where = "standard input" if name == "-" else name
        stem = "conversation" if name == "-" else Path(name).stem
        try:
            items = conversations(_bytes(name), stem, fmt=fmt, encoding=encoding, roles=self.roles, columns=columns)
            for item in items:
                self._take(item, where)
        except SimulatorError as error:
            self._complain(where, f"{error.message} {error.hint}")

    def _take(self, item: Item, where: str) -> None:
        from simulator.transcripts.bare import Problem
        from simulator.transcripts.importing.saving import save_session
        from simulator.transcripts.records import Transcript

        try:
            if isinstance(item, Problem):
                self._complain(where, str(item))
            elif isinstance(item, Transcript):
                for problem in item.problems:
                    aside(f"{where}: {problem}")
                self._note(save_session(self.store, item, source=_source(where), at=_now()), where, {})
            else:
                self._save(item, where)
        except TranscriptError as error:
            self._complain(where, f"{error.message} {error.hint}")

    def _save(self, conversation: Conversation, where: str) -> None:
        from simulator.transcripts.importing.roles import unknown_speakers
        from simulator.transcripts.importing.saving import save, trainee_of
        from simulator.transcripts.pseudonyms import trainee_name

        roles, unknown = self.roles.of_speakers(conversation.speakers)
        while unknown and self._asks:
            self.roles = _asked(conversation, unknown[0], self.roles)
            roles, unknown = self.roles.of_speakers(conversation.speakers)
        if unknown:
            raise unknown_speakers(conversation, unknown)
        trainee = trainee_name(self.settings, trainee_of(roles))
        saved = save(self.store, conversation, roles, source=_source(where), at=_now(), trainee=trainee)
        self._note(saved, where, roles)

    def _note(self, saved: Saved, where: str, roles: dict[str, Role | None]) -> None:
        self.known += saved.known
        if not saved.known:
            self.saved.append(saved.id)
        who = {name: role.value if role else None for name, role in roles.items()}
        if self._as_json:
            say_json({"id": saved.id, "file": where, "turns": saved.turns, "known": saved.known, "speakers": who})
        else:
            told = ", ".join(
                f"{one_line(name)} is {'the ' + role if role else 'left out'}"
                for name, role in who.items()
                if name.casefold() != role
            )
            state = "is in the store already" if saved.known else f"{saved.turns} turns"
            say(f"{saved.id}: {state}" + (f" ({told})" if told and not saved.known else ""))

    def _complain(self, where: str, problem: str) -> None:
        self.bad += 1
        if self._as_json:
            say_json({"file": where, "problem": problem.strip()})
        aside(f"{where}: {problem.strip()}")

    def sum_up(self) -> None:
        """Say how many there were."""
        parts = [f"{len(self.saved)} imported"]
        parts += [f"{self.known} known already"] if self.known else []
        parts += [f"{self.bad} could not be used"] if self.bad else []
        aside(", ".join(parts))


async def _grade(settings: Settings, sessions: list[str]) -> None:
    from simulator.cli.assembly import build_studio
    from simulator.cli.scorecards import scorecard_text

    studio = build_studio(settings)
    for done, session in enumerate(sessions, 1):
        scorecard = await studio.regrade(session)
        aside(f"{done} of {len(sessions)} graded, {session}: {scorecard_text(scorecard.record()).splitlines()[0]}")


def _asked(conversation: Conversation, speaker: str, roles: Roles) -> Roles:
    """Return ``roles`` with what the person at the terminal says of ``speaker``."""
    from simulator.transcripts.records import Role

    first = next(line.text for line in conversation.lines if line.speaker == speaker)
    aside(f"\n{one_line(speaker)} says: {one_line(first)[:200]}")
    answers = {"c": Role.CUSTOMER, "t": Role.TRAINEE, "l": None}
    while True:
        answer = typer.prompt("The customer (c), the trainee (t), or leave them out (l)?", err=True).strip().lower()[:1]
        if answer in answers:
            return roles.with_role(speaker, answers[answer])


def _bytes(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read()
    path = Path(name)
    if path.is_dir():
        raise TranscriptError("It is a folder.", f"Name the files in it, for example {path / '*.jsonl'}.")
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise TranscriptError("There is no such file.", "Check the name; - stands for standard input.") from None
    except OSError as error:
        raise TranscriptError(f"It cannot be read: {error.strerror or error}.", "Check its permissions.") from None


def _columns(given: list[str]) -> dict[str, str]:
    from simulator.transcripts.importing.tables import COLUMNS

    columns = {}
    for item in given:
        what, equals, name = item.partition("=")
        if not equals or what not in COLUMNS or not name:
            raise TranscriptError(f"--column {item!r} is not WHAT=NAME.", f"WHAT is {', '.join(COLUMNS)}.")
        columns[what] = name
    return columns


def _can_ask(files: list[str]) -> bool:
    return "-" not in files and sys.stdin.isatty() and sys.stderr.isatty()


def _source(where: str) -> str:
    return Path(where).name


def _now() -> str:
    from simulator.practice.session import utc_now

    return utc_now()


def add_to(app: typer.Typer) -> None:
    """Add the command to ``app``, the one of ``transcripts``."""
    app.command("import")(import_conversations)
