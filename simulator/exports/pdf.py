"""PDF: the graded conversation as numbered A4 pages with the mood chart, for printing and for filing.

Set in DejaVu Sans (``fonts/``), of which the characters in use are put into the file. A character it has no sign for
is shown as U+FFFD; take HTML for scripts such as Chinese. The same sessions give the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from simulator.exports.blocks import Block, Kind, blocks
from simulator.exports.chart import HEIGHT, LEFT, RIGHT, WIDTH, Chart, chart_of
from simulator.exports.options import Options
from simulator.exports.report import number_words, report_of
from simulator.transcripts.records import Transcript

if TYPE_CHECKING:
    from fpdf import FPDF

FONTS = Path(__file__).parent / "fonts"
_FONT = "dejavu"
_MARGIN, _INDENT = 20.0, 6.0
"""Millimetres."""
_LINE = 5.2
"""Height of a line of text of ten points, in millimetres."""
_BLACK, _GREY, _RULE = 0, 96, 190
"""Levels of grey, 0 to 255; 96 on white has a contrast above 6 to 1."""


def write(transcripts: Iterable[Transcript], out: BinaryIO, options: Options) -> None:
    """Write one document; every transcript begins on a page of its own and is named in the outline."""
    from fpdf import FPDF  # noqa: PLC0415 - a third of a second that only this format needs

    class Document(FPDF):
        def footer(self) -> None:
            self.set_y(-14)
            self.set_font(_FONT, size=8)
            self.set_text_color(_GREY)
            self.cell(0, 5, str(self.page_no()), align="C")

    pdf = Document(format="A4")
    pdf.alias_nb_pages("")  # no words of a conversation stand for the number of pages
    pdf.set_creator("Difficult Customer Simulator")
    pdf.set_title("Practice sessions")
    pdf.set_lang("en")
    pdf.set_margin(_MARGIN)
    pdf.set_auto_page_break(True, _MARGIN)
    pdf.add_font(_FONT, "", FONTS / "DejaVuSans.ttf")
    pdf.add_font(_FONT, "B", FONTS / "DejaVuSans-Bold.ttf")
    shown = _shower(pdf)
    begun = ""
    for transcript in transcripts:
        report = report_of(transcript, private=options.private)
        begun = begun or transcript.header.started_at
        pdf.add_page()
        pdf.start_section(shown(report.title))
        chart = chart_of(report.moods)
        for block in blocks(report):
            if block.kind is Kind.MOOD:
                if chart is not None:
                    _draw(pdf, chart)
            else:
                _set(pdf, block, shown)
    if not pdf.page:
        pdf.add_page()
    pdf.set_creation_date(_date(begun))
    out.write(pdf.output())


def _date(text: str) -> datetime:
    """Return when the first session began, or a fixed moment where that is no date."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return datetime(2000, 1, 1, tzinfo=UTC)


def _shower(pdf: FPDF) -> Callable[[str], str]:
    """Return a function that gives a text in characters the font has signs for."""
    known = set(pdf.fonts[_FONT].cmap) & set(pdf.fonts[f"{_FONT}B"].cmap) | {ord("\n")}  # type: ignore[union-attr]

    def shown(text: str) -> str:
        text = text.replace("\t", "    ")
        return "".join(letter if ord(letter) in known else "\ufffd" for letter in text)

    return shown


def _set(pdf: FPDF, block: Block, shown: Callable[[str], str]) -> None:
    pdf.set_text_color(_BLACK)
    match block.kind:
        case Kind.TITLE:
            _words(pdf, shown(block.text), size=16, bold=True, after=2)
        case Kind.HEADING:
            pdf.ln(3)
            _keep(pdf, 4)
            _words(pdf, shown(block.text), size=12, bold=True, after=1)
        case Kind.VERDICT:
            _words(pdf, shown(block.text), size=11, bold=True, after=1)
        case Kind.LABEL:
            pdf.ln(1.5)
            _keep(pdf, 2)
            _words(pdf, shown(block.text), bold=True)
        case Kind.FACT:
            _parts(pdf, [(f"{block.name}: ", "B"), (shown(block.text), "")])
        case Kind.WORDS:
            _parts(pdf, [(shown(text), "U" if evidence else "") for text, evidence in block.parts], _INDENT)
        case Kind.ASIDE:
            pdf.set_text_color(_GREY)
            _parts(pdf, [(f"{block.name}: {shown(block.text)}", "")], _INDENT, size=8.5)
        case Kind.MOOD:
            return


def _keep(pdf: FPDF, lines: int) -> None:
    """Begin a new page where fewer than ``lines`` lines are left: nobody's name stands alone at the foot."""
    if pdf.will_page_break(lines * _LINE):
        pdf.add_page()


def _words(pdf: FPDF, text: str, *, size: float = 10, bold: bool = False, after: float = 0) -> None:
    pdf.set_font(_FONT, "B" if bold else "", size)
    pdf.multi_cell(0, _LINE * size / 10, text, align="L", new_x="LMARGIN", new_y="NEXT")
    pdf.ln(after)


def _parts(pdf: FPDF, parts: Iterable[tuple[str, str]], indent: float = 0, *, size: float = 10) -> None:
    """Write the parts on, each in its style; evidence is underlined, so that it needs no colour."""
    pdf.set_left_margin(_MARGIN + indent)
    pdf.set_x(_MARGIN + indent)
    for text, style in parts:
        pdf.set_font(_FONT, style, size)
        pdf.write(_LINE * size / 10, text)
    pdf.ln(_LINE * size / 10)
    pdf.set_left_margin(_MARGIN)
    pdf.set_x(_MARGIN)


def _draw(pdf: FPDF, chart: Chart) -> None:
    """Draw the customer's tension, and say it in a sentence."""
    pdf.set_text_color(_BLACK)
    scale = pdf.epw / WIDTH
    if pdf.will_page_break(scale * HEIGHT + 5 * _LINE):
        pdf.add_page()
    pdf.ln(3)
    _words(pdf, "Mood", size=12, bold=True, after=1)
    top = pdf.get_y()

    def at(x: float, y: float) -> tuple[float, float]:
        return _MARGIN + x * scale, top + y * scale

    pdf.set_font(_FONT, size=8)
    pdf.set_draw_color(_RULE)
    pdf.set_line_width(0.2)
    for tension, height in chart.rows:
        pdf.line(*at(LEFT, height), *at(WIDTH - RIGHT, height))
        pdf.text(*at(LEFT - 24, height + 4), number_words(tension))
    for tick in chart.ticks:
        pdf.text(*at(tick.x - 4, HEIGHT - 14), str(tick.number))
    pdf.set_draw_color(_BLACK)
    pdf.set_line_width(0.5)
    pdf.polyline([at(point.x, point.y) for point in chart.points])
    for point in chart.points:
        x, y = at(point.x, point.y)
        pdf.circle(x, y, 0.8, style="F")
    pdf.set_y(top + scale * HEIGHT)
    _words(pdf, chart.summary, size=8.5)
