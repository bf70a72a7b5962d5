"""The page of a period: who has reported, closing it, reopening it for one unit, units without a signature."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.domain.messages import Faults, NotFound
from tracker.domain.periods import Month, Period, cutoff_month, due_period, periods_of
from tracker.domain.permissions import Permission
from tracker.features.periods.commands import close_period, reopen_period, set_waiver
from tracker.features.periods.forms import CloseForm, ReopenForm, WaiverForm, offer_units
from tracker.features.periods.period_page import Moments, address_of, period_context
from tracker.features.periods.queries import PeriodState, list_reopened, list_waived, read_period
from tracker.services.programme_heads import Head
from tracker.services.standings import Doer
from tracker.services.tree import Unit
from tracker.services.visibility import find_visible_head, find_visible_unit
from tracker.web.current import calendar_now, current_identity, current_session, now, request_id
from tracker.web.guard import requires
from tracker.web.i18n import translate

blueprint = Blueprint("periods", __name__)

PLACE = "/programmes/<key:key>/periods/<period:period>"


class PeriodNotFound(NotFound):
    """The programme has no such period."""


@blueprint.get("/programmes/<key:key>/periods")
@requires(Permission.SEE_PERIOD)
def current(key: str) -> ResponseReturnValue:
    """Straight to the period that is due; the first one before anything is."""
    head = find_visible_head(current_session(), key, seen_by=current_identity())
    today = calendar_now()
    before = Month(today.year - 1, 12) if today.month == 1 else Month(today.year, today.month - 1)
    due = due_period(head.year, head.rhythm, cutoff_month(head.year, before))
    period = due or periods_of(head.year, head.rhythm)[0]
    return redirect(url_for("periods.show", key=key, period=period))


@blueprint.get(PLACE)
@requires(Permission.SEE_PERIOD)
def show(key: str, period: Period) -> ResponseReturnValue:
    """Who has reported, who has not, and what the publisher can do about it."""
    return _page(read_asked(key, period, may_choose=True))


@blueprint.post(PLACE + "/close")
@requires(Permission.CLOSE_PERIOD)
def close(key: str, period: Period) -> ResponseReturnValue:
    """Close the period with its gaps named."""
    state = read_asked(key, period)
    if not CloseForm().validate():
        return _page(state, status=422)
    closing = close_period(current_session(), state, _doer(), today=calendar_now())
    flash(
        _(
            "%(period)s已关闭：应报 %(expected)s 个单位，已报 %(handed_in)s 个。",
            period=translate(period.title), expected=closing.expected, handed_in=closing.handed_in,
        ),
        "success",
    )  # fmt: skip
    return redirect(url_for("periods.show", key=key, period=period), 303)


@blueprint.post(PLACE + "/reopen")
@requires(Permission.REOPEN_PERIOD)
def reopen(key: str, period: Period) -> ResponseReturnValue:
    """Let one unit fill the closed period until a day."""
    state = read_asked(key, period)
    form = ReopenForm()
    offer_units(form, [one.unit for one in state.units])
    if not form.validate() or form.deadline is None:
        if form.deadline is None:
            form.until.errors = [_("请选一个日期，例如 2018-07-09")]
        return _page(state, reopening=form, status=422)
    unit = _unit(form.unit.data)
    try:
        reopen_period(
            current_session(), state, unit, _doer(), until=form.deadline, reason=form.reason.data or "",
            today=calendar_now(),
        )  # fmt: skip
    except Faults as wrong:
        _place_faults(form, wrong)
        return _page(state, reopening=form, status=422)
    flash(
        _("已为%(unit)s重新开放%(period)s。", unit=unit.short_name, period=translate(period.title)), "success"
    )
    return _back(state)


@blueprint.post(PLACE + "/signature")
@requires(Permission.WAIVE_SIGNATURE)
def waive(key: str, period: Period) -> ResponseReturnValue:
    """Set a unit to need no signature, or to need one again; the period is the page to come back to."""
    state = read_asked(key, period)
    form = WaiverForm()
    offer_units(form, [one.unit for one in state.units])
    if not form.validate():
        return _page(state, waiving=form, status=422)
    unit = _unit(form.unit.data)
    waived = {one.code for one in list_waived(current_session(), state.head)}
    try:
        set_waiver(
            current_session(), state.head, unit, _doer(), is_waived=form.then.data == "waived",
            was_waived=unit.code in waived, reason=form.reason.data or "",
        )  # fmt: skip
    except Faults as wrong:
        _place_faults(form, wrong)
        return _page(state, waiving=form, status=422)
    flash(_("已设定%(unit)s的审批要求，从下一次提交起生效。", unit=unit.short_name), "success")
    return _back(state)


def read_asked(key: str, period: Period, *, may_choose: bool = False) -> PeriodState:
    """The period of a list as its page shows it, of one branch where the address names it; out of reach or unknown is not found."""
    session, identity = current_session(), current_identity()
    head = find_visible_head(session, key, seen_by=identity)
    if not _has_period(head, period):
        raise PeriodNotFound("这份清单没有这个报告期")
    at = _unit(code) if (code := request.args.get("at", "")) else None
    return read_period(session, head, period, seen_by=identity, at=at, may_choose=may_choose)


def _back(state: PeriodState) -> ResponseReturnValue:
    """To the page the form stood on."""
    return redirect(address_of(state), 303)


def _has_period(head: Head, period: Period) -> bool:
    return head.state != "draft" and (period.year, period.rhythm) == (head.year, head.rhythm)


def _unit(code: str) -> Unit:
    return find_visible_unit(current_session(), code, seen_by=current_identity())


def _doer() -> Doer:
    return Doer(current_identity(), now(), request_id())


def _page(
    state: PeriodState,
    *,
    reopening: ReopenForm | None = None,
    waiving: WaiverForm | None = None,
    status: int = 200,
) -> Response:
    session = current_session()
    units = [one.unit for one in state.units]
    forms: dict[str, Any] = {
        "close_form": CloseForm(formdata=None),
        "reopen_form": reopening or ReopenForm(formdata=None),
        "waiver_form": waiving or WaiverForm(formdata=None),
    }
    for name in ("reopen_form", "waiver_form"):
        offer_units(forms[name], units)
    context = period_context(
        state,
        reopened=list_reopened(session, state.head, state.period),
        waived=list_waived(session, state.head),
        identity=current_identity(),
        moments=Moments(now(), calendar_now()),
    )
    return make_response(render_template("periods/period.html", **context, **forms), status)


def _place_faults(form: ReopenForm | WaiverForm, wrong: Faults) -> None:
    for fault in wrong.faults:
        form[fault.place].errors = [*form[fault.place].errors, translate(fault.message)]
