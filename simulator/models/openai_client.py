"""Any OpenAI-compatible endpoint as a ``Model``: hosted ones, keyless ones, and the local server.

The only module that imports openai. The SDK's own retries are off; tenacity owns them here, and never repeats a
request of which a fragment has been delivered.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Literal, TypeVar

import openai
from pydantic import SecretStr, ValidationError

from simulator.errors import SettingsError, VoiceError
from simulator.models import endpoint_errors as failures
from simulator.models import json_answer
from simulator.models.address import is_loopback, shown_host
from simulator.models.dialect import Dialect
from simulator.models.fragments import fragments
from simulator.models.protocol import Answer, Chunk, Message, Model, ModelInfo, Sampling
from simulator.models.retries import Retries
from simulator.settings import Settings

ALLOW_NETWORK_MODELS = True
"""False (in tests): only endpoints on this machine may be used; any other raises ``RuntimeError`` at once."""

_HOSTED = "https://api.openai.com/v1"
_NO_KEY = "no-key"
_NOT_FOR_TALK = re.compile(
    r"embed|whisper|tts|transcri|dall-e|image|audio|realtime|moderation|rerank|sora|davinci|babbage",
    re.IGNORECASE,
)
_NO_LISTING = (404, 405, 501)

Result = TypeVar("Result")


class OpenAIModel:
    """One model at one OpenAI-compatible endpoint; implements ``Model``.

    ``base_url`` goes up to and including ``/v1`` (empty: the SDK's default), ``model`` may be empty (the first one
    the endpoint lists), ``request_timeout`` is the seconds spent waiting for one request, ``attempts`` how often a
    request is sent before it counts as failed, ``first_wait`` the seconds before the second attempt (doubling), and
    ``longest_wait`` the most that a ``Retry-After`` is honoured for. Raises ``SettingsError`` for an address or key
    that cannot be one.
    """

    def __init__(
        self,
        *,
        base_url: str = "",
        api_key: SecretStr | str = "",
        model: str = "",
        kind: Literal["openai", "local"] = "openai",
        prompting: Literal["scene", "chat"] = "chat",
        adapter_scale: float | None = None,
        request_timeout: float = 60.0,
        attempts: int = 3,
        first_wait: float = 0.5,
        longest_wait: float = 20.0,
    ) -> None:
        key = api_key.get_secret_value() if isinstance(api_key, SecretStr) else api_key
        self._key = SecretStr(key.strip())
        if not (self._secret.isascii() and all(" " < char <= "~" for char in self._secret)):
            raise SettingsError("The API key holds characters that no key has.", "Copy the key again, without spaces.")
        self._base_url = base_url.strip() or _HOSTED
        self._where = shown_host(self._base_url)
        self._model = model
        self._kind = kind
        self._prompting = prompting
        self._local: dict[str, Any] = {"cache_prompt": True}
        if adapter_scale is not None:  # said with every request: a slot's cache holds for one scale only
            self._local["lora"] = [{"id": 0, "scale": adapter_scale}]
        self._seconds = request_timeout
        self._retries = Retries(attempts, first_wait, longest_wait, _deserves_another, _seconds_asked)
        self._dialect = Dialect()
        self._schema_in_text = False
        self._guard()
        here = is_loopback(self._base_url)
        self._client = openai.AsyncOpenAI(
            api_key=self._secret or _NO_KEY,
            base_url=self._base_url,
            max_retries=0,
            timeout=openai.Timeout(request_timeout, connect=min(10.0, request_timeout)),
            http_client=openai.DefaultAsyncHttpxClient(trust_env=False) if here else None,  # no proxy on the way home
        )

    def __repr__(self) -> str:
        return f"OpenAIModel(kind={self._kind!r}, model={self._model!r}, endpoint={self._where!r})"

    @property
    def _secret(self) -> str:
        return self._key.get_secret_value()

    @property
    def info(self) -> ModelInfo:
        """Which model this is; ``model`` is empty until an unnamed one has been asked for the first time."""
        return ModelInfo(self._kind, self._model, self._prompting, base_url=self._base_url)

    async def complete(self, prompt: str, sampling: Sampling) -> AsyncGenerator[Chunk, None]:
        """Continue ``prompt``; see ``Model.complete``. ``min_p`` is sent only where a scene is prompted."""
        parameters = {"prompt": prompt, **_sampled(sampling)}
        extra: dict[str, Any] = {}
        if sampling.min_p is not None and (self._kind == "local" or self._prompting == "scene"):
            extra["min_p"] = sampling.min_p
        if self._kind == "local":
            extra |= self._local
        if extra:
            parameters["extra_body"] = extra
        events = self._events("completions", self._client.completions.create, parameters)
        async with aclosing(fragments(events, sampling, self._dialect, self._where)) as pieces:
            async for piece in pieces:
                yield piece

    async def chat(self, messages: Sequence[Message], sampling: Sampling) -> AsyncGenerator[Chunk, None]:
        """Answer a chat; see ``Model.chat``."""
        parameters = {"messages": _plain(messages), **_sampled(sampling)}
        events = self._events("chat", self._client.chat.completions.create, parameters)
        async with aclosing(fragments(events, sampling, self._dialect, self._where)) as pieces:
            async for piece in pieces:
                yield piece

    async def parse(self, messages: Sequence[Message], answer: type[Answer], *, max_tokens: int = 4000) -> Answer:
        """Answer a chat as an ``answer``; see ``Model.parse``.

        A server that refuses or ignores schemas is asked once more with the schema in the text, and from then on.
        """
        parameters: dict[str, Any] = {
            "messages": _plain(messages),
            "temperature": 0,
            "max_tokens": max_tokens,
        }
        if not self._schema_in_text:
            try:
                reply = await self._asked(
                    self._client.chat.completions.parse, {**parameters, "response_format": answer}
                )
                return self._parsed(reply, answer)
            except ValidationError as error:
                if (text := json_answer.unread(error)) is None:
                    raise self._unfit(error) from None
                if (found := json_answer.find_object(text)) is not None:
                    return self._validated(found, answer)
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                if _code(error) == "context_length_exceeded":
                    raise self._failure(error, "chat") from None
            except Exception as error:
                raise self._failure(error, "chat") from None
        parameters["messages"].append({"role": "user", "content": json_answer.schema_request(answer)})
        try:
            reply = await self._asked(self._client.chat.completions.create, parameters)
            fitted = self._read_out(reply, answer)
        except Exception as error:
            raise self._failure(error, "chat") from None
        self._schema_in_text = True
        return fitted

    async def read(self, prompt: str) -> None:
        """Read ``prompt`` into the local server's cache; nothing happens for other endpoints."""
        if self._kind != "local":
            return
        parameters = {"prompt": prompt, "max_tokens": 0, "extra_body": self._local}
        async with aclosing(self._events("completions", self._client.completions.create, parameters)) as events:
            async for _ in events:
                pass

    async def check(self) -> None:
        """Raise ``VoiceError`` where the model cannot be used; see ``Model.check``."""
        listed = await self._listed()
        if not self._model:
            self._model = _first_talker(listed) or self._nameless()
        if self._model in listed:
            return
        parameters: dict[str, Any] = {"max_tokens": 1}
        try:
            if self._prompting == "scene":
                await self._asked(self._client.completions.create, {"prompt": "A:", **parameters})
            else:
                parameters["messages"] = [{"role": "user", "content": "?"}]
                await self._asked(self._client.chat.completions.create, parameters)
        except Exception as error:
            raise self._failure(error, "completions" if self._prompting == "scene" else "chat") from None

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.close()

    def _guard(self) -> None:
        if not ALLOW_NETWORK_MODELS and not is_loopback(self._base_url):
            raise RuntimeError(f"ALLOW_NETWORK_MODELS is False and {self._where} is not on this machine.")

    async def _named(self) -> str:
        if not self._model:
            self._model = _first_talker(await self._listed()) or self._nameless()
        return self._model

    def _nameless(self) -> str:
        raise VoiceError(f"{self._where} lists no model to talk to.", "Name one in the setting model (OPENAI_MODEL).")

    async def _listed(self) -> list[str]:
        self._guard()
        try:
            page = await self._attempted(self._client.models.list)
            return [model.id for model in page.data or ()]
        except openai.APIStatusError as error:
            if error.status_code in _NO_LISTING:
                return []
            raise self._failure(error, "models") from None
        except Exception as error:
            raise self._failure(error, "models") from None

    async def _attempted(self, call: Callable[[], Awaitable[Result]]) -> Result:
        """Return what ``call`` returns, after as many attempts as it deserves; raises the last one's exception."""

        async def once() -> Result:
            async with asyncio.timeout(self._seconds):
                return await call()

        return await self._retries.run(once)

    async def _worded(self, create: Callable[..., Awaitable[Any]], parameters: Mapping[str, Any]) -> Any:
        """Send a request in the endpoint's dialect, learning from refusals until there is nothing left to leave out."""
        while True:
            try:
                return await create(**self._dialect.worded(parameters))
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                if not self._dialect.learn(parameters, error.param or "", _said(error)):
                    raise

    async def _asked(self, create: Callable[..., Awaitable[Any]], parameters: Mapping[str, Any]) -> Any:
        self._guard()
        parameters = {**parameters, "model": await self._named()}
        return await self._attempted(lambda: self._worded(create, parameters))

    async def _events(
        self, asked: str, create: Callable[..., Awaitable[Any]], parameters: dict[str, Any]
    ) -> AsyncGenerator[Any, None]:
        """Yield the raw events of a streamed request; every failure leaves as ``VoiceError``."""
        self._guard()
        parameters = {**parameters, "model": await self._named(), "stream": True}
        stream: Any = None

        async def begin() -> tuple[Any, Any]:
            opened = await self._worded(create, parameters)
            try:
                return opened, await anext(opened, None)
            except BaseException:
                await opened.close()
                raise

        delivered = False
        left = self._seconds
        try:
            stream, event = await self._attempted(begin)
            while event is not None:
                delivered = True
                yield event
                asked_at = time.monotonic()
                async with asyncio.timeout(left):
                    event = await anext(stream, None)
                left = max(0.0, left - (time.monotonic() - asked_at))
        except Exception as error:
            raise self._failure(error, asked, delivered=delivered) from None
        finally:
            if stream is not None:
                await stream.close()

    def _parsed(self, reply: Any, answer: type[Answer]) -> Answer:
        choices = reply.choices or ()
        message = choices[0].message if choices else None
        if message is not None and isinstance(message.parsed, answer):
            return message.parsed
        if message is not None and message.refusal:
            raise failures.unusable(self._where, "is a refusal")
        raise failures.unusable(self._where, "is empty")

    def _read_out(self, reply: Any, answer: type[Answer]) -> Answer:
        choices = reply.choices or ()
        text = (choices[0].message.content or "") if choices else ""
        if choices and choices[0].finish_reason == "content_filter":
            raise failures.unusable(self._where, "was stopped by its content filter")
        if choices and choices[0].finish_reason == "length":
            raise failures.unusable(self._where, "was cut because it grew too long")
        if not text.strip():
            raise failures.unusable(self._where, "is empty")
        found = json_answer.find_object(text)
        if found is None:
            raise failures.unusable(self._where, "holds no JSON object")
        return self._validated(found, answer)

    def _validated(self, found: Mapping[str, Any], answer: type[Answer]) -> Answer:
        try:
            return answer.model_validate(found)
        except ValidationError as error:
            raise self._unfit(error) from None

    def _unfit(self, error: ValidationError) -> VoiceError:
        problem = failures.shown(json_answer.first_problem(error), self._secret).rstrip(".")
        return failures.unusable(self._where, f"does not have the form asked for ({problem})")

    def _failure(self, error: Exception, asked: str, *, delivered: bool = False) -> VoiceError:
        """Return ``error`` as a ``VoiceError``; anything not known to come from an endpoint is raised as it is."""
        match error:
            case VoiceError():
                return error
            case openai.APITimeoutError() if type(error.__cause__).__name__ == "ConnectTimeout":
                return failures.unreachable(self._where)
            case TimeoutError() | openai.APITimeoutError():
                return failures.timed_out(self._where, self._seconds)
            case openai.APIConnectionError():
                return failures.broke_off(self._where) if delivered else failures.unreachable(self._where)
            case openai.APIStatusError():
                return failures.status_error(
                    error.status_code, _code(error), _said(error),
                    where=self._where, model=self._model, key=self._secret, asked=asked,
                )  # fmt: skip
            case openai.LengthFinishReasonError():
                return failures.unusable(self._where, "was cut because it grew too long")
            case openai.ContentFilterFinishReasonError():
                return failures.unusable(self._where, "was stopped by its content filter")
            case openai.APIError() if delivered or error.body is not None:
                said = failures.shown(error.message, self._secret).rstrip(".")
                return VoiceError(f"{self._where} broke off: {said}.", "Try again.", retryable=True)
            case openai.OpenAIError() | ValueError() | AttributeError() | TypeError():
                return failures.unusable(self._where, "is not in the form of an OpenAI-compatible server")
            case OSError():
                return failures.broke_off(self._where) if delivered else failures.unreachable(self._where)
        raise error


def _deserves_another(error: BaseException) -> bool:
    if isinstance(error, openai.APIStatusError):
        return failures.worth_retrying(error.status_code, _code(error), _said(error))
    return isinstance(error, openai.APIConnectionError) and not isinstance(error, openai.APITimeoutError)


def _seconds_asked(error: BaseException) -> float | None:
    return failures.seconds_asked(error.response.headers) if isinstance(error, openai.APIStatusError) else None


def connect(settings: Settings) -> OpenAIModel:
    """Return the model behind the customer's voice at the configured endpoint; nothing is sent yet."""
    return OpenAIModel(
        base_url=settings.base_url,
        api_key=settings.api_key,
        model=settings.model,
        prompting="scene" if settings.prompting == "scene" else "chat",
        request_timeout=settings.request_timeout,
    )


def connect_evaluator(settings: Settings) -> Model | None:
    """Return the evaluator's model, or None where no endpoint is configured for one.

    The customer's key goes only to the customer's endpoint: an evaluator with an address of its own has its own key.
    """
    own = settings.evaluator_base_url
    key = settings.evaluator_api_key
    if not own and not key.get_secret_value():
        if not settings.has_endpoint():
            return None
        key = settings.api_key
    return OpenAIModel(
        base_url=own or settings.base_url,
        api_key=key,
        model=settings.evaluator_model or ("" if own else settings.model),
        request_timeout=settings.request_timeout,
    )


def _first_talker(names: Sequence[str]) -> str:
    return next((name for name in names if not _NOT_FOR_TALK.search(name)), names[0] if names else "")


def _sampled(sampling: Sampling) -> dict[str, Any]:
    parameters: dict[str, Any] = {"max_tokens": sampling.max_tokens, "temperature": sampling.temperature}
    if sampling.n > 1:
        parameters["n"] = sampling.n
    if sampling.seed is not None:
        parameters["seed"] = sampling.seed
    if sampling.stop:
        parameters["stop"] = list(sampling.stop)
    return parameters


def _plain(messages: Sequence[Message]) -> list[dict[str, str]]:
    return [{"role": message.role, "content": message.content} for message in messages]


def _code(error: openai.APIError) -> str:
    return str(error.code or error.type or "")


def _said(error: openai.APIError) -> str:
    """Return the server's own words about an error, wherever in the body they stand."""
    body = error.body
    if isinstance(body, Mapping):
        words = body.get("message") or body.get("detail") or body.get("error")
        return words if isinstance(words, str) else str(words or "")
    return body if isinstance(body, str) else error.message
