"""What the list of sessions shows of each, read from its file without building the whole transcript."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from simulator.transcripts.lines import BadLineError, numbered, parse_object
from simulator.transcripts.reading import LOST_HEADER, Problems, header_from_name, read_record
from simulator.transcripts.records import (
    IMPORTED,
    SCHEMA_VERSION,
    Ending,
    EndingLine,
    Header,
    Piece,
    ScorecardLine,
    TitleLine,
    Turn,
)

_SPOKEN = re.compile(rb'^\{"kind":"(?:turn|piece)","index":(\d{1,6}),.*\}$', re.DOTALL)
"""A turn or piece as the store writes it: counted without being parsed."""


@dataclass(frozen=True)
class Summary:
    """One session at a glance. ``passed`` and ``overall`` (0 to 100) are of the last scorecard."""

    id: str
    path: Path
    started_at: str
    persona: str
    persona_name: str
    voice: str
    turns: int
    ending: Ending | None
    passed: bool | None
    overall: float | None
    problems: tuple[str, ...]
    resumable: bool
    title: str = ""
    trainee: str = ""

    @property
    def imported(self) -> bool:
        """True for a conversation that was had elsewhere."""
        return self.voice == IMPORTED


def summarise(path: Path) -> Summary:
    """Return the summary of the session at ``path``; why one cannot be read stands in ``problems``."""
    problems = Problems()
    header: Header | None = None
    ending: Ending | None = None
    scorecard: dict[str, object] = {}
    title = ""
    spoken: set[int] = set()
    try:
        with path.open("rb") as file:
            for number, line in numbered(file):
                if isinstance(line, bytes) and (match := _SPOKEN.match(line)):
                    spoken.add(int(match[1]))
                    continue
                try:
                    record = read_record(parse_object(line), number, problems)
                except BadLineError as error:
                    problems.add(str(error), number)
                    continue
                if isinstance(record, Header):
                    header = header or record
                elif isinstance(record, Turn | Piece):
                    spoken.add(record.index)
                elif isinstance(record, EndingLine):
                    ending = record.ending
                elif isinstance(record, ScorecardLine):
                    scorecard = record.scorecard
                elif isinstance(record, TitleLine):
                    title = record.text
    except OSError as error:
        problems.add(f"The file cannot be read: {error.strerror or error}.")
    known = header is not None and bool(header.persona_sha256) and header.schema_version <= SCHEMA_VERSION
    if header is None:
        problems.add(LOST_HEADER)
        header = header_from_name(path.stem)
    elif header.schema_version > SCHEMA_VERSION:
        problems.add("The file was written by a newer version of the program.")
    passed, overall = scorecard.get("passed"), scorecard.get("overall")
    return Summary(
        id=path.stem,
        path=path,
        started_at=header.started_at,
        persona=header.persona,
        persona_name=header.persona_name,
        voice=header.voice,
        turns=len(spoken),
        ending=ending,
        passed=passed if isinstance(passed, bool) else None,
        overall=overall if isinstance(overall, int | float) and not isinstance(overall, bool) else None,
        problems=problems.as_tuple(),
        resumable=known and ending is None,
        title=title,
        trainee=header.trainee,
    )
