"""Plays personas × seeds × trainee scripts and reports what went wrong.

    python -m benchmarks.customer --voice scripted --seeds 2 --report scripted.md --out scripted.jsonl
    python -m benchmarks.customer --voice local --personas moving-house --limit 40
    python -m benchmarks.customer --voice plain --limit 40      the same model with a plain prompt, to compare

Nothing goes into the transcript store. Progress is on stderr; Ctrl-C reports what is done.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TextIO

from benchmarks.customer.cases import Case, Script, ScriptError, choose, read_scripts
from benchmarks.customer.judge import Judge
from benchmarks.customer.measures import measures
from benchmarks.customer.play import Played, play, play_plain
from benchmarks.customer.report import page
from simulator import prompts as prompt_files
from simulator.cli.assembly import make_voice
from simulator.errors import PersonaError, SimulatorError
from simulator.grading.labeler import EmbeddedLabeler
from simulator.models.local_server import open_local
from simulator.personas import loader
from simulator.personas.schema import Persona
from simulator.prompts import PromptLibrary
from simulator.settings import Settings
from simulator.settings import load as load_settings

PLAIN = Path(__file__).resolve().parent / "plain.jinja"
VOICES = ("scripted", "local", "openai", "plain")
Done = list[tuple[Played, Persona]]
Perform = Callable[[Persona, Script], Awaitable[Played]]


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.customer", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--voice", choices=VOICES, default="scripted", help="who speaks; plain: the local model, plainly asked"
    )
    parser.add_argument("--personas", default="", help="ids, separated by commas; all where none is given")
    parser.add_argument("--seeds", type=int, default=1, metavar="N", help="seeds 0 to N-1 for each persona and script")
    parser.add_argument("--scripts", default="*", metavar="GLOB", help="which scripts, for example 'kind-*'")
    parser.add_argument("--limit", type=int, metavar="N", help="play N sessions, an even mix of personas and kinds")
    parser.add_argument(
        "--pause", type=float, default=0.0, metavar="S", help="seconds a trainee takes to read and to write an answer"
    )
    parser.add_argument("--loop", action="store_true", help="repeat a script's lines until the session ends by itself")
    parser.add_argument("--out", type=Path, metavar="FILE.jsonl", help="write every session as a line of JSON")
    parser.add_argument("--resume", action="store_true", help="keep the sessions that --out holds and play the rest")
    parser.add_argument("--report", type=Path, metavar="FILE.md", help="write the report here instead of to stdout")
    parser.add_argument(
        "--no-judge-quality", action="store_true", help="leave out the judge's own figures (half a minute)"
    )
    return parser.parse_args(argv)


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main(argv: list[str] | None = None) -> int:
    """Run the bench; returns the exit status."""
    given = arguments(argv)
    notes: list[str] = []
    done: Done = []
    try:
        scripts = read_scripts(given.scripts)
        settings = load_settings()
        people = cast(settings, [n for n in given.personas.split(",") if n], given.seeds, notes)
    except (ScriptError, SimulatorError) as error:
        say(str(error))
        return 2
    cases = choose(sorted({persona for persona, _ in people}), given.seeds, scripts, given.limit)
    if not cases:
        say("There is nothing to play: no persona or no script fits.")
        return 2
    try:
        asyncio.run(
            perform(
                given, settings, [(case, people[case.persona, case.seed], scripts[case.script]) for case in cases], done
            )
        )
    except KeyboardInterrupt:
        notes.append(f"broken off after {len(done)} of {len(cases)} sessions")
    except SimulatorError as error:
        notes.append(f"stopped after {len(done)} of {len(cases)} sessions: {error.message} {error.hint or ''}".strip())
    for note in notes:
        say(note)
    say("judging…")
    judge = Judge()
    quality = None if given.no_judge_quality or not done else judge.quality(people.values())
    text = page(done, measures(judge), judge, quality, notes)
    if given.report:
        given.report.write_text(text, encoding="utf-8")
        say(f"wrote {given.report}")
    else:
        print(text)
    return 0 if len(done) == len(cases) else 1


def cast(settings: Settings, wanted: list[str], seeds: int, notes: list[str]) -> dict[tuple[str, int], Persona]:
    """Return the personas for each seed; broken ones are left out with a note."""
    dirs = settings.persona_dirs()
    people: dict[tuple[str, int], Persona] = {}
    for name in wanted or [entry.id for entry in loader.find(dirs) if not entry.shadowed]:
        try:
            people |= {(name, seed): loader.load(name, dirs, seed) for seed in range(seeds)}
        except PersonaError as error:
            people = {key: persona for key, persona in people.items() if key[0] != name}
            notes.append(f"skipped {name}: {error.message}")
    return people


async def perform(
    given: argparse.Namespace, settings: Settings, plan: list[tuple[Case, Persona, Script]], done: Done
) -> None:
    """Play ``plan``; what is finished is in ``done`` and in the JSONL at once."""
    kept = played_before(given.out) if given.resume and given.out and given.out.is_file() else {}
    out: TextIO | None = given.out.open("a" if kept else "w", encoding="utf-8") if given.out else None
    done += [(kept[name], persona) for case, persona, _ in plan if (name := case_name(case)) in kept]
    plan = [one for one in plan if case_name(one[0]) not in kept]
    begin = time.perf_counter()
    try:
        async with stage(given.voice, settings, loop=given.loop, pause=given.pause) as perform_one:
            for number, (case, persona, script) in enumerate(plan, 1):
                played = await perform_one(persona, script)
                done.append((played, persona))
                if out:
                    out.write(json.dumps(played.as_json(), ensure_ascii=False) + "\n")
                    out.flush()
                spent = time.perf_counter() - begin
                left = spent / number * (len(plan) - number)
                say(f"{number}/{len(plan)} {case_name(case)}: {played.ending}, {left:.0f} s left")
    finally:
        if out:
            out.close()


def case_name(case: Case) -> str:
    return f"{case.persona}/{case.seed}/{case.script}"


def played_before(path: Path) -> dict[str, Played]:
    """Return the sessions in a JSONL of this bench by their names."""
    sessions = [Played.of_json(json.loads(line)) for line in path.read_text("utf-8").splitlines() if line.strip()]
    return {session.name: session for session in sessions}


@asynccontextmanager
async def stage(
    voice_kind: str, settings: Settings, *, loop: bool = False, pause: float = 0.0
) -> AsyncIterator[Perform]:
    """Give what plays one session: a function of persona and script."""
    if voice_kind == "plain":
        prompt = prompt_files.load(PLAIN)
        model = open_local(settings, say)

        async def plainly(persona: Persona, script: Script) -> Played:
            chosen = random.Random(f"{persona.id}:{persona.seed}:opening").choice(persona.opening)  # noqa: S311 - as a session
            return await play_plain(persona, script, model, prompt, chosen if persona.opens == "customer" else "")

        try:
            yield plainly
        finally:
            await model.aclose()
        return
    prompts = PromptLibrary(settings.prompt_dirs())
    voice = await make_voice(voice_kind, settings, prompts)
    labeler = EmbeddedLabeler.load(settings)
    try:
        yield lambda persona, script: play(persona, script, voice, labeler, prompts, loop=loop, pause=pause)
    finally:
        await voice.aclose()


if __name__ == "__main__":
    raise SystemExit(main())
