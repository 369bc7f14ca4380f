"""What each format promises of its own."""

from __future__ import annotations

import csv
import io
import json
import re
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from simulator.cleaning import clean
from simulator.exports import Options
from simulator.exports.chart import chart_of
from simulator.exports.csv_export import SESSION_COLUMNS, cell
from simulator.exports.json_export import FORMAT, VERSION
from simulator.exports.markdown import escaped, quoted
from simulator.exports.report import report_of
from simulator.transcripts.records import Header, Role, Transcript, Turn
from tests.exports.conftest import told

VOID = {"meta", "br", "hr", "img", "link", "input"}


class Page(HTMLParser):
    """Checks that every element is closed in order and keeps what the page is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def values(self, name: str) -> list[str]:
        return [value or "" for key, value in self.attributes if key == name]


@pytest.mark.parametrize("private", [True, False])
def test_html_is_well_formed_and_runs_and_fetches_nothing(
    session: Transcript, hostile: Transcript, private: bool
) -> None:
    text = told("html", session, hostile, options=Options(private=private))
    page = Page(text)
    assert page.open == []
    assert not set(page.tags) & {"script", "img", "link", "iframe", "object", "textarea", "form", "base"}
    assert not [key for key, _ in page.attributes if key.startswith("on") or key in ("src", "srcset", "action")]
    assert all(target.startswith("#") for target in page.values("href"))
    assert "url(" not in text
    assert "@import" not in text


def test_html_shows_markup_as_text(hostile: Transcript) -> None:
    assert "<script>alert(1)</script>" in Page(told("html", hostile)).text


def test_html_references_lead_somewhere_and_ids_are_unique(session: Transcript) -> None:
    page = Page(told("html", session, session))
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    assert {target[1:] for target in page.values("href")} <= set(ids)
    assert {name for names in page.values("aria-labelledby") for name in names.split()} <= set(ids)


def test_html_has_the_mood_as_a_chart_and_as_a_table(session: Transcript) -> None:
    text = told("html", session)
    assert '<svg viewBox="0 0 640 220" role="img"' in text
    assert "goes from 8 in turn 1 to 4.5 in turn 3" in text
    assert re.search(r'<th scope="row">3</th><td>4.5</td><td>softening</td>', text)
    assert "prefers-color-scheme: dark" in text
    assert 'lang="en"' in text


def test_a_chart_needs_two_moods_and_stays_in_its_frame(session: Transcript) -> None:
    moods = report_of(session).moods
    assert chart_of(moods[:1]) is None
    chart = chart_of(moods * 40)
    assert chart is not None
    assert all(0 < point.x < 640 and 0 < point.y < 220 for point in chart.points)
    assert len(chart.ticks) <= 16


def test_html_marks_the_evidence_in_the_turn(session: Transcript) -> None:
    assert "Out <mark>in three days</mark>" in told("html", session)


HARD = [
    "# heading",
    "- item",
    "+ item",
    "1. first",
    "2) second",
    "> quote",
    "    code",
    "\tcode",
    "```",
    "~~~",
    "---",
    "===",
    "***",
    "* * *",
    "<b>x</b>",
    "<script>",
    "<!-- x -->",
    "[a](http://b.c)",
    "![a](b)",
    "[a]: http://b.c",
    "`code`",
    "*em* _em_ **b** ~~s~~",
    "http://evil.example/x",
    "www.evil.example",
    "a@evil.example",
    "&lt; &#60;",
    "| a | b |",
    "a\\",
    "back\\\\slash",
    "<http://a.b>",
    "$x$",
    "^1",
    "ftp://x.y",
    "mailto:a@b.c",
    "1986. A great year",
    "-",
    "=",
]


@pytest.mark.parametrize("text", [*HARD, "\n".join(HARD), "a\n\nb\n# c", "a  \nb\\\n\nc"])
def test_markdown_shows_what_was_said_as_it_was_said(text: str) -> None:
    rendered = MarkdownIt("gfm-like").render("\n".join(quoted(text)))
    page = Page(rendered)
    assert set(page.tags) <= {"blockquote", "p", "br"}, rendered
    lines = [" ".join(line.split()) for line in text.split("\n") if line.strip()]
    assert [line for line in page.text.split("\n") if line] == lines


@pytest.mark.parametrize("text", HARD)
def test_markdown_values_in_lists_and_headings_stay_text(text: str) -> None:
    page = Page(MarkdownIt("gfm-like").render(f"# Title {escaped(text)}\n\n- **x:** {escaped(text)}\n"))
    assert set(page.tags) <= {"h1", "ul", "li", "strong"}
    assert page.text.count(text.strip()) == 2


def test_a_hostile_markdown_page_has_only_our_own_structure(hostile: Transcript, session: Transcript) -> None:
    tags = [Page(MarkdownIt("gfm-like").render(told("markdown", t))).tags for t in (hostile, session)]
    assert set(tags[0]) <= {"h1", "h2", "h3", "ul", "li", "strong", "p", "em", "blockquote", "br"}
    assert tags[0].count("h2") == tags[1].count("h2")


def test_json_is_versioned_and_reads_back(session: Transcript) -> None:
    value = json.loads(told("json", session, session, options=Options(private=True)))
    assert (value["format"], value["version"], value["private"]) == (FORMAT, VERSION, True)
    first, second = value["sessions"]
    assert first == second
    assert Header.model_validate(first["header"]) == session.header
    assert tuple(Turn.model_validate(turn) for turn in first["turns"]) == session.turns
    assert first["scorecard"] == session.scorecards[-1].scorecard
    assert first["gradings"] == 2
    assert first["ending"] == "settled"


def test_json_without_the_private_parts_still_reads_back(session: Transcript) -> None:
    (first,) = json.loads(told("json", session))["sessions"]
    assert [Turn.model_validate(turn).text for turn in first["turns"]] == [turn.text for turn in session.turns]
    assert first["turns"][0]["mood"] == {"tension": 8.0, "stage": "venting"}


def test_json_of_nothing_is_valid() -> None:
    assert json.loads(told("json"))["sessions"] == []


def test_csv_has_a_row_a_session(session: Transcript) -> None:
    (row,) = csv.DictReader(io.StringIO(told("csv", session), newline=""))
    assert tuple(row) == SESSION_COLUMNS
    assert (row["overall"], row["passed"], row["acknowledge"], row["first_solution_turn"]) == (
        "55",
        "false",
        "3",
        "1",
    )
    assert (row["turns"], row["trainee_turns"], row["status"], row["channel"]) == (
        "3",
        "1",
        "graded",
        "face_to_face",
    )


def test_csv_has_a_row_a_turn(session: Transcript) -> None:
    rows = list(csv.DictReader(io.StringIO(told("csv", session, session, options=Options(rows="turn")), newline="")))
    assert [row["turn"] for row in rows] == ["0", "1", "2"] * 2
    assert rows[0]["text"] == "I have to be out!\nIn days. "
    assert rows[1]["labels"] == "acknowledges_specific offers_solution"
    assert rows[1]["evidence"] == "acknowledge: in three days\nsolution: a van"
    assert (rows[2]["tension"], rows[2]["cut"]) == ("4.5", "true")


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\n=1",
        "  =1",
        '"=1',
        "\u00a0=1",
        "\uff1d1",
        "\x1b[0m=1",
        "\u200b=1",
    ],
)
def test_a_cell_is_never_a_formula(text: str) -> None:
    assert cell(text).startswith("'")


def test_no_cell_of_a_hostile_session_is_a_formula(hostile: Transcript) -> None:
    for rows in ("session", "turn"):
        formula = hostile.model_copy(update={"header": hostile.header.model_copy(update={"persona_name": "=1+1"})})
        text = told("csv", formula, options=Options(rows=rows, private=True))
        for row in list(csv.reader(io.StringIO(text, newline="")))[1:]:
            assert not [value for value in row if value.lstrip().startswith(("=", "+", "-", "@"))]


def test_csv_marks_its_encoding_when_asked(session: Transcript) -> None:
    assert told("csv", session, options=Options(bom=True)).startswith("\ufeffsession,")
    assert told("csv", session).startswith("session,")
    assert "\r\n" in told("csv", session)


def test_cells_of_numbers_stay_numbers() -> None:
    assert [cell(value) for value in (4.0, 4.5, 0, None, True)] == ["4", "4.5", "0", "", "true"]


def test_every_export_shows_clean_text(hostile: Transcript) -> None:
    for fmt in ("json", "markdown", "txt", "chat", "html", "csv"):
        text = told(fmt, hostile).replace("\r\n", "\n")
        assert clean(text) == text


def test_plain_text_keeps_what_was_said_apart_from_its_own_lines() -> None:
    said = "Result\n------\nPassed, 100 of 100\n1 Dana:"
    header = Header(id="s", started_at="", persona="p", persona_sha256="", seed=1, voice="scripted")
    text = told("txt", Transcript(header=header, turns=(Turn(index=0, role=Role.TRAINEE, text=said),)))
    assert text.count("\nResult\n") == 1
    assert "\nPassed" not in text
    assert "\n    Passed, 100 of 100\n" in text
