"""Every picture of the documents, taken anew in both languages; a place that is gone is a failure that names it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.pictures.camera import photograph
from tests.pictures.places import PLACES, Place
from tests.support.databases import on_sqlite
from tests.support.demonstration import LivingYear
from tests.support.look_app import ROOT
from tests.support.serving import serving
from tests.walk.walkers import client_of, go, seen_by
from tracker.web.i18n import CHINESE

pytestmark = on_sqlite

KEPT = ROOT / "docs" / "img"


@pytest.fixture(scope="module")
def address(living_year: LivingYear) -> Iterator[str]:
    """The year is served to nobody else: what is typed before a picture hurts no other test."""
    with serving(living_year.app) as address:
        yield address


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("place", PLACES, ids=[place.name for place in PLACES])
def test_takes(browser: Browser, address: str, living_year: LivingYear, place: Place, language: str) -> None:
    client = client_of(living_year, place.login)
    client.get(f"/?lang={CHINESE if language == 'zh' else language}")
    size = (place.width, place.height)
    with seen_by(browser, address, client, language, size=size) as (page, _said):
        go(page, address + place.address)
        if place.before is not None:
            place.before(page)
        page.wait_for_load_state("networkidle")
        photograph(page, KEPT / language / f"{place.name}.png", parts=place.parts, most=place.most)
