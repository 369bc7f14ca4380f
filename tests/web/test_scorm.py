"""The script of a SCORM package, run for real against the server, with the LMS's side of SCORM 1.2 around it."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import dukpy
import pytest

from simulator.exports import courses
from simulator.settings import Settings
from simulator.transcripts.records import Transcript
from simulator.transcripts.store import Store
from simulator.web.visits import visitor_folder
from tests.exports.conftest import card, made
from tests.web.conftest import Served

SCRIPT = (Path(courses.__file__).parent / "course" / "bridge.js").read_text("utf-8")

BROWSER = """
var timers = [], heard = {}, elements = {said: {textContent: ""}, trainer: {src: ""}};
var api = {};
["LMSInitialize", "LMSGetValue", "LMSSetValue", "LMSCommit", "LMSFinish"].forEach(function (name) {
  api[name] = function (a, b) { return call_python("lms", name, a, b === undefined ? null : b); };
});
var top_window = {API: dukpy.lms ? api : null};
top_window.parent = top_window;
var window = {
  parent: top_window, location: {search: "?persona=moving-house"},
  crypto: {getRandomValues: function (bytes) {
    for (var at = 0; at < bytes.length; at++) bytes[at] = Math.floor(Math.random() * 256);
    return bytes;
  }},
  setInterval: function (call) { timers.push(call); },
  addEventListener: function (name, call) { heard[name] = call; },
  XMLHttpRequest: function () {
    this.open = function (method, url) { this.url = url; };
    this.send = function () {
      var answer = call_python("http", this.url);
      this.status = answer[0]; this.responseText = answer[1]; this.onload();
    };
  }
};
var document = {
  getElementById: function (id) { return elements[id]; },
  body: {getAttribute: function () { return dukpy.server; }}
};
"""


class Lms:
    """What an LMS keeps of one SCORM 1.2 unit, and the window its script runs in."""

    def __init__(self, kept: dict[str, str] | None = None, *, there: bool = True) -> None:
        self.kept = {"cmi.core.lesson_status": "not attempted", "cmi.suspend_data": ""} if kept is None else kept
        self.there, self.calls = there, list[str]()

    def answer(self, name: str, first: str, second: str | None) -> str:
        self.calls.append(name)
        if name == "LMSSetValue":
            self.kept[first] = str(second)
        return self.kept.get(first, "") if name == "LMSGetValue" else "true"

    def open(self, server: str) -> None:
        self.window = dukpy.JSInterpreter()
        self.window.export_function("lms", self.answer)
        self.window.export_function("http", asked)
        self.window.evaljs([BROWSER, SCRIPT], server=server, lms=self.there)
        self.frame = self.window.evaljs("elements.trainer.src")

    def look(self) -> None:
        self.window.evaljs("timers.forEach(function (call) { call(); }); null")

    def close(self) -> None:
        self.window.evaljs("heard.pagehide(); heard.beforeunload(); null")

    @property
    def status(self) -> str:
        return self.kept["cmi.core.lesson_status"]


def asked(url: str) -> list[Any]:
    try:
        with urllib.request.urlopen(url) as answer:
            return [answer.status, answer.read().decode()]
    except urllib.error.HTTPError as error:
        return [error.code, ""]


def played(environment: dict[str, str], key: str, name: str, **graded: Any) -> Transcript:
    """Put a graded session into the folder of the visit with ``key``."""
    settings = Settings(transcripts=Path(environment["SIMULATOR_HOME"]) / "transcripts")
    session = made(scorecards=(card(**graded),))
    header = session.header.model_copy(update={"id": name})
    with Store(visitor_folder(settings, "scorm", key) / "transcripts").create(header) as file:
        for line in (*session.turns, *session.scorecards):
            file.append(line)
    return session


@pytest.fixture
def lms() -> Lms:
    return Lms()


def test_a_learner_fails_tries_again_and_passes(lms: Lms, served: Served, environment: dict[str, str]) -> None:
    with served() as address:
        lms.open(address)
        key = lms.kept["cmi.suspend_data"]
        assert re.fullmatch(r"[0-9a-f]{32}", key)
        assert lms.frame == f"{address}/launch/scorm/{key}?persona=moving-house"
        assert lms.status == "incomplete"
        assert asked(lms.frame)[0] == 200  # the frame loads
        lms.look()
        assert lms.status == "incomplete"
        played(environment, key, "first", overall=40, passed=False)
        lms.look()
        assert (lms.status, lms.kept["cmi.core.score.raw"]) == ("failed", "40")
        played(environment, key, "second", overall=90, passed=True)
        lms.look()
        assert (lms.status, lms.kept["cmi.core.score.raw"]) == ("passed", "90")
        played(environment, key, "third", overall=10, passed=False)
        lms.look()
        assert (lms.status, lms.kept["cmi.core.score.raw"]) == ("passed", "90")
        lms.close()
        assert lms.calls.count("LMSFinish") == 1
        assert re.fullmatch(r"\d{2,4}:\d\d:\d\d", lms.kept["cmi.core.session_time"])


def test_a_learner_who_comes_back_finds_their_place(lms: Lms, served: Served) -> None:
    with served() as address:
        lms.open(address)
        again = Lms(dict(lms.kept))
        again.open(address)
        assert again.frame == lms.frame


def test_a_server_that_was_started_anew_is_opened_anew(lms: Lms, served: Served, environment: dict[str, str]) -> None:
    with served() as address:
        lms.open(address)
        lms.window.evaljs("elements.trainer.src = ''")
        lms.look()  # nobody loaded the frame, so the server knows nothing of the visit
        assert lms.window.evaljs("elements.trainer.src") == lms.frame


def test_without_an_lms_the_page_says_what_to_do() -> None:
    alone = Lms(there=False)
    alone.open("http://127.0.0.1:1")
    assert "Open this course from your LMS" in alone.window.evaljs("elements.said.textContent")
    assert alone.frame == ""


def test_each_unit_of_the_lms_is_another_visit(served: Served) -> None:
    first, second = Lms(), Lms()
    with served() as address:
        first.open(address)
        second.open(address)
    keys = [lms.kept["cmi.suspend_data"] for lms in (first, second)]
    assert keys[0] != keys[1]
    assert json.dumps(first.kept).count("moving-house") == 0
