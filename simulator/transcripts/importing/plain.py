"""Plain text: ``Name: what was said``, over as many lines as it takes, with or without times in front."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from simulator.cleaning import one_line
from simulator.errors import TranscriptError
from simulator.transcripts.bare import Problem
from simulator.transcripts.importing.conversation import Conversation, Line
from simulator.transcripts.importing.moments import moment
from simulator.transcripts.importing.roles import is_generic

_CLOCK = r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,6})?)?(?:\s?[AaPp]\.?[Mm]\.?)?"
_DATE = r"(?:\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./]\d{2,4})"
_TIME = rf"(?:{_DATE}(?:T|,?\s+)?(?:{_CLOCK})?(?:Z|[+-]\d\d:?\d\d)?|{_CLOCK})"
_LEADING_TIME = re.compile(rf"^\s*(?:[\[(<]\s*(?P<inside>{_TIME})\s*[\])>]|(?P<bare>{_TIME}))\s*[-–—|]?\s*")
_NAMED = re.compile(
    r"^\s*(?:>>\s*|[-*•]\s+)?(?P<bold>\*\*|__)?"
    r"(?P<name>[^\W\d_][\w'’.\-#&/ ]{0,38}[\w.#]|[^\W\d_])"
    rf"\s*(?:[\[(]\s*(?P<at>{_TIME})\s*[\])])?\s*:(?P<inner>(?(bold)(?:\*\*|__)|))(?=\s|$)\s*(?P<text>.*)$"
)
_RULE = re.compile(r"^\s*(?:-{3,}|={3,}|\*{3,}|_{3,}|#{3,})\s*$")
MAX_WORDS = 4
"""Most words a speaker's name has; more is a sentence with a colon in it."""


def named(line: str) -> tuple[str, str, str] | None:
    """Return (name, text, time) of a line that may begin a turn, else None."""
    leading = _LEADING_TIME.match(line)
    at = (leading["inside"] or leading["bare"]) if leading else ""
    match = _NAMED.match(line[leading.end() :] if leading else line)
    if match is None or len(match["name"].split()) > MAX_WORDS:
        return None
    return one_line(match["name"]), match["text"], at or match["at"] or ""


def speakers_among(names: Iterable[str], known: Callable[[str], bool]) -> frozenset[str]:
    """Return which of ``names``, each found before a colon, are speakers.

    They are where somebody says so (``known``), where they are words for a role, or where they come up more than
    once. Those that come up once ("Address: …") are taken for speakers only where fewer than two others speak.
    """
    counts = Counter(names)
    sure = {name for name, times in counts.items() if times > 1 or known(name) or is_generic(name)}
    for name in counts:
        if len(sure) >= 2:
            break
        sure.add(name)
    return frozenset(sure)


def conversations(text: str, name: str, known: Callable[[str], bool]) -> Iterator[Conversation | Problem]:
    """Yield the conversations of ``text``, which lines of dashes or the like part; ``name`` is the file's."""
    parts: list[list[str]] = [[]]
    for line in text.split("\n"):
        if _RULE.match(line):
            parts.append([])
        else:
            parts[-1].append(line)
    parts = [part for part in parts if any(line.strip() for line in part)]
    if not parts:
        yield Problem(0, "There is nothing in it.")
        return
    for number, part in enumerate(parts, 1):
        several = len(parts) > 1
        try:
            yield _conversation(part, f"{name}-{number}" if several else name, number if several else 0, known)
        except TranscriptError as error:
            yield Problem(0, (f"Conversation {number}: " if several else "") + str(error))


def _conversation(lines: list[str], name: str, number: int, known: Callable[[str], bool]) -> Conversation:
    found = [named(line) for line in lines]
    speakers = speakers_among((item[0] for item in found if item), known)
    before: list[str] = []
    spoken: list[tuple[str, str, list[str]]] = []
    for line, item in zip(lines, found, strict=True):
        if item is not None and item[0] in speakers:
            spoken.append((item[0], item[2], [item[1]]))
        elif spoken:
            spoken[-1][2].append(line.strip())
        else:
            before.append(line)
    if not spoken:
        raise TranscriptError("No line names a speaker.", "Write each turn as Agent: … or Customer: ….")
    return Conversation(
        id=name,
        lines=tuple(Line(who, "\n".join(said).strip(), moment(at)) for who, at, said in spoken),
        setting=one_line(" ".join(before))[:300],
        place=f"Conversation {number}" if number else "",
    )
