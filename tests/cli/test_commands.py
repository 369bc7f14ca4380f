"""The commands as a person runs them: what they print, and one sentence with a hint where something is wrong."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import EXAMPLES, Run

COMMANDS = [
    ["practice"], ["rehearse"], ["grade"], ["export"], ["doctor"], ["personas", "list"], ["personas", "new"],
    ["personas", "lint"], ["personas", "preview"], ["rubrics", "list"], ["rubrics", "lint"], ["transcripts", "list"],
    ["transcripts", "show"], ["models", "list"], ["models", "pull"], ["models", "use"],
]  # fmt: skip


def rehearsed(simulator: Run, persona: str, lines: str, *more: str) -> dict[str, Any]:
    done = simulator("rehearse", persona, "--lines", str(EXAMPLES / lines), "--voice", "scripted", "--json", *more)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def one_line_with_hint(text: str) -> bool:
    lines = text.strip().splitlines()
    return len(lines) == 1 and lines[0].startswith("simulator: ") and len(re.findall(r"[.?!](?:\s|$)", lines[0])) >= 2


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_explains_itself_with_an_example(simulator: Run, command: list[str]) -> None:
    text = simulator(*command, "--help").stdout
    assert f"Example: simulator {' '.join(command)}" in " ".join(text.split())


def test_rehearse_prints_the_contract(simulator: Run) -> None:
    result = rehearsed(simulator, "moving-house", "kind.txt")
    assert set(result) == {"session", "persona", "seed", "voice", "turns", "ending", "guard", "scorecard"}
    assert (result["persona"], result["seed"], result["voice"]) == ("moving-house", 0, "scripted")
    assert set(result["guard"]) == {"refused"}
    for turn in result["turns"]:
        expected = {"role", "text", "mood"} if turn["role"] == "customer" else {"role", "text", "labels"}
        assert set(turn) == expected
    card = result["scorecard"]
    assert card["status"] == "graded"
    assert set(card["criteria"]) >= {"acknowledge", "presence", "solution"}
    for criterion in card["criteria"].values():
        for evidence in criterion["evidence"]:
            assert evidence["quote"] in result["turns"][evidence["turn"]]["text"]


def test_a_kind_a_rude_and_a_solution_first_trainee_get_different_moods_endings_and_grades(simulator: Run) -> None:
    kind, rude, solving = (
        rehearsed(simulator, "moving-house", name) for name in ("kind.txt", "rude.txt", "solution-first.txt")
    )
    assert [kind["ending"], rude["ending"], solving["ending"]] == ["settled", "walked_out", "trainee_left"]
    tension = [[t["mood"]["tension"] for t in r["turns"] if "mood" in t][-1] for r in (kind, rude, solving)]
    assert tension[0] < 4 < tension[2] < tension[1]
    assert kind["scorecard"]["passed"]
    assert not rude["scorecard"]["passed"]
    assert not solving["scorecard"]["passed"]
    overall = [r["scorecard"]["overall"] for r in (kind, solving, rude)]
    assert overall == sorted(overall, reverse=True)
    assert solving["scorecard"]["acknowledged_before_solution"] is False


@pytest.mark.parametrize("persona", ["moving-house", "billing-dispute"])
def test_a_scripted_rehearsal_is_the_same_to_the_byte(simulator: Run, persona: str) -> None:
    command = (
        "rehearse",
        persona,
        "--lines",
        str(EXAMPLES / "kind.txt"),
        "--voice",
        "scripted",
        "--seed",
        "7",
        "--json",
    )
    first, second = simulator(*command).stdout, simulator(*command).stdout
    assert first == second
    other = simulator(*command[:-2], "8", "--json").stdout
    assert other != first


def test_a_rehearsal_is_found_shown_graded_again_and_exported(simulator: Run, tmp_path: Path) -> None:
    session = rehearsed(simulator, "moving-house", "kind.txt")
    listed = json.loads(simulator("transcripts", "list", "--json").stdout)
    assert (listed["id"], listed["ending"], listed["passed"]) == (session["session"], "settled", True)
    assert session["turns"][0]["text"] in simulator("transcripts", "show", "latest").stdout
    graded = json.loads(simulator("grade", listed["path"], "--json").stdout)
    assert graded["criteria"] == session["scorecard"]["criteria"]
    for form, sign in (("md", "# "), ("html", "<!doctype html>"), ("csv", "session,"), ("json", "{")):
        assert simulator("export", "latest", "--to", form).stdout.lower().lstrip("\ufeff").startswith(sign)
    simulator("export", session["session"], "--to", "csv", "--rows", "turn", "--out", "turns.csv")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "turns.csv").read_text("utf-8"))))
    assert len(rows) == len(session["turns"])


def test_trainee_lines_come_from_standard_input_too(simulator: Run) -> None:
    done = simulator("rehearse", "moving-house", "--lines", "-", "--voice", "scripted", given="Hello, what happened?\n")
    assert "Ending: trainee left" in done.stdout


def test_grading_goes_on_after_a_bad_line_and_says_which(simulator: Run) -> None:
    good = {"id": "a", "turns": [{"role": "customer", "text": "It broke!"}, {"role": "trainee", "text": "Calm down."}]}
    silent = {"id": "b", "turns": [{"role": "customer", "text": "It broke!"}]}
    text = f"{json.dumps(good)}\nnot json\n{json.dumps(silent)}\n"
    done = simulator("grade", "-", "--json", given=text, code=2)
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert first["status"] == "graded"
    assert second["status"] == "not_graded"
    assert second["reason"]
    assert "ine 2" in done.stderr


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["rehearse", "moving-hose", "--lines", "x.txt"], "x.txt"),
        (["personas", "lint", "moving-hose"], "moving-house"),
        (["personas", "preview", "billing"], "billing-dispute"),
        (["grade", "nowhere.jsonl"], "nowhere.jsonl"),
        (["export", "latest", "--to", "md"], "no session"),
        (["export", "nothing", "--to", "md"], "nothing"),
        (["transcripts", "show", "nothing"], "nothing"),
        (["practice", "moving-house"], "terminal"),
        (["models", "use", "gpt-99"], "gpt-99"),
        (["rubrics", "lint", "strict"], "strict"),
    ],
)
def test_bad_input_is_one_sentence_and_a_hint(simulator: Run, command: list[str], said: str) -> None:
    done = simulator(*command, code=2)
    assert one_line_with_hint(done.stderr), done.stderr
    assert said in done.stderr


def test_an_unknown_persona_names_the_nearest(simulator: Run) -> None:
    done = simulator("rehearse", "moving-hose", "--lines", str(EXAMPLES / "kind.txt"), "--voice", "scripted", code=2)
    assert "Did you mean moving-house?" in done.stderr


def test_an_unreachable_endpoint_and_a_wrong_hash_are_said_plainly(simulator: Run, tmp_path: Path) -> None:
    lines = str(EXAMPLES / "kind.txt")
    gone = simulator(
        "rehearse", "moving-house", "--lines", lines, "--voice", "openai", code=2,
        OPENAI_BASE_URL="http://127.0.0.1:9/v1", OPENAI_API_KEY="sk-planted-secret",
    )  # fmt: skip
    assert one_line_with_hint(gone.stderr)
    assert "sk-planted-secret" not in gone.stderr
    missing = simulator("rehearse", "moving-house", "--lines", lines, "--voice", "local", code=2)
    assert "simulator models pull" in missing.stderr


def test_doctor_says_what_is_there_and_what_to_do(simulator: Run) -> None:
    findings = [json.loads(line) for line in simulator("doctor", "--json").stdout.splitlines()]
    states = {f["about"]: f["state"] for f in findings}
    assert states["prompts"] == states["personas"] == states["rubric"] == states["grader"] == "ok"
    assert states["local model"] == states["endpoint"] == "note"
    assert all(f["hint"] for f in findings if f["state"] == "problem")


def test_a_new_persona_plays_and_is_found_first(simulator: Run, tmp_path: Path) -> None:
    path = Path(simulator("personas", "new", "lost-ring").stdout.strip())
    assert path.is_file()
    assert "no problems" in simulator("personas", "lint", "lost-ring").stderr
    assert rehearsed(simulator, "lost-ring", "kind.txt")["persona"] == "lost-ring"
    again = simulator("personas", "new", "lost-ring", code=2)
    assert one_line_with_hint(again.stderr)
    broken = path.read_text("utf-8").replace("channel: ", "chanel: ")
    path.write_text(broken, encoding="utf-8")
    found = simulator("personas", "lint", "lost-ring", code=2).stdout
    assert re.search(rf"{re.escape(str(path))}:\d+: chanel", found), found


def test_settings_go_flag_then_environment_then_file(simulator: Run) -> None:
    simulator("models", "use", "scripted")
    command = ("rehearse", "moving-house", "--lines", str(EXAMPLES / "rude.txt"), "--json")
    assert json.loads(simulator(*command).stdout)["voice"] == "scripted"
    missing = simulator(*command, code=2, SIMULATOR_VOICE="local")
    assert "models pull" in missing.stderr
    assert json.loads(simulator(*command, "--voice", "scripted", SIMULATOR_VOICE="local").stdout)["voice"] == "scripted"


def test_the_trainers_guide_works_as_written(environment: dict[str, str], tmp_path: Path) -> None:
    import subprocess
    import sys

    guide = (EXAMPLES.parent / "trainers-guide.md").read_text("utf-8")
    commands = [
        line[2:] for block in re.findall(r"```console\n(.*?)```", guide, re.DOTALL) for line in block.splitlines()
    ]
    assert len(commands) >= 10
    script = "\n".join(["set -eu", f'simulator() {{ "{sys.executable}" -m simulator "$@"; }}', *commands])
    done = subprocess.run(
        ["bash", "-c", script], env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


def test_labels_are_corrected_and_the_session_is_regraded_under_another_rubric_without_a_model(
    simulator: Run, tmp_path: Path
) -> None:
    rehearsed(simulator, "moving-house", "rude.txt")
    shown = json.loads(simulator("transcripts", "show", "latest", "--json").stdout)
    card = shown["scorecards"][-1]["scorecard"]
    turn = next(turn for turn in card["turns"] if turn["labels"])
    label = turn["labels"][0]
    command = ("transcripts", "correct", "latest", "--turn", str(turn["turn"]))
    corrected = json.loads(simulator(*command, "--remove", label, "--json").stdout)
    assert corrected["grader"]["corrected"] == 1
    assert one_line_with_hint(simulator(*command, "--remove", label, code=2).stderr)
    assert (
        f"Corrected in turn {turn['turn']}: - {label.replace('_', ' ')}"
        in simulator("transcripts", "show", "latest").stdout
    )
    rubric = tmp_path / "mine.yaml"
    built_in = Path(simulator("rubrics", "list").stdout.splitlines()[1].split()[-1])
    text = built_in.read_text("utf-8").replace("name: default", "name: mine").replace("weight: 40", "weight: 400")
    rubric.write_text(text, "utf-8")
    path = json.loads(simulator("transcripts", "list", "--json").stdout)["path"]
    assert simulator("grade", "all", "--json").stdout == simulator("grade", path, "--json").stdout
    regraded = json.loads(simulator("grade", path, "--rubric", str(rubric), "--json").stdout)
    assert regraded["rubric"]["name"] == "mine"
    assert regraded["turns"] == corrected["turns"]
    assert regraded["grader"]["corrected"] == 1
    anew = json.loads(simulator("grade", path, "--rubric", str(rubric), "--grader", "local", "--json").stdout)
    assert anew["turns"] == card["turns"]
    assert "no rubric called" in simulator("grade", path, "--rubric", "none", code=2).stderr


def test_a_turn_that_is_learned_from_joins_the_own_corpus(simulator: Run, environment: dict[str, str]) -> None:
    rehearsed(simulator, "moving-house", "rude.txt")
    card = json.loads(simulator("transcripts", "show", "latest", "--json").stdout)["scorecards"][-1]["scorecard"]
    turn = next(turn for turn in card["turns"] if turn["labels"])
    done = simulator(
        "transcripts", "correct", "latest", "--turn", str(turn["turn"]), "--remove", turn["labels"][0], "--learn"
    )
    assert "is fitted" in done.stderr
    own = Path(environment["SIMULATOR_HOME"]) / "corpus" / "corrections.jsonl"
    assert json.loads(own.read_text("utf-8"))["style"] == "corrected"


def test_a_long_batch_keeps_its_order_goes_on_after_bad_lines_and_names_them(simulator: Run) -> None:
    def conversation(number: int) -> str:
        said = ["What happened?", "Calm down.", "Twice charged, no wonder you're angry."][number % 3]
        turns = [{"role": "customer", "text": "You charged me twice!"}, {"role": "trainee", "text": said}]
        return json.dumps({"id": f"c{number}", "turns": turns})

    lines = [conversation(number) for number in range(60)]
    bad = [*lines[:10], "{", *lines[10:55], '{"id": "x"}', *lines[55:]]
    alone = simulator("grade", "-", "--json", "--jobs", "1", given="\n".join(lines)).stdout
    done = simulator("grade", "-", "--json", "--jobs", "2", given="\n".join(bad), code=2)
    assert done.stdout == alone
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == [f"c{number}" for number in range(60)]
    assert "standard input: Line 11 is cut short." in done.stderr
    assert "standard input: Line 57 has no list of turns." in done.stderr
    assert "60 graded, 2 lines could not be used" in done.stderr
