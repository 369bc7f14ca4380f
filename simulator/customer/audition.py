"""Which of a small model's candidates is said: judged as they come, and begun before its rest is there.

A first sentence that plainly fits is said at once; its candidate is then the one, and what follows in it is said as far
as it may be. Where none begins so well, the best whole line is said, and where none may be said, nothing is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from simulator.customer.ranking import fit
from simulator.customer.scenes import Ear
from simulator.customer.spoken import sentences, tidy, without_signs
from simulator.customer.voice import Moment
from simulator.personas.schema import Fact
from simulator.personas.wording import content_words

GOOD = 1.2
"""Fit from which a candidate is taken without waiting for the others."""
UNFIT_BELOW = 0.9
"""Fit below which even the best candidate is not said: about a seventh of them, among which most make no sense."""
FIRST_WORDS, BEGINS = 2, 1.0
"""Words and fit a first sentence must have to be said before the rest of its line is there: less than a whole line's,
for it lacks what the rest would add."""


@dataclass(frozen=True)
class Candidate:
    """What candidate ``number`` has written so far; ``whole`` once that is enough for a line."""

    number: int
    text: str
    whole: bool


class Audition:
    """The candidates for one line of ``moment``, ``candidates`` of them at first: once so many are whole, the best is
    said, and where none may be, the first that may be of those that come after.

    ``refuse`` names the rule that a line breaks, given the sentences said just before it; what is refused is added to
    ``refused`` as (rule, text).
    """

    def __init__(
        self,
        moment: Moment,
        candidates: int,
        ear: Ear | None,
        refuse: Callable[[str, Sequence[str]], str | None],
        refused: list[tuple[str, str]],
    ) -> None:
        self._moment = moment
        self._ear = ear
        self._refuse = refuse
        self._refused = refused
        self._said: list[str] = []
        self._chosen: int | None = None
        self._best: tuple[float, str] | None = None
        self._awaited = candidates
        self.over = False

    @property
    def found(self) -> bool:
        """True once there is something to say."""
        return bool(self._said) or self._best is not None

    def hear(self, candidate: Candidate) -> Iterator[str]:
        """Take what a candidate has written and give the sentences to be said now."""
        line = " ".join(without_signs(tidy(candidate.text, self._moment.persona.name)).split())
        if self._chosen is not None:
            if candidate.number == self._chosen and candidate.whole:
                yield from self._go_on(line)
        elif candidate.whole:
            self._awaited -= 1
            self._weigh(line, candidate.text)
        elif line:
            yield from self._begin(sentences(line)[0], candidate.number)

    def rest(self) -> Iterator[str]:
        """Give the sentences of the best line, where none was begun."""
        if not self._said and self._best is not None:
            yield from sentences(self._best[1])

    def _begin(self, sentence: str, number: int) -> Iterator[str]:
        if len(sentence.split()) >= FIRST_WORDS:
            rule, score = self._judged(sentence)
            if rule is None and score >= BEGINS:
                self._chosen = number
                self._said.append(sentence)
                yield sentence

    def _go_on(self, line: str) -> Iterator[str]:
        self.over = True
        for sentence in [part for part in sentences(line) if part not in self._said]:
            rule = self._refuse(sentence, self._said)
            if rule is None and self._fit(" ".join([*self._said, sentence])) < UNFIT_BELOW:
                rule = "unfit"
            if rule:
                self._refused.append((rule, sentence))
                return
            self._said.append(sentence)
            yield sentence

    def _weigh(self, line: str, raw: str) -> None:
        rule, score = self._judged(line)
        if rule:
            self._refused.append((rule, line or raw.strip()))
        elif self._best is None or score > self._best[0]:
            self._best = (score, line)
        self.over = self._best is not None and (self._best[0] >= GOOD or self._awaited <= 0)

    def _judged(self, line: str) -> tuple[str | None, float]:
        rule, direction = self._refuse(line, ()), self._moment.direction
        if rule is None and direction.must_tell and direction.reveal and not tells(line, direction.reveal):
            rule = "untold"
        if rule is not None:
            return rule, 0.0
        score = self._fit(line)
        return ("unfit" if score < UNFIT_BELOW else None), score

    def _fit(self, line: str) -> float:
        return fit(line, self._moment, self._ear)


def tells(line: str, fact: Fact) -> bool:
    """Return whether ``line`` tells ``fact``: it shares two words of content with one of its sentences, or all."""
    words = content_words(line)
    sayings = [content_words(text) for text in (fact.text, *fact.say)]
    return any(len(words & saying) >= min(2, len(saying)) for saying in sayings)
