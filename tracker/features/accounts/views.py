"""One's own desk, and all pages of accounts: importing them puts their routes on the one blueprint."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.domain.identity import Identity
from tracker.domain.permissions import Permission, holds
from tracker.features.accounts import account_views, guide_views, second_factor_views, sign_in_views
from tracker.features.accounts.blueprint import blueprint
from tracker.features.accounts.desk_page import (
    Moments,
    desk_sections,
    finding_sections,
    password_notice,
    reminder_rows,
)
from tracker.features.accounts.desk_reasons import list_reasons
from tracker.features.accounts.export_section import export_sections
from tracker.features.accounts.grant_section import grant_sections
from tracker.features.accounts.guide import has_folded_guide, things_to_do
from tracker.features.accounts.list_standings import LOOKING_ON, read_standings, standing_rows
from tracker.features.accounts.queries import list_programmes_on_desk
from tracker.features.accounts.target_section import target_sections
from tracker.features.accounts.watch_page import watch_sections
from tracker.services.desk import DeskRow, list_desk
from tracker.services.findings import list_findings
from tracker.services.grant_requests import list_to_decide
from tracker.services.handovers import list_handovers
from tracker.services.notices import list_reminders
from tracker.services.table_exports import list_waiting_exports
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

PAGES: Final = (account_views, guide_views, second_factor_views, sign_in_views)

__all__ = ["PAGES", "blueprint"]


@blueprint.get("/")
@requires(Permission.SEE_DESK)
def desk() -> ResponseReturnValue:
    """One's own desk: what is due, and the lists in sight."""
    identity, moments = current_identity(), Moments(now(), calendar_now())
    rows = list_desk(current_session(), identity, moments.today)
    standings = read_standings(current_session(), identity) if identity.role in LOOKING_ON else []
    place = identity.appointment.org_unit_name
    programmes = _programmes(identity)
    sections = _sections(identity, rows, moments, has_lists=bool(programmes))
    return render_template(
        "accounts/desk.html",
        heading=_("%(name)s，您好", name=identity.name),
        lead=f"{place} · {role_name(identity.role)}",
        summary=[],
        password_notice=password_notice(current_sign_in(), current_policy(), now()),
        reminders=reminder_rows(list_reminders(current_session(), identity), identity),
        sections=sections,
        has_work=any(row["is_primary"] for section in sections for row in section["rows"]),
        standings=standing_rows(standings, rows, now=calendar_now()),
        programmes=programmes,
        programmes_way=_way_to_lists(identity),
        guide=things_to_do(identity),
        is_guide_folded=has_folded_guide(current_session(), identity.account_id),
    )


def _way_to_lists(identity: Identity) -> dict[str, Any]:
    """What to say and where to go while there is no list in sight."""
    if holds(identity, Permission.EDIT_PROGRAMME):
        text = _("还没有清单。编制并公布之后，各单位就能填报。")
        return {"text": text, "url": url_for("programmes.list_all"), "label": _("去编制清单")}
    if holds(identity, Permission.SEE_PROGRAMME):
        text = _("还没有可以查看的清单。上级公布并分到本单位之后，会出现在这里。")
        return {"text": text, "url": url_for("programmes.list_all"), "label": _("看实事清单")}
    text = _("管理员办理账号、任职和单位，不看清单和数据。")
    return {"text": text, "url": url_for("auditing.entries"), "label": _("看操作记录")}


def _programmes(identity: Identity) -> list[dict[str, Any]]:
    """The newest lists in sight."""
    return [
        {
            "title": each.title,
            "url": f"/programmes/{each.key}",
            "note": f"{each.publisher_name} · {each.year}",
            "lights": [],
        }
        for each in list_programmes_on_desk(current_session(), seen_by=identity)
    ]


def _sections(
    identity: Identity, rows: Sequence[DeskRow], moments: Moments, *, has_lists: bool
) -> list[dict[str, Any]]:
    """What waits for this person, what they hand out, and what they watch over."""
    session = current_session()
    handovers = list_handovers(session, identity, moments.today)
    reasons = list_reasons(session, identity, rows)
    return [
        *target_sections(list_target_desk(session, identity, moments.today), moments),
        *desk_sections(rows, identity, moments, handovers=handovers, reasons=reasons, has_lists=has_lists),
        *_findings(identity, moments),
        *_grants(identity, moments),
        *watch_sections(session, identity, moments.now),
        *export_sections(list_waiting_exports(session, seen_by=identity, now=moments.now)),
    ]


def _grants(identity: Identity, moments: Moments) -> list[dict[str, Any]]:
    """Appointments and resets somebody else asked for, for those who may confirm them."""
    if not holds(identity, Permission.CONFIRM_GRANT):
        return []
    return grant_sections(list_to_decide(current_session(), identity, moments.now), identity, moments.now)


def _findings(identity: Identity, moments: Moments) -> list[dict[str, Any]]:
    """What auditors found at the own unit, for those who answer it."""
    if not holds(identity, Permission.ANSWER_FINDING):
        return []
    return finding_sections(list_findings(current_session(), seen_by=identity), moments.today)
