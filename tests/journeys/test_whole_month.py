"""One month's truth, from an empty sheet through return, mending, signature and acceptance to the province's total."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Dialog, Page, expect
from sqlalchemy import update

from tests.factories.districts import World, only
from tests.factories.files import CSV, PDF, picture
from tests.factories.sheet_site import REVIEW, SHEET, Site, add_claims, build_site
from tests.support.databases import on_postgresql, on_sqlite
from tests.support.desks import at_desk
from tests.support.serving import serving
from tracker.domain.identity import Role
from tracker.models.programme import Indicator
from tracker.services.ledger.proving import verify_history
from tracker.services.ledger.verifying import verify_totals

LIST = "/programmes/330200-2018"
REPORTER, APPROVER, REVIEWER, PROVINCE = (
    "reporter-330203", "approver-330203", "reviewer-330200", "viewer-330000",
)  # fmt: skip
DROP = """async ([name, text]) => {
  const carried = new DataTransfer();
  carried.items.add(new File([text], name));
  const drop = document.querySelector("[data-drop]");
  for (const kind of ["dragenter", "dragover", "drop"]) {
    drop.dispatchEvent(new DragEvent(kind, {dataTransfer: carried, bubbles: true, cancelable: true}));
  }
}"""


@pytest.fixture
def site(app: Flask) -> Site:
    """May is accepted; the first pledge has a second indicator since, and wants evidence."""
    made = build_site(app, only("enrolments", "hotline"))
    with made.database.session() as session:
        world = World.again(session)
        add_claims(world)
        session.execute(update(Indicator).where(Indicator.code == "enrolments").values(evidence="required"))
        world.person(Role.VIEWER, "330000")
        session.commit()
    return made


@pytest.fixture
def address(site: Site) -> Iterator[str]:
    with serving(site.app) as address:
        yield address


def figures(page: Page) -> list[str]:
    """The column to fill."""
    return [page.locator(f"[name=line-{code}-value]").input_value() for code in ("enrolments", "claims")]


def expect_kept(page: Page) -> None:
    """The bar says that everything is saved."""
    expect(page.locator("[data-saved]")).to_have_text(re.compile(r"^\d\d:\d\d 已自动保存$"))


def hand_in(page: Page, address: str) -> None:
    """Check everything once more, confirm, submit; the receipt names who is next and until when."""
    page.get_by_role("button", name="核对并提交").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("提交前核对")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="提交给本单位审批").click()
    expect(page).to_have_url(f"{address}{SHEET}/receipt")
    expect(page.locator("main")).to_contain_text(f"下一步由{APPROVER}审批，7月5日 18:00前办理")


def judge(browser: Browser, address: str, login: str, word: str) -> None:
    """One verdict on everything shown."""
    with at_desk(browser, address, login) as page:
        page.goto(f"{address}{REVIEW}")
        for tick in page.locator("main input[name^=tick]").all():
            tick.check()
        for judgement in page.locator("main select[form=accept]").all():
            judgement.select_option("on_track")
        page.get_by_role("button", name=word).click()
        expect(page.locator(".flashes, .toasts").filter(has_text=f"已{word}")).to_have_count(1)


def province_sees(browser: Browser, address: str) -> str:
    """What the overview says of the first pledge, for the province's leaders."""
    with at_desk(browser, address, PROVINCE) as page:
        page.goto(f"{address}{LIST}")
        return page.locator("#pledge-1").inner_text()


def fill_in(page: Page, address: str) -> None:
    """Typed once; three reloads later it is all still there."""
    page.goto(f"{address}{SHEET}")
    assert figures(page) == ["", ""]
    page.locator("[name=line-enrolments-value]").fill("17600")
    page.locator("[name=line-claims-value]").fill("120")
    page.locator("[name=line-hotline-judgement]").select_option("on_track")
    page.locator("[name=line-hotline-note]").fill("全年不间断受理。")
    expect_kept(page)
    page.reload()
    assert figures(page) == ["17,600", "120"]
    warned: list[str] = []

    def leave(dialog: Dialog) -> None:
        warned.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    page.locator("[name=line-claims-value]").fill("125")
    page.reload()
    assert warned == ["beforeunload"]
    page.wait_for_timeout(500)
    page.reload()
    assert figures(page) == ["17,600", "125"]


def attach(page: Page, address: str, folder: Path) -> None:
    """Several by the picker, one dropped; each shows how far it is, and a picture gets a thumbnail."""
    page.locator("#line-enrolments-evidence").click()
    expect(page).to_have_url(re.compile(r"/evidence/1\?line=enrolments$"))
    page.wait_for_load_state()
    files = {"通知.pdf": PDF, "现场.jpg": picture()}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    page.locator("input[name=files]").set_input_files([folder / name for name in files])
    page.evaluate(DROP, ["花名册.csv", CSV.decode()])
    kept = page.locator("[data-list] li").filter(has_text="已添加")
    expect(kept).to_have_count(3)
    expect(page.locator("[data-files] .evidence")).to_have_count(3)
    expect(page.locator("[data-files] img")).to_have_count(1)
    assert page.locator("[data-camera]").get_attribute("capture") == "environment"
    page.evaluate(DROP, ["程序.exe", "MZ"])
    expect(page.locator("[data-list]")).to_contain_text("不收这种文件")
    page.get_by_role("link", name="返回月报表").click()
    expect(page.locator("#line-enrolments-evidence")).to_contain_text("3 份")
    expect(page.locator("main")).to_contain_text("名单有 1 行，填报数是 17,600人次")
    page.locator("[name=line-enrolments-note]").fill("花名册只列新增窗口。")
    expect_kept(page)


@on_postgresql
def test_a_month_from_an_empty_sheet_to_the_total_of_the_province(
    site: Site, address: str, browser: Browser, tmp_path: Path
) -> None:
    before = province_sees(browser, address)
    assert "38,620" not in before
    with at_desk(browser, address, REPORTER) as page:
        fill_in(page, address)
        attach(page, address, tmp_path)
        hand_in(page, address)
        expect(page.locator(".receipt-number")).to_have_text("330203-201806-1")
        page.get_by_role("button", name="撤回").click()
        expect(page).to_have_url(f"{address}{SHEET}")
        assert figures(page) == ["17,600", "125"]
        hand_in(page, address)
        expect(page.locator(".receipt-number")).to_have_text("330203-201806-2")
    judge(browser, address, APPROVER, "审批")
    with at_desk(browser, address, REVIEWER) as page:
        page.goto(f"{address}{REVIEW}")
        page.locator("[data-key=r]").click()
        page.locator("dialog#return").get_by_label("参保人次").check()
        page.locator("dialog#return textarea").fill("请按花名册填写，与台账差 100。")
        page.locator("dialog#return").get_by_role("button", name="退回").click()
        expect(page.locator(".flashes")).to_contain_text("已退回")
    with at_desk(browser, address, REPORTER) as page:
        mend(page, address)
    judge(browser, address, APPROVER, "审批")
    judge(browser, address, REVIEWER, "通过")
    assert "38,620" in province_sees(browser, address) or "3.862万" in province_sees(browser, address)
    with site.database.read_session() as session:
        assert verify_totals(session) == []
        assert verify_history(session) == []


def mend(page: Page, address: str) -> None:
    """Only the named row asks for something; the rest can be looked at, and asked for."""
    page.goto(f"{address}{SHEET}")
    expect(page.locator("tr.is-named")).to_have_count(1)
    expect(page.locator("tr.is-named")).to_contain_text("参保人次")
    expect(page.locator("main")).to_contain_text("请按花名册填写，与台账差 100。")
    expect(page.locator("[name=line-claims-value]")).to_have_count(0)
    expect(page.locator("[name=line-hotline-note]")).to_have_count(0)
    expect(page.locator("#row-claims")).to_contain_text("125")
    page.locator("[name=line-enrolments-value]").fill("17500")
    expect_kept(page)
    page.get_by_role("link", name="也要改其他项").click()
    expect(page.locator("[name=line-claims-value]")).to_have_value("125")
    expect(page.locator("[name=line-enrolments-value]")).to_have_value("17,500")
    hand_in(page, address)
    expect(page.locator(".receipt-number")).to_have_text("330203-201806-3")


@on_sqlite
def test_a_correction_carries_its_evidence_and_shows_what_it_changes(
    site: Site, address: str, browser: Browser, tmp_path: Path
) -> None:
    with at_desk(browser, address, REPORTER) as page:
        fill_in(page, address)
        attach(page, address, tmp_path)
        hand_in(page, address)
    judge(browser, address, APPROVER, "审批")
    judge(browser, address, REVIEWER, "通过")
    with at_desk(browser, address, REPORTER) as page:
        page.goto(f"{address}{SHEET}")
        page.get_by_role("link", name="更正").click()
        page.get_by_role("checkbox").first.check()
        page.get_by_label("原因").fill("补报漏登的 400 人次")
        page.get_by_role("button", name="开始更正").click()
        expect(page).to_have_url(f"{address}{SHEET}")
        expect(page.locator("#line-enrolments-evidence")).to_contain_text("3 份")
        page.locator("[name=line-enrolments-value]").fill("18000")
        page.get_by_role("button", name="核对并提交").click()
        expect(page.locator("main")).to_contain_text("更正通过后各级合计")
        for figure in ("38,720", "39,120"):
            expect(page.locator("section[aria-labelledby=effects]")).to_contain_text(figure)
        page.get_by_role("checkbox").check()
        page.get_by_role("button", name="提交给本单位审批").click()
        expect(page.locator("main")).to_contain_text("已提交")
    judge(browser, address, APPROVER, "审批")
    judge(browser, address, REVIEWER, "通过")
    with site.database.read_session() as session:
        assert verify_totals(session) == []
