"""The child process that is the local server: ``python -m simulator.models.local_server_main``, order on stdin.

It loads the model, serves it on loopback, and ends itself about a second after the last user has let go. Ends with
3 where another server of the same model already lives.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from filelock import Timeout

from simulator.models.server_share import ServerOrder, ServerState, Share

LINGER = 1.0
"""Seconds without a user before the server ends itself."""
_LOOK = 0.25
_CACHE_MIB = 512
ALREADY_SERVED = 3
_kept: list[Any] = []
"""The server, which serves as long as something refers to it."""


def serve(order: ServerOrder, start: Callable[[ServerOrder], int]) -> int:
    """Run a server until nobody uses it; ``start`` brings it up and returns its port. Returns the exit code."""
    share = Share(Path(order.folder))
    share.make()
    try:
        share.alive.acquire(timeout=2)
    except Timeout:
        return ALREADY_SERVED
    state = ServerState(os.getpid(), order.nonce, order.model, key=order.key)
    share.write_state(state)
    try:
        port = start(order)
    except BaseException:
        share.clear_state()
        raise
    share.write_state(replace(state, port=port, ready=True))
    since = time.monotonic()
    while True:
        time.sleep(_LOOK)
        if share.in_use():
            since = time.monotonic()
        elif time.monotonic() - since >= LINGER and _left(share):
            return 0


def _left(share: Share) -> bool:
    """True once the state file is gone and nobody can have joined; the gate stays held until the process ends."""
    try:
        share.gate.acquire(blocking=False)
    except Timeout:
        return False
    except OSError:  # the cache was deleted under a server that nobody uses
        return True
    if share.in_use():
        share.gate.release()
        return False
    share.sweep()
    share.clear_state()
    return True


def start_llama(order: ServerOrder) -> int:
    """Load the model into a llama.cpp server on a free port of 127.0.0.1 and return the port.

    Slots share one context (``kv_unified``): the candidates of a request share its prompt, and eight slots let two
    practising users keep theirs. Prompts pushed out of the slots are kept in at most 512 MiB of memory.
    """
    import xllamacpp  # noqa: PLC0415 - loads native code: only in this process

    params: Any = xllamacpp.CommonParams()
    params.model.path = order.model
    if order.adapter:
        adapter: Any = xllamacpp.CommonAdapterLoraInfo()
        adapter.path, adapter.scale = order.adapter, 1.0
        params.lora_adapters = [adapter]
        params.lora_init_without_apply = True  # every request says whether it wants it
    params.n_ctx = order.context
    params.n_parallel = order.slots
    params.kv_unified = True
    params.cache_ram_mib = _CACHE_MIB
    params.cpuparams.n_threads = order.threads
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [order.key]
    params.ui = False
    params.endpoint_slots = False
    params.verbosity = 2  # warnings and errors
    server = xllamacpp.Server(params)
    _kept.append(server)
    port: int = urlsplit(str(server.listening_address)).port or 0
    if not port:
        raise RuntimeError("the server did not open a port")
    return port


def main() -> None:
    """Serve what standard input orders."""
    order = ServerOrder(**json.loads(sys.stdin.readline()))
    try:
        code = serve(order, start_llama)
    except Exception as error:  # the last line of the log is what the user sees
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)  # noqa: T201
        code = 1
    sys.stderr.flush()
    os._exit(code)  # the native threads have nothing to save


if __name__ == "__main__":
    main()
