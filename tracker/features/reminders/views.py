"""Remind units of what is missing, take it back, and open a reminder at the unit."""

from __future__ import annotations

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker.domain.identity import Role
from tracker.domain.messages import NotFound
from tracker.domain.periods import Period, late_from, was_over
from tracker.domain.permissions import Permission, reaches
from tracker.features.reminders.commands import Reminded, read_notice, remind_units, withdraw_reminders
from tracker.features.reminders.forms import ReadForm, RemindForm
from tracker.features.reminders.queries import NoticeNotFound, find_notice
from tracker.services.programme_heads import Head
from tracker.services.standings import Doer
from tracker.services.tree import Unit, find_units, get_unit
from tracker.services.visibility import find_visible_head
from tracker.web.current import (
    calendar_now,
    current_calendar,
    current_identity,
    current_session,
    now,
    request_id,
)
from tracker.web.filters import moment
from tracker.web.guard import own_path, requires
from tracker.web.i18n import gettext as _
from tracker.web.punctuation import listed
from tracker.web.undo import UndoForm, offer_undo, withdraw_offer

blueprint = Blueprint("reminders", __name__)

PLACE = "/programmes/<key:key>/reminders"
UNDO_SECONDS = 30


class PeriodNotFound(NotFound):
    """The programme has no such period."""


class UnitNotBelow(NotFound):
    """No such unit is directly below the own one."""


@blueprint.post(PLACE + "/<period:period>")
@requires(Permission.REMIND_UNIT)
def send(key: str, period: Period) -> ResponseReturnValue:
    """Remind the units chosen, each at most once a day; back to where it was asked for."""
    head = _head(key)
    if head.state == "draft" or (period.year, period.rhythm) != (head.year, head.rhythm):
        raise PeriodNotFound("这份清单没有这个报告期")
    form = RemindForm()
    if not form.validate():
        return _refused()
    codes = {code for code in form.units.data if code}
    _check_reach(codes)
    came = remind_units(
        current_session(), head, _own_unit(), period, codes, _doer(), today=calendar_now(),
        deadline=None
        if was_over(period, head.published_at)
        else moment(late_from(period, head.due_day, current_calendar().holidays)),
    )  # fmt: skip
    _tell(came)
    back = form.back.data or url_for("dashboards.overview", key=key)
    if came.sent:
        ids = ",".join(str(notice_id) for notice_id, _unit in came.sent)
        offer_undo(url_for("reminders.withdraw", key=key, back=back), ids, seconds=UNDO_SECONDS)
    return redirect(own_path(back), 303)


@blueprint.post(PLACE + "/withdraw")
@requires(Permission.REMIND_UNIT)
def withdraw(key: str) -> ResponseReturnValue:
    """Take back one's own reminders while nobody has read them; back to the page named by ``?back=``."""
    head = _head(key)
    form = UndoForm()
    ids = [int(part) for part in (form.version.data or "").split(",") if part.isascii() and part.isdecimal()]
    if not form.validate() or not ids or max(ids) >= 2**63:
        return _refused()
    count = withdraw_reminders(current_session(), head, ids, _doer())
    withdraw_offer()
    flash(_("已撤销 %(count)s 条催报。", count=count), "success")
    return redirect(own_path(request.args.get("back") or url_for("dashboards.overview", key=key)), 303)


@blueprint.post("/notices/<int:notice_id>")
@requires(Permission.READ_NOTICE)
def open_notice(notice_id: int) -> ResponseReturnValue:
    """From the reminder on the desk straight to what it asks for."""
    if notice_id >= 2**63:
        raise NoticeNotFound("没有找到这条催报，可能已经撤销")
    session, identity = current_session(), current_identity()
    notice = find_notice(session, notice_id, seen_by=identity)
    if not ReadForm().validate():
        return _refused()
    read_notice(session, notice, _doer())
    signs = identity.role is Role.APPROVER and notice.needs_signature
    endpoint = "reviews.review" if signs else "reports.sheet"
    return redirect(url_for(endpoint, key=notice.key, code=notice.code, period=notice.period), 303)


def _head(key: str) -> Head:
    return find_visible_head(current_session(), key, seen_by=current_identity())


def _own_unit() -> Unit:
    return get_unit(current_session(), current_identity().place.org_unit_id)


def _check_reach(codes: set[str]) -> None:
    """Every unit has to be the own one or directly below it."""
    identity = current_identity()
    found = find_units(current_session(), codes)
    for code in codes:
        if code not in found or not reaches(identity, Permission.REMIND_UNIT, found[code].place):
            raise UnitNotBelow("没有找到这个单位")


def _doer() -> Doer:
    return Doer(current_identity(), now(), request_id())


def _tell(came: Reminded) -> None:
    if came.sent:
        names = listed(unit.short_name for _id, unit in came.sent)
        flash(_("已催报 %(count)s 家：%(names)s。", count=len(came.sent), names=names), "success")
    for unit, at in came.already:
        told = _("%(unit)s今天已催报过（%(when)s），明天可以再催。", unit=unit.short_name, when=moment(at))
        flash(told, "warning")


def _refused() -> Response:
    return make_response(render_template("errors/422.html", message=None, reference=None), 422)
