"""What one endpoint turned out not to accept, and how requests to it are worded from then on.

Hosted models differ: some want ``max_completion_tokens`` for ``max_tokens``, some take no temperature, seed or stop
strings. The first refusal teaches; every later request is right at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

_CAN_GO_WITHOUT = ("max_tokens", "temperature", "seed", "stop", "min_p", "cache_prompt")
_REFUSAL = re.compile(
    r"unsupported|not support|unknown|unrecogni[sz]ed|not permitted|extra (inputs|fields)|unexpected|deprecated"
    r"|only the default|not allowed|incompatible|max_completion_tokens",
    re.IGNORECASE,
)
_ROOM_TO_THINK = 2000
"""Tokens added for models that want ``max_completion_tokens``: they count their reasoning in it too."""


class Dialect:
    """The parameters one endpoint refuses; starts empty."""

    def __init__(self) -> None:
        self.refused: set[str] = set()

    def worded(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Return ``parameters`` of a request in this endpoint's dialect; the original is left alone."""
        words = {name: value for name, value in parameters.items() if name not in self.refused}
        if "max_tokens" in self.refused and "max_tokens" in parameters:
            words["max_completion_tokens"] = parameters["max_tokens"] + _ROOM_TO_THINK
        if extra := parameters.get("extra_body"):
            words["extra_body"] = {name: value for name, value in extra.items() if name not in self.refused}
        return words

    def learn(self, parameters: Mapping[str, Any], parameter: str, said: str) -> bool:
        """Take in a refusal (status 400 or 422); True where the request can be worded differently now.

        ``parameter`` is what the error names as its parameter, perhaps nothing; ``said`` its text.
        """
        sent = {*parameters, *parameters.get("extra_body", {})} - self.refused
        if not _REFUSAL.search(said):
            return False
        for name in _CAN_GO_WITHOUT:
            if name in sent and (parameter == name or re.search(rf"\b{name}\b", said)):
                self.refused.add(name)
                return True
        return False


class StopAt:
    """Cuts one candidate at the first of ``stops`` where the endpoint does not do so itself."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = [stop for stop in stops if stop]
        self._held = ""
        self.stopped = False

    def take(self, text: str, *, last: bool) -> str:
        """Return what of ``text`` may be shown; what could be the beginning of a stop string is held back."""
        if self.stopped:
            return ""
        self._held += text
        places = [place for stop in self._stops if (place := self._held.find(stop)) >= 0]
        if places:
            self.stopped = True
            return self._held[: min(places)]
        keep = 0 if last else self._beginning()
        text, self._held = self._held[: len(self._held) - keep], self._held[len(self._held) - keep :]
        return text

    def _beginning(self) -> int:
        longest = max((len(stop) for stop in self._stops), default=1) - 1
        return next(
            (
                size
                for size in range(min(longest, len(self._held)), 0, -1)
                if any(stop.startswith(self._held[-size:]) for stop in self._stops)
            ),
            0,
        )
