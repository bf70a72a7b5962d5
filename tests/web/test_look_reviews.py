"""The pages of those who check, as the application itself makes them: accessible, within the policy, no wider than the screen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple

import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from tests.factories.districts import World
from tests.factories.people import PASSWORD
from tests.factories.review_site import build_review_site
from tests.factories.sheet_site import SHEET, build_site
from tests.support.databases import Copies
from tests.support.looking import SHOTS, SIZES, Faults, examine_everywhere
from tests.support.serving import serving
from tests.support.web import app_on
from tracker.features.reports.typed_lines import TypedLine

LIST: Final = "/programmes/330200-2018"
REVIEW: Final = f"{LIST}/reviews/330203/2018-06"
MAY: Final = "330203/2018-05"


class Seen(NamedTuple):
    """A page and whose browser opens it."""

    name: str
    login: str
    path: str


PAGES: Final = (
    Seen("review", "reviewer-330200", REVIEW),
    Seen("review-line", "reviewer-330200", f"{REVIEW}?line=enrolments"),
    Seen("review-returning", "reviewer-330200", f"{REVIEW}?return=1"),
    Seen("review-accepted", "reviewer-330200", f"{LIST}/reviews/{MAY}"),
    Seen("review-approver", "approver-330203", f"{LIST}/reviews/330203/2018-06"),
    Seen("queue", "reviewer-330200", f"{LIST}/reviews"),
    Seen("queue-approver", "approver-330203", f"{LIST}/reviews"),
    Seen("handover", "reviewer-330200", "/reviews/handover"),
    Seen("handover-alone", "approver-330203", "/reviews/handover"),
    Seen("revoke", "reviewer-330200", f"{LIST}/reviews/{MAY}/revoke"),
    Seen("correct", "reporter-330203", f"{LIST}/sheets/{MAY}/correct"),
    Seen("thread", "reporter-330203", f"{LIST}/sheets/330203/2018-06/thread"),
    Seen("period", "reviewer-330200", f"{LIST}/periods/2018-06"),
    Seen("period-empty", "reviewer-330200", f"{LIST}/periods/2018-01"),
    Seen("desk-reporter", "reporter-330203", "/"),
    Seen("desk-approver", "approver-330203", "/"),
    Seen("desk-reviewer", "reviewer-330200", "/"),
    Seen("desk-viewer", "viewer-330200", "/"),
    Seen("desk-auditor", "auditor-330200", "/"),
    Seen("desk-admin", "admin-330200", "/"),
)


@pytest.fixture(scope="module")
def address(sqlite_copies: Copies, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The application over a sheet that has been through everything."""
    with sqlite_copies() as database:
        app = app_on(database, evidence=tmp_path_factory.mktemp("evidence"))
        build_review_site(app)
        with serving(app) as served:
            yield served


@contextmanager
def signed_in(
    browser: Browser, address: str, login: str, size: ViewportSize = SIZES[0]
) -> Iterator[tuple[Page, list[str]]]:
    """A browser signed in as this person, and what its console says."""
    context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", viewport=size)
    page, said = context.new_page(), list[str]()
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{address}/login")
    page.get_by_label("账号").fill(login)
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(f"{address}/")
    yield page, said
    context.close()


@pytest.mark.parametrize("login", sorted({one.login for one in PAGES}))
def test_pages_are_accessible_keep_the_policy_and_fit(browser: Browser, address: str, login: str) -> None:
    found: dict[str, dict[int, Faults]] = {}
    with signed_in(browser, address, login) as (page, said):
        for one in PAGES:
            if one.login != login:
                continue
            said.clear()
            answer = page.goto(f"{address}{one.path}", wait_until="load")
            assert answer is not None
            assert answer.status == 200, one.name
            found[one.name] = examine_everywhere(page, said, SHOTS / f"real-{one.name}")
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_a_return_that_came_too_late_shows_both_values_and_keeps_the_words(
    browser: Browser, sqlite_copies: Copies
) -> None:
    with sqlite_copies() as database:
        app = app_on(database)
        site = build_site(app)
        with database.session() as session:
            World.again(session).hand_in()
            session.commit()
        with serving(app) as address, signed_in(browser, address, "approver-330203") as (page, said):
            page.goto(f"{address}{REVIEW}?return=1")
            assert site.browser(site.reporter).submit(f"{SHEET}/withdraw").status_code == 303
            with database.session() as session:
                world = World.again(session)
                world.save(enrolments=TypedLine(value="17500"))
                world.submit()
                session.commit()
            page.get_by_label("退回意见").fill("与花名册不符")
            page.locator("dialog#return").get_by_role("button", name="退回", exact=True).click()
            page.wait_for_load_state("load")
            assert page.locator("main del").first.inner_text().endswith("17,600")
            assert page.locator("#reason").input_value() == "与花名册不符"
            wrong = examine_everywhere(
                page, [one for one in said if "409" not in one], SHOTS / "real-moved-on"
            )
    assert wrong == {}
