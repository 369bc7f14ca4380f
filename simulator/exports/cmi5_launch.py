"""A launch by an LMS under cmi5 (Quartz, 1st edition): what it asks for, and the statements it gets in return.

The order is that of the specification: the token is fetched once, the launch data and the learner's preferences are
read, ``initialized`` comes first and ``terminated`` last, ``completed`` and ``passed`` once a registration. ``failed``
is said at the end, because nothing may follow it in a session but ``terminated``. In the modes Browse and Review
nothing is judged. Beside these go the statements of each criterion, with the LMS's own context.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import httpx2
from pydantic import SecretStr

from simulator.cleaning import one_line
from simulator.errors import RecordStoreError
from simulator.exports.lrs import TIMEOUT, RecordStore, checked
from simulator.exports.outcome import Outcome, outcome_of
from simulator.exports.recording import Marks, Recording
from simulator.exports.xapi import Statement, duration, statements, timestamp, verb
from simulator.models.address import is_loopback
from simulator.transcripts.records import Transcript
from simulator.transcripts.writing import private_folder

CMI5 = "https://w3id.org/xapi/cmi5/context/categories/cmi5"
MOVE_ON = "https://w3id.org/xapi/cmi5/context/categories/moveon"
MASTERY = "https://w3id.org/xapi/cmi5/context/extensions/masteryscore"
_FROM_LMS = "Open the course from your LMS."


@dataclass(frozen=True)
class LaunchRequest:
    """The parameters of a launch address (cmi5, section 8.1)."""

    endpoint: str
    fetch: str
    actor: Mapping[str, Any]
    registration: str
    activity: str

    @classmethod
    def read(cls, query: Mapping[str, str]) -> LaunchRequest:
        """Return the request that ``query`` makes; raises ``RecordStoreError`` naming what is missing or wrong."""
        for name in ("endpoint", "fetch", "actor", "registration", "activityId"):
            if not query.get(name):
                raise RecordStoreError(f"The launch has no {name}.", _FROM_LMS)
        try:
            actor = json.loads(query["actor"])
        except ValueError:
            actor = None
        account = actor.get("account") if isinstance(actor, dict) else None
        if not isinstance(account, dict) or not account.get("name") or not account.get("homePage"):
            raise RecordStoreError("The launch names no learner with an account.", _FROM_LMS)
        try:
            registration = str(UUID(query["registration"]))
        except ValueError:
            raise RecordStoreError("The registration of the launch is not a UUID.", _FROM_LMS) from None
        return cls(query["endpoint"], query["fetch"], actor, registration, query["activityId"])

    def origins(self) -> set[str]:
        """Return where the launch would make this program send requests to, as ``scheme://host[:port]``."""
        return {origin(self.endpoint), origin(self.fetch)}


def origin(url: str) -> str:
    """Return ``scheme://host[:port]`` of ``url`` without default ports, in small letters; empty where it has none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        return ""
    shown = f":{port}" if port and port != {"http": 80, "https": 443}[parts.scheme] else ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{shown}"


class Launch:
    """One launch: ``begin``, then ``report`` as often as there is news, then ``end``.

    ``memory`` is a file that remembers what a registration was told before. Times come from ``now``.
    """

    def __init__(
        self,
        request: LaunchRequest,
        memory: Path,
        *,
        marks: Marks | None = None,
        base: str,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.request, self.return_url = request, ""
        self._memory, self._marks, self._base, self._now = memory, marks or {}, base, now
        self._template: dict[str, Any] = {}
        self._mastery: float | None = None
        self._judged = True
        self._store: RecordStore | None = None
        self._began: datetime | None = None
        self._waiting: list[Statement] = []
        self._told: set[str] = set()
        """Ids of the graded sessions whose criteria were told."""
        self._before = _remembered(memory)
        self._outcome = Outcome()

    async def begin(self) -> None:
        """Fetch the token, read what the LMS wants, and say ``initialized``; raises ``SimulatorError``."""
        request = self.request
        checked(request.fetch.partition("?")[0], unencrypted=False)
        checked(request.endpoint, unencrypted=False)
        store = RecordStore(request.endpoint, await _token(request.fetch), credentials=_FROM_LMS)
        try:
            await self._read(store)
            self._began, self._store = self._now(), store
            await self._say([self._defined("initialized")])
        except BaseException:
            self._store = None
            await store.aclose()
            raise

    async def _read(self, store: RecordStore) -> None:
        request = self.request
        learner, activity = json.dumps(request.actor), request.activity
        about = {"activityId": activity, "agent": learner, "registration": request.registration}
        data = await store.document("activities/state", {"stateId": "LMS.LaunchData", **about})
        if data is None:
            raise RecordStoreError("The LMS gives no launch data.", "Its administrator may know why.")
        template, mastery = data.get("contextTemplate"), data.get("masteryScore")
        self._template = template if isinstance(template, dict) else {}
        self._mastery = float(mastery) if isinstance(mastery, int | float) and 0 <= mastery <= 1 else None
        self._judged = data.get("launchMode", "Normal") == "Normal"
        self.return_url = str(data.get("returnURL") or "")
        await store.document("agents/profile", {"profileId": "cmi5LearnerPreferences", "agent": learner})

    async def report(self, transcripts: Sequence[Transcript]) -> None:
        """Tell the LMS what is new in ``transcripts``, all sessions of this launch; raises ``RecordStoreError``.

        What could not be sent is sent with the next call.
        """
        if not self._judged:
            return
        news: list[Statement] = []
        recording = Recording(self.request.actor, self._base, self._marks, self.request.registration)
        for transcript in transcripts:
            if transcript.scorecards and transcript.header.id not in self._told:
                self._told.add(transcript.header.id)
                news += [self._allowed(statement) for statement in statements(transcript, recording)[1:]]
        self._outcome = outcome_of(transcripts, self._mastery)
        if self._outcome.completed and not self._before["completed"]:
            self._before["completed"] = True
            news.append(self._defined("completed", {"completion": True, **self._time()}))
        if self._outcome.passed and not self._before["passed"]:
            self._before["passed"] = True
            news.append(self._defined("passed", {"success": True, **self._score(), **self._time()}))
        await self._say(news)
        self._remember()

    async def end(self) -> None:
        """Say ``failed`` where that is how it went, then ``terminated``; harmless a second time."""
        store, self._store = self._store, None
        if store is None:
            return
        last: list[Statement] = []
        if self._began is not None:
            if self._judged and self._outcome.passed is False and not self._before["passed"]:
                last.append(self._defined("failed", {"success": False, **self._score(), **self._time()}))
            spent = (self._now() - self._began).total_seconds()
            last.append(self._defined("terminated", {"duration": duration(spent)}))
        async with store:
            await store.deliver([*self._waiting, *last])
        self._waiting = []

    async def _say(self, news: Sequence[Statement]) -> None:
        self._waiting += news
        if self._store is not None and self._waiting:
            await self._store.deliver(list(self._waiting))
            self._waiting = []

    def _defined(self, name: str, result: Mapping[str, Any] | None = None) -> Statement:
        categories = [CMI5] if name in ("initialized", "terminated") else [CMI5, MOVE_ON]
        context: dict[str, Any] = {"contextActivities": {"category": [{"id": iri} for iri in categories]}}
        if self._mastery is not None and name in ("passed", "failed"):
            context["extensions"] = {MASTERY: self._mastery}
        statement: Statement = {
            "id": str(uuid4()),
            "actor": dict(self.request.actor),
            "verb": verb(name),
            "object": {"objectType": "Activity", "id": self.request.activity},
            "context": self._context(context),
            "timestamp": timestamp(self._now()),
        }
        return statement | ({"result": dict(result)} if result else {})

    def _allowed(self, statement: Statement) -> Statement:
        return {
            **statement,
            "id": str(uuid4()),  # the session's own statements keep theirs
            "context": self._context(statement["context"]),
            "timestamp": timestamp(self._now()),
        }

    def _context(self, ours: Mapping[str, Any]) -> dict[str, Any]:
        """Return ``ours`` on the LMS's template, none of whose values is changed."""
        merged = {**ours, **self._template, "registration": self.request.registration}
        merged["extensions"] = {**ours.get("extensions", {}), **_mapping(self._template.get("extensions"))}
        activities: dict[str, list[Any]] = {}
        for source in (_mapping(self._template.get("contextActivities")), _mapping(ours.get("contextActivities"))):
            for kind, some in source.items():
                listed = some if isinstance(some, list) else [some]
                activities[kind] = activities.get(kind, []) + listed
        merged["contextActivities"] = activities
        return {name: value for name, value in merged.items() if value}

    def _score(self) -> dict[str, Any]:
        return {} if self._outcome.scaled is None else {"score": {"scaled": self._outcome.scaled}}

    def _time(self) -> dict[str, str]:
        return {"duration": duration(self._outcome.seconds)}

    def _remember(self) -> None:
        private_folder(self._memory.parent)
        self._memory.write_text(json.dumps(self._before), encoding="utf-8")


async def _token(fetch: str) -> SecretStr:
    """Return the Authorization value that the one-time address ``fetch`` gives; raises ``RecordStoreError``."""
    where = origin(fetch)
    try:
        async with httpx2.AsyncClient(timeout=TIMEOUT, trust_env=not is_loopback(fetch)) as client:
            response = await client.post(fetch)
        value = response.json()
    except httpx2.HTTPError as error:
        raise RecordStoreError(f"The LMS at {where} cannot be reached ({type(error).__name__}).", _FROM_LMS) from None
    except ValueError:
        value = None
    token = value.get("auth-token") if isinstance(value, dict) else None
    if not isinstance(token, str) or not token or not token.isprintable():
        said = one_line(str(value.get("error-text", "")))[:200] if isinstance(value, dict) else ""
        message = f"The LMS at {where} gives no token{f': {said}' if said else ''}"
        raise RecordStoreError(f"{message.rstrip('.')}.", f"A launch works once. {_FROM_LMS}")
    return SecretStr(f"Basic {token}")


def _remembered(memory: Path) -> dict[str, bool]:
    try:
        kept = json.loads(memory.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        kept = {}
    return {name: bool(_mapping(kept).get(name)) for name in ("completed", "passed")}


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
