"""Pages that are answered 304 while nothing they could show has changed; nothing of a page is kept here."""

from __future__ import annotations

import hashlib

from flask import Response, make_response, request, session

from tracker.features.dashboards.queries import Seals
from tracker.web.current import current_sign_in, now
from tracker.web.i18n import select_language

WAITING = frozenset({"_flashes", "undo"})
"""What the browser's session holds for the next page."""


def tag_of(seals: Seals) -> str:
    """What a page depends on: its address, who asks in which session and language, every change so far, the minute.

    The minute stands for the texts that tell time (还有 40 分钟); rights are judged before anybody compares.
    """
    parts = (
        request.full_path,
        select_language(),
        _who_asks(),
        seals.newest,
        seals.unsealed,
        f"{now():%Y-%m-%dT%H:%M}",
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def _who_asks() -> str:
    found = current_sign_in()
    return "" if found is None else repr((found.session_id, found.identity))


def is_known(tag: str) -> bool:
    """Whether the browser has this very page; never while a message or an undo button waits to be shown."""
    return not WAITING & session.keys() and request.if_none_match.contains_weak(tag)


def not_modified(tag: str) -> Response:
    """The answer for a page the browser has."""
    response = make_response("", 304)
    response.set_etag(tag, weak=True)
    return response


def tagged(page: str, tag: str) -> Response:
    """A page with its tag; weak, because its forms carry a key of their own each time."""
    response = make_response(page)
    response.set_etag(tag, weak=True)
    return response
