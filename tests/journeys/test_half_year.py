"""One half-year in a browser: a figure is reported, signed and accepted, the overview moves, the report goes out."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import docx
import openpyxl
import pypdf
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browsers import PATIENCE_MS
from tests.support.databases import on_postgresql, on_sqlite
from tests.support.demonstration import PASSWORD, Demonstration
from tracker.services.ledger.proving import verify_history
from tracker.services.ledger.verifying import verify_totals

LIST = "/programmes/330200-2018"
SHEET = f"{LIST}/sheets/330225/2018-06"
REVIEW = f"{LIST}/reviews/330225/2018-06"
BEFORE, AFTER = "146.94万人次", "147.59万人次"


@contextmanager
def signed_in(browser: Browser, address: str, login: str) -> Iterator[Page]:
    """A browser of this person's own, signed in through the page; it fails on any script or policy error."""
    context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", accept_downloads=True)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.goto(f"{address}/login")
    page.get_by_label("账号").fill(login)
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("样例")
    yield page
    context.close()
    assert wrong == []


@on_postgresql
def test_carries_a_figure_from_the_district_to_the_issued_report(
    demonstration: Demonstration, browser: Browser, tmp_path: Path
) -> None:
    address = demonstration.address
    with signed_in(browser, address, "xiangshan-reporter") as page:
        report(page, address)
    with signed_in(browser, address, "xiangshan-approver") as page:
        page.goto(f"{address}{REVIEW}")
        page.get_by_role("button", name="审批").click()
        expect(page.locator(".flashes")).to_contain_text("已审批")
    with signed_in(browser, address, "ningbo-reviewer") as page:
        accept(page, address)
        draft(page, address)
    with signed_in(browser, address, "ningbo-viewer") as page:
        page.goto(f"{address}{LIST}/bulletins/2018-H1/draft")
        page.get_by_role("button", name="会签并印发").click()
        expect(page).to_have_url(f"{address}{LIST}/bulletins/2018-H1/1")
        expect(
            page.locator(".paper")
        ).to_be_visible()  # the files are made meanwhile; the page follows by itself
    with signed_in(browser, address, "ningbo-auditor") as page:
        export(page, address, tmp_path)
    with demonstration.database.read_session() as session:
        assert verify_totals(session) == []
        assert verify_history(session) == []


def report(page: Page, address: str) -> None:
    """Type June's figure; the rest is worked out; check and submit."""
    page.goto(f"{address}{SHEET}")
    page.locator("[name=line-enrolments-value]").fill("6,500")
    expect(page.locator("[name=line-enrolments-cumulative]")).to_have_value("65,000")
    page.get_by_role("button", name="核对并提交").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("核对")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="提交").click()
    expect(page.locator("main")).to_contain_text("已提交")


def accept(page: Page, address: str) -> None:
    """The overview before, the acceptance, the overview after."""
    page.goto(f"{address}{LIST}")
    expect(page.locator("#pledge-1")).to_contain_text(BEFORE)
    page.goto(f"{address}{REVIEW}")
    expect(page.locator("main")).to_contain_text("6,500")
    page.get_by_role("button", name="通过").click()
    expect(page.locator(".flashes")).to_contain_text("已通过")
    page.goto(f"{address}{LIST}")
    expect(page.locator("#pledge-1")).to_contain_text(AFTER)


def draft(page: Page, address: str) -> None:
    """The half-year report as the figures tell it now."""
    page.goto(f"{address}{LIST}/bulletins/2018-H1/draft")
    page.get_by_role("button", name="拟稿").click()
    expect(page.locator(".paper")).to_contain_text(AFTER)


def export(page: Page, address: str, folder: Path) -> None:
    """All files, and what they say."""
    page.goto(f"{address}{LIST}/bulletins/2018-H1/1")
    labels = {"Word": "docx", "PDF": "pdf", "Excel": "xlsx", "CSV": "csv", "JSON": "json", "ZIP": "zip"}
    files = {ending: folder / f"bulletin.{ending}" for ending in labels.values()}
    for label, ending in labels.items():
        with page.expect_download() as download:
            page.get_by_role("button", name=label).click()
        download.value.save_as(files[ending])
    document = json.loads(files["json"].read_text(encoding="utf-8"))
    assert document["pledges"][0]["indicators"][0]["actual"] == "1475900"
    rows = openpyxl.load_workbook(files["xlsx"])["总表"].iter_rows(values_only=True)
    assert any(1_475_900 in row for row in rows)
    assert AFTER in "".join(page.extract_text() for page in pypdf.PdfReader(files["pdf"]).pages).replace(
        " ", ""
    )
    assert "1475900" in files["csv"].read_text(encoding="utf-8-sig")
    assert AFTER in "".join(paragraph.text for paragraph in docx.Document(str(files["docx"])).paragraphs)
    with zipfile.ZipFile(files["zip"]) as archive:
        assert archive.read("330200-2018_2018-H1_1.pdf") == files["pdf"].read_bytes()


@on_sqlite
def test_tells_apart_a_file_that_was_altered(
    demonstration: Demonstration, browser: Browser, tmp_path: Path
) -> None:
    address = demonstration.address
    with signed_in(browser, address, "ningbo-reviewer") as page:
        page.goto(f"{address}{LIST}/bulletins/2018-H1/draft")
        page.get_by_role("button", name="拟稿").click()
    with signed_in(browser, address, "ningbo-viewer") as page:
        page.goto(f"{address}{LIST}/bulletins/2018-H1/draft")
        page.get_by_role("button", name="会签并印发").click()
        expect(page).to_have_url(f"{address}{LIST}/bulletins/2018-H1/1")
        expect(
            page.locator(".paper")
        ).to_be_visible()  # the files are made meanwhile; the page follows by itself
        with page.expect_download() as download:
            page.get_by_role("button", name="JSON").click()
        file = tmp_path / "bulletin.json"
        download.value.save_as(file)
        altered = tmp_path / "altered.json"
        altered.write_bytes(file.read_bytes().replace(b"1469400", b"1569400", 1))
        for shown, word in ((file, "真实有效"), (altered, "改动")):
            page.goto(f"{address}/verify")
            page.locator("input[type=file]").set_input_files(shown)
            page.get_by_role("button", name="核验").click()
            expect(page.locator("main")).to_contain_text(word)


WIDTHS = {"desk": 1440, "phone": 375}


@on_sqlite
@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS.keys())
def test_fits_the_screen(demonstration: Demonstration, browser: Browser, width: int) -> None:
    with signed_in(browser, demonstration.address, "ningbo-reviewer") as page:
        page.set_viewport_size({"width": width, "height": 812})
        for path in ("/", LIST, f"{LIST}/reviews", f"{LIST}/reviews/330213/2018-06", f"{LIST}/bulletins"):
            page.goto(f"{demonstration.address}{path}")
            over = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert (path, over) == (path, 0)
