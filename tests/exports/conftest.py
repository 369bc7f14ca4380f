"""A graded session to export, harmless and hostile."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from docx import Document
from pypdf import PdfReader

from simulator.exports import FORMATS, Options, export
from simulator.labels import Label
from simulator.transcripts.records import (
    Ending,
    Guarded,
    Header,
    Mood,
    NoteLine,
    Quoted,
    Role,
    ScorecardLine,
    Stage,
    Transcript,
    Turn,
)

EVIL = (
    "</p></textarea><script>alert(1)</script><img src=x onerror=alert(1)> \x1b[31m\x07\u202e"
    "=cmd|' /C calc'!A0 # *b* `c` [l](http://e.x)"
)


def card(text: str = "", **more: Any) -> dict[str, Any]:
    """Return a scorecard as DESIGN section 6 has it, ``text`` in every free field."""
    return {
        "id": "s",
        "status": "graded",
        "criteria": {
            "acknowledge": {
                "level": 3,
                "reason": text or "Names it.",
                "evidence": [{"turn": 1, "quote": "in three days"}],
            },
            "presence": {"level": 2, "reason": text or "Some lapses.", "evidence": []},
            "solution": {
                "level": 1,
                "reason": text or "Too early.",
                "evidence": [{"turn": 1, "quote": text or "a van"}],
            },
        },
        "acknowledged_before_solution": True,
        "first_acknowledging_turn": 1,
        "first_solution_turn": 1,
        "overall": 55,
        "passed": False,
        "turns": [{"turn": 1, "labels": ["acknowledges_specific", text or "offers_solution"]}],
        "coaching": {
            "strength": text or "You took it in.",
            "next_time": text or "Wait for a breath.",
            "rewrites": [{"turn": 1, "said": text or "a van", "try": text or "What would help most?"}],
        },
        "rubric": {"name": text or "default", "version": "1.0", "sha256": "5e" * 32},
        "grader": {"kind": "local", "model": text or "labeler-1", "prompt_sha256": "9a" * 32},
    } | more


def made(text: str = "", scorecards: tuple[dict[str, Any], ...] | None = None) -> Transcript:
    """Return a session of three turns, ``text`` in every free field where given."""
    said = f"Out in three days — I can see that is frightening. I could send a van. {text}"
    return Transcript(
        header=Header(
            id=text or "20260131T093000Z-moving-house-0a1b2c",
            started_at=text or "2026-01-31T09:30:00Z",
            persona=text or "moving-house",
            persona_sha256="ab",
            persona_name=text or "Dana White",
            setting=text or "A furniture store",
            channel=text or "face_to_face",
            difficulty=text or "standard",
            seed=7,
            voice=text or "local",
            voice_model=text or "qwen",
        ),
        turns=(
            Turn(
                index=0,
                role=Role.CUSTOMER,
                text=f"I have to be out!\nIn days. {text}",
                direction=text or "SECRET sigh",
                mood=Mood(tension=8, stage=Stage.VENTING, revealed=("FACT-divorce",)),
                guard=Guarded(refused=(("leak", text or "SECRET note"),)),
            ),
            Turn(
                index=1,
                role=Role.TRAINEE,
                text=said,
                labels=(Quoted(label=Label.ACKNOWLEDGES_SPECIFIC, quote="that is frightening"),),
            ),
            Turn(
                index=2,
                role=Role.CUSTOMER,
                text=text or "Okay… thank",
                cut=True,
                mood=Mood(tension=4.5, stage=Stage.SOFTENING),
            ),
        ),
        ending=Ending.SETTLED,
        scorecards=tuple(
            ScorecardLine(at=text or "2026-01-31T09:40:00Z", scorecard=c)
            for c in (scorecards if scorecards is not None else (card("old"), card(text)))
        ),
        notes=(NoteLine(text=text or "Resumed."),),
        problems=(text or "Line 4 is cut short.",),
    )


def told(fmt: str, *transcripts: Transcript, options: Options | None = None) -> str:
    """Return what an export in ``fmt`` says, read back from the document where it is one."""
    if not FORMATS[fmt].binary:
        out = io.StringIO(newline="")
        export(transcripts, fmt, out, options)
        return out.getvalue()
    document = io.BytesIO()
    export(transcripts, fmt, document, options)
    return READERS[fmt](document)


def _read_pdf(document: io.BytesIO) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(document).pages)


def _read_docx(document: io.BytesIO) -> str:
    return "\n".join(paragraph.text for paragraph in Document(document).paragraphs)


READERS: dict[str, Callable[[io.BytesIO], str]] = {"pdf": _read_pdf, "docx": _read_docx}
"""How to read the text of a document, by format."""


@pytest.fixture
def session() -> Transcript:
    return made()


@pytest.fixture
def hostile() -> Transcript:
    return made(EVIL)
