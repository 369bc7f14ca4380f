"""A local server without a model: run as a child in place of the real one; says its process id to every request."""

from __future__ import annotations

import json
import os
import sys

from simulator.models.local_server_main import serve
from simulator.models.server_share import ServerOrder
from tests.models.fake_endpoint import FakeEndpoint, words


def start(order: ServerOrder) -> int:
    if os.environ.get("FAKE_SERVER_BROKEN"):
        raise RuntimeError("the model is made of cheese")
    endpoint = FakeEndpoint(key=order.key).__enter__()
    endpoint.answers(words(str(os.getpid())))
    return int(endpoint.url.rpartition(":")[2].removesuffix("/v1"))


if __name__ == "__main__":
    try:
        code = serve(ServerOrder(**json.loads(sys.stdin.readline())), start)
    except RuntimeError as error:
        print(error, file=sys.stderr, flush=True)
        code = 1
    os._exit(code)
