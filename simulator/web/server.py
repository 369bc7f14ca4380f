"""The server: pages that show the screens, launches by an LMS, and what an LMS may ask of a visit.

textual-serve carries the screens; what is different here: one page a visit instead of one for all, a process that is
started without a shell, fonts from here instead of from the internet, and no connection from another site's page.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import re
import secrets
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from textual_serve.app_service import AppService
from textual_serve.server import Server, to_int

from simulator.cleaning import one_line
from simulator.errors import SettingsError, SimulatorError
from simulator.exports.cmi5_launch import Launch, LaunchRequest, origin
from simulator.exports.recording import pass_marks
from simulator.models import children
from simulator.models.address import is_loopback
from simulator.personas import loader
from simulator.settings import Settings
from simulator.transcripts.writing import private_folder
from simulator.web.visits import Visit, graded_ids, visitor_folder

LOOK = 1.0
"""Seconds between two looks at what a visitor's process has saved."""
GRACE = 20.0
"""Seconds a launch waits for its page to come back, for example after a reload, before it counts as ended."""
PATIENCE = 5.0
"""Seconds a visitor's process has to end when its page is gone."""
_KEY = re.compile(r"[0-9a-f]{32,64}")
_COOKIE = "visitor"
_PAGE = Environment(
    loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
).get_template("page.html.jinja")
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; connect-src 'self' ws: wss:; "
    "script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'",
}


class PracticeServer(Server):
    """Serves the screens on ``host`` and ``port``.

    ``address`` is what visitors use to come here where that differs. ``lms`` are the origins that launches may make
    this program talk to; where the owner is ``alone``, LMSs on this machine may too. ``most`` visitors at a time.
    """

    def __init__(
        self,
        settings: Settings,
        voice: str,
        *,
        host: str,
        port: int,
        address: str = "",
        lms: frozenset[str] = frozenset(),
        most: int = 20,
        alone: bool,
        told: Callable[[str], None],
        look: float = LOOK,
        grace: float = GRACE,
    ) -> None:
        super().__init__("simulator", host=host, port=port, title="Difficult customers", public_url=address or None)
        self.settings, self.voice = settings, voice
        self.alone = alone
        """True where nobody but the owner of this machine can come here: their page shows their own sessions."""
        self.visits: dict[str, Visit] = {}
        self._address, self._lms, self._most, self._told = address, lms, most, told
        self._look, self._grace = look, grace
        owner = Visit(secrets.token_hex(16))
        if alone:
            self.visits[owner.key] = owner
        self.first_page = f"/visits/{owner.key}" if alone else "/"
        """Where the owner begins, or everybody."""
        self._ending: set[asyncio.Task[None]] = set()

    async def _make_app(self) -> web.Application:
        app = web.Application(middlewares=[self._guarded])
        app.add_routes(
            [
                web.get("/", self.index),
                web.get("/visits/{key}", self.page),
                web.get("/visits/{key}/ws", self.screen),
                web.get("/visits/{key}/status", self.status),
                web.get("/launch/cmi5", self.launch_cmi5),
                web.get("/launch/scorm/{key}", self.launch_scorm),
                web.get("/download/{key}", self.handle_download),
                web.static("/static", self.statics_path),
            ]
        )
        app.on_shutdown.append(self._close)
        return app

    # -- pages --

    async def index(self, request: web.Request) -> web.StreamResponse:
        """Send the visitor to a page of their own; the owner has only the one whose address was printed."""
        if self.alone:
            return _problem(403, "This page is private.", "Open the whole address that was printed; it holds the key.")
        token = request.cookies.get(_COOKIE, "")
        if not _KEY.fullmatch(token):
            token = secrets.token_hex(32)
        key = hashlib.sha256(token.encode()).hexdigest()[:32]
        self.visits.setdefault(key, Visit(key, visitor_folder(self.settings, "cookie", token)))
        response = _see(f"/visits/{key}")
        secure = request.secure or self._address.startswith("https:")
        response.set_cookie(_COOKIE, token, max_age=365 * 86400, httponly=True, samesite="Lax", secure=secure)
        return response

    async def page(self, request: web.Request) -> web.StreamResponse:
        """Show the screens of a visit."""
        visit = self.visits.get(request.match_info["key"])
        if visit is None or visit.over:
            return _problem(404, "This visit has ended.", "Open the course, or the first page, again.")
        return_url = visit.launch.return_url if visit.launch else ""
        return _html(
            visit=True,
            return_url=return_url if origin(return_url) else "",
            again="" if visit.launch or visit.persona else request.path,
            font_size=to_int(request.query.get("fontsize", "16"), 16),
        )

    async def screen(self, request: web.Request) -> web.StreamResponse:
        """Connect a page with a process of its own."""
        visit = self.visits.get(request.match_info["key"])
        if visit is None or visit.over:
            raise web.HTTPNotFound
        if sum(other.open for other in self.visits.values()) >= self._most:
            raise web.HTTPServiceUnavailable(text="Too many people are practising now.")
        socket = web.WebSocketResponse(heartbeat=15)
        await socket.prepare(request)
        service = _Screens(visit, self, socket)
        visit.open += 1
        watch = asyncio.create_task(self._watched(visit)) if visit.launch else None
        try:
            asked = request.query
            await service.start(to_int(asked.get("width", ""), 80), to_int(asked.get("height", ""), 24))
            await self._process_messages(socket, service)
        finally:
            with contextlib.suppress(ConnectionError):
                await service.stop()
            visit.open -= 1
            if watch is not None:
                watch.cancel()
                ending = asyncio.create_task(self._ended(visit, at_once=service.left))
                self._ending.add(ending)
                ending.add_done_callback(self._ending.discard)
        return socket

    async def status(self, request: web.Request) -> web.StreamResponse:
        """Say how a visit went so far, to whoever knows its key: ``{"status", "score", "seconds"}``, score 0 to 100."""
        visit = self.visits.get(request.match_info["key"])
        if visit is None or visit.folder is None:
            raise web.HTTPNotFound
        outcome = await asyncio.to_thread(visit.outcome)
        score = None if outcome.scaled is None else round(outcome.scaled * 100)
        told = {"status": outcome.status, "score": score, "seconds": round(outcome.seconds)}
        return web.json_response(told, headers={"Access-Control-Allow-Origin": "*"})

    # -- launches --

    async def launch_cmi5(self, request: web.Request) -> web.StreamResponse:
        """Begin a visit for a learner whom an LMS sends here under cmi5."""
        asked = LaunchRequest.read(request.query)
        for place in asked.origins():
            if place not in self._lms and not (self.alone and place and is_loopback(place)):
                raise SettingsError(
                    f"Launches by {place or 'an address that is none'} are not allowed here.",
                    f"Whoever serves this can allow it: simulator serve --lms {place or 'https://lms.example.org'}.",
                )
        persona = self._persona(request)
        learner = sorted((str(name), str(value)) for name, value in asked.actor["account"].items())
        folder = visitor_folder(self.settings, "cmi5", asked.endpoint, str(learner), asked.registration)
        memory = folder / f"cmi5-{visitor_folder(self.settings, asked.activity).name}.json"
        marks = await asyncio.to_thread(pass_marks, self.settings.rubric_dirs())
        for other in [visit for visit in self.visits.values() if visit.launch and visit.folder == folder]:
            await self._finish(other)  # the LMS has given that one up
        launch = Launch(asked, memory, marks=marks, base=self.settings.activity_base)
        before = await asyncio.to_thread(graded_ids, folder)
        await launch.begin()
        visit = Visit(secrets.token_hex(16), folder, persona, launch, before)
        self.visits[visit.key] = visit
        ending = asyncio.create_task(self._ended(visit))  # where the page never connects
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)
        return _see(f"/visits/{visit.key}")

    async def launch_scorm(self, request: web.Request) -> web.StreamResponse:
        """Begin or go on with the visit whose key a SCORM package keeps in the LMS."""
        key = request.match_info["key"]
        if not _KEY.fullmatch(key):
            raise SettingsError("The key of this launch is not one.", "Open the course from your LMS.")
        persona = self._persona(request)
        if key not in self.visits:
            self.visits[key] = Visit(key, visitor_folder(self.settings, "scorm", key), persona)
        return _see(f"/visits/{key}")

    def _persona(self, request: web.Request) -> str:
        name = request.query.get("persona", "")
        if name not in {entry.id for entry in loader.find(self.settings.persona_dirs())}:
            raise SettingsError(
                f"There is no customer {one_line(name)[:60]!r} here.", "Whoever serves this can look: personas list."
            )
        return name

    # -- news for the LMS --

    async def _watched(self, visit: Visit) -> None:
        while True:
            await asyncio.sleep(self._look)
            try:
                await visit.tell()
            except SimulatorError as error:
                self._told(str(error))

    async def _ended(self, visit: Visit, *, at_once: bool = False) -> None:
        """Tell the LMS that ``visit`` has ended, unless its page comes back in time."""
        if not at_once:
            await asyncio.sleep(self._grace)
        if not visit.open and not visit.over:
            await self._finish(visit)

    async def _finish(self, visit: Visit) -> None:
        try:
            await visit.finish()
        except SimulatorError as error:
            self._told(str(error))
        if visit.over:
            self.visits.pop(visit.key, None)

    async def _close(self, app: web.Application) -> None:
        del app
        for task in list(self._ending):
            task.cancel()
        for visit in list(self.visits.values()):
            await self._finish(visit)

    # -- the door --

    @property
    def _guarded(self) -> Callable[..., Awaitable[web.StreamResponse]]:
        @web.middleware
        async def guarded(
            request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
        ) -> web.StreamResponse:
            host = urlsplit(f"//{request.host}").hostname or ""
            own = urlsplit(self._address).hostname
            if self.alone and not _on_loopback(host) and host != own:
                return _problem(403, "This is not the address of this program.", "Use the one it printed.")
            came_from = request.headers.get("Origin")
            foreign = came_from is not None and urlsplit(came_from).netloc != request.host
            if foreign and request.path.endswith("/ws") and origin(came_from or "") != origin(self._address):
                return _problem(403, "Another site's page cannot connect here.", "")
            try:
                response = await handler(request)
            except SimulatorError as error:
                self._told(str(error))
                return _problem(400, error.message, error.hint)
            if not response.prepared:
                response.headers.update(_HEADERS)
            return response

        return guarded


class _Screens(AppService):
    """The process of one page."""

    def __init__(self, visit: Visit, server: PracticeServer, socket: web.WebSocketResponse) -> None:

        async def close() -> None:
            await socket.close()

        super().__init__(
            "",
            write_bytes=socket.send_bytes,
            write_str=socket.send_str,
            close=close,
            download_manager=server.download_manager,
        )
        self._arguments = visit.arguments()
        self._more = visit.environment(server.settings, server.voice)
        self._folder = visit.folder
        self.left = False
        """True once the program itself has ended."""

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        if self._folder is not None:
            for place in (self._folder.parents[1], self._folder.parent, self._folder):
                private_folder(place)
        self._process = await asyncio.create_subprocess_exec(
            *children.command(["-m", "simulator", *self._arguments]),
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            env=children.environment(self._build_environment(width, height) | self._more),
            cwd=self._folder,
        )
        self._stdin = self._process.stdin
        return self._process

    async def stop(self) -> None:
        """Ask the program to end and see that it does."""
        try:
            async with asyncio.timeout(PATIENCE):
                await super().stop()
        except TimeoutError:
            pass
        if self._process is not None:
            if self._process.returncode is None:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._process.wait(), PATIENCE)
            if self._process.returncode is None:
                self._process.kill()  # everything that was shown is on disk
                await self._process.wait()

    async def on_meta(self, data: bytes) -> None:
        self.left = self.left or b'"exit"' in data
        await super().on_meta(data)


@contextlib.asynccontextmanager
async def serving(server: PracticeServer) -> AsyncIterator[str]:
    """Serve while the context lasts; gives the address. Raises ``SettingsError`` where the port cannot be had."""
    runner = web.AppRunner(await server._make_app(), access_log=None, handle_signals=False)
    await runner.setup()
    try:
        site = web.TCPSite(runner, server.host, server.port, shutdown_timeout=5)
        try:
            await site.start()
        except OSError as error:
            raise SettingsError(
                f"{server.host}, port {server.port}, cannot be used: {error.strerror or error}.",
                "Choose another --port.",
            ) from None
        port = runner.addresses[0][1]
        host = f"[{server.host}]" if ":" in server.host else server.host
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


def _on_loopback(host: str) -> bool:
    return is_loopback(f"http://[{host}]" if ":" in host else f"http://{host}")


def _see(path: str) -> web.Response:
    return web.Response(status=303, headers={"Location": path})


def _html(status: int = 200, **values: Any) -> web.Response:
    return web.Response(status=status, text=_PAGE.render(values), content_type="text/html")


def _problem(status: int, message: str, hint: str) -> web.Response:
    response = _html(status, visit=False, title="Difficult customers", message=message, hint=hint)
    response.headers.update(_HEADERS)
    return response
