"""The store keeps what was shown, gives it back, and says what is wrong in plain words."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from simulator.errors import TranscriptError
from simulator.labels import Label
from simulator.transcripts.records import (
    Ending,
    EndingLine,
    Guarded,
    Header,
    Mood,
    NoteLine,
    Piece,
    Quoted,
    Role,
    ScorecardLine,
    Stage,
    Turn,
)
from simulator.transcripts.store import Store, new_id
from simulator.transcripts.writing import SessionFile

CARD = {"id": "s", "status": "graded", "overall": 71, "passed": True, "acknowledged_before_solution": None}


def header(at: str = "2026-01-31T09:30:00Z", persona: str = "moving-house", **more: object) -> Header:
    values = {
        "id": "",
        "started_at": at,
        "persona": persona,
        "persona_sha256": "ab",
        "seed": 7,
        "voice": "scripted",
    }
    return Header.model_validate(values | more)


def customer(index: int, text: str = "No.") -> Turn:
    return Turn(index=index, role=Role.CUSTOMER, text=text, mood=Mood(tension=7, stage=Stage.VENTING))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "deep" / "transcripts")


def session(store: Store, *, at: str = "2026-01-31T09:30:00Z", turns: int = 1) -> str:
    with store.create(header(at)) as writer:
        for index in range(turns):
            writer.append(customer(index))
        return writer.id


def test_what_was_written_is_read_back(store: Store) -> None:
    trainee = Turn(
        index=1,
        role=Role.TRAINEE,
        text="Your house…\n“soon”\u2028",
        at="t",
        labels=(Quoted(label=Label.RESTATES, quote="house"),),
    )
    guarded = customer(0).model_copy(update={"guard": Guarded(refused=(("leak", "x"),)), "direction": "Sigh."})
    with store.create(header(prompts={"customer": "ff"})) as writer:
        for record in (Piece(index=0, text="N"), guarded, trainee, NoteLine(text="resumed")):
            writer.append(record)
        writer.append(EndingLine(ending=Ending.SETTLED))
        writer.append(ScorecardLine(scorecard=CARD))
    transcript = store.read(writer.id)
    assert transcript.turns == (guarded, trainee)
    assert transcript.header == writer.header
    assert transcript.ending is Ending.SETTLED
    assert transcript.scorecards[0].scorecard == CARD
    assert transcript.problems == ()


def test_every_append_is_one_whole_line_forced_to_the_disk(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with store.create(header()) as writer:
        synced: list[bytes] = []
        monkeypatch.setattr(os, "fsync", lambda fd: synced.append(writer.path.read_bytes()))
        before = writer.path.read_bytes()
        writer.append(customer(0, "two\nlines"))
        (seen,) = synced
    assert seen.startswith(before)
    assert seen[len(before) :].count(b"\n") == 1
    assert seen.endswith(b"\n")


@pytest.mark.skipif(os.name != "posix", reason="modes are those of POSIX")
def test_what_the_store_makes_is_private(store: Store) -> None:
    usual = os.umask(0)
    try:
        store.save_draft(session(store), "I see")
    finally:
        os.umask(usual)
    for path in [store.folder, *store.folder.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_ids_sort_by_time_and_name_the_persona() -> None:
    made = [new_id(at, "Moving House/../x") for at in ("2026-01-31T09:30:00+02:00", "2026-01-31T08:00:00Z")]
    assert made[0].startswith("20260131T073000Z-moving-house-x-")
    assert made == sorted(made)
    with pytest.raises(TranscriptError, match="not a time"):
        new_id("soon", "x")


def test_an_id_that_is_no_file_name_is_refused(store: Store) -> None:
    for bad in ("../up", "a/b", ".hidden", "x" * 200):
        with pytest.raises(TranscriptError, match="cannot be the id"):
            store.create(header(id=bad))
        with pytest.raises(TranscriptError, match="cannot be the id"):
            store.save_draft(bad, "x")


def test_an_id_that_is_taken_is_refused_and_nothing_is_overwritten(store: Store) -> None:
    name = session(store)
    before = (store.folder / f"{name}.jsonl").read_bytes()
    with pytest.raises(TranscriptError, match="already"):
        store.create(header(id=name))
    assert (store.folder / f"{name}.jsonl").read_bytes() == before


def test_a_session_is_found_by_id_beginning_and_path(store: Store) -> None:
    name = session(store)
    for which in (
        name,
        name[:12],
        str(store.folder / f"{name}.jsonl"),
        store.folder / f"{name}.jsonl",
        f"{name}.jsonl",
    ):
        assert store.read(which).header.id == name


def test_an_unknown_id_suggests_the_nearest(store: Store) -> None:
    name = session(store)
    with pytest.raises(TranscriptError) as caught:
        store.read(name[:-2] + "zz")
    assert name in caught.value.hint


def test_a_beginning_of_several_names_them(store: Store) -> None:
    names = [session(store), session(store)]
    with pytest.raises(TranscriptError) as caught:
        store.read("2026")
    assert all(name in caught.value.hint for name in names)


def test_an_empty_or_missing_folder_has_no_sessions(store: Store) -> None:
    assert list(store.list()) == []
    assert store.latest() is None
    with pytest.raises(TranscriptError, match="There is no session"):
        store.read("x")


def test_the_list_is_newest_first_and_tells_each_session(store: Store) -> None:
    old = session(store, at="2025-01-01T00:00:00Z", turns=3)
    with store.create(header(persona_name="Dana")) as writer:
        writer.append(customer(0))
        writer.append(Piece(index=2, text="cut"))
    with store.reopen(old)[1] as again:
        again.append(EndingLine(ending=Ending.WALKED_OUT))
        again.append(ScorecardLine(scorecard=CARD | {"overall": 10, "passed": False}))
        again.append(ScorecardLine(scorecard=CARD))
    first, second = store.list()
    assert (first.id, first.turns, first.persona_name, first.resumable, first.overall) == (
        writer.id,
        2,
        "Dana",
        True,
        None,
    )
    assert (second.id, second.turns, second.ending, second.resumable) == (old, 3, Ending.WALKED_OUT, False)
    assert (second.passed, second.overall, second.problems) == (True, 71, ())
    assert store.latest() == first


def test_a_damaged_file_is_listed_with_its_problems(store: Store) -> None:
    name = session(store)
    (store.folder / "notes.jsonl").write_bytes(b"\xff\x00garbage\n")
    (store.folder / "empty.jsonl").touch()
    (store.folder / f"{name}.jsonl").open("ab").write(b'{"kind":"tu')
    found = {summary.id: summary for summary in store.list()}
    assert found[name].problems == ("Line 3 is cut short.",)
    assert found[name].resumable
    assert found["notes"].problems
    assert found["empty"].problems
    assert not found["notes"].resumable


def test_a_session_resumes_where_it_was_cut(store: Store) -> None:
    with store.create(header()) as writer:
        writer.append(customer(0))
        writer.append(Turn(index=1, role=Role.TRAINEE, text="Hello"))
        writer.append(Piece(index=2, text="I have "))
    transcript, writer = store.resume(writer.id)
    with writer:
        assert transcript.turns[-1].cut
        assert writer.next_index == 3
        assert writer.header == transcript.header
        writer.append(Turn(index=3, role=Role.TRAINEE, text="Go on."))
    assert [turn.text for turn in store.read(writer.id).turns] == ["No.", "Hello", "I have ", "Go on."]


def test_after_a_cut_line_the_next_one_stands_on_its_own(store: Store) -> None:
    name = session(store)
    with (store.folder / f"{name}.jsonl").open("ab") as file:
        file.write(b'{"kind":"turn","ind')
    with store.resume(name)[1] as writer:
        writer.append(customer(1, "still here"))
    transcript = store.read(name)
    assert transcript.turns[-1].text == "still here"
    assert transcript.problems == ("Line 3 is cut short.",)


def test_what_has_ended_is_regraded_but_not_resumed(store: Store) -> None:
    name = session(store)
    with store.reopen(name)[1] as writer:
        writer.append(EndingLine(ending=Ending.TRAINEE_LEFT))
    with pytest.raises(TranscriptError, match="has ended"):
        store.resume(name)
    with store.reopen(name)[1] as writer:
        writer.append(ScorecardLine(scorecard=CARD))
    assert len(store.read(name).scorecards) == 1


def test_a_newer_file_is_read_but_not_written_to(store: Store) -> None:
    with store.create(header(schema_version=99)) as writer:
        writer.append(customer(0))
    assert "newer version" in store.read(writer.id).problems[0]
    assert not next(store.list()).resumable
    with pytest.raises(TranscriptError, match="newer version"):
        store.resume(writer.id)


def test_one_session_has_one_writer(store: Store) -> None:
    with store.create(header()) as writer:
        with pytest.raises(TranscriptError, match="another window"):
            store.resume(writer.id)
        with store.create(header()) as other:
            other.append(customer(0))
        writer.append(customer(0))
    store.resume(writer.id)[1].close()


def test_a_closed_writer_says_so(store: Store) -> None:
    writer = store.create(header())
    writer.close()
    writer.close()
    with pytest.raises(TranscriptError, match="closed"):
        writer.append(customer(0))


def full_after(monkeypatch: pytest.MonkeyPatch, room: int) -> None:
    """Let ``os.write`` take ``room`` more bytes, then report a full disk."""
    write, left = os.write, [room]

    def limited(descriptor: int, data: bytes) -> int:
        if not left[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        taken = write(descriptor, data[: left[0]])
        left[0] -= taken
        return taken

    monkeypatch.setattr(os, "write", limited)


@pytest.mark.parametrize("room", [0, 1, 30])
def test_a_full_disk_loses_nothing_and_the_session_goes_on(
    store: Store, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    with store.create(header()) as writer:
        writer.append(customer(0))
        before = writer.path.read_bytes()
        with monkeypatch.context() as patch:
            full_after(patch, room)
            with pytest.raises(TranscriptError, match="disk is full") as caught:
                writer.append(customer(1))
        assert "Free some space" in caught.value.hint
        assert writer.path.read_bytes() == before
        writer.append(customer(1))
    assert store.read(writer.id).problems == ()
    assert len(store.read(writer.id).turns) == 2


def test_where_the_part_cannot_be_taken_back_the_next_line_starts_afresh(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.create(header()) as writer:
        with monkeypatch.context() as patch:
            full_after(patch, 20)
            patch.setattr(os, "ftruncate", lambda fd, size: (_ for _ in ()).throw(OSError(errno.EIO, "error")))
            with pytest.raises(TranscriptError):
                writer.append(customer(0))
        writer.append(customer(0, "again"))
    transcript = store.read(writer.id)
    assert [turn.text for turn in transcript.turns] == ["again"]
    assert transcript.problems == ("Line 2 is cut short.",)


def test_a_line_that_could_not_be_forced_to_the_disk_was_not_written(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.create(header()) as writer:
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", lambda fd: (_ for _ in ()).throw(OSError(errno.EIO, "Input/output error")))
            with pytest.raises(TranscriptError, match="Input/output error"):
                writer.append(customer(0))
        writer.append(customer(0))
    assert len(store.read(writer.id).turns) == 1
    assert store.read(writer.id).problems == ()


def test_a_session_that_cannot_begin_leaves_no_file(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    full_after(monkeypatch, 10)
    with pytest.raises(TranscriptError, match="disk is full"):
        store.create(header())
    assert list(store.list()) == []


def test_text_that_has_no_place_in_a_file_is_written_all_the_same(store: Store) -> None:
    with store.create(header()) as writer:
        writer.append(Turn(index=0, role=Role.TRAINEE, text="half \udc80 a pair"))
    assert store.read(writer.id).turns[0].text == "half ? a pair"


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(TranscriptError, match="cannot be made"):
        Store(tmp_path / "file" / "transcripts").create(header())


def test_a_draft_is_kept_replaced_and_forgotten(store: Store) -> None:
    name = session(store)
    assert store.load_draft(name) == ""
    store.save_draft(name, "I can\r\nhear…")
    store.save_draft(name, "I can hear you\n")
    assert store.load_draft(name) == "I can hear you\n"
    assert [summary.id for summary in store.list()] == [name]
    store.save_draft(name, "")
    store.clear_draft(name)
    assert store.load_draft(name) == ""


def test_a_draft_that_cannot_be_saved_leaves_the_earlier_one(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    name = session(store)
    store.save_draft(name, "before")
    monkeypatch.setattr(os, "fsync", lambda fd: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
    with pytest.raises(TranscriptError, match="disk is full"):
        store.save_draft(name, "after")
    assert store.load_draft(name) == "before"
    assert len(list((store.folder / ".drafts").iterdir())) == 1


def test_the_writer_serves_several_threads(store: Store) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with store.create(header()) as writer, ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda index: SessionFile.append(writer, customer(index)), range(40)))
    assert len(store.read(writer.id).turns) == 40
