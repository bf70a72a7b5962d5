"""A small city's month: the clerk types, pastes and mends; the head signs on a telephone; the reviewer judges ten sheets."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.factories.districts import TODAY
from tests.factories.rows import NOW
from tests.factories.small_city import DISTRICTS, SmallCity, begin, found
from tests.support.browsers import press
from tests.support.databases import on_sqlite
from tests.support.desks import at_desk
from tracker.domain.identity import Role
from tracker.services.ledger.verifying import verify_totals
from tracker.services.standings import Doer, Remark
from tracker.services.transitions import send_back

pytestmark = on_sqlite  # the pages are the same on both engines; what they call is tested on both
CODE, JUNE = "330203", "2018年6月"
REASON = "理赔人次与台账差 10，请核对。"


@pytest.fixture
def city(app: Flask, tmp_path: Path) -> SmallCity:
    """The list runs since January; June is to be reported."""
    made = begin(app, tmp_path)
    found(made)
    for role in ("reporter", "approver"):
        made.account(role, CODE)
    made.account("reviewer", "330200")
    return made


def expect_kept(page: Page) -> None:
    """The bar says that everything is saved."""
    expect(page.locator("[data-saved]")).to_have_text(re.compile(r"^\d\d:\d\d 已自动保存$"))


def paste(page: Page, text: str) -> None:
    """What a spreadsheet left on the clipboard, by Ctrl+V."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    press(page, "Control+v")


def hand_in(page: Page, number: str) -> None:
    """The last look, the confirmation, and who is next."""
    page.get_by_role("button", name="核对并提交").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("提交前核对")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="提交给本单位审批").click()
    expect(page.get_by_text("下一步由甲区审批人（样例）审批")).to_be_visible()
    expect(page.locator(".receipt-number")).to_have_text(number)


def test_the_clerk_types_pastes_and_mends_what_came_back(
    city: SmallCity, address: str, browser: Browser
) -> None:
    with at_desk(browser, address, f"reporter-{CODE}") as page:
        due = page.get_by_role("region", name="待填报").get_by_role("listitem").filter(has_text=JUNE)
        due.get_by_role("link", name="去填报").click()
        first = page.get_by_label("参保人次，人次")
        first.press_sequentially("1.76万")
        press(page, "Enter")
        expect(page.get_by_label("理赔人次，人次")).to_be_focused()
        paste(page, "210\n1\n")
        expect(page.get_by_label("新建驿站，家")).to_have_value("1")
        expect_kept(page)
        hand_in(page, f"{CODE}-201806-1")
        page.get_by_role("link", name="回到我的工作台").click()
        expect(page.get_by_role("region", name="办理中")).to_contain_text("待审批")
        send_one_line_back(city)
        page.reload()
        returned = page.get_by_role("region", name="退回要改")
        expect(returned).to_contain_text("还有 2 天 23 小时")
        returned.get_by_role("link", name="去修改").click()
        expect(page.get_by_text(REASON).first).to_be_visible()
        expect(page.get_by_label("参保人次，人次")).to_have_count(0)
        wrong = page.get_by_label("理赔人次，人次")
        expect(wrong).to_have_value("210")
        wrong.fill("200")
        expect_kept(page)
        hand_in(page, f"{CODE}-201806-2")


def send_one_line_back(city: SmallCity) -> None:
    """The head signs, the city asks for one figure again."""
    with city.work() as world:
        world.sign(code=CODE)
        pinned = (world.indicators["claims"].id,)
        remark = Remark(REASON, pinned, TODAY + timedelta(days=3))
        send_back(world.session, world.seen(CODE), Doer(world.person(Role.REVIEWER, "330200"), NOW), remark)


def test_the_head_signs_on_a_telephone(city: SmallCity, address: str, browser: Browser) -> None:
    city.hand_in(CODE, is_signed=False)
    with at_desk(browser, address, f"approver-{CODE}", is_phone=True) as page:
        waiting = page.get_by_role("region", name="等您办理").get_by_role("link", name="去审批")
        expect(waiting).to_be_in_viewport()  # the first thing on the screen, before what one could do here
        waiting.tap()
        expect(page.get_by_role("row", name=re.compile("参保人次"))).to_contain_text("17,600")
        sign = page.get_by_role("button", name="审批", exact=True)
        expect(sign).to_be_in_viewport()
        box = sign.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        sign.tap()
        expect(page.get_by_text(re.compile("^已审批"))).to_be_visible()
        page.get_by_role("navigation", name="底部导航").get_by_role("link", name="工作台").tap()
        expect(page.get_by_role("region", name="等您办理")).to_contain_text("没有等您办理的报告")
        expect(page.get_by_role("region", name="办理中")).to_contain_text("待审核")
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_the_reviewer_judges_ten_sheets_by_keys(city: SmallCity, address: str, browser: Browser) -> None:
    city.hand_in(*DISTRICTS)
    with at_desk(browser, address, "reviewer-330200") as page:
        waiting = page.get_by_role("region", name="等您办理")
        expect(waiting.get_by_role("listitem")).to_have_count(10)
        waiting.get_by_role("link", name="去审核").first.click()
        queue = page.get_by_role("navigation", name="待审核队列")
        expect(queue.get_by_role("listitem")).to_have_count(10)
        first, second = (page.locator("[data-queue-item]").nth(at) for at in (0, 1))
        press(page, "j")
        expect(second).to_be_focused()
        press(page, "k")
        expect(first).to_be_focused()
        page.get_by_role("heading", level=1).click()
        press(page, "a")
        expect(page.get_by_text(re.compile("^已通过甲区"))).to_be_visible()
        expect(page.get_by_role("heading", level=1)).to_contain_text("乙区")
        press(page, "r")
        asked = page.get_by_role("dialog", name="退回")
        asked.get_by_label("参保人次").check()
        asked.get_by_label("退回意见").fill("连续几个月偏少，请核对花名册。")
        asked.get_by_role("button", name="退回", exact=True).click()
        expect(page.get_by_text(re.compile("^已退回乙区"))).to_be_visible()
        page.get_by_role("link", name=re.compile("^审核")).first.click()
        page.get_by_role("button", name="全部勾选").click()
        page.get_by_role("button", name="一并通过所选").click()
        expect(page.get_by_text("已一并通过 9 张月报表、17 件")).to_be_visible()
        page.get_by_role("link", name="工作台").first.click()
        expect(page.get_by_role("region", name="等您办理")).to_contain_text("没有等您办理的报告")
    with city.database.read_session() as session:
        assert verify_totals(session) == []
