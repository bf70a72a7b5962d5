"""Pages that are answered 304 while nothing they could show has changed; nothing of a page is kept here (ADR 6)."""

from __future__ import annotations

import hashlib
from enum import StrEnum

from flask import Response, make_response, request, session

from tracker.features.dashboards.queries import Seals
from tracker.web.current import current_sign_in, now
from tracker.web.headers import REVALIDATED
from tracker.web.i18n import select_language

WAITING = frozenset({"_flashes", "undo"})
"""What the browser's session holds for the next page."""

OF_THE_BROWSER = frozenset({"csrf_token", "_user_id", "_fresh"})
"""What it holds that no page shows: all else there (a language, a look) makes another page."""


class Ages(StrEnum):
    """How long the texts of a page stay true while nothing changes."""

    BY_THE_MINUTE = "%Y-%m-%dT%H:%M"  # 还有 40 分钟
    BY_THE_DAY = "%Y-%m-%d"


def tag_of(seals: Seals, ages: Ages = Ages.BY_THE_DAY) -> str:
    """What a page depends on: its address, who asks in which session, language and look, every change so far, the time.

    Rights are judged before anybody compares.
    """
    parts = (
        request.full_path,
        select_language(),
        sorted((name, repr(value)) for name, value in session.items() if name not in OF_THE_BROWSER),
        _who_asks(),
        seals.newest,
        seals.unsealed,
        f"{now():{ages.value}}",
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
    return _marked(make_response("", 304), tag)


def tagged(page: str, tag: str) -> Response:
    """A page with its tag; weak, because its forms carry a key of their own each time."""
    return _marked(make_response(page), tag)


def _marked(response: Response, tag: str) -> Response:
    response.set_etag(tag, weak=True)
    response.headers["Cache-Control"] = REVALIDATED
    response.vary.update(("Cookie", "Accept-Language"))
    return response
