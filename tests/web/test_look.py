"""Every template in a real browser: accessible, within the policy, no wider than the screen."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.look_app import PAGES, ROOT, serve

FLAGS = [
    "--no-sandbox", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
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
    with serve() as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield browser
        browser.close()


def _open(browser: Browser, url: str, width: int, **options: Any) -> tuple[Page, list[str]]:
    context = browser.new_context(locale="zh-CN", viewport={"width": width, "height": 900 if width > 600 else 812}, **options)
    page, said = context.new_page(), []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(url, wait_until="load")
    return page, said


def _examine(page: Page, said: list[str]) -> Faults:
    axe = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
    page.evaluate(axe)
    found = page.evaluate("rules => axe.run(document, rules)", RULES)["violations"]
    told = [f"{item['id']}: {node['target']}" for item in found for node in item["nodes"]]
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return Faults(told, said, over)


def _keep_shot(page: Page, path: Path) -> None:
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
def test_page_is_accessible_keeps_the_policy_and_fits(browser: Browser, address: str, name: str, width: int) -> None:
    page, said = _open(browser, f"{address}/look/{name}", width)
    faults = _examine(page, said)
    _keep_shot(page, SHOTS / f"{name.replace('/', '-')}-{width}.png")
    page.context.close()
    assert faults == Faults([], [], 0)


def test_planted_faults_are_all_found(browser: Browser, address: str) -> None:
    page, said = _open(browser, f"{address}/look/planted", 375)
    faults = _examine(page, said)
    page.context.close()
    assert any("image-alt" in fault for fault in faults.accessibility)
    assert any("Content Security Policy" in line for line in faults.console)
    assert faults.overflow > 0
