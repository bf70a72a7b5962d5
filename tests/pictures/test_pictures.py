"""Every picture of the documents, taken anew in both languages; a place that is gone is a failure that names it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from tests.factories.people import signed_in_client
from tests.pictures.camera import photograph
from tests.pictures.places import PLACES, Place
from tests.support.browsers import PATIENCE_MS
from tests.support.databases import on_sqlite
from tests.support.demonstration import LivingYear
from tests.support.look_app import ROOT
from tests.support.serving import serving
from tracker.models.account import Account
from tracker.web.i18n import CHINESE

pytestmark = on_sqlite

KEPT = ROOT / "docs" / "img"


@pytest.fixture(scope="module")
def address(living_year: LivingYear) -> Iterator[str]:
    """The year is served to nobody else: what is typed before a picture hurts no other test."""
    with serving(living_year.app) as address:
        yield address


@contextmanager
def window(browser: Browser, address: str, year: LivingYear, place: Place, language: str) -> Iterator[Page]:
    """A browser of somebody signed in, in their language."""
    with year.database.session() as session:
        account = session.scalars(select(Account.id).where(Account.login == place.login)).one()
    client = signed_in_client(year.app, account)
    client.get(f"/?lang={CHINESE if language == 'zh' else language}")
    cookie = client.get_cookie("session")
    assert cookie is not None
    context = browser.new_context(
        locale="en-GB" if language == "en" else "zh-CN", timezone_id="Asia/Shanghai",
        viewport={"width": place.width, "height": place.height}, reduced_motion="reduce",
    )  # fmt: skip
    context.set_default_timeout(PATIENCE_MS)
    context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("place", PLACES, ids=[place.name for place in PLACES])
def test_takes(browser: Browser, address: str, living_year: LivingYear, place: Place, language: str) -> None:
    with window(browser, address, living_year, place, language) as page:
        answer = page.goto(address + place.address)
        assert answer is not None
        assert answer.status == 200, place.address
        if place.before is not None:
            place.before(page)
        page.wait_for_load_state("networkidle")
        page.evaluate("document.fonts.ready")
        photograph(page, KEPT / language / f"{place.name}.png", parts=place.parts, most=place.most)
