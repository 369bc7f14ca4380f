"""What a voice would be told about a persona, as text for the person who writes it."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.customer.directions import direct
from simulator.customer.mood import Effect, Step, opening_mood, tempered
from simulator.customer.scenes import Scene
from simulator.customer.speaking import examples, scene_prompt
from simulator.labels import Label
from simulator.personas.schema import SPEAKING_STAGES, Persona
from simulator.prompts import PromptLibrary
from simulator.transcripts.records import Mood, Stage

_TENSION = {Stage.VENTING: 7.5, Stage.GUARDED: 5.5, Stage.SOFTENING: 4.3, Stage.READY: 3.0}
_CAUSES = (Label.ASKS_PROCESS, Label.ACKNOWLEDGES_SPECIFIC, Label.OFFERS_SOLUTION)


def preview_text(persona: Persona, prompts: PromptLibrary, scenes: Sequence[Scene]) -> str:
    """Return the card, temperament, facts, prompts and example stage directions of ``persona`` for its seed."""
    temperament = tempered(persona)
    parts = [
        f"{persona.name}, {persona.age} · {persona.id}, seed {persona.seed} · {persona.difficulty.value}",
        f"\nCard\n{persona.card}",
        f"\nSetting\n{persona.setting}",
        "\nOpening lines\n" + "\n".join(f"- {line}" for line in persona.opening),
        "\nFacts\n" + "\n".join(f"- {fact.id} ({fact.reveal}): {fact.text}" for fact in persona.facts),
        "\nTemperament, difficulty included\n"
        f"starts at tension {temperament.start:g}, patience {temperament.patience:.2f}, openness"
        f" {temperament.openness:.2f}, ready once heard {temperament.needs_heard:g}, walks out at"
        f" {temperament.walks_out_at:g}",
        "\nStage directions (examples)",
    ]
    for stage in SPEAKING_STAGES:
        parts.append(f"  {stage.value}")
        parts += [f"    after {cause}: ({_note(persona, prompts, stage, cause, turn)})" for turn, cause in _examples()]
    head = scene_prompt(persona, prompts, examples(scenes))
    chat = prompts.get("customer-chat")
    parts += [
        f"\nScene prompt for small models\n{head}",
        f"\nChat prompt: {chat.name} version {chat.version}, {chat.path}",
    ]
    return "\n".join(parts)


def _examples() -> list[tuple[int, str]]:
    return list(enumerate((label.value for label in _CAUSES), 1))


def _note(persona: Persona, prompts: PromptLibrary, stage: Stage, cause: str, turn: int) -> str:
    opening = opening_mood(persona)
    mood = Mood(tension=_TENSION[stage], stage=stage, revealed=opening.revealed, heard=1.0, turns=turn)
    moved = Step(mood, (Effect(cause, 0.5),), frozenset())
    return direct(persona, moved, "", frozenset(), prompts.get("stage-direction")).note
