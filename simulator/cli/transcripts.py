"""``transcripts``: what is saved, and what was said in it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from simulator.cleaning import one_line
from simulator.cli.output import aside, reported, say, say_json, table
from simulator.cli.redacting import Redact, Redaction
from simulator.cli.scorecards import scorecard_text
from simulator.settings import load

app = typer.Typer(
    help="List, read, search, import and keep saved sessions.", no_args_is_help=True, rich_markup_mode=None
)


@app.command("list")
def list_sessions(
    persona: Annotated[str, typer.Option(help="Only this customer: id, name, or a part of it.")] = "",
    passed: Annotated[
        bool | None, typer.Option("--passed/--not-passed", help="Only those, by their last grade.")
    ] = None,
    since: Annotated[str, typer.Option(help="Only from this date on, or 7d for the last seven days.")] = "",
    trainee: Annotated[str, typer.Option(help="Only of this trainee.")] = "",
    archived: Annotated[bool, typer.Option("--archived", help="Those in the archive instead.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """List the saved sessions, newest first.

    Example: simulator transcripts list --persona moving-house --not-passed --since 7d
    """
    with reported():
        from simulator.transcripts import finding
        from simulator.transcripts.opening import open_store

        store = open_store(load())
        begin = finding.since(since, datetime.now(UTC)) if since else None
        wanted = finding.Wanted(persona=persona, passed=passed, since=begin, trainee=trainee)
        store = store.archived if archived else store
        summaries = [summary for summary in store.list() if wanted.keeps(summary)]
        if store.trouble:
            aside(store.trouble)
        if as_json:
            for summary in summaries:
                say_json(
                    {
                        "id": summary.id,
                        "title": summary.title,
                        "path": str(summary.path),
                        "started_at": summary.started_at,
                        "persona": summary.persona,
                        "trainee": summary.trainee,
                        "voice": summary.voice,
                        "turns": summary.turns,
                        "ending": summary.ending.value if summary.ending else None,
                        "passed": summary.passed,
                        "overall": summary.overall,
                        "resumable": summary.resumable,
                        "problems": list(summary.problems),
                    }
                )
            return
        if not summaries:
            narrowed = wanted != finding.Wanted() or archived
            say("No such sessions." if narrowed else "No sessions yet. Practise first: simulator practice moving-house")
            return
        titles = any(s.title for s in summaries)
        rows = [
            (
                s.id,
                s.persona,
                s.voice,
                str(s.turns),
                s.ending.value.replace("_", " ") if s.ending else "imported" if s.imported else "broken off",
                _result(s),
                *((one_line(s.title),) if titles else ()),
            )
            for s in summaries
        ]
        columns = ("session", "persona", "voice", "turns", "ending", "result", *(("title",) if titles else ()))
        say(table(rows, columns))
        for summary in summaries:
            for problem in summary.problems:
                aside(f"{summary.id}: {problem}")


@app.command()
def search(
    text: Annotated[str, typer.Argument(help="What was said: a word or more, in any case.")],
    archived: Annotated[bool, typer.Option("--archived", help="In the archive instead.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Find where something was said.

    Example: simulator transcripts search "calm down"
    """
    with reported():
        from simulator.transcripts import finding
        from simulator.transcripts.opening import open_store

        store, found = open_store(load()), 0
        for hit in finding.search(store.archived if archived else store, text):
            found += 1
            if as_json:
                about = {"session": hit.session, "path": str(hit.path), "turn": hit.turn, "role": hit.role.value}
                say_json({**about, "snippet": hit.snippet})
            else:
                say(f"{hit.session} [{hit.turn}] {hit.role.value}: {hit.snippet}")
        if not found:
            aside("Nobody said that.")


@app.command()
def show(
    session: Annotated[str, typer.Argument(help="Id, its beginning, or 'latest'.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    private: Annotated[bool, typer.Option(help="Show stage directions too, for trainers.")] = False,
    redact: Redact = False,
) -> None:
    """Show one session: what was said, the customer's mood, and the scorecard.

    Example: simulator transcripts show latest
    """
    with reported():
        from simulator.cli.exporting import named
        from simulator.transcripts.opening import open_store

        store = open_store(load())
        transcript = next(Redaction(redact, None).over([store.read(named(store, [session])[0])]))
        for problem in transcript.problems:
            aside(problem)
        scorecard = transcript.scorecards[-1].scorecard if transcript.scorecards else None
        if as_json:
            value = transcript.model_dump(mode="json", exclude_none=True)
            if not private:
                for turn in value["turns"]:
                    turn.pop("direction", None)
                    turn.pop("guard", None)
            say_json(value)
            return
        header = transcript.header
        who = header.persona_name or header.persona
        if transcript.title:
            say(one_line(transcript.title))
        facts = (who, header.channel.replace("_", " "), header.started_at, header.trainee)
        say(f"{header.id}\n{' · '.join(fact for fact in facts if fact)}")
        if header.setting:
            say(header.setting)
        for turn in transcript.turns:
            customer = header.persona_name or "Customer"
            customer = customer if customer.startswith("[") else customer.split()[0]
            who = "You" if turn.role.value == "trainee" else customer
            say(f"\n[{turn.index}] {who}: {turn.text}{' (cut off)' if turn.cut else ''}")
            if private and turn.direction:
                say(f"     direction: {turn.direction}")
            if turn.mood:
                say(f"     tension {turn.mood.tension:.1f}, {turn.mood.stage.value.replace('_', ' ')}")
            if turn.labels:
                say("     " + ", ".join(quoted.label.value.replace("_", " ") for quoted in turn.labels))
        for correction in transcript.corrections:
            said = [f"+ {quoted.label.value}" for quoted in correction.added]
            said += [f"- {label.value}" for label in correction.removed]
            say(f"\nCorrected in turn {correction.turn}: {', '.join(said).replace('_', ' ')}")
        ended = "imported" if header.imported else "broken off"
        say(f"\nEnding: {transcript.ending.value.replace('_', ' ') if transcript.ending else ended}")
        say(scorecard_text(scorecard) if scorecard else "Not graded yet.")


@app.command()
def correct(
    session: Annotated[str, typer.Argument(help="Id, its beginning, or 'latest'.")],
    turn: Annotated[int, typer.Option(help="Number of the trainee's turn, as 'transcripts show' prints it.")],
    add: Annotated[tuple[str, str], typer.Option(help="A label the turn should carry, and the words that show it.")] = (
        "",
        "",
    ),
    remove: Annotated[list[str] | None, typer.Option(help="A label the turn should not carry.")] = None,
    learn: Annotated[
        bool | None, typer.Option(help="Let the turn join your own corpus, so that the labeler learns from it.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the new scorecard as JSON.")] = False,
) -> None:
    """Correct the labels of a turn; the scorecard is worked out anew, without any model, and saved beside the old one.

    Example: simulator transcripts correct latest --turn 1 --remove restates --add names_feeling "you must be tired"
    """
    with reported():
        from simulator.cli.assembly import build_studio
        from simulator.cli.exporting import named

        settings = load(learn=learn)
        studio = build_studio(settings)
        path = named(studio.store, [session])[0]
        added = [add] if add[0] or add[1] else []
        scorecard = studio.correct(path, turn, added, remove or [], learns=settings.learn)
        if as_json:
            say_json(scorecard.record())
        else:
            say(scorecard_text(scorecard.record()))
        if settings.learn:
            aside(f"The turn is in {settings.folder / 'corpus' / 'corrections.jsonl'}; fitting the labeler…")
            _refit(studio.labeler)


def _refit(labeler: Any) -> None:
    from time import perf_counter

    begin = perf_counter()
    labeler.ready()
    aside(f"{labeler.name} is fitted ({perf_counter() - begin:.1f} s).")


def _result(summary: Any) -> str:
    if summary.passed is None:
        return "not graded"
    return f"{'passed' if summary.passed else 'not passed yet'}, {summary.overall:.0f}"
