"""Sessions are renamed, put away, brought back and deleted; an old file stays as it was written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from simulator.errors import TranscriptError
from simulator.transcripts.records import Header, NoteLine, Role, Turn
from simulator.transcripts.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "transcripts")


def session(store: Store, name: str = "", at: str = "2026-01-31T09:30:00Z") -> str:
    header = Header(id=name, started_at=at, persona="moving-house", persona_sha256="ab", seed=1, voice="scripted")
    with store.create(header) as writer:
        writer.append(Turn(index=0, role=Role.CUSTOMER, text="I have waited three weeks."))
        return writer.id


def ids(store: Store) -> list[str]:
    return [summary.id for summary in store.list()]


def test_a_title_is_a_new_line_and_the_last_one_counts(store: Store) -> None:
    name = session(store)
    before = (store.folder / f"{name}.jsonl").read_bytes()
    store.rename(name, "First try")
    store.rename(name, "The sofa")
    assert (store.folder / f"{name}.jsonl").read_bytes().startswith(before)
    assert store.read(name).title == "The sofa"
    assert next(store.list()).title == "The sofa"
    assert store.read(name).header.id == name


def test_what_is_archived_is_out_of_the_list_and_still_read(store: Store) -> None:
    name, other = session(store), session(store, at="2026-02-01T10:00:00Z")
    store.archive(name)
    assert ids(store) == [other]
    assert ids(store.archived) == [name]
    assert store.read(name).turns[0].text == "I have waited three weeks."
    store.restore(name)
    assert set(ids(store)) == {name, other}
    assert ids(store.archived) == []


def test_archiving_overwrites_nothing(store: Store) -> None:
    session(store, "same")
    store.archive("same")
    session(store, "same")
    with pytest.raises(TranscriptError, match="already"):
        store.archive("same")
    assert ids(store) == ids(store.archived) == ["same"]


def test_what_is_deleted_leaves_nothing_behind(store: Store) -> None:
    name = session(store)
    store.save_draft(name, "I was about to")
    store.delete(name)
    assert [path for path in store.folder.rglob("*") if path.is_file()] == []


def test_a_session_that_is_open_is_neither_deleted_nor_moved(store: Store) -> None:
    _, writer = store.reopen(session(store, "open"))
    with writer:
        for act in (store.delete, store.archive):
            with pytest.raises(TranscriptError, match="another window"):
                act("open")
        writer.append(NoteLine(text="still here"))
    assert store.read("open").notes[-1].text == "still here"


def test_an_old_file_is_added_to_and_never_rewritten(store: Store) -> None:
    store.folder.mkdir(parents=True)
    path = store.folder / "20250131T093000Z-moving-house-0a1b2c.jsonl"
    old = [
        {"kind": "header", "id": path.stem, "started_at": "2025-01-31T09:30:00Z", "persona": "moving-house"},
        {"kind": "turn", "index": 0, "role": "customer", "text": "Where is it?"},
    ]
    written = "".join(json.dumps(line, indent=None) + "\n" for line in old).encode()
    path.write_bytes(written)
    transcript, writer = store.reopen(path.stem)
    with writer:
        writer.append(NoteLine(text="graded again"))
    assert transcript.header.schema_version == 0
    assert path.read_bytes().startswith(written)
    assert store.read(path.stem).header.schema_version == 0
    assert [summary.problems for summary in store.list()] == [()]
