"""Conversations from elsewhere: recognised by what is in them, given roles, and saved like any other session."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from simulator.errors import TranscriptError
from simulator.exports.formats import export
from simulator.transcripts.bare import Problem
from simulator.transcripts.importing.conversation import Conversation
from simulator.transcripts.importing.recognise import conversations, recognised
from simulator.transcripts.importing.roles import Roles, turns_of
from simulator.transcripts.importing.saving import save, save_session
from simulator.transcripts.records import Role, Transcript
from simulator.transcripts.store import Store
from tests.exports.conftest import made

CUSTOMER, TRAINEE = Role.CUSTOMER, Role.TRAINEE


def items(data: str | bytes, **how: object) -> list[object]:
    raw = data.encode() if isinstance(data, str) else data
    return list(conversations(raw, "file", **how))  # type: ignore[arg-type]


def only(data: str | bytes, **how: object) -> Conversation:
    found = items(data, **how)
    assert len(found) == 1, found
    assert isinstance(found[0], Conversation)
    return found[0]


def said(conversation: Conversation) -> list[tuple[str, str]]:
    return [(line.speaker, line.text) for line in conversation.lines]


def problems(found: Iterable[object]) -> list[str]:
    return [str(item) for item in found if isinstance(item, Problem)]


VTT = """WEBVTT - call 7

NOTE recorded

1
00:00:01.000 --> 00:00:02.000 align:start
<v.loud Dana White>I have been waiting <i>three</i> weeks</v>

00:00:02.000 --> 00:00:03.000
<v Dana White>and nobody called.</v>
<v Tom>That is &amp; stays our fault.</v>
"""
SRT = """1
00:00:01,000 --> 00:00:02,000
Dana: I have been waiting

2
00:00:02,500 --> 00:00:03,000
three weeks.

3
00:00:04,000 --> 00:00:05,000
Tom: I see.

4
00:00:05,000 --> 00:00:06,000
Dana: Do you?

5
00:00:07,000 --> 00:00:09,000
Tom: I do.
"""


@pytest.mark.parametrize(
    ("text", "fmt"),
    [
        ('{"id": "a", "turns": []}', "json"),
        ('{"id": "a", "turns": []}\n{"id": "b", "turns": []}\n', "jsonl"),
        ('[{"role": "user", "content": "x"}]', "json"),
        ("role,text\ncustomer,Hello\n", "csv"),
        ("Ticket;Sender;Message\n1;Bo;Hello\n", "csv"),
        ("speaker\ttext\nBo\tHello\n", "csv"),
        (VTT, "vtt"),
        (SRT, "srt"),
        ("Agent: Hello, name, message\nCustomer: Hi\n", "text"),
        ("[00:01] Agent: Hello\n", "text"),
    ],
)
def test_the_format_is_found_by_what_is_in_it(text: str, fmt: str) -> None:
    assert recognised(text) == fmt


def test_plain_text_takes_turns_over_several_lines_and_knows_a_colon_from_a_speaker() -> None:
    text = (
        "Call about a sofa\n\nAgent: Hello?\nMaria Lopez: I have been waiting\nfor three weeks.\n\nNobody called.\n"
        "Address: 12 High Street\nAgent: I see.\nMaria Lopez: Do you: really?\n"
    )
    found = only(text)
    assert found.setting == "Call about a sofa"
    assert said(found) == [
        ("Agent", "Hello?"),
        ("Maria Lopez", "I have been waiting\nfor three weeks.\n\nNobody called.\nAddress: 12 High Street"),
        ("Agent", "I see."),
        ("Maria Lopez", "Do you: really?"),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "[00:01:23] Agent: Hello",
        "(10:32) Agent: Hello",
        "10:32 AM Agent: Hello",
        "10:32:05 - Agent: Hello",
        "2026-01-31T09:30:00Z Agent: Hello",
        "[31/01/2026, 10:32:11] Agent: Hello",
        "31.01.26, 10:32 - Agent: Hello",
        "Agent (10:32 AM): Hello",
        "Agent [00:12]: Hello",
        "**Agent:** Hello",
        "- Agent: Hello",
        ">> Agent: Hello",
    ],
)
def test_times_and_marks_around_a_speaker_are_tolerated(line: str) -> None:
    assert said(only(f"{line}\nCustomer: Well?\n")) == [("Agent", "Hello"), ("Customer", "Well?")]


def test_a_full_time_is_kept_and_half_a_time_is_not_guessed() -> None:
    found = only("2026-01-31T09:30:00+01:00 Agent: Hello\n[10:32] Customer: Well?\n")
    assert [line.at for line in found.lines] == ["2026-01-31T08:30:00Z", ""]


def test_lines_of_dashes_part_conversations() -> None:
    found = items("Agent: a\nCustomer: b\n-----\nAgent: c\nCustomer: d\n=====\nno speaker here\n")
    assert [item.id for item in found if isinstance(item, Conversation)] == ["file-1", "file-2"]
    assert problems(found) == ["Conversation 3: No line names a speaker. Write each turn as Agent: … or Customer: …."]


def test_a_csv_groups_rows_by_conversation_and_names_bad_rows() -> None:
    text = (
        'ticket,from,message\n7,client,"Where, is it?\nLate."\n8,client,Hello\n7,rep,Let me look\n9,,orphan\n8,rep,Hi\n'
    )
    found = items(text)
    assert problems(found) == ["Row 5 names no speaker."]
    assert [(item.id, said(item)) for item in found if isinstance(item, Conversation)] == [
        ("7", [("client", "Where, is it?\nLate."), ("rep", "Let me look")]),
        ("8", [("client", "Hello"), ("rep", "Hi")]),
    ]


def test_columns_are_named_by_the_person_where_their_names_are_unknown() -> None:
    text = "Anruf;Wer;Was\n1;Kunde;Hallo\n1;Mitarbeiter;Ja?\n"
    chosen = {"conversation": "anruf", "speaker": "Wer", "text": "Was"}
    assert said(only(text, columns=chosen)) == [("Kunde", "Hallo"), ("Mitarbeiter", "Ja?")]
    with pytest.raises(TranscriptError, match="column 'Wann'"):
        items(text, columns=chosen | {"at": "Wann"})
    with pytest.raises(TranscriptError, match="speaker and the text"):
        items(text, fmt="csv")


def test_chat_messages_are_read_with_parts_and_without_instructions() -> None:
    messages = [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": [{"type": "text", "text": "My bill"}, {"type": "image_url", "image_url": {}}]},
        {"role": "assistant", "content": None, "tool_calls": []},
        {"role": "assistant", "content": "I see it jumped."},
    ]
    found = only(json.dumps({"messages": messages}))
    roles, unknown = Roles.of(["user"], ["assistant"]).of_speakers(found.speakers)
    assert unknown == ()
    assert [(turn.role, turn.text) for turn in turns_of(found, roles)] == [
        (CUSTOMER, "My bill\n[image_url]"),
        (TRAINEE, "I see it jumped."),
    ]
    assert said(only(json.dumps(messages))) == said(found)


def test_lines_of_json_go_on_after_a_bad_one() -> None:
    good = {"id": "x", "setting": "A shop", "turns": [{"role": "customer", "text": "No!"}]}
    found = items("\n".join([json.dumps(good), "not json", '{"id": "y"}', json.dumps({**good, "id": 5})]))
    assert [item.id for item in found if isinstance(item, Conversation)] == ["x", "5"]
    assert problems(found) == ["Line 2 is not valid JSON.", "Line 3 has no list of turns or messages."]


def test_webvtt_voices_are_speakers_and_their_cues_in_a_row_one_turn() -> None:
    assert said(only(VTT)) == [
        ("Dana White", "I have been waiting three weeks and nobody called."),
        ("Tom", "That is & stays our fault."),
    ]


def test_srt_names_are_speakers_and_cues_without_one_go_on() -> None:
    assert said(only(SRT)) == [
        ("Dana", "I have been waiting three weeks."),
        ("Tom", "I see."),
        ("Dana", "Do you?"),
        ("Tom", "I do."),
    ]


def test_a_cue_that_cannot_be_read_is_counted() -> None:
    found = items(VTT + "\n00:00:xx --> 00:00:09.000\n<v Tom>Lost.\n")
    assert problems(found) == ["1 cue could not be read."]
    assert any(isinstance(item, Conversation) for item in found)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1"]
)
def test_the_encoding_is_found(encoding: str) -> None:
    text = "Agent: Grüß Gott, was fehlt?\r\nCustomer: Die Möbel!\r\n"
    assert said(only(text.encode(encoding))) == [("Agent", "Grüß Gott, was fehlt?"), ("Customer", "Die Möbel!")]


def test_an_encoding_that_does_not_fit_is_said() -> None:
    with pytest.raises(TranscriptError, match="not in utf-8: byte 10"):
        items("Agent: Grüß".encode("cp1252")[:10] + b"\xff", encoding="utf-8")


def test_of_two_speakers_one_known_tells_the_other() -> None:
    roles, unknown = Roles().of_speakers(["Agent", "Maria"])
    assert (roles, unknown) == ({"Agent": TRAINEE, "Maria": CUSTOMER}, ())
    assert Roles().of_speakers(["Maria", "Tom"])[1] == ("Maria", "Tom")
    assert Roles().of_speakers(["Agent", "Maria", "Tom"])[1] == ("Maria", "Tom")
    assert Roles.of(left_out=["TOM"]).of_speakers(["Agent", "Maria", "Tom"])[0]["Maria"] is CUSTOMER


def test_one_speaker_has_one_role() -> None:
    with pytest.raises(TranscriptError, match="two roles"):
        Roles.of(["Dana"], ["dana"])


def test_an_imported_conversation_is_a_session_that_is_over(tmp_path: Path) -> None:
    store = Store(tmp_path)
    found = only("Agent: Hello\nMaria: At last.\n")
    roles, _ = Roles().of_speakers(found.speakers)
    saved = save(store, found, roles, source="calls/a.txt", at="2026-02-01T10:00:00Z")
    transcript = store.read(saved.id)
    assert [(turn.role, turn.text) for turn in transcript.turns] == [(TRAINEE, "Hello"), (CUSTOMER, "At last.")]
    assert transcript.header.persona_name == "Maria"
    assert transcript.over
    assert not next(store.list()).resumable
    assert transcript.problems == ()
    with pytest.raises(TranscriptError):
        store.resume(saved.id)


def test_the_same_conversation_is_imported_once_and_another_of_its_name_beside_it(tmp_path: Path) -> None:
    store = Store(tmp_path)

    def put(words: str) -> tuple[str, bool]:
        found = only(f"Agent: {words}\nCustomer: Yes\n")
        saved = save(store, found, Roles().of_speakers(found.speakers)[0], source="f", at="2026-02-01T10:00:00Z")
        return saved.id, saved.known

    first, other = put("one"), put("two")
    assert first == ("file", False)
    assert other[0].startswith("file-")
    assert [put("one"), put("two")] == [("file", True), (other[0], True)]


def test_a_session_exported_as_json_comes_back_as_it_was(tmp_path: Path) -> None:
    session = made().model_copy(update={"problems": ()})
    out = io.StringIO()
    export([session], "json", out)
    found = items(out.getvalue())
    assert len(found) == 1
    assert isinstance(found[0], Transcript)
    store = Store(tmp_path)
    saved = save_session(store, found[0], source="x.json", at="2026-02-01T10:00:00Z")
    back = store.read(saved.id)
    assert saved.id == session.header.id
    assert back.bare() == session.bare()
    assert back.scorecards[-1].scorecard == session.scorecards[-1].scorecard
    assert back.header == session.header
    assert back.ending == session.ending


def test_a_session_file_of_another_store_is_taken_whole(tmp_path: Path) -> None:
    theirs, ours = Store(tmp_path / "theirs"), Store(tmp_path / "ours")
    session = made()
    name = theirs.add(session.header, [*session.turns, *session.scorecards])
    found = items((theirs.folder / f"{name}.jsonl").read_bytes())
    assert isinstance(found[0], Transcript)
    save_session(ours, found[0], source="x", at="2026-02-01T10:00:00Z")
    assert ours.read(name).turns == theirs.read(name).turns


def test_what_holds_nothing_says_so() -> None:
    assert problems(items("")) == problems(items("\n \n")) == ["There is nothing in it."]
    assert problems(items("[]")) == ["There is no conversation in it."]
