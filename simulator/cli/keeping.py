"""``transcripts`` commands that keep sessions: their titles, the archive, deleting, copying, and pseudonyms."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cleaning import one_line
from simulator.cli.output import aside, reported, say, say_json
from simulator.errors import SettingsError, SimulatorError, TranscriptError
from simulator.settings import load

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_Sessions = Annotated[
    list[str], typer.Argument(help="Sessions by id or beginning of an id; 'latest' and 'all' work too.")
]
_Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def rename(
    session: Annotated[str, typer.Argument(help="Id, its beginning, or 'latest'.")],
    title: Annotated[str, typer.Argument(help="The title; an empty one takes it away.")],
) -> None:
    """Give a session a title; its id stays.

    Example: simulator transcripts rename latest "First call after the training"
    """
    with reported():
        from simulator.cli.exporting import named
        from simulator.practice.session import utc_now
        from simulator.transcripts.opening import open_store

        store = open_store(load())
        title = one_line(title)[:200]
        name = store.rename(named(store, [session])[0], title, utc_now())
        say(f"{name}: {title}" if title else f"{name} has no title now.")


def archive(sessions: _Sessions) -> None:
    """Move sessions out of the list into the archive; they can still be shown, searched and exported.

    Example: simulator transcripts archive latest
    """
    with reported():
        from simulator.cli.exporting import named
        from simulator.transcripts.opening import open_store

        store = open_store(load())
        _each([path.stem for path in named(store, sessions)], store.archive, "archived")


def restore(
    sessions: Annotated[list[str], typer.Argument(help="Archived sessions by id; 'all' works too.")],
) -> None:
    """Bring sessions back from the archive into the list.

    Example: simulator transcripts restore all
    """
    with reported():
        from simulator.cli.exporting import named
        from simulator.transcripts.opening import open_store

        store = open_store(load())
        _each([path.stem for path in named(store.archived, sessions)], store.restore, "brought back")


def delete(sessions: _Sessions, yes: _Yes = False) -> None:
    """Delete sessions for good, archived ones too where they are named.

    Example: simulator transcripts delete 20260131T093000Z-moving-house-0a1b2c --yes
    """
    with reported():
        from simulator.cli.exporting import named
        from simulator.transcripts.opening import open_store

        store = open_store(load())
        names = [path.stem for path in named(store, sessions)]
        _sure(f"Delete {_count(names)} for good?", names, yes=yes)
        _each(names, store.delete, "deleted")


def prune(
    older_than: Annotated[
        int | None, typer.Option(min=1, help="Days a session is kept. Without: the setting keep_days.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say which ones.")] = False,
    yes: _Yes = False,
    as_json: Annotated[bool, typer.Option("--json", help="Only say which ones, one JSON object a line.")] = False,
) -> None:
    """Delete the sessions, archived ones too, that are older than they are to be kept. Nothing else ever does.

    Example: simulator transcripts prune --older-than 90 --dry-run
    """
    with reported():
        from simulator.transcripts.finding import older_than as aged
        from simulator.transcripts.opening import open_store

        settings = load()
        days = settings.keep_days if older_than is None else older_than
        if days == 0:
            raise SettingsError(
                "Nobody has said how long sessions are kept.", "Use --older-than DAYS, or set SIMULATOR_KEEP_DAYS."
            )
        store = open_store(settings)
        old = list(aged(store, days, datetime.now(UTC)))
        if as_json:
            for summary in old:
                say_json({"id": summary.id, "started_at": summary.started_at, "persona": summary.persona})
            return
        if not old:
            say(f"No session is older than {days} days.")
            return
        names = [summary.id for summary in old]
        if dry_run:
            for summary in old:
                say(f"{summary.id}  {summary.started_at}")
            say(f"{_count(names)} older than {days} days. Nothing was deleted.")
            return
        _sure(f"Delete {_count(names)} older than {days} days for good?", names, yes=yes)
        _each(names, store.delete, "deleted")


def sync() -> None:
    """Copy the sessions that wait to where they are kept, where that is a share or object storage.

    Example: simulator transcripts sync
    """
    with reported():
        from simulator.transcripts.opening import open_store

        store = open_store(load())
        many = len(store.waiting())
        done = 0

        def told(session: str) -> None:
            nonlocal done
            done += 1
            aside(f"{done} of {many}: {session}")

        copied = store.copy_waiting(told)
        say(f"{copied} copied to {store.place}." if many else f"Nothing waits; sessions are in {store.place}.")


def pseudonym(name: Annotated[str, typer.Argument(help="The trainee's name.")]) -> None:
    """Say under which pseudonym a trainee's sessions are, by the key file in your folder.

    Example: simulator transcripts pseudonym "Ines Moreau"
    """
    with reported():
        from simulator.transcripts.pseudonyms import key_in
        from simulator.transcripts.pseudonyms import pseudonym as pseudonym_of

        if not name.strip():
            raise TranscriptError("There is no name.", "Write the trainee's name.")
        say(pseudonym_of(name, key_in(load().folder)))


def _each(names: Sequence[str], act: Callable[[str], str], done: str) -> None:
    """Do ``act`` to each session and go on after one that cannot be; end with 2 where there was one."""
    failed = 0
    for name in names:
        try:
            act(name)
        except SimulatorError as error:
            failed += 1
            aside(f"{name}: {error.message} {error.hint}")
    say(f"{_count(names[failed:])} {done}." if len(names) > failed else f"Nothing was {done}.")
    if failed:
        raise typer.Exit(2)


def _sure(question: str, names: Sequence[str], *, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise TranscriptError("Nothing was deleted: nobody is there to ask.", "Add --yes where you are sure.")
    for name in names[:20]:
        aside(name)
    if len(names) > 20:
        aside(f"… and {len(names) - 20} more")
    if not typer.confirm(question, err=True):
        aside("Nothing was deleted.")
        raise typer.Exit(1)


def _count(names: Sequence[str]) -> str:
    return f"{len(names)} session{'s' if len(names) != 1 else ''}"


def add_to(app: typer.Typer) -> None:
    """Add the commands to ``app``, the one of ``transcripts``."""
    for command in (rename, archive, restore, delete, prune, sync, pseudonym):
        app.command()(command)
