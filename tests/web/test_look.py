"""Every template in a real browser: accessible, within the policy, no wider than the screen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.support.look_app import PAGES, create_look_app
from tests.support.looking import NONE, SHOTS, examine, examine_everywhere
from tests.support.serving import serving


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving(create_look_app()) as address:
        yield address


def _open(browser: Browser, url: str, width: int) -> tuple[Page, list[str]]:
    context = browser.new_context(
        locale="zh-CN", viewport={"width": width, "height": 900 if width > 600 else 812}
    )
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(url, wait_until="load")
    return page, said


@pytest.mark.parametrize("name", PAGES)
def test_page_is_accessible_keeps_the_policy_and_fits(browser: Browser, address: str, name: str) -> None:
    page, said = _open(browser, f"{address}/look/{name}", 1440)
    wrong = examine_everywhere(page, said, SHOTS / name.replace("/", "-"))
    page.context.close()
    assert wrong == {}


def test_planted_faults_are_all_found(browser: Browser, address: str) -> None:
    page, said = _open(browser, f"{address}/look/planted", 1440)
    wrong = examine_everywhere(page, said)
    page.context.close()
    assert all(any("image-alt" in fault for fault in faults.accessibility) for faults in wrong.values())
    assert any("Content Security Policy" in line for line in wrong[1440].console)
    assert {width: set(faults.overflow) for width, faults in wrong.items()} == {
        1440: {1440, 1024, 768, 720},
        375: {375, 320},
    }


@pytest.mark.parametrize("width", [320, 768])
def test_every_component_fits_the_narrowest_screen_and_a_tablet(
    browser: Browser, address: str, width: int
) -> None:
    page, said = _open(browser, f"{address}/look/gallery/gallery", width)
    faults = examine(page, said)
    page.context.close()
    assert faults == NONE
