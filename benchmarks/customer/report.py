"""The report: everything that was counted, as one Markdown page."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import median, quantiles

from benchmarks.customer.counting import Count, Measure, total
from benchmarks.customer.course import moves
from benchmarks.customer.judge import FLIP_FROM, Judge, Quality
from benchmarks.customer.measures import AUTHORS
from benchmarks.customer.play import Played, Said
from simulator.personas.schema import Persona

EXAMPLES = 3
Sessions = Sequence[tuple[Played, Persona]]
_ALL_SHOWN = ("role flips",)
"""Measures whose every fault is listed, so that a person can check."""
_UNIT = {
    "too early endings": "sessions",
    "never-ending": "sessions",
    "helpful turn raised tension": "turns with helpful labels only",
    "harmful turn lowered tension": "turns with harmful labels only",
    "rude turn lowered tension": "turns of rude scripts",
    "ending not as expected": "sessions with an expectation",
}
_NEEDS_MOOD = (
    "too early endings",
    "never-ending",
    "helpful turn raised tension",
    "harmful turn lowered tension",
    "rude turn lowered tension",
    "ending not as expected",
)
_RULES = """
- **Role flips**: a classifier of single lines, fitted to lines written for this bench and to the customers of the
  grading corpus; it knows nothing of the guard. A line that stands word for word in the persona's file is the
  customer's, whatever it sounds like, so both counts are given.
- **Solutions offered**: phrases in which the customer serves or plans the way out.
- **Secrets** (facts for trust or the second reveal), **facts told unasked**: two distinctive words of a fact, or a name
  in it, before it may be spoken of. **Notes**: fragments of the stage direction.
- **Invented figures** are in none of the persona's facts, its card, its setting or the conversation so far.
- **Tension**: after a turn that carries only helpful labels (acknowledging, naming the feeling, restating, asking,
  giving room, owning, apologising, positive wording) it must not be higher; after one that carries only harmful labels
  (the vocabulary's harmful ones, speaking to the grader, and, until the customer is ready, offers and process
  questions) not lower. Unchanged is right, at the ceiling and the floor above all. Stock phrases, limits and
  confirmations count as mixed. Since labels may be wrong themselves, the turns of rude scripts are also judged without
  them: none may lower tension.
- **Turns of the voice** are neither openings nor last lines. Warm turns are those from the second on; the clock starts
  when the trainee's line is sent, so labelling is in it.
""".strip()


def page(
    sessions: Sessions, counted: Mapping[str, Measure], judge: Judge, quality: Quality | None, notes: Iterable[str] = ()
) -> str:
    """Return the whole report on ``sessions``; ``notes`` are warnings that belong into it."""
    if not sessions:
        return "No session was played.\n"
    counts = {name: total(sessions, measure) for name, measure in counted.items()}
    parts = [_head(sessions, notes), _summary(sessions, counts), _endings(sessions)]
    if sessions[0][0].start is not None:
        parts += [_expectations(sessions, counts), _guard(sessions)]
    parts += [
        _examples(counts),
        _suspects(sessions, judge),
        _judge(quality, counts["role flips"]),
        f"## Rules\n\n{_RULES}",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(sessions: Sessions, notes: Iterable[str]) -> str:
    first = sessions[0][0]
    people = Counter(played.persona for played, _ in sessions)
    seeds = sorted({played.seed for played, _ in sessions})
    lines = [
        f"# Customer bench: voice {first.voice}" + (f" ({first.model})" if first.model else ""),
        f"{len(sessions)} sessions, {sum(len(p.customer) for p, _ in sessions)} customer turns, "
        f"{sum(p.trainee_turns for p, _ in sessions)} trainee turns; seeds {', '.join(map(str, seeds))}; personas "
        + ", ".join(f"{name} ({n})" for name, n in sorted(people.items())),
        *(f"Note: {note}" for note in notes),
    ]
    return "\n\n".join(lines)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table, the first column to the left and the others to the right."""
    ruled = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join("| " + " | ".join(str(cell) for cell in row) + " |" for row in (head, ruled, *rows))


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "–"


def _summary(sessions: Sessions, counts: Mapping[str, Count]) -> str:
    mood = sessions[0][0].start is not None
    rows: list[Sequence[object]] = []
    for name, count in counts.items():
        if name in _NEEDS_MOOD and not mood:
            rows.append((name, "–", "–", "–"))
        else:
            of = f"{count.of} {_UNIT.get(name, 'customer turns')}"
            rows.append((name, len(count.faults), of, _share(len(count.faults), count.of)))
        if name == "role flips":
            spoken = sum(AUTHORS not in fault.why for fault in count.faults)
            rows.append(
                (
                    "role flips but for lines of the persona's author",
                    spoken,
                    f"{count.of} customer turns",
                    _share(spoken, count.of),
                )
            )
    if mood:
        judged = [counts["helpful turn raised tension"], counts["harmful turn lowered tension"]]
        turns, wrong = sum(c.of for c in judged), sum(len(c.faults) for c in judged)
        rows.append(
            ("**tension in the right direction**", turns - wrong, f"{turns} judged turns", _share(turns - wrong, turns))
        )
        sorts = Counter(move.sort for played, persona in sessions for move in moves(played, persona))
        labelled = sum(sorts.values())
        for sort, text in (
            ("mixed", "not judged: mixed labels"),
            ("trigger", "not judged: words that set the persona off"),
        ):
            rows.append((text, sorts[sort], f"{labelled} labelled turns", _share(sorts[sort], labelled)))
    rows += _told_and_stood_in(sessions) if mood else []
    rows += _latency(sessions)
    rows.append(_distinct(sessions))
    return "## Summary\n\n" + table(("measure", "count", "of", "share"), rows)


def model_turns(sessions: Sessions) -> list[Said]:
    """Return the turns the voice was asked for: neither openings nor last lines."""
    return [turn for played, _ in sessions for _, turn in played.customer if turn.part == "answer"]


def _told_and_stood_in(sessions: Sessions) -> list[Sequence[object]]:
    asked = model_turns(sessions)
    written, failed = sum(t.written for t in asked), sum(bool(t.failed) for t in asked)
    due = [turn for played, _ in sessions for _, turn in played.customer if turn.to_tell]
    told = sum(turn.told for turn in due)
    refused = sum(len(t.refused) for t in asked)
    return [
        ("fall-backs to written lines", written, f"{len(asked)} turns of the voice", _share(written, len(asked))),
        ("voice failures", failed, f"{len(asked)} turns of the voice", _share(failed, len(asked))),
        (
            "lines refused by the guard",
            refused,
            f"{len(asked)} turns of the voice",
            f"{refused / max(1, len(asked)):.2f} a turn",
        ),
        ("facts told when due", told, f"{len(due)} due", _share(told, len(due))),
        ("facts told", told, f"{len(sessions)} sessions", f"{told / len(sessions):.1f} a session"),
    ]


def _latency(sessions: Sessions) -> list[Sequence[object]]:
    """Seconds over the second to the last but one answer of each session: warm, and without the written last line."""
    warm = [t for p, _ in sessions for t in [turn for _, turn in p.customer if turn.part == "answer"][1:]]
    rows: list[Sequence[object]] = []
    for name, values in (
        ("seconds to the first word", [t.first for t in warm if t.first is not None]),
        ("seconds to the end", [t.whole for t in warm if t.whole is not None]),
    ):
        if len(values) >= 2:
            slow = quantiles(values, n=10, method="inclusive")[-1]
            rows.append((name, f"median {median(values):.2f}", f"{len(values)} warm turns", f"p90 {slow:.2f}"))
    return rows


def _distinct(sessions: Sessions) -> Sequence[object]:
    """Lines that the same persona and script did not bring with another seed."""
    said: dict[tuple[str, str], dict[int, set[str]]] = defaultdict(dict)
    for played, _ in sessions:
        said[played.persona, played.script][played.seed] = {turn.text for _, turn in played.customer}
    fresh = of = 0
    for by_seed in said.values():
        for seed, lines in by_seed.items():
            if len(by_seed) > 1:
                others = set().union(*(other for s, other in by_seed.items() if s != seed))
                fresh, of = fresh + len(lines - others), of + len(lines)
    return ("lines not said with another seed", fresh, f"{of} lines", _share(fresh, of))


def _endings(sessions: Sessions) -> str:
    by_kind: dict[str, Counter[str]] = defaultdict(Counter)
    turns: dict[str, list[int]] = defaultdict(list)
    for played, _ in sessions:
        by_kind[played.kind][played.ending] += 1
        turns[played.kind].append(played.trainee_turns)
    names = sorted({ending for counter in by_kind.values() for ending in counter})
    rows = [
        (kind, sum(counter.values()), *(counter[name] for name in names), f"{median(turns[kind]):g}")
        for kind, counter in sorted(by_kind.items())
    ]
    return "## Endings\n\n" + table(("script kind", "sessions", *names, "median trainee turns"), rows)


def _expectations(sessions: Sessions, counts: Mapping[str, Count]) -> str:
    unmet = {fault.session for fault in counts["ending not as expected"].faults}
    by: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for played, _ in sessions:
        if played.expect != "any":
            by[played.kind, played.expect].append(played.name not in unmet)
    rows = [
        (kind, expect, sum(met), len(met), _share(sum(met), len(met))) for (kind, expect), met in sorted(by.items())
    ]
    missed = Counter(fault.session.split("/", 2)[2] for fault in counts["ending not as expected"].faults)
    listed = "\n".join(f"- {script}: {n}" for script, n in missed.most_common())
    return (
        "## Expectations in the script headers\n\n"
        + table(("script kind", "expected", "met", "of", "share"), rows)
        + (f"\n\nNot met, by script:\n\n{listed}" if listed else "")
    )


def _guard(sessions: Sessions) -> str:
    turns = model_turns(sessions)
    rules = Counter(rule for turn in turns for rule, _ in turn.refused)
    if not rules:
        return ""
    example = {rule: text for turn in turns for rule, text in turn.refused if text}
    rows = [(rule, n, _cell(example.get(rule, ""))) for rule, n in rules.most_common()]
    return "## Refused by the guard\n\n" + table(("rule", "lines", "the last of them"), rows)


def _examples(counts: Mapping[str, Count]) -> str:
    parts = []
    for name, count in counts.items():
        if count.faults:
            different = list({fault.text: fault for fault in reversed(count.faults)}.values())[::-1]
            shown = different if name in _ALL_SHOWN else different[:EXAMPLES]
            lines = [f"- `{f.session}` turn {f.turn}: {_cell(f.text)} — {_cell(f.why)}" for f in shown]
            parts.append(f"### {name}: {len(count.faults)}, {len(shown)} shown\n\n" + "\n".join(lines))
    return "## Examples\n\n" + "\n\n".join(parts) if parts else ""


def _suspects(sessions: Sessions, judge: Judge) -> str:
    """The lines just below the judge's threshold, for a person to look at."""
    lines = sorted({turn.text for turn in model_turns(sessions)})
    near = sorted((s, t) for s, t in zip(judge.employee(lines), lines, strict=True) if 0.5 <= s < FLIP_FROM)[::-1][:10]
    if not near:
        return ""
    return f"## Just below the judge's threshold ({FLIP_FROM})\n\n" + "\n".join(
        f"- {s:.2f} {_cell(t)}" for s, t in near
    )


def _judge(quality: Quality | None, flips: Count) -> str:
    if quality is None:
        return ""
    rows = [
        ("its own lines, held out (5 folds; hard on purpose)", *_rates(quality.own)),
        ("turns of the expert-marked conversations, unseen", *_rates(quality.unseen)),
        (
            "written persona lines (all the customer's)",
            quality.written.lines,
            "",
            "",
            f"{100 * quality.written.accused:.1f} %",
        ),
    ]
    return (
        "## The judge of role flips\n\n"
        + table(("lines", "n", "accuracy at 0.5", f"employees caught at {FLIP_FROM}", "customers accused"), rows)
        + f"\n\nIt flagged {_share(len(flips.faults), flips.of)} of the lines shown. By the last row, "
        f"{100 * quality.written.accused:.1f} % would be flagged though a persona's author wrote every line. The rules "
        f"for solutions see one in {100 * quality.offers_accused:.1f} % of those lines."
        + "\n\nWritten lines that it accuses:\n\n"
        + "\n".join(f"- {line}" for line in quality.flagged)
    )


def _rates(rates: object) -> tuple[object, ...]:
    lines, *shares = vars(rates).values()
    return (lines, *(f"{100 * share:.1f} %" for share in shares))


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
