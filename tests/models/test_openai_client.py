"""What the client promises about any endpoint, shown against a real server on loopback."""

from __future__ import annotations

import asyncio
import threading
import traceback
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict

from simulator import settings
from simulator.errors import SettingsError, VoiceError
from simulator.models import openai_client
from simulator.models.endpoint_errors import UnreachableError
from simulator.models.openai_client import OpenAIModel
from simulator.models.protocol import Chunk, Message, Model, Sampling
from tests.models.fake_endpoint import FakeEndpoint, failure, hangs, raw, refuses, stream, words

HELLO = [Message("user", "Hello.")]
KEY = "sk-very-secret-0123456789"


class Mark(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: str
    level: int


@pytest.fixture
def endpoint() -> Iterator[FakeEndpoint]:
    with FakeEndpoint() as server:
        yield server


def model(endpoint: FakeEndpoint, **options: Any) -> OpenAIModel:
    known: dict[str, Any] = {"base_url": endpoint.url, "model": "fake-model", "first_wait": 0.0, "longest_wait": 0.05}
    return OpenAIModel(**known | options)


async def texts(chunks: AsyncIterator[Chunk]) -> dict[int, str]:
    whole: dict[int, str] = {}
    async for chunk in chunks:
        whole[chunk.candidate] = whole.get(chunk.candidate, "") + chunk.text
    return whole


async def refused(chunks: AsyncIterator[Chunk]) -> tuple[str, VoiceError]:
    """Return the text that came before the ``VoiceError`` and the error."""
    text = ""
    with pytest.raises(VoiceError) as caught:
        async for chunk in chunks:
            text += chunk.text
    return text, caught.value


# -- speaking


def test_it_is_a_model(endpoint: FakeEndpoint) -> None:
    one: Model = model(endpoint)
    assert (one.info.kind, one.info.model, one.info.prompting) == ("openai", "fake-model", "chat")


async def test_a_chat_comes_in_fragments_with_a_finish(endpoint: FakeEndpoint) -> None:
    endpoint.answers(words("I am cross."))
    chunks = [chunk async for chunk in model(endpoint).chat(HELLO, Sampling(stop=("\n",)))]
    assert "".join(chunk.text for chunk in chunks) == "I am cross."
    assert [chunk.finished for chunk in chunks] == [None, None, "stop"]
    sent = endpoint.requests[0].body
    assert sent["messages"] == [{"role": "user", "content": "Hello."}]
    assert sent["stop"] == ["\n"]
    assert "n" not in sent


async def test_candidates_of_a_completion_are_told_apart(endpoint: FakeEndpoint) -> None:
    endpoint.answers(words("one", "two", "three", "four"))
    whole = await texts(model(endpoint).complete("DANA:", Sampling(n=4)))
    assert whole == {0: "one", 1: "two", 2: "three", 3: "four"}
    assert endpoint.requests[0].body["n"] == 4


async def test_the_local_server_gets_min_p_and_its_cache(endpoint: FakeEndpoint) -> None:
    local = model(endpoint, kind="local", prompting="scene")
    await texts(local.complete("DANA:", Sampling(min_p=0.08)))
    assert endpoint.requests[0].body["min_p"] == 0.08
    assert endpoint.requests[0].body["cache_prompt"] is True


@pytest.mark.parametrize(("prompting", "sent"), [("chat", False), ("scene", True)])
async def test_hosted_models_get_min_p_only_for_scenes(endpoint: FakeEndpoint, prompting: str, sent: bool) -> None:
    await texts(model(endpoint, prompting=prompting).complete("DANA:", Sampling(min_p=0.08)))
    assert ("min_p" in endpoint.requests[0].body) is sent
    assert "cache_prompt" not in endpoint.requests[0].body


async def test_none_content_and_empty_choices_are_passed_over(endpoint: FakeEndpoint) -> None:
    endpoint.answers(
        stream(
            {"choices": [{"index": 0, "delta": {"role": "assistant", "content": None}}]},
            {"choices": []},
            {"choices": [{"index": 0, "delta": {"content": "Fine."}}]},
            {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
            {"choices": [], "usage": {"total_tokens": 3, "prompt_tokens": 2, "completion_tokens": 1}},
        )
    )
    assert await texts(model(endpoint).chat(HELLO, Sampling())) == {0: "Fine."}


async def test_keyless_endpoints_get_a_placeholder(endpoint: FakeEndpoint) -> None:
    await texts(model(endpoint).chat(HELLO, Sampling()))
    assert endpoint.requests[0].headers["authorization"] == "Bearer no-key"


async def test_an_unnamed_model_is_the_first_that_talks(endpoint: FakeEndpoint) -> None:
    endpoint.models = ["text-embedding-3", "talker", "other"]
    one = model(endpoint, model="")
    await texts(one.chat(HELLO, Sampling()))
    assert one.info.model == "talker"
    assert endpoint.asked("/chat/completions")[0].body["model"] == "talker"


async def test_reading_ahead_writes_nothing_and_is_for_the_local_server_only(endpoint: FakeEndpoint) -> None:
    await model(endpoint).read("a prompt")
    assert endpoint.requests == []
    await model(endpoint, kind="local", prompting="scene").read("a prompt")
    assert endpoint.requests[0].body["max_tokens"] == 0
    assert endpoint.requests[0].body["prompt"] == "a prompt"


async def test_leaving_early_closes_the_connection(endpoint: FakeEndpoint) -> None:
    let_go = threading.Event()
    endpoint.answers(stream({"choices": [{"index": 0, "delta": {"content": "Well"}}]}, hold=let_go))
    chunks = model(endpoint).chat(HELLO, Sampling())
    assert (await anext(chunks)).text == "Well"
    await asyncio.wait_for(chunks.aclose(), 2)
    let_go.set()


# -- answers that are not whole


@pytest.mark.parametrize(
    "reply",
    [
        words("I am cro", finish=None),
        words("I am cro", finish=None, done=False),
        words("I am cro", finish=None, drop=True),
    ],
    ids=["no finish reason", "no end", "dropped"],
)
async def test_a_stream_that_ends_early_is_an_error_after_its_fragments(endpoint: FakeEndpoint, reply: Any) -> None:
    endpoint.answers(reply)
    text, error = await refused(model(endpoint).chat(HELLO, Sampling()))
    assert text == "I am cro"
    assert error.retryable
    assert len(endpoint.requests) == 1  # never asked again once a fragment was delivered


async def test_one_unfinished_candidate_of_four_is_an_error(endpoint: FakeEndpoint) -> None:
    ends = [{"choices": [{"index": i, "text": "x", "finish_reason": "stop" if i else None}]} for i in range(4)]
    endpoint.answers(stream(*ends))
    _, error = await refused(model(endpoint).complete("DANA:", Sampling(n=4)))
    assert "broke off" in error.message


async def test_corrupt_events_are_an_error(endpoint: FakeEndpoint) -> None:
    endpoint.answers(stream({"choices": [{"index": 0, "delta": {"content": "a"}}]}, "{not json"))
    text, error = await refused(model(endpoint).chat(HELLO, Sampling()))
    assert text == "a"
    assert error.hint


async def test_an_error_in_the_stream_is_told(endpoint: FakeEndpoint) -> None:
    endpoint.answers(
        stream({"choices": [{"index": 0, "delta": {"content": "a"}}]}, '{"error": {"message": "out of memory"}}')
    )
    _, error = await refused(model(endpoint).chat(HELLO, Sampling()))
    assert "out of memory" in error.message


async def test_an_empty_answer_is_an_error(endpoint: FakeEndpoint) -> None:
    endpoint.answers(words("  "))
    _, error = await refused(model(endpoint).chat(HELLO, Sampling()))
    assert error.retryable


async def test_a_content_filter_is_told(endpoint: FakeEndpoint) -> None:
    endpoint.answers(words("a", finish="content_filter"))
    _, error = await refused(model(endpoint).chat(HELLO, Sampling()))
    assert "content filter" in error.message


async def test_a_page_that_is_no_api_is_an_error(endpoint: FakeEndpoint) -> None:
    endpoint.answers(raw(b"<html>Sign in to the guest network</html>"))
    await refused(model(endpoint).chat(HELLO, Sampling()))
    with pytest.raises(VoiceError):
        await model(endpoint).parse(HELLO, Mark)


async def test_a_server_that_says_nothing_times_out(endpoint: FakeEndpoint) -> None:
    let_go = threading.Event()
    endpoint.answers(hangs(let_go))
    _, error = await refused(model(endpoint, request_timeout=0.2).chat(HELLO, Sampling()))
    let_go.set()
    assert "longer than 0.2 seconds" in error.message
    assert len(endpoint.requests) == 1


# -- trying again


@pytest.mark.parametrize("status", [408, 409, 429, 500, 503])
async def test_passing_trouble_is_tried_again(endpoint: FakeEndpoint, status: int) -> None:
    endpoint.answers(failure(status, headers={"Retry-After": "0"}), failure(status), words("Here."))
    assert await texts(model(endpoint).chat(HELLO, Sampling())) == {0: "Here."}
    assert len(endpoint.requests) == 3


async def test_a_drop_before_the_first_fragment_is_tried_again(endpoint: FakeEndpoint) -> None:
    endpoint.answers(stream(drop=True), words("Here."))
    assert await texts(model(endpoint).chat(HELLO, Sampling())) == {0: "Here."}


async def test_retry_after_is_honoured_up_to_the_cap(endpoint: FakeEndpoint) -> None:
    endpoint.answers(failure(429, headers={"Retry-After": "3600"}), words("Here."))
    async with asyncio.timeout(3):
        assert await texts(model(endpoint, longest_wait=0.05).chat(HELLO, Sampling())) == {0: "Here."}


@pytest.mark.parametrize("status", [400, 401, 403, 404])
async def test_lasting_trouble_is_not_tried_again(endpoint: FakeEndpoint, status: int) -> None:
    endpoint.answers(failure(status))
    _, error = await refused(model(endpoint).chat(HELLO, Sampling()))
    assert len(endpoint.requests) == 1
    assert not error.retryable
    assert error.hint


async def test_no_credit_is_not_tried_again(endpoint: FakeEndpoint) -> None:
    endpoint.answers(failure(429, "You exceeded your current quota", code="insufficient_quota"))
    _, error = await refused(model(endpoint).chat(HELLO, Sampling()))
    assert len(endpoint.requests) == 1
    assert "credit" in error.message


@pytest.mark.parametrize(
    ("status", "says"),
    [(401, "does not accept the key"), (404, "does not know “fake-model”"), (429, "too often"), (502, "status 502")],
)
async def test_each_failure_has_its_sentence(endpoint: FakeEndpoint, status: int, says: str) -> None:
    endpoint.answers(failure(status))
    _, error = await refused(model(endpoint).chat(HELLO, Sampling()))
    assert says in error.message


async def test_nothing_listening_is_told() -> None:
    with FakeEndpoint() as gone:
        url = gone.url
    one = OpenAIModel(base_url=url, model="m", first_wait=0.0)
    with pytest.raises(UnreachableError, match="cannot be reached"):
        await one.check()


# -- learning what a model does not take


async def test_max_completion_tokens_is_used_where_wanted_and_remembered(endpoint: FakeEndpoint) -> None:
    said = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    endpoint.answers(refuses("max_tokens", said, words("Here.")))
    one = model(endpoint)
    for _ in range(2):
        assert await texts(one.chat(HELLO, Sampling(max_tokens=40))) == {0: "Here."}
    assert len(endpoint.requests) == 3
    assert endpoint.requests[-1].body["max_completion_tokens"] >= 40


async def test_a_refused_temperature_is_left_out(endpoint: FakeEndpoint) -> None:
    said = (
        "Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported."
    )
    endpoint.answers(refuses("temperature", said, words('{"reason": "r", "level": 2}'), code="unsupported_value"))
    assert (await model(endpoint).parse(HELLO, Mark)).level == 2
    assert "temperature" not in endpoint.requests[-1].body


async def test_refused_stop_strings_are_kept_here(endpoint: FakeEndpoint) -> None:
    said = "Unsupported parameter: 'stop' is not supported with this model."
    endpoint.answers(refuses("stop", said, words("One line.\nEMPLOYEE: no")))
    assert await texts(model(endpoint).chat(HELLO, Sampling(stop=("\nEMPLOYEE", "\n\n")))) == {0: "One line."}


async def test_a_value_that_is_too_large_is_not_taken_for_an_unknown_parameter(endpoint: FakeEndpoint) -> None:
    endpoint.answers(failure(400, "max_tokens is too large: 9999", param="max_tokens"))
    _, error = await refused(model(endpoint).chat(HELLO, Sampling()))
    assert "too large" in error.message
    assert len(endpoint.requests) == 1


# -- answers of a form


async def test_a_form_is_asked_for_and_read(endpoint: FakeEndpoint) -> None:
    endpoint.answers(words('{"reason": "named the feeling", "level": 3}'))
    assert await model(endpoint).parse(HELLO, Mark) == Mark(reason="named the feeling", level=3)
    sent = endpoint.requests[0].body
    assert sent["temperature"] == 0
    assert sent["response_format"]["type"] == "json_schema"


@pytest.mark.parametrize(
    "text", ['```json\n{"reason": "r", "level": 1}\n```', 'Sure: {"reason": "r", "level": 1} Bye.']
)
async def test_talk_around_the_answer_is_forgiven(endpoint: FakeEndpoint, text: str) -> None:
    endpoint.answers(words(text))
    assert (await model(endpoint).parse(HELLO, Mark)).level == 1
    assert len(endpoint.requests) == 1


async def test_a_server_without_schemas_gets_the_schema_in_the_text_from_then_on(endpoint: FakeEndpoint) -> None:
    plain = words('```\n{"reason": "r", "level": 1}\n```')
    endpoint.answers(refuses("response_format", "response_format is not supported", plain))
    one = model(endpoint)
    for _ in range(2):
        assert (await one.parse(HELLO, Mark)).level == 1
    assert len(endpoint.requests) == 3
    assert '"level"' in endpoint.requests[-1].body["messages"][-1]["content"]


async def test_a_server_that_ignores_schemas_is_asked_once_more(endpoint: FakeEndpoint) -> None:
    endpoint.answers(words("I would say a three."), words('{"reason": "r", "level": 3}'))
    assert (await model(endpoint).parse(HELLO, Mark)).level == 3


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (words('{"reason": "r", "level": "high"}'), "form asked for"),
        (words('{"reason": "r", "lev', finish="length"), "too long"),
        (words("", finish="content_filter"), "content filter"),
        (words(""), "empty"),
        (words("no idea"), "no JSON"),
    ],
)
async def test_an_answer_of_another_form_is_an_error(endpoint: FakeEndpoint, reply: Any, says: str) -> None:
    endpoint.answers(reply)
    with pytest.raises(VoiceError, match=says) as caught:
        await model(endpoint).parse(HELLO, Mark)
    assert not caught.value.retryable


# -- checking


async def test_a_listed_model_needs_no_request(endpoint: FakeEndpoint) -> None:
    await model(endpoint).check()
    assert [request.path for request in endpoint.requests] == ["/models"]


async def test_without_a_listing_one_token_is_asked_for(endpoint: FakeEndpoint) -> None:
    endpoint.listing = failure(404)
    await model(endpoint).check()
    assert endpoint.asked("/chat/completions")[0].body["max_tokens"] == 1


async def test_an_unknown_model_is_told(endpoint: FakeEndpoint) -> None:
    endpoint.answers(failure(404, code="model_not_found"))
    with pytest.raises(VoiceError, match="nobody"):
        await model(endpoint, model="nobody").check()


async def test_an_endpoint_without_models_asks_for_a_name(endpoint: FakeEndpoint) -> None:
    endpoint.models = []
    with pytest.raises(VoiceError, match="lists no model"):
        await model(endpoint, model="").check()


# -- secrets and addresses


async def test_the_key_is_nowhere_to_be_seen(endpoint: FakeEndpoint) -> None:
    endpoint.key = "another"
    one = model(endpoint, api_key=KEY)
    seen = [repr(one), repr(one.info)]
    for call in (one.check(), one.parse(HELLO, Mark), texts(one.chat(HELLO, Sampling()))):
        with pytest.raises(VoiceError) as caught:
            await call
        seen += [str(caught.value), "".join(traceback.format_exception(caught.value))]
    endpoint.key = None
    endpoint.answers(failure(400, f"Bad key {KEY} and sk-other-0123456789"))
    _, error = await refused(one.chat(HELLO, Sampling()))
    seen.append(str(error))
    assert not [text for text in seen if KEY in text or "sk-other" in text]


@pytest.mark.parametrize("url", ["localhost:8080", "ftp://x/v1", "http://", "http://[::1/v1", "http://a:b:c/v1"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="base URL"):
        OpenAIModel(base_url=url)


def test_a_key_that_is_none_is_refused_without_showing_it() -> None:
    with pytest.raises(SettingsError) as caught:
        OpenAIModel(base_url="http://localhost/v1", api_key="sk-ä secret")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("url", ["", "https://models.example.com/v1", "http://127.0.0.1.example.com/v1"])
def test_network_models_can_be_forbidden(url: str) -> None:
    with pytest.raises(RuntimeError, match="ALLOW_NETWORK_MODELS"):
        OpenAIModel(base_url=url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/v1", "http://localhost/v1", "http://[::1]:2/v1"])
def test_this_machine_is_always_allowed(url: str) -> None:
    OpenAIModel(base_url=url)


# -- from the settings


async def test_connecting_uses_the_settings(endpoint: FakeEndpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", endpoint.url)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    one = openai_client.connect(settings.load(prompting="scene"))
    await texts(one.complete("DANA:", Sampling()))
    assert endpoint.requests[-1].headers["authorization"] == f"Bearer {KEY}"
    assert one.info.prompting == "scene"


def test_no_endpoint_no_evaluator() -> None:
    assert openai_client.connect_evaluator(settings.load()) is None


async def test_the_evaluator_is_the_customers_endpoint_unless_told(endpoint: FakeEndpoint) -> None:
    one = openai_client.connect_evaluator(settings.load(base_url=endpoint.url, api_key=KEY, evaluator_model="judge"))
    assert one is not None
    await texts(one.chat(HELLO, Sampling()))
    assert endpoint.requests[-1].body["model"] == "judge"
    assert endpoint.requests[-1].headers["authorization"] == f"Bearer {KEY}"


async def test_the_customers_key_never_goes_to_the_evaluators_endpoint(endpoint: FakeEndpoint) -> None:
    one = openai_client.connect_evaluator(
        settings.load(base_url="http://localhost:1/v1", api_key=KEY, model="m", evaluator_base_url=endpoint.url)
    )
    assert one is not None
    await texts(one.chat(HELLO, Sampling()))
    assert KEY not in str(endpoint.requests)
    assert endpoint.requests[-1].body["model"] == "fake-model"
