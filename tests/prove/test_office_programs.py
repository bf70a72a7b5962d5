"""The files of a bulletin in the programs people open them with: the public figures are there, the pages are printed on."""

from __future__ import annotations

import csv
import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy.orm import Session

from tests.factories.bulletins import PRESS
from tests.factories.ningbo import KEY, plant_ningbo
from tests.factories.people import identity_of, make_person
from tests.factories.rows import NOW
from tests.support.databases import on_sqlite
from tests.support.installing import ProgramMissing, apt_install, can_use_apt
from tracker.domain.identity import actor_of
from tracker.domain.periods import Period
from tracker.features.bulletins.commands import Doer, draft_issue
from tracker.features.bulletins.issuing import Seen, issue_bulletin
from tracker.features.bulletins.queries import list_files
from tracker.services.programme_heads import find_head

PUBLIC = ("152万人次", "150万人次", "101.3%")
PACKAGES = {
    "soffice": ("libreoffice-writer-nogui", "libreoffice-calc-nogui", "fonts-noto-cjk"),
    "pdftotext": ("poppler-utils",),
    "pdftoppm": ("poppler-utils",),
}
PATIENCE_S = 120
UTF8_CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1"  # comma, quotation mark, UTF-8, from the first line


def program(name: str) -> str:
    """The program's path: on PATH, else by apt when root, else a failure that says what to install."""
    if shutil.which(name) is None and can_use_apt():
        apt_install(*PACKAGES[name])
    found = shutil.which(name)
    if found is None:
        raise ProgramMissing(f"This proof needs {name} (Debian: apt-get install {' '.join(PACKAGES[name])}).")
    return found


def run(name: str, *arguments: str) -> None:
    done = subprocess.run(
        [program(name), *arguments], check=False, capture_output=True, text=True, timeout=PATIENCE_S
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture
def folder(session: Session, tmp_path: Path) -> Path:
    """Ningbo's half-year, issued: its files by ending."""
    plant_ningbo(session)
    head = find_head(session, KEY)
    assert head is not None
    drafter, signer = (
        Doer(identity, actor_of(identity), NOW)
        for identity in (
            identity_of(session, make_person(session, role, "330200")) for role in ("reviewer", "viewer")
        )
    )
    draft = draft_issue(session, head, Period.parse("2018-H1"), doer=drafter)
    issued = issue_bulletin(
        session, head, Seen(draft.id, draft.version, draft.digest), doer=signer, press=PRESS
    )
    for file in list_files(session, issued):
        (tmp_path / f"bulletin.{file.format}").write_bytes(file.content)
    return tmp_path


def words_of(pdf: Path) -> str:
    text = pdf.with_suffix(".txt")
    run("pdftotext", "-layout", str(pdf), str(text))
    return "".join(text.read_text(encoding="utf-8").split())


def inked_share(pdf: Path) -> float:
    """How much of the first page is not white."""
    run(
        "pdftoppm",
        "-r",
        "40",
        "-gray",
        "-png",
        "-f",
        "1",
        "-l",
        "1",
        "-singlefile",
        str(pdf),
        str(pdf.with_suffix("")),
    )
    with Image.open(pdf.with_suffix(".png")) as picture:
        counts = picture.convert("L").histogram()
    return 1 - sum(counts[200:]) / sum(counts)


@on_sqlite
def test_the_pdf_prints_the_public_figures(folder: Path) -> None:
    said = words_of(folder / "bulletin.pdf")
    for figure in PUBLIC:
        assert figure in said, figure
    assert 0.01 < inked_share(folder / "bulletin.pdf") < 0.5


@on_sqlite
def test_a_word_processor_prints_the_public_figures(folder: Path) -> None:
    printed = folder / "printed"
    run(
        "soffice",
        "--headless",
        "--convert-to",
        "pdf",
        "--outdir",
        str(printed),
        str(folder / "bulletin.docx"),
    )
    said = words_of(printed / "bulletin.pdf")
    for figure in PUBLIC:
        assert figure in said, figure
    assert 0.01 < inked_share(printed / "bulletin.pdf") < 0.5


@on_sqlite
def test_a_spreadsheet_reads_the_figures_as_numbers(folder: Path) -> None:
    printed = folder / "printed"
    run(
        "soffice",
        "--headless",
        "--convert-to",
        UTF8_CSV,
        "--outdir",
        str(printed),
        str(folder / "bulletin.xlsx"),
    )
    text = (printed / "bulletin.csv").read_text(encoding="utf-8")
    row = next(row for row in csv.reader(text.splitlines()) if "enrolments" in row)
    assert [row[5], row[6], row[10]] == ["1,500,000", "1,520,000", "101.3"]


def test_a_white_page_is_noticed(tmp_path: Path) -> None:
    white = tmp_path / "white.pdf"
    Image.new("RGB", (595, 842), "white").save(white)
    assert inked_share(white) < 0.001
