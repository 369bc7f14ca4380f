"""A model as the customer's voice: prompts, candidates, ranking, guard, and the written line as the last resort.

Small models continue a scene as plain text; capable ones chat. Both prompts only ever grow at the end, so that a
server's cache holds. A part of a line is given only once the guard has passed it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress

from simulator.customer.audition import Audition, Candidate, tells
from simulator.customer.guard import Surroundings, refusal
from simulator.customer.scenes import Ear, Scene
from simulator.customer.spoken import sentences, tidy
from simulator.customer.voice import Moment, Part, Spoken, stand_in
from simulator.errors import VoiceError
from simulator.models.protocol import Message, Model, Sampling
from simulator.personas.schema import Channel, Persona
from simulator.prompts import PromptLibrary
from simulator.transcripts.records import Guarded, Role, Stage, Turn

CANDIDATES = 2
"""Candidates decoded together by a small model: on two cores two take half the time of four."""
ROUNDS = 2
"""How often a small model is asked before a written line stands in; most lines are found in the first round."""
CANDIDATE_TOKENS = 40
"""Tokens a candidate of a small model may have: two short sentences and some slack for the last to be cut away."""
STYLE_LINES = 2
"""Lines a stage that show a model how this customer talks."""
EMPLOYEE_BELOW = 0.15
"""A line that sounds less like a customer than this is the employee's; by five-fold cross-validation over the example
scenes it holds 53 % of employees' lines and 1.5 % of customers'."""
LET_GO = 0.3
"""Seconds a local server may take to notice that a request was broken off; until then what it has read for it cannot
be used by another, and the whole prompt would be read again: ten seconds late in a session."""
TRIES = 3
"""Answers asked of a chat model before a written line stands in."""
CHAT_TOKENS = {Channel.EMAIL: 400}
"""Tokens a chat answer may have; 160 elsewhere."""
_SENTENCE_ENDED = re.compile(r"[.!?…](?=\s)")
PROMPT_WORDS = 150
"""Words of a trainee's turn that go into a prompt: the first two thirds and the last third of a longer one."""


class ModelVoice:
    """Speaks as the customer with any model; ``scenes`` are the examples for small ones, ``ear`` ranks candidates."""

    def __init__(
        self, model: Model, prompts: PromptLibrary, scenes: Sequence[Scene] = (), ear: Ear | None = None
    ) -> None:
        self._model = model
        self._prompts = prompts
        # a model that was fitted to scenes has no need of one to go by, and nothing to copy from it
        self._examples = () if model.info.adapted else examples(scenes)
        self._ear = ear
        self._reading: asyncio.Task[None] | None = None

    @property
    def kind(self) -> str:
        """``openai`` or ``local``."""
        return self._model.info.kind

    @property
    def model(self) -> str:
        """The model's name."""
        return self._model.info.model

    async def warm(self, persona: Persona, turns: tuple[Turn, ...]) -> None:
        """Reach the model and let it read the prompt as far as it is known."""
        await self._model.check()
        if self._model.info.prompting == "scene":
            await self._read_to_its_end()
            await self._model.read(self._up_to_now(persona, turns))

    async def speak(self, moment: Moment) -> AsyncGenerator[Part | Spoken, None]:
        """Give the line sentence by sentence, each passed by the guard, then the whole."""
        said: list[str] = []
        refused: list[tuple[str, str]] = []
        if moment.direction.signal:
            said.append(moment.direction.signal)
            yield Part(moment.direction.signal)
        scene = self._model.info.prompting == "scene"
        await self._read_to_its_end()
        own: list[str] = []
        if not (scene and moment.direction.final):  # a small model does not know how to end; the persona does
            ask = self._from_scene if scene else self._from_chat
            async with aclosing(ask(moment, refused)) as lines:
                async for sentence in lines:
                    own.append(sentence)
                    said.append(f" {sentence}" if said else sentence)
                    yield Part(said[-1])
        if not own:
            said.append(f"{' ' if said else ''}{stand_in(moment, ''.join(said))}")
            yield Part(said[-1])
        reveal = moment.direction.reveal
        if scene and not moment.direction.final:
            self._reading = asyncio.create_task(self._read_on(moment, "".join(said)))
        yield Spoken(
            "".join(said),
            Guarded(refused=tuple(refused), written=not own and not moment.direction.final),
            told=not own or reveal is None or tells(" ".join(own), reveal),
        )

    async def aclose(self) -> None:
        """Let go of the model."""
        if self._reading is not None:
            self._reading.cancel()
            with suppress(asyncio.CancelledError):
                await self._reading
        await self._model.aclose()

    # -- reading ahead, while the trainee reads and writes -----------------------------------------------------------

    def _up_to_now(self, persona: Persona, turns: Sequence[Turn]) -> str:
        return f"{scene_prompt(persona, self._prompts, self._examples, turns)}{persona.trainee.word.upper()}:"

    async def _read_on(self, moment: Moment, said: str) -> None:
        """Let the model read the line that was ``said``, so that only the trainee's answer is left to be read."""
        note = moment.direction.note
        line = Turn(index=moment.turns[-1].index + 1, role=Role.CUSTOMER, text=said, direction=note)
        await asyncio.sleep(LET_GO)
        with suppress(VoiceError):  # the next line is asked for all the same, and tells what is wrong
            await self._model.read(self._up_to_now(moment.persona, (*moment.turns, line)))

    async def _read_to_its_end(self) -> None:
        reading, self._reading = self._reading, None
        if reading is not None:
            await reading

    # -- small models: continue the scene ------------------------------------------------------------------------

    async def _from_scene(self, moment: Moment, refused: list[tuple[str, str]]) -> AsyncGenerator[str, None]:
        persona, direction = moment.persona, moment.direction
        first_name = persona.name.split()[0].upper()
        prompt = f"{scene_prompt(persona, self._prompts, self._examples, moment.turns)}{first_name} ({direction.note}):"
        around = self._around(moment)

        def refuse(line: str, given: Sequence[str]) -> str | None:
            return self._refusal(line, _with(around, given))

        audition = Audition(moment, CANDIDATES, self._ear, refuse, refused)
        for attempt in range(ROUNDS):
            async with aclosing(self._candidates(prompt, moment, attempt)) as candidates:
                async for candidate in candidates:
                    for sentence in audition.hear(candidate):
                        yield sentence
                    if audition.over:
                        break
            if audition.found:
                break
        for sentence in audition.rest():
            yield sentence

    async def _candidates(self, prompt: str, moment: Moment, attempt: int) -> AsyncGenerator[Candidate, None]:
        """Give each continuation of ``prompt`` at the end of its first sentence and once it holds enough to be judged,
        the quickest first."""
        sampling = Sampling(
            max_tokens=CANDIDATE_TOKENS,
            temperature=0.8,
            min_p=0.08,
            n=CANDIDATES,
            stop=("\n",),
            seed=moment.persona.seed * 1000 + moment.step.mood.turns * 10 + attempt * CANDIDATES,
        )
        raw = [""] * CANDIDATES
        begun: set[int] = set()
        given: set[int] = set()
        async with aclosing(self._model.complete(prompt, sampling)) as chunks:
            async for chunk in chunks:
                number = chunk.candidate
                raw[number] += chunk.text
                if number in given:
                    continue
                if chunk.finished is not None or _enough(raw[number]):
                    given.add(number)
                    yield Candidate(number, raw[number], whole=True)
                elif number not in begun and _SENTENCE_ENDED.search(raw[number]):
                    begun.add(number)
                    yield Candidate(number, raw[number], whole=False)

    # -- capable models: chat ------------------------------------------------------------------------------------

    def _chat_messages(self, moment: Moment) -> list[Message]:
        persona = moment.persona
        system = self._prompts.get("customer-chat").render(
            name=persona.name,
            age=persona.age,
            card=persona.card,
            setting=persona.setting,
            channel=persona.channel.value,
            language=persona.language,
            facts=[f.text for f in persona.facts if f.reveal == "opening"],
            examples=style_lines(persona),
        )
        turn_prompt = self._prompts.get("customer-chat-turn")
        messages = [Message("system", system)]
        for turn in moment.turns:
            if turn.role is Role.CUSTOMER:
                if len(messages) == 1:
                    messages.append(Message("user", turn_prompt.render(said=None, note="open the conversation")))
                messages.append(Message("assistant", turn.text))
            else:
                # the direction given with a past turn is on the customer's turn that answered it
                note = self._note_after(moment, turn)
                messages.append(Message("user", turn_prompt.render(said=_fenced(turn.text), note=note)))
        return messages

    def _note_after(self, moment: Moment, turn: Turn) -> str:
        answer = next((t for t in moment.turns if t.index == turn.index + 1 and t.role is Role.CUSTOMER), None)
        return (answer.direction or "") if answer else moment.direction.note

    async def _from_chat(self, moment: Moment, refused: list[tuple[str, str]]) -> AsyncGenerator[str, None]:
        around = self._around(moment)
        messages = self._chat_messages(moment)
        limit = CHAT_TOKENS.get(moment.persona.channel, 160)
        for attempt in range(TRIES):
            given: list[str] = []
            stopped = False
            sampling = Sampling(
                max_tokens=limit,
                temperature=0.9,
                seed=moment.persona.seed * 1000 + moment.step.mood.turns * 10 + attempt,
            )
            async for sentence in self._chat_sentences(messages, sampling, moment.persona):
                rule = self._refusal(sentence, _with(around, given))
                if rule:
                    refused.append((rule, sentence))
                    stopped = True
                    break
                given.append(sentence)
                yield sentence
            if given or not stopped:
                if given:
                    return
                refused.append(("empty", ""))

    async def _chat_sentences(
        self, messages: list[Message], sampling: Sampling, persona: Persona
    ) -> AsyncGenerator[str, None]:
        """The answer's sentences as they complete; a trailing fragment counts where the model ended by itself."""
        raw, given = "", 0
        async with aclosing(self._model.chat(messages, sampling)) as chunks:
            async for chunk in chunks:
                raw += chunk.text
                ended = chunk.finished is not None
                parts = sentences(tidy(raw, persona.name) if ended else " ".join(raw.split()))
                ready = parts if ended else parts[:-1]
                for sentence in ready[given:]:
                    clean = tidy(sentence, persona.name)
                    if clean:
                        yield clean
                given = max(given, len(ready))
                if ended:
                    return

    def _refusal(self, line: str, around: Surroundings) -> str | None:
        rule = refusal(line, around)
        if rule is None and self._ear is not None and self._ear.customer(line) < EMPLOYEE_BELOW:
            return "employee"
        return rule

    def _around(self, moment: Moment) -> Surroundings:
        return Surroundings(
            persona=moment.persona,
            stage=moment.direction.stage,
            known=moment.direction.known,
            spoken=moment.spoken,
            said=tuple(turn.text for turn in moment.turns if turn.role is Role.TRAINEE),
            note=f"{moment.direction.feeling}. {moment.direction.act}",
            final=moment.direction.final,
            foreign=(
                *style_lines(moment.persona),
                *(line for scene in self._examples for line in scene.customer_lines),
            ),
        )


def scene_prompt(persona: Persona, prompts: PromptLibrary, shown: Sequence[Scene], turns: Sequence[Turn] = ()) -> str:
    """Return the prompt of a small model up to the last of ``turns``: the scenes ``shown``, the card, the scene so
    far."""
    texts = [scene.text() for scene in shown]
    head = prompts.get("scene").render(
        examples=texts, card=persona.card, setting=persona.setting, style=style_lines(persona)
    )
    return head.rstrip() + "\n" + "".join(_scene_line(persona, turn) for turn in turns)


def style_lines(persona: Persona) -> list[str]:
    """Return the lines that show a model how this customer talks: general ones that tell no fact, two a stage."""
    return [
        line.say
        for stage in (Stage.VENTING, Stage.GUARDED, Stage.SOFTENING)
        for line in [x for x in persona.lines.get(stage, []) if not x.after and not x.reveals][:STYLE_LINES]
    ]


def examples(scenes: Sequence[Scene]) -> tuple[Scene, ...]:
    """Return the scenes that stand in a prompt: one, in which things go from bad to worse, for that is harder."""
    return tuple(scenes[1:2] or scenes[:1])


def _scene_line(persona: Persona, turn: Turn) -> str:
    if turn.role is Role.CUSTOMER:
        note = f" ({turn.direction})" if turn.direction else ""
        return f"{persona.name.split()[0].upper()}{note}: {' '.join(turn.text.split())}\n"
    return f"{persona.trainee.word.upper()}: {_shortened(turn.text)}\n"


def _shortened(text: str) -> str:
    words = text.split()
    if len(words) > PROMPT_WORDS:
        words = [*words[: PROMPT_WORDS * 2 // 3], "…", *words[-PROMPT_WORDS // 3 :]]
    # a trainee's words stay one spoken line: no speaker labels, no stage directions of their own
    return (
        re.sub(r"\b([A-Z]{2,})(\s*(?:\([^)]*\))?\s*):", lambda m: f"{m[1].capitalize()}{m[2]},", " ".join(words)) or "…"
    )


def _fenced(text: str) -> str:
    return _shortened(re.sub(r"</?\s*(?:said|direction)\b[^>]*>?", "", text, flags=re.IGNORECASE))


def _enough(text: str) -> bool:
    return len(re.findall(r"[.!?…](?=\s)", text)) >= 2 and len(text.split()) >= 10


def _with(around: Surroundings, given: Sequence[str]) -> Surroundings:
    return around if not given else Surroundings(**{**around.__dict__, "spoken": (*around.spoken, *given)})
