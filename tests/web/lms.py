"""An LMS on loopback, as far as cmi5 needs one: a token once, launch data, preferences; statements go to ralph."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

import httpx2
from aiohttp import web

from tests.ralph import PASSWORD, USER, Ralph

TOKEN = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
ACTOR = {"objectType": "Agent", "account": {"homePage": "https://lms.example.org", "name": "1625378"}}
REGISTRATION = "760e3480-ba55-4991-94b0-01820dbd23a2"
ACTIVITY = "https://lms.example.org/activities/17"
PUBLISHED = "urn:x-difficult-customer-simulator:units/moving-house"
SESSION = "https://w3id.org/xapi/cmi5/context/extensions/sessionid"


class Lms:
    """The LMS's side of a launch; ``data`` is what it tells the unit, ``fetched`` how often the token was asked for."""

    def __init__(self, ralph: Ralph) -> None:
        self.ralph, self.address, self.fetched = ralph, "", 0
        self.data: dict[str, Any] = {
            "contextTemplate": {
                "extensions": {SESSION: "session-1"},
                "contextActivities": {"grouping": [{"id": PUBLISHED}]},
            },
            "launchMode": "Normal",
            "moveOn": "Passed",
        }
        self.preferred: list[str] = []
        self.token = TOKEN

    def query(self, **changes: str) -> dict[str, str]:
        """Return the parameters of a launch."""
        return {
            "endpoint": f"{self.address}/xapi/",
            "fetch": f"{self.address}/fetch?k=1",
            "actor": json.dumps(ACTOR),
            "registration": REGISTRATION,
            "activityId": ACTIVITY,
            **changes,
        }

    def launch(self, unit: str) -> str:
        """Return the address that a learner's browser is sent to, for the address of a ``unit`` in the course."""
        return f"{unit}&{urlencode(self.query())}"

    async def fetch(self, request: web.Request) -> web.Response:
        self.fetched += 1
        if self.fetched > 1:
            return web.json_response({"error-code": "1", "error-text": "The token was given before."})
        return web.json_response({"auth-token": self.token})

    async def state(self, request: web.Request) -> web.Response:
        if not self._knows(request):
            return web.Response(status=401)
        asked = request.query
        right = (
            asked["stateId"] == "LMS.LaunchData"
            and asked["activityId"] == ACTIVITY
            and asked["registration"] == REGISTRATION
            and json.loads(asked["agent"]) == ACTOR
        )
        return web.json_response(self.data) if right else web.Response(status=404)

    async def profile(self, request: web.Request) -> web.Response:
        self.preferred.append(request.query["profileId"])
        return web.Response(status=403)

    async def statements(self, request: web.Request) -> web.Response:
        if not self._knows(request):
            return web.Response(status=401)
        names = ("Authorization", "X-Experience-API-Version", "Content-Type")
        headers = {name: request.headers[name] for name in names if name in request.headers}
        async with httpx2.AsyncClient() as client:
            answer = await client.request(
                request.method, f"{self.ralph.url}/statements", headers=headers, params=dict(request.query),
                content=await request.read(),
            )  # fmt: skip
        return web.Response(status=answer.status_code, body=answer.content, content_type="application/json")

    def _knows(self, request: web.Request) -> bool:
        return request.headers.get("Authorization") == f"Basic {TOKEN}"


@asynccontextmanager
async def running(ralph: Ralph) -> AsyncIterator[Lms]:
    """Run an LMS whose statements go to ``ralph``."""
    lms = Lms(ralph)
    app = web.Application()
    app.add_routes(
        [
            web.post("/fetch", lms.fetch),
            web.get("/xapi/activities/state", lms.state),
            web.get("/xapi/agents/profile", lms.profile),
            web.post("/xapi/statements", lms.statements),
            web.get("/xapi/statements", lms.statements),
        ]
    )
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    lms.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield lms
    finally:
        await runner.cleanup()


CMI5 = "https://w3id.org/xapi/cmi5/context/categories/cmi5"
MOVE_ON = "https://w3id.org/xapi/cmi5/context/categories/moveon"
DEFINED = ("initialized", "completed", "passed", "failed", "terminated")


def name_of(statement: dict[str, Any]) -> str:
    """Return the last word of the verb's id."""
    return str(statement["verb"]["id"]).rpartition("/")[2]


def faults(session: list[dict[str, Any]], before: list[dict[str, Any]], mastery: float | None = None) -> list[str]:
    """Return where the statements of one session, after those ``before`` of its registration, break a rule of cmi5.

    Written from the specification (Quartz, sections 7.1, 9 and 10), apart from the code that makes them.
    """
    found = []
    names = [name_of(s) for s in session if _category(s, CMI5)]
    earlier = [name_of(s) for s in before if _category(s, CMI5)]
    times = [s.get("timestamp", "") for s in session]
    rules = {
        "9.3 first is initialized": name_of(session[0]) == "initialized" and _category(session[0], CMI5),
        "9.3 last is terminated": name_of(session[-1]) == "terminated" and _category(session[-1], CMI5),
        "9.3 no verb twice": len(set(names)) == len(names),
        "9.3 passed or failed": not {"passed", "failed"} <= set(names),
        "9.3 completed once a registration": (names + earlier).count("completed") <= 1,
        "9.3 passed once a registration": (names + earlier).count("passed") <= 1,
        "9.3 failed not after passed": not ("passed" in earlier and "failed" in names),
        "9.7 times are UTC and in order": all(t.endswith("Z") for t in times) and times == sorted(times),
    }
    found += [rule for rule, holds in rules.items() if not holds]
    for statement in session:
        name, result = name_of(statement), statement.get("result", {})
        context = statement.get("context", {})
        defined = _category(statement, CMI5)
        judged = "success" in result or "completion" in result
        checks = {
            "9.1 id": bool(statement.get("id")),
            "9.2 actor": statement.get("actor") == ACTOR,
            "9.6.1 registration": context.get("registration") == REGISTRATION,
            "9.6.3.1 session": context.get("extensions", {}).get(SESSION) == "session-1",
            "10 template": {"id": PUBLISHED} in context.get("contextActivities", {}).get("grouping", []),
        }
        if defined:
            checks |= {
                "9.3 verb": name in DEFINED,
                "9.4 object": statement["object"]["id"] == ACTIVITY,
                "9.5.1 score": "score" not in result or name in ("passed", "failed"),
                "9.5.1 scaled": 0 <= result.get("score", {}).get("scaled", 0) <= 1,
                "9.5.2 success": result.get("success") is {"passed": True, "failed": False}.get(name),
                "9.5.3 completion": result.get("completion") is {"completed": True}.get(name),
                "9.5.4 duration": "duration" in result or name == "initialized",
                "9.6.2.2 moveon": judged == _category(statement, MOVE_ON),
            }
            if mastery is not None and name in ("passed", "failed"):
                scaled = result.get("score", {}).get("scaled")
                extension = "https://w3id.org/xapi/cmi5/context/extensions/masteryscore"
                checks["9.3.4 mastery"] = scaled is None or (scaled >= mastery) == (name == "passed")
                checks["9.6.3.2 mastery"] = context["extensions"].get(extension) == mastery
        else:
            checks["9.6.2.2 moveon"] = not _category(statement, MOVE_ON)
        found += [f"{rule} ({name})" for rule, holds in checks.items() if not holds]
    return found


def _category(statement: dict[str, Any], iri: str) -> bool:
    activities = statement.get("context", {}).get("contextActivities", {}).get("category", [])
    return any(activity["id"] == iri for activity in activities)
