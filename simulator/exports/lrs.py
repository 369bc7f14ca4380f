"""Talking to a learning record store (xAPI 1.0.3 over HTTP): sending statements, reading a document.

Sending is safe to repeat: ids say what is told, so a store keeps a statement once. A batch is refused by a store as a
whole where one of its statements is there already with other words; then it is sent in halves until that one is known.
What a store says is cleaned before it is shown, and the key it was given is taken out of it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import httpx2
from pydantic import SecretStr

from simulator.cleaning import one_line
from simulator.errors import RecordStoreError, SettingsError
from simulator.models.address import is_loopback, shown_host
from simulator.models.endpoint_errors import seconds_asked
from simulator.models.retries import Retries

VERSION = "1.0.3"
BATCH = 50
"""Statements in one request."""
TIMEOUT = 30.0
"""Seconds a store may take to answer."""
_RESOURCE = "/statements"
_LONGEST_ANSWER = 300
_CREDENTIALS = "Set SIMULATOR_LRS_USER and SIMULATOR_LRS_PASSWORD to credentials that may write statements."
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})

Statement = Mapping[str, Any]


class _AgainError(Exception):
    """An answer worth asking for once more; ``wait`` is what the store asked for in seconds."""

    def __init__(self, response: httpx2.Response) -> None:
        super().__init__(response.status_code)
        self.response = response
        self.wait = seconds_asked(response.headers)


@dataclass
class Sent:
    """How far a delivery has come: statements that are in the store, and ids that are there with other words."""

    stored: int = 0
    differing: tuple[str, ...] = ()


class RecordStore:
    """A store at ``url``, with or without ``/statements`` at its end, for use as an async context.

    ``authorization`` is the header's whole value, ``credentials`` the hint where it is refused. Requests are tried
    ``attempts`` times; seconds: ``first_wait`` before the second one, doubling, and a ``Retry-After`` honoured up to
    ``longest_wait``. Raises ``SettingsError`` where ``url`` cannot be used, or would carry the key unencrypted off
    this machine and not ``unencrypted``.
    """

    def __init__(
        self,
        url: str,
        authorization: SecretStr,
        *,
        unencrypted: bool = False,
        credentials: str = _CREDENTIALS,
        attempts: int = 5,
        first_wait: float = 1.0,
        longest_wait: float = 120.0,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self.where = checked(url, unencrypted=unencrypted)
        self._secret, self._credentials = authorization, credentials
        self._retries = Retries(attempts, first_wait, longest_wait, _deserves_another, _seconds_asked)
        self._client = httpx2.AsyncClient(
            base_url=url.rstrip("/").removesuffix(_RESOURCE),
            headers={"X-Experience-API-Version": VERSION, "Accept": "application/json"},
            timeout=TIMEOUT,
            transport=transport,
            trust_env=not is_loopback(url),  # a proxy is for what lies beyond this machine
        )

    async def __aenter__(self) -> RecordStore:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Let go of the connection; harmless a second time."""
        await self._client.aclose()

    async def deliver(self, statements: Iterable[Statement], told: Callable[[Sent], None] | None = None) -> Sent:
        """Send all ``statements`` in batches and return what became of them; ``told`` hears of every batch.

        One batch is held at a time. Raises ``RecordStoreError``; what was sent before stays in the store.
        """
        sent = Sent()
        for batch in _batches(statements):
            sent.differing += await self._send(batch)
            sent.stored += len(batch)
            if told is not None:
                told(sent)
        return sent

    async def document(self, resource: str, parameters: Mapping[str, str]) -> dict[str, Any] | None:
        """Return the JSON document of ``resource`` (say ``activities/state``), or None where there is none."""
        response = await self._asked("GET", f"/{resource}", params=dict(parameters))
        if response.status_code in (204, 403, 404):
            return None
        value = self._json(self._accepted(response))
        return value if isinstance(value, dict) else None

    async def _send(self, batch: Sequence[Statement]) -> tuple[str, ...]:
        """Send ``batch``; return the ids that are in the store already with other words."""
        body = json.dumps(batch, ensure_ascii=False).encode()
        response = await self._asked("POST", _RESOURCE, content=body, headers={"Content-Type": "application/json"})
        if response.status_code == 409 and len(batch) == 1:
            return () if await self._has(batch[0]) else (str(batch[0].get("id")),)
        if response.status_code in (409, 413) and len(batch) > 1:
            half = len(batch) // 2
            return await self._send(batch[:half]) + await self._send(batch[half:])
        self._accepted(response)
        return ()

    async def _has(self, statement: Statement) -> bool:
        """True where the store has ``statement`` with everything it tells, whatever the store added."""
        response = await self._asked("GET", _RESOURCE, params={"statementId": str(statement.get("id"))})
        return response.status_code == 200 and _holds(self._json(response), statement)

    async def _asked(self, method: str, path: str, **content: Any) -> httpx2.Response:
        headers = {"Authorization": self._secret.get_secret_value()} if self._secret.get_secret_value() else {}
        headers |= content.pop("headers", {})

        async def ask() -> httpx2.Response:
            response = await self._client.request(method, path, headers=headers, **content)
            if response.status_code in _AGAIN:
                raise _AgainError(response)
            return response

        try:
            return await self._retries.run(ask)
        except _AgainError as error:
            raise self._refusal(error.response) from None
        except httpx2.TimeoutException:
            raise RecordStoreError(
                f"The record store at {self.where} did not answer in {TIMEOUT:.0f} seconds.", _RUN_AGAIN
            ) from None
        except httpx2.TransportError as error:
            reason = self._shown(str(error)) or type(error).__name__
            raise RecordStoreError(
                f"The record store at {self.where} cannot be reached: {reason.rstrip('.')}.",
                f"Check the address and that the store is running. {_RUN_AGAIN}",
            ) from None

    def _accepted(self, response: httpx2.Response) -> httpx2.Response:
        if response.status_code not in (200, 204):
            raise self._refusal(response)
        return response

    def _json(self, response: httpx2.Response) -> Any:
        try:
            return response.json()
        except ValueError:
            raise RecordStoreError(
                f"What {self.where} answered is not JSON.", "Check that the address is that of an xAPI endpoint."
            ) from None

    def _refusal(self, response: httpx2.Response) -> RecordStoreError:
        status, said = response.status_code, self._shown(response.text)
        detail = f" It said: {said}" if said else ""
        if status in (401, 403):
            what = "does not accept the user and password" if status == 401 else "does not allow this"
            hint = self._credentials
        elif status in (301, 302, 303, 307, 308):
            what = "sends the request on to another address, and the password is not sent after it"
            hint = f"Use that address: {self._shown(response.headers.get('location', ''))}."
            detail = ""
        elif status in (404, 405):
            what, hint = "has no xAPI endpoint there", "Check the address; it often ends in /xapi or /data/xAPI."
            detail = ""
        elif status == 429:
            what, hint = "still asks to be sent less", f"Wait a while. {_RUN_AGAIN}"
        elif status >= 500:
            what, hint = f"has trouble of its own (HTTP {status})", f"Try later. {_RUN_AGAIN}"
        else:
            what, hint = f"refuses the statements (HTTP {status})", "Its administrator may know why."
        return RecordStoreError(f"The record store at {self.where} {what}.{detail}", hint)

    def _shown(self, text: str) -> str:
        """Return what a store said on one line, shortened, without the key it was given."""
        secret = self._secret.get_secret_value()
        for hidden in filter(None, (secret, secret.partition(" ")[2], *_spelled(secret))):
            text = text.replace(hidden, "…")
        text = one_line(text)
        return text if len(text) <= _LONGEST_ANSWER else f"{text[: _LONGEST_ANSWER - 1]}…"


_RUN_AGAIN = "Run the command again to send the rest; nothing is stored twice."


def basic(user: str, password: SecretStr) -> SecretStr:
    """Return the header's value for basic authentication; empty where there is neither user nor password."""
    if not user and not password.get_secret_value():
        return SecretStr("")
    pair = f"{user}:{password.get_secret_value()}"
    return SecretStr(f"Basic {base64.b64encode(pair.encode()).decode()}")


def checked(url: str, *, unencrypted: bool) -> str:
    """Return host and port of ``url`` as they may be shown; raises ``SettingsError`` where it cannot be used."""
    parts = urlsplit(url) if url.isprintable() else None
    try:
        where = shown_host(url)
    except SettingsError:
        raise SettingsError(
            "The address of the record store is not one.", "It looks like https://lrs.example.org/xapi."
        ) from None
    if parts is None or parts.username or parts.password or "@" in parts.netloc:
        raise SettingsError(
            "The address of the record store holds a user or password.",
            "Leave them out and set SIMULATOR_LRS_USER and SIMULATOR_LRS_PASSWORD.",
        )
    if parts.query or parts.fragment:
        raise SettingsError("The address of the record store has a query.", "Leave out what begins with ? or #.")
    if parts.scheme == "http" and not unencrypted and not is_loopback(url):
        raise SettingsError(
            f"The password would go to {where} unencrypted.",
            "Use https, or SIMULATOR_LRS_UNENCRYPTED=true where the network between is yours.",
        )
    return where


def _batches(statements: Iterable[Statement]) -> Iterator[list[Statement]]:
    waiting = iter(statements)
    while batch := list(islice(waiting, BATCH)):
        yield batch


def _holds(theirs: object, ours: object) -> bool:
    """True where everything in ``ours`` stands in ``theirs``: a store adds members and may order lists its way."""
    if isinstance(ours, Mapping):
        return isinstance(theirs, Mapping) and all(k in theirs and _holds(theirs[k], v) for k, v in ours.items())
    if isinstance(ours, list | tuple):
        return isinstance(theirs, list) and len(theirs) == len(ours) and all(map(_holds, theirs, ours))
    return ours == theirs


def _spelled(secret: str) -> tuple[str, ...]:
    """Return the password, and user and password, as they read once decoded, so that no echo of them is shown."""
    kind, _, token = secret.partition(" ")
    if kind != "Basic":
        return ()
    try:
        pair = base64.b64decode(token).decode()
    except ValueError:
        return ()
    return pair, pair.partition(":")[2]


def _deserves_another(error: BaseException) -> bool:
    return isinstance(error, _AgainError | httpx2.TransportError)


def _seconds_asked(error: BaseException) -> float | None:
    return error.wait if isinstance(error, _AgainError) else None
