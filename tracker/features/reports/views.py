"""The pages of a unit's sheet: entry, check, receipt; and saving, submitting, withdrawing."""

from __future__ import annotations

from collections.abc import Sequence

from flask import (
    Blueprint,
    Response,
    flash,
    jsonify,
    make_response,
    redirect,
    render_template,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.domain.messages import Fault, Faults, Message
from tracker.domain.periods import SHANGHAI, Period
from tracker.domain.permissions import Permission, reaches
from tracker.features.reports.check_page import check_context, receipt_context
from tracker.features.reports.commands.handing_in import (
    missing_answers,
    reports_to_hand_in,
    submit_sheet,
    withdraw_sheet,
)
from tracker.features.reports.commands.saving import StaleSheet, save_sheet, with_no_news, with_reading
from tracker.features.reports.forms import (
    ConfirmForm,
    PlainForm,
    SheetForm,
    entry_of,
    read_version,
    sheet_form,
    version_token,
)
from tracker.features.reports.queries import (
    find_sheet,
    list_approvers,
    list_typists,
)
from tracker.features.reports.sheet_page import Situation, sheet_context, sheet_url
from tracker.services.desk import find_next_sheet
from tracker.services.effects import effects_of
from tracker.services.moving import find_contradicted
from tracker.services.sheets import Sheet
from tracker.services.threads import list_steps
from tracker.services.transitions import Doer
from tracker.web.current import calendar_now, current_identity, current_session, now, request_id
from tracker.web.effect_words import effect_rows
from tracker.web.guard import requires
from tracker.web.i18n import translate
from tracker.web.idempotency import new_key
from tracker.web.requests import wants_json

blueprint = Blueprint("reports", __name__)

PLACE = "/programmes/<key:key>/sheets/<code:code>/<period:period>"


@blueprint.get("/sheets")
@requires(Permission.SEE_SHEET)
def index() -> ResponseReturnValue:
    """Straight to the own unit's sheet that comes next; the desk when there is none."""
    place = find_next_sheet(current_session(), current_identity(), calendar_now())
    if place is None:
        flash(_("现在没有等着填写或办理的月报表。"), "info")
        return redirect(url_for("accounts.desk"))
    return redirect(url_for("reports.sheet", key=place.key, code=place.code, period=place.period))


@blueprint.get(PLACE)
@requires(Permission.SEE_SHEET)
def sheet(key: str, code: str, period: Period) -> ResponseReturnValue:
    """The entry sheet; read-only for everybody but the unit's reporters."""
    shown = _find(key, code, period)
    return _sheet_page(shown, sheet_form(shown, is_posted=False))


@blueprint.post(PLACE)
@requires(Permission.SAVE_SHEET)
def save(key: str, code: str, period: Period) -> ResponseReturnValue:
    """Keep what was typed; faults come back at their fields and nothing typed is lost."""
    shown = _find(key, code, period)
    form = sheet_form(shown, is_posted=True)
    if not form.validate():
        return _sheet_page(shown, form, status=422, faults=_form_faults(form))
    entry = entry_of(form, shown)
    if form.then.data == "no_news":
        entry = with_no_news(shown, entry)
    if form.reading.data:
        entry = with_reading(shown, entry, form.reading.data)
    try:
        count = save_sheet(current_session(), shown, entry, _doer(), today=calendar_now())
    except Faults as wrong:
        _place_faults(form, wrong.faults)
        return _sheet_page(shown, form, status=422, faults=wrong.faults)
    except StaleSheet as stale:
        return _stale_page(key, code, period, stale)
    if wants_json():
        return _autosaved(key, code, period)
    return _after_saving(shown, form, count)


@blueprint.get(PLACE + "/check")
@requires(Permission.SUBMIT_SHEET)
def check(key: str, code: str, period: Period) -> ResponseReturnValue:
    """Everything once more before submitting."""
    shown = _find(key, code, period)
    return _check_page(shown, ConfirmForm(formdata=None, data={"version": version_token(shown)}))


@blueprint.post(PLACE + "/submit")
@requires(Permission.SUBMIT_SHEET)
def submit(key: str, code: str, period: Period) -> ResponseReturnValue:
    """Hand in all reports of the sheet together."""
    shown = _find(key, code, period)
    form = ConfirmForm()
    if not form.validate():
        return _check_page(shown, form, status=422)
    try:
        submit_sheet(
            current_session(), shown, read_version(form.version.data or ""), _doer(), today=calendar_now()
        )
    except Faults as wrong:
        return _check_page(shown, form, status=422, faults=wrong.faults)
    return redirect(sheet_url("reports.receipt", shown), 303)


@blueprint.get(PLACE + "/receipt")
@requires(Permission.SEE_SHEET)
def receipt(key: str, code: str, period: Period) -> ResponseReturnValue:
    """What was handed in, who is next, and whether it can be taken back."""
    shown = _find(key, code, period)
    session, identity = current_session(), current_identity()
    ids = [report.filing.report_id for report in shown.reports if report.filing]
    context = receipt_context(
        shown,
        steps=list_steps(session, ids),
        approvers=list_approvers(session, shown.unit.id, now()),
        person_id=identity.person_id,
        form=PlainForm(formdata=None),
    )
    if context is None:
        return redirect(sheet_url("reports.sheet", shown))
    return make_response(render_template("reports/receipt.html", **context))


@blueprint.post(PLACE + "/withdraw")
@requires(Permission.WITHDRAW_REPORT)
def take_back(key: str, code: str, period: Period) -> ResponseReturnValue:
    """Take back what nobody has judged yet."""
    shown = _find(key, code, period)
    form = PlainForm()
    if not form.validate():
        return make_response(render_template("errors/422.html", message=None, reference=None), 422)
    withdraw_sheet(current_session(), shown, _doer(), today=calendar_now())
    flash(_("已撤回，可以接着修改。"), "success")
    return redirect(sheet_url("reports.sheet", shown), 303)


def _find(key: str, code: str, period: Period) -> Sheet:
    return find_sheet(current_session(), key, code, period, seen_by=current_identity())


def _doer() -> Doer:
    return Doer(current_identity(), now(), request_id())


def _autosaved(key: str, code: str, period: Period) -> Response:
    """What the page needs to save again: the new versions, and a key that is not used yet."""
    kept = _find(key, code, period)
    saved_text = _("%(time)s 已自动保存", time=f"{now().astimezone(SHANGHAI):%H:%M}")
    return jsonify(saved_text=saved_text, version=version_token(kept), idempotency_key=new_key())


def _after_saving(shown: Sheet, form: SheetForm, count: int) -> Response:
    if form.then.data == "check":
        return _see_other(sheet_url("reports.check", shown))
    flash(_("已保存草稿。") if count else _("没有改动，原样保留。"), "success")
    anchor = f"row-{form.reading.data.partition('=')[0]}" if form.reading.data else None
    return _see_other(sheet_url("reports.sheet", shown, _anchor=anchor))


def _see_other(url: str) -> Response:
    return make_response(redirect(url, 303))


def _stale_page(key: str, code: str, period: Period, stale: StaleSheet) -> Response:
    """Both values side by side: what was typed stays in the fields, what is on file is told beside them."""
    session = current_session()
    session.rollback()
    shown = _find(key, code, period)
    form = sheet_form(shown, is_posted=True)
    form.version.data = version_token(shown)
    ids = [report.filing.revision_id for report in shown.reports if report.filing]
    faults = [Fault("", stale.message)]
    return _sheet_page(
        shown, form, status=409, faults=faults, stale=stale.pledges, typists=list_typists(session, ids)
    )


def _sheet_page(
    shown: Sheet,
    form: SheetForm,
    *,
    status: int = 200,
    faults: Sequence[Fault] = (),
    **more: object,
) -> Response:
    identity, session = current_identity(), current_session()
    situation = Situation(
        today=calendar_now(),
        can_save=reaches(identity, Permission.SAVE_SHEET, shown.unit.place),
        steps=list_steps(session, [report.filing.report_id for report in shown.reports if report.filing]),
        faults=faults,
        **more,  # type: ignore[arg-type]
    )
    page = render_template("reports/sheet.html", **sheet_context(shown, form, situation))
    return make_response(page, status)


def _check_page(
    shown: Sheet, form: ConfirmForm, *, status: int = 200, faults: Sequence[Fault] | None = None
) -> Response:
    missing = missing_answers(shown) if faults is None else faults
    approvers = list_approvers(current_session(), shown.unit.id, now())
    corrections = [report for report in reports_to_hand_in(shown) if report.replaces]
    effects = effect_rows(effects_of(current_session(), shown, corrections))
    context = check_context(shown, form, missing, approvers)
    handing = [report.filing.revision_id for report in reports_to_hand_in(shown) if report.filing]
    issue = find_contradicted(current_session(), handing)
    page = render_template("reports/check.html", **context, effects=effects, issue=issue)
    return make_response(page, status)


def _place_faults(form: SheetForm, faults: Sequence[Fault]) -> None:
    """Put each fault to its field, where the page shows it again."""
    for fault in faults:
        if fault.place in form:
            form[fault.place].errors = [*form[fault.place].errors, translate(fault.message)]


def _form_faults(form: SheetForm) -> list[Fault]:
    """What the form itself refused, as faults with their places."""
    found = [(name, error) for name, errors in form.errors.items() if name for error in errors]
    found += [("", error) for error in form.form_errors]
    return [Fault(name, Message("{error}", {"error": error})) for name, error in found]
