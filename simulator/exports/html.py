"""HTML: one self-contained page to read in a browser and to print; no script, nothing fetched from anywhere.

The page is the template ``report.html.jinja`` beside this module, rendered with autoescape.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from simulator.exports.chart import HEIGHT, LEFT, RIGHT, WIDTH, chart_of
from simulator.exports.options import Options
from simulator.exports.report import MAX_LEVEL, number_words, report_of
from simulator.transcripts.records import Transcript

_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.filters["number"] = number_words


def write(transcripts: Iterable[Transcript], out: TextIO, options: Options) -> None:
    """Write one page with a section for every transcript; the page is streamed, a session at a time."""
    reports = (report_of(transcript, private=options.private) for transcript in transcripts)
    sessions = ((report, chart_of(report.moods)) for report in reports)
    template = _ENVIRONMENT.get_template("report.html.jinja")
    values = {
        "sessions": sessions,
        "max_level": MAX_LEVEL,
        "width": WIDTH,
        "height": HEIGHT,
        "left": LEFT,
        "right": WIDTH - RIGHT,
    }
    for part in template.generate(values):
        out.write(part)
