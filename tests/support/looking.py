"""Looking at a page as people with a screen reader, a small screen or a magnifier meet it, with the faults named."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from playwright.sync_api import Browser, Page, ViewportSize

from tests.support.look_app import ROOT

RULES: Final = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
}
SIZES: Final[tuple[ViewportSize, ...]] = ({"width": 1440, "height": 900}, {"width": 375, "height": 812})
"""Where every page is examined in full."""

BETWEEN: Final = {1440: (1024, 768, 720), 375: (320,)}
"""Where it must fit as well, without being loaded again; 720 is 1440 at 200 % zoom."""

SHOTS: Final = ROOT / "shots"
IS_KEPT: Final = "SHOTS" in os.environ
"""Pictures cost a third of the time of looking, so only who wants to see them has them taken."""

VIOLATIONS: Final = """async (rules) => (await axe.run(document, rules)).violations
  .flatMap((item) => item.nodes.map((node) => `${item.id}: ${node.target}`))"""
"""Only what is wrong leaves the browser: all that is right weighs megabytes."""

OVER: Final = """() => {
  const edge = document.documentElement.clientWidth, over = document.documentElement.scrollWidth - edge;
  const hidden = (one) => one && one !== document.body && (getComputedStyle(one).overflowX !== "visible" || hidden(one.parentElement));
  const out = [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > edge + 1 && !hidden(one.parentElement));
  return over > 0 ? `${over} px, as ${out.slice(0, 3).map((one) => `${one.localName}.${one.className}`).join(" ")}` : "";
}"""


SETTLES_MS: Final = 400
"""Charts take their new width a moment after the page."""


class Window(NamedTuple):
    """A browser's window that goes from page to page, and what the console said since it came to the last one."""

    page: Page
    said: list[str]

    def go(self, address: str) -> None:
        """Open a page, which must be there."""
        self.said.clear()
        answer = self.page.goto(address, wait_until="load")
        assert answer is not None
        assert answer.status == 200, address


@contextmanager
def opened_window(browser: Browser, size: ViewportSize = SIZES[0]) -> Iterator[Window]:
    """A window of its own, without motion."""
    context = browser.new_context(locale="zh-CN", reduced_motion="reduce", viewport=size)
    page, said = context.new_page(), list[str]()
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    try:
        yield Window(page, said)
    finally:
        context.close()


class Faults(NamedTuple):
    """What is wrong with one page: by axe, by what the console said, and where it is wider than the screen."""

    accessibility: list[str]
    console: list[str]
    overflow: dict[int, str]
    """Screen width → pixels too many, and what reaches over the edge."""


NONE: Final = Faults([], [], {})


def examine(page: Page, said: Sequence[str]) -> Faults:
    """The page as it stands, and at the widths between; it ends at the width it began with."""
    size = page.viewport_size
    assert size is not None
    found = accessibility_of(page)
    over = overflow_at(page, (size["width"], *BETWEEN.get(size["width"], ())))
    page.set_viewport_size(size)
    return Faults(found, list(said), over)


def examine_everywhere(page: Page, said: Sequence[str], shot: Path | None = None) -> dict[int, Faults]:
    """Width → what is wrong there, of those with a fault. The page is loaded once and its window made narrower; it ends as wide
    as it began. ``said`` may grow meanwhile. ``shot``: the pictures' name, to which the width is added.
    """
    began, heard, found = page.viewport_size, 0, {}
    assert began is not None
    for size in SIZES:
        page.set_viewport_size(size)
        faults = examine(page, [])
        faults.console.extend(said[heard:])
        heard = len(said)
        if shot is not None:
            keep_shot(page, shot.with_name(f"{shot.name}-{size['width']}.png"))
        if faults != NONE:
            found[size["width"]] = faults
    page.set_viewport_size(began)
    return found


def accessibility_of(page: Page) -> list[str]:
    """Each rule of WCAG 2.2 AA that axe sees broken, with its place."""
    if not page.evaluate("'axe' in window"):
        page.evaluate((ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8"))
    found: list[str] = page.evaluate(VIOLATIONS, RULES)
    return found


def overflow_at(page: Page, widths: Sequence[int]) -> dict[int, str]:
    """The widths among these at which the page is wider than the screen, by how many pixels and why."""
    over: dict[int, str] = {}
    size = page.viewport_size
    assert size is not None
    for width in widths:
        if page.viewport_size != {"width": width, "height": size["height"]}:
            page.set_viewport_size({"width": width, "height": size["height"]})
        if page.evaluate(OVER):
            page.wait_for_timeout(SETTLES_MS)
        if told := page.evaluate(OVER):
            over[width] = told
    return over


def keep_shot(page: Page, path: Path) -> None:
    """A picture of the whole page, bars at its foot, for a reviewer of a change; with SHOTS=1 in the environment only."""
    if not IS_KEPT:
        return
    size = page.viewport_size
    assert size is not None
    if page.locator(".review").count() == 0 or size["width"] < 600:
        size["height"] = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size(size)
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path)
