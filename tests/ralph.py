"""A real learning record store on loopback: ralph (PyPI ``ralph-malph``), in a Python environment of its own.

Its pins cannot live beside the program's, so uv makes the environment, once for a test run. Statements are kept in a
file; ``validate`` asks its own models of xAPI 1.0.3 whether statements are sound.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

_CONSTRAINTS = Path(__file__).with_name("ralph-constraints.txt")
_WANTED = ("ralph-malph[lrs,cli]", "requests")  # ralph imports requests and does not say so
USER, PASSWORD = "trainer", "correct-horse-battery"

_SERVE = """
import sys, uvicorn
from ralph.backends.data.base import BaseOperationType
from ralph.backends.lrs.fs import FSLRSBackend
# left alone, this backend makes its file with the first request and refuses to add to it with the second
FSLRSBackend.default_operation_type = BaseOperationType.APPEND
uvicorn.run("ralph.api:app", host="127.0.0.1", port=int(sys.argv[1]))
"""
_VALIDATE = """
import json, sys
from ralph.models.xapi.base.statements import BaseXapiStatement
for line in sys.stdin:
    try:
        BaseXapiStatement.model_validate(json.loads(line))
    except Exception as error:
        print(json.dumps(str(error)))
"""


def environment(folder: Path, inherited: Mapping[str, str]) -> Path:
    """Make an environment with ralph in ``folder`` and return its Python."""
    uv = [sys.executable, "-m", "uv"]
    python = folder / "env" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    for command in (
        [*uv, "venv", "--quiet", "--python", sys.executable, str(folder / "env")],
        [*uv, "pip", "install", "--quiet", "--python", str(python), "--constraint", str(_CONSTRAINTS), *_WANTED],
    ):
        # run from its folder: the pins in pyproject.toml are the program's
        subprocess.run(command, cwd=folder, env=dict(inherited), check=True, timeout=900)
    return python


class Ralph:
    """The store in ``folder``, run by ``python``; started and stopped at will, on one port."""

    def __init__(self, python: Path, folder: Path, inherited: Mapping[str, str]) -> None:
        self._python, self._folder = python, folder
        self._environment = {
            **inherited,
            "RALPH_APP_DIR": str(folder),
            "RALPH_RUNSERVER_BACKEND": "fs",
            "RALPH_BACKENDS__LRS__FS__DEFAULT_DIRECTORY_PATH": str(folder / "statements"),
        }
        self._process: subprocess.Popen[bytes] | None = None
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}/xAPI"
        scopes = [part for scope in ("statements/write", "statements/read") for part in ("-s", scope)]
        subprocess.run(
            [python, "-m", "ralph", "auth", "-u", USER, "-p", PASSWORD, *scopes, "-A", USER, "https://example.org", "-w"],
            env=self._environment, cwd=folder, check=True, capture_output=True, timeout=120,
        )  # fmt: skip

    def start(self) -> None:
        """Start serving and wait until it answers."""
        log = (self._folder / "ralph.log").open("ab")
        with log:
            self._process = subprocess.Popen(
                [self._python, "-c", _SERVE, str(self.port)],
                env=self._environment, cwd=self._folder, stdout=log, stderr=log,
            )  # fmt: skip
        until = time.monotonic() + 60
        while not self._answers():
            assert self._process.poll() is None and time.monotonic() < until, (self._folder / "ralph.log").read_text()

    def stop(self) -> None:
        """End it, as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def forget(self) -> None:
        """Forget every statement."""
        for file in (self._folder / "statements").glob("*.jsonl"):
            file.unlink()

    def statements(self) -> list[dict[str, Any]]:
        """Return what it keeps, in the order it came: whole lines, for it may be writing the last one at this moment."""
        files = sorted((self._folder / "statements").glob("*.jsonl"))
        return [json.loads(line) for file in files for line in file.read_bytes().split(b"\n")[:-1]]

    def validate(self, statements: Iterable[Mapping[str, Any]]) -> list[str]:
        """Return what is wrong with ``statements``, a text each; nothing for sound ones."""
        done = subprocess.run(
            [self._python, "-c", _VALIDATE], input="".join(json.dumps(s) + "\n" for s in statements),
            env=self._environment, cwd=self._folder, check=True, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        return [json.loads(line) for line in done.stdout.splitlines()]

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/__heartbeat__", timeout=5):
                return True
        except urllib.error.URLError:
            return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
