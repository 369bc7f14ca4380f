"""A user of the shared fake server in a process of its own: prints the server's process id, then holds on until
its standard input ends. ``python -m tests.models.user_main FOLDER``."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from simulator.models.local_server import LocalModel, SharedServer
from simulator.models.protocol import Sampling


async def main(folder: Path) -> None:
    model = LocalModel(SharedServer(folder, Path("model"), 1, module="tests.models.fake_server_main"), "fake")
    print("".join([chunk.text async for chunk in model.complete("A:", Sampling())]), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await model.aclose()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
