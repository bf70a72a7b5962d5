"""One's own desk, and all pages of accounts: importing them puts their routes on the one blueprint."""

from __future__ import annotations

from typing import Any, Final

from flask import render_template
from flask.typing import ResponseReturnValue

from tracker.domain.identity import Identity
from tracker.domain.permissions import Permission, holds
from tracker.features.accounts import account_views, second_factor_views, sign_in_views
from tracker.features.accounts.blueprint import blueprint
from tracker.features.accounts.desk_page import (
    Moments,
    desk_sections,
    finding_sections,
    password_notice,
    reminder_rows,
)
from tracker.features.accounts.queries import list_programmes_on_desk
from tracker.features.accounts.target_section import target_sections
from tracker.features.accounts.watch_page import watch_sections
from tracker.services.desk import list_desk
from tracker.services.findings import list_findings
from tracker.services.handovers import list_handovers
from tracker.services.notices import list_reminders
from tracker.services.target_desk import list_target_desk
from tracker.web.current import (
    calendar_now,
    current_identity,
    current_policy,
    current_session,
    current_sign_in,
    now,
)
from tracker.web.guard import requires
from tracker.web.i18n import gettext as _
from tracker.web.navigation import role_name

PAGES: Final = (account_views, second_factor_views, sign_in_views)

__all__ = ["PAGES", "blueprint"]


@blueprint.get("/")
@requires(Permission.SEE_DESK)
def desk() -> ResponseReturnValue:
    """One's own desk: what is due, and the lists in sight."""
    identity = current_identity()
    programmes = [
        {
            "title": each.title,
            "url": f"/programmes/{each.key}",
            "note": f"{each.publisher_name} · {each.year}",
            "lights": [],
        }
        for each in list_programmes_on_desk(current_session(), seen_by=identity)
    ]
    place = identity.appointment.org_unit_name
    return render_template(
        "accounts/desk.html",
        heading=_("%(name)s，您好", name=identity.name),
        lead=f"{place} · {role_name(identity.role)}",
        summary=[],
        password_notice=password_notice(current_sign_in(), current_policy(), now()),
        reminders=reminder_rows(list_reminders(current_session(), identity), identity),
        sections=_sections(identity),
        programmes=programmes,
    )


def _sections(identity: Identity) -> list[dict[str, Any]]:
    """What waits for this person, what they hand out, and what they watch over."""
    session, moments = current_session(), Moments(now(), calendar_now())
    handovers = list_handovers(session, identity, moments.today)
    return [
        *target_sections(list_target_desk(session, identity, moments.today), moments),
        *desk_sections(list_desk(session, identity, moments.today), identity, moments, handovers=handovers),
        *_findings(identity, moments),
        *watch_sections(session, identity, moments.now),
    ]


def _findings(identity: Identity, moments: Moments) -> list[dict[str, Any]]:
    """What auditors found at the own unit, for those who answer it."""
    if not holds(identity, Permission.ANSWER_FINDING):
        return []
    return finding_sections(list_findings(current_session(), seen_by=identity), moments.today)
