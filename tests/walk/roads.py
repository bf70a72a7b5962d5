"""Which pages a person reaches from their desk by following links, and which endpoints that leaves out."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Final, NamedTuple
from urllib.parse import urljoin, urlsplit

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.test import Client

SAMPLES: Final = 2
"""How many pages of one endpoint are walked for one person."""

READ: Final = 6
"""How many pages of one endpoint are read for further links."""


class Stop(NamedTuple):
    """One page: its endpoint, its address with the query, whether it is the first of its endpoint, and how long it is."""

    endpoint: str
    address: str
    is_first: bool
    length: int


class Roads(NamedTuple):
    """What a person reaches; ``files``: endpoints that answer with a file or lead on; ``dead``: links to nothing."""

    stops: list[Stop]
    files: set[str]
    dead: list[str]


def roads_of(app: Flask, client: Client, begin: str = "/") -> Roads:
    """Follow links breadth first, so that what is found is what a person finds with the fewest clicks."""
    waiting, known = deque([(begin, "")]), {begin}
    stops: list[Stop] = []
    files: set[str] = set()
    passed: set[str] = set()
    dead: list[str] = []
    read: Counter[str] = Counter()
    while waiting:
        address, source = waiting.popleft()
        endpoint = endpoint_of(app, address)
        if endpoint is None or read[endpoint] >= READ:
            continue
        read[endpoint] += 1
        answer = client.get(address, follow_redirects=True)
        if answer.status_code != 200:
            dead.append(f"{source} → {address}: {answer.status_code}")
        elif answer.mimetype == "text/html":
            landed = endpoint_of(app, answer.request.path) or endpoint
            passed |= {endpoint}
            before = sum(stop.endpoint == landed for stop in stops)
            if before < SAMPLES:
                stops.append(Stop(landed, address, before == 0, len(answer.text)))
            waiting.extend((link, address) for link in _new_links(answer.text, address, known))
        else:
            files.add(endpoint)
        answer.close()
    return Roads(stops, files | passed, dead)


def endpoint_of(app: Flask, address: str) -> str | None:
    """The endpoint that answers GET here; None for none, for files of ours and for signing out."""
    try:
        endpoint, _values = app.url_map.bind("localhost").match(urlsplit(address).path, method="GET")
    except HTTPException:
        return address
    return None if endpoint == "static" else str(endpoint)


def pages_of(app: Flask) -> set[str]:
    """Every endpoint that can be asked for with GET."""
    return {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())} - {"static"}


def _new_links(page: str, base: str, known: set[str]) -> Iterator[str]:
    reader = _Links()
    reader.feed(page)
    for link in reader.found:
        parts = urlsplit(urljoin(base, link))
        address = parts.path + (f"?{parts.query}" if parts.query else "")
        if not parts.scheme and not parts.netloc and address not in known:
            known.add(address)
            yield address


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        href = dict(attrs).get("href")
        if tag == "a" and href:
            self.found.append(href)
