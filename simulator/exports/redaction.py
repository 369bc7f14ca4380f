"""Leaving persons and secrets out of a transcript before anything is exported.

``without_secrets`` is done to every export: keys, tokens and passwords never leave. ``redact`` does it and puts
``[Name 1]``, ``[Phone 1]`` and the like in the place of names, phone and card numbers, emails and addresses, the
same for the same thing in everything the transcript holds: turns, quotes, notes, scorecards and their coaching.
``[Name 1a]`` is a part of the name ``[Name 1]``, or the whole of it. Quotes still stand verbatim in their turn
afterwards. Both are functions of values; nothing is kept of the originals but in ``Labels``, which ``sealed`` writes
only where there is a key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from simulator.cleaning import one_line
from simulator.exports.redacting.keys import secrets_in
from simulator.exports.redacting.names import given_names, names_in, not_names
from simulator.exports.redacting.personal import personal_in
from simulator.exports.redacting.spans import Kind, Replaced, Span, replaced
from simulator.transcripts.records import (
    Guarded,
    Header,
    LabelsLine,
    NoteLine,
    Quoted,
    ScorecardLine,
    Transcript,
    Turn,
)

_LABEL = re.compile(r"\[(?:Email|Card|Phone|Address|Name) (\d+)[a-z]?\]")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_TITLE = re.compile(r"^(?:(?:mr|mrs|ms|miss|mx|dr|prof|professor|sir|dame)\.?\s+)+", re.IGNORECASE)
SECRET_REMOVED = f"[{Kind.SECRET.value}]"


@dataclass
class Labels:
    """What stands for what: the same words get the same label. ``originals`` gives them back."""

    originals: dict[str, str] = field(default_factory=dict)
    _known: dict[tuple[Kind, str], str] = field(default_factory=dict)
    _taken: dict[Kind, int] = field(default_factory=dict)

    def of(self, kind: Kind, words: str) -> str:
        """Return the label of ``words``, a new one where they come up first."""
        if kind is Kind.SECRET:
            return SECRET_REMOVED
        key = (kind, _sameness(kind, words))
        if key not in self._known:
            self._known[key] = self._new(kind, key[1])
            self.originals[self._known[key]] = words
        return self._known[key]

    def _new(self, kind: Kind, same: str) -> str:
        """Return a fresh label: of a part of a name that is known, or the whole of it, with that one's number."""
        parts = set(same.split())
        for (other, known), label in self._known.items() if kind is Kind.NAME else ():
            person = set(known.split())
            if other is kind and (parts < person or person < parts):
                stem = label[:-1].rstrip(_LETTERS)
                for letter in _LETTERS:
                    if (more := f"{stem}{letter}]") not in self.originals:
                        return more
        self._taken[kind] = self._taken.get(kind, 0) + 1
        return f"[{kind.value} {self._taken[kind]}]"

    def skip(self, texts: Iterable[str]) -> None:
        """Begin beyond every label that somebody has written into ``texts`` themselves."""
        for text in texts:
            for match in _LABEL.finditer(text):
                kind = Kind(match[0][1:].split()[0])
                self._taken[kind] = max(self._taken.get(kind, 0), int(match[1]))

    @classmethod
    def from_originals(cls, originals: Mapping[str, str]) -> Labels:
        """Return the labels that gave ``originals``, to go on with."""
        labels = cls()
        for label, words in originals.items():
            kind = Kind(label[1:].split()[0])
            labels.originals[label] = words
            labels._known[kind, _sameness(kind, words)] = label
        labels.skip(originals)
        return labels


def redact(transcript: Transcript, labels: Labels | None = None, secrets: Iterable[str] = ()) -> Transcript:
    """Return ``transcript`` without names, numbers, addresses and secrets; ``labels`` learns what stood there."""
    labels = labels or Labels()
    texts = list(_texts(transcript))
    labels.skip(texts)
    return _Censor(labels, tuple(secrets), _people(transcript, texts)).transcript(transcript)


def without_secrets(transcript: Transcript, secrets: Iterable[str] = ()) -> Transcript:
    """Return ``transcript`` without anything of the shape of a secret, and without the ``secrets`` that are known."""
    known = tuple(secrets)
    if next(secrets_in("\n".join(_strings(transcript.model_dump())), known), None) is None:
        return transcript  # as nearly all are: looked through at once
    return _Censor(Labels(), known, None).transcript(transcript)


class _Censor:
    """Goes over everything a transcript holds. ``people`` finds its names; None: only secrets are taken out."""

    def __init__(self, labels: Labels, secrets: tuple[str, ...], people: re.Pattern[str] | None) -> None:
        self._labels, self._secrets, self._people = labels, secrets, people
        self._personal = people is not None

    def transcript(self, transcript: Transcript) -> Transcript:
        done = {turn.index: self._replaced(turn.text) for turn in transcript.turns}
        by_place = {place: done[turn.index] for place, turn in enumerate(transcript.turns)}
        return transcript.model_copy(
            update={
                "header": self._header(transcript.header),
                "turns": tuple(self._turn(turn, done[turn.index]) for turn in transcript.turns),
                "scorecards": tuple(self._card(line, done, by_place) for line in transcript.scorecards),
                "labellings": tuple(self._labelling(line, by_place) for line in transcript.labellings),
                "corrections": tuple(
                    line.model_copy(update={"added": self._quoted(line.added, by_place.get(line.turn))})
                    for line in transcript.corrections
                ),
                "notes": tuple(NoteLine(at=note.at, text=self.text(note.text)) for note in transcript.notes),
                "problems": tuple(self.text(problem) for problem in transcript.problems),
                "title": self.text(transcript.title),
            }
        )

    def text(self, text: str) -> str:
        """Return ``text`` without what is somebody's."""
        return self._replaced(text).text

    def _replaced(self, text: str) -> Replaced:
        return replaced(text, self._spans(text), self._labels.of)

    def _spans(self, text: str) -> Iterator[Span]:
        yield from secrets_in(text, self._secrets)
        if self._people is not None:
            yield from personal_in(text)
            yield from names_in(text)
            yield from (Span(Kind.NAME, *match.span()) for match in self._people.finditer(text) if match[0])

    def _header(self, header: Header) -> Header:
        told = {name: self.text(value) for name in _TOLD if (value := getattr(header, name))}
        told |= {name: self._kept(value) for name in _KEPT if (value := getattr(header, name))}
        if self._personal:
            told |= {
                name: self._labels.of(Kind.NAME, value) for name in _NAMED if (value := told.get(name, "").strip())
            }
            told["id"] = self._id(told["id"])
        return header.model_copy(update=told)

    def _kept(self, text: str) -> str:
        """Return ``text``, which is nobody's words, without the secrets in it."""
        return replaced(text, secrets_in(text, self._secrets), self._labels.of).text

    def _id(self, name: str) -> str:
        """Return the id of a session without the names in it, as the name of an imported file may have them."""
        people = self._people
        if people is None:
            return name
        parts = re.split(r"([-._]+)", name)
        return "".join("x" if len(part) > 2 and people.fullmatch(part.capitalize()) else part for part in parts)

    def _turn(self, turn: Turn, done: Replaced) -> Turn:
        guard = turn.guard and Guarded(
            refused=tuple((rule, self.text(said)) for rule, said in turn.guard.refused), written=turn.guard.written
        )
        labels = turn.labels and self._quoted(turn.labels, done)
        direction = turn.direction and self.text(turn.direction)
        update = {"text": done.text, "guard": guard, "labels": labels, "direction": direction}
        return turn.model_copy(update=update)

    def _labelling(self, line: LabelsLine, by_place: Mapping[int, Replaced]) -> LabelsLine:
        turns = (
            turn.model_copy(update={"labels": self._quoted(turn.labels, by_place.get(turn.turn))})
            for turn in line.turns
        )
        return line.model_copy(update={"turns": tuple(turns)})

    def _quoted(self, labels: Iterable[Quoted], done: Replaced | None) -> tuple[Quoted, ...]:
        return tuple(Quoted(label=quoted.label, quote=self._quote(quoted.quote, done)) for quoted in labels)

    def _quote(self, quote: str, *turns: Replaced | None) -> str:
        for turn in turns:
            if turn is not None and (moved := turn.quote(quote)) is not None:
                return moved
        return self.text(quote)

    def _card(
        self, line: ScorecardLine, by_index: Mapping[int, Replaced], by_place: Mapping[int, Replaced]
    ) -> ScorecardLine:
        def over(value: Any, turn: int | None, name: str = "") -> Any:
            if isinstance(value, str):
                if name == "id":
                    return self._id(value)
                if name in ("quote", "said") and turn is not None:
                    return self._quote(value, by_index.get(turn), by_place.get(turn))
                return value if name in _TECHNICAL else self.text(value)
            if isinstance(value, Mapping):
                place = value.get("turn", turn)
                turn = place if isinstance(place, int) else turn
                return {key: over(item, turn, str(key)) for key, item in value.items()}
            if isinstance(value, list | tuple):
                return [over(item, turn, name) for item in value]
            return value

        return ScorecardLine(at=line.at, scorecard=over(line.scorecard, None))


_TOLD = ("setting", "voice_model")
_NAMED = ("persona_name", "trainee")
_KEPT = ("id", "persona", "voice", "channel", "difficulty", "started_at", *_NAMED)
_TECHNICAL = frozenset(("status", "sha256", "prompt_sha256", "version", "labels"))
"""Fields of a scorecard whose values are words of this program."""


def _people(transcript: Transcript, texts: Sequence[str]) -> re.Pattern[str]:
    """Return a pattern of every name of the transcript, whole and in parts, the longest first.

    A name that one turn makes plain ("my name is Will Turner") is so found in all of them; a part of it that is
    also a word somebody uses is left to ``names_in``.
    """
    words = frozenset(word for text in texts for word in re.findall(r"[^\W\d_]+", text) if word.islower())
    names: set[str] = set()
    for name in (transcript.header.persona_name, transcript.header.trainee):
        names.update(_parts(name, words))
    for text in texts:
        for span in names_in(text):
            names.update(_parts(text[span.start : span.end], words))
    ordered = sorted(names, key=lambda name: (-len(name), name))
    if not ordered:
        return re.compile(r"(?!)")
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, ordered))})(?!\w)")


def _parts(name: str, words: frozenset[str]) -> Iterator[str]:
    """Yield ``name`` and those of its parts that mean nobody else; ``words`` are those in use in lower case."""
    bare = re.sub(r"['’]s$", "", _TITLE.sub("", one_line(name)))
    listed = given_names()
    parts = bare.split()
    if len(parts) > 1:
        yield bare
    for part in parts:
        lower = part.casefold()
        if len(part) < 3 or lower in not_names() or listed.get(lower):
            continue
        if (part[0].isupper() and lower not in words) or lower in listed:
            yield part


def _strings(value: object) -> Iterator[str]:
    """Yield every string in ``value``, however deep."""
    left = [value]
    while left:
        item = left.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, Mapping):
            left.extend(item.values())
        elif isinstance(item, list | tuple):
            left.extend(item)


def _sameness(kind: Kind, words: str) -> str:
    if kind in (Kind.PHONE, Kind.CARD):
        return re.sub(r"\D", "", words)
    return _TITLE.sub("", one_line(words)).casefold().removesuffix("'s").removesuffix("’s")


def _texts(transcript: Transcript) -> Iterator[str]:
    """Yield everything that was said or noted."""
    yield from (turn.text for turn in transcript.turns)
    yield from (note.text for note in transcript.notes)
    yield transcript.title
    yield transcript.header.setting
