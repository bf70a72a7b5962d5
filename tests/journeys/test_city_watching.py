"""Who looks at a small city: its leader before a meeting, the province between two cities, the auditor of the half-year."""

from __future__ import annotations

import re
from pathlib import Path
from unicodedata import normalize

import pypdf
import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.factories.files import picture
from tests.factories.small_city import (
    CITY,
    DISTRICTS,
    OTHER_CITY,
    OTHER_DISTRICTS,
    SmallCity,
    begin,
    bring_list,
    found,
)
from tests.support.databases import on_sqlite
from tests.support.demonstration import working
from tests.support.desks import at_desk
from tracker.services.ledger.proving import verify_history

pytestmark = on_sqlite  # the pages are the same on both engines; what they call is tested on both
KEY = "330200-2018"
BEHIND = "乙区"
POINTS_PER_MM = 72 / 25.4


@pytest.fixture
def city(app: Flask, tmp_path: Path) -> SmallCity:
    """June is accepted but for one district, which has not begun; the one that is behind shows its signed paper."""
    made = begin(app, tmp_path)
    found(made)
    for role in ("reporter", "approver"):
        made.account(role, "330205")
    for role in ("reviewer", "viewer", "auditor"):
        made.account(role, CITY)
    made.hand_in(*(code for code in DISTRICTS if code not in ("330205", "330282")), is_accepted=True)
    made.hand_in("330205", is_accepted=True, paper=picture())
    return made


def test_the_leader_finds_who_is_behind_sees_the_paper_and_prints_one_page(
    city: SmallCity, address: str, browser: Browser
) -> None:
    with at_desk(browser, address, f"viewer-{CITY}") as page:
        standing = page.get_by_role("region", name="各份清单进展")
        expect(standing).to_contain_text("本期还有 1 个单位没有报齐")
        standing.get_by_role("link", name="看总览").click()
        expect(page.get_by_text(re.compile("癸市本期未报"))).to_be_visible()
        overview = page.url
        printed = pypdf.PdfReader(page_as_pdf(page, city.folder))
        assert len(printed.pages) == 1
        assert [round(float(side) / POINTS_PER_MM) for side in printed.pages[0].mediabox[2:]] == [210, 297]
        assert BEHIND in normalize("NFKC", printed.pages[0].extract_text()).replace(" ", "")
        page.get_by_role("link", name=re.compile(f"^{BEHIND}，职工互助保障：滞后")).click()
        expect(page.get_by_role("navigation", name="所在位置")).to_contain_text(BEHIND)
        expect(page.get_by_role("main")).to_contain_text("慢 23.6 个百分点")
        page.wait_for_load_state("load")  # the way back is the script's; a download can leave this state open
        with page.expect_download() as paper:
            page.get_by_role("link", name="盖章扫描件.jpg").first.click()
        assert paper.value.path().read_bytes() == picture()
        page.get_by_role("link", name="回到总览").click()
        expect(page).to_have_url(overview)


def page_as_pdf(page: Page, folder: Path) -> Path:
    """What the printer would get."""
    page.wait_for_load_state("load")
    path = folder / "printed.pdf"
    page.pdf(path=path, prefer_css_page_size=True)
    return path


def test_the_province_compares_two_cities_and_looks_into_one(
    city: SmallCity, address: str, browser: Browser
) -> None:
    bring_list(city, OTHER_CITY, tuple(OTHER_DISTRICTS), behind="330502")
    city.account("viewer", "330000")
    with at_desk(browser, address, "viewer-330000") as page:
        page.get_by_role("link", name="比较各地").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("各地清单比较")
        expect(page.get_by_role("main")).to_contain_text("只比与序时的差距，不比绝对数")
        expect(page.get_by_role("main")).to_contain_text("邻市本期都没有报，平均时按 0 计")
        page.wait_for_load_state("load")  # choosing sends once the scripts are there
        page.get_by_label("截至", exact=True).select_option("2018年5月")
        panels = page.get_by_role("main").get_by_role("heading", level=2)
        expect(panels).to_have_text(["样例市", "邻市"])
        expect(page.get_by_role("main")).not_to_contain_text("按 0 计")
        page.get_by_role("link", name="按行政区").click()
        expect(panels).to_have_text(["样例市", "邻市"])
        page.get_by_role("link", name="邻市", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("总览")
        expect(page.get_by_role("main")).to_contain_text("邻市总工会")
        expect(page.get_by_role("main")).to_contain_text("截至 5月底")
        expect(page.get_by_role("button", name=re.compile("催报"))).to_have_count(0)


def test_the_auditor_samples_asks_exports_and_verifies(
    city: SmallCity, address: str, browser: Browser
) -> None:
    with working(city.app, city.database):
        city.command("bulletins", "issue", KEY, "--period", "2018-H1", "--by", f"reviewer-{CITY}",
                     "--countersigned-by", f"viewer-{CITY}")  # fmt: skip
        with at_desk(browser, address, f"auditor-{CITY}") as page:
            draw(page)
            ask(page)
            finding = page.url
        with at_desk(browser, address, "reporter-330205") as page:
            page.get_by_role("link", name="花名册少 3 人").first.click()
            page.get_by_label("整改情况").fill("已逐人核对，补 3 人的花名册。")
            page.get_by_role("button", name="提交答复").click()
            expect(page.get_by_role("main")).to_contain_text("待复核")
        with at_desk(browser, address, f"auditor-{CITY}") as page:
            page.goto(finding)
            page.get_by_label("整改到位，销号").check()
            page.get_by_label("说明").fill("抽查属实。")
            page.get_by_role("button", name="提交结论").click()
            expect(page.get_by_role("main")).to_contain_text("复核销号")
            verify(page, export(page, city.folder))
    with city.database.read_session() as session:
        assert verify_history(session) == []


def draw(page: Page) -> None:
    """Three figures of the half-year, the first of them checked."""
    page.get_by_role("link", name="抽样核验").click()
    page.get_by_role("region", name="抽样", exact=True).get_by_role("link", name="2018年为职工办实事").click()
    page.get_by_label("报告期").select_option("2018年6月")
    page.get_by_label("抽几项").fill("3")
    page.get_by_label("起始号").fill("7")
    page.get_by_role("button", name="抽样", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("起始号 7")
    page.locator("#figure-1").get_by_role("button", name="已核").click()
    expect(page.get_by_role("main")).to_contain_text("已核 1，存疑 0，待核 2")


def ask(page: Page) -> None:
    """A finding to the district, from the auditors' desk."""
    page.get_by_role("link", name="审计", exact=True).first.click()
    page.get_by_role("link", name="提出审计发现").click()
    page.get_by_label("单位").fill("330205")
    page.get_by_label("一句话说清问题").fill("花名册少 3 人")
    page.get_by_label("发现了什么").fill("抽查花名册，比填报数少 3 人。")
    page.get_by_label("要求怎么整改").fill("逐人核对。")
    page.get_by_label("期限").fill("2018-07-10")
    page.get_by_role("button", name="提出", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("花名册少 3 人")


def export(page: Page, folder: Path) -> Path:
    """The issued half-year report as a file, reached by its own way."""
    page.get_by_role("link", name="通报", exact=True).first.click()
    half = page.get_by_role("row").filter(has_text="2018年上半年")
    half.get_by_role("link", name="2018年为职工办实事").click()
    expect(page.locator(".paper")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="JSON").click()
    file = folder / "half-year.json"
    download.value.save_as(file)
    return file


def verify(page: Page, file: Path) -> None:
    """As it came it is authentic; with one figure changed it is not."""
    altered = file.with_name("altered.json")
    content = file.read_bytes()
    altered.write_bytes(content.replace(b'"actual":"', b'"actual":"9', 1))
    assert altered.read_bytes() != content
    for shown, word in ((file, "真实有效"), (altered, "改动")):
        page.get_by_role("link", name="审计", exact=True).first.click()
        page.get_by_role("link", name="核验文件").click()
        page.locator("input[type=file]").set_input_files(shown)
        page.get_by_role("button", name="核验").click()
        expect(page.get_by_role("main")).to_contain_text(word)
