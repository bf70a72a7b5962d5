"""From an opened account to its first sign-in, in a browser: asked for, confirmed by a second person, by link; each page looked at."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page

from tests.factories.people import make_person, signed_in_client
from tests.factories.rows import plant_tree
from tests.support.databases import on_sqlite
from tests.support.looking import SIZES, examine_everywhere
from tests.support.serving import serving
from tests.support.smtp import post_office
from tracker.db import Database
from tracker.worker import deliver_one, mailroom_of

pytestmark = on_sqlite
ADMIN_PAGES = (
    "/accounts", "/accounts?q=nobody", "/accounts/1", "/accounts/new", "/accounts/new?unit=330203",
    "/accounts/1/appoint?unit=330203", "/accounts/import", "/accounts/requests",
)  # fmt: skip


@pytest.fixture
def accounts(app: Flask, fresh_database: Database) -> dict[str, int]:
    """Two admins of the city; login → account."""
    app.config["MAIL_URL"] = "smtp://127.0.0.1:9"
    with fresh_database.session() as session:
        plant_tree(session, {"330200": {"330203": {}}})
        made = [make_person(session, "admin", "330200", login=login) for login in ("first", "second")]
        session.commit()
    return {one.login: one.account_id for one in made}


def opened(browser: Browser, app: Flask, account_id: int | None, address: str) -> BrowserContext:
    context = browser.new_context(
        locale="zh-CN", reduced_motion="reduce", base_url=address, viewport=SIZES[0]
    )
    if account_id is not None:
        cookie = signed_in_client(app, account_id).get_cookie("session")
        assert cookie is not None
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": address}])
    return context


def look_at(page: Page, path: str) -> None:
    """A page people see is accessible, keeps the policy and fits."""
    page.goto(path)
    assert examine_everywhere(page, []) == {}, path


def test_opens_confirms_and_starts_an_account(
    browser: Browser, app: Flask, accounts: dict[str, int], fresh_database: Database
) -> None:
    with serving(app) as address:
        first = opened(browser, app, accounts["first"], address)
        page = first.new_page()
        page.goto("/accounts/new")
        page.get_by_label("单位名称或代码").fill("330203")
        page.get_by_role("button", name="查找").click()
        page.get_by_role("link", name="330203总工会").click()
        page.get_by_label("姓名").fill("样例新人")
        page.get_by_label("登录名").fill("newcomer")
        page.get_by_label("邮箱").fill("new@example.cn")
        page.locator("#role").select_option("approver")
        page.get_by_role("button", name="开设").click()
        assert "等另一位管理员" in page.inner_text(".flashes")
        for path in (*ADMIN_PAGES, page.url):
            look_at(page, path)
        first.close()
        second = opened(browser, app, accounts["second"], address)
        page = second.new_page()
        look_at(page, "/")
        page.get_by_role("link", name="去确认").click()
        page.get_by_role("button", name="确认", exact=True).click()
        assert "已确认" in page.inner_text(".flashes")
        look_at(page, "/accounts/requests")
        second.close()
        own = opened(browser, app, None, address)
        page = own.new_page()
        look_at(page, letter_path(app, fresh_database))
        page.get_by_label("新密码").fill("a password of one's own")
        page.get_by_role("button", name="设定密码").click()
        page.get_by_label("账号").fill("newcomer")
        page.get_by_label("密码").fill("a password of one's own")
        page.get_by_role("button", name="登录").click()
        assert "样例新人，您好" in page.inner_text("h1")
        own.close()


def letter_path(app: Flask, database: Database) -> str:
    """Where the letter that leaves now leads."""
    with post_office() as office:
        mailroom = mailroom_of({**app.config, "MAIL_URL": office.url})
        assert deliver_one(database, mailroom, lambda: datetime.now(UTC))
    found = re.search(r"http://localhost(/links/\S+)", office.letters[0].get_content())
    assert found is not None
    return found[1]
