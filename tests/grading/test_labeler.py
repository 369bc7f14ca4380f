"""Promises of the embedded labeler."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from benchmarks.grading.labeler import ACCUSING
from simulator.grading.corpus import Corpus, read_corpus
from simulator.grading.labeler import EmbeddedLabeler, label_conversation, read_thresholds
from simulator.labels import Label
from simulator.settings import load
from tests.grading.conftest import KIND, talk

BILL = "You charged me 148 this month instead of 62. It's my third call and I'm at my wits' end!"

PLAIN = [
    ("I understand your frustration.", Label.ACKNOWLEDGES_FORMULA),
    ("I'm sorry to hear that.", Label.ACKNOWLEDGES_FORMULA),
    (
        "From 62 to 148, and it's the third time you've had to ring. No wonder you're worn out.",
        Label.ACKNOWLEDGES_SPECIFIC,
    ),
    ("You must be exhausted by now.", Label.NAMES_FEELING),
    ("So it went from 62 to 148, is that right?", Label.RESTATES),
    ("What worries you most about it?", Label.ASKS_OPEN),
    ("Can I have your date of birth and your account number, please?", Label.ASKS_PROCESS),
    ("I can refund the 86 today.", Label.OFFERS_SOLUTION),
    ("I can either refund it today or split it over six months, whichever suits you better.", Label.OFFERS_OPTIONS),
    ("That's our mistake and I'm going to see it through myself.", Label.TAKES_OWNERSHIP),
    ("I'll ring you tomorrow at ten.", Label.CONFIRMS_NEXT_STEP),
    ("I'm sorry we left you waiting.", Label.APOLOGISES),
    ("Take your time, I'm listening.", Label.INVITES_MORE),
    ("Please calm down, it's only a bill.", Label.DISMISSES),
    ("I understand, but that's how it is.", Label.CANCELS_WITH_BUT),
    ("You'd have to call another department, there's nothing I can do.", Label.DEFLECTS),
    ("It's our policy, I'm afraid. Those are the terms.", Label.CITES_POLICY),
    ("I'm so, so sorry, I'm terribly sorry, I'm so sorry, please forgive us.", Label.OVER_APOLOGISES),
    (
        "I want to help you, and I can't do that while I'm being called names. Shall we go on?",
        Label.SETS_RESPECTFUL_LIMIT,
    ),
]


@pytest.mark.parametrize(("said", "label"), PLAIN)
def test_plain_cases_of_the_codebook(labeler: EmbeddedLabeler, said: str, label: Label) -> None:
    before = "You stupid cow, do something!" if label is Label.SETS_RESPECTFUL_LIMIT else BILL
    assert label in labeler.label(said, before)


KIND_DENIALS = [
    "Nobody should have to ring four times.",
    "You should not be getting those bills.",
    "That's not good enough from us.",
    "You're not bothering me at all.",
    "That doesn't sound like nothing.",
    "You don't need to apologise.",
    "It's all right to be angry.",
    "I can hear how angry you are.",
    "Let's see how we can spread it out.",
    "You're very welcome. Goodbye.",
]


@pytest.mark.parametrize("said", KIND_DENIALS)
def test_a_kind_word_with_a_not_in_it_accuses_nobody(labeler: EmbeddedLabeler, said: str) -> None:
    assert not ACCUSING & labeler.label(said, BILL).labels


def test_a_bare_check_makes_a_telling_back_of_what_stands_before_it(labeler: EmbeddedLabeler) -> None:
    found = labeler.label("It went to 148 and no one rang you. Is that right?", BILL)
    quote = found.quote(Label.RESTATES)
    assert quote is not None
    assert quote.startswith("It went to 148")


NOT_THIS = [
    ("Who is it now? Be quick about it.", Label.ASKS_OPEN),
    ("You're the one who signed it without looking.", Label.ACKNOWLEDGES_SPECIFIC),
    ("With me it was the same for a whole year.", Label.ACKNOWLEDGES_SPECIFIC),
    ("No wonder you're upset for her.", Label.DISMISSES),
    ("I'd like to go on with this, and I won't while I'm being shouted at.", Label.DEFLECTS),
    ("You shouldn't have had to ring us three times.", Label.BLAMES_CUSTOMER),
    ("There's nothing further to pay.", Label.DEFLECTS),
    ("What's your account number?", Label.ASKS_OPEN),
]


@pytest.mark.parametrize(("said", "label"), NOT_THIS)
def test_what_only_looks_like_a_label(labeler: EmbeddedLabeler, said: str, label: Label) -> None:
    assert label not in labeler.label(said, BILL)


@pytest.mark.parametrize(
    ("said", "label"),
    [
        ("Our storage jars are on shelf two.", Label.OFFERS_SOLUTION),
        ("You've only got yourself to blame.", Label.BLAMES_CUSTOMER),
        ("Do I look like a search engine?", Label.HOSTILE),
    ],
)
def test_plain_wordings_that_mean_the_same_everywhere(labeler: EmbeddedLabeler, said: str, label: Label) -> None:
    assert label in labeler.label(said, BILL)


@pytest.mark.parametrize("said", ["One moment.", "Okay.", "I'll check."])
def test_small_talk_carries_nothing_that_drives_a_level_up(labeler: EmbeddedLabeler, said: str) -> None:
    assert not labeler.label(said, BILL).labels & {Label.ACKNOWLEDGES_SPECIFIC, Label.NAMES_FEELING, Label.RESTATES}


JUNK = [
    "",
    "   ",
    "\n\n",
    "…",
    "🙃🙃",
    "\x00\x1b[31m",
    "[/x] {{a}} {% if %}",
    "\u202eabc",
    "\ud800",
    "漢字。日本語！",
    "a" * 20_000,
]


@pytest.mark.parametrize("said", [*JUNK, "I can't. " * 3000, "x, y. " * 4000], ids=range(13))
def test_any_text_is_labelled_with_true_quotes_and_soon(labeler: EmbeddedLabeler, said: str) -> None:
    begin = time.perf_counter()
    marks = labeler.label(said, said, (said,))
    assert all(mark.quote and mark.quote in said for mark in marks)
    assert time.perf_counter() - begin < 5


def test_quotes_stand_verbatim_in_every_turn_of_the_corpus(labeler: EmbeddedLabeler) -> None:
    for place, (_, _, turn) in enumerate(read_corpus().turns()):
        if place % 12 == 0:
            assert all(mark.quote in turn.trainee for mark in labeler.label(turn.trainee, turn.customer))


def test_the_same_turn_gets_the_same_labels(labeler: EmbeddedLabeler) -> None:
    assert labeler.label("Three calls. What happened?", BILL) == labeler.label("Three calls. What happened?", BILL)


def test_every_trainee_turn_of_a_conversation_is_labelled(labeler: EmbeddedLabeler) -> None:
    assert sorted(label_conversation(labeler, KIND)) == [1, 3, 5, 7, 9]


def test_customer_turns_in_a_row_are_heard_together() -> None:
    heard = []

    class Spy:
        def label(self, said: str, before: str, earlier: object = ()) -> object:
            heard.append((before, earlier))
            return None

    label_conversation(Spy(), talk("T: Hi", "C: One.", "C: Two.", "T: Yes", "C: Three.", "T: No"))  # type: ignore[arg-type]
    assert heard == [("", ()), ("One.\nTwo.", ()), ("Three.", ("One.", "Two."))]


@pytest.fixture(scope="module")
def small() -> Corpus:
    return Corpus.of(read_corpus().conversations[:40])


def test_a_cached_labeler_says_the_same(small: Corpus, tmp_path: Path) -> None:
    first = EmbeddedLabeler(lambda: small, tmp_path)
    second = EmbeddedLabeler(lambda: small, tmp_path)
    said = "Three calls for one bill. What happened?"
    assert first.label(said, BILL) == second.label(said, BILL)
    assert first.margins(said, BILL) == pytest.approx(second.margins(said, BILL))
    assert len(list(tmp_path.glob("labeler-*.npz"))) == 1


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 not a zip", b"\x80\x04."])
def test_a_damaged_cache_is_fitted_again(small: Corpus, tmp_path: Path, damage: bytes) -> None:
    EmbeddedLabeler(lambda: small, tmp_path).ready()
    path = next(tmp_path.glob("labeler-*.npz"))
    whole = path.read_bytes()
    path.write_bytes(damage)
    EmbeddedLabeler(lambda: small, tmp_path).ready()
    assert path.read_bytes()[:2] == whole[:2] == b"PK"
    assert len(path.read_bytes()) == len(whole)


def test_a_cache_that_cannot_be_written_stops_nothing(small: Corpus, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("in the way")
    EmbeddedLabeler(lambda: small, file / "cache").ready()


def test_nothing_is_read_before_it_is_needed() -> None:
    def never() -> Corpus:
        raise AssertionError("read too soon")

    EmbeddedLabeler(never)
    EmbeddedLabeler.load(load())


def test_another_corpus_is_another_labeler(small: Corpus, labeler: EmbeddedLabeler) -> None:
    assert EmbeddedLabeler.fitted_to(small).name != labeler.name
    assert labeler.name.startswith("labeler-")


def test_every_label_has_a_threshold() -> None:
    assert set(read_thresholds()) == set(Label) - {Label.MANIPULATES_GRADER}
