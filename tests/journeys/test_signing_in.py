"""Signing in with a telephone: set up from the QR page, codes once, a lost telephone, and a new password that ends other browsers."""

from __future__ import annotations

import re
from pathlib import Path

from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.architecture.copies import ROOT
from tests.factories.people import PASSWORD, make_person
from tests.factories.rows import plant_tree
from tests.features.accounts.authenticators import code_of, database_of
from tests.support.databases import on_sqlite
from tests.support.desks import at_desk
from tests.support.serving import serving

NEW = "three unlikely words 7"
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"


def expect_accessible(page: Page) -> None:
    """No axe violation, and nothing wider than the screen."""
    page.wait_for_load_state("load")
    page.evaluate(Path(AXE).read_text(encoding="utf-8"))
    assert page.evaluate("rules => axe.run(document, rules)", RULES)["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def give_password(page: Page, address: str, password: str = PASSWORD) -> None:
    """Up to the page that asks for the code."""
    page.goto(f"{address}/login?next=/account")
    page.get_by_label("账号").fill("wang")
    page.get_by_label("密码", exact=True).fill(password)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(re.compile(r"/login/code|/account"))


def give_code(page: Page, code: str, label: str = "动态口令") -> None:
    """Type it and send it."""
    page.get_by_label(label, exact=True).fill(code)
    page.get_by_role("button", name="登录").click()


@on_sqlite
def test_signs_in_with_a_telephone_without_it_and_after_a_new_password(app: Flask, browser: Browser) -> None:
    with database_of(app).session() as session:
        units = plant_tree(session, {"330200": {"330203": {}}})
        make_person(session, "reporter", units["330203"], login="wang", name="王芳")
        session.commit()
    with serving(app) as address, at_desk(browser, address, "wang") as page:
        page.goto(f"{address}/account/second-factor")
        expect_accessible(page)
        assert page.get_by_role("img", name=re.compile("二维码")).evaluate("image => image.naturalWidth") > 0
        secret = (page.locator("#secret").text_content() or "").replace(" ", "")
        page.get_by_label("手机上显示的 6 位数字").fill(code_of(secret, steps=0))
        page.get_by_label("现在的密码").fill(PASSWORD)
        page.get_by_role("button", name="设置动态口令").click()
        codes = page.locator(".codes code").all_text_contents()
        assert len(codes) == 10
        expect_accessible(page)
        expect(page.get_by_role("button", name="打印")).to_be_visible()
        page.get_by_role("link", name="已经保管好，继续").click()
        expect(page.get_by_text("备用码还有 10 个没有用过")).to_be_visible()
        page.locator(".account summary").click()
        page.get_by_role("button", name="退出登录").click()

        give_password(page, address)
        expect_accessible(page)

        with browser.new_context(locale="zh-CN", viewport={"width": 375, "height": 812}) as elsewhere:
            telephone = elsewhere.new_page()
            give_password(telephone, address)
            code = code_of(secret)  # good for a minute: it is used and tried again at once
            give_code(page, code)
            expect(page).to_have_url(f"{address}/account")
            give_code(telephone, code)
            expect(telephone.get_by_text("这个动态口令已经用过")).to_be_visible()
            expect_accessible(page)
            telephone.get_by_role("link", name="手机不在身边，使用备用码").click()
            expect(telephone.get_by_label("备用码", exact=True)).to_be_visible()
            expect_accessible(telephone)
            give_code(telephone, codes[4], "备用码")
            expect(telephone.get_by_role("heading", name="我的账号")).to_be_visible()
            expect_accessible(telephone)

            page.reload()
            for label, text in (("现在的密码", PASSWORD), ("新密码", NEW), ("再输一次新密码", NEW)):
                page.get_by_label(label, exact=True).fill(text)
            page.get_by_role("button", name="更换密码").click()
            expect(page.get_by_text("密码已更换；其他浏览器都已退出登录。")).to_be_visible()

            telephone.reload()
            expect(telephone.get_by_text("密码已更换，请用新密码登录。")).to_be_visible()
            give_password(telephone, address, NEW)
            telephone.get_by_role("link", name="手机不在身边，使用备用码").click()
            give_code(telephone, codes[5], "备用码")
            expect(telephone.get_by_role("heading", name="我的账号")).to_be_visible()
