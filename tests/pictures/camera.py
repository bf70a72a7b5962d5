"""A photograph of the part of a page that is spoken of, small enough to be kept beside the text."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import Page

COLOURS: Final = 160
MARGIN: Final = 12
HEAVIEST: Final = 120_000
"""Bytes of one picture at most; a repository keeps every version of it."""

BOX: Final = """([selectors, margin]) => {
  const boxes = selectors.map((one) => {
    const found = document.querySelector(one);
    if (!found || !found.checkVisibility()) throw new Error(`no ${one} on ${location.pathname}`);
    return found.getBoundingClientRect();
  });
  const bar = document.querySelector("header.top").getBoundingClientRect().bottom;
  return [Math.min(...boxes.map((one) => one.left)) - margin,
          Math.max(Math.min(...boxes.map((one) => one.top)) - margin, bar),
          Math.max(...boxes.map((one) => one.right)) + margin, Math.max(...boxes.map((one) => one.bottom)) + margin];
}"""
"""The smallest rectangle around all of them, below the top bar; a place that is gone is a fault."""


def photograph(page: Page, file: Path, *, parts: Sequence[str], most: int) -> None:
    """Keep the rectangle around ``parts`` (without any: what the window shows), ``most`` pixels of height at most."""
    size = page.viewport_size
    assert size is not None
    if parts and not page.locator(".review").count():
        # bars that stick to the window's foot must not cover what is spoken of
        tall = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": size["width"], "height": max(size["height"], tall)})
    left, top, right, bottom = (
        page.evaluate(BOX, [list(parts), MARGIN]) if parts else (0, 0, size["width"], size["height"])
    )
    left, width = max(left, 0), min(right, size["width"]) - max(left, 0)
    clip = {"x": left, "y": top, "width": width, "height": min(bottom - top, most)}
    keep(page.screenshot(clip=clip, animations="disabled", caret="hide"), file)  # type: ignore[arg-type]
    page.set_viewport_size(size)


def keep(shot: bytes, file: Path) -> None:
    """With as few colours as show it well."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with Image.open(io.BytesIO(shot)) as opened:
        opened.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)
    weight = file.stat().st_size
    assert weight <= HEAVIEST, f"{file.name}: {weight} bytes"
