"""The coach's hint: chosen by what was done last and how the customer feels, and never empty."""

from __future__ import annotations

import pytest

from simulator.labels import HARMFUL, Label
from simulator.practice.coach import SITUATIONS, nudge, situation
from simulator.prompts import PromptLibrary
from simulator.settings import built_in
from simulator.transcripts.records import Mood, Quoted, Role, Stage, Turn

PROMPT = PromptLibrary([built_in("prompts")]).get("coach-nudge")
VENTING = Mood(tension=7, stage=Stage.VENTING)
SOFTENING = Mood(tension=4, stage=Stage.SOFTENING, acknowledged_at=1)
READY = Mood(tension=3, stage=Stage.READY, acknowledged_at=1)


def turns(*labels: tuple[Label, ...]) -> list[Turn]:
    """Return a conversation whose trainee turns carry ``labels``."""
    said = [Turn(index=0, role=Role.CUSTOMER, text="It flooded.")]
    for carried in labels:
        quoted = tuple(Quoted(label=label, quote="x") for label in carried)
        said.append(Turn(index=len(said), role=Role.TRAINEE, text="x", labels=quoted))
        said.append(Turn(index=len(said), role=Role.CUSTOMER, text="Well."))
    return said


@pytest.mark.parametrize(
    ("labels", "mood", "expected"),
    [
        ([], VENTING, "first"),
        ([()], VENTING, "unheard"),
        ([(Label.ASKS_OPEN,)], VENTING, "listened_only"),
        ([(Label.ASKS_PROCESS,)], VENTING, "process"),
        ([(Label.ACKNOWLEDGES_FORMULA,)], VENTING, "formula"),
        ([(Label.OFFERS_SOLUTION,)], VENTING, "solved_first"),
        ([(Label.NAMES_FEELING,), (Label.OFFERS_SOLUTION,)], SOFTENING, "solved_unready"),
        ([(Label.NAMES_FEELING,)], VENTING, "high"),
        ([(Label.NAMES_FEELING,)], SOFTENING, "softening"),
        ([(Label.NAMES_FEELING,)], SOFTENING.model_copy(update={"owed": True}), "resurfaced"),
        ([(Label.NAMES_FEELING,)], Mood(tension=5, stage=Stage.GUARDED), "guarded"),
        ([(Label.NAMES_FEELING,)], READY, "ready_offer"),
        ([(Label.OFFERS_OPTIONS,)], READY, "ready_confirm"),
        ([(Label.ACKNOWLEDGES_SPECIFIC, Label.HOSTILE)], READY, "hostile"),
        ([(Label.CITES_POLICY, Label.BLAMES_CUSTOMER)], VENTING, "blames_customer"),
    ],
)
def test_the_situation_is_what_was_done_and_how_the_customer_feels(
    labels: list[tuple[Label, ...]], mood: Mood, expected: str
) -> None:
    assert situation(turns(*labels), mood) == expected


@pytest.mark.parametrize("name", sorted(SITUATIONS))
def test_every_situation_has_several_short_hints(name: str) -> None:
    hints = {" ".join(PROMPT.render(situation=name, turn=turn).split()) for turn in range(4)}
    assert len(hints) >= 2
    assert all(20 < len(hint) < 160 for hint in hints)


def test_every_harmful_label_has_its_own_hint() -> None:
    assert {label.value for label in HARMFUL} <= SITUATIONS


def test_the_same_moment_gives_the_same_hint_on_one_line() -> None:
    said = turns((Label.DISMISSES,))
    assert nudge(said, VENTING, PROMPT) == nudge(said, VENTING, PROMPT)
    assert "\n" not in nudge(said, VENTING, PROMPT)
