"""One labeler for all grading tests, fitted once; a model that answers what it is told; conversations in short form."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import Any

import pytest

from simulator.errors import VoiceError
from simulator.grading.corpus import read_corpus
from simulator.grading.grader import Grader
from simulator.grading.labeler import EmbeddedLabeler
from simulator.grading.rubric import Rubric, load_rubric
from simulator.models.protocol import Chunk, Message, ModelInfo, Sampling
from simulator.prompts import PromptLibrary
from simulator.transcripts.records import BareTranscript, BareTurn, Role

PROMPTS = Path(__file__).resolve().parents[2] / "prompts"


@pytest.fixture(scope="session")
def labeler(tmp_path_factory: pytest.TempPathFactory) -> EmbeddedLabeler:
    made = EmbeddedLabeler(read_corpus, tmp_path_factory.mktemp("labeler"))
    made.ready()
    return made


@pytest.fixture(scope="session")
def rubric() -> Rubric:
    return load_rubric()


@pytest.fixture(scope="session")
def prompts() -> PromptLibrary:
    return PromptLibrary([PROMPTS])


@pytest.fixture
def grader(labeler: EmbeddedLabeler, rubric: Rubric) -> Grader:
    return Grader(labeler, rubric)


def talk(*turns: str, name: str = "t", setting: str | None = None) -> BareTranscript:
    """A conversation from "C: …" and "T: …" lines."""
    made = []
    for turn in turns:
        who, text = turn[:2], turn[2:].strip()
        made.append(BareTurn(role=Role.CUSTOMER if who == "C:" else Role.TRAINEE, text=text))
    return BareTranscript(id=name, setting=setting, turns=tuple(made))


class FakeModel:
    """Answers ``parse`` with the given answers in turn (an exception is raised), ``complete`` with the given lines."""

    def __init__(self, *answers: Any, lines: Sequence[str] = (), prompting: str = "chat") -> None:
        self.answers = list(answers)
        self.lines = list(lines)
        self.asked: list[Sequence[Message]] = []
        self.prompts: list[str] = []
        self.info = ModelInfo("openai", "fake-1", prompting)  # type: ignore[arg-type]

    async def parse(self, messages: Sequence[Message], answer: type[Any], *, max_tokens: int = 4000) -> Any:
        self.asked.append(list(messages))
        given = self.answers.pop(0)
        if isinstance(given, Exception):
            raise given
        return answer.model_validate(given) if isinstance(given, dict) else given

    async def complete(self, prompt: str, sampling: Sampling) -> AsyncGenerator[Chunk, None]:
        self.prompts.append(prompt)
        for place, line in enumerate(self.lines):
            yield Chunk(place, line, "stop")

    async def chat(self, messages: Sequence[Message], sampling: Sampling) -> AsyncGenerator[Chunk, None]:
        raise VoiceError("not asked for")
        yield

    async def read(self, prompt: str) -> None: ...

    async def check(self) -> None: ...

    async def aclose(self) -> None: ...


KIND = talk(
    "C: You charged me 148 this month and it was 62 last month. It's my third call and nobody listens. I can't pay that!",
    "T: From 62 to 148, and this is the third time you've had to ring about it. No wonder you're fed up with us.",
    "C: I am. I do the sums every night at the kitchen table and it doesn't work out.",
    "T: Every night at the table with those numbers, you must be worn out. What worries you most about this month?",
    "C: The rent. My daughter's school trip is on the list too and I had to tell her no.",
    "T: You had to say no to your daughter because of our bill. That must have hurt. Take your time, I'm listening.",
    "C: (breathes out) Okay. Thank you. That's it, really. So what can you do?",
    "T: I can take the extra 86 off today, or split it over six months, whichever suits you better. It was our mistake and "
    "I'm going to see it through myself.",
    "C: Take it off, please.",
    "T: Done. I'll ring you myself on Friday at ten to check that the new bill says 62. Does that work for you?",
    "C: Yes. Thank you for listening.",
    name="kind",
)
MIXED = talk(
    "C: You charged me 148 this month and it was 62 last month. It's my third call and nobody listens. I can't pay that!",
    "T: I understand your frustration. Can I have your account number, please?",
    "C: I've given it three times! I do the sums every night and it doesn't work out.",
    "T: You do the sums every night and they don't work out. You must be worn out.",
    "C: I am. My daughter's school trip is on the list too and I had to tell her no.",
    "T: I can offer you a payment plan over six months.",
    "C: I don't want to pay it at all, it's wrong!",
    "T: Unfortunately our policy is that the bill stands until it has been reviewed.",
    name="mixed",
)
POOR = talk(
    "C: You charged me 148 this month and it was 62 last month. It's my third call and nobody listens. I can't pay that!",
    "T: I can put you on a payment plan over six months.",
    "C: A plan? It's wrong! I do the sums every night and it doesn't work out.",
    "T: Please calm down. It's only a bill, everyone gets that bill.",
    "C: My daughter's school trip is on the list and I had to tell her no!",
    "T: You should have read the contract. There's nothing I can do, you'd have to call another department.",
    name="poor",
)
RUDE = talk(
    "C: You charged me 148 this month and it was 62 last month. I can't pay that!",
    "T: Whatever, lady. Stop whining.",
    "C: How dare you! I want to talk to somebody else!",
    "T: Yell again and I'm hanging up. You people are all the same.",
    "C: This is outrageous.",
    "T: Shut up and pay your bill, you idiot. Bye.",
    name="rude",
)
