"""What every model behind a voice, an evaluator or a coach must do.

Text from a model is data. Nothing here knows personas or transcripts: callers bring rendered prompts.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeVar

from pydantic import BaseModel

Answer = TypeVar("Answer", bound=BaseModel)


@dataclass(frozen=True)
class Message:
    """One chat message in API roles."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True)
class Chunk:
    """A fragment of one candidate: ``candidate`` is 0 to n-1.

    ``finished`` is the finish reason on the last fragment, else None.
    """

    candidate: int
    text: str
    finished: str | None = None


@dataclass(frozen=True)
class Sampling:
    """How to sample. ``max_tokens`` counts per candidate; ``stop`` strings are not returned."""

    max_tokens: int = 48
    temperature: float = 0.8
    min_p: float | None = None
    n: int = 1
    seed: int | None = None
    stop: tuple[str, ...] = ()


@dataclass(frozen=True)
class ModelInfo:
    """Which model answers: ``kind`` as on the screen, ``model`` its name, ``prompting`` what it is good at, ``adapted``
    whether it was fitted to scenes of customers and needs no example of one."""

    kind: Literal["openai", "local"]
    model: str
    prompting: Literal["scene", "chat"]
    adapted: bool = False
    base_url: str = field(default="", repr=False)


class Model(Protocol):
    """A model that can be asked. Every method raises ``VoiceError`` with a hint; none returns an empty or cut answer
    silently."""

    @property
    def info(self) -> ModelInfo:
        """Which model this is."""
        ...

    def complete(self, prompt: str, sampling: Sampling) -> AsyncGenerator[Chunk, None]:
        """Continue ``prompt`` as plain text, ``sampling.n`` candidates decoded together, fragments as they come.

        A candidate that the server ends early without a finish reason raises ``VoiceError`` after its fragments.
        """
        ...

    def chat(self, messages: Sequence[Message], sampling: Sampling) -> AsyncGenerator[Chunk, None]:
        """Answer a chat, fragments as they come, with the same promise about early ends."""
        ...

    async def parse(self, messages: Sequence[Message], answer: type[Answer], *, max_tokens: int = 4000) -> Answer:
        """Answer a chat at temperature 0 as an instance of ``answer``; raises ``VoiceError`` where the reply does not
        validate (``retryable`` False; the caller may ask for one repair)."""
        ...

    async def read(self, prompt: str) -> None:
        """Read ``prompt`` into the server's cache without writing, where that is possible; otherwise do nothing."""
        ...

    async def check(self) -> None:
        """Raise ``VoiceError`` where the model cannot be used now (unreachable, wrong key, unknown model)."""
        ...

    async def aclose(self) -> None:
        """Let go of connections, and of the server where this process started or shares one."""
        ...
