"""Labels from a capable model: the whole transcript as fenced data, every quote checked, one repair, else no grade.

The evaluator sees what was said and nothing else: a ``BareTranscript`` has no persona notes, mood or directions.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from simulator.errors import VoiceError
from simulator.grading.pretending import pretended
from simulator.labels import DEFINITIONS, Label, Mark, TurnLabels
from simulator.models.protocol import Message, Model
from simulator.prompts import PromptLibrary
from simulator.transcripts.records import BareTranscript, Role

MOST_PROBLEMS = 20
"""Problems told to the model when it is asked to repair its answer."""
_NAMES = frozenset(label.value for label in Label)
_LIKE = str.maketrans(
    {"’": "'", "‘": "'", "‚": "'", "`": "'", "´": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"'}
)


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")


class JudgedMark(_Answer):
    """One label: why, which, and the words that show it."""

    reason: str
    label: str
    quote: str


class JudgedTurn(_Answer):
    """One trainee turn: what it does to the customer, then its marks."""

    turn: int
    reason: str
    marks: list[JudgedMark] = Field(default_factory=list)


class Judged(_Answer):
    """What the evaluator answers: every trainee turn once."""

    turns: list[JudgedTurn]


class UnusableAnswerError(Exception):
    """The evaluator's answer could not be used, also after one repair; the text says why, in one sentence."""


@dataclass(frozen=True)
class Evaluation:
    """Labels by transcript index, and each run they were voted from (one run: the same labels)."""

    labels: dict[int, TurnLabels]
    runs: tuple[dict[int, TurnLabels], ...]


class Evaluator:
    """Labels conversations with ``model``; ``repeats`` runs are put to a majority vote (an odd number is wise)."""

    def __init__(self, model: Model, prompts: PromptLibrary, *, repeats: int = 1) -> None:
        if repeats < 1:
            raise ValueError("repeats must be at least 1")
        self.model = model
        self._prompt = prompts.get("evaluator")
        self._repair = prompts.get("evaluator-repair")
        self._repeats = repeats

    @property
    def prompt_sha256(self) -> str:
        """Hash of the evaluator prompt and of its repair."""
        return hashlib.sha256(f"{self._prompt.sha256}{self._repair.sha256}".encode()).hexdigest()

    async def evaluate(self, bare: BareTranscript, progress: Callable[[str], None] | None = None) -> Evaluation:
        """Return the labels of every trainee turn.

        Raises ``VoiceError`` where the model cannot be reached and ``UnusableAnswerError`` where its answer is still
        wrong after one repair.
        """
        runs = []
        for number in range(self._repeats):
            if progress is not None:
                progress(
                    "Reading the conversation" + (f" ({number + 1} of {self._repeats})" if self._repeats > 1 else "")
                )
            runs.append(await self._run(bare, progress))
        return Evaluation(vote(runs), tuple(runs))

    async def _run(self, bare: BareTranscript, progress: Callable[[str], None] | None) -> dict[int, TurnLabels]:
        places = trainee_turns(bare)
        listed = ", ".join(str(index) for index in places)
        fence = fence_for(bare)
        request = Message(
            "user",
            self._prompt.render(
                labels=[{"name": label.value, "meaning": DEFINITIONS[label]} for label in Label],
                fence=fence,
                turns=fenced_turns(bare, fence),
                trainee_turns=listed,
            ),
        )
        size = 600 + 400 * len(places)
        messages = [request]
        try:
            answer = await self.model.parse(messages, Judged, max_tokens=size)
        except VoiceError as error:
            if error.retryable:
                raise
            problems = [f"It did not have the form that was asked for. {error.message}"]
        else:
            labels, problems = checked(answer, bare)
            if not problems:
                return labels
            messages.append(Message("assistant", answer.model_dump_json()))
        if progress is not None:
            progress("Asking for a repair")
        told = self._repair.render(problems=problems[:MOST_PROBLEMS], trainee_turns=listed)
        try:
            answer = await self.model.parse([*messages, Message("user", told)], Judged, max_tokens=size)
        except VoiceError as error:
            if error.retryable:
                raise
            raise UnusableAnswerError(f"The evaluator's answer could not be read. {error.message}") from None
        labels, problems = checked(answer, bare)
        if problems:
            more = f" ({len(problems) - 1} more)" if len(problems) > 1 else ""
            raise UnusableAnswerError(f"The evaluator's answer could not be used: {problems[0]}{more}")
        return labels


def trainee_turns(bare: BareTranscript) -> list[int]:
    """Return the transcript indexes of the trainee's turns."""
    return [index for index, turn in enumerate(bare.turns) if turn.role is Role.TRAINEE]


def fence_for(bare: BareTranscript) -> str:
    """Return a fence made of the transcript's own hash: nobody who writes a turn can know it."""
    digest = hashlib.sha256("\x00".join(turn.text for turn in bare.turns).encode("utf-8", "surrogatepass"))
    return f"=====RECORD-{digest.hexdigest()[:16]}====="


def fenced_turns(bare: BareTranscript, fence: str) -> list[dict[str, object]]:
    """Return the turns for a prompt: the fence cannot stand in them, and no line can look like a turn's heading."""
    return [
        {"index": index, "role": turn.role.value, "text": neutral(turn.text, fence)}
        for index, turn in enumerate(bare.turns)
    ]


def neutral(text: str, fence: str = "") -> str:
    """Return ``text`` indented, so that a heading or a fence inside it stays part of the turn."""
    clean = text.replace(fence, "") if fence else text
    clean = clean.encode("utf-8", "replace").decode("utf-8")
    return "\n".join(f"    {line}" for line in clean.splitlines()) or "    "


def checked(answer: Judged, bare: BareTranscript) -> tuple[dict[int, TurnLabels], list[str]]:
    """Return the labels of ``answer`` and one sentence for everything in it that cannot be used.

    A quote may differ from the turn in white space and in the kind of quotation marks; it is mapped back to the exact
    words. Marks inside words that are aimed at the marker are dropped but for ``manipulates_grader``.
    """
    places = trainee_turns(bare)
    marks: dict[int, list[Mark]] = {index: [] for index in places}
    problems: list[str] = []
    seen: Counter[int] = Counter(turn.turn for turn in answer.turns)
    for judged in answer.turns:
        if judged.turn not in marks:
            problems.append(f"Turn {judged.turn} is not a turn of the trainee.")
            continue
        text = bare.turns[judged.turn].text
        for mark in judged.marks:
            if mark.label not in _NAMES:
                problems.append(f"Turn {judged.turn}: there is no label {mark.label[:60]!r}.")
                continue
            quote = exact_quote(mark.quote, text)
            if quote is None:
                problems.append(
                    f"Turn {judged.turn}: {mark.quote[:80]!r} does not stand in it to the letter ({mark.label})."
                )
            else:
                marks[judged.turn].append(Mark(Label(mark.label), quote))
    problems += [f"Turn {index} is missing." for index in places if not seen[index]]
    problems += [
        f"Turn {index} is given {count} times." for index, count in seen.items() if count > 1 and index in marks
    ]
    return {index: honest(found, bare.turns[index].text) for index, found in marks.items()}, problems


def honest(marks: Sequence[Mark], text: str) -> TurnLabels:
    """Return ``marks`` without those that rest on words aimed at the marker; such words carry their own label."""
    aimed = pretended(text)
    if not aimed:
        return TurnLabels.of(marks)
    kept = [Mark(Label.MANIPULATES_GRADER, text[slice(*aimed[0])])]
    for mark in marks:
        start = text.find(mark.quote)
        inside = any(start < end and start + len(mark.quote) > begin for begin, end in aimed)
        if mark.label is not Label.MANIPULATES_GRADER and not inside:
            kept.append(mark)
    return TurnLabels.of(kept)


def exact_quote(quote: str, text: str) -> str | None:
    """Return the passage of ``text`` that ``quote`` copies, allowing for white space and quotation marks; else "
    "None."""
    for wanted in (quote, quote.strip().strip("\"“”'‘’")):
        if not wanted.strip():
            return None
        if wanted in text:
            return wanted.strip() or None
        plain, origin = _plain(text)
        sought = _plain(wanted)[0].strip()
        at = plain.find(sought)
        if sought and at >= 0:
            return text[origin[at] : origin[at + len(sought) - 1] + 1]
    return None


def _plain(text: str) -> tuple[str, list[int]]:
    """Return ``text`` with straight quotation marks and single blanks, and where each character came from."""
    chars: list[str] = []
    origin: list[int] = []
    for place, char in enumerate(text):
        if char.isspace():
            if chars and chars[-1] == " ":
                continue
            char = " "  # noqa: PLW2901
        chars.append(char.translate(_LIKE))
        origin.append(place)
    return "".join(chars), origin


def vote(runs: Sequence[Mapping[int, TurnLabels]]) -> dict[int, TurnLabels]:
    """Return the marks that more than half of ``runs`` gave, with the quote of the first run that gave each."""
    result: dict[int, TurnLabels] = {}
    for index in runs[0]:
        counts: Counter[Label] = Counter(label for run in runs for label in run[index].labels)
        kept = [
            next(Mark(label, quote) for run in runs if (quote := run[index].quote(label)) is not None)
            for label, count in counts.items()
            if 2 * count > len(runs)
        ]
        result[index] = TurnLabels.of(kept)
    return result


_PROMISE = re.compile(
    r"\b(?:scores?|scored|scoring|levels?|grades?|graded|marks?|rating|out of (?:4|four|10|ten|100))\b"
    r"|\b(?:you|you'd|you'll|would|will|to|not|session) (?:pass(?:ed)?|fail(?:ed)?)\b(?! (?:on|around|along|it))"
    r"|\b\d+ (?:points?|of 100)\b|\d ?%|\b[0-4]/4",
    re.IGNORECASE,
)


def speaks_of_marks(text: str) -> bool:
    """True where ``text`` speaks of scores, levels or passing, which a coach must not."""
    return _PROMISE.search(text) is not None
