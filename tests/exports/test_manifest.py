"""A folder's manifest tells what is in it, now and after the next export."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from simulator.errors import TranscriptError
from simulator.exports import FORMATS, Options
from simulator.exports.manifest import Job, export_file, export_folder, export_stream, write_manifest
from simulator.transcripts.records import Transcript
from tests.exports.conftest import EVIL, made


def named(name: str) -> Transcript:
    session = made()
    return session.model_copy(update={"header": session.header.model_copy(update={"id": name})})


def manifest(folder: Path) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((folder / "manifest.json").read_text("utf-8"))
    return value


@pytest.mark.parametrize("fmt", FORMATS)
def test_every_file_is_listed_with_its_checksum(fmt: str, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    export_folder([named("a"), named("b")], Job(fmt, Options()), folder)
    files = manifest(folder)["files"]
    assert [entry["sessions"][0]["id"] for entry in files] == ["a", "b"]
    assert {entry["name"] for entry in files} | {"manifest.json"} == {path.name for path in folder.iterdir()}
    for entry in files:
        data = (folder / entry["name"]).read_bytes()
        assert (entry["bytes"], entry["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
        assert (entry["sessions"][0]["passed"], entry["sessions"][0]["overall"]) == (False, 55)


def test_the_next_export_adds_to_it_and_what_is_gone_leaves_it(tmp_path: Path) -> None:
    export_folder([named("a"), named("b")], Job("txt", Options()), tmp_path)
    (tmp_path / "b.txt").unlink()
    export_folder([named("a"), named("c")], Job("json", Options(private=True), redacted=True), tmp_path)
    export_folder([named("a")], Job("txt", Options(private=True)), tmp_path)
    files = {entry["name"]: entry for entry in manifest(tmp_path)["files"]}
    assert set(files) == {"a.txt", "a.json", "c.json"}
    assert (files["a.txt"]["private"], files["a.txt"]["redacted"]) == (True, False)
    assert (files["c.json"]["private"], files["c.json"]["redacted"]) == (True, True)


@pytest.mark.parametrize("stood", ["not json", "[]", '{"files": 3}', '{"files": [{"name": "../../etc/passwd"}]}'])
def test_something_else_by_that_name_is_replaced(stood: str, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(stood)
    export_folder([named("a")], Job("txt", Options()), tmp_path)
    assert [entry["name"] for entry in manifest(tmp_path)["files"]] == ["a.txt"]


def test_names_of_sessions_are_no_paths_and_never_the_same(tmp_path: Path) -> None:
    sessions = [named("../../out"), named("..%2f"), named(".."), named("A"), named("a"), named("a"), made(EVIL)]
    export_folder(sessions, Job("txt", Options()), tmp_path / "in")
    assert [path.name for path in tmp_path.iterdir()] == ["in"]
    assert len(list((tmp_path / "in").glob("*.txt"))) == len(sessions)
    assert not [name for path in (tmp_path / "in").iterdir() if (name := path.name).startswith(".")]


def test_what_was_written_before_an_interruption_is_listed(tmp_path: Path) -> None:
    def interrupted() -> Iterator[Transcript]:
        yield named("a")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export_folder(interrupted(), Job("txt", Options()), tmp_path)
    assert [entry["name"] for entry in manifest(tmp_path)["files"]] == ["a.txt"]


def test_a_file_of_many_sessions_and_a_stream_have_an_entry_too(tmp_path: Path) -> None:
    sessions = [named("a"), named("b")]
    entry = export_file(sessions, Job("csv", Options()), tmp_path / "all.csv")
    assert [session["id"] for session in entry["sessions"]] == ["a", "b"]
    stream = io.BytesIO()
    streamed = export_stream(sessions, Job("csv", Options()), stream)
    assert stream.getvalue() == (tmp_path / "all.csv").read_bytes()
    assert streamed | {"name": "all.csv"} == entry
    write_manifest(tmp_path / "all.manifest.json", [entry])
    assert json.loads((tmp_path / "all.manifest.json").read_text("utf-8"))["files"] == [entry]


def test_a_document_goes_to_a_stream_as_it_goes_to_a_file(tmp_path: Path) -> None:
    stream = io.BytesIO()
    export_stream([named("a")], Job("pdf", Options()), stream)
    export_file([named("a")], Job("pdf", Options()), tmp_path / "a.pdf")
    assert stream.getvalue() == (tmp_path / "a.pdf").read_bytes()


def test_a_folder_that_cannot_be_made_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(TranscriptError, match="cannot be made"):
        export_folder([named("a")], Job("txt", Options()), tmp_path / "file" / "in")


def test_a_key_in_a_session_is_not_in_the_manifest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIMULATOR_API_KEY", "sk-planted-1234567890abcdef")
    session = named("a")
    header = session.header.model_copy(update={"persona": "sk-planted-1234567890abcdef"})
    export_folder([session.model_copy(update={"header": header})], Job("json", Options()), tmp_path)
    for path in tmp_path.iterdir():
        assert "sk-planted" not in path.read_text("utf-8")
