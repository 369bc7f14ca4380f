"""Sessions are found by what they are, by what was said, and by their age."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from simulator.errors import TranscriptError
from simulator.settings import load
from simulator.transcripts.finding import Wanted, older_than, search, since
from simulator.transcripts.pseudonyms import KEY_FILE, key_in, pseudonym, trainee_name
from simulator.transcripts.records import Header, Role, ScorecardLine, Turn
from simulator.transcripts.store import Store

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "transcripts")


def put(
    store: Store, name: str, *said: str, at: str = "2026-01-31T09:30:00Z", passed: bool | None = None, **more: object
) -> None:
    header = Header.model_validate(
        {"id": name, "started_at": at, "persona": "moving-house", "persona_sha256": "ab", "seed": 1, "voice": "local"}
        | more
    )
    turns = [Turn(index=i, role=list(Role)[i % 2], text=text) for i, text in enumerate(said)]
    card = [] if passed is None else [ScorecardLine(scorecard={"passed": passed, "overall": 50})]
    store.add(header, [*turns, *card])


def ids(store: Store, wanted: Wanted) -> set[str]:
    return {summary.id for summary in store.list() if wanted.keeps(summary)}


def test_a_list_is_cut_down_by_customer_result_date_and_trainee(store: Store) -> None:
    put(store, "a", passed=True, persona_name="Dana White", trainee="Ines Moreau")
    put(store, "b", passed=False, persona="billing-dispute", at="2026-02-27T09:30:00Z")
    put(store, "c", at="2026-02-28T09:30:00Z")
    assert ids(store, Wanted()) == {"a", "b", "c"}
    assert ids(store, Wanted(persona="dana")) == {"a"}
    assert ids(store, Wanted(persona="billing")) == {"b"}
    assert ids(store, Wanted(passed=True)) == {"a"}
    assert ids(store, Wanted(passed=False)) == {"b"}
    assert ids(store, Wanted(since=since("3d", NOW))) == {"b", "c"}
    assert ids(store, Wanted(since=since("2026-02-28", NOW))) == {"c"}
    assert ids(store, Wanted(trainee="ines")) == {"a"}


def test_a_date_that_is_none_is_refused() -> None:
    with pytest.raises(TranscriptError, match="'yesterday' is not a date"):
        since("yesterday", NOW)


def test_words_are_found_across_case_and_lines_with_what_stands_around_them(store: Store) -> None:
    put(store, "a", "The “Sofa”\n  never came.", "x" * 100 + " I see the sofa NEVER came " + "y" * 100)
    put(store, "b", "Größe und Sofa", at="2026-02-01T09:30:00Z")
    hits = list(search(store, "sofa never came"))
    assert [(hit.session, hit.turn, hit.role) for hit in hits] == [("a", 1, Role.TRAINEE)]
    assert hits[0].snippet.startswith("…x")
    assert hits[0].snippet.endswith("y…")
    assert [hit.session for hit in search(store, "never   CAME")] == ["a", "a"]
    assert [hit.session for hit in search(store, "GRÖSSE")] == ["b"]
    assert [hit.session for hit in search(store, "sofa")] == ["b", "a", "a"]
    assert list(search(store, "role")) == []  # a word of the file, not of anybody


def test_searching_passes_over_a_damaged_session(store: Store) -> None:
    put(store, "a", "sofa")
    (store.folder / "b.jsonl").write_bytes(b"sofa \xff\x00")
    assert [hit.session for hit in search(store, "sofa")] == ["a"]


def test_age_counts_from_the_beginning_of_a_session_in_the_archive_too(store: Store) -> None:
    put(store, "old")
    put(store, "older", at="2025-01-31T09:30:00Z")
    put(store, "new", at=(NOW - timedelta(days=2)).isoformat())
    store.archive("older")
    assert {summary.id for summary in older_than(store, 10, NOW)} == {"old", "older"}
    assert {summary.id for summary in older_than(store, 100, NOW)} == {"older"}


def test_a_pseudonym_is_stable_under_one_key_and_another_under_another(tmp_path: Path) -> None:
    key = key_in(tmp_path / "a")
    assert key_in(tmp_path / "a") == key
    assert pseudonym("Ines  MOREAU", key) == pseudonym("ines moreau", key) != pseudonym("Ines Morea", key)
    assert pseudonym("Ines Moreau", key_in(tmp_path / "b")) != pseudonym("Ines Moreau", key)
    assert "ines" not in pseudonym("Ines Moreau", key)
    assert stat.S_IMODE((tmp_path / "a" / KEY_FILE).stat().st_mode) == 0o600


def test_a_cut_key_file_is_not_taken_for_a_key(tmp_path: Path) -> None:
    (tmp_path / KEY_FILE).write_bytes(b"ab\n")
    with pytest.raises(TranscriptError, match="too short"):
        key_in(tmp_path)


def test_trainees_are_written_down_as_the_settings_say() -> None:
    assert trainee_name(load()) == ""
    assert trainee_name(load(trainee="Ines Moreau")) == "Ines Moreau"
    hidden = trainee_name(load(trainee="Ines Moreau", pseudonyms=True))
    assert hidden.startswith("trainee-")
    assert trainee_name(load(pseudonyms=True), "ines moreau") == hidden
