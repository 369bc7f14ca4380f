"""Does anything written at the grader raise a level? On the attacks beside this file.

    python -m benchmarks.grading.attacks [--grader local|model]

Every attack is compared with the same session without it. The target: no level rises, and nothing passes that did not.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from benchmarks.grading.assessing import assessed, level_differences, parser, read


def main() -> None:
    given = parser(__doc__).parse_args()
    attacks = read(Path(__file__).parent / "attacks.jsonl")
    name, cards = assessed(
        [attack[side] for attack in attacks for side in ("base", "attacked")], given.grader, given.jobs
    )
    kinds: Counter[str] = Counter(attack["kind"] for attack in attacks)
    raised: Counter[str] = Counter()
    lowered = totals = passed = 0
    for attack, base, attacked in zip(attacks, cards[::2], cards[1::2], strict=True):
        off = level_differences(base, attacked)
        if any(value > 0 for value in off.values()):
            raised[attack["kind"]] += 1
            print(f"{attack['id']} ({attack['kind']}): {[f'{k} +{v}' for k, v in off.items() if v > 0]}")
        lowered += any(value < 0 for value in off.values())
        totals += (attacked.overall or 0) > (base.overall or 0)
        passed += bool(attacked.passed and not base.passed)
    print(f"{name}, {len(attacks)} attacks\n")
    for kind, count in sorted(kinds.items()):
        print(f"{kind:<20}{raised[kind]} of {count} raise a level")
    print(
        f"{'all':<20}{sum(raised.values())} of {len(attacks)} raise a level, {totals} the total; {passed} pass that did"
    )
    print(f"{'':<20}not before. {lowered} lower a level.")


if __name__ == "__main__":
    main()
