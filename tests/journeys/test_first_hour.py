"""An installation's first hour, as docs/first-hour.md tells it: from an empty database to the first accepted figure."""

from __future__ import annotations

import re
from pathlib import Path

from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.factories.people import PASSWORD
from tests.factories.small_city import CITY, SmallCity, begin, list_file, org_file
from tests.support.databases import on_postgresql
from tests.support.desks import at_desk
from tests.support.serving import serving
from tracker.services.ledger.proving import verify_history
from tracker.services.ledger.verifying import verify_totals

CODE = "330203"
PEOPLE = f"""login,name,role,org_unit
reporter-{CODE},甲区填报人（样例）,reporter,{CODE}
approver-{CODE},甲区审批人（样例）,approver,{CODE}
viewer-{CITY},样例市领导（样例）,viewer,{CITY}
"""


@on_postgresql
def test_from_an_empty_database_to_the_first_accepted_figure(
    app: Flask, tmp_path: Path, browser: Browser
) -> None:
    city = begin(app, tmp_path)
    city.command("org", "import", str(city.file("org.csv", org_file())))
    city.account("admin", CITY)
    city.account("reviewer", CITY)
    with serving(app) as address:
        with at_desk(browser, address, f"admin-{CITY}") as page:
            bring_people(page, city)
            expect(page.get_by_text("现在没有第二个人能确认").first).to_be_visible()
        city.account("admin", CITY, login="admin-second", name="第二管理员（样例）")
        with at_desk(browser, address, "admin-second") as page:
            page.get_by_role("link", name="去确认").click()
            page.get_by_role("button", name="确认", exact=True).click()
            expect(page.get_by_role("main")).to_contain_text("没有等待确认的申请")
        for login in (f"reporter-{CODE}", f"approver-{CODE}", f"viewer-{CITY}"):
            city.command("accounts", "reset", login, typed=PASSWORD)
        with at_desk(browser, address, f"reporter-{CODE}") as page:
            expect(page.get_by_role("region", name="待填报")).to_contain_text("还没有要填的")
        with at_desk(browser, address, f"reviewer-{CITY}") as page:
            write_the_list(page, city)
        with at_desk(browser, address, f"reporter-{CODE}") as page:
            report(page)
        with at_desk(browser, address, f"approver-{CODE}", is_phone=True) as page:
            page.get_by_role("link", name="去审批").tap()
            page.get_by_role("button", name="审批", exact=True).tap()
            expect(page.get_by_text(re.compile("^已审批"))).to_be_visible()
        with at_desk(browser, address, f"reviewer-{CITY}") as page:
            page.get_by_role("link", name="去审核").click()
            page.get_by_role("button", name=re.compile("^通过")).click()
            expect(page.get_by_text(re.compile("^已通过甲区"))).to_be_visible()
        with at_desk(browser, address, f"viewer-{CITY}") as page:
            page.get_by_role("link", name="看总览").click()
            expect(page.get_by_role("main")).to_contain_text("1.76万人次")
    with city.database.read_session() as session:
        assert verify_totals(session) == []
        assert verify_history(session) == []


def bring_people(page: Page, city: SmallCity) -> None:
    """The table's empty form is on the page; what it would do is shown before it is done."""
    page.get_by_role("link", name="从表格导入人员").click()
    with page.expect_download() as form:
        page.get_by_role("link", name="下载空表").click()
    assert form.value.path().read_text(encoding="utf-8-sig").startswith("login,name,email,role,org_unit")
    page.locator("input[type=file]").set_input_files(city.file("people.csv", PEOPLE))
    page.get_by_role("button", name="上传并核对").click()
    expect(page.get_by_role("main")).to_contain_text("其中 1 项须另一人确认")
    page.get_by_role("button", name="确认写入").click()
    page.get_by_role("link", name="甲区审批人（样例）").click()


def write_the_list(page: Page, city: SmallCity) -> None:
    """The targets' page leads to where the list begins; a draft says what comes next."""
    page.get_by_role("link", name="目标", exact=True).first.click()
    expect(page.get_by_text("先新建或导入一份清单")).to_be_visible()
    page.get_by_role("link", name="导入清单").click()
    page.locator("input[type=file]").set_input_files(city.file("list.yaml", list_file()))
    page.get_by_role("button", name="上传并核对").click()
    expect(page.get_by_role("main")).to_contain_text("2 件实事、3 项指标")
    page.get_by_role("button", name="确认写入").click()
    expect(page.get_by_text("草稿只有能编制清单的人看得见")).to_be_visible()
    page.get_by_role("link", name="公布", exact=True).click()
    page.get_by_role("button", name="确认公布").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("已公布")


def report(page: Page) -> None:
    """June from the desk, typed and submitted."""
    due = page.get_by_role("region", name="待填报").get_by_role("listitem").filter(has_text="2018年6月")
    due.get_by_role("link", name="去填报").click()
    for label, value in (("参保人次，人次", "1.76万"), ("理赔人次，人次", "200"), ("新建驿站，家", "1")):
        page.get_by_label(label).fill(value)
    expect(page.locator("[data-saved]")).to_have_text(re.compile(r"^\d\d:\d\d 已自动保存$"))
    page.get_by_role("button", name="核对并提交").click()
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="提交给本单位审批").click()
    expect(page.get_by_text("下一步由甲区审批人（样例）审批")).to_be_visible()
