"""A person's word on labels: stored beside the transcript, counted without any model, and learned from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from simulator.cli.assembly import build_studio
from simulator.errors import TranscriptError
from simulator.grading.corpus import read_corpus
from simulator.grading.correcting import CORRECTIONS, correction, learn, stored_labels
from simulator.grading.grader import Grader
from simulator.grading.labeler import EmbeddedLabeler, label_conversation
from simulator.grading.rubric import load_rubric
from simulator.labels import Label
from simulator.practice.studio import Studio
from simulator.settings import load
from simulator.transcripts.records import Header, Transcript, Turn
from tests.grading.conftest import KIND, MIXED

SESSION = "20260131T093000Z-mixed-abc123"


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
async def studio(cache: Path) -> Studio:
    made = build_studio(load(voice="scripted", cache=cache))
    header = Header(
        id=SESSION, started_at="2026-01-31T09:30:00Z", persona="mixed", persona_sha256="x", seed=0, voice="scripted"
    )
    with made.store.create(header) as file:
        for index, turn in enumerate(MIXED.turns):
            file.append(Turn(index=index, role=turn.role, text=turn.text))
    await made.regrade(SESSION)
    return made


def carried(transcript: Transcript, place: int) -> set[str]:
    stored = stored_labels(transcript)
    assert stored is not None
    return {label.value for label in stored.labels[place].labels}


def test_labels_are_stored_with_their_quotes_and_say_the_same_as_the_scorecard(studio: Studio) -> None:
    transcript = studio.store.read(SESSION)
    stored = stored_labels(transcript)
    assert stored is not None
    for turn in transcript.scorecards[-1].scorecard["turns"]:
        assert turn["labels"] == [mark.label.value for mark in stored.labels[turn["turn"]]]
        assert all(mark.quote in transcript.turns[turn["turn"]].text for mark in stored.labels[turn["turn"]])


def test_a_correction_changes_the_card_and_nothing_that_was_written(studio: Studio) -> None:
    before = studio.store.find(SESSION).read_bytes()
    card = studio.correct(SESSION, 7, [("hostile", "our policy is that the bill stands")], ["cites_policy"])
    after = studio.store.read(SESSION)
    assert studio.store.find(SESSION).read_bytes().startswith(before)
    assert "hostile" in carried(after, 7) and "cites_policy" not in carried(after, 7)
    assert card.grader.corrected == 1
    assert after.scorecards[-1].scorecard == card.record()
    assert card.record()["grader"]["corrected"] == 1
    assert "corrected" not in after.scorecards[0].scorecard["grader"]
    assert not card.passed
    assert Label.HOSTILE in next(turn.labels for turn in card.turns if turn.turn == 7)


def test_a_correction_can_be_taken_back(studio: Studio) -> None:
    was = carried(studio.store.read(SESSION), 3)
    studio.correct(SESSION, 3, [("biased", "You do the sums")])
    studio.correct(SESSION, 3, [], ["biased"])
    assert carried(studio.store.read(SESSION), 3) == was


async def test_a_new_grading_does_not_undo_a_correction(studio: Studio) -> None:
    studio.correct(SESSION, 7, [("hostile", "our policy")])
    card = await studio.regrade(SESSION)
    assert Label.HOSTILE in next(turn.labels for turn in card.turns if turn.turn == 7)
    assert card.grader.corrected == 1


@pytest.mark.parametrize(
    ("place", "add", "remove", "said"),
    [
        (0, [], ["restates"], "not a turn of the trainee"),
        (99, [], ["restates"], "not a turn of the trainee"),
        (7, [], [], "Nothing was corrected"),
        (7, [("kind", "our policy")], [], "There is no label 'kind'"),
        (7, [("hostile", "never said")], [], "does not contain 'never said'"),
        (7, [("hostile", "")], [], "does not contain ''"),
        (7, [], ["names_feeling"], "does not carry names_feeling"),
        (7, [("cites_policy", "our policy")], ["cites_policy"], "both added and removed"),
    ],
)
def test_what_cannot_be_corrected_is_said_and_nothing_is_written(
    studio: Studio, place: int, add: list[Any], remove: list[str], said: str
) -> None:
    before = studio.store.find(SESSION).read_bytes()
    with pytest.raises(TranscriptError, match=said) as caught:
        studio.correct(SESSION, place, add, remove)
    assert caught.value.hint
    assert studio.store.find(SESSION).read_bytes() == before


def test_a_session_graded_before_labels_were_stored_is_corrected_from_its_scorecard(studio: Studio) -> None:
    path = studio.store.find(SESSION)
    lines = [line for line in path.read_text("utf-8").splitlines() if json.loads(line)["kind"] != "labels"]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    transcript = studio.store.read(SESSION)
    assert not transcript.labellings
    assert carried(transcript, 7) == set(transcript.scorecards[-1].scorecard["turns"][3]["labels"])
    assert studio.correct(SESSION, 7, [("hostile", "our policy")]).grader.corrected == 1


def test_a_session_that_was_never_graded_cannot_be_corrected(studio: Studio) -> None:
    ungraded = studio.store.read(SESSION).model_copy(update={"scorecards": (), "labellings": ()})
    assert stored_labels(ungraded) is None
    with pytest.raises(TranscriptError, match="not been graded"):
        correction(ungraded, 7, [], ["cites_policy"])


def test_another_rubric_counts_the_stored_labels_with_the_corrections(studio: Studio, labeler: EmbeddedLabeler) -> None:
    studio.correct(SESSION, 7, [("hostile", "our policy")])
    stored = stored_labels(studio.store.read(SESSION))
    assert stored is not None
    rubric = load_rubric()
    acknowledge = rubric.criteria.acknowledge.model_copy(update={"weight": 1000})
    heavy = rubric.model_copy(update={"criteria": rubric.criteria.model_copy(update={"acknowledge": acknowledge})})
    cards = [Grader(labeler, r).grade_labels(MIXED, stored.labels, stored.stamp) for r in (rubric, heavy)]
    assert cards[0].criteria == cards[1].criteria
    assert cards[0].overall != cards[1].overall


def test_corrected_turns_alone_join_the_own_corpus_once_a_session(studio: Studio, tmp_path: Path) -> None:
    studio.correct(SESSION, 7, [("hostile", "our policy")])
    learn(studio.store.read(SESSION), tmp_path)
    studio.correct(SESSION, 1, [("dismisses", "I understand your frustration")])
    other = {"id": "mine", "business": "b", "channel": "phone", "style": "s", "turns": []}
    (tmp_path / CORRECTIONS).write_text(
        json.dumps({**other, "id": f"corrected-{SESSION}"})
        + "\n"
        + json.dumps({**other, "turns": [{"customer": "", "trainee": "Hello.", "labels": []}]})
        + "\n",
        "utf-8",
    )
    path = learn(studio.store.read(SESSION), tmp_path)
    kept = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert [item["id"] for item in kept] == ["mine", f"corrected-{SESSION}"]
    assert [turn["trainee"] for turn in kept[1]["turns"]] == [MIXED.turns[1].text, MIXED.turns[7].text]
    assert kept[1]["turns"][1]["customer"] == MIXED.turns[6].text
    corpus = read_corpus(tmp_path)
    assert corpus.own == {"mine", f"corrected-{SESSION}"}


def test_the_labeler_learns_the_correction_and_keeps_what_it_knew(studio: Studio) -> None:
    assert isinstance(studio.labeler, EmbeddedLabeler)
    name = studio.labeler.name
    known = label_conversation(studio.labeler, KIND)
    studio.correct(SESSION, 7, [("hostile", MIXED.turns[7].text)], ["cites_policy"], learns=True)
    assert studio.labeler.name != name
    now = label_conversation(studio.labeler, MIXED)[7]
    assert Label.HOSTILE in now and Label.CITES_POLICY not in now
    again = label_conversation(studio.labeler, KIND)
    same = [known[i].labels == again[i].labels for i in known]
    assert sum(same) >= len(same) - 1, "one corrected turn changes hardly anything else"


def test_without_learning_the_labeler_stays_as_it_is(studio: Studio) -> None:
    assert isinstance(studio.labeler, EmbeddedLabeler)
    name = studio.labeler.name
    studio.correct(SESSION, 7, [("hostile", "our policy")])
    assert studio.labeler.name == name
    assert not (studio.settings.folder / "corpus").exists()


def test_a_damaged_cache_of_the_corpus_is_made_again(studio: Studio, cache: Path) -> None:
    studio.correct(SESSION, 7, [("hostile", "our policy")], learns=True)
    assert isinstance(studio.labeler, EmbeddedLabeler)
    studio.labeler.ready()
    for path in [*cache.glob("corpus-*.npz"), *cache.glob("labeler-own-*.npz")]:
        path.write_bytes(path.read_bytes()[:1000])
    studio.labeler.forget()
    assert Label.HOSTILE in label_conversation(studio.labeler, MIXED)[7]
