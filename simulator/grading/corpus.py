"""The labelled corpus: conversations whose trainee turns carry labels with quotes, read and checked.

A line is ``{"id", "business", "channel", "style", "turns": [{"customer", "trainee", "labels": [[label, quote], …]}]}``.
The files that came with the program are ``corpus/*.jsonl`` beside this module; a trainer's own lie in ``corpus/`` of
their folder and are read after them. A conversation whose id comes again replaces the earlier one, so that a trainer
can correct what the program brought. The codebook is ``docs/labels.md``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from simulator.errors import SimulatorError
from simulator.labels import Label, Mark, TurnLabels

BUILT_IN = Path(__file__).resolve().parent / "corpus"
"""Folder of the corpus that came with the program."""

_KEYS = {"id", "business", "channel", "style", "turns"}
_TURN_KEYS = {"customer", "trainee", "labels"}
_NAMES = frozenset(label.value for label in Label)


class CorpusError(SimulatorError):
    """A corpus file cannot be read."""


@dataclass(frozen=True)
class LabelledTurn:
    """A trainee turn, the customer's turn just before it, and all marks of the codebook (several quotes a label)."""

    customer: str
    trainee: str
    marks: tuple[Mark, ...]

    @property
    def labels(self) -> frozenset[Label]:
        """The labels without their quotes."""
        return frozenset(mark.label for mark in self.marks)

    def turn_labels(self) -> TurnLabels:
        """Return the marks as the turn pipeline would give them: one quote a label."""
        return TurnLabels.of(self.marks)


@dataclass(frozen=True)
class LabelledConversation:
    """One conversation of the corpus; the unit by which held-out parts are split."""

    id: str
    business: str
    channel: str
    style: str
    turns: tuple[LabelledTurn, ...]


@dataclass(frozen=True)
class Flaw:
    """Something wrong in a corpus file: where, and what to mend. ``line`` is 1-based; 0 is the file as a whole."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        where = f"{self.file}, line {self.line}" if self.line else self.file
        return f"{where}: {self.message}"


@dataclass(frozen=True)
class Corpus:
    """Labelled conversations in reading order; ``sha256`` is the hash of what they say, however files are cut.

    ``own`` are the ids of those that a trainer wrote or corrected.
    """

    conversations: tuple[LabelledConversation, ...]
    sha256: str
    own: frozenset[str] = frozenset()

    @classmethod
    def of(cls, conversations: Iterable[LabelledConversation], own: Iterable[str] = ()) -> Corpus:
        """Return the corpus of ``conversations``; of two with the same id the later one counts."""
        kept = {conversation.id: conversation for conversation in conversations}
        digest = hashlib.sha256()
        for conversation in kept.values():
            digest.update(json.dumps(_as_json(conversation), ensure_ascii=True, sort_keys=True).encode())
        return cls(tuple(kept.values()), digest.hexdigest(), frozenset(own))

    def parts(self) -> tuple[Corpus, Corpus]:
        """Return the corpus that came with the program, as far as it was not replaced, and the trainer's own."""
        return (
            Corpus.of(c for c in self.conversations if c.id not in self.own),
            Corpus.of((c for c in self.conversations if c.id in self.own), self.own),
        )

    def turns(self) -> Iterator[tuple[LabelledConversation, int, LabelledTurn]]:
        """Yield every labelled turn with its conversation and its place in it."""
        for conversation in self.conversations:
            for place, turn in enumerate(conversation.turns):
                yield conversation, place, turn


def corpus_files(folder: Path | None = None) -> list[Path]:
    """Return the corpus files that came with the program, then those in ``folder`` (a trainer's own), sorted by "
    "name."""
    own = sorted(folder.glob("*.jsonl")) if folder is not None and folder.is_dir() else []
    return [*sorted(BUILT_IN.glob("*.jsonl")), *own]


def read_corpus(folder: Path | None = None) -> Corpus:
    """Return the whole corpus, ``folder`` being the trainer's own; raises ``CorpusError`` naming the first flaw."""
    files = corpus_files(folder)
    if not files:
        raise CorpusError("The labelled corpus is missing.", f"Reinstall the program; it should lie in {BUILT_IN}.")
    built_in, flaws = read_files([file for file in files if file.parent == BUILT_IN])
    own, more_flaws = read_files([file for file in files if file.parent != BUILT_IN])
    flaws += more_flaws
    if flaws:
        more = f" ({len(flaws) - 1} more like it)" if len(flaws) > 1 else ""
        raise CorpusError(f"The labelled corpus cannot be used: {flaws[0]}{more}.", "Mend the line or take it out.")
    return Corpus.of([*built_in, *own], (conversation.id for conversation in own))


def read_files(files: Sequence[Path]) -> tuple[list[LabelledConversation], list[Flaw]]:
    """Return the sound conversations of ``files`` and every flaw found on the way."""
    conversations: list[LabelledConversation] = []
    flaws: list[Flaw] = []
    for file in files:
        seen: dict[str, int] = {}
        try:
            text = file.read_bytes().decode("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            flaws.append(Flaw(file.name, 0, f"it cannot be read ({error})"))
            continue
        for number, line in enumerate(text.split("\n"), 1):
            if not line.strip():
                continue
            conversation, problems = parse_line(line)
            if conversation is not None and conversation.id in seen:
                problems.append(f"the id {conversation.id!r} stands in line {seen[conversation.id]} already")
            flaws += [Flaw(file.name, number, problem) for problem in problems]
            if conversation is not None and not problems:
                seen[conversation.id] = number
                conversations.append(conversation)
    return conversations, flaws


def parse_line(line: str) -> tuple[LabelledConversation | None, list[str]]:
    """Return the conversation of one line, None where there is none to speak of, and what is wrong with it."""
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        return None, [f"it is not JSON ({error})"]
    if not isinstance(data, dict):
        return None, ["it is not an object"]
    problems = _key_problems(data, _KEYS, "")
    head = {name: data.get(name) for name in ("id", "business", "channel", "style")}
    problems += [f"{name} is not a text" for name, value in head.items() if not isinstance(value, str) or not value]
    turns = data.get("turns")
    if not isinstance(turns, list) or not turns:
        problems.append("turns is not a list of turns")
        turns = []
    read = [_read_turn(turn, number, problems) for number, turn in enumerate(turns, 1)]
    if problems and not all(isinstance(value, str) for value in head.values()):
        return None, problems
    sound = tuple(turn for turn in read if turn is not None)
    name, business, channel, style = (str(value) for value in head.values())
    return LabelledConversation(name, business, channel, style, sound), problems


def _read_turn(data: object, number: int, problems: list[str]) -> LabelledTurn | None:
    where = f"turn {number}: "
    if not isinstance(data, dict):
        problems.append(f"{where}it is not an object")
        return None
    problems += _key_problems(data, _TURN_KEYS, where)
    customer, trainee, labels = data.get("customer"), data.get("trainee"), data.get("labels")
    if not isinstance(customer, str) or not isinstance(trainee, str) or not isinstance(labels, list):
        problems.append(f"{where}customer and trainee must be texts and labels a list")
        return None
    marks: list[Mark] = []
    for item in labels:
        if not (isinstance(item, list) and len(item) == 2 and all(isinstance(part, str) for part in item)):
            problems.append(f"{where}a label is not a pair of name and quote")
            continue
        name, quote = item
        if name not in _NAMES:
            problems.append(f"{where}there is no label {name!r}")
        elif not quote.strip() or quote not in trainee:
            problems.append(f"{where}the quote of {name} does not stand in the turn: {quote[:60]!r}")
        else:
            marks.append(Mark(Label(name), quote))
    return LabelledTurn(customer, trainee, tuple(marks))


def _key_problems(data: dict[str, object], allowed: set[str], where: str) -> list[str]:
    missing = [f"{where}{name} is missing" for name in sorted(allowed - set(data))]
    return missing + [f"{where}{name} is not a field of the corpus" for name in sorted(set(data) - allowed)]


def _as_json(conversation: LabelledConversation) -> list[object]:
    turns = [[t.customer, t.trainee, [[m.label.value, m.quote] for m in t.marks]] for t in conversation.turns]
    return [conversation.id, turns]
