"""Every template in a real browser: accessible, within the policy, no wider than the screen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Page

from tests.support.look_app import PAGES, ROOT, create_look_app
from tests.support.serving import serving

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
WIDTHS = (1440, 375)
SHOTS = ROOT / "shots"


class Faults(NamedTuple):
    """What is wrong with one page at one width."""

    accessibility: list[str]
    console: list[str]
    overflow: int


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


def examine(page: Page, said: list[str]) -> Faults:
    """Accessibility by axe, what the console said, and how much wider than the screen the page is."""
    axe = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
    page.evaluate(axe)
    found = page.evaluate("rules => axe.run(document, rules)", RULES)["violations"]
    told = [f"{item['id']}: {node['target']}" for item in found for node in item["nodes"]]
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return Faults(told, said, over)


def keep_shot(page: Page, path: Path) -> None:
    """A picture of the whole page, bars at its foot: what a reviewer of a change looks at."""
    size = page.viewport_size
    assert size is not None
    if page.locator(".review").count() == 0 or size["width"] < 600:
        size["height"] = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size(size)
    path.parent.mkdir(exist_ok=True)
    page.screenshot(path=path)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", PAGES)
def test_page_is_accessible_keeps_the_policy_and_fits(
    browser: Browser, address: str, name: str, width: int
) -> None:
    page, said = _open(browser, f"{address}/look/{name}", width)
    faults = examine(page, said)
    keep_shot(page, SHOTS / f"{name.replace('/', '-')}-{width}.png")
    page.context.close()
    assert faults == Faults([], [], 0)


def test_planted_faults_are_all_found(browser: Browser, address: str) -> None:
    page, said = _open(browser, f"{address}/look/planted", 375)
    faults = examine(page, said)
    page.context.close()
    assert any("image-alt" in fault for fault in faults.accessibility)
    assert any("Content Security Policy" in line for line in faults.console)
    assert faults.overflow > 0


@pytest.mark.parametrize("width", [320, 768])
def test_every_component_fits_the_narrowest_screen_and_a_tablet(
    browser: Browser, address: str, width: int
) -> None:
    page, said = _open(browser, f"{address}/look/gallery/gallery", width)
    faults = examine(page, said)
    page.context.close()
    assert faults == Faults([], [], 0)
