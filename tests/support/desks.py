"""Several people at their own browsers before one served application, each signed in through the page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.factories.people import PASSWORD
from tests.support.browsers import PATIENCE_MS

PASTE: Final = """(text) => {
  const event = new ClipboardEvent("paste", {clipboardData: new DataTransfer(), bubbles: true, cancelable: true});
  event.clipboardData.setData("text", text);
  document.activeElement.dispatchEvent(event);
}"""
TOLD_BY_THE_PAGE: Final = ("400", "401", "403", "409", "422", "503")
"""Answers a page of ours tells in its own words, which the browser also writes to its console."""


def _is_fault(said: ConsoleMessage) -> bool:
    return said.type == "error" and not any(f"status of {code}" in said.text for code in TOLD_BY_THE_PAGE)


@contextmanager
def at_desk(
    browser: Browser,
    address: str,
    login: str,
    *,
    width: int = 1440,
    scripts: bool = True,
    is_phone: bool = False,
) -> Iterator[Page]:
    """A browser of this person's own, or a telephone's of 375 px; it fails on any script or policy error."""
    context = browser.new_context(
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        viewport={"width": 375, "height": 812} if is_phone else {"width": width, "height": 900},
        has_touch=is_phone,
        is_mobile=is_phone,
        java_script_enabled=scripts,
    )
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if _is_fault(said) else None)
    sign_in(page, address, login)
    yield page
    context.close()
    assert not wrong, wrong


def sign_in(page: Page, address: str, login: str) -> None:
    """Through the sign-in page, up to the desk."""
    page.goto(f"{address}/login")
    page.get_by_label("账号").fill(login)
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(f"{address}/")
