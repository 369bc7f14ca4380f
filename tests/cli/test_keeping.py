"""Sessions kept, found, imported and deleted from the command line."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run

CALL = (
    "Maria: I have been waiting for three weeks.\nTom: No wonder you are worn out, Maria.\nMaria: I am.\nTom: I see.\n"
)


def at_a_terminal(environment: dict[str, str], answers: str, *args: str) -> tuple[int, str]:
    """Run the program at a terminal of its own and type ``answers``; returns its status and what it showed."""
    ours, theirs = pty.openpty()
    program = subprocess.Popen(
        [sys.executable, "-m", "simulator", *args],
        env=environment,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=environment["SIMULATOR_HOME"],
        start_new_session=True,
    )
    os.close(theirs)
    os.write(ours, answers.encode())
    seen = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # how Linux says that the other end is closed
            part = b""
        if not part:
            break
        seen += part
    os.close(ours)
    return program.wait(timeout=60), seen.decode()


@pytest.fixture
def call(environment: dict[str, str]) -> Path:
    home = Path(environment["SIMULATOR_HOME"])
    home.mkdir(parents=True, exist_ok=True)
    path = home / "call.txt"
    path.write_text(CALL, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "command", ["search", "import", "rename", "archive", "restore", "delete", "prune", "sync", "pseudonym", "unredact"]
)
def test_every_command_explains_itself_with_an_example(simulator: Run, command: str) -> None:
    text = simulator("transcripts", command, "--help").stdout
    assert f"Example: simulator transcripts {command}" in " ".join(text.split())


def test_an_imported_call_is_graded_listed_and_exported_like_any_other(simulator: Run, call: Path) -> None:
    done = simulator("transcripts", "import", str(call), "--customer", "Maria", "--trainee", "tom", "--grade", "--json")
    told = json.loads(done.stdout)
    assert (told["id"], told["turns"]) == ("call", 4)
    assert told["speakers"] == {"Maria": "customer", "Tom": "trainee"}
    listed = json.loads(simulator("transcripts", "list", "--json").stdout)
    assert listed["passed"] is not None
    graded = json.loads(simulator("grade", listed["path"], "--json").stdout)
    exported = json.loads(simulator("export", "call", "--to", "json").stdout)["sessions"][0]
    assert exported["scorecard"] == graded


def test_an_export_comes_home_with_the_same_scorecard(simulator: Run, call: Path, tmp_path: Path) -> None:
    simulator("transcripts", "import", str(call), "--customer", "Maria", "--grade")
    simulator("export", "call", "--to", "json", "--out", "out.json")
    first = json.loads((tmp_path / "out.json").read_text("utf-8"))["sessions"][0]["scorecard"]
    elsewhere = str(tmp_path / "elsewhere")
    simulator("transcripts", "import", "out.json", SIMULATOR_TRANSCRIPTS=elsewhere)
    again = json.loads(simulator("grade", f"{elsewhere}/call.jsonl", "--json").stdout)
    assert again == first


def test_who_is_who_is_said_by_flag_or_the_file_is_left_out(simulator: Run, call: Path) -> None:
    done = simulator("transcripts", "import", str(call), code=2)
    assert "is Maria, Tom the customer or the trainee? Say it with --customer 'Maria'" in done.stderr
    assert "1 could not be used" in done.stderr
    done = simulator("transcripts", "import", "-", "--customer", "Maria", given=CALL)
    assert "Tom is the trainee" in done.stdout


def test_who_is_who_is_asked_at_a_terminal(environment: dict[str, str], call: Path, simulator: Run) -> None:
    status, seen = at_a_terminal(environment, "x\nc\n", "transcripts", "import", str(call))
    assert (status, "Maria says: I have been waiting" in seen) == (0, True)
    assert "Maria is the customer, Tom is the trainee" in seen
    assert "waiting" in simulator("transcripts", "show", "call").stdout


def test_deleting_asks_and_without_anybody_to_ask_does_nothing(
    environment: dict[str, str], simulator: Run, call: Path
) -> None:
    simulator("transcripts", "import", str(call), "--customer", "Maria")
    assert "Add --yes" in simulator("transcripts", "delete", "call", code=2).stderr
    status, seen = at_a_terminal(environment, "n\n", "transcripts", "delete", "call")
    assert (status, "Nothing was deleted" in seen) == (1, True)
    assert "call" in simulator("transcripts", "list").stdout
    status, seen = at_a_terminal(environment, "y\n", "transcripts", "delete", "call")
    assert (status, "1 session deleted" in seen) == (0, True)
    assert "No sessions yet" in simulator("transcripts", "list").stdout


def test_a_session_is_titled_searched_archived_and_brought_back(simulator: Run, call: Path) -> None:
    simulator("transcripts", "import", str(call), "--customer", "Maria")
    simulator("transcripts", "rename", "latest", "Sofa [b]call\x1b[31m")
    assert "Sofa [b]call" in simulator("transcripts", "list").stdout
    found = json.loads(simulator("transcripts", "search", "WORN out", "--json").stdout)
    assert (found["session"], found["turn"], found["role"]) == ("call", 1, "trainee")
    simulator("transcripts", "archive", "call")
    assert "No sessions" in simulator("transcripts", "list").stdout
    assert "call" in simulator("transcripts", "list", "--archived").stdout
    simulator("transcripts", "restore", "all")
    assert "call" in simulator("transcripts", "list").stdout


def test_nothing_is_deleted_for_its_age_unless_asked(simulator: Run) -> None:
    old = "Agent: Hello\n2020-01-31T09:30:00Z Customer: Hello?\n"
    simulator("transcripts", "import", "-", given=old)
    assert "how long" in simulator("transcripts", "prune", code=2).stderr
    aged = {"SIMULATOR_KEEP_DAYS": "90"}
    assert "Nothing was deleted" in simulator("transcripts", "prune", "--dry-run", **aged).stdout
    assert "conversation" in simulator("transcripts", "list", **aged).stdout
    assert "1 session deleted" in simulator("transcripts", "prune", "--yes", **aged).stdout
    assert "No session is older" in simulator("transcripts", "prune", "--older-than", "90").stdout


def test_a_practised_session_carries_the_trainees_pseudonym(simulator: Run) -> None:
    named = {"SIMULATOR_TRAINEE": "Ines Moreau", "SIMULATOR_PSEUDONYMS": "1"}
    simulator("rehearse", "moving-house", "--lines", "-", "--voice", "scripted", given="Hello?\n", **named)
    pseudonym = simulator("transcripts", "pseudonym", "ines moreau").stdout.strip()
    listed = json.loads(simulator("transcripts", "list", "--json").stdout)
    assert listed["trainee"] == pseudonym
    assert "Ines" not in Path(listed["path"]).read_text("utf-8")


def test_an_export_is_redacted_and_comes_back_with_its_key(simulator: Run, call: Path, tmp_path: Path) -> None:
    simulator("transcripts", "import", str(call), "--customer", "Maria")
    assert "Maria" not in simulator("transcripts", "show", "call", "--redact").stdout
    plain = simulator("export", "call", "--to", "md").stdout
    simulator("export", "call", "--to", "md", "--redact-key", "names.key", "--out", "out.md")
    redacted = (tmp_path / "out.md").read_text("utf-8")
    assert "Maria" not in redacted
    assert simulator("transcripts", "unredact", "out.md", "--key", "names.key").stdout == plain
    assert "no key file" in simulator("transcripts", "unredact", "out.md", "--key", "lost.key", code=2).stderr


def test_without_the_share_sessions_wait_here_and_doctor_says_so(simulator: Run) -> None:
    nobody = {"SIMULATOR_TRANSCRIPTS": "ftp://ines:hunter22@127.0.0.1:1/practice"}
    said = simulator("rehearse", "moving-house", "--lines", "-", "--voice", "scripted", given="Hello?\n", **nobody)
    assert "in ftp://127.0.0.1:1/practice" in said.stdout
    listed = simulator("transcripts", "list", **nobody)
    assert "moving-house" in listed.stdout
    assert "cannot be reached" in listed.stderr
    findings = [json.loads(line) for line in simulator("doctor", "--json", code=2, **nobody).stdout.splitlines()]
    told = {finding["state"]: finding for finding in findings if finding["about"] == "transcripts"}
    assert told["note"]["message"].startswith("1 not copied")
    assert "cannot be reached" in told["problem"]["message"]
    sync = simulator("transcripts", "sync", code=2, **nobody)
    assert "hunter22" not in said.stdout + listed.stderr + sync.stderr + json.dumps(findings)
