"""Sessions kept elsewhere: written to a private spool, copied to a real FTP server on loopback, never lost between."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler
from pyftpdlib.servers import FTPServer

from simulator.errors import TranscriptError
from simulator.settings import load
from simulator.transcripts import remote
from simulator.transcripts.opening import open_store
from simulator.transcripts.records import Header, NoteLine, Role, Turn
from simulator.transcripts.remote import RemoteStore, open_remote, settle
from simulator.transcripts.store import Store


class Share:
    """An FTP server that can be switched off and on; ``folder`` is what it serves."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.port = 0
        self.start()

    def start(self) -> None:
        authorizer = DummyAuthorizer()
        authorizer.add_user("ines", "hunter22", str(self.folder), perm="elradfmw")
        handler = type("Handler", (FTPHandler,), {"authorizer": authorizer})
        self._server = FTPServer(("127.0.0.1", self.port), handler)
        self.port = self._server.socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._going = True
        self._thread.start()

    def _serve(self) -> None:
        while self._going:
            self._server.serve_forever(timeout=0.02, blocking=False)

    def stop(self) -> None:
        self._going = False
        self._thread.join()
        self._server.close_all()

    @property
    def address(self) -> str:
        return f"ftp://ines:hunter22@127.0.0.1:{self.port}/practice"

    def files(self) -> dict[str, bytes]:
        root = self.folder / "practice"
        return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*.jsonl")}


@pytest.fixture
def share(tmp_path: Path) -> Iterator[Share]:
    made = Share(tmp_path / "share")
    yield made
    settle()
    made.stop()


def header(name: str) -> Header:
    return Header(
        id=name, started_at="2026-01-31T09:30:00Z", persona="p", persona_sha256="ab", seed=1, voice="scripted"
    )


def practise(store: Store, name: str, *said: str) -> None:
    with store.create(header(name)) as writer:
        for index, text in enumerate(said):
            writer.append(Turn(index=index, role=Role.TRAINEE, text=text))
    settle()


def ids(store: Store) -> set[str]:
    return {summary.id for summary in store.list()}


@pytest.fixture
def here(share: Share, tmp_path: Path) -> RemoteStore:
    return open_remote(share.address, tmp_path / "here")


@pytest.fixture
def there(share: Share, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RemoteStore:
    """The same place as another machine sees it; nobody trusts an earlier list."""
    monkeypatch.setattr(remote, "FRESH", 0.0)
    monkeypatch.setattr(remote, "RETRY", 0.0)
    return open_remote(share.address, tmp_path / "there")


def test_a_session_is_copied_when_it_is_put_down_and_read_from_elsewhere(
    share: Share, here: RemoteStore, there: RemoteStore
) -> None:
    practise(here, "one", "Hello", "I see")
    assert share.files() == {"one.jsonl": (here.folder / "one.jsonl").read_bytes()}
    assert here.waiting() == ()
    assert ids(there) == {"one"}
    assert [turn.text for turn in there.read("one").turns] == ["Hello", "I see"]
    assert there.trouble == ""


def test_what_is_added_elsewhere_is_seen_here(here: RemoteStore, there: RemoteStore) -> None:
    practise(here, "one", "Hello")
    there.rename("one", "The sofa")
    settle()
    assert here.read("one").title == "The sofa"


def test_without_the_share_practice_goes_on_and_is_copied_later(
    share: Share, here: RemoteStore, there: RemoteStore
) -> None:
    practise(here, "one", "Hello")
    share.stop()
    practise(here, "two", "Still here")
    assert ids(here) == {"one", "two"}
    assert "cannot be reached" in here.trouble
    assert "hunter22" not in here.trouble + here.place
    assert [path.stem for path in here.waiting()] == ["two"]
    with pytest.raises(TranscriptError, match="cannot be reached"):
        here.copy_waiting()
    with pytest.raises(TranscriptError, match="cannot be reached"):
        here.delete("one")
    share.start()
    told: list[str] = []
    assert here.copy_waiting(told.append) == 1
    assert told == ["two"]
    assert ids(there) == {"one", "two"}
    assert here.trouble == "" or ids(here) == {"one", "two"}


def test_archiving_restoring_and_deleting_happen_in_both_places(
    share: Share, here: RemoteStore, there: RemoteStore
) -> None:
    practise(here, "one", "Hello")
    practise(here, "two", "Hello")
    here.archive("one")
    settle()
    assert set(share.files()) == {"archive/one.jsonl", "two.jsonl"}
    assert (ids(there), ids(there.archived)) == ({"two"}, {"one"})
    there.restore("one")
    settle()
    here.delete("two")
    assert set(share.files()) == {"one.jsonl"}
    assert ids(here) == ids(there) == {"one"}
    here.archive("one")
    here.delete("one")
    assert share.files() == {}


def test_what_was_changed_in_two_places_is_overwritten_in_neither(
    share: Share, here: RemoteStore, there: RemoteStore
) -> None:
    practise(here, "one", "Hello")
    assert ids(there) == {"one"}
    share.stop()
    for store, note in ((here, "from here"), (there, "and from there, at more length")):
        transcript, writer = store.reopen("one")
        with writer:
            writer.append(NoteLine(text=note))
        assert transcript.header.id == "one"
        settle()
    share.start()
    assert here.copy_waiting() == 1
    with pytest.raises(TranscriptError, match="changed here and at"):
        there.copy_waiting()
    assert here.read("one").notes[-1].text == "from here"
    assert there.read("one").notes[-1].text.startswith("and from there")
    assert b"from here" in share.files()["one.jsonl"]


def test_a_shorter_copy_there_never_replaces_the_longer_one_here(
    share: Share, here: RemoteStore, there: RemoteStore
) -> None:
    practise(here, "one", "Hello", "I see")
    whole = share.files()["one.jsonl"]
    (share.folder / "practice" / "one.jsonl").write_bytes(whole[: whole.index(b"\n") + 1])
    assert [turn.text for turn in here.read("one").turns] == ["Hello", "I see"]
    here.copy_waiting()
    assert share.files()["one.jsonl"] == whole


CLERK = """
import os, sys
from simulator.transcripts.remote import open_remote
from simulator.transcripts.records import Header, Role, Turn
from pathlib import Path

store = open_remote(sys.argv[1], Path(sys.argv[2]))
about = Header(id="cut", started_at="2026-01-31T09:30:00Z", persona="p", persona_sha256="ab", seed=1, voice="scripted")
writer = store.create(about)
for index in range(100000):
    writer.append(Turn(index=index, role=Role.TRAINEE, text=f"turn {index}"))
    print(index, flush=True)
"""


def test_what_a_killed_program_had_shown_is_copied_by_the_next_one(
    share: Share, here: RemoteStore, there: RemoteStore, tmp_path: Path
) -> None:
    program = subprocess.Popen(
        [sys.executable, "-c", CLERK, share.address, str(tmp_path / "here")], stdout=subprocess.PIPE, text=True
    )
    assert program.stdout
    shown = [int(program.stdout.readline()) for _ in range(25)]
    os.kill(program.pid, signal.SIGKILL)
    shown += [int(line) for line in program.stdout.read().splitlines()]
    program.stdout.close()
    program.wait()
    assert share.files() == {}
    assert here.copy_waiting() == 1
    told = {turn.index for turn in there.read("cut").turns}
    assert told >= set(shown)


def test_the_spool_is_private(here: RemoteStore) -> None:
    practise(here, "one", "Hello")
    for path in [here.folder, *here.folder.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_many_sessions_at_once_are_all_copied(share: Share, here: RemoteStore) -> None:
    for number in range(30):
        here.add(header(f"s{number}"), [Turn(index=0, role=Role.CUSTOMER, text="Hello")])
    settle()
    assert len(share.files()) == 30
    assert here.waiting() == ()


def test_the_settings_choose_the_kind_of_store(tmp_path: Path) -> None:
    assert type(open_store(load(transcripts=str(tmp_path / "a")))) is Store
    folder = open_store(load(transcripts=(tmp_path / "a b").as_uri()))
    assert (type(folder), folder.folder) == (Store, tmp_path / "a b")
    memory = open_store(load(transcripts="memory://practice/store"))
    assert isinstance(memory, RemoteStore)
    practise(memory, "one", "Hello")
    assert ids(open_remote("memory://practice/store", tmp_path / "other")) == {"one"}


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("s3://bucket/practice", "s3:// needs a package that is not here. Install s3fs."),
        ("teleport://x/y", "There is no kind of place called teleport://"),
    ],
)
def test_an_address_that_cannot_be_used_is_one_sentence(address: str, said: str) -> None:
    with pytest.raises(TranscriptError) as caught:
        open_store(load(transcripts=address))
    assert said in str(caught.value)
