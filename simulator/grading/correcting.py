"""Labels that are stored with a session, and a person's corrections of them: scorecards without any model.

A correction is a line of its own in the session's file; what the grader said stays as it was written. A person's word
stands: it is put on top of whatever labels a later grading gives. A corrected turn can join the trainer's own corpus,
``corpus/corrections.jsonl`` in their folder, as one conversation a session that holds the corrected turns.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from simulator.errors import SimulatorError, TranscriptError
from simulator.grading.evaluator import exact_quote
from simulator.grading.scorecard import GraderStamp, Scorecard
from simulator.labels import Label, Mark, TurnLabels
from simulator.transcripts.records import (
    CorrectionLine,
    LabelledTurn,
    LabelsLine,
    Quoted,
    Record,
    Role,
    ScorecardLine,
    Transcript,
)
from simulator.transcripts.writing import write_error

CORRECTIONS = "corrections.jsonl"
"""Name of the file in the trainer's ``corpus`` folder."""


@dataclass(frozen=True)
class StoredLabels:
    """The labels of every trainee turn by its place, corrections included, and the stamp of who gave them."""

    labels: dict[int, TurnLabels]
    stamp: GraderStamp


def grading_lines(scorecard: Scorecard, at: str) -> tuple[Record, ...]:
    """Return what is written down of a grading: the labels with their quotes where there are any, then the card."""
    line = ScorecardLine(at=at, scorecard=scorecard.record())
    if scorecard.status != "graded":
        return (line,)
    turns = tuple(LabelledTurn(turn=turn.turn, labels=turn.marks) for turn in scorecard.turns)
    return LabelsLine(at=at, grader=scorecard.record()["grader"], turns=turns), line


def stored_labels(transcript: Transcript) -> StoredLabels | None:
    """Return the labels the session was last graded by with all corrections, or None where it was never graded."""
    base = _from_line(transcript) or _from_scorecard(transcript)
    return None if base is None else corrected(base, transcript)


def corrected(base: StoredLabels, transcript: Transcript) -> StoredLabels:
    """Return ``base`` with the corrections of ``transcript`` on top, in the order in which they were made."""
    labels = dict(base.labels)
    touched = set()
    for correction in transcript.corrections:
        place = correction.turn
        if place not in labels:  # the turn was lost with a damaged file
            continue
        added = [Mark(q.label, q.quote) for q in correction.added if q.quote in transcript.turns[place].text]
        kept = [mark for mark in labels[place] if mark.label not in correction.removed]
        labels[place] = TurnLabels.of([*added, *kept])
        touched.add(place)
    return StoredLabels(labels, base.stamp.model_copy(update={"corrected": len(touched)}))


def correction(
    transcript: Transcript, place: int, add: Sequence[tuple[str, str]] = (), remove: Sequence[str] = (), at: str = ""
) -> CorrectionLine:
    """Return the correction of the turn at ``place``: labels to ``add``, each with its quote, and to ``remove``.

    Raises ``TranscriptError`` where there is nothing to correct, the turn is not the trainee's, a label is unknown,
    a quote does not stand in the turn, or a label to be removed is not there.
    """
    stored = stored_labels(transcript)
    if stored is None:
        raise TranscriptError("The session has not been graded yet.", "Grade it first, then correct its labels.")
    if place not in stored.labels:
        own = ", ".join(str(index) for index in sorted(stored.labels))
        raise TranscriptError(f"Turn {place} is not a turn of the trainee.", f"Theirs are {own}.")
    if not add and not remove:
        raise TranscriptError("Nothing was corrected.", "Name a label to add, with its words, or one to remove.")
    text, labels = transcript.turns[place].text, stored.labels[place]
    added = []
    for name, quote in add:
        label = _label(name)
        words = exact_quote(quote, text)
        if words is None:
            raise TranscriptError(f"Turn {place} does not contain {quote[:60]!r}.", "Copy the words from the turn.")
        added.append(Quoted(label=label, quote=words))
    removed = [_label(name) for name in remove]
    for label in removed:
        if label not in labels:
            carried = ", ".join(mark.label.value for mark in labels) or "none"
            raise TranscriptError(f"Turn {place} does not carry {label.value}.", f"Its labels: {carried}.")
    if both := {q.label for q in added} & set(removed):
        raise TranscriptError(f"{min(both).value} is both added and removed.", "Do one of the two.")
    return CorrectionLine(at=at, turn=place, added=tuple(added), removed=tuple(removed))


def learn(transcript: Transcript, folder: Path) -> Path:
    """Put the corrected turns of ``transcript`` into the trainer's own corpus in ``folder`` and return its file.

    Turns that nobody corrected stay out: they are only what a grader said. Raises ``SimulatorError`` where the file
    cannot be read or written; then it is as it was.
    """
    stored = stored_labels(transcript)
    touched = sorted({line.turn for line in transcript.corrections} & set(stored.labels if stored else ()))
    if stored is None or not touched:
        raise TranscriptError("Nothing was corrected in this session.", "Correct a turn first.")
    path = folder / CORRECTIONS
    header = transcript.header
    conversation = {
        "id": f"corrected-{header.id}",
        "business": header.persona or "unknown",
        "channel": header.channel or "unknown",
        "style": "corrected",
        "turns": [_example(transcript, place, stored.labels[place]) for place in touched],
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        before = path.read_text("utf-8").split("\n") if path.is_file() else []
        kept = [line for line in before if line.strip() and _id(line) != conversation["id"]]
        text = "".join(f"{line}\n" for line in [*kept, json.dumps(conversation, ensure_ascii=False)])
        handle, scratch = tempfile.mkstemp(dir=folder, prefix=".", suffix=".new")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(scratch).replace(path)
    except OSError as error:
        raise write_error("your corpus", error) from None
    except UnicodeDecodeError:
        raise SimulatorError(f"{path} is not UTF-8 text.", "Mend it or move it away.") from None
    return path


def _example(transcript: Transcript, place: int, labels: TurnLabels) -> dict[str, Any]:
    heard: list[str] = []
    for turn in transcript.turns[:place]:
        heard = [] if turn.role is Role.TRAINEE else [*heard, turn.text]
    return {
        "customer": "\n".join(heard),
        "trainee": transcript.turns[place].text,
        "labels": [[mark.label.value, mark.quote] for mark in labels],
    }


def _id(line: str) -> object:
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value.get("id") if isinstance(value, dict) else None


def _label(name: str) -> Label:
    try:
        return Label(name.strip().replace(" ", "_").replace("-", "_"))
    except ValueError:
        known = ", ".join(label.value for label in Label)
        raise TranscriptError(f"There is no label {name[:60]!r}.", f"The labels are: {known}.") from None


def _from_line(transcript: Transcript) -> StoredLabels | None:
    """Return the labels of the last line that holds them, as far as they stand in the turns they name."""
    if not transcript.labellings:
        return None
    line = transcript.labellings[-1]
    try:
        stamp = GraderStamp.model_validate({**line.grader, "corrected": 0})
    except ValidationError:
        stamp = GraderStamp(kind="local", model="unknown", prompt_sha256="")
    labels = _empty(transcript)
    for turn in line.turns:
        if turn.turn in labels:
            text = transcript.turns[turn.turn].text
            labels[turn.turn] = TurnLabels.of(Mark(q.label, q.quote) for q in turn.labels if q.quote in text)
    return StoredLabels(labels, stamp)


def _from_scorecard(transcript: Transcript) -> StoredLabels | None:
    """Return the labels of the last scorecard of a session that was saved before labels were written down.

    It has no quotes: they are those the turn pipeline saw or, where it saw none, the whole turn.
    """
    for line in reversed(transcript.scorecards):
        try:
            card = Scorecard.model_validate(line.scorecard)
        except ValidationError:
            continue
        if card.status == "graded":
            break
    else:
        return None
    labels = _empty(transcript)
    for graded in card.turns:
        if graded.turn in labels:
            turn = transcript.turns[graded.turn]
            seen = turn.turn_labels()
            labels[graded.turn] = TurnLabels.of(Mark(label, seen.quote(label) or turn.text) for label in graded.labels)
    return StoredLabels(labels, card.grader.model_copy(update={"corrected": 0}))


def _empty(transcript: Transcript) -> dict[int, TurnLabels]:
    return {i: TurnLabels() for i, turn in enumerate(transcript.turns) if turn.role is Role.TRAINEE}


def as_labels(scorecard: Scorecard) -> dict[int, TurnLabels]:
    """Return the labels of a scorecard that was just made, by place."""
    return {turn.turn: TurnLabels.of(Mark(q.label, q.quote) for q in turn.marks) for turn in scorecard.turns}
