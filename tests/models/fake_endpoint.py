"""An OpenAI-compatible server on loopback that answers as it is told, well or badly.

    with FakeEndpoint() as endpoint:
        endpoint.answers(words("Hello."), failure(429, headers={"Retry-After": "0"}))
        ...  # ask endpoint.url
        assert endpoint.requests[0].body["model"] == "fake-model"

Each request takes the next answer; with none left, the last one is given again. ``GET /v1/models`` is answered from
``models`` and takes no answer, unless ``listing`` is set; ``GET /health`` is always well.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Request:
    """What was asked: ``path`` without ``/v1``, headers in lower case, the JSON body."""

    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What is sent: a status, headers, and pieces of body. ``drop``: the connection breaks before the body ends.

    ``hold``: the rest waits until the event is set, after the pieces.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    pieces: Sequence[bytes] = ()
    kind: str = "application/json"
    drop: bool = False
    hold: threading.Event | None = None


Reply = Callable[[Request], Answer]


def words(*candidates: str, finish: str | None = "stop", drop: bool = False, done: bool = True) -> Reply:
    """Answer with one text a candidate, streamed in two fragments each where a stream is asked for."""

    def reply(request: Request) -> Answer:
        if not request.body.get("stream"):
            choices = [
                {"index": i, "finish_reason": finish, **_whole(request, text)} for i, text in enumerate(candidates)
            ]
            return Answer(pieces=[json.dumps({**_head(request), "choices": choices}).encode()])
        events: list[Any] = []
        for start in (0, 1):
            for i, text in enumerate(candidates):
                half = text[: len(text) // 2] if start == 0 else text[len(text) // 2 :]
                events.append({"choices": [{"index": i, "finish_reason": None, **_fragment(request, half)}]})
        if finish:
            ends = [{"index": i, "finish_reason": finish, **_fragment(request, None)} for i in range(len(candidates))]
            events += [{"choices": [end]} for end in ends]
        return stream(*events, done=done, drop=drop)(request)

    return reply


def stream(*events: Any, done: bool = True, drop: bool = False, hold: threading.Event | None = None) -> Reply:
    """Send server-sent events: dicts as JSON (with the usual head), strings as they are."""

    def reply(request: Request) -> Answer:
        lines = [
            f"data: {event if isinstance(event, str) else json.dumps({**_head(request), **event})}\n\n".encode()
            for event in events
        ]
        if done and not drop and hold is None:
            lines.append(b"data: [DONE]\n\n")
        return Answer(pieces=lines, kind="text/event-stream", drop=drop, hold=hold)

    return reply


def failure(
    status: int,
    message: str = "it did not work",
    *,
    code: str | None = None,
    param: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """Answer with an error in OpenAI's form."""
    body = {"error": {"message": message, "type": "error", "code": code, "param": param}}
    return lambda _: Answer(status, headers or {}, [json.dumps(body).encode()])


def raw(body: bytes, *, status: int = 200, kind: str = "text/html") -> Reply:
    """Answer with bytes that are not of this protocol."""
    return lambda _: Answer(status, {}, [body], kind)


def hangs(until: threading.Event) -> Reply:
    """Send nothing until ``until`` is set."""
    return lambda _: Answer(hold=until)


def refuses(parameter: str, message: str, otherwise: Reply, *, code: str = "unsupported_parameter") -> Reply:
    """Refuse a request that has ``parameter``; give ``otherwise`` to any other."""
    no = failure(400, message, code=code, param=parameter)
    return lambda request: (no if parameter in request.body else otherwise)(request)


class FakeEndpoint:
    """The server; a context manager. ``key``: the only key it takes, any where None."""

    def __init__(self, models: Sequence[str] = ("fake-model",), key: str | None = None) -> None:
        self.models = models
        self.key = key
        self.requests: list[Request] = []
        self.listing: Reply | None = None
        self._answers: list[Reply] = [words("All right.")]
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._class())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        """Base URL, up to and including ``/v1``."""
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def answers(self, *replies: Reply) -> None:
        """Give these answers from now on, in this order."""
        self._answers = list(replies)

    def asked(self, path: str) -> list[Request]:
        """Return the requests for ``path`` (``/completions``, ``/chat/completions``, ``/models``) so far."""
        return [request for request in self.requests if request.path == path]

    def __enter__(self) -> FakeEndpoint:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def reply_to(self, request: Request) -> Answer:
        """Return the answer to ``request`` and note the request."""
        if request.path == "/health":
            return Answer(pieces=[b'{"status": "ok"}'])
        with self._lock:
            self.requests.append(request)
            if self.key is not None and request.headers.get("authorization") != f"Bearer {self.key}":
                given = request.headers.get("authorization", "")
                return failure(401, f"Incorrect API key provided: {given}", code="invalid_api_key")(request)
            if request.path == "/models":
                data = [{"id": name, "object": "model", "created": 0, "owned_by": "x"} for name in self.models]
                listing = Answer(pieces=[json.dumps({"object": "list", "data": data}).encode()])
                return self.listing(request) if self.listing else listing
            reply = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return reply(request)

    def _class(self) -> type[BaseHTTPRequestHandler]:
        endpoint = self

        class Talk(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._talk({})

            def do_POST(self) -> None:
                self._talk(json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}"))

            def _talk(self, body: dict[str, Any]) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                answer = endpoint.reply_to(Request(self.path.removeprefix("/v1"), headers, body))
                with contextlib.suppress(OSError):
                    self._send(answer)

            def _send(self, answer: Answer) -> None:
                self.send_response(answer.status)
                for name, value in {"Content-Type": answer.kind, **answer.headers}.items():
                    self.send_header(name, value)
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                for piece in answer.pieces:
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                    self.wfile.flush()
                if answer.hold is not None:
                    answer.hold.wait(20)
                if answer.drop:
                    self.close_connection = True
                    return
                self.wfile.write(b"0\r\n\r\n")

            def log_message(self, *_: Any) -> None:
                pass

        return Talk


@contextlib.contextmanager
def serving(*replies: Reply, **options: Any) -> Iterator[FakeEndpoint]:
    """Serve ``replies`` while the block runs."""
    with FakeEndpoint(**options) as endpoint:
        if replies:
            endpoint.answers(*replies)
        yield endpoint


def _head(request: Request) -> dict[str, Any]:
    chat = request.path.startswith("/chat")
    kind = ("chat.completion" if chat else "text_completion") + (
        ".chunk" if chat and request.body.get("stream") else ""
    )
    return {"id": "x", "object": kind, "created": 0, "model": request.body.get("model", "")}


def _whole(request: Request, text: str) -> dict[str, Any]:
    if request.path.startswith("/chat"):
        return {"message": {"role": "assistant", "content": text}}
    return {"text": text}


def _fragment(request: Request, text: str | None) -> dict[str, Any]:
    if request.path.startswith("/chat"):
        return {"delta": {"content": text}}
    return {"text": text or ""}
