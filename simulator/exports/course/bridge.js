// Between an LMS that speaks SCORM 1.2 and the trainer in the frame below: it asks the trainer's own server how the
// learner did, and tells the LMS. The key that names the visit is drawn here and kept in the LMS (suspend_data), so
// the server learns nobody's name and a learner who comes back finds their sessions.
(function (window, document) {
  "use strict";
  var LOOK = 5000; // milliseconds between two questions

  function apiNear(start) {
    var place = start;
    for (var steps = 0; place && steps < 12; steps++) {
      try {
        if (place.API) return place.API;
      } catch (error) {
        return null; // another site's window
      }
      if (!place.parent || place.parent === place) return null;
      place = place.parent;
    }
    return null;
  }

  function freshKey() {
    var bytes = window.crypto.getRandomValues(new Uint8Array(16)), key = "";
    for (var at = 0; at < bytes.length; at++) key += (bytes[at] + 256).toString(16).slice(1);
    return key;
  }

  function clock(milliseconds) { // HHHH:MM:SS
    var seconds = Math.max(0, Math.floor(milliseconds / 1000));
    function two(number) { return (number < 10 ? "0" : "") + number; }
    return two(Math.floor(seconds / 3600)) + ":" + two(Math.floor(seconds / 60) % 60) + ":" + two(seconds % 60);
  }

  function say(text) { document.getElementById("said").textContent = text; }

  var api = apiNear(window) || (window.opener ? apiNear(window.opener) : null);
  if (!api || String(api.LMSInitialize("")) !== "true") {
    say("No learning platform answers. Open this course from your LMS.");
    return;
  }
  var frame = document.getElementById("trainer"), server = document.body.getAttribute("data-server");
  var persona = new RegExp("[?&]persona=([a-z0-9-]+)").exec(window.location.search);
  var key = String(api.LMSGetValue("cmi.suspend_data"));
  var told = String(api.LMSGetValue("cmi.core.lesson_status")), began = new Date().getTime(), finished = false;
  if (!/^[0-9a-f]{32}$/.test(key)) {
    key = freshKey();
    api.LMSSetValue("cmi.suspend_data", key);
  }
  if (told === "not attempted" || told === "") set("incomplete", null);
  api.LMSCommit("");
  open();

  function open() { frame.src = server + "/launch/scorm/" + key + "?persona=" + (persona ? persona[1] : ""); }

  function set(status, score) {
    told = status;
    api.LMSSetValue("cmi.core.lesson_status", status);
    if (score !== null) {
      api.LMSSetValue("cmi.core.score.min", "0");
      api.LMSSetValue("cmi.core.score.max", "100");
      api.LMSSetValue("cmi.core.score.raw", String(score));
    }
  }

  var lastScore = null;
  function hear(outcome) {
    var known = { incomplete: 0, completed: 1, failed: 2, passed: 3 };
    if (finished || typeof known[outcome.status] !== "number") return;
    var better = known[outcome.status] > (known[told] || 0);
    if (!better && !(outcome.status === told && outcome.score !== null && outcome.score !== lastScore)) return;
    lastScore = outcome.score;
    set(outcome.status, outcome.score);
    api.LMSCommit("");
  }

  function look() {
    var request = new window.XMLHttpRequest();
    request.open("GET", server + "/visits/" + key + "/status");
    request.onload = function () {
      if (request.status === 404) open(); // the server was started anew
      if (request.status === 200) hear(JSON.parse(request.responseText));
    };
    request.send();
  }

  function finish() {
    if (finished) return;
    finished = true;
    api.LMSSetValue("cmi.core.session_time", clock(new Date().getTime() - began));
    api.LMSSetValue("cmi.core.exit", "suspend");
    api.LMSCommit("");
    api.LMSFinish("");
  }

  window.setInterval(look, LOOK);
  window.addEventListener("pagehide", finish);
  window.addEventListener("beforeunload", finish);
})(window, document);
