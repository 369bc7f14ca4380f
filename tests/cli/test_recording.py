"""``export --to xapi --lrs`` from a shell: everything arrives, wrong keys are one sentence, nothing is shown twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import EXAMPLES, Run
from tests.ralph import PASSWORD, USER, Ralph

KEYS = {"SIMULATOR_LRS_USER": USER, "SIMULATOR_LRS_PASSWORD": PASSWORD}


@pytest.fixture
def rehearsed(simulator: Run) -> None:
    for name in ("kind", "rude"):
        simulator("rehearse", "moving-house", "--lines", str(EXAMPLES / f"{name}.txt"), "--voice", "scripted")


def test_everything_is_sent_and_a_second_time_nothing_is_stored_twice(
    rehearsed: None, simulator: Run, ralph: Ralph
) -> None:
    for time in range(2):
        done = simulator("export", "all", "--to", "xapi", "--lrs", ralph.url, **KEYS)
        assert ("These records speak of trainee-" in done.stderr) is (time == 0)
        assert "8 statements of 2 sessions are in the store." in done.stderr
        assert done.stdout == ""
    kept = ralph.statements()
    assert len(kept) == len({statement["id"] for statement in kept}) == 8
    assert len({statement["actor"]["account"]["name"] for statement in kept}) == 1
    assert ralph.validate(kept) == []
    verbs = {statement["verb"]["id"].rpartition("/")[2] for statement in kept}
    assert verbs == {"passed", "failed", "scored"}


def test_a_file_holds_what_a_store_would_get(rehearsed: None, simulator: Run, tmp_path: Path) -> None:
    simulator("export", "all", "--to", "xapi", "--out", str(tmp_path / "all.xapi.jsonl"))
    assert len((tmp_path / "all.xapi.jsonl").read_text("utf-8").splitlines()) == 8


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--to", "csv", "--lrs", "https://lrs.example.org"), "A record store takes xAPI and nothing else."),
        (("--to", "xapi", "--lrs", "http://lrs.example.org"), "unencrypted"),
    ],
)
def test_what_cannot_be_sent_is_one_sentence(
    rehearsed: None, simulator: Run, arguments: tuple[str, ...], sentence: str
) -> None:
    said = simulator("export", "all", *arguments, code=2, SIMULATOR_ACTOR="1625378", **KEYS).stderr
    assert sentence in said
    assert PASSWORD not in said
    assert len(said.strip().splitlines()) == 1


def test_a_wrong_password_is_one_line_without_it(rehearsed: None, simulator: Run, ralph: Ralph) -> None:
    wrong = {**KEYS, "SIMULATOR_LRS_PASSWORD": "open-sesame"}
    said = simulator("export", "all", "--to", "xapi", "--lrs", ralph.url, code=2, **wrong).stderr
    assert "does not accept the user and password" in said
    assert "open-sesame" not in said
    assert ralph.statements() == []
