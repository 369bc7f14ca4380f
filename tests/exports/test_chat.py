"""Chat messages: what a model is trained on, and what it is never shown."""

from __future__ import annotations

import io
import json

import pytest

from simulator.exports import Options, export
from simulator.transcripts.importing.objects import conversation
from simulator.transcripts.records import Role, Transcript, Turn
from tests.exports.conftest import told


def messages(session: Transcript, **chosen: object) -> list[dict[str, str]]:
    (line,) = told("chat", session, options=Options(**chosen)).splitlines()  # type: ignore[arg-type]
    value = json.loads(line)
    assert list(value) == ["messages"]
    return list(value["messages"])


def test_the_model_is_the_customer_and_the_trainee_its_user(session: Transcript) -> None:
    said = messages(session)
    assert [message["role"] for message in said] == ["system", "assistant", "user", "assistant"]
    assert said[1]["content"] == "I have to be out!\nIn days."
    assert "Dana White" in said[0]["content"]
    assert "A furniture store" in said[0]["content"]
    assert "face to face" in said[0]["content"]


def test_turned_round_the_model_is_the_trainee_and_has_the_last_word(session: Transcript) -> None:
    said = messages(session, model=Role.TRAINEE)
    assert [message["role"] for message in said] == ["system", "user", "assistant"]
    assert said[2]["content"].startswith("Out in three days")
    assert said[0] != messages(session)[0]


def test_only_trainers_who_ask_get_the_stage_directions(session: Transcript) -> None:
    assert "SECRET" not in told("chat", session)
    said = messages(session, private=True)
    assert said[1] == {"role": "system", "content": "SECRET sigh"}
    assert said[2]["role"] == "assistant"


@pytest.mark.parametrize("role", Role)
def test_where_the_model_would_be_silent_there_is_nothing_to_learn(role: Role, session: Transcript) -> None:
    other = Role.TRAINEE if role is Role.CUSTOMER else Role.CUSTOMER
    one_sided = session.model_copy(update={"turns": (Turn(index=0, role=other, text="Hello?"),)})
    assert told("chat", one_sided, options=Options(model=role)) == ""
    both = told("chat", one_sided, session, options=Options(model=role))
    assert len(both.splitlines()) == 1


def test_each_line_is_a_conversation_that_can_be_imported_again(session: Transcript, hostile: Transcript) -> None:
    out = io.StringIO()
    export([session, hostile], "chat", out)
    lines = out.getvalue().splitlines()
    assert len(lines) == 2
    for line in lines:
        value = json.loads(line)
        assert {message["role"] for message in value["messages"]} <= {"system", "user", "assistant"}
        assert len(conversation(value, "x").lines) == len(value["messages"])


def test_a_prompt_takes_no_orders_from_a_session(session: Transcript) -> None:
    header = session.header.model_copy(update={"persona_name": "{{ 7 * 7 }}", "setting": "{% for x in y %}"})
    first = messages(session.model_copy(update={"header": header}))[0]["content"]
    assert "{{ 7 * 7 }}" in first
    assert "{% for x in y %}" in first
