"""Does the same skill get the same level in another style of English? On the pairs beside this file.

    python -m benchmarks.grading.fairness [--grader local|model] [--show 1]

The target: a mean difference of at most 0.15 of a level over all pairs and criteria, and none above 1.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from benchmarks.grading.assessing import assessed, level_differences, parser, read
from simulator.grading.scorecard import CRITERIA


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("--show", type=int, default=2, help="name pairs that differ by this many levels or more")
    given = arguments.parse_args()
    pairs = read(Path(__file__).parent / "pairs.jsonl")
    name, cards = assessed([pair[side] for pair in pairs for side in ("a", "b")], given.grader, given.jobs)
    found = [level_differences(a, b) for a, b in zip(cards[::2], cards[1::2], strict=True)]
    print(f"{name}, {len(pairs)} pairs; b (the other style) minus a (polished), in levels\n")
    print(f"{'':<16}{'pairs':>6}{'mean |difference|':>19}{'mean difference':>17}{'largest':>9}")
    groups: dict[str, list[int]] = defaultdict(list)
    for pair, difference in zip(pairs, found, strict=True):
        groups[pair["dimension"]] += difference.values()
        for criterion in CRITERIA:
            groups[f"({criterion})"].append(difference[criterion])
    everything = [value for difference in found for value in difference.values()]
    for group, values in [*groups.items(), ("all", everything)]:
        count = len(values) // (1 if group.startswith("(") else len(CRITERIA))
        mean, signed = sum(map(abs, values)) / len(values), sum(values) / len(values)
        print(f"{group:<16}{count:>6}{mean:>19.3f}{signed:>+17.3f}{max(map(abs, values)):>9}")
    verdicts = sum(a.passed != b.passed for a, b in zip(cards[::2], cards[1::2], strict=True))
    print(f"\nanother verdict (passed or not): {verdicts} of {len(pairs)} pairs")
    for pair, difference in zip(pairs, found, strict=True):
        off = {name: value for name, value in difference.items() if abs(value) >= given.show}
        if off:
            print(f"{pair['id']} ({pair['skill']}, {pair['dimension']}): {off}")


if __name__ == "__main__":
    main()
