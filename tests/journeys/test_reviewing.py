"""A reviewer's morning in a browser, by keyboard: look, ask, judge, go on, take back, accept the clean ones together."""

from __future__ import annotations

import re
from typing import Final

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from tests.factories.districts import World
from tests.factories.review_site import REASON, REMARK, build_review_site
from tests.factories.sheet_site import Site, build_site
from tests.support.browsers import press
from tests.support.databases import on_sqlite
from tests.support.looking import SIZES
from tests.support.serving import serving
from tests.web.test_look_reviews import REVIEW, signed_in
from tracker.models.report import Report, Revision
from tracker.services.ledger.verifying import verify_totals

pytestmark = on_sqlite  # the pages are the same on both engines; what they call is tested on both

QUEUE: Final = "/programmes/330200-2018/reviews"
PHONE: Final = SIZES[-1]


def test_judges_a_sheet_by_keyboard_and_goes_on(app: Flask, browser: Browser) -> None:
    site = build_review_site(app)
    with serving(app) as address, signed_in(browser, address, "reviewer-330200") as (page, said):
        page.goto(f"{address}{REVIEW}")
        look_around(page)
        ask(page)
        return_and_think_better_of_it(page)
        judge(page)
        expect(page).to_have_url(f"{address}{REVIEW.replace('330203', '330205')}")
        expect(page.locator(".flashes")).to_contain_text("已通过330203")
        page.locator(".toast button").click()
        expect(page.locator(".flashes")).to_contain_text("已撤销通过")
        expect(page).to_have_url(f"{address}{REVIEW}")
        errors = [one for one in said if "422" not in one]  # the browser tells of the refused verdict itself
    assert errors == []
    assert states(site) == {"signed"}


def look_around(page: Page) -> None:
    """What changed, what was said, a line's evidence, and the keys."""
    expect(page.locator("#row-enrolments")).to_contain_text("96,800")
    expect(page.locator("#row-enrolments del")).to_contain_text("12")
    expect(page.locator(".diff-remark").first).to_contain_text(REASON)
    expect(page.locator(".thread")).to_contain_text(REMARK)
    page.get_by_role("link", name="会员总数").click()
    expect(page.locator("[data-no-files]")).to_be_visible()
    expect(page).to_have_url(re.compile(r"line=members"))
    page.get_by_role("link", name="参保人次").click()
    expect(page.locator("[data-no-files]")).to_be_hidden()
    expect(page.locator(".evidence")).to_contain_text("参保现场.jpg")
    press(page, "e")
    expect(page.locator("#evidence")).to_be_focused()
    press(page, "?")
    expect(page.locator("dialog#keys")).to_be_visible()
    press(page, "Escape")
    expect(page.locator("dialog#keys")).to_be_hidden()
    press(page, "j")
    expect(page.locator("[data-queue-item]").nth(1)).to_be_focused()
    press(page, "k")
    expect(page.locator("[data-queue-item]").nth(0)).to_be_focused()
    press(page, "j")
    press(page, "a")
    expect(page).to_have_url(re.compile(r"/330205/"))  # opened, not judged in the place of the one shown
    page.go_back()


def ask(page: Page) -> None:
    """A remark on the line looked at, without leaving."""
    form = page.locator("form[action$='/comment']")
    expect(form.get_by_label("关于")).to_have_value(re.compile(r"^i"))
    form.get_by_label("留言").fill("与五月口径一致吗？")
    form.get_by_role("button", name="留言").click()
    expect(page.locator(".thread")).to_contain_text("与五月口径一致吗？")


def return_and_think_better_of_it(page: Page) -> None:
    """The dialog with its phrases opens by R and goes by Escape."""
    page.locator("h1").click()
    press(page, "r")
    page.get_by_role("button", name="单位有误").click()
    expect(page.get_by_label("退回意见")).to_have_value("单位有误")
    press(page, "Escape")
    expect(page.locator("dialog#return")).to_be_hidden()


def judge(page: Page) -> None:
    """Without tick and judgement nothing goes; with them A is enough."""
    page.locator("h1").click()
    press(page, "a")
    expect(page.locator(".error-summary")).to_contain_text("请选出您的判断")
    page.get_by_role("checkbox", name=re.compile("已看过提示")).check()
    page.get_by_label("您的判断").select_option("on_track")
    page.locator("h1").click()
    press(page, "a")


def test_accepts_all_clean_ones_together_and_takes_them_back(app: Flask, browser: Browser) -> None:
    site = build_site(app)
    with site.database.session() as session:
        world = World.again(session)
        for code in ("330203", "330205"):
            world.hand_in(code=code)
            world.sign(code=code)
        session.commit()
    with serving(app) as address, signed_in(browser, address, "reviewer-330200") as (page, said):
        page.goto(f"{address}{QUEUE}")
        page.get_by_role("button", name="全部勾选").click()
        page.get_by_role("button", name="一并通过所选").click()
        expect(page.locator(".flashes")).to_contain_text("已一并通过 2 张月报表、14 件")
        page.locator(".toast button").click()
        expect(page.locator(".flashes")).to_contain_text("已撤销 14 件的通过")
    assert said == []
    assert states(site) == {"signed"}


@pytest.mark.parametrize("login", ["approver-330203", "reviewer-330200"])
def test_judges_one_sheet_on_a_phone(app: Flask, browser: Browser, login: str) -> None:
    site = build_site(app)
    with site.database.session() as session:
        world = World.again(session)
        world.hand_in()
        if login.startswith("reviewer"):
            world.sign()
        session.commit()
    verb = "审批" if login.startswith("approver") else "通过"
    with serving(app) as address, signed_in(browser, address, login, PHONE) as (page, said):
        page.goto(f"{address}{REVIEW}")
        button = page.locator("#accept button")
        expect(button).to_be_in_viewport()
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        page.get_by_label("您的判断").select_option("on_track")
        button.click()
        expect(page.locator(".flashes")).to_contain_text(f"已{verb}")
    assert said == []
    assert states(site) == ({"signed"} if verb == "审批" else {"accepted"})


def states(site: Site) -> set[str]:
    """The states of June; totals are those of the entries."""
    with site.database.session() as session:
        assert verify_totals(session) == []
        of_june = select(Revision.state).join(Report).where(Report.period == "2018-06")
        return set(session.scalars(of_june))
