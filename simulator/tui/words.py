"""The plain words for stages, endings, levels and times. Pure: values in, words out."""

from __future__ import annotations

from datetime import UTC, datetime

from simulator.transcripts.records import Ending, Stage

STAGES: dict[str, str] = {
    Stage.VENTING: "venting",
    Stage.GUARDED: "guarded",
    Stage.SOFTENING: "softening",
    Stage.READY: "ready for solutions",
    Stage.SETTLED: "settled",
    Stage.WALKED_OUT: "walked out",
}
"""Stage to the word beside the gauge."""

STAGES_EXPLAINED: dict[str, str] = {
    Stage.VENTING: "needs to let it out; hardly hears solutions",
    Stage.GUARDED: "listens, but trusts nothing yet",
    Stage.SOFTENING: "begins to feel heard",
    Stage.READY: "asks, in their own way, what can be done",
    Stage.SETTLED: "has a way forward and can go",
    Stage.WALKED_OUT: "has had enough and left",
}
"""Stage to what it means for the trainee."""

CHANNELS = {"face_to_face": "in person", "phone": "on the phone", "chat": "in a chat", "email": "by email"}
DIFFICULTIES = {"easy": "●○○ easy", "standard": "●●○ standard", "hard": "●●● hard"}
VOICES = {
    "openai": "a model at your endpoint",
    "local": "the local model",
    "scripted": "scripted lines, no model",
}
"""Kind of voice to what stands on the screen."""

SKILLS = (
    ("Acknowledge", "first name what they are going through, in their own terms"),
    ("Stay present", "listen, ask, remember; no forms yet, no “calm down”"),
    ("Move to a solution", "once they are ready; offer options and a next step"),
)
"""What good looks like, in the order in which it works."""

LEVELS = ("not yet", "a beginning", "partly", "well done", "very well done")
"""Level 0 to 4 in words that are honest and never cruel."""


_WENT = {"phone": "hung up", "chat": "closed the chat", "email": "broke off"}


def ending_sentence(ending: Ending, name: str, channel: str, turns: int) -> str:
    """Return what happened, for the trainee; ``turns`` are the trainee's own."""
    went = _WENT.get(channel, "left")
    return {
        Ending.SETTLED: f"{name} is settled. You found a way forward together.",
        Ending.WALKED_OUT: f"{name} had enough and {went}. It happens to everybody; the debrief shows where it turned.",
        Ending.TRAINEE_LEFT: "You left the conversation.",
        Ending.TURN_LIMIT: f"Time is up: this scene ends after {turns} of your turns.",
    }[ending]


def ending_words(ending: Ending | None, *, imported: bool = False) -> str:
    """Return how a session ended in two or three words; ``imported`` where it was had elsewhere."""
    if ending is None:
        return "imported" if imported else "broken off"
    return {
        Ending.SETTLED: "settled",
        Ending.WALKED_OUT: "walked out",
        Ending.TRAINEE_LEFT: "you left",
        Ending.TURN_LIMIT: "time was up",
    }[ending]


def stage_word(stage: str) -> str:
    """Return the words for a stage, also for one written with a blank ("walked out")."""
    return STAGES.get(stage.replace(" ", "_"), stage.replace("_", " "))


def level_words(level: float) -> str:
    """Return the words for a level from 0 to 4."""
    return LEVELS[max(0, min(4, int(level)))]


def voice_words(kind: str | None, model: str = "") -> str:
    """Return who writes the customer's words, with the model's name where it is somebody else's."""
    if kind is None:
        return "not chosen yet"
    words = VOICES.get(kind, kind)
    return f"{words} ({model})" if model and kind == "openai" else words


def grader_words(kind: str, name: str) -> str:
    """Return who grades: the built-in grader, or a model by its name."""
    return "built-in" if kind == "local" else name


def ago(moment: str, now: datetime) -> str:
    """Return how long before ``now`` the ISO time ``moment`` was, or the text itself where it is no time."""
    try:
        then = datetime.fromisoformat(moment)
    except ValueError:
        return moment
    then = then if then.tzinfo else then.replace(tzinfo=UTC)
    minutes = int((now - then).total_seconds() // 60)
    if minutes < 2:
        return "just now"
    if minutes < 60:
        return f"{minutes} minutes ago"
    if minutes < 120:
        return "an hour ago"
    if minutes < 24 * 60:
        return f"{minutes // 60} hours ago"
    days = minutes // (24 * 60)
    return "yesterday" if days == 1 else f"{days} days ago" if days < 30 else f"on {then:%d %B %Y}"


def count(number: int, one: str, many: str = "") -> str:
    """Return ``number`` with its noun: 1 turn, 2 turns."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def size_words(size: float) -> str:
    """Return a number of bytes as megabytes or gigabytes."""
    return f"{size / 1e9:.2f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"
