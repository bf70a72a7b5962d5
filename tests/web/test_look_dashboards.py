"""Every dashboard page in every state, as a person sees it: accessible, within the policy, no wider than the screen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

import pytest
from flask import Flask
from playwright.sync_api import Browser

from tests.factories.full_list import KEY, plant_full_list
from tests.factories.ningbo import NOW
from tests.factories.people import make_person, signed_in_client
from tests.factories.rows import plant_indicator, plant_list
from tests.support.databases import Copies
from tests.support.looking import SHOTS, Window, examine_everywhere, opened_window
from tests.support.serving import serving
from tests.support.web import app_on
from tracker.domain.periods import SHANGHAI
from tracker.models.audit import Setting
from tracker.services.ledger.settling import settle

LIST = f"/programmes/{KEY}"
PEOPLE = {
    "reviewer": ("reviewer", "330200"),
    "viewer": ("viewer", "330000"),
    "district": ("reporter", "330203"),
    "silent": ("reporter", "330213"),
    "reminded": ("approver", "330213"),
}
PAGES = {
    # name: (who looks, address)
    "overview": ("reviewer", LIST),
    "overview-lag": ("reviewer", f"{LIST}?sort=lag&basis=provisional"),
    "overview-past": ("reviewer", f"{LIST}?as_of=1&cutoff=2018-06"),
    "overview-nothing-due": ("reviewer", f"{LIST}?cutoff=2017-12"),
    "overview-nobody-reported": ("reviewer", f"{LIST}?cutoff=2018-09"),
    "overview-no-targets": ("reviewer", "/programmes/330200-2018-bare"),
    "district": ("district", LIST),
    "district-silent": ("silent", LIST),
    "desk-reminded": ("reminded", "/"),
    "pledge": ("reviewer", f"{LIST}/pledges/6"),
    "pledge-past": ("reviewer", f"{LIST}/pledges/1?as_of=1&cutoff=2018-06"),
    "pledge-no-targets": ("reviewer", "/programmes/330200-2018-bare/pledges/1"),
    "compare": ("reviewer", f"{LIST}/compare"),
    "compare-cities": ("viewer", "/compare?year=2018"),
    "compare-nothing": ("viewer", "/compare?year=2016"),
    "trail": ("viewer", f"{LIST}/trail?indicator=stations&at=330200"),
    "trail-reports": ("viewer", f"{LIST}/trail?indicator=stations&at=330200&reports=1"),
    "trail-district": ("viewer", f"{LIST}/trail?indicator=stations&at=330226"),
}


PRESS_AND_WAIT = """() => new Promise((done) => {
  document.querySelector(".segmented a:not([aria-current])").click();
  setTimeout(() => done(document.getElementById("main").getAttribute("aria-busy")), 800);
})"""


class Shown(NamedTuple):
    """The application over a full list, served; and who looks."""

    app: Flask
    address: str
    accounts: dict[str, int]


@pytest.fixture(scope="module")
def shown(sqlite_copies: Copies) -> Iterator[Shown]:
    with sqlite_copies() as database:
        app = app_on(database)
        with database.session() as session:
            made = plant_full_list(session)
            bare = plant_list(session, made.units["330200"], key="330200-2018-bare")
            plant_indicator(session, bare, "courses")
            moved = datetime(2018, 7, 7, 10, tzinfo=SHANGHAI) - datetime.now(SHANGHAI)
            session.add(Setting(name="clock_offset_seconds", value=str(int(moved.total_seconds()))))
            people = {name: make_person(session, *place) for name, place in PEOPLE.items()}
            settle(database, session, lambda: NOW)
        client = signed_in_client(app, people["reviewer"].account_id)
        sent = client.submit(f"{LIST}/reminders/2018-06", {"units-0": "330213", "back": LIST})
        assert sent.status_code == 303
        with serving(app) as address:
            yield Shown(app, address, {name: person.account_id for name, person in people.items()})


@pytest.fixture(scope="module")
def window(browser: Browser) -> Iterator[Window]:
    """One for all pages."""
    with opened_window(browser) as window:
        yield window


@pytest.mark.parametrize("name", PAGES)
def test_dashboard_is_accessible_keeps_the_policy_and_fits(window: Window, shown: Shown, name: str) -> None:
    who, path = PAGES[name]
    cookie = signed_in_client(shown.app, shown.accounts[who]).get_cookie("session")
    assert cookie is not None
    context = window.page.context
    context.clear_cookies()
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": shown.address}])
    window.go(shown.address + path)
    assert examine_everywhere(window.page, window.said, SHOTS / f"boards-{name}") == {}


def test_a_page_that_takes_longer_than_a_moment_says_so(browser: Browser, shown: Shown) -> None:
    cookie = signed_in_client(shown.app, shown.accounts["reviewer"]).get_cookie("session")
    assert cookie is not None
    context = browser.new_context(locale="zh-CN")
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": shown.address}])
    page = context.new_page()
    page.goto(shown.address + LIST)
    page.route("**/programmes/**", lambda _route: None)  # an answer that does not come
    assert page.evaluate(PRESS_AND_WAIT) == "true"
    context.close()
