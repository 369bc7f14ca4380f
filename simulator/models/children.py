"""Running this same Python as a child process that can find the package, wherever it is run from."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_BESIDE_PACKAGE = str(Path(__file__).resolve().parents[2])
_POLL = 0.25


def command(arguments: Sequence[str]) -> list[str]:
    """Return the command line of this Python with ``arguments``; the folder it is run from stays out of its path."""
    return [sys.executable, "-P", *arguments]


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return this process's environment, with ``more``, for a child that imports the package."""
    path = os.pathsep.join(part for part in (_BESIDE_PACKAGE, os.environ.get("PYTHONPATH", "")) if part)
    return {**os.environ, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8", **(more or {})}


async def run(
    arguments: Sequence[str],
    grown: Callable[[], int],
    *,
    stalls_after: float,
    more: Mapping[str, str] | None = None,
) -> tuple[int, str]:
    """Run this Python with ``arguments``; return its exit code and the last 4,000 characters it printed.

    ``grown`` is called four times a second and returns a size; where that does not change for ``stalls_after``
    seconds, the child is ended (code -1). Cancelling ends the child too.
    """
    process = await asyncio.create_subprocess_exec(
        *command(arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=environment(more),
    )
    assert process.stdout is not None  # noqa: S101 - asked for above
    said = asyncio.create_task(process.stdout.read())
    size, since = -1, time.monotonic()
    try:
        while not (await asyncio.wait({said}, timeout=_POLL))[0]:
            if (now := grown()) != size:
                size, since = now, time.monotonic()
            elif time.monotonic() - since > stalls_after:
                return -1, "it stalled"
        return await process.wait(), said.result().decode("utf-8", "replace")[-4000:]
    finally:
        await _ended(process)
        said.cancel()


async def _ended(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(2.0):
            await process.wait()
    except BaseException as error:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        if not isinstance(error, TimeoutError):
            raise
        await process.wait()
