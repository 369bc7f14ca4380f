"""Foreign conversations into the store, where they are sessions like any other."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from simulator.cleaning import one_line
from simulator.errors import TranscriptError
from simulator.transcripts.importing.conversation import Conversation, file_id
from simulator.transcripts.importing.roles import is_generic, turns_of
from simulator.transcripts.records import (
    IMPORTED,
    EndingLine,
    Header,
    NoteLine,
    Record,
    Role,
    TitleLine,
    Transcript,
    Turn,
)
from simulator.transcripts.store import Store


@dataclass(frozen=True)
class Saved:
    """What became of one conversation: its id in the store, and whether it was there before."""

    id: str
    turns: int
    known: bool = False


def save(
    store: Store, conversation: Conversation, roles: dict[str, Role | None], *, source: str, at: str, trainee: str = ""
) -> Saved:
    """Put ``conversation`` into ``store`` under ``roles``; ``at`` is the time of import, ``trainee`` their name.

    It keeps its own id where that can name a file and is free; the same conversation is never put in twice. Raises
    ``TranscriptError`` where nobody with a role says anything, or it cannot be written.
    """
    turns = turns_of(conversation, roles)
    if not turns:
        raise TranscriptError("Nobody who is the customer or the trainee says anything.", "Check the roles.")
    customers = [one_line(name) for name, role in roles.items() if role is Role.CUSTOMER and not is_generic(name)]
    header = Header(
        id=file_id(conversation.id),
        started_at=next((turn.at for turn in turns if turn.at), at),
        persona=IMPORTED,
        persona_sha256="",
        persona_name=customers[0][:80] if customers and customers[0].casefold() not in _MODEL_ROLES else "",
        setting=conversation.setting,
        seed=0,
        voice=IMPORTED,
        trainee=trainee,
    )
    note = NoteLine(at=at, text=f"imported from {one_line(source)}")
    return _put(store, header, (*turns, note))


def save_session(store: Store, transcript: Transcript, *, source: str, at: str) -> Saved:
    """Put a whole session of this program, from another store or an export, into ``store`` as it is."""
    records: list[Record] = [*transcript.turns]
    if transcript.ending is not None:
        records.append(EndingLine(ending=transcript.ending))
    records += [*transcript.scorecards, *transcript.notes]
    if transcript.title:
        records.append(TitleLine(text=transcript.title))
    records.append(NoteLine(at=at, text=f"imported from {one_line(source)}"))
    return _put(store, transcript.header.model_copy(update={"id": file_id(transcript.header.id)}), records)


_MODEL_ROLES = frozenset(("user", "assistant", "human", "ai", "gpt"))
"""Speakers whose name is nobody's."""


def trainee_of(roles: dict[str, Role | None]) -> str:
    """Return the name of the trainee among the speakers; empty where it is only a word for a role."""
    names = [one_line(name) for name, role in roles.items() if role is Role.TRAINEE and not is_generic(name)]
    return names[0][:80] if names and names[0].casefold() not in _MODEL_ROLES else ""


def _put(store: Store, header: Header, records: Sequence[Record]) -> Saved:
    said = [(record.role.value, record.text) for record in records if isinstance(record, Turn)]
    mark = hashlib.sha256(json.dumps(said).encode()).hexdigest()[:8]
    name = header.id or f"imported-{mark}"
    for candidate in (name, f"{name}-{mark}"):
        earlier = _namesake(store, candidate)
        if earlier is None:
            return Saved(store.add(header.model_copy(update={"id": candidate}), records), len(said))
        if [(turn.role.value, turn.text) for turn in earlier.turns] == said:
            return Saved(candidate, len(said), known=True)
    return Saved(store.add(header.model_copy(update={"id": ""}), records), len(said))


def _namesake(store: Store, name: str) -> Transcript | None:
    for part in (store, store.archived):
        path = part.folder / f"{name}.jsonl"
        if path.is_file():
            return part.read(path)
    return None
