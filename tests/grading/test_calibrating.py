"""Comparing a grader with a gold set: the built-in one earns trust, a bad one loses it, and the figure is kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from simulator.grading.calibrating import Calibrations, calibrate
from simulator.grading.evaluator import Evaluator
from simulator.grading.gold import Gold, GoldConversation, Marking, read_gold
from simulator.grading.grader import Grader
from simulator.grading.labeler import EmbeddedLabeler
from simulator.grading.rubric import Rubric
from simulator.grading.scorecard import Scorecard
from simulator.prompts import PromptLibrary
from simulator.transcripts.records import BareTranscript
from tests.grading.conftest import KIND, FakeModel

NOTHING = {"turns": [{"turn": i, "reason": "-", "marks": []} for i in (1, 3, 5, 7, 9)]}


@pytest.fixture(scope="module")
def gold() -> Gold:
    return read_gold()


def kind_gold(level: int, count: int = 1) -> Gold:
    levels = dict.fromkeys(("acknowledge", "presence", "solution"), level)
    items = [GoldConversation(KIND.model_copy(update={"id": f"k{i}"}), (Marking("1", levels),)) for i in range(count)]
    return Gold("mine.jsonl", "0" * 64, tuple(items))


async def test_the_built_in_grader_agrees_better_than_a_crowd_and_is_repeatable(grader: Grader, gold: Gold) -> None:
    told: list[tuple[int, int]] = []
    found = await calibrate(grader, gold, told=lambda done, total: told.append((done, total)))
    assert found.agreement.trusted is True
    assert found.agreement.repeatable == 1.0
    assert found.agreement.conversations == len(gold.conversations)
    assert found.grader == grader.stamp
    assert told[-1] == (2 * len(gold.conversations), 2 * len(gold.conversations))
    assert "agrees with expert marks at κ 0." in found.sentence


async def test_a_figure_is_known_again_until_grader_rubric_or_gold_change(
    grader: Grader, gold: Gold, tmp_path: Path
) -> None:
    known = Calibrations(tmp_path / "figures")
    assert known.known(grader.stamp, grader.rubric.stamp) is None
    assert known.trusted(grader.stamp, grader.rubric.stamp) is None
    found = await calibrate(grader, replace(gold, conversations=gold.conversations[:24]), repeats=1)
    known.keep(found)
    assert known.known(grader.stamp, grader.rubric.stamp) == found
    other = grader.stamp.model_copy(update={"prompt_sha256": "1" * 64})
    assert known.known(other, grader.rubric.stamp) is None
    assert known.known(grader.stamp, grader.rubric.stamp.model_copy(update={"sha256": "1" * 64})) is None
    own = tmp_path / "gold.jsonl"
    own.write_text("{}", "utf-8")
    assert Calibrations(tmp_path / "figures", own).known(grader.stamp, grader.rubric.stamp) is None


async def test_a_damaged_figure_is_no_figure(grader: Grader, tmp_path: Path) -> None:
    known = Calibrations(tmp_path)
    known.keep(replace_gold(await calibrate(grader, kind_gold(4), repeats=1)))
    (path,) = tmp_path.iterdir()  # noqa: ASYNC240 - a folder of one small file
    path.write_text("{", "utf-8")
    assert known.known(grader.stamp, grader.rubric.stamp) is None


def replace_gold(found: object) -> object:
    """The same figure as if it were of the bundled set."""
    return found.model_copy(update={"gold_sha256": read_gold().sha256})  # type: ignore[attr-defined]


class Backwards:
    """Gives 4 where the built-in grader gives 0."""

    def __init__(self, grader: Grader) -> None:
        self.grader = grader

    async def assess(self, bare: BareTranscript) -> Scorecard:
        card = await self.grader.assess(bare)
        criteria = {n: r.model_copy(update={"level": 4 - r.level}) for n, r in card.criteria.items()}
        return card.model_copy(update={"criteria": criteria})


async def test_a_grader_that_has_it_backwards_is_not_trusted(grader: Grader, gold: Gold) -> None:
    found = await calibrate(Backwards(grader), gold, repeats=1)
    assert found.agreement.trusted is False
    assert "too little to be trusted" in found.sentence


@pytest.mark.parametrize(("trusted", "kind"), [(False, "local"), (None, "model"), (True, "model")])
async def test_an_evaluator_that_is_not_trusted_gives_no_levels(
    labeler: EmbeddedLabeler, rubric: Rubric, prompts: PromptLibrary, trusted: bool | None, kind: str
) -> None:
    model = FakeModel(NOTHING)
    made = Grader(labeler, rubric, evaluator=Evaluator(model, prompts), trusted=lambda *_: trusted)
    card = await made.grade(KIND)
    assert card.grader.kind == kind
    assert (card.criteria["acknowledge"].level > 0) is (kind == "local")
    assert bool(model.asked) is (kind == "model"), "a model whose levels are not used is not asked"


async def test_comparing_an_evaluator_asks_it_even_where_it_is_not_trusted(
    labeler: EmbeddedLabeler, rubric: Rubric, prompts: PromptLibrary
) -> None:
    made = Grader(labeler, rubric, evaluator=Evaluator(FakeModel(NOTHING), prompts), trusted=lambda *_: False)
    found = await calibrate(made, kind_gold(4), repeats=1)
    assert found.grader.kind == "model"
    assert found.agreement.criteria["acknowledge"].given == (1, 0, 0, 0, 0)


async def test_conversations_without_a_grade_are_left_out_and_named(
    labeler: EmbeddedLabeler, rubric: Rubric, prompts: PromptLibrary
) -> None:
    bad = {"turns": []}
    made = Grader(labeler, rubric, evaluator=Evaluator(FakeModel(NOTHING, bad, bad), prompts))
    found = await calibrate(made, kind_gold(0, count=2), repeats=1, jobs=1)
    assert found.agreement.conversations == 1
    assert found.ungraded[0].startswith("k1: The evaluator's answer could not be used")
    assert any("could not be graded" in said for said in found.warnings)


async def test_a_grader_that_grades_nothing_has_no_figure(
    labeler: EmbeddedLabeler, rubric: Rubric, prompts: PromptLibrary
) -> None:
    bad = {"turns": []}
    made = Grader(labeler, rubric, evaluator=Evaluator(FakeModel(bad, bad), prompts))
    with pytest.raises(ValueError, match="k0"):
        await calibrate(made, kind_gold(0), repeats=1)


async def test_a_model_that_lost_trust_is_named_where_the_built_in_grader_stands_in(
    labeler: EmbeddedLabeler, rubric: Rubric, prompts: PromptLibrary, gold: Gold, tmp_path: Path
) -> None:
    from simulator.practice.studio import Studio
    from simulator.settings import load
    from simulator.transcripts.store import Store

    known = Calibrations(tmp_path)
    made = Grader(labeler, rubric, evaluator=Evaluator(FakeModel(), prompts), trusted=known.trusted)
    studio = Studio(
        settings=load(), store=Store(tmp_path), prompts=prompts, labeler=labeler, grader=made,
        connect=lambda *_: None, voice_kind=lambda _: "scripted", calibrations=known,  # type: ignore[arg-type,return-value]
    )  # fmt: skip
    assert "Nobody has compared this grader" in studio.standing(made.stamp, rubric.stamp)
    assert studio.stands_in() == ""
    bad = await calibrate(Backwards(Grader(labeler, rubric)), gold, repeats=1)
    known.keep(bad.model_copy(update={"grader": made.stamp}))
    assert "levels come from the built-in grader" in studio.stands_in()
    assert "too little to be trusted" in studio.standing(made.stamp, rubric.stamp)
    assert (await made.grade(KIND)).grader.kind == "local"
