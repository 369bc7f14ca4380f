"""How often and after what wait a request is sent again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt

Result = TypeVar("Result")


@dataclass(frozen=True)
class Retries:
    """``attempts`` in all; seconds: ``first_wait`` before the second one, doubling, never over ``longest_wait``.

    ``deserves_another`` says which exceptions are worth it; ``seconds_asked`` what wait the server asked for, or None.
    """

    attempts: int
    first_wait: float
    longest_wait: float
    deserves_another: Callable[[BaseException], bool]
    seconds_asked: Callable[[BaseException], float | None]

    async def run(self, call: Callable[[], Awaitable[Result]]) -> Result:
        """Return what ``call`` returns, or raise what its last attempt raised."""
        retrying = AsyncRetrying(
            stop=stop_after_attempt(self.attempts),
            wait=self._wait,
            retry=retry_if_exception(self.deserves_another),
            reraise=True,
        )
        return await retrying(call)

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = self.seconds_asked(error) if error else None
        return min(self.longest_wait, self.first_wait * 2 ** (state.attempt_number - 1) if asked is None else asked)
