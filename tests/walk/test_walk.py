"""Every page of the living year as each role meets it: found by its links, then looked at in a browser."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, Page

from tests.support.databases import on_sqlite
from tests.support.demonstration import LivingYear
from tests.support.look_app import ROOT
from tests.support.looking import keep_shot
from tests.support.serving import serving
from tests.walk.roads import Roads, Stop, pages_of, roads_of
from tests.walk.steps import faults_by_eye, faults_by_keyboard, faults_by_words, weight_of
from tests.walk.walkers import BEYOND, WALKERS, client_of, seen_by

pytestmark = on_sqlite

ENOUGH: Final = 3
"""How many people a page's kind is looked at for."""

KEPT: Final = ROOT / "build" / "walk"


@pytest.fixture(scope="module")
def address(living_year: LivingYear) -> Iterator[str]:
    with serving(living_year.app) as address:
        yield address


@pytest.fixture(scope="module")
def roads(living_year: LivingYear) -> dict[str, Roads]:
    return {login: roads_of(living_year.app, client_of(living_year, login)) for login in WALKERS}


@pytest.fixture(scope="module")
def ways(roads: dict[str, Roads]) -> dict[str, list[Stop]]:
    """Whose eyes see what: each kind of page with those who come to it first."""
    seen: Counter[str] = Counter()
    chosen: dict[str, list[Stop]] = {login: [] for login in roads}
    for login, found in roads.items():
        chosen[login] = [stop for stop in found.stops if seen[stop.endpoint] < ENOUGH]
        seen.update({stop.endpoint for stop in chosen[login]})
    return chosen


def test_no_link_leads_nowhere(roads: dict[str, Roads]) -> None:
    dead = {login: found.dead for login, found in roads.items() if found.dead}
    assert not dead, json.dumps(dead, indent=1, ensure_ascii=False)


def test_every_page_is_reached_by_somebody(living_year: LivingYear, roads: dict[str, Roads]) -> None:
    reached = {stop.endpoint for found in roads.values() for stop in found.stops}
    files = {endpoint for found in roads.values() for endpoint in found.files}
    left = pages_of(living_year.app) - reached - files - set(BEYOND)
    assert not left, "\n".join(sorted(left))


@pytest.mark.parametrize("login", WALKERS)
def test_pages_fit_every_screen_and_hand(
    browser: Browser, living_year: LivingYear, address: str, ways: dict[str, list[Stop]], login: str
) -> None:
    wrong: dict[str, list[str]] = {}
    weights: dict[str, tuple[int | None, ...]] = {}
    with seen_by(browser, address, client_of(living_year, login), "zh") as (page, said):
        for stop in ways[login]:
            page.set_viewport_size({"width": 1440, "height": 900})
            page.goto(address + stop.address, wait_until="load")
            weights[stop.address] = weight_of(page)
            _keep(page, login, stop, 1440)
            faults = [*faults_by_keyboard(page, 1440), *faults_by_eye(page)]
            page.set_viewport_size({"width": 375, "height": 812})
            page.goto(address + stop.address, wait_until="load")
            _keep(page, login, stop, 375)
            faults += [*faults_by_keyboard(page, 375), *(f"console: {one}" for one in said)]
            said.clear()
            if faults:
                wrong[stop.address] = faults
    KEPT.mkdir(parents=True, exist_ok=True)
    (KEPT / f"{login}.json").write_text(
        json.dumps({"weights": weights, "wrong": wrong}, indent=1, ensure_ascii=False)
    )
    assert not wrong, json.dumps(wrong, indent=1, ensure_ascii=False)


@pytest.mark.parametrize("login", WALKERS)
def test_pages_hold_english_words(
    browser: Browser, living_year: LivingYear, address: str, ways: dict[str, list[Stop]], login: str
) -> None:
    wrong: dict[str, list[str]] = {}
    client = client_of(living_year, login)
    client.get("/?lang=en")
    with seen_by(browser, address, client, "en") as (page, _said):
        for stop in ways[login]:
            joint = "&" if "?" in stop.address else "?"
            page.goto(f"{address}{stop.address}{joint}lang=en", wait_until="load")
            if faults := list(faults_by_words(page)):
                wrong[stop.address] = faults
    assert not wrong, json.dumps(wrong, indent=1, ensure_ascii=False)


def _keep(page: Page, login: str, stop: Stop, width: int) -> None:
    name = f"{stop.endpoint}{'' if stop.is_first else '-2'}-{width}.png"
    keep_shot(page, KEPT / login / name)
