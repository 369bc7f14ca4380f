"""A launch under cmi5, between an LMS on loopback and a real record store: order, scores, rules."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from simulator.errors import RecordStoreError
from simulator.exports.cmi5_launch import Launch, LaunchRequest, origin
from simulator.settings import ACTIVITY_BASE
from simulator.transcripts.records import Ending, Transcript
from tests.exports.conftest import card, made
from tests.ralph import PASSWORD, Ralph
from tests.web.lms import TOKEN, Lms, faults, name_of, running


@pytest.fixture
async def lms(ralph: Ralph) -> AsyncIterator[Lms]:
    async with running(ralph) as lms:
        yield lms


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    return tmp_path / "visitor" / "cmi5.json"


def launch(lms: Lms, memory: Path) -> Launch:
    lms.fetched = 0
    return Launch(LaunchRequest.read(lms.query()), memory, base=ACTIVITY_BASE)


def attempt(name: str, overall: int, *, passed: bool) -> Transcript:
    session = made(scorecards=(card(overall=overall, passed=passed),))
    return session.model_copy(update={"header": session.header.model_copy(update={"id": name})})


FAILED, PASSED = attempt("first", 40, passed=False), attempt("second", 90, passed=True)


async def played(lms: Lms, memory: Path, *attempts: Transcript) -> list[dict[str, Any]]:
    """Play ``attempts`` in one launch, telling the LMS after each; return the statements it made."""
    before = lms.ralph.statements()
    one = launch(lms, memory)
    await one.begin()
    for count in range(len(attempts)):
        await one.report(attempts[: count + 1])
        await one.report(attempts[: count + 1])  # nothing new, nothing said
    await one.end()
    await one.end()
    told = lms.ralph.statements()[len(before) :]
    assert faults(told, before, lms.data.get("masteryScore")) == []
    assert lms.ralph.validate(told) == []
    return told


def names(told: list[dict[str, Any]]) -> list[str]:
    return [name_of(statement) for statement in told]


async def test_a_passed_session_is_told_in_the_order_of_the_specification(lms: Lms, memory: Path) -> None:
    told = await played(lms, memory, PASSED)
    assert names(told) == ["initialized", "scored", "scored", "scored", "completed", "passed", "terminated"]
    assert told[5]["result"]["score"] == {"scaled": 0.9}
    assert lms.fetched == 1
    assert lms.preferred == ["cmi5LearnerPreferences"]


async def test_failed_is_said_at_the_end_because_the_next_attempt_may_pass(lms: Lms, memory: Path) -> None:
    assert names(await played(lms, memory, FAILED))[-2:] == ["failed", "terminated"]
    assert "failed" not in names(await played(lms, memory, FAILED, PASSED))


async def test_a_registration_hears_completed_and_passed_once_and_failed_never_after_passed(
    lms: Lms, memory: Path
) -> None:
    await played(lms, memory, PASSED)
    again = await played(lms, memory, attempt("third", 30, passed=False))
    assert [name for name in names(again) if name != "scored"] == ["initialized", "terminated"]


async def test_nothing_played_is_nothing_judged(lms: Lms, memory: Path) -> None:
    assert names(await played(lms, memory)) == ["initialized", "terminated"]


async def test_leaving_at_once_completes_nothing(lms: Lms, memory: Path) -> None:
    left = made(scorecards=()).model_copy(update={"ending": Ending.TRAINEE_LEFT})
    assert names(await played(lms, memory, left)) == ["initialized", "terminated"]


@pytest.mark.parametrize("mode", ["Browse", "Review"])
async def test_looking_around_is_not_judged(lms: Lms, memory: Path, mode: str) -> None:
    lms.data["launchMode"] = mode
    assert names(await played(lms, memory, PASSED)) == ["initialized", "terminated"]


@pytest.mark.parametrize(("mastery", "verb"), [(0.9, "passed"), (0.95, "failed")])
async def test_a_mastery_score_of_the_lms_decides(lms: Lms, memory: Path, mastery: float, verb: str) -> None:
    lms.data["masteryScore"] = mastery
    assert verb in names(await played(lms, memory, PASSED))


async def test_a_token_is_given_once_and_the_second_launch_of_the_same_address_says_so(lms: Lms, memory: Path) -> None:
    await launch(lms, memory).begin()
    with pytest.raises(RecordStoreError, match="gives no token: The token was given before") as refused:
        await Launch(LaunchRequest.read(lms.query()), memory, base=ACTIVITY_BASE).begin()
    assert "once" in refused.value.hint
    assert not any(secret in str(refused.value) for secret in (TOKEN, PASSWORD))


async def test_a_token_that_the_lms_does_not_know_is_one_sentence(lms: Lms, memory: Path, ralph: Ralph) -> None:
    lms.token = "bm90OnJpZ2h0"
    with pytest.raises(RecordStoreError, match="does not accept") as refused:
        await launch(lms, memory).begin()
    assert "from your LMS" in refused.value.hint
    assert lms.token not in str(refused.value)
    assert ralph.statements() == []


async def test_what_could_not_be_sent_is_sent_at_the_end(lms: Lms, memory: Path) -> None:
    one = launch(lms, memory)
    await one.begin()
    real, one._store = one._store, None  # the way to the LMS is gone for a while
    await one.report([PASSED])
    one._store = real
    await one.end()
    assert names(lms.ralph.statements())[-3:] == ["completed", "passed", "terminated"]


@pytest.mark.parametrize("missing", ["endpoint", "fetch", "actor", "registration", "activityId"])
def test_a_launch_without_one_of_its_parameters_is_no_launch(ralph: Ralph, missing: str) -> None:
    with pytest.raises(RecordStoreError, match=missing):
        LaunchRequest.read(Lms(ralph).query(**{missing: ""}))


@pytest.mark.parametrize("changes", [{"actor": "{"}, {"actor": '{"mbox": "mailto:a@b.c"}'}, {"registration": "17"}])
def test_a_launch_that_names_nobody_is_no_launch(ralph: Ralph, changes: dict[str, str]) -> None:
    with pytest.raises(RecordStoreError):
        LaunchRequest.read(Lms(ralph).query(**changes))


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("HTTPS://LMS.example.org:443/x?y", "https://lms.example.org"),
        ("http://[::1]:80/", "http://[::1]"),
        ("https://lms.example.org@evil.example/", ""),
        ("javascript:alert(1)", ""),
        ("https://lms.example.org:x/", ""),
    ],
)
def test_where_an_address_leads_is_read_strictly(url: str, told: str) -> None:
    assert origin(url) == told
