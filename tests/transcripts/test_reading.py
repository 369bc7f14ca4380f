"""A session's file is read as far as it can be, and what cannot be used is named."""

from __future__ import annotations

import io
import json

import pytest

from simulator.errors import TranscriptError
from simulator.transcripts.lines import MAX_LINE, numbered
from simulator.transcripts.reading import MAX_PROBLEMS, transcript_from
from simulator.transcripts.records import Ending, Role, Transcript

HEADER = {
    "kind": "header",
    "schema_version": 1,
    "id": "s",
    "started_at": "2026-01-31T09:30:00Z",
    "persona": "moving-house",
    "persona_sha256": "ab",
    "seed": 7,
    "voice": "scripted",
}
NAME = "20260131T093000Z-moving-house-0a1b2c"


def customer(index: int, text: str = "No.", **more: object) -> dict[str, object]:
    return {"kind": "turn", "index": index, "role": "customer", "text": text, **more}


def piece(index: int, text: str) -> dict[str, object]:
    return {"kind": "piece", "index": index, "text": text}


def read(*lines: object) -> Transcript:
    texts = (line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
    return transcript_from(numbered(io.BytesIO(b"\n".join(texts) + b"\n")), NAME)


def test_a_whole_file_is_read_without_problems() -> None:
    transcript = read(
        HEADER,
        piece(0, "Well"),
        customer(0),
        {"kind": "ending", "ending": "settled"},
        {"kind": "note", "text": "x"},
    )
    assert [turn.text for turn in transcript.turns] == ["No."]
    assert transcript.ending is Ending.SETTLED
    assert transcript.problems == ()


def test_pieces_without_their_turn_become_a_cut_turn() -> None:
    transcript = read(HEADER, customer(0), piece(2, "I have "), piece(2, "waited"))
    assert transcript.turns[-1].text == "I have waited"
    assert transcript.turns[-1].cut
    assert transcript.turns[-1].role is Role.CUSTOMER


def test_pieces_after_a_cut_turn_go_on_from_it() -> None:
    transcript = read(HEADER, piece(0, "I have "), customer(0, "I have ", cut=True), piece(0, "waited"))
    assert [(turn.text, turn.cut) for turn in transcript.turns] == [("I have waited", True)]


def test_a_finished_turn_takes_the_place_of_a_cut_one() -> None:
    transcript = read(HEADER, customer(0, "I ha", cut=True), customer(0, "I have waited."))
    assert [(turn.text, turn.cut) for turn in transcript.turns] == [("I have waited.", False)]
    assert transcript.problems == ()


def test_a_cut_line_is_named_and_the_rest_is_used() -> None:
    transcript = read(HEADER, customer(0), b'{"kind":"turn","index":1,"ro', customer(2))
    assert [turn.index for turn in transcript.turns] == [0, 2]
    assert transcript.problems == ("Line 3 is cut short.", "Turn 2 is missing.")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"[1]", "Line 2 is not a JSON object."),
        (b"not json", "Line 2 is not valid JSON."),
        (b"[" * 200_000, "Line 2 is n"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "Line 2 is nested too deeply."),
        ({"kind": "hologram"}, "Line 2 is of the unknown kind 'hologram' and was passed over."),
        ({"text": "x"}, "Line 2 does not say what kind it is and was passed over."),
        ({"kind": ["turn"]}, "Line 2 is of the unknown kind"),
        (customer(0) | {"text": 5}, "Line 2 cannot be used: its text is missing or wrong."),
        (customer(-1), "Line 2 cannot be used: its index is missing or wrong."),
        (HEADER, "Line 2 is a second header and was passed over."),
        (
            b'{"kind":"note","text":"' + b"x" * MAX_LINE + b'"}',
            "Line 2 is longer than 4 MB and was passed over.",
        ),
        (b"\0" * 100 + b"nothing", "Line 2 is not valid JSON."),
    ],
)
def test_a_bad_line_is_named_in_plain_words(line: object, problem: str) -> None:
    transcript = read(HEADER, line, customer(0))
    assert [turn.text for turn in transcript.turns] == ["No."]
    assert transcript.problems[0].startswith(problem)


def test_blank_lines_and_zero_padding_are_passed_over() -> None:
    transcript = read(b"\xef\xbb\xbf" + json.dumps(HEADER).encode(), b"", b"   ", b"\0\0\0\0", customer(0))
    assert len(transcript.turns) == 1
    assert transcript.problems == ()


def test_a_newer_file_is_read_as_far_as_it_can_be() -> None:
    mood = {"tension": 3, "stage": "levitating"}
    labels = [{"label": "hums", "quote": "hm"}, {"label": "restates", "quote": "house"}]
    transcript = read(
        {**HEADER, "schema_version": 2, "weather": "rain"},
        customer(0, mood=mood, scent="pine"),
        {"kind": "turn", "index": 1, "role": "trainee", "text": "house, hm", "labels": labels},
    )
    assert "newer version" in " ".join(transcript.problems)
    assert transcript.turns[0].mood is None
    assert [q.quote for q in transcript.turns[1].labels or ()] == ["house"]
    assert "Line 2 holds what this version cannot use" in " ".join(transcript.problems)


def test_an_older_version_stays_what_it_was() -> None:
    assert read({**HEADER, "schema_version": 0}, customer(0)).header.schema_version == 0


def test_a_lost_header_is_stood_in_for_by_the_files_name() -> None:
    transcript = read(b'{"kind":"head', customer(0))
    assert transcript.header.persona == "moving-house"
    assert transcript.header.started_at == "2026-01-31T09:30:00Z"
    assert "header is missing or damaged" in transcript.problems[-1]


def test_a_file_with_nothing_to_use_is_refused() -> None:
    with pytest.raises(TranscriptError, match="not a session"):
        read(b"\x7fELF", b"\x00\x01")
    with pytest.raises(TranscriptError, match="empty"):
        transcript_from([], NAME)


def test_a_repeated_turn_is_named_and_the_first_kept() -> None:
    transcript = read(HEADER, customer(0, "first"), customer(0, "second"))
    assert [turn.text for turn in transcript.turns] == ["first"]
    assert transcript.problems == ("Line 3 repeats turn 1 and was passed over.",)


def test_bytes_that_are_not_text_cost_only_themselves() -> None:
    transcript = read(HEADER, b'{"kind":"turn","index":0,"role":"customer","text":"caf\xe9 \\ud800"}')
    assert transcript.turns[0].text == "caf\ufffd \ufffd"
    transcript.bare().model_dump_json()


def test_problems_are_counted_rather_than_listed_without_end() -> None:
    transcript = read(HEADER, *[b"x"] * 5000)
    assert len(transcript.problems) == MAX_PROBLEMS + 1
    assert transcript.problems[-1] == f"{5000 - MAX_PROBLEMS} more problems are not listed."


def test_a_file_from_before_versions_were_counted_is_read_as_version_0() -> None:
    first = {"kind": "header", "id": "s", "started_at": "2025-01-31T09:30:00Z", "persona": "moving-house"}
    bare_mood = {"tension": 7, "stage": "venting"}
    transcript = read(first, customer(0, mood=bare_mood), {"kind": "scorecard", "scorecard": {"overall": 40}})
    assert transcript.problems == ()
    assert transcript.header.schema_version == 0
    assert transcript.header.voice == ""
    assert transcript.turns[0].mood is not None
    assert transcript.turns[0].mood.heard == 0
