"""Every template in a real browser: accessible, within the policy, no wider than the screen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.support.look_app import PAGES, create_look_app
from tests.support.looking import NONE, SHOTS, Window, examine, examine_everywhere, opened_window
from tests.support.serving import serving


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving(create_look_app()) as address:
        yield address


@pytest.fixture(scope="module")
def window(browser: Browser) -> Iterator[Window]:
    """One for all pages: what a browser keeps of one it need not make for the next."""
    with opened_window(browser) as window:
        yield window


@pytest.mark.parametrize("name", PAGES)
def test_page_is_accessible_keeps_the_policy_and_fits(window: Window, address: str, name: str) -> None:
    window.go(f"{address}/look/{name}")
    assert examine_everywhere(window.page, window.said, SHOTS / name.replace("/", "-")) == {}


def test_planted_faults_are_all_found(window: Window, address: str) -> None:
    window.go(f"{address}/look/planted")
    wrong = examine_everywhere(window.page, window.said)
    window.go(f"{address}/look/errors/404")
    assert examine_everywhere(window.page, window.said) == {}, "what one page said was held against the next"
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
    with opened_window(browser, {"width": width, "height": 900}) as window:
        window.go(f"{address}/look/gallery/gallery")
        assert examine(window.page, window.said) == NONE
