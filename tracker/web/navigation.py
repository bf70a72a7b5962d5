"""The top bar by role: a literal table of places, and the context every shell page reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from flask import Flask, current_app, g, request, url_for
from flask_babel import lazy_gettext as _l

from tracker.domain.identity import Appointment, Identity, Role
from tracker.domain.permissions import Permission, holds
from tracker.services.desk import Badges, count_badges
from tracker.web.current import current_session, find_identity
from tracker.web.i18n import gettext as _
from tracker.web.idempotency import new_key
from tracker.web.undo import offered_undo


class Entry(NamedTuple):
    """One place in the bar; left out while no feature serves its endpoint."""

    endpoint: str
    label: Any
    icon: str
    permission: Permission


class Badge(NamedTuple):
    """A count beside an entry; hot when it waits for this person."""

    waiting: int
    is_hot: bool = False


# fmt: off
ENTRIES: Final = (
    Entry("accounts.desk",       _l("工作台"),   "desk",    Permission.SEE_DESK),
    Entry("programmes.list_all", _l("实事清单"), "pledges", Permission.SEE_PROGRAMME),
    Entry("targets.index",       _l("目标‖栏目"), "targets", Permission.SEE_TARGETS),
    Entry("reports.index",       _l("填报"),     "sheet",   Permission.SAVE_SHEET),
    Entry("reviews.index",       _l("审核"),     "review",  Permission.SEE_REVIEWS),
    Entry("bulletins.index",     _l("通报"),     "report",  Permission.SEE_BULLETIN),
    Entry("people.index",        _l("人员"),     "people",  Permission.SEE_PEOPLE),
    Entry("auditing.index",      _l("审计"),     "audit",   Permission.SEE_AUDIT),
    Entry("org_units.index",     _l("组织"),     "people",  Permission.EDIT_ORG_UNIT),
)

ROLE_NAMES: Final = {
    Role.REPORTER: _l("填报人"),
    Role.APPROVER: _l("审批人"),
    Role.REVIEWER: _l("审核人"),
    Role.VIEWER:   _l("领导"),
    Role.AUDITOR:  _l("经审"),
    Role.ADMIN:    _l("管理员"),
}
# fmt: on


def init_navigation(app: Flask) -> None:
    """Give every page its bar, and forms without a form object of their own their key."""
    app.jinja_env.globals["new_idempotency_key"] = new_key
    app.context_processor(_shell_context)


def role_name(role: Role) -> str:
    """The role in the language of this request."""
    return str(ROLE_NAMES[role])


def _shell_context() -> dict[str, Any]:
    """An error page has no bar and asks nothing of a database that may be away."""
    identity = None if g.get("is_error_page") else find_identity()
    if identity is None:
        return {"navigation": [], "person": None}
    appointment = identity.appointment
    person = {"name": identity.name, **_hat(appointment)}
    badges = count_badges(current_session(), identity)
    return {
        "navigation": _items(identity, badges),
        "reminders_count": badges.reminders,
        "desk_url": url_for("accounts.desk"),
        "person": person,
        "sign_out_url": url_for("accounts.sign_out"),
        "account_url": url_for("accounts.own_account"),
        "help_url": url_for("accounts.help_page"),
        "hats": [_hat(other) for other in identity.others],
        "switch_url": url_for("accounts.switch_appointment"),
        "undo": offered_undo(),
    }


def _hat(appointment: Appointment) -> dict[str, Any]:
    """An appointment as the bar names it; a stand-in says so."""
    word = role_name(appointment.role)
    is_stand_in = appointment.stands_in_for is not None
    return {
        "id": appointment.id,
        "unit_name": appointment.org_unit_name,
        "role_name": _("代理%(role)s", role=word) if is_stand_in else word,
    }


def _items(identity: Identity, counted: Badges) -> list[dict[str, Any]]:
    badges = _badges(counted)
    return [
        _item(entry, badges.get(entry.endpoint))
        for entry in ENTRIES
        if entry.endpoint in current_app.view_functions and holds(identity, entry.permission)
    ]


def _badges(counted: Badges) -> Mapping[str, Badge]:
    """What waits for this person, by endpoint."""
    return {
        "reports.index": Badge(counted.to_mend, is_hot=True),
        "reviews.index": Badge(counted.to_judge),
    }


def _item(entry: Entry, badge: Badge | None) -> dict[str, Any]:
    return {
        "url": url_for(entry.endpoint),
        "label": entry.label,
        "icon": entry.icon,
        "count": badge.waiting if badge else 0,
        "is_hot": badge.is_hot if badge else False,
        "is_current": _is_current(entry),
    }


def _is_current(entry: Entry) -> bool:
    """A feature's entry stands for all its pages; the desk only for itself."""
    feature = entry.endpoint.partition(".")[0]
    return request.endpoint == entry.endpoint or (request.blueprint == feature != "accounts")
