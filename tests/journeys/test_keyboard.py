"""From sign-in to a confirmed appointment by keyboard alone: the focus is always seen, in order, and never under a bar."""

from __future__ import annotations

import re

from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.factories.people import PASSWORD, make_person
from tests.factories.rows import plant_tree
from tests.support.databases import on_sqlite
from tests.support.serving import serving
from tracker.db import Database

pytestmark = on_sqlite
FARTHEST = 60
"""Nothing on these pages is more keys away."""

FOCUS = """() => {
  const e = document.activeElement, r = e.getBoundingClientRect(), style = getComputedStyle(e);
  const hit = document.elementFromPoint(r.left + r.width / 2, r.top + Math.min(r.height / 2, 20));
  return {
    name: (e.getAttribute("aria-label") || e.innerText || e.name || e.tagName).trim().slice(0, 40),
    tag: e.tagName, top: Math.round(r.top), bottom: Math.round(r.bottom),
    isInView: r.top >= 0 && r.bottom <= innerHeight + 1 && r.right <= innerWidth + 1,
    isOnTop: hit !== null && (e.contains(hit) || hit.contains(e)),
    hasRing: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
  };
}"""


def press_to(page: Page, name: str, *, tag: str | None = None) -> None:
    """Tab until the element of this name has the focus; at every stop it can be seen whole."""
    stops: list[str] = []
    for _key in range(FARTHEST):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUS)
        stops.append(at["name"])
        if at["tag"] == "BODY":
            continue
        assert at["isInView"], at
        assert at["isOnTop"], at
        assert at["hasRing"], at
        if re.search(name, at["name"]) and tag in (None, at["tag"]):
            return
    raise AssertionError(f"{name} is not among {stops}")


def follow(page: Page) -> None:
    """Enter, and the page it leads to."""
    with page.expect_navigation(wait_until="load"):
        page.keyboard.press("Enter")


def skip_the_bar(page: Page) -> None:
    """The first stop of a page leads past the bar."""
    page.keyboard.press("Tab")
    at = page.evaluate(FOCUS)
    assert (at["name"], at["isInView"], at["isOnTop"]) == ("跳到主要内容", True, True)
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def sign_in(page: Page, address: str, login: str) -> None:
    page.goto(f"{address}/login")
    press_to(page, "^login$", tag="INPUT")
    page.keyboard.type(login)
    page.keyboard.press("Tab")
    page.keyboard.type("wrong and unlikely")
    follow(page)
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("还可以再试")
    expect(alert).to_be_focused()
    press_to(page, "^password$", tag="INPUT")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(PASSWORD)
    follow(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("您好")


def test_appoints_and_confirms_without_a_mouse(
    browser: Browser, app: Flask, fresh_database: Database
) -> None:
    with fresh_database.session() as session:
        plant_tree(session, {"330200": {"330203": {}}})
        for login in ("first", "second"):
            make_person(session, "admin", "330200", login=login, name=login)
        make_person(session, "reporter", "330203", login="wang", name="王芳")
        session.commit()
    with serving(app) as address:
        page = browser.new_page(locale="zh-CN", viewport={"width": 1280, "height": 720})
        sign_in(page, address, "first")
        skip_the_bar(page)
        press_to(page, "任命、调任和重设")
        follow(page)
        skip_the_bar(page)
        press_to(page, "^王芳$")
        follow(page)
        expect(page.get_by_role("heading", level=1)).to_contain_text("王芳")
        skip_the_bar(page)
        press_to(page, "^加一项任职$")
        follow(page)
        skip_the_bar(page)
        press_to(page, "^q$", tag="INPUT")
        page.keyboard.type("330203")
        follow(page)
        skip_the_bar(page)
        press_to(page, "^330203总工会$")
        follow(page)
        skip_the_bar(page)
        press_to(page, "^任命$", tag="BUTTON")
        follow(page)
        expect(page.get_by_role("alert")).to_be_focused()
        press_to(page, "请选择角色")
        page.keyboard.press("Enter")  # the summary of what is wrong leads to its field
        assert page.evaluate("document.activeElement.id") == "role"
        for _role in ("填报人", "审批人"):
            page.keyboard.press("ArrowDown")
        press_to(page, "^任命$", tag="BUTTON")
        follow(page)
        said = page.locator(".flashes[role=status][aria-live=polite]")
        expect(said).to_contain_text("等另一位管理员")
        assert page.locator("#role").count() == 0
        for _back in range(2):  # out of the menu again by Escape, and the focus where it was
            page.keyboard.press("Shift+Tab")
        press_to(page, "^first", tag="SUMMARY")
        page.keyboard.press("Enter")
        press_to(page, "^帮助")
        page.keyboard.press("Escape")
        assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
        page.close()

        telephone = browser.new_page(locale="zh-CN", viewport={"width": 375, "height": 720})
        sign_in(telephone, address, "second")
        skip_the_bar(telephone)
        press_to(telephone, "^去确认")
        follow(telephone)
        skip_the_bar(telephone)
        press_to(telephone, "^确认$", tag="BUTTON")
        follow(telephone)
        expect(telephone.locator(".flashes[role=status]")).to_contain_text("已确认")
        telephone.close()
