"""Who walks through the demonstration, in which browser, and the pages nobody comes to by a link."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from playwright.sync_api import Browser, Page
from sqlalchemy import select

from tests.factories.people import signed_in_client
from tests.support.browsers import PATIENCE_MS
from tests.support.demonstration import LivingYear
from tests.support.strict_client import StrictClient
from tracker.models.account import Account

WALKERS: Final = (
    "fenghua-reporter", "xiangshan-reporter", "ningbo-auditor", "ningbo-admin", "beilun-approver", "zhejiang-viewer", "ningbo-viewer",
    "huzhou-reviewer", "zhejiang-reviewer", "ningbo-reviewer",
)  # fmt: skip
BEYOND: Final = {
    "accounts.sign_in": "signed in already",
    "accounts.handbook_picture": "shown inside handbooks",
    "health.alive": "for machines",
    "health.ready": "for machines",
    "metrics.show": "for machines",
    **dict.fromkeys(
        ("accounts.ask_code", "accounts.ask_new_password", "accounts.ask_to_enrol"), "steps of signing in"
    ),
    **dict.fromkeys(
        ("org_units.preview_import", "people.preview_import", "programmes.preview_import"), "after an upload"
    ),
    **dict.fromkeys(("exports.show", "exports.download"), "after a table was asked for"),
    **dict.fromkeys(("reports.check", "targets.check", "programmes.choose_kind"), "by the button of a form"),
    **dict.fromkeys(
        ("bulletins.exported", "org_units.exported", "programmes.exported"), "files, by the button of a form"
    ),
    "bulletins.prose": "of a draft; the year has none",
    "corrections.show_revoke": "from one of many accepted reports",
    "evidence.preview": "a picture inside a page",
    "gallery.show": "in development only",
    "links.show_link": "by letter",
}
"""Pages nobody comes to by a link, and why."""


def client_of(year: LivingYear, login: str) -> StrictClient:
    """A browser without pictures, signed in."""
    with year.database.session() as session:
        account = session.scalars(select(Account.id).where(Account.login == login)).one()
    return signed_in_client(year.app, account)


@contextmanager
def seen_by(
    browser: Browser,
    address: str,
    client: StrictClient | None,
    language: str,
    *,
    size: tuple[int, int] = (1440, 900),
) -> Iterator[tuple[Page, list[str]]]:
    """A page of somebody signed in, or of nobody, and what its console says."""
    context = browser.new_context(
        locale="en-GB" if language == "en" else "zh-CN", timezone_id="Asia/Shanghai",
        viewport={"width": size[0], "height": size[1]}, reduced_motion="reduce",
    )  # fmt: skip
    context.set_default_timeout(PATIENCE_MS)
    if client is not None:
        cookie = client.get_cookie("session")
        assert cookie is not None
        context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page, said
    context.close()


def go(page: Page, url: str) -> None:
    """Open a page that is there, with its letters drawn."""
    answer = page.goto(url)
    assert answer is not None
    assert answer.status == 200, url
    page.evaluate("document.fonts.ready")
