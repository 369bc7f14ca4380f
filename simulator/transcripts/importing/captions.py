"""WebVTT and SRT: transcripts of calls, whose cues name their speakers with ``<v Name>`` or ``Name: …``."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable, Iterator
from typing import Literal

from simulator.cleaning import one_line
from simulator.transcripts.bare import Problem
from simulator.transcripts.importing.conversation import Conversation, Line
from simulator.transcripts.importing.plain import named, speakers_among

_VOICE = re.compile(r"<v(?:\.[^\s>]+)*[ \t]+([^>]+)>")
_TAG = re.compile(r"</?[A-Za-z0-9][^<>]*>")
_TIMING = re.compile(r"^.*-->", re.MULTILINE)


def conversations(
    text: str, name: str, known: Callable[[str], bool], kind: Literal["vtt", "srt"]
) -> Iterator[Conversation | Problem]:
    """Yield the one conversation of the captions in ``text``, and how many cues could not be read.

    What a speaker says in cue after cue is one turn; a cue without a name belongs to who spoke before.
    """
    import webvtt  # noqa: PLC0415 - only who imports captions waits for it

    try:
        captions = webvtt.from_buffer(io.StringIO(text), format=kind)
    except webvtt.errors.MalformedFileError:
        what = "WebVTT" if kind == "vtt" else "SRT"
        yield Problem(0, f"It is not {what}: the beginning or a cue's time is malformed.")
        return
    except webvtt.errors.MalformedCaptionError as error:
        yield Problem(0, f"A cue cannot be read: {one_line(str(error))}.")
        return
    passages = [passage for caption in captions.captions for passage in _passages(caption.raw_text)]
    lost = len(_TIMING.findall(text)) - len(captions)
    if lost > 0:
        yield Problem(0, f"{lost} cue{'s' if lost > 1 else ''} could not be read.")
    found = [named(said) if voice is None else None for voice, said in passages]
    speakers = speakers_among((item[0] for item in found if item), known) if any(found) else frozenset()
    turns: list[tuple[str, list[str]]] = []
    unnamed = 0
    for (voice, said), item in zip(passages, found, strict=True):
        who, words = voice, said
        if item is not None and item[0] in speakers:
            who, words = item[0], item[1]
        if who is None and not turns:
            unnamed += 1
        elif who is None or (turns and turns[-1][0] == who):
            turns[-1][1].append(words)
        else:
            turns.append((who, [words]))
    if not turns:
        yield Problem(0, "No cue names a speaker: <v Name> or Name: before the words is needed.")
        return
    if unnamed:
        yield Problem(0, f"{unnamed} cue{'s' if unnamed > 1 else ''} before the first named speaker were left out.")
    yield Conversation(id=name, lines=tuple(Line(who, " ".join(filter(None, said))) for who, said in turns))


def _passages(raw: str) -> Iterator[tuple[str | None, str]]:
    """Yield (voice or None, words) for each line of a cue, or for the whole of a voice."""
    voice: str | None = None
    for line in raw.split("\n"):
        pieces = _VOICE.split(line)
        if words := _words(pieces[0]):
            yield voice, words
        for who, said in zip(pieces[1::2], pieces[2::2], strict=True):
            voice = one_line(html.unescape(who))
            yield voice, _words(said)


def _words(marked: str) -> str:
    return one_line(html.unescape(_TAG.sub("", marked)))
