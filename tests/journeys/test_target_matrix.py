"""Eleven units by thirty indicators by keyboard alone, by pasting, and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from tests.factories.decomposition import DISTRICTS, MATRIX, Decomposition, board_of, plant_decomposition
from tests.factories.people import PASSWORD
from tests.support.browsers import PATIENCE_MS, press
from tests.support.databases import on_sqlite
from tests.support.looking import examine_everywhere
from tests.support.serving import serving
from tracker.features.targets.content import Place
from tracker.services.ledger.folding import try_fold
from tracker.services.ledger.verifying import verify_totals
from tracker.web.current import real_now

pytestmark = on_sqlite
PASTE = """(text) => {
  const event = new ClipboardEvent("paste", {clipboardData: new DataTransfer(), bubbles: true, cancelable: true});
  event.clipboardData.setData("text", text);
  document.activeElement.dispatchEvent(event);
}"""


@pytest.fixture
def world(app: Flask) -> Decomposition:
    """The full size: eleven units, thirty indicators."""
    return plant_decomposition(app, rows=30)


@pytest.fixture
def address(world: Decomposition) -> Iterator[str]:
    with serving(world.app) as address:
        yield address


def _is_fault(said: ConsoleMessage) -> bool:
    """Whether something went wrong; that two editors met (409) is told by the page itself."""
    return said.type == "error" and "409" not in said.text


@contextmanager
def opened(
    browser: Browser, address: str, login: str, *, width: int = 1440, scripts: bool = True
) -> Iterator[Page]:
    """The matrix in a browser of this person's own; fails on any script or policy error."""
    context: BrowserContext = browser.new_context(
        locale="zh-CN", viewport={"width": width, "height": 900}, java_script_enabled=scripts
    )
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if _is_fault(said) else None)
    page.goto(f"{address}/login?next={MATRIX}")
    page.get_by_label("账号").fill(login)
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.goto(f"{address}{MATRIX}")
    yield page
    context.close()
    assert wrong == []


def cell(page: Page, world: Decomposition, code: str, column: str = "330203") -> str:
    return f"#{world.cell(code, column)}"


def test_walks_types_restores_and_issues_by_keyboard_alone(
    browser: Browser, address: str, world: Decomposition
) -> None:
    with opened(browser, address, world.reviewer.login) as page:
        first = page.locator(cell(page, world, "flow-1"))
        first.focus()
        page.keyboard.type("5万")
        press(page, "Enter")
        expect(page.locator(cell(page, world, "flow-2"))).to_be_focused()
        press(page, "ArrowUp")
        expect(first).to_be_focused()
        press(page, "ArrowRight")
        second = page.locator(cell(page, world, "flow-1", "330204"))
        expect(second).to_be_focused()
        page.keyboard.type("60,000")
        row = page.locator(f"#row-{world.indicators['flow-1']}")
        expect(row.locator("[data-check]")).to_have_text("层层加码 10,000")
        press(page, "Escape")
        expect(second).to_have_value("")
        expect(row.locator("[data-check]")).to_have_text("缺口 50,000")
        page.keyboard.type("50000")
        expect(row.locator("[data-check]")).to_have_text("相符")
        expect(page.locator("[data-saved]")).to_contain_text("已自动保存")
        page.get_by_role("button", name="核对并下达").press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("下达前核对")
        page.locator("#confirmed").press("Space")
        page.get_by_role("button", name="下达给 2 家单位").press("Enter")
        expect(page.locator(".flashes")).to_contain_text("已下达 2 项目标")
        expect(page.locator(cell(page, world, "flow-1"))).to_have_value("50,000")


def tab_to(page: Page, name: str, *, backwards: bool = False, most: int = 60) -> None:
    """Press Tab until the control with this name has the focus."""
    for _ in range(most):
        press(page, "Shift+Tab" if backwards else "Tab")
        said = page.evaluate(
            "(document.activeElement.ariaLabel || document.activeElement.innerText || '').trim()"
        )
        if said.startswith(name):
            return
    raise AssertionError(f"{name} is out of reach of the keyboard")


def walk_to(page: Page, target: str, key: str, *, most: int = 60) -> None:
    """Press one arrow until the cell with this id has the focus."""
    for _ in range(most):
        if page.evaluate("document.activeElement.id") == target:
            return
        press(page, key)
    raise AssertionError(f"{target} is out of reach by {key}")


def test_generates_walks_pastes_and_issues_the_whole_matrix_by_keyboard_alone(
    browser: Browser, address: str, world: Decomposition
) -> None:
    block = "\n".join("\t".join(["9091", *["9090"] * 9, "9099"]) for _row in range(8))
    with opened(browser, address, world.reviewer.login) as page:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.wait_for_load_state("networkidle")
        tab_to(page, "按权重")
        press(page, "Enter")
        expect(page.locator(".flashes")).to_contain_text("已保存草稿")
        page.wait_for_load_state("networkidle")
        tab_to(page, "本清单目标，rate")
        walk_to(page, world.cell("rate", DISTRICTS[0]), "ArrowRight")
        walk_to(page, world.cell("flow-1", DISTRICTS[0]), "ArrowDown")
        page.evaluate("text => navigator.clipboard.writeText(text)", block)
        press(page, "Control+V")
        expect(page.locator(cell(page, world, "flow-8", DISTRICTS[-1]))).to_have_value("9099")
        checks = page.locator(f"#row-{world.indicators['flow-8']} [data-check]")
        expect(checks).to_have_text("相符")
        press(page, "Control+End")
        expect(page.locator(cell(page, world, "flow-23", DISTRICTS[-1]))).to_be_focused()
        press(page, "Control+Home")
        expect(page.locator("#weight-own")).to_be_focused()
        press(page, "Control+Enter")
        expect(page.get_by_role("button", name="核对并下达")).to_be_focused()
        press(page, "Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("下达前核对")
        page.wait_for_load_state("networkidle")
        issue = "下达给 11 家单位"
        tab_to(page, issue, most=80)
        press(page, "Shift+Tab")
        press(page, "Space")
        expect(page.locator("#confirmed")).to_be_checked()
        tab_to(page, issue)
        press(page, "Enter")
        expect(page.locator(".flashes")).to_contain_text("11 家单位收到通知")
    with world.database.session() as session:
        board = board_of(session)
        assert len(board.rows) == 30
        assert (
            sum(board.in_force[Place(world.indicators["flow-8"], code)].value or 0 for code in DISTRICTS)
            == 9_091 + 9 * 9_090 + 9_099
        )
        try_fold(session, real_now())
        assert verify_totals(session) == []


def test_arrows_stay_within_a_text_and_ticks_are_walked_too(
    browser: Browser, address: str, world: Decomposition
) -> None:
    with opened(browser, address, world.reviewer.login) as page:
        first = page.locator(cell(page, world, "flow-1"))
        first.focus()
        page.keyboard.type("123")
        press(page, "ArrowLeft")
        expect(first).to_be_focused()
        tick = page.locator(cell(page, world, "opened"))
        tick.focus()
        press(page, "Space")
        expect(tick).to_be_checked()
        press(page, "ArrowDown")
        expect(page.locator(cell(page, world, "hotline"))).to_be_focused()
        press(page, "ArrowRight")
        expect(page.locator(cell(page, world, "hotline", "330204"))).to_be_focused()


def test_pastes_a_block_takes_it_back_and_keeps_it(
    browser: Browser, address: str, world: Decomposition
) -> None:
    block = "\r\n".join("\t".join(f"{row}{column:02d}" for column in range(11)) for row in range(1, 9))
    with opened(browser, address, world.reviewer.login) as page:
        first = page.locator(cell(page, world, "flow-1"))
        first.focus()
        page.evaluate(PASTE, block.replace("100", "1.5万", 1))
        expect(first).to_have_value("1.5万")
        last = page.locator(cell(page, world, "flow-8", DISTRICTS[-1]))
        expect(last).to_have_value("810")
        page.locator(".toast button").click()
        expect(last).to_have_value("")
        first.focus()
        page.evaluate(PASTE, block.replace("100", "1.5万", 1))
        page.get_by_role("button", name="保存草稿").last.click()
        expect(page.locator(".flashes")).to_contain_text("已保存草稿")
        expect(page.locator(cell(page, world, "flow-1"))).to_have_value("15,000")
        expect(last).to_have_value("810")


def test_switches_a_cell_off_and_on(browser: Browser, address: str, world: Decomposition) -> None:
    with opened(browser, address, world.reviewer.login) as page:
        first = page.locator(cell(page, world, "flow-1"))
        first.focus()
        page.get_by_role("button", name="当前格").click()
        expect(first).to_have_value("不承担")
        expect(page.locator(".matrix-off")).to_have_count(1)
        page.get_by_role("button", name="当前格").click()
        expect(first).to_have_value("")


def test_two_editors_are_told_of_each_other(browser: Browser, address: str, world: Decomposition) -> None:
    with opened(browser, address, world.second.login, scripts=False) as slow:
        with opened(browser, address, world.reviewer.login) as quick:
            quick.locator(cell(quick, world, "flow-1")).fill("100")
            expect(quick.locator("[data-saved]")).to_contain_text("已自动保存")
        slow.locator(cell(slow, world, "flow-1")).fill("200")
        slow.locator(cell(slow, world, "flow-1")).press("Enter")
        expect(slow.locator(".matrix-clash")).to_have_text("对方存为 100")
        expect(slow.locator(cell(slow, world, "flow-1"))).to_have_value("200")


def test_is_accessible_and_fits_the_screen(browser: Browser, address: str, world: Decomposition) -> None:
    with opened(browser, address, world.reviewer.login) as page:
        page.get_by_role("button", name="按权重", exact=True).click()
        expect(page.locator(".flashes")).to_contain_text("已保存草稿")
        page.locator(cell(page, world, "flow-1")).fill("1")
        for place in ("", "/check", "/330203", "/330203/history/flow-1"):
            page.goto(f"{address}{MATRIX}{place}")
            assert examine_everywhere(page, []) == {}


def test_is_used_on_a_phone(browser: Browser, address: str, world: Decomposition) -> None:
    with opened(browser, address, world.reviewer.login, width=375) as page:
        first = page.locator(cell(page, world, "flow-1", DISTRICTS[-1]))
        first.focus()
        box, name = (
            first.bounding_box(),
            page.locator(f"#row-{world.indicators['flow-1']} > th").bounding_box(),
        )
        assert box is not None
        assert name is not None
        assert box["height"] >= 44
        assert 0 <= name["x"] < 20
        assert box["x"] >= name["x"] + name["width"]
        first.fill("3万")
        expect(page.locator("[data-saved]")).to_contain_text("已自动保存")
        region = page.get_by_role("region", name="目标分解表")
        region.focus()
        expect(region).to_be_focused()


def test_what_is_read_by_keyboard_is_never_below_the_column_of_names(
    browser: Browser, address: str, world: Decomposition
) -> None:
    with opened(browser, address, world.viewer.login, width=1024) as page:
        row = page.locator(".matrix-row", has=page.locator("td a")).first
        links = row.locator("td a")
        links.last.focus()
        for number in reversed(range(links.count())):
            links.nth(number).focus()
            names = row.locator("th").first.bounding_box()
            focused = links.nth(number).bounding_box()
            assert names is not None
            assert focused is not None
            assert focused["x"] >= names["x"] + names["width"], number
