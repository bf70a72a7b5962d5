"""The pages after acceptance: beginning and dropping corrections, and revoking."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.domain.editing import default_answer_by
from tracker.domain.messages import Forbidden
from tracker.domain.periods import Period
from tracker.domain.permissions import Permission
from tracker.features.corrections.forms import (
    ChoiceForm,
    DropForm,
    RevokeForm,
    choose_from,
    read_versions,
    shown_data,
    token_of,
)
from tracker.features.corrections.queries import Accepted, find_accepted
from tracker.services.effects import effects_of
from tracker.services.revising import correct, drop, revoke
from tracker.services.standings import Doer
from tracker.web.current import (
    calendar_now,
    current_calendar,
    current_identity,
    current_session,
    now,
    request_id,
)
from tracker.web.effect_words import effect_rows
from tracker.web.guard import requires
from tracker.web.i18n import translate

blueprint = Blueprint("corrections", __name__)

SHEET = "/programmes/<key:key>/sheets/<code:code>/<period:period>"
REVIEW = "/programmes/<key:key>/reviews/<code:code>/<period:period>"


class NotOwnUnit(Forbidden):
    """Only the unit's own reporters correct its reports."""


@blueprint.get(SHEET + "/correct")
@requires(Permission.CORRECT_REPORT)
def show(key: str, code: str, period: Period) -> ResponseReturnValue:
    """The accepted reports of the own unit, to be corrected; and corrections under way."""
    return _correct_page(_find(key, code, period))


@blueprint.post(SHEET + "/correct")
@requires(Permission.CORRECT_REPORT)
def begin(key: str, code: str, period: Period) -> ResponseReturnValue:
    """Begin corrections of the ticked reports; what is accepted goes on counting."""
    shown = _find(key, code, period)
    form = ChoiceForm()
    choose_from(form, shown.correctable)
    if not _is_valid(form):
        return _correct_page(shown, form, status=422)
    correct(current_session(), form.versions(), _doer(), reason=form.reason.data or "")
    flash(_("已开始更正。改好后提交；通过之前，原来的数字照常有效。"), "success")
    return redirect(url_for("reports.sheet", key=key, code=code, period=period), 303)


@blueprint.post(SHEET + "/drop")
@requires(Permission.DROP_CORRECTION)
def give_up(key: str, code: str, period: Period) -> ResponseReturnValue:
    """Drop the corrections shown."""
    _find(key, code, period)
    form = DropForm()
    if not form.validate():
        return make_response(render_template("errors/422.html", message=None, reference=None), 422)
    drop(current_session(), read_versions(form.version.data or ""), _doer())
    flash(_("已放弃更正，原来通过的数字不变。"), "success")
    return redirect(url_for("reports.sheet", key=key, code=code, period=period), 303)


@blueprint.get(REVIEW + "/revoke")
@requires(Permission.REVOKE_REPORT)
def show_revoke(key: str, code: str, period: Period) -> ResponseReturnValue:
    """What revoking would do, before it is done."""
    return _revoke_page(_find(key, code, period))


@blueprint.post(REVIEW + "/revoke")
@requires(Permission.REVOKE_REPORT)
def take_out(key: str, code: str, period: Period) -> ResponseReturnValue:
    """Revoke the ticked reports; the unit redoes them."""
    shown = _find(key, code, period)
    form = RevokeForm()
    choose_from(form, shown.reports)
    is_valid = _is_valid(form)
    deadline = form.deadline
    if deadline is None or deadline <= calendar_now():
        form.answer_by.errors = [*form.answer_by.errors, _("请选一个以后的日期")]
    if not is_valid or deadline is None or form.answer_by.errors:
        return _revoke_page(shown, form, status=422)
    revoke(current_session(), form.versions(), _doer(), reason=form.reason.data or "", answer_by=deadline)
    flash(_("已作废，数字已退出合计；填报单位可在原数上重报。"), "success")
    return redirect(url_for("reviews.review", key=key, code=code, period=period), 303)


def _is_valid(form: ChoiceForm) -> bool:
    is_valid = bool(form.validate())
    if not form.versions():
        form.reports.errors = [_("请勾选要办理的报告")]
        return False
    return is_valid


def _find(key: str, code: str, period: Period) -> Accepted:
    return find_accepted(current_session(), key, code, period, seen_by=current_identity())


def _doer() -> Doer:
    return Doer(current_identity(), now(), request_id())


def _trail(shown: Accepted, step: str) -> list[dict[str, object]]:
    sheet = shown.sheet
    place: dict[str, Any] = {"key": sheet.head.key, "code": sheet.unit.code, "period": sheet.period}
    return [
        {"label": sheet.unit.name, "url": None},
        {"label": translate(sheet.period.title), "url": url_for("reports.sheet", **place)},
        {"label": step, "url": None},
    ]


def _correct_page(shown: Accepted, form: ChoiceForm | None = None, *, status: int = 200) -> Response:
    sheet = shown.sheet
    place: dict[str, Any] = {"key": sheet.head.key, "code": sheet.unit.code, "period": sheet.period}
    form = form or ChoiceForm(formdata=None, data=shown_data(shown.correctable))
    choose_from(form, shown.correctable)
    droppable = [report.filing for report in shown.droppable if report.filing]
    page = render_template(
        "corrections/correct.html",
        heading=_(
            "更正%(unit)s %(period)s月报表", unit=sheet.unit.short_name, period=translate(sheet.period.title)
        ),
        trail=_trail(shown, _("更正")),
        issue=translate(shown.issue) if shown.issue else None,
        form=form if shown.correctable else None,
        begin_url=url_for("corrections.begin", **place),
        sheet_url=url_for("reports.sheet", **place),
        droppable=[f"{report.promise.number} · {report.promise.title}" for report in shown.droppable],
        drop_form=DropForm(formdata=None, data={"version": token_of(droppable)}),
        drop_url=url_for("corrections.give_up", **place),
    )
    return make_response(page, status)


def _revoke_page(shown: Accepted, form: RevokeForm | None = None, *, status: int = 200) -> Response:
    sheet = shown.sheet
    place: dict[str, Any] = {"key": sheet.head.key, "code": sheet.unit.code, "period": sheet.period}
    answer_by = default_answer_by(*current_calendar()).date().isoformat()
    form = form or RevokeForm(formdata=None, data=shown_data(shown.reports, answer_by=answer_by))
    choose_from(form, shown.reports)
    page = render_template(
        "corrections/revoke.html",
        heading=_(
            "作废%(unit)s %(period)s月报表", unit=sheet.unit.short_name, period=translate(sheet.period.title)
        ),
        trail=_trail(shown, _("作废")),
        issue=translate(shown.issue) if shown.issue else None,
        form=form if shown.reports and not shown.issue else None,
        revoke_url=url_for("corrections.take_out", **place),
        review_url=url_for("reviews.review", **place),
        effects=effect_rows(effects_of(current_session(), sheet, shown.reports, is_revoked=True)),
    )
    return make_response(page, status)
