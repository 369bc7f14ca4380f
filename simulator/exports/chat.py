"""Chat messages, a conversation a line (JSONL), as chat models are fine-tuned with.

::

    {"messages": [{"role": "system" | "user" | "assistant", "content": "…"}, …]}

The model becomes the customer, the trainee is its user; ``Options.model`` turns that round. The first message, of the
role ``system``, is the prompt ``fine-tuning``: who the model is and where. Training needs an answer at the end, so
what the user says after the last one is left out, and a session in which the model's side says nothing has no line.
Labels, levels and notes are no part of it; with ``private`` each customer turn that had a stage direction has it
before it, as a ``system`` message.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TextIO

from simulator.cleaning import clean, one_line
from simulator.exports.options import Options
from simulator.prompts import Prompt, PromptLibrary
from simulator.settings import load
from simulator.transcripts.records import Role, Transcript

Message = dict[str, str]


def write(transcripts: Iterable[Transcript], out: TextIO, options: Options) -> None:
    """Write every transcript that has something to learn from as one line."""
    scene = PromptLibrary(load().prompt_dirs()).get("fine-tuning")
    for transcript in transcripts:
        told = messages(transcript, options.model, scene, private=options.private)
        if told:
            out.write(json.dumps({"messages": told}, ensure_ascii=False) + "\n")


def messages(transcript: Transcript, model: Role, scene: Prompt, *, private: bool = False) -> list[Message]:
    """Return the conversation as messages for a model that is to become ``model``; empty where that one is silent.

    ``scene`` is the prompt of the first message.
    """
    told = list(_said(transcript, model, private))
    while told and told[-1]["role"] != "assistant":
        told.pop()
    if not told:
        return []
    header = transcript.header
    first = scene.render(
        role=model.value,
        name=one_line(header.persona_name),
        setting=one_line(header.setting),
        channel=one_line(header.channel).replace("_", " "),
    )
    return [_message("system", first.strip()), *told]


def _said(transcript: Transcript, model: Role, private: bool) -> Iterator[Message]:
    for turn in transcript.turns:
        text = clean(turn.text).strip()
        if private and turn.direction:
            yield _message("system", clean(turn.direction))
        if text:
            yield _message("assistant" if turn.role is model else "user", text)


def _message(role: str, content: str) -> Message:
    return {"role": role, "content": content}
