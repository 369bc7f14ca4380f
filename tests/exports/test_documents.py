"""Each export opened by the program it is made for."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import zipfile
from pathlib import Path

import html5lib
import jsonschema
import pandas
import pytest
from docx import Document
from docx.enum.text import WD_COLOR_INDEX
from pypdf import PdfReader

from simulator.exports import Options, export
from simulator.exports.json_export import schema
from simulator.transcripts.records import Mood, Role, Stage, Transcript, Turn
from tests.exports.conftest import made, told

REPOSITORY = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chrome")
SOFFICE = shutil.which("soffice")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")
needs_poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="there is no pdftotext on this machine")


def written(fmt: str, path: Path, *sessions: Transcript, **chosen: bool) -> Path:
    file = path / f"sessions.{fmt}"
    export(sessions, fmt, file, Options(**chosen))  # type: ignore[arg-type]
    return file


def long_session(turns: int = 120) -> Transcript:
    said = tuple(
        Turn(
            index=index,
            role=Role.TRAINEE if index % 2 else Role.CUSTOMER,
            text=f"Sentence {index} of this conversation. " * (1 + index % 9),
            mood=None if index % 2 else Mood(tension=round(10 - index / 12, 2), stage=Stage.GUARDED),
        )
        for index in range(turns)
    )
    return made().model_copy(update={"turns": said})


def chromium(page: Path, *options: str, home: Path) -> str:
    """Return what Chromium prints about the file ``page``; it has no network to fetch from."""
    assert CHROMIUM is not None
    quiet = "--no-first-run --disable-background-networking --disable-component-update --disable-sync --disable-quic"
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", *quiet.split(), f"--user-data-dir={home}"]
    offline = "--host-resolver-rules=MAP * ~NOTFOUND"
    done = subprocess.run(
        [*command, offline, *options, page.as_uri()], capture_output=True, text=True, timeout=120, check=True
    )
    return done.stdout


@needs_chromium
def test_html_opens_in_a_browser_and_nothing_in_it_runs(
    tmp_path: Path, session: Transcript, hostile: Transcript
) -> None:
    page = written("html", tmp_path, session, hostile)
    seen = chromium(page, "--dump-dom", home=tmp_path / "home")
    assert "Practice with Dana White" in seen
    assert "<polyline" in seen
    assert "<mark>in three days</mark>" in seen
    assert "<script" not in seen.replace("&lt;script", "")


@needs_chromium
@needs_poppler
def test_html_prints(tmp_path: Path, session: Transcript) -> None:
    page, paper = written("html", tmp_path, session), tmp_path / "paper.pdf"
    chromium(page, f"--print-to-pdf={paper}", "--no-pdf-header-footer", home=tmp_path / "home")
    text = " ".join(subprocess.check_output(["pdftotext", paper, "-"], text=True).split())
    assert "I have to be out!" in text
    assert "What would help most?" in text


def test_html_is_html_without_a_parse_error(session: Transcript, hostile: Transcript) -> None:
    parser = html5lib.HTMLParser(strict=True)
    parser.parse(told("html", session, hostile, options=Options(private=True)))
    assert not parser.errors


@needs_poppler
def test_pdf_is_read_by_poppler_in_reading_order(tmp_path: Path, session: Transcript) -> None:
    file = written("pdf", tmp_path, session)
    text = " ".join(subprocess.check_output(["pdftotext", "-layout", file, "-"], text=True).split())
    order = ["Practice with Dana White", "Not passed, 55 of 100", "Acknowledge: 3 of 4", "goes from 8", "Conversation"]
    order += ["I have to be out!", "I can see that is frightening", "Okay… thank"]
    places = [text.index(words) for words in order]
    assert places == sorted(places)
    fonts = subprocess.check_output(["pdffonts", file], text=True).splitlines()[2:]
    assert all(line.split()[-5] == "yes" for line in fonts), fonts  # embedded, so that it prints anywhere


def test_pdf_breaks_pages_without_losing_or_orphaning_a_turn() -> None:
    out = io.BytesIO()
    export([long_session()], "pdf", out)
    pages = [page.extract_text().strip().splitlines() for page in PdfReader(out).pages]
    whole = " ".join(word for page in pages for line in page[:-1] for word in line.split())
    for index in range(120):
        assert f"Sentence {index} of this" in whole
    assert [page[-1] for page in pages] == [str(number) for number in range(1, len(pages) + 1)]
    assert not [page[-2] for page in pages[:-1] if page[-2].endswith(("Dana White:", "Trainee:"))]


def test_pdf_names_each_session_in_its_outline_and_speaks_of_nobody_else() -> None:
    out = io.BytesIO()
    export([made(), made()], "pdf", out)
    pdf = PdfReader(out)
    assert [entry.title for entry in pdf.outline] == ["Dana White", "Dana White"]  # type: ignore[union-attr]
    assert pdf.metadata is not None
    assert pdf.metadata.creation_date is not None
    assert pdf.metadata.creation_date.isoformat() == "2026-01-31T09:30:00+00:00"


def test_the_same_session_gives_the_same_pdf(session: Transcript) -> None:
    first, second = io.BytesIO(), io.BytesIO()
    export([session], "pdf", first)
    export([session], "pdf", second)
    assert first.getvalue() == second.getvalue()


def test_pdf_shows_a_sign_for_what_its_font_lacks_and_counts_no_pages_in_words(session: Transcript) -> None:
    turn = Turn(index=0, role=Role.TRAINEE, text="日本 and Ωμέγα and Привет, page 1 of {nb}, **bold**")
    text = told("pdf", session.model_copy(update={"turns": (turn,)}))
    assert "\ufffd\ufffd and Ωμέγα and Привет, page 1 of {nb}, **bold**" in text


def test_docx_has_headings_to_walk_by_and_evidence_to_see(tmp_path: Path, session: Transcript) -> None:
    document = Document(str(written("docx", tmp_path, session, session)))
    headings = [p.text for p in document.paragraphs if ((p.style and p.style.name) or "").startswith("Heading")]
    assert (
        headings
        == ["Practice with Dana White", "Result", "Mood", "Conversation", "Notes", "Problems with the file"] * 2
    )
    marked = [r.text for p in document.paragraphs for r in p.runs if r.font.highlight_color is WD_COLOR_INDEX.YELLOW]
    assert marked == ["in three days", "a van"] * 2
    assert document.core_properties.author == ""
    assert document.core_properties.created is not None
    assert document.core_properties.created.year == 2026


def test_docx_holds_words_and_no_fields_links_or_macros(tmp_path: Path, hostile: Transcript) -> None:
    with zipfile.ZipFile(written("docx", tmp_path, hostile, private=True)) as parts:
        body = parts.read("word/document.xml").decode("utf-8")
        assert "<script>" not in body
        assert "hyperlink" not in body
        assert "fldChar" not in body
        assert not [name for name in parts.namelist() if "vba" in name.lower()]


@pytest.mark.skipif(SOFFICE is None, reason="there is no LibreOffice on this machine")
def test_docx_opens_in_libreoffice(tmp_path: Path, session: Transcript) -> None:
    file = written("docx", tmp_path, session)
    profile = f"-env:UserInstallation={(tmp_path / 'office').as_uri()}"
    command = [str(SOFFICE), profile, "--headless", "--convert-to", "txt:Text", "--outdir", str(tmp_path), str(file)]
    subprocess.run(command, check=True, timeout=180, capture_output=True)
    assert "I have to be out!" in (tmp_path / "sessions.txt").read_text("utf-8-sig")


@pytest.mark.parametrize("rows", ["session", "turn"])
def test_csv_is_a_table_to_pandas(rows: str, session: Transcript, hostile: Transcript) -> None:
    text = told("csv", session, hostile, options=Options(rows=rows, private=True))  # type: ignore[arg-type]
    table = pandas.read_csv(io.StringIO(text))
    assert len(table) == (2 if rows == "session" else len(session.turns) + len(hostile.turns))
    assert next(iter(table["session"])) == session.header.id
    if rows == "session":
        assert table.loc[0, "acknowledge"] == 3
        assert table.loc[0, "overall"] == 55
    else:
        assert list(table["tension"].dropna()) == [8.0, 4.5, 8.0, 4.5]
        assert table.loc[0, "text"].strip() == "I have to be out!\nIn days."
    for column in table.select_dtypes("str"):
        assert not table[column].dropna().astype(str).str.match(r"\s*[=+@|%-]").any(), column


def test_json_is_what_its_schema_says(session: Transcript, hostile: Transcript) -> None:
    described = json.loads((REPOSITORY / "docs" / "export-json.schema.json").read_text("utf-8"))
    assert described == schema(), "run python docs/schema.py"
    check = jsonschema.Draft202012Validator(described)
    for private in (False, True):
        value = json.loads(told("json", session, hostile, options=Options(private=private)))
        check.validate(value)
    value["sessions"][0]["turns"][0]["role"] = "narrator"
    assert not check.is_valid(value)


def test_json_tells_what_a_session_was_called(session: Transcript) -> None:
    called = session.model_copy(update={"title": "The Tuesday one"})
    assert json.loads(told("json", called))["sessions"][0]["title"] == "The Tuesday one"
