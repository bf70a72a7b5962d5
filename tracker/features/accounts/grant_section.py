"""What a desk says about appointments and resets that wait for this person's confirmation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from tracker.domain.identity import Identity
from tracker.services.grant_requests import Request
from tracker.web.filters import span_text
from tracker.web.people_words import REQUESTS, request_text


def grant_sections(waiting: Sequence[Request], identity: Identity, now: datetime) -> list[dict[str, Any]]:
    """None, or the one section of ``accounts/desk.html`` about people."""
    mine = [one for one in waiting if one.may_be_decided_by(identity)]
    if not mine:
        return []
    return [
        {
            "title": _("任命和重设等您确认"),
            "count": len(mine),
            "is_hot": True,
            "empty_text": "",
            "rows": [_row(one, now) for one in mine],
        }
    ]


def _row(one: Request, now: datetime) -> dict[str, Any]:
    url = url_for("people.requests")
    return {
        "title": f"{one.person} · {request_text(one)}",
        "url": url,
        "text": _("%(unit)s · %(name)s提出", unit=one.unit, name=one.requested_by),
        "detail": _("已等 %(span)s", span=span_text(now - one.requested_at)),
        "tag": str(REQUESTS[one.kind]),
        "tag_tone": "yellow",
        "action_label": _("去确认"),
        "action_url": url,
        "is_primary": True,
    }
