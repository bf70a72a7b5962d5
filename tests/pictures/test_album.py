"""Every page taken for docs/pages.md, in the order of its address: a page that is gone loses its picture, a new one gets one."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.pictures.album import WIDTHS, Entry, document, fullest, paste_up, shoot
from tests.pictures.by_hand import BY_HAND, Hand
from tests.support.databases import on_sqlite
from tests.support.demonstration import LivingYear
from tests.support.look_app import ROOT
from tests.support.serving import serving
from tests.walk.roads import pages_of, roads_of
from tests.walk.walkers import BEYOND, WALKERS, client_of, go, seen_by

pytestmark = on_sqlite

KEPT = ROOT / "docs" / "img" / "pages"
DOCUMENT = ROOT / "docs" / "pages.md"


@pytest.fixture(scope="module")
def address(living_year: LivingYear) -> Iterator[str]:
    with serving(living_year.app) as address:
        yield address


@pytest.fixture(scope="module")
def hands(living_year: LivingYear) -> list[Hand]:
    """Every page there is: found by links first, then what needs a hand."""
    roads = {login: roads_of(living_year.app, client_of(living_year, login)) for login in WALKERS}
    found = [Hand(endpoint, *where) for endpoint, where in fullest(roads).items()]
    return [*found, *(hand for hand in BY_HAND if hand.endpoint not in {one.endpoint for one in found})]


def test_takes_every_page(browser: Browser, address: str, living_year: LivingYear, hands: list[Hand]) -> None:
    rules = {
        rule.endpoint: rule.rule
        for rule in living_year.app.url_map.iter_rules()
        if "GET" in (rule.methods or ())
    }
    for old in KEPT.glob("*.webp"):
        old.unlink()
    entries = []
    for hand in hands:
        client = client_of(living_year, hand.login) if hand.login else None
        with seen_by(browser, address, client, "zh") as (page, _said):
            go(page, address + hand.address)
            if hand.before is not None:
                hand.before(page)
            paste_up([shoot(page, width) for width in WIDTHS], KEPT / f"{hand.endpoint}.webp")
            title = re.sub(r"\s+", " ", page.locator("h1").first.inner_text()).strip()
            entries.append(
                Entry(
                    hand.endpoint, re.sub(r"<[^>]*?(\w+)>", r"<\1>", rules[hand.endpoint]), hand.login, title
                )
            )
    shown = {entry.endpoint for entry in entries}
    left = dict.fromkeys(pages_of(living_year.app), "a file, or leads on to another page") | BEYOND
    unseen = {endpoint: why for endpoint, why in left.items() if endpoint not in shown}
    DOCUMENT.write_text(document(entries, _about, unseen), encoding="utf-8")


def _about(area: str) -> str:
    """What the feature's package says of itself."""
    return (importlib.import_module(f"tracker.features.{area}").__doc__ or area).strip().rstrip(".")
