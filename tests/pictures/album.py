"""The album of all pages: each on one picture as a desk's screen and a telephone show it, and the document that lists them."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, NamedTuple

from PIL import Image
from playwright.sync_api import Page

from tests.walk.roads import Roads

WIDTHS: Final = (1440, 375)
SHRUNK: Final = {1440: 640, 375: 225}
TALLEST: Final = 900
"""Pixels of a shrunk page kept; what lies below is more of the same table."""
GAP: Final = 12
QUALITY: Final = 70
PAPER: Final = (226, 229, 235)

HEAD: Final = """# Every page

Each page of the demonstration as it stands on 8 August 2018, on a desk's screen (1440 pixels) and on a telephone (375), seen by
a role that comes to it by links. Taken by `make pictures`; a page without its picture fails `make test`.
"""


class Entry(NamedTuple):
    """One page of the album: its endpoint, where it was seen and by whom, and what its heading says."""

    endpoint: str
    rule: str
    login: str
    title: str


def fullest(roads: dict[str, Roads]) -> dict[str, tuple[str, str]]:
    """Endpoint → (login, address): the one of the pages found that has the most to show."""
    found: dict[str, tuple[int, str, str]] = {}
    for login, walked in roads.items():
        for stop in walked.stops:
            if stop.length > found.get(stop.endpoint, (0, "", ""))[0]:
                found[stop.endpoint] = (stop.length, login, stop.address)
    return {endpoint: (login, address) for endpoint, (_length, login, address) in found.items()}


def shoot(page: Page, width: int) -> Image.Image:
    """The page from its top, as wide as this screen, shrunk for the album."""
    most = TALLEST * width // SHRUNK[width]
    page.set_viewport_size({"width": width, "height": 900})
    page.wait_for_load_state("networkidle")
    tall = min(page.evaluate("document.documentElement.scrollHeight"), most)
    page.set_viewport_size({"width": width, "height": max(tall, 400)})
    with Image.open(io.BytesIO(page.screenshot(animations="disabled", caret="hide"))) as shot:
        size = (SHRUNK[width], round(shot.height * SHRUNK[width] / shot.width))
        return shot.convert("RGB").resize(size, Image.Resampling.LANCZOS)


def paste_up(shots: list[Image.Image], file: Path) -> None:
    """Side by side on grey."""
    width = sum(one.width for one in shots) + GAP * (len(shots) - 1)
    sheet = Image.new("RGB", (width, max(one.height for one in shots)), PAPER)
    left = 0
    for one in shots:
        sheet.paste(one, (left, 0))
        left += one.width + GAP
    file.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(file, "WEBP", quality=QUALITY, method=6)


def document(entries: Iterable[Entry], about: Callable[[str], str], left: dict[str, str]) -> str:
    """docs/pages.md: by feature, each page with its heading, its address and who saw it; then what has no picture, and why."""
    parts, feature = [HEAD], ""
    for one in sorted(entries):
        area = one.endpoint.partition(".")[0]
        if area != feature:
            feature = area
            parts.append(f"\n## {about(area)}\n")
        who = one.login or "nobody signed in"
        parts.append(
            f"\n**{one.title}** · `{one.rule}` · {who}\n\n![{one.title}](img/pages/{one.endpoint}.webp)\n"
        )
    parts.append("\n## Without a picture\n\n| page | why |\n|---|---|\n")
    parts += [f"| `{endpoint}` | {why} |\n" for endpoint, why in sorted(left.items())]
    return "".join(parts)
