"""Whatever kills the process, everything shown is in the file and the session goes on."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.errors import TranscriptError
from simulator.transcripts.records import Header, Piece, Role, Turn
from simulator.transcripts.store import Store
from simulator.transcripts.writing import SessionFile

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

WORDS = ["I have waited ", "three weeks — ", "and nobody ", "called. ", "“Soon”? "]


def header(name: str) -> Header:
    return Header(id=name, started_at="", persona="p", persona_sha256="ab", seed=1, voice="scripted")


def child(work: Callable[[int], None]) -> tuple[int, int]:
    """Run ``work(pipe)`` in a forked process; returns its id and the end of the pipe to read from."""
    read, write = os.pipe()
    pid = os.fork()
    if pid:
        os.close(write)
        return pid, read
    try:
        os.close(read)
        work(write)
    finally:
        os._exit(0)


def drain(pipe: int) -> bytes:
    parts = []
    while part := os.read(pipe, 65536):
        parts.append(part)
    os.close(pipe)
    return b"".join(parts)


def practise(writer: SessionFile, shown: int) -> None:
    """Write pieces and turns without end; say each one after ``append`` has returned, as the screen would."""
    draw = random.Random(writer.id)  # noqa: S311
    for index in range(0, 10_000, 2):
        words = draw.choices(WORDS, k=draw.randint(1, 6))
        for word in words:
            writer.append(Piece(index=index, text=word))
            os.write(shown, f"P\t{index}\t{word}\n".encode())
        writer.append(Turn(index=index, role=Role.CUSTOMER, text="".join(words)))
        os.write(shown, f"T\t{index}\t{''.join(words)}\n".encode())
        said = f"answer {index} " + "x" * draw.randint(0, 3000)
        writer.append(Turn(index=index + 1, role=Role.TRAINEE, text=said))
        os.write(shown, f"T\t{index + 1}\t{said}\n".encode())


@pytest.mark.parametrize("run", range(300))
def test_what_was_shown_before_the_kill_is_on_the_disk(tmp_path: Path, run: int) -> None:
    store = Store(tmp_path)
    moment = random.Random(run).randint(1, 12_000)  # noqa: S311
    pid, pipe = child(lambda shown: practise(store.create(header("s")), shown))
    seen = b""
    while len(seen) < moment and (part := os.read(pipe, moment - len(seen))):
        seen += part
    os.kill(pid, signal.SIGKILL)
    seen += drain(pipe)
    os.waitpid(pid, 0)

    turns: dict[int, str] = {}
    pieces: dict[int, str] = {}
    for line in seen.decode(errors="replace").split("\n")[:-1]:  # the last one may not have been said in full
        kind, index, text = line.split("\t")
        told = turns if kind == "T" else pieces
        told[int(index)] = told.get(int(index), "") + text
    transcript, writer = store.resume("s")
    found = {turn.index: turn for turn in transcript.turns}
    assert {number: found[number].text for number in turns} == turns
    assert all(found[number].text.startswith(text) for number, text in pieces.items())
    with writer:
        writer.append(Turn(index=writer.next_index, role=Role.TRAINEE, text="Where were we?"))
    again = store.read("s")
    assert again.turns[-1].text == "Where were we?"
    assert [turn.index for turn in again.turns] == list(range(len(again.turns)))


def test_two_processes_share_a_folder_but_never_a_session(tmp_path: Path) -> None:
    store = Store(tmp_path)
    pid, pipe = child(lambda shown: practise(store.create(header("theirs")), shown))
    os.read(pipe, 1)
    with pytest.raises(TranscriptError, match="another window"):
        store.resume("theirs")
    with store.create(header("ours")) as writer:
        writer.append(Turn(index=0, role=Role.CUSTOMER, text="Hello?"))
    assert {summary.id for summary in store.list()} == {"ours", "theirs"}
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    os.close(pipe)
    store.resume("theirs")[1].close()
    assert store.read("ours").problems == ()


CLERK = """
import sys
from simulator.transcripts.records import Header, Role, Turn
from simulator.transcripts.store import Store

store, who = Store(sys.argv[1]), sys.argv[2]
for number in range(25):
    about = Header(id="", started_at="2026-01-31T09:30:00Z", persona="p", persona_sha256="ab", seed=1, voice="scripted")
    with store.create(about) as writer:
        for index in range(8):
            writer.append(Turn(index=index, role=Role.TRAINEE, text=f"{who} {number} {index}"))
    listed = list(store.list())
    assert writer.id in {summary.id for summary in listed}
    assert all(not summary.problems for summary in listed if summary.turns == 8), listed
    if number % 5 == 0:
        store.archive(writer.id)
"""


def test_two_programs_fill_one_folder_and_every_line_of_both_is_whole(tmp_path: Path) -> None:
    folder = tmp_path / "transcripts"
    programs = [subprocess.Popen([sys.executable, "-c", CLERK, str(folder), who]) for who in ("ann", "bo")]
    assert [program.wait(timeout=120) for program in programs] == [0, 0]
    store = Store(folder)
    sessions = [transcript for part in (store, store.archived) for transcript in map(store.read, part.paths())]
    assert len(sessions) == 50
    for transcript in sessions:
        assert transcript.problems == ()
        who, number, _ = transcript.turns[0].text.split()
        assert [turn.text for turn in transcript.turns] == [f"{who} {number} {index}" for index in range(8)]


def test_a_file_that_may_not_grow_keeps_every_line_it_has(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    store = Store(tmp_path)

    def work(shown: int) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
        try:
            practise(store.create(header("s")), shown)
        except TranscriptError as error:
            os.write(shown, f"E\t{error.message}\n".encode())

    pid, pipe = child(work)
    seen = drain(pipe).decode().splitlines()
    os.waitpid(pid, 0)
    assert seen[-1].startswith("E\tThe disk is full")
    transcript = store.read("s")
    assert transcript.problems == ()
    said = [line.split("\t")[2] for line in seen if line.startswith("T")]
    assert [turn.text for turn in transcript.turns if not turn.cut] == said
