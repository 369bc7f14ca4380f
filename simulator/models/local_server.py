"""The local model: a ``Model`` whose server is started when it is first needed and shared with other processes.

The server is a child process on loopback with a random port and key. Whoever needs it joins the one that runs, or
starts one; it ends itself soon after its last user. Where it died, the next request starts it again, once.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import TypeVar

from filelock import FileLock, Timeout

from simulator.errors import ModelFileError, VoiceError
from simulator.models import catalogue, children
from simulator.models.endpoint_errors import UnreachableError
from simulator.models.local_server_main import ALREADY_SERVED
from simulator.models.openai_client import OpenAIModel
from simulator.models.protocol import Answer, Chunk, Message, ModelInfo, Sampling
from simulator.models.server_share import ServerOrder, ServerState, Share, end_lease, open_private
from simulator.settings import Settings

OnMessage = Callable[[str], None]
Result = TypeVar("Result")

_PATIENCE = 5
"""A local server that reads a long prompt is busy, not lost: this many times ``request_timeout``."""
_POLL = 0.1
_MODULE = "simulator.models.local_server_main"


class SharedServer:
    """One model's server as seen by one user of it: ``join`` it, ``leave`` it. Not safe across event loops.

    ``folder`` is the private folder of this model's server, ``threads`` at least 1, ``adapter`` weights that requests
    may add to the model's, ``start_timeout`` the seconds a start may take, ``module`` the module that is run as the
    child.
    """

    def __init__(
        self,
        folder: Path,
        model: Path,
        threads: int,
        *,
        adapter: Path | None = None,
        start_timeout: float = 180.0,
        module: str = _MODULE,
    ) -> None:
        self._share = Share(folder)
        self._model = model
        self._threads = threads
        self.adapter = adapter
        self._start_timeout = start_timeout
        self._module = module
        self._lease: FileLock | None = None
        self._child: subprocess.Popen[bytes] | None = None

    async def join(self, tell: OnMessage) -> ServerState:
        """Return a server that answers, starting one where none does; raises ``VoiceError`` with the reason.

        From then on this process counts as a user until ``leave``, or until it ends in whatever way.
        """
        try:
            self._share.make()
        except OSError as error:
            raise VoiceError(
                f"{self._share.folder} cannot be written: {error.strerror}.", "Move the setting cache."
            ) from None
        async with self._gate(tell):
            self._count_as_user()
            if self._child is not None:
                self._child.poll()  # takes note of one that has ended
            state = self._share.state()
            if state and state.ready and self._share.server_lives() and await _healthy(state):
                return state
            if self._share.server_lives():
                tell("Waiting for the local model…")
                if (joined := await self._coming_up()) is not None:
                    return joined
                await self._end_hung()
            return await self._start(tell)

    def _count_as_user(self) -> None:
        if self._lease is None or not Path(self._lease.lock_file).exists():  # gone with a deleted cache
            self.leave()
            self._lease = self._share.lease()

    def leave(self) -> None:
        """Count as a user no longer."""
        if self._lease is not None:
            end_lease(self._lease)
            self._lease = None

    @contextlib.asynccontextmanager
    async def _gate(self, tell: OnMessage) -> AsyncGenerator[None, None]:
        told = False
        deadline = time.monotonic() + 2 * self._start_timeout
        while True:
            try:
                self._share.gate.acquire(blocking=False)
                break
            except Timeout:
                if not told:
                    tell("Waiting for another simulator that starts the local model…")
                    told = True
                if time.monotonic() > deadline:
                    raise VoiceError(
                        "Another simulator keeps starting the local model.", "End it, or practise with scripted lines."
                    ) from None
                await asyncio.sleep(_POLL)
        try:
            yield
        finally:
            self._share.gate.release()

    async def _coming_up(self) -> ServerState | None:
        """Return the server that somebody else started once it answers; None where it ends or never does."""
        deadline = time.monotonic() + self._start_timeout
        answered_not = 0
        while self._share.server_lives() and time.monotonic() < deadline:
            state = self._share.state()
            if state and state.ready:
                if await _healthy(state):
                    return state
                answered_not += 1
                if answered_not >= 3:
                    return None
            await asyncio.sleep(_POLL)
        return None

    async def _end_hung(self) -> None:
        """End a server that lives and does not answer; its process id is right as long as it holds ``alive``."""
        state = self._share.state()
        if state and self._share.server_lives():
            with contextlib.suppress(OSError):
                os.kill(state.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
            for _ in range(50):
                if not self._share.server_lives():
                    return
                await asyncio.sleep(_POLL)

    async def _start(self, tell: OnMessage) -> ServerState:
        tell("Loading the local model…")
        self._share.clear_state()
        self._share.sweep()
        order = ServerOrder(
            str(self._share.folder),
            str(self._model),
            self._threads,
            secrets.token_hex(8),
            secrets.token_urlsafe(32),
            str(self.adapter or ""),
        )
        self._child = child = _spawn(self._module, order, self._share.log)
        deadline = time.monotonic() + self._start_timeout
        while time.monotonic() < deadline:
            state = self._share.state()
            if state and state.ready and await _healthy(state):
                return state
            if (code := child.poll()) is not None:
                if code == ALREADY_SERVED and (joined := await self._coming_up()) is not None:
                    return joined  # of a start whose starter went away
                raise self._did_not_start(code)
            await asyncio.sleep(_POLL)
        child.kill()
        child.wait()
        raise VoiceError(
            f"The local model was not ready within {self._start_timeout:g} seconds.",
            "Close other programs and try again, or practise with scripted lines.",
        )

    def _did_not_start(self, code: int) -> VoiceError:
        if code == -getattr(signal, "SIGILL", 4):
            hint = "This processor lacks the instructions it was built for (AVX2): use scripted lines or an endpoint."
        elif code == -9:
            hint = "It was ended from outside, most likely for lack of memory: it needs about 2.5 GB."
        else:
            hint = f"It said: {_last_line(self._share.log) or 'nothing'} (log: {self._share.log})"
        return VoiceError("The local model did not start.", hint)


class LocalModel:
    """The local model; implements ``Model``. Nothing is started before the first request.

    ``tell`` is called with a short sentence while the server is waited for; ``adapted`` says whether to speak with the
    server's adapter, where it has one.
    """

    def __init__(
        self,
        server: SharedServer,
        name: str,
        *,
        adapted: bool = False,
        request_timeout: float = 60.0,
        tell: OnMessage | None = None,
    ) -> None:
        self._server = server
        self._name = name
        self._adapted = adapted and server.adapter is not None
        self._seconds = request_timeout * _PATIENCE
        self._tell = tell or (lambda _: None)
        self._joining = asyncio.Lock()
        self._state: ServerState | None = None
        self._client: OpenAIModel | None = None

    @property
    def info(self) -> ModelInfo:
        """Which model this is."""
        name = f"{self._name} +adapter" if self._adapted else self._name
        return ModelInfo("local", name, "scene", self._adapted, base_url=self._state.base_url if self._state else "")

    async def complete(self, prompt: str, sampling: Sampling) -> AsyncGenerator[Chunk, None]:
        """Continue ``prompt``; see ``Model.complete``."""
        async with aclosing(self._streamed(lambda client: client.complete(prompt, sampling))) as chunks:
            async for chunk in chunks:
                yield chunk

    async def chat(self, messages: Sequence[Message], sampling: Sampling) -> AsyncGenerator[Chunk, None]:
        """Answer a chat; see ``Model.chat``."""
        async with aclosing(self._streamed(lambda client: client.chat(messages, sampling))) as chunks:
            async for chunk in chunks:
                yield chunk

    async def parse(self, messages: Sequence[Message], answer: type[Answer], *, max_tokens: int = 4000) -> Answer:
        """Answer a chat as an ``answer``; see ``Model.parse``."""
        return await self._once_more(lambda client: client.parse(messages, answer, max_tokens=max_tokens))

    async def read(self, prompt: str) -> None:
        """Start the server where it does not run, and read ``prompt`` into its cache."""
        await self._once_more(lambda client: client.read(prompt))

    async def check(self) -> None:
        """Start the server where it does not run; raises ``VoiceError`` where it does not come up."""
        await self._once_more(lambda client: client.check())

    async def aclose(self) -> None:
        """Close the connections and leave the server, which ends itself soon after its last user."""
        client, self._client, self._state = self._client, None, None
        try:
            if client is not None:
                await client.aclose()
        finally:
            self._server.leave()

    async def _running(self, lost: OpenAIModel | None = None) -> OpenAIModel:
        """Return a client of a server that runs; ``lost`` is the one whose server was found not to."""
        async with self._joining:
            if self._client is not None and self._client is not lost:
                return self._client
            state = await self._server.join(self._tell)
            if self._client is not None:
                await self._client.aclose()
            self._state = state
            self._client = OpenAIModel(
                base_url=state.base_url, api_key=state.key, model=self._name, kind="local", prompting="scene",
                adapter_scale=float(self._adapted) if self._server.adapter else None,
                request_timeout=self._seconds, attempts=1,
            )  # fmt: skip
            return self._client

    async def _streamed(self, ask: Callable[[OpenAIModel], AsyncGenerator[Chunk, None]]) -> AsyncGenerator[Chunk, None]:
        client = await self._running()
        try:
            async with aclosing(ask(client)) as chunks:
                async for chunk in chunks:
                    yield chunk
        except UnreachableError:  # raised before the first fragment only
            async with aclosing(ask(await self._running(lost=client))) as chunks:
                async for chunk in chunks:
                    yield chunk

    async def _once_more(self, ask: Callable[[OpenAIModel], Awaitable[Result]]) -> Result:
        client = await self._running()
        try:
            return await ask(client)
        except UnreachableError:
            return await ask(await self._running(lost=client))


def open_local(settings: Settings, tell: OnMessage | None = None, *, adapted: bool = False) -> LocalModel:
    """Return the local model that ``settings`` choose; raises ``ModelFileError`` where its file is not here.

    ``adapted`` asks for the customer's adapter, where this model has one.
    """
    entry = catalogue.choose(settings)
    path = catalogue.installed(entry, settings)
    if path is None:
        raise ModelFileError(f"The local model {entry.title} is not here yet.", "Fetch it with: simulator models pull.")
    adapter = catalogue.adapter(entry) if settings.local_adapter else None
    folder = server_folder(settings, path, entry.sha256, adapter)
    return LocalModel(
        SharedServer(folder, path, threads(settings), adapter=adapter),
        entry.title,
        adapted=adapted,
        request_timeout=settings.request_timeout,
        tell=tell,
    )


def server_folder(settings: Settings, path: Path, sha256: str = "", adapter: Path | None = None) -> Path:
    """Return the folder through which users of the model at ``path`` share its server: one for each model and
    adapter."""
    seen = path.stat()
    name = sha256 or f"{path.resolve()}\n{seen.st_size}\n{seen.st_mtime_ns}"
    fitted = hashlib.sha256(adapter.read_bytes()).hexdigest() if adapter else ""
    return settings.cache / "servers" / hashlib.sha256(f"{name}\n{fitted}".encode()).hexdigest()[:16]


def threads(settings: Settings) -> int:
    """Return how many threads the server gets: as set, or one for each core this process may use."""
    if settings.threads:
        return settings.threads
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _spawn(module: str, order: ServerOrder, log: Path) -> subprocess.Popen[bytes]:
    """Start the server so that it outlives this process and this terminal; the key goes through its stdin."""
    with open_private(log) as out:
        child = subprocess.Popen(
            children.command(["-m", module]),
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=out,
            env=children.environment(),
            start_new_session=True,
            creationflags=_no_window(),
        )
    assert child.stdin is not None  # noqa: S101 - asked for above
    with contextlib.suppress(OSError):
        child.stdin.write(order.line().encode())
        child.stdin.close()
    return child


def _no_window() -> int:
    if sys.platform == "win32":
        return subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
    return 0


async def _healthy(state: ServerState, patience: float = 5.0) -> bool:
    """True where the server at ``state.port`` says that it is ready."""
    try:
        async with asyncio.timeout(patience):
            reader, writer = await asyncio.open_connection("127.0.0.1", state.port)
            try:
                writer.write(b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
                await writer.drain()
                return b" 200 " in await reader.readline()
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False


def _last_line(log: Path) -> str:
    with contextlib.suppress(OSError):
        lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines()]
        return next((line[-200:] for line in reversed(lines) if line), "")
    return ""
