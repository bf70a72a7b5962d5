"""What is looked at on each page: five widths, magnified, printed, by keyboard alone, without cut words, and its weight."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from playwright.sync_api import Page

from tests.support.looking import accessibility_of, overflow_at

WIDTHS: Final = (1440, 1024, 768, 720, 375, 320)
"""720 is 1440 at 200 % zoom."""

PAPER: Final = {False: 718, True: 1032}
"""An A4 sheet between its margins, in pixels of print: upright, and lying."""

LIES: Final = "getComputedStyle(document.querySelector('.page') || document.body).page === 'filing'"

MOST_STOPS: Final = 400

FOCUSED: Final = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const box = one.getClientRects()[0] || one.getBoundingClientRect(), style = getComputedStyle(one);
  const label = one.labels && one.labels.length ? one.labels[0].getBoundingClientRect() : null;
  const shown = box.width > 1 && box.height > 1 ? box : label;
  let covered = null;
  if (shown) {
    const x = Math.min(Math.max(shown.left + Math.min(shown.width / 2, 40), 1), innerWidth - 2);
    const y = Math.min(Math.max(shown.top + Math.min(shown.height / 2, 16), 1), innerHeight - 2);
    const top = document.elementFromPoint(x, y);
    const mine = top && (one.contains(top) || top.contains(one) || (one.labels && [...one.labels].some((each) => each.contains(top))));
    if (!mine) covered = top ? top.outerHTML.slice(0, 80) : "nothing";
  }
  if (!one.dataset.walked) one.dataset.walked = String(document.querySelectorAll("[data-walked]").length + 1);
  return {
    what: one.outerHTML.slice(0, 120), number: one.dataset.walked, hidden: !shown, covered,
    ring: [style, getComputedStyle(one.parentElement)].some((each) => each.outlineStyle !== "none" || each.boxShadow !== "none") || !!(label && shown === label),
  };
}"""

UNREACHED: Final = """() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")]
  .filter((one) => !one.dataset.walked && !one.disabled && one.type !== "hidden" && one.tabIndex >= 0)
  .filter((one) => one.checkVisibility({visibilityProperty: true}) && !one.closest("[inert], dialog:not([open])"))
  .filter((one) => !(one.type === "radio" && document.querySelector(`[name="${one.name}"][data-walked]`)))
  .map((one) => one.outerHTML.slice(0, 120))"""

CUT: Final = """() => [...document.querySelectorAll("body *")].filter((one) => {
  const style = getComputedStyle(one);
  if (style.overflowX !== "hidden" && style.overflowX !== "clip") return false;
  if (one.clientWidth < 8 || !one.innerText || !one.checkVisibility()) return false;
  if ([...one.children].some((each) => ["svg", "IMG", "CANVAS", "TABLE"].includes(each.tagName))) return false;
  return one.scrollWidth > one.clientWidth + 1 && !one.closest("[title], .visually-hidden");
}).map((one) => `${one.className}: ${one.innerText.slice(0, 60)}`)"""

WEIGHT: Final = """() => {
  const all = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
  const paint = performance.getEntriesByName("first-contentful-paint")[0];
  return {bytes: all.reduce((sum, each) => sum + each.encodedBodySize, 0), page: all[0].encodedBodySize,
          requests: all.length, paint: paint ? Math.round(paint.startTime) : null};
}"""


class Weight(NamedTuple):
    """Bytes of the page and of all it loads (not compressed on the way here), requests, first paint in milliseconds."""

    page: int
    all: int
    requests: int
    paint: int | None


def weight_of(page: Page) -> Weight:
    """As the page has just been loaded into an empty cache."""
    told = page.evaluate(WEIGHT)
    return Weight(told["page"], told["bytes"], told["requests"], told["paint"])


def faults_by_eye(page: Page) -> Iterator[str]:
    """At each width: broken rules, words cut off, sideways scrolling; then the same page on paper."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
        yield from (f"{width}: {one}" for one in accessibility_of(page))
        yield from (f"{width}: too wide by {told}" for told in overflow_at(page, (width,)).values())
        yield from (f"{width}: cut off: {one}" for one in page.evaluate(CUT))
    page.emulate_media(media="print")
    paper = PAPER[bool(page.evaluate(LIES))]
    yield from (f"on paper: too wide by {told}" for told in overflow_at(page, (paper,)).values())
    page.emulate_media(media="screen")


def faults_by_words(page: Page, widths: tuple[int, ...] = (1440, 375)) -> Iterator[str]:
    """The same, for longer words: only what their length can break."""
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        yield from (f"{width}: too wide by {told}" for told in overflow_at(page, (width,)).values())
        yield from (f"{width}: cut off: {one}" for one in page.evaluate(CUT))


def faults_by_keyboard(page: Page, width: int) -> Iterator[str]:
    """Tab through the whole page: everything that can be used is reached, seen, not covered, and has a ring."""
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate("scrollTo(0, 0)")
    seen: list[str] = []
    for _each in range(MOST_STOPS):
        page.keyboard.press("Tab")
        at: dict[str, Any] | None = page.evaluate(FOCUSED)
        if at is None or at["number"] in seen[:-1]:
            break
        if at["number"] in seen:  # the parts of a date
            continue
        seen.append(at["number"])
        if at["hidden"]:
            yield f"{width}: focus not to be seen: {at['what']}"
        elif at["covered"]:
            yield f"{width}: focus covered by {at['covered']}: {at['what']}"
        elif not at["ring"]:
            yield f"{width}: no ring: {at['what']}"
    else:
        return
    yield from (f"{width}: not reached: {one}" for one in page.evaluate(UNREACHED))
