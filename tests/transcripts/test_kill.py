"""Whatever kills the process, everything shown is in the file and the session goes on."""

from __future__ import annotations

import os
import random
import signal
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


@pytest.mark.parametrize("run", range(60))
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
