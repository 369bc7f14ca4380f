"""A small persona for tests, with only what the rules need."""

from __future__ import annotations

from typing import Any

from simulator.personas.schema import Persona
from simulator.transcripts.records import Stage

SPEAKING = (Stage.VENTING, Stage.GUARDED, Stage.SOFTENING, Stage.READY)


def persona(**changes: Any) -> Persona:
    """Return Robin, whose washing machine flooded the kitchen; ``changes`` replace fields."""
    values: dict[str, Any] = {
        "id": "test-person",
        "name": "Robin Vale",
        "age": 52,
        "summary": "The new washing machine flooded the kitchen",
        "channel": "phone",
        "setting": "A phone call to the shop's service line.",
        "trainee": {"role": "You are an agent.", "word": "AGENT", "may": ["send an engineer", "refund the machine"]},
        "facts": [
            {"id": "flood", "text": "The washing machine bought nine days ago flooded the kitchen.", "say": ["It flooded my kitchen."]},
            {
                "id": "floor", "text": "The oak floor was laid by the late father.", "reveal": "resurfacing",
                "say": ["My father laid that floor. He's gone now."],
            },
            {
                "id": "asthma", "text": "The daughter has asthma and the damp makes her cough.", "reveal": "trust",
                "about": ["daughter", "child"], "say": ["My daughter has asthma. She coughs all night."],
            },
            {
                "id": "calls", "text": "Robin rang on Monday and was cut off.", "reveal": "asked",
                "about": ["called", "rang", "before"], "say": ["I rang on Monday. They cut me off."],
            },
        ],
        "triggers": [{"when": ["love"], "tension": 1.0, "why": "being called love"}],
        "opening": ["Your machine has wrecked my kitchen and nobody rings me back."],
        "feelings": {s.value: ["worn out", "sharp"] for s in (*SPEAKING, Stage.SETTLED, Stage.WALKED_OUT)},
        "beats": {s.value: ["says the floor is ruined", "asks who will come"] for s in SPEAKING},
        "lines": {
            **{
                s.value: [
                    *({"say": f"{word} line for the {s.value} stage, nothing else."} for word in
                      ("Plain", "Bitter", "Tired", "Short", "Second", "Wet", "Cold", "Last")),
                    {"say": f"Account number? That is all I am to you, {s.value}.", "after": ["asks_process"]},
                ]
                for s in SPEAKING
            },
            "settled": [{"say": "Right. I will be here then."}, {"say": "All right. That will do."}],
            "walked_out": [{"say": "I have had enough of this."}, {"say": "No. I am done."}],
        },
        "readiness": ["(a long breath) …Okay.", "(quieter) Right.", "…All right, then."],
        "resurfacing": {"fact": "floor", "cue": "thinks of the father who laid the floor"},
        "settlement": {"wants": "An engineer and a new floor.", "accepts": ["engineer", "refund*"], "refuses": ["voucher"]},
        "card": "Robin Vale, 52, whose new washing machine flooded the kitchen nine days after it came. Speaks in short sentences.",
        "sha256": "0" * 64,
    }  # fmt: skip
    return Persona.model_validate({**values, **changes})
