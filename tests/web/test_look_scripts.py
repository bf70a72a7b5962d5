"""What the small scripts add, and that the forms work without them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.support.browsers import press
from tests.support.look_app import create_look_app
from tests.support.serving import serving


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving(create_look_app()) as address:
        yield address


PASTE = """(text) => {
  const event = new ClipboardEvent("paste", {clipboardData: new DataTransfer(), bubbles: true, cancelable: true});
  event.clipboardData.setData("text", text);
  document.activeElement.dispatchEvent(event);
}"""


def _figure(page: Page, call: str) -> Any:
    return page.evaluate(f"async () => {{ const f = await import('/static/js/figures.js'); return {call}; }}")


@pytest.mark.parametrize(
    ("typed", "decimals", "stored"),
    [
        ("1,500,000", 0, "1500000"),
        ("１５０万", 0, "1500000"),
        ("1.25万", 0, "12500"),
        ("39亿", 2, "390000000000"),
        ("−12.50", 1, "-125"),
        ("", 0, "null"),
        ("1.2", 0, "undefined"),
        ("150余", 0, "undefined"),
        ("1e3", 0, "undefined"),
    ],
)
def test_figures_are_read_exactly_as_typed(
    page: Page, address: str, typed: str, decimals: int, stored: str
) -> None:
    page.goto(f"{address}/look/reports/sheet")
    assert _figure(page, f"String(f.parseFigure('{typed}', {decimals}))") == stored


@pytest.mark.parametrize(
    ("actual", "target", "shown"),
    [
        (1520000, 1500000, "101.3%"),
        (1499400, 1500000, "99.9%"),
        (1499999, 1500000, "99.9%"),
        (-5, 1000, "−0.5%"),
        (1, 0, "—"),
    ],
)
def test_completion_rounds_as_the_server_does(
    page: Page, address: str, actual: int, target: int, shown: str
) -> None:
    page.goto(f"{address}/look/reports/sheet")
    call = f"(t => t === null ? '—' : f.showTenths(t))(f.completionTenths({actual}n, {target}n))"
    assert _figure(page, call) == shown


def test_typing_updates_total_and_completion_without_a_float(page: Page, address: str) -> None:
    page.goto(f"{address}/look/reports/sheet")
    page.locator("#figures-0").fill("2.14万")
    row = page.locator("#row-0")
    expect(row.locator("[data-total]")).to_have_text("263,000")
    expect(row.locator("[data-percent]")).to_have_text("105.2%")
    page.locator("#figures-0").fill("两万")
    expect(row.locator("[data-total]")).to_have_text("—")


def test_enter_and_arrows_walk_the_column(page: Page, address: str) -> None:
    page.goto(f"{address}/look/reports/sheet")
    page.locator("#figures-0").focus()
    press(page, "Enter")
    expect(page.locator("#figures-1")).to_be_focused()
    press(page, "ArrowDown")
    press(page, "ArrowUp")
    expect(page.locator("#figures-1")).to_be_focused()


def test_pasting_a_column_fills_the_cells_and_can_be_taken_back(page: Page, address: str) -> None:
    page.goto(f"{address}/look/reports/sheet")
    page.locator("#figures-0").focus()
    page.evaluate(PASTE, "20,000\t备注\r\n3.1\r\n40\r\n")
    assert [page.locator(f"#figures-{at}").input_value() for at in range(4)] == ["20,000", "3.1", "40", "1.2"]
    page.locator(".toast button").click()
    assert page.locator("#figures-0").input_value() == "21,400"


def test_return_dialog_gives_the_focus_back(page: Page, address: str) -> None:
    page.goto(f"{address}/look/reviews/review")
    press(page, "r")
    expect(page.locator("dialog#return")).to_be_visible()
    page.locator("[data-insert]").first.click()
    assert page.locator("#reason").input_value() == "数字与佐证不一致"
    press(page, "Escape")
    expect(page.locator("dialog#return")).to_be_hidden()
    expect(page.locator("[data-dialog=return]")).to_be_focused()


def test_letters_typed_into_a_field_are_no_commands(page: Page, address: str) -> None:
    page.goto(f"{address}/look/reviews/review")
    page.locator("textarea[name=text]").press("r")
    expect(page.locator("dialog#return")).to_be_hidden()


def test_queue_is_walked_with_j_and_k(page: Page, address: str) -> None:
    page.goto(f"{address}/look/reviews/review")
    press(page, "j")
    expect(page.locator("[data-queue-item]").nth(1)).to_be_focused()
    press(page, "k")
    expect(page.locator("[data-queue-item]").nth(0)).to_be_focused()


def test_second_click_sends_nothing(page: Page, address: str) -> None:
    sent: list[str] = []
    page.route("**/accept", lambda route: sent.append(route.request.method))
    page.goto(f"{address}/look/reviews/review")
    button = page.locator("#accept button")
    button.evaluate("button => { button.click(); button.click(); }")
    page.wait_for_timeout(200)
    assert sent == ["POST"]


def test_enter_without_scripts_saves_and_nothing_else(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    bodies: list[str] = []

    def keep(route: Route) -> None:
        bodies.append(route.request.post_data or "")
        route.fulfill(status=200, body="ok")

    page.route("**/save", keep)
    page.goto(f"{address}/look/reports/sheet")
    page.locator("#figures-0").press("Enter")
    page.wait_for_url("**/save")
    context.close()
    assert "then=stay" in bodies[0]
    assert "csrf_token=" in bodies[0]
    assert "idempotency_key=sample-key" in bodies[0]
    assert "reading=" not in bodies[0]


def test_dialog_opens_by_address_without_scripts(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/look/reviews/review-returning")
    expect(page.locator("dialog#return textarea")).to_be_visible()
    context.close()
