"""An auditor in a browser: draws a sample, marks it, asks a district, closes what it answered; and how the pages look."""

from __future__ import annotations

from playwright.sync_api import Browser, expect
from sqlalchemy import func, select

from tests.journeys.test_half_year import signed_in
from tests.journeys.test_lists import looked_at
from tests.support.databases import on_sqlite
from tests.support.demonstration import Demonstration
from tests.support.taken_tables import read_file
from tracker.models.audit import AuditEntry

SAMPLES = "/auditing/programmes/330200-2018/samples"
PAGES = (
    "/auditing", "/auditing/entries", "/auditing/entries/60", "/auditing/subjects/report/56", "/auditing/lists/imports",
    "/auditing/lists/accounts", "/auditing/lists/exports", SAMPLES, "/auditing/samples/1", "/auditing/findings",
    "/auditing/findings/1", "/auditing/findings/new?sample=1&position=1",
)  # fmt: skip


def draw_and_ask(demonstration: Demonstration, browser: Browser) -> str:
    """The auditor draws, marks the first figure, and asks the unit of the second; the finding's address."""
    address = demonstration.address
    with signed_in(browser, address, "ningbo-auditor") as page:
        page.goto(f"{address}{SAMPLES}")
        page.get_by_label("报告期").select_option("2018-05")
        page.get_by_label("抽几项").fill("3")
        page.get_by_label("起始号").fill("7")
        page.get_by_role("button", name="抽样", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("起始号 7")
        page.locator("#note-1").fill("与台账一致")
        page.locator("#figure-1").get_by_role("button", name="已核").click()
        expect(page.locator("main")).to_contain_text("已核 1，存疑 0，待核 2")
        page.goto(f"{address}/auditing/findings/new?unit=330203")
        page.get_by_label("一句话说清问题").fill("名册少 3 人")
        page.get_by_label("发现了什么").fill("抽查名册，比填报数少 3 人")
        page.get_by_label("要求怎么整改").fill("逐人核对")
        page.get_by_label("期限").fill("2018-07-10")
        page.get_by_role("button", name="提出", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("名册少 3 人")
        page.wait_for_load_state("networkidle")
        return page.url


@on_sqlite
def test_samples_asks_and_closes(demonstration: Demonstration, browser: Browser) -> None:
    place = draw_and_ask(demonstration, browser)
    with signed_in(browser, demonstration.address, "haishu-reporter") as page:
        page.get_by_role("link", name="名册少 3 人").first.click()
        page.get_by_label("整改情况").fill("已逐人核对，补 3 人")
        page.get_by_role("button", name="提交答复").click()
        expect(page.locator("main")).to_contain_text("待复核")
        page.wait_for_load_state("networkidle")
    with signed_in(browser, demonstration.address, "ningbo-auditor") as page:
        page.goto(place)
        page.get_by_label("整改到位，销号").check()
        page.get_by_label("说明").fill("抽查属实")
        page.get_by_role("button", name="提交结论").click()
        expect(page.locator("main")).to_contain_text("复核销号")
        page.goto(f"{demonstration.address}/auditing/entries")
        page.get_by_label("事项").select_option("finding.closed")
        page.get_by_role("button", name="筛选").click()
        expect(page.locator("main")).to_contain_text("待复核 → 已结束")
        with page.expect_download() as download:
            page.get_by_role("button", name="CSV").click()
        assert "抽查属实" in download.value.path().read_text(encoding="utf-8-sig")
        with page.expect_download() as download:  # the page stays: the other button works as well
            page.get_by_role("button", name="Excel").click()
        file = read_file(download.value.path().read_bytes(), "xlsx")
        assert (file.column("事项"), file.facts["筛选"]) == (["审计发现销号"], "事项：审计发现销号")
    with demonstration.database.read_session() as session:
        wanted = select(AuditEntry.action, func.count()).group_by(AuditEntry.action)
        counted = {row[0]: row[1] for row in session.execute(wanted)}
    steps = (
        "sample.drawn",
        "figure.marked",
        "finding.raised",
        "finding.answered",
        "finding.closed",
        "table.exported",
    )
    assert [counted[step] for step in steps] == [1, 1, 1, 1, 1, 2]


@on_sqlite
def test_its_pages_are_accessible_keep_the_policy_and_fit(
    demonstration: Demonstration, browser: Browser
) -> None:
    draw_and_ask(demonstration, browser)
    with signed_in(browser, demonstration.address, "ningbo-auditor") as page:
        found = looked_at(page, demonstration.address, PAGES)
    assert not found
