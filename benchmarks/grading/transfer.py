"""How the embedded labeler does on human-labelled conversations it was never fitted to.

    python -m benchmarks.grading.transfer ../shared/data

The texts stay where they are; only figures are printed. How labels map to each set is said in ``MAPPING`` and printed
with the figures. No weight and no threshold is fitted to these sets. Some of the rules in ``rules.py`` (plain advice,
reflecting questions) were written after reading how supporters in the dev sets talk; the expert sets were not read.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from simulator.grading import rated_sets
from simulator.grading.calibration import bootstrap, kappa, quadratic_kappa, spearman
from simulator.grading.labeler import EmbeddedLabeler, label_conversation
from simulator.grading.rated_sets import UNDERSTANDING
from simulator.labels import ACKNOWLEDGING, SOLVING, Label
from simulator.settings import load
from simulator.transcripts.records import BareTranscript, BareTurn, Role

MAPPING = """\
strategy_esconv   the four classes that our labels speak of: asks_open, asks_process -> Question; names_feeling ->
                  Reflection of feelings; restates -> Restatement or Paraphrasing; offers_solution, offers_options ->
                  Providing Suggestions. One class a turn: the one whose label lies highest above its threshold.
                  First among the turns of the four classes (the class must be one of them), then with 'other' for
                  the set's remaining four classes and for turns where no label reaches its threshold.
order_esconv      acknowledged = acknowledges_specific, names_feeling, restates or positive_wording in any supporter
                  turn before the first turn that people marked as a suggestion. A stock phrase acknowledges nobody
                  by our codebook; the figure with acknowledges_formula among them is printed too.
epitome           emotional reaction (expressed warmth and concern) 0-2: how many of acknowledges_formula and
                  positive_wording the reply carries. Understanding, acknowledges_specific and names_feeling, is a
                  rating of its own in this set, interpretation; how both pairs of labels go with both ratings is
                  printed, and the figure by all four labels. Compared with the mean of three experts.
empdialogues      the sum of the label worths of coaching.WORTH over the supporter's turns, by rank, against the mean
                  of three experts' empathy."""

QUESTION, RESTATED = "Question", "Restatement or Paraphrasing"
FEELING, SUGGESTION, OTHER = "Reflection of feelings", "Providing Suggestions", "other"
CLASSES = {
    QUESTION: (Label.ASKS_OPEN, Label.ASKS_PROCESS),
    FEELING: (Label.NAMES_FEELING,),
    RESTATED: (Label.RESTATES,),
    SUGGESTION: (Label.OFFERS_SOLUTION, Label.OFFERS_OPTIONS),
}


def read(path: Path) -> list[dict[str, Any]]:
    """Return the lines of a JSONL file."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def turns_of(messages: Sequence[dict[str, Any]]) -> tuple[BareTurn, ...]:
    """Return the messages as turns: the seeker is the customer, the supporter the trainee."""
    return tuple(
        BareTurn(role=Role.CUSTOMER if m["role"] == "seeker" else Role.TRAINEE, text=m["text"]) for m in messages
    )


def context(messages: Sequence[dict[str, Any]]) -> tuple[str, list[str]]:
    """Return what the seeker said just before, and earlier.

    Supporters of these sets send several messages in a row; what the seeker said before the run still counts.
    """
    heard = [m["text"] for m in messages if m["role"] == "seeker"]
    since: list[str] = []
    for message in reversed(messages):
        if message["role"] == "seeker":
            since.append(message["text"])
        elif since:
            break
    return "\n".join(reversed(since)), heard[: len(heard) - len(since)]


def strategy_of(margins: dict[Label, float]) -> tuple[str, float]:
    """Return the strategy class whose label lies highest above its threshold, and by how much."""
    best = {name: max(margins[label] for label in wanted) for name, wanted in CLASSES.items()}
    name = max(best, key=best.__getitem__)
    return name, best[name]


def strategy(labeler: EmbeddedLabeler, folder: Path) -> None:
    rows = read(folder / "dev" / "strategy_esconv.jsonl")
    chosen = [strategy_of(labeler.margins(row["response"], *context(row["context"]))) for row in rows]
    truth = [row["label"] if row["label"] in CLASSES else OTHER for row in rows]
    inside = [place for place, label in enumerate(truth) if label != OTHER]
    four = kappa([truth[i] for i in inside], [chosen[i][0] for i in inside])
    print(f"strategy_esconv    κ among the {len(inside)} turns of the four classes      {four:.3f}")
    for name in CLASSES:
        hits = sum(truth[i] == chosen[i][0] == name for i in inside)
        given = sum(chosen[i][0] == name for i in inside)
        print(f"                   {name:<28} {hits} of {truth.count(name)} found, {given} given")
    found = [name if margin >= 0 else OTHER for name, margin in chosen]
    print(f"                   κ over all {len(rows)} turns with 'other'           {kappa(truth, found):.3f}")
    for name in CLASSES:
        print(f"                   {name:<28} κ {kappa([t == name for t in truth], [f == name for f in found]):.2f}")


def order(labeler: EmbeddedLabeler, folder: Path) -> None:
    rows = read(folder / "dev" / "order_esconv_first_suggestion.jsonl")
    wanted = ACKNOWLEDGING | {Label.RESTATES, Label.POSITIVE_WORDING}
    wider = wanted | {Label.ACKNOWLEDGES_FORMULA}
    truth, found, widely, whole = [], [], [], []
    for row in rows:
        turns = turns_of(row["messages"])
        first = next(i for i, m in enumerate(row["messages"]) if m["strategy"] == "Providing Suggestions")
        labels = label_conversation(labeler, BareTranscript(id=row["id"], turns=turns))
        truth.append(row["label"] != "none")
        found.append(any(labels[i].labels & wanted for i in labels if i < first))
        widely.append(any(labels[i].labels & wider for i in labels if i < first))
        own = next((i for i in labels if labels[i].labels & SOLVING), len(turns))
        whole.append(any(labels[i].labels & wanted for i in labels if i < own))
    print(f"order_esconv       κ before the marked first suggestion ({len(rows)})           {kappa(truth, found):.3f}")
    print(f"                   the same with stock phrases among them            {kappa(truth, widely):.3f}")
    print(f"                   κ before the first suggestion the labeler finds   {kappa(truth, whole):.3f}")
    print(f"                   acknowledged: {sum(truth)} by people, {sum(found)} ({sum(widely)}) by the labeler")


def epitome(labeler: EmbeddedLabeler, folder: Path) -> None:
    rows = read(folder / "expert" / "epitome_expert50.jsonl")
    given = [labeler.label(row["response"], row["seeker"]) for row in rows]
    found = [float(rated_sets.emotional_reaction(labels)) for labels in given]
    understood = [float(sum(label in labels for label in UNDERSTANDING)) for labels in given]
    experts = [[e["level_emotional_reactions"] for e in row["experts"].values()] for row in rows]
    interpreted = [[e["level_interpretations"] for e in row["experts"].values()] for row in rows]
    mean, meaning = ([sum(e) / len(e) for e in rated] for rated in (experts, interpreted))

    def agreement(a: Sequence[float], b: Sequence[float]) -> float:
        return quadratic_kappa(a, b, 0, 2)

    print(
        f"epitome            emotional reaction, quadratic κ against the experts   {bootstrap(agreement, found, mean)}"
    )
    single = ", ".join(f"{agreement(found, [e[k] for e in experts]):.2f}" for k in range(3))
    print(f"                   against single experts {single}")
    both = [min(2.0, a + b) for a, b in zip(found, understood, strict=True)]
    print(f"                   by all four labels, κ {bootstrap(agreement, both, mean)}")
    pairs = [agreement([e[a] for e in experts], [e[b] for e in experts]) for a, b in ((0, 1), (0, 2), (1, 2))]
    print(f"                   expert against expert  {', '.join(f'{p:.2f}' for p in pairs)}")
    for name, values in (("warmth", found), ("understanding", understood)):
        print(
            f"                   Spearman of {name} with emotional reaction {spearman(values, mean):.2f}, with "
            f"interpretation {spearman(values, meaning):.2f}"
        )


def empdialogues(labeler: EmbeddedLabeler, folder: Path) -> None:
    from simulator.grading.coaching import worth  # noqa: PLC0415

    rows = read(folder / "expert" / "empdialogues_expert50.jsonl")
    found, mean = [], []
    for row in rows:
        labels = label_conversation(labeler, BareTranscript(id=row["id"], turns=turns_of(row["messages"])))
        found.append(sum(worth(given) for given in labels.values()))
        mean.append(sum(e["empathy"] for e in row["experts"].values()) / len(row["experts"]))
    print(f"empdialogues       empathy, Spearman against the experts' mean   {bootstrap(spearman, found, mean)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the folder that holds dev/ and expert/")
    arguments = parser.parse_args()
    labeler = EmbeddedLabeler.load(load())
    print(f"{labeler.name}\n\n{MAPPING}\n")
    for measure in (strategy, order, epitome, empdialogues):
        measure(labeler, arguments.data)


if __name__ == "__main__":
    main()
