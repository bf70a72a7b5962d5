"""The reporter's month in a browser: typing, pasting, saving by itself, meeting a colleague, an ended session."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from flask import Flask
from playwright.sync_api import Browser, Dialog, Page, Route, expect
from sqlalchemy import update

from tests.factories.districts import KINDS, World
from tests.factories.sheet_site import SHEET, Site, build_site
from tests.support.browsers import press
from tests.support.databases import on_sqlite
from tests.support.desks import PASTE, at_desk, sign_in
from tests.support.looking import examine_everywhere
from tests.support.serving import serving
from tracker.domain.identity import Role
from tracker.models.account import WebSession
from tracker.models.programme import Programme

pytestmark = on_sqlite  # the pages are the same on both engines; what they call is tested on both

LISTEN = """() => {
  window.told = [];
  const bar = document.querySelector("[data-saved]");
  new MutationObserver(() => window.told.push(bar.textContent)).observe(bar, {childList: true});
}"""
REPORTER, COLLEAGUE = "reporter-330203", "李四"


class Served(NamedTuple):
    """The small world behind an address."""

    site: Site
    address: str

    @property
    def sheet(self) -> str:
        return f"{self.address}{SHEET}"


@pytest.fixture
def served(app: Flask) -> Iterator[Served]:
    """A list of every kind; 李四 is a second reporter of the district."""
    site = build_site(app, KINDS)
    with site.database.session() as session:
        World.again(session).person(Role.REPORTER, "330203", name=COLLEAGUE)
        session.commit()
    with serving(site.app) as address:
        yield Served(site, address)


def field(page: Page, code: str, column: str = "value") -> str:
    """What stands in a field."""
    return page.locator(f"[name=line-{code}-{column}]").input_value()


def expect_kept(page: Page) -> None:
    """The bar says that everything is saved."""
    expect(page.locator("[data-saved]")).to_have_text(re.compile(r"^\d\d:\d\d 已自动保存$"))


def end_sessions(served: Served) -> None:
    """Everybody is signed out, as after a long break."""
    with served.site.database.session() as session:
        session.execute(update(WebSession).values(ends_at=WebSession.created_at))
        session.commit()


def test_types_walks_pastes_and_never_needs_a_button(served: Served, browser: Browser) -> None:
    with at_desk(browser, served.address, REPORTER) as page:
        page.goto(served.sheet)
        page.evaluate(LISTEN)
        page.locator("[name=line-enrolments-value]").press_sequentially("17600")
        expect(page.locator("[name=line-enrolments-cumulative]")).to_have_value("38,720")
        press(page, "Enter")
        expect(page.locator("[name=line-members-value]")).to_be_focused()
        press(page, "ArrowUp")
        expect(page.locator("[name=line-enrolments-value]")).to_be_focused()
        page.evaluate(PASTE, "17,700\n310\n410\n")
        assert [field(page, code) for code in ("enrolments", "members", "households")] == [
            "17,700",
            "310",
            "410",
        ]
        expect_kept(page)
        assert "正在保存…" in page.evaluate("window.told")
        expect(page.locator("[data-task=pledge-2] [data-state]")).to_have_text("已填")
        page.locator("[name=line-opened-done_on]").fill("2018-06-20")
        page.get_by_label("丙站").check()
        page.locator("[name=line-hotline-judgement]").select_option("on_track")
        page.locator("[name=line-hotline-note]").fill("全年不间断受理。")
        page.locator("[name=line-coverage-numerator]").fill("86")
        page.locator("[name=line-coverage-denominator]").fill("100")
        page.locator("[name=line-growth-numerator]").fill("1120")
        page.locator(".top a.mark").click()
        expect(page).to_have_url(f"{served.address}/")
        page.goto(served.sheet)
        assert [field(page, code) for code in ("enrolments", "members", "households")] == [
            "17,700",
            "310",
            "410",
        ]
        assert field(page, "opened", "done_on") == "2018-06-20"
        assert field(page, "hotline", "note") == "全年不间断受理。"
        assert field(page, "growth", "numerator") == "1,120"
        expect(page.get_by_label("丙站")).to_be_checked()


def test_two_people_see_both_values_and_one_of_them_chooses(served: Served, browser: Browser) -> None:
    with (
        at_desk(browser, served.address, REPORTER) as mine,
        at_desk(browser, served.address, COLLEAGUE) as theirs,
    ):
        mine.goto(served.sheet)
        theirs.goto(served.sheet)
        theirs.locator("[name=line-enrolments-value]").fill("17600")
        theirs.locator("[name=line-members-value]").fill("310")
        expect_kept(theirs)
        mine.locator("[name=line-enrolments-value]").fill("17000")
        mine.locator("[name=line-households-value]").fill("410")
        clash = mine.locator("[data-clash=enrolments]")
        expect(clash).to_contain_text("李四")
        expect(clash).to_contain_text("17,600")
        expect(clash).to_contain_text("17,000")
        expect(mine.locator("[data-saved]")).to_contain_text("1 处两个人都改了，请选一个")
        expect(mine.locator("[name=line-members-value]")).to_have_value("310")
        expect(mine.locator("[data-taken=members]")).to_contain_text("李四")
        assert field(mine, "enrolments") == "17000"
        clash.get_by_text("用您填的").click()
        expect(clash).to_have_count(0)
        expect_kept(mine)
        theirs.locator("[name=line-growth-numerator]").fill("1120")
        told = theirs.locator("[data-taken=enrolments]")
        expect(told).to_contain_text("现在是 17,000，原来是 17,600")
        expect(theirs.locator("[name=line-enrolments-value]")).to_have_value("17,000")
        with theirs.expect_response(lambda answer: answer.request.method == "POST"):
            told.get_by_role("button", name="用回原来的").click()
        expect_kept(theirs)
        mine.reload()
        assert [field(mine, code) for code in ("enrolments", "members", "households")] == [
            "17,600",
            "310",
            "410",
        ]


def test_an_ended_session_keeps_everything_typed(served: Served, browser: Browser) -> None:
    with at_desk(browser, served.address, REPORTER) as page:
        page.goto(served.sheet)
        end_sessions(served)
        page.locator("[name=line-enrolments-value]").fill("17600")
        bar = page.locator("[data-saved]")
        expect(bar).to_contain_text("登录已过期，填的内容都在这一页")
        page.locator("[name=line-members-value]").fill("310")
        page.get_by_role("button", name="核对并提交").click()
        expect(page).to_have_url(served.sheet)
        with page.expect_popup() as opened:
            bar.get_by_role("link", name="在新窗口登录").click()
        sign_in(opened.value, served.address, REPORTER)
        opened.value.close()
        bar.get_by_role("button", name="已登录，接着保存").click()
        expect_kept(page)
        assert [field(page, code) for code in ("enrolments", "members")] == ["17600", "310"]
        page.get_by_role("button", name="核对并提交").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("提交前核对")
        expect(page.locator("main")).to_contain_text("+17,600")


def test_without_scripts_an_ended_session_leads_back_to_the_sheet(served: Served, browser: Browser) -> None:
    with at_desk(browser, served.address, REPORTER, scripts=False) as page:
        page.goto(served.sheet)
        end_sessions(served)
        page.locator("[name=line-enrolments-value]").fill("17600")
        page.get_by_role("button", name="保存草稿").last.click()
        expect(page.locator("main")).to_contain_text("登录已过期，您填的内容都留在这一页")
        with page.expect_popup() as opened:
            page.get_by_role("link", name="在新窗口登录").click()
        sign_in(opened.value, served.address, REPORTER)
        page.get_by_role("button", name="继续提交").click()
        page.get_by_role("button", name="继续提交").click()
        expect(page).to_have_url(served.sheet)
        assert field(page, "enrolments") == "17,600"


def test_what_cannot_be_sent_stays_and_goes_when_the_way_is_free(served: Served, browser: Browser) -> None:
    with at_desk(browser, served.address, REPORTER) as page:
        page.goto(served.sheet)
        page.route("**/sheets/**", lambda route: route.fulfill(status=503, body="{}"))
        page.locator("[name=line-enrolments-value]").fill("17600")
        bar = page.locator("[data-saved]")
        expect(bar).to_contain_text("没有保存上，填的内容都在这一页")
        asked: list[str] = []

        def stay(dialog: Dialog) -> None:
            asked.append(dialog.type)
            dialog.dismiss()

        page.on("dialog", stay)
        page.evaluate("location.href = '/account'")
        page.wait_for_timeout(300)
        assert asked == ["beforeunload"]
        page.unroute("**/sheets/**")
        bar.get_by_role("button", name="重试").click()
        expect_kept(page)
        assert field(page, "enrolments") == "17600"


def test_a_period_closed_meanwhile_keeps_what_was_typed_on_the_page(served: Served, browser: Browser) -> None:
    with at_desk(browser, served.address, REPORTER) as page:
        page.goto(served.sheet)
        with served.site.database.session() as session:
            session.execute(update(Programme).values(close_day=2))
            session.commit()
        page.locator("[name=line-enrolments-value]").fill("17600")
        page.get_by_role("button", name="核对并提交").click()
        expect(page.locator("[data-saved]")).to_contain_text("关闭")
        expect(page).to_have_url(served.sheet)
        assert field(page, "enrolments") == "17600"


def test_a_slip_of_the_pen_is_told_at_its_field_and_the_rest_is_kept(
    served: Served, browser: Browser
) -> None:
    with at_desk(browser, served.address, REPORTER, width=375) as page:
        page.goto(served.sheet)
        page.locator("[name=line-enrolments-value]").fill("约1万")
        page.locator("[name=line-members-value]").fill("310")
        expect(page.locator("[data-saved]")).to_contain_text("1 处要改，还没有保存")
        expect(page.locator("[data-fault=line-enrolments-value]")).to_be_visible()
        page.locator("[name=line-enrolments-value]").fill("1.76万")
        expect_kept(page)
        expect(page.locator("[data-fault]")).to_have_count(0)
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert over == 0


def break_a_script(served: Served, browser: Browser) -> None:
    """A page whose script fails."""
    with at_desk(browser, served.address, REPORTER) as page:
        page.evaluate("setTimeout(() => { throw new Error('planted'); })")
        page.wait_for_timeout(100)


def test_a_desk_tells_of_a_script_that_breaks(served: Served, browser: Browser) -> None:
    with pytest.raises(AssertionError, match="planted"):
        break_a_script(served, browser)


def test_what_was_typed_before_the_scripts_came_is_saved_too(served: Served, browser: Browser) -> None:
    with at_desk(browser, served.address, REPORTER) as page:
        is_late = [True]
        held: list[Route] = []

        def hold(route: Route) -> None:
            if is_late:
                held.append(route)
            else:
                route.continue_()

        page.route("**/js/*.js", hold)
        page.goto(served.sheet, wait_until="commit")
        page.locator("[name=line-enrolments-value]").fill("17600")
        page.wait_for_timeout(200)
        is_late.clear()
        for route in held:
            route.continue_()
        expect_kept(page)
        assert field(page, "enrolments") == "17600"


def test_every_kind_of_row_is_accessible_and_fits(served: Served, browser: Browser) -> None:
    with at_desk(browser, served.address, REPORTER) as page:
        for path in ("", "/check", "/print", "/evidence/1"):
            page.goto(f"{served.sheet}{path}")
            assert (path, examine_everywhere(page, [])) == (path, {})
