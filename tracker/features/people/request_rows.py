"""What waits for a second person, as rows of a page."""

from __future__ import annotations

from flask import url_for

from tracker.domain.identity import Identity
from tracker.features.people.blueprint import Context
from tracker.services.grant_requests import Request
from tracker.services.outbox import masked_address
from tracker.web.filters import moment
from tracker.web.i18n import gettext as _
from tracker.web.people_words import REQUESTS, last_day, request_text


def request_row(one: Request, identity: Identity) -> Context:
    """One request: what it asks for, who asked, and what this person may do about it."""
    return {
        "id": one.id,
        "kind": str(REQUESTS[one.kind]),
        "person": one.person,
        "login": one.login,
        "unit": one.unit,
        "text": request_text(one),
        "span": _span(one),
        "address": _("邮箱 %(address)s", address=masked_address(one.address))
        if one.address
        else _("没有登记邮箱"),
        "asked": _(
            "%(name)s于 %(at)s 提出", name=one.requested_by, at=moment(one.requested_at, with_year=True)
        ),
        "may_decide": one.may_be_decided_by(identity),
        "may_withdraw": one.requested_by_id == identity.person_id,
        "confirm_url": url_for("people.confirm", request_id=one.id),
        "refuse_url": url_for("people.refuse", request_id=one.id),
        "withdraw_url": url_for("people.withdraw", request_id=one.id),
    }


def _span(one: Request) -> str:
    if one.email is not None:
        return _("新邮箱 %(address)s", address=masked_address(one.email))
    if one.since is None:
        return ""
    return f"{moment(one.since, with_year=True)} — {last_day(one.until)}"
