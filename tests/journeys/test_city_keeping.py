"""A small city's new year: last year's list with new targets, an account closed, a stand-in who signs until the last day."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.factories.small_city import CITY, SmallCity, begin, found
from tests.support.databases import on_sqlite
from tests.support.desks import at_desk, sign_in
from tracker.domain.days import day_of
from tracker.features.programmes.queries import get_document
from tracker.web import current
from tracker.web.current import real_now

pytestmark = on_sqlite  # the pages are the same on both engines; what they call is tested on both
CODE = "330203"
LENGTH = timedelta(days=10)


@pytest.fixture
def city(app: Flask, tmp_path: Path) -> SmallCity:
    """The list of 2018 runs; two admins."""
    made = begin(app, tmp_path)
    found(made)
    made.account("reviewer", CITY)
    made.account("admin", CITY)
    made.account("admin", CITY, login="admin-second", name="第二管理员（样例）")
    return made


def test_the_new_year_takes_over_the_list_and_gets_new_targets(
    city: SmallCity, address: str, browser: Browser
) -> None:
    with at_desk(browser, address, f"reviewer-{CITY}") as page:
        page.get_by_role("link", name="实事清单", exact=True).first.click()
        page.get_by_role("link", name="看清单").click()
        page.get_by_role("link", name="复制到下一年").click()
        page.get_by_role("button", name="建草稿").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("草稿")
        expect(page.get_by_text("草稿只有能编制清单的人看得见")).to_be_visible()
        for name, target in (("参保人次", "200万"), ("理赔人次", "2.2万"), ("新建驿站", "110")):
            page.get_by_role("link", name=name, exact=True).click()
            page.get_by_role("textbox", name=re.compile("^目标")).fill(target)
            page.get_by_role("button", name="保存").click()
        expect(page.get_by_role("main")).to_contain_text("2,000,000 人次")
        page.get_by_role("link", name="公布", exact=True).click()
        page.get_by_role("button", name="确认公布").click()
        page.get_by_role("link", name="去分解目标").click()
        page.get_by_role("button", name="平均").click()
        last = page.get_by_role("row").filter(has_text="参保人次").get_by_role("textbox").last
        expect(last).to_have_value("200,000")
        page.get_by_role("button", name="核对并下达").click()
        page.get_by_role("checkbox", name=re.compile("我已核对")).check()
        page.get_by_role("button", name="下达").click()
        expect(page.get_by_text(re.compile("已下达"))).to_be_visible()
    with city.database.read_session() as session:
        document = get_document(session, "330200-2019")
    assert [one.target for one in document.indicators] == [2_000_000, 22_000, 110]


def test_a_stand_in_signs_until_the_last_day_and_no_longer(
    city: SmallCity, address: str, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    for role in ("approver", "reporter"):
        city.account(role, CODE)
    city.account("viewer", CODE, login="zhao", name="赵代班（样例）")
    city.hand_in(CODE, is_signed=False)
    with at_desk(browser, address, f"admin-{CITY}") as page:
        close_account(page)
        appoint_stand_in(page)
    with at_desk(browser, address, "admin-second") as page:
        page.get_by_role("link", name="去确认").click()
        expect(page.get_by_role("listitem").filter(has_text="赵代班")).to_contain_text("代理")
        page.get_by_role("button", name="确认", exact=True).click()
        expect(page.get_by_text(re.compile("^已确认"))).to_be_visible()
    with at_desk(browser, address, "zhao", is_phone=True) as page:
        act_as_approver(page)
        page.get_by_role("region", name="等您办理").get_by_role("link", name="去审批").tap()
        page.get_by_role("button", name="审批", exact=True).tap()
        expect(page.get_by_text(re.compile("^已审批"))).to_be_visible()
        signed = page.url
        monkeypatch.setattr(current, "real_now", lambda: real_now() + LENGTH)
        sign_in(page, address, "zhao")
        expect(page.get_by_role("main")).to_contain_text("甲区总工会 · 领导")
        expect(page.get_by_role("region", name="等您办理")).to_have_count(0)
        page.goto(signed)
        expect(page.get_by_role("button", name="审批", exact=True)).to_have_count(0)


def close_account(page: Page) -> None:
    """The clerk has left."""
    page.get_by_role("link", name="人员", exact=True).first.click()
    page.get_by_role("link", name="甲区填报人（样例）").click()
    page.get_by_role("button", name="停用账号").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("已停用")


def appoint_stand_in(page: Page) -> None:
    """The head is away for five days; somebody of the same unit signs meanwhile, once a second admin agrees."""
    page.get_by_role("link", name="人员", exact=True).first.click()
    page.get_by_role("link", name="赵代班（样例）").click()
    page.get_by_role("link", name="加一项任职").click()
    page.get_by_role("link", name="甲区总工会").click()
    page.get_by_label("角色").select_option("审批人")
    page.get_by_label(re.compile("^代理谁")).select_option(label=re_option(page))
    page.get_by_role("button", name="任命").click()
    expect(page.get_by_role("alert")).to_contain_text("最后一天")
    page.get_by_label(re.compile("^最后一天")).fill(f"{day_of(real_now()) + timedelta(days=5)}")
    page.get_by_role("button", name="任命").click()
    expect(page.get_by_text(re.compile("等另一位管理员"))).to_be_visible()


def re_option(page: Page) -> str:
    """The absent head among those whose place can be taken."""
    return next(one for one in page.get_by_role("option").all_inner_texts() if "甲区审批人" in one)


def act_as_approver(page: Page) -> None:
    """The desk of the first appointment leads to that of the second."""
    page.get_by_role("button", name="切换到甲区总工会 · 代理审批人").tap()
    expect(page.get_by_role("main")).to_contain_text("甲区总工会 · 审批人")
