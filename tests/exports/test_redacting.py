"""Who and what is left out of an export, how it is measured, and how it comes back with the key."""

from __future__ import annotations

import io
import re
import stat
from pathlib import Path

import pytest

from simulator.errors import TranscriptError
from simulator.exports.formats import FORMATS, export
from simulator.exports.options import Options
from simulator.exports.redacting import sealed
from simulator.exports.redacting.names import names_in
from simulator.exports.redacting.personal import luhn, personal_in
from simulator.exports.redacting.spans import Kind, Span, replaced, without_overlaps
from simulator.exports.redaction import Labels, redact, without_secrets
from simulator.grading.scorecard import Scorecard, misquoted
from simulator.labels import Label
from simulator.transcripts.records import (
    CorrectionLine,
    Guarded,
    Header,
    LabelledTurn,
    LabelsLine,
    NoteLine,
    Quoted,
    Role,
    ScorecardLine,
    Transcript,
    Turn,
)
from tests.exports.conftest import told

LINES = Path(__file__).parent / "data" / "personal_lines.txt"
_MARK = re.compile(r"<(\w+):([^>]*)>")
PLANTED = (
    "sk-proj-4f9aT2xQ81mZ07bLkE55",
    "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
    "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "xoxb-2048-4096-abcdefGHIJ",
    "AKIAIOSFODNN7EXAMPLE",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N",
    "q7Wz-own-shape-of-a-key",
)
"""Secrets of many shapes; the last one has none and is known only because it is set in the environment."""


def marked(line: str) -> tuple[str, set[tuple[str, int, int]]]:
    """Return a line without its marks, and what they mark as (kind, start, end)."""
    text, wanted, done = "", set(), 0
    for mark in _MARK.finditer(line):
        text += line[done : mark.start()]
        wanted.add((mark[1], len(text), len(text) + len(mark[2])))
        text += mark[2]
        done = mark.end()
    return text + line[done:], wanted


def leftover(text: str, start: int, end: int, spans: list[Span]) -> str:
    """Return what of a marked part could still be read, titles and possessive endings aside."""
    kept = "".join(text[i] for i in range(start, end) if not any(span.start <= i < span.end for span in spans))
    return re.sub(r"^(?:Mr|Mrs|Ms|Dr)\b\.?|['’]s$", "", kept.strip()).strip()


def measured() -> dict[str, tuple[int, list[str], list[str]]]:
    """Return by kind how many were found whole, what was missed or left in part, and what was taken wrongly."""
    result: dict[str, tuple[int, list[str], list[str]]] = {}
    found, missed, wrong = {kind.value: 0 for kind in Kind}, [], []  # type: ignore[var-annotated]
    for line in LINES.read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        text, wanted = marked(line)
        spans = without_overlaps([*personal_in(text), *names_in(text)])
        for kind, start, end in wanted:
            if leftover(text, start, end, [span for span in spans if span.kind.value == kind]):
                missed.append((kind, text[start:end]))
            else:
                found[kind] += 1
        wrong += [
            (span.kind.value, text[span.start : span.end])
            for span in spans
            if not any(kind == span.kind.value and start < span.end and span.start < end for kind, start, end in wanted)
        ]
    for kind, whole in found.items():
        result[kind] = (whole, [w for k, w in missed if k == kind], [w for k, w in wrong if k == kind])
    return result


@pytest.mark.parametrize(
    ("kind", "recall", "precision"),
    [(Kind.NAME, 0.95, 0.95), (Kind.PHONE, 1, 1), (Kind.CARD, 1, 1), (Kind.EMAIL, 1, 1), (Kind.ADDRESS, 1, 1)],
)
def test_what_is_personal_is_found_and_little_else_taken_for_it(kind: Kind, recall: float, precision: float) -> None:
    found, missed, wrong = measured()[kind.value]
    assert found / (found + len(missed)) >= recall, missed
    assert found / (found + len(wrong)) >= precision, wrong


def test_card_numbers_must_check() -> None:
    assert luhn("4111 1111 1111 1111")
    assert not luhn("4111 1111 1111 1112")
    assert not luhn("0000 0000 0000 0000")
    assert not luhn("4111")


def test_a_quote_is_found_again_also_where_it_cuts_a_replaced_part() -> None:
    done = replaced("Hi Dana White, hi.", [Span(Kind.NAME, 3, 13)], lambda kind, words: "[N]")
    assert done.text == "Hi [N], hi."
    assert [done.quote(quote) for quote in ("Hi Dana White", "White, hi", "Hi Dana", ", hi", "Dana", "nowhere")] == [
        "Hi [N]",
        "[N], hi",
        "Hi [N]",
        ", hi",
        "[N]",
        None,
    ]


def session() -> Transcript:
    """Return a graded session full of what is somebody's."""
    turns = (
        Turn(index=0, role=Role.CUSTOMER, text="I'm Dana White, 12 High Street, Flat 3. Will you ring 415-555-2671?"),
        Turn(
            index=1,
            role=Role.TRAINEE,
            text="Dana, three days at 12 High Street, Flat 3 is short. I'll ring (415) 555-2671. Ask for Will Turner.",
            labels=(Quoted(label=Label.RESTATES, quote="three days at 12 High Street"),),
        ),
        Turn(
            index=2,
            role=Role.CUSTOMER,
            text="Turner? Fine, dana.white@example.com. Card 4111 1111 1111 1111.",
            direction="Dana breathes out",
            guard=Guarded(refused=(("leak", "Dana White says no"),)),
        ),
    )
    evidence = [{"turn": 1, "quote": "Dana, three days"}, {"turn": 1, "quote": "ring (415) 555"}]
    criterion = {"level": 3, "reason": "It says “Dana, three days”.", "evidence": evidence}
    card = {
        "id": "call-Dana-1",
        "status": "graded",
        "criteria": dict.fromkeys(("acknowledge", "presence", "solution"), criterion),
        "acknowledged_before_solution": True,
        "first_acknowledging_turn": 1,
        "first_solution_turn": 1,
        "overall": 70,
        "passed": True,
        "turns": [{"turn": 1, "labels": ["restates"]}],
        "coaching": {
            "strength": "You said Dana's name.",
            "next_time": "Ask.",
            "rewrites": [{"turn": 1, "said": "Ask for Will Turner.", "try": "Dana, may Will Turner ring you?"}],
        },
        "rubric": {"name": "default", "version": "1", "sha256": "ab"},
        "grader": {"kind": "local", "model": "labeler", "prompt_sha256": "cd"},
    }
    return Transcript(
        header=Header(
            id="call-Dana-1", started_at="2026-01-31T09:30:00Z", persona="imported", persona_sha256="",
            persona_name="Dana White", setting="Dana White is moving", seed=0, voice="imported", trainee="Ines Moreau",
        ),
        turns=turns,
        scorecards=(ScorecardLine(scorecard=card),),
        notes=(NoteLine(text="Ines asked about Dana"),),
        title="Dana's move",
    )  # fmt: skip


def tidy() -> Transcript:
    """Return the session with one way of writing its number, no quote that cuts it, and a plain id."""
    text = session().model_dump_json()
    for old, new in (
        ("call-Dana-1", "call-1"),
        ("415-555-2671", "(415) 555-2671"),
        ('"ring (415) 555"', '"ring (415) 555-2671"'),
        ('"three days at 12 High Street"', '"three days"'),
    ):
        text = text.replace(old, new)
    return Transcript.model_validate_json(text)


OWN = ("Dana", "White", "Ines", "Moreau", "Turner", "555-2671", "4111", "High Street", "example.com")


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize("options", [Options(private=True), Options(private=True, rows="turn")])
def test_nothing_personal_is_left_in_any_export(fmt: str, options: Options) -> None:
    left = told(fmt, redact(session()), options=options)
    for words in OWN:
        assert words not in left, words


def test_quotes_of_a_redacted_scorecard_stand_in_their_turns() -> None:
    assert misquoted(Scorecard.model_validate(session().scorecards[0].scorecard), session().bare()) == []
    done = redact(session())
    assert misquoted(Scorecard.model_validate(done.scorecards[0].scorecard), done.bare()) == []
    quoted = done.turns[1].labels
    assert quoted
    assert quoted[0].quote in done.turns[1].text


def test_quotes_of_stored_labels_and_corrections_stand_in_their_turns() -> None:
    said = "I'm Priya Raman, call me on 020 7946 0123."
    quoted = Quoted(label=Label.TAKES_OWNERSHIP, quote=said)
    session = Transcript(
        header=Header(id="s", started_at="", persona="p", persona_sha256="", seed=0, voice="scripted"),
        turns=(Turn(index=0, role=Role.TRAINEE, text=said),),
        labellings=(LabelsLine(grader={}, turns=(LabelledTurn(turn=0, labels=(quoted,)),)),),
        corrections=(CorrectionLine(turn=0, added=(quoted,)),),
    )
    done = redact(session)
    (kept,), (added,) = done.labellings[0].turns[0].labels, done.corrections[0].added
    assert kept.quote == added.quote == done.turns[0].text
    assert "7946" not in done.model_dump_json()
    assert "Raman" not in done.model_dump_json()


def test_the_same_words_have_the_same_label_and_a_part_of_a_name_goes_by_its_letter() -> None:
    labels = Labels()
    done = redact(session(), labels)
    assert done.turns[0].text == "I'm [Name 1], [Address 1]. Will you ring [Phone 1]?"
    assert done.turns[1].text.startswith(
        "[Name 1a], three days at [Address 1] is short. I'll ring [Phone 1]. Ask for [Name"
    )
    assert done.header.persona_name == "[Name 1]"
    assert done.title == "[Name 1a]'s move"
    assert labels.originals["[Name 1]"] == "Dana White"
    assert labels.originals["[Name 1a]"] == "Dana"


def test_a_label_that_somebody_wrote_is_not_given_again() -> None:
    said = session().turns[0].model_copy(update={"text": "[Name 7] is what it said. I'm Dana."})
    done = redact(session().model_copy(update={"turns": (said,), "scorecards": ()}))
    assert done.turns[0].text.startswith("[Name 7] is what it said. I'm [Name ")
    assert "I'm [Name 7]" not in done.turns[0].text


def test_nothing_in_a_harmless_session_changes() -> None:
    header = session().header.model_copy(update={"persona_name": "", "trainee": "", "setting": "A shop", "id": "s"})
    said = "You will get order 20260131 on Monday, May 4. It's fine. Will that do? I hope so; mark my words."
    plain = Transcript(header=header, turns=(Turn(index=0, role=Role.TRAINEE, text=said),))
    assert redact(plain) == plain


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize("secret", PLANTED)
def test_a_planted_secret_is_in_no_export(fmt: str, secret: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", PLANTED[-1])
    planted = session().model_copy(
        update={
            "turns": (
                Turn(index=0, role=Role.TRAINEE, text=f"My key is {secret}, and Authorization: Bearer {secret}"),
            ),
            "notes": (NoteLine(text=f"the endpoint refused key={secret}"),),
            "problems": (f"Line 3 holds {secret}.",),
            "title": secret,
            "scorecards": (ScorecardLine(scorecard={"status": "not_graded", "reason": f"401 for {secret}"}),),
        }
    )
    for rows in ("session", "turn"):
        options = Options(private=True, rows=rows)  # type: ignore[arg-type]
        assert secret not in told(fmt, planted, options=options)


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("password: hunter2!", "password: [Secret removed]"),
        ("Your password is wrong.", "Your password is wrong."),
        ("postgres://user:s3cr3t@db/x", "postgres://user:[Secret removed]@db/x"),
        ("Bearer of bad news, I am.", "Bearer of bad news, I am."),
        ("the token economy", "the token economy"),
    ],
)
def test_words_about_secrets_stay_and_secrets_go(said: str, left: str) -> None:
    turn = Turn(index=0, role=Role.TRAINEE, text=said)
    assert without_secrets(session().model_copy(update={"turns": (turn,)})).turns[0].text == left


@pytest.mark.parametrize(
    "fmt",
    [
        name for name, exporter in FORMATS.items() if not exporter.binary and name != "xapi"
    ],  # an id there is made of what is told
)
def test_a_redacted_export_comes_back_only_with_the_key(fmt: str, tmp_path: Path) -> None:
    key_file = tmp_path / "names.key"
    key = sealed.key_in(key_file, make=True)
    labels, suffix = Labels(), FORMATS[fmt].suffix
    text, plain = io.StringIO(), io.StringIO()
    export([redact(tidy(), labels)], fmt, text)
    sealed.seal(labels.originals, key_file, key)
    export([tidy()], fmt, plain)
    assert "Dana" not in text.getvalue()
    assert sealed.unredacted(text.getvalue(), sealed.originals_in(key_file, key), suffix) == plain.getvalue()
    assert b"Dana" not in sealed.sealed_beside(key_file).read_bytes()
    other = tmp_path / "other.key"
    sealed.key_in(other, make=True)
    sealed.sealed_beside(other).write_bytes(sealed.sealed_beside(key_file).read_bytes())
    with pytest.raises(TranscriptError, match="was not sealed with the key"):
        sealed.originals_in(other, sealed.key_in(other, make=False))
    for path in (key_file, sealed.sealed_beside(key_file)):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_sealed_labels_go_on_with_the_next_export() -> None:
    first = Labels()
    redact(session(), first)
    again = Labels.from_originals(first.originals)
    assert redact(session(), again) == redact(session(), Labels())
    assert again.originals == first.originals
    assert again.of(Kind.NAME, "Somebody Else") not in first.originals


def test_a_file_that_is_no_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("hello")
    with pytest.raises(TranscriptError, match="is not a key file"):
        sealed.key_in(tmp_path / "x", make=True)
    with pytest.raises(TranscriptError, match="There is no key file"):
        sealed.key_in(tmp_path / "nowhere", make=False)


def test_of_overlapping_parts_the_graver_and_then_the_longer_stays() -> None:
    spans = [
        Span(Kind.NAME, 0, 4),
        Span(Kind.NAME, 0, 10),
        Span(Kind.SECRET, 8, 12),
        Span(Kind.NAME, 12, 15),
        Span(Kind.PHONE, 14, 20),
    ]
    assert without_overlaps(spans) == [Span(Kind.NAME, 0, 4), Span(Kind.SECRET, 8, 12), Span(Kind.PHONE, 14, 20)]


def test_a_very_long_turn_is_redacted_too() -> None:
    said = "Maria Lopez, 415-555-2671. " * 4000
    long = session().model_copy(update={"turns": (Turn(index=0, role=Role.CUSTOMER, text=said),), "scorecards": ()})
    done = redact(long).turns[0].text
    assert "Maria" not in done
    assert done.count("[Phone 1]") == 4000
