"""Is exemplary work graded above mixed work, and mixed above poor, with every persona?

    python -m benchmarks.grading.known_groups [--seeds 1] [--grader local|model]

The trainee scripts of ``benchmarks/customer/scripts`` are played against every persona with scripted lines, through
the program's own sessions, and graded. ``kind`` scripts are exemplary; ``recovers`` (a bad start made good) and
``declines`` (a good start let go) are mixed; the rest are poor. Overall results run from 0 to 100.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from statistics import mean

from benchmarks.customer.cases import choose, read_scripts
from benchmarks.grading.assessing import assessed, parser
from simulator.cli.assembly import build_studio
from simulator.cli.output import Counter
from simulator.customer.voice import ScriptedVoice
from simulator.grading.scorecard import CRITERIA
from simulator.personas.loader import find
from simulator.practice.rehearsal import Recorder, play
from simulator.settings import load
from simulator.transcripts.records import BareTranscript

GROUPS = {"kind": "exemplary", "recovers": "mixed", "declines": "mixed"}
ORDER = ("exemplary", "mixed", "poor")


async def played(seeds: int, only: str) -> list[tuple[str, str, BareTranscript]]:
    """Return persona, group and conversation of every session."""
    studio = build_studio(load(voice="scripted", grader="local"))
    scripts = read_scripts()
    personas = [entry.id for entry in find(studio.settings.persona_dirs()) if only in ("", entry.id)]
    cases = choose(personas, seeds, scripts)
    result = []
    with Counter("sessions played") as counter:
        for done, case in enumerate(cases, 1):
            script = scripts[case.script]
            session = studio.begin(studio.persona(case.persona, case.seed), ScriptedVoice(), writer=Recorder())
            transcript = await play(session, script.lines)
            bare = transcript.bare().model_copy(update={"id": f"{case.persona} {case.seed} {case.script}"})
            result.append((case.persona, GROUPS.get(script.kind, "poor"), bare))
            counter(done, len(cases))
    return result


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--seeds", type=int, default=1)
    arguments.add_argument("--persona", default="", help="only this one")
    given = arguments.parse_args()
    sessions = asyncio.run(played(given.seeds, given.persona))
    name, cards = assessed([bare for _, _, bare in sessions], given.grader, given.jobs)
    totals: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    levels: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    passed: dict[str, list[bool]] = defaultdict(list)
    for (persona, group, _), card in zip(sessions, cards, strict=True):
        totals[persona][group].append(card.overall or 0)
        passed[group].append(bool(card.passed))
        for criterion in CRITERIA:
            levels[group][criterion].append(card.criteria[criterion].level)
    print(f"{name}, {len(sessions)} sessions; mean overall result (lowest to highest)\n")
    print(f"{'':<22}" + "".join(f"{group:>18}" for group in ORDER))
    in_order = 0
    for persona, groups in sorted(totals.items()):
        means = [mean(groups[group]) for group in ORDER]
        holds = means[0] > means[1] > means[2]
        in_order += holds
        cells = [f"{m:.0f} ({min(groups[g])}-{max(groups[g])})" for m, g in zip(means, ORDER, strict=True)]
        print(f"{persona:<22}" + "".join(f"{cell:>18}" for cell in cells) + ("" if holds else "   NOT IN ORDER"))
    print(f"\nexemplary > mixed > poor for {in_order} of {len(totals)} personas")
    for group in ORDER:
        means = ", ".join(f"{criterion} {mean(values):.2f}" for criterion, values in levels[group].items())
        print(f"{group:<12}{sum(passed[group])} of {len(passed[group])} pass; mean levels: {means}")


if __name__ == "__main__":
    main()
