"""DOCX: the graded conversation as a document for Word and LibreOffice, made for comments in the margin.

Headings are real headings, what somebody said is a paragraph of its own, evidence is highlighted.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, BinaryIO

from simulator.exports.blocks import Block, Kind, blocks
from simulator.exports.chart import chart_of
from simulator.exports.options import Options
from simulator.exports.report import report_of
from simulator.transcripts.records import Transcript

if TYPE_CHECKING:
    from docx.document import Document

SAID, ASIDE = "Said", "Aside"
"""Names of the paragraph styles for what was said and for what the program has to say of it."""
_INDENT = 14
"""Points."""


def write(transcripts: Iterable[Transcript], out: BinaryIO, options: Options) -> None:
    """Write one document; every transcript begins on a page of its own."""
    import docx  # noqa: PLC0415 - only this format needs it
    from docx.enum.style import WD_STYLE_TYPE  # noqa: PLC0415
    from docx.shared import Pt, RGBColor  # noqa: PLC0415

    document = docx.Document()
    for name, size in ((SAID, None), (ASIDE, 9)):
        style: Any = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = document.styles["Normal"]
        style.paragraph_format.left_indent = Pt(_INDENT)
        style.paragraph_format.space_after = Pt(3)
        if size is not None:
            style.font.size = Pt(size)
            style.font.color.rgb = RGBColor(0x60, 0x60, 0x60)
    begun = ""
    for number, transcript in enumerate(transcripts):
        report = report_of(transcript, private=options.private)
        begun = begun or transcript.header.started_at
        if number:
            document.add_page_break()  # type: ignore[no-untyped-call]
        chart = chart_of(report.moods)
        for block in blocks(report):
            if block.kind is not Kind.MOOD:
                _add(document, block)
            elif chart is not None:
                document.add_heading("Mood", 2)
                document.add_paragraph(chart.summary)
    _describe(document, begun)
    document.save(out)


def _describe(document: Document, begun: str) -> None:
    """Say what the document is; nothing of the library's own example is left."""
    about = document.core_properties
    about.title, about.author, about.comments, about.language = "Practice sessions", "", "", "en"
    try:
        about.created = about.modified = datetime.fromisoformat(begun)
    except ValueError:
        return


def _add(document: Document, block: Block) -> None:
    match block.kind:
        case Kind.TITLE:
            document.add_heading(block.text, 1)
        case Kind.HEADING:
            document.add_heading(block.text, 2)
        case Kind.VERDICT:
            document.add_paragraph().add_run(block.text).bold = True
        case Kind.LABEL:
            paragraph = document.add_paragraph()
            paragraph.add_run(block.text).bold = True
            paragraph.paragraph_format.keep_with_next = True
            paragraph.paragraph_format.space_after = 0
        case Kind.FACT:
            paragraph = document.add_paragraph()
            paragraph.paragraph_format.space_after = 0
            paragraph.add_run(f"{block.name}: ").bold = True
            paragraph.add_run(block.text)
        case Kind.WORDS:
            _say(document, block)
        case Kind.ASIDE:
            document.add_paragraph(f"{block.name}: {block.text}", style=ASIDE)
        case Kind.MOOD:
            return


def _say(document: Document, block: Block) -> None:
    from docx.enum.text import WD_COLOR_INDEX  # noqa: PLC0415

    paragraph = document.add_paragraph(style=SAID)
    for text, evidence in block.parts:
        run = paragraph.add_run(text)
        if evidence:
            run.font.highlight_color = WD_COLOR_INDEX.YELLOW
