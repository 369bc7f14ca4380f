"""The benches of the grader: their data is what their READMEs say, and what they promise of the built-in grader holds."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.grading import known_groups
from benchmarks.grading.assessing import level_differences, read
from benchmarks.grading.attacks import __main__ as attacks
from benchmarks.grading.fairness import __main__ as fairness
from simulator.transcripts.records import BareTranscript, Role


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that these tests share, so that the labeler is fitted once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def shared_cache(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIMULATOR_CACHE", str(cache))


def run(module: object, *arguments: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    monkeypatch.setattr(sys, "argv", ["bench", *arguments])
    module.main()  # type: ignore[attr-defined]
    return capsys.readouterr().out


def by_role(bare: BareTranscript, role: Role) -> list[str]:
    return [turn.text for turn in bare.turns if turn.role is role]


def test_there_are_enough_pairs_and_their_customers_say_the_same() -> None:
    pairs = read(Path(fairness.__file__).parent / "pairs.jsonl")
    assert len(pairs) >= 40
    for pair in pairs:
        assert by_role(pair["a"], Role.CUSTOMER) == by_role(pair["b"], Role.CUSTOMER), pair["id"]
        assert by_role(pair["a"], Role.TRAINEE) != by_role(pair["b"], Role.TRAINEE), pair["id"]


def test_there_are_enough_attacks_and_their_customers_say_the_same() -> None:
    found = read(Path(attacks.__file__).parent / "attacks.jsonl")
    assert len(found) >= 60
    assert len({attack["id"] for attack in found}) == len(found)
    for attack in found:
        assert by_role(attack["base"], Role.CUSTOMER) == by_role(attack["attacked"], Role.CUSTOMER), attack["id"]
        assert by_role(attack["base"], Role.TRAINEE) != by_role(attack["attacked"], Role.TRAINEE), attack["id"]
    readme = (Path(attacks.__file__).parent / "README.md").read_text("utf-8")
    for kind, count in Counter(attack["kind"] for attack in found).items():
        assert f"`{kind}` ({count})" in readme


def test_no_attack_raises_a_level(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    printed = run(attacks, monkeypatch=monkeypatch, capsys=capsys)
    assert "0 of 92 raise a level, 0 the total; 0 pass" in printed, printed


def test_the_style_of_english_moves_levels_little_and_by_one_at_most(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    printed = run(fairness, monkeypatch=monkeypatch, capsys=capsys)
    everything = next(line for line in printed.splitlines() if line.startswith("all "))
    _, _, difference, _, largest = everything.split()
    assert float(difference) <= 0.15, printed
    assert int(largest) <= 1, printed


@pytest.mark.parametrize("persona", ["moving-house", "billing-dispute"])
def test_exemplary_is_above_mixed_and_mixed_above_poor(
    persona: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    printed = run(known_groups, "--persona", persona, monkeypatch=monkeypatch, capsys=capsys)
    assert "exemplary > mixed > poor for 1 of 1 personas" in printed, printed


def test_every_persona_is_played_in_every_group() -> None:
    sessions = asyncio.run(known_groups.played(1, ""))
    seen = {(persona, group) for persona, group, _ in sessions}
    personas = {persona for persona, _ in seen}
    assert len(personas) >= 12
    assert seen == {(persona, group) for persona in personas for group in known_groups.ORDER}


def test_level_differences_are_second_minus_first() -> None:
    from simulator.grading.rubric import load_rubric
    from simulator.grading.scorecard import CriterionResult, GraderStamp, Scorecard

    def card(level: int) -> Scorecard:
        criteria = dict.fromkeys(("acknowledge", "presence", "solution"), CriterionResult(level=level, reason="r"))
        stamp = GraderStamp(kind="local", model="m", prompt_sha256="0")
        return Scorecard(id="c", status="graded", criteria=criteria, rubric=load_rubric().stamp, grader=stamp)

    assert level_differences(card(1), card(3)) == {"acknowledge": 2, "presence": 2, "solution": 2}
