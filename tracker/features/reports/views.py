"""The pages of a unit's sheet: entry, check, receipt; and saving, submitting, withdrawing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import (
    Blueprint,
    Response,
    flash,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.domain.messages import Fault, Faults, Message, Refusal
from tracker.domain.periods import Period
from tracker.domain.permissions import Permission, reaches
from tracker.features.reports.autosave import autosave_answer
from tracker.features.reports.check_page import check_context, receipt_context
from tracker.features.reports.clash_words import Others, clash_box, taken_boxes
from tracker.features.reports.commands.autosaving import readable_part
from tracker.features.reports.commands.handing_in import (
    missing_answers,
    reports_to_hand_in,
    submit_sheet,
    withdraw_sheet,
)
from tracker.features.reports.commands.merging import Merge, Typed, merge
from tracker.features.reports.commands.saving import (
    SheetEntry,
    StaleSheet,
    is_editable,
    save_sheet,
    with_no_news,
    with_reading,
)
from tracker.features.reports.forms import (
    ConfirmForm,
    PlainForm,
    SheetForm,
    read_version,
    sheet_form,
    stored_fields,
    typed_of,
    version_token,
)
from tracker.features.reports.print_page import print_context
from tracker.features.reports.queries import (
    find_last_savers,
    find_sheet,
    list_approvers,
    list_typists,
    needs_signature,
)
from tracker.features.reports.sheet_page import Situation, sheet_context, sheet_url
from tracker.services.desk import find_next_sheet
from tracker.services.effects import effects_of
from tracker.services.may_edit import check_may_change
from tracker.services.moving import find_contradicted
from tracker.services.sheets import Sheet
from tracker.services.threads import list_steps
from tracker.services.transitions import Doer
from tracker.web.current import calendar_now, current_identity, current_session, now, request_id
from tracker.web.effect_words import effect_rows
from tracker.web.filters import moment
from tracker.web.guard import requires
from tracker.web.i18n import translate
from tracker.web.punctuation import clauses
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
        return _unreadable(shown, form)
    typed = typed_of(form, shown)
    merged = merge(shown, typed)
    if wants_json():
        return _autosaved(shown, form, typed, merged)
    if merged.clashes:
        return _clash_page(shown, form, merged)
    entry = _as_asked(shown, form, merged.entry)
    try:
        count = save_sheet(current_session(), shown, entry, _doer(), today=calendar_now())
    except Faults as wrong:
        _place_faults(form, wrong.faults)
        return _sheet_page(shown, form, status=422, faults=wrong.faults)
    except StaleSheet as stale:
        return _overtaken_page(key, code, period, stale)
    return _after_saving(shown, form, merged, count)


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
        today=calendar_now(),
        form=PlainForm(formdata=None),
    )
    if context is None:
        return redirect(sheet_url("reports.sheet", shown))
    return make_response(render_template("reports/receipt.html", **context))


@blueprint.get(PLACE + "/print")
@requires(Permission.SEE_SHEET)
def printed(key: str, code: str, period: Period) -> ResponseReturnValue:
    """The 填报表 on A4: everything on the sheet with lines to sign on."""
    shown = _find(key, code, period)
    ids = [report.filing.report_id for report in shown.reports if report.filing]
    context = print_context(shown, list_steps(current_session(), ids), printed_at=now())
    return render_template("reports/print.html", **context)


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


def _as_asked(shown: Sheet, form: SheetForm, entry: SheetEntry) -> SheetEntry:
    """What the button that was pressed makes of an entry."""
    if form.then.data == "no_news":
        entry = with_no_news(shown, entry)
    return with_reading(shown, entry, form.reading.data) if form.reading.data else entry


def _autosaved(shown: Sheet, form: SheetForm, typed: Typed, merged: Merge) -> Response:
    """Keep everything that can be kept; the page is told the rest."""
    entry, faults = readable_part(shown, merged.entry)
    save_sheet(current_session(), shown, entry, _doer(), today=calendar_now())
    kept = find_sheet(
        current_session(), shown.head.key, shown.unit.code, shown.period, seen_by=current_identity()
    )
    others = _others(kept) if merged.clashes or merged.taken else Others()
    return jsonify(
        autosave_answer(kept, form, typed=typed, merged=merged, faults=faults, others=others, at=now())
    )


def _others(shown: Sheet) -> Others:
    filings = [report.filing for report in shown.reports if report.filing]
    session = current_session()
    return Others(
        list_typists(session, [filing.revision_id for filing in filings]),
        find_last_savers(session, [filing.report_id for filing in filings]),
    )


def _after_saving(shown: Sheet, form: SheetForm, merged: Merge, count: int) -> Response:
    if merged.taken:
        for box in taken_boxes(shown, merged, _others(shown)):
            flash(_("%(who)s 同时改了“%(name)s”，现在是 %(now_text)s，已合并。", **box), "info")
    if form.then.data == "check":
        return _see_other(sheet_url("reports.check", shown))
    flash(_("已保存草稿。") if count else _already_saved(shown), "success")
    anchor = f"row-{form.reading.data.partition('=')[0]}" if form.reading.data else None
    return _see_other(sheet_url("reports.sheet", shown, _anchor=anchor))


def _already_saved(shown: Sheet) -> str:
    """The page had saved itself before the button was pressed: since when nothing is new."""
    kept = [report.filing.changed_at for report in shown.reports if report.filing and is_editable(report)]
    if not kept:
        return _("还没有填写，没有要保存的。")
    return _("已保存：%(at)s 以后没有新的改动。", at=moment(max(kept)))


def _see_other(url: str) -> Response:
    return make_response(redirect(url, 303))


def _unreadable(shown: Sheet, form: SheetForm) -> Response:
    faults = _form_faults(form)
    if wants_json():
        return make_response(jsonify(message=clauses(translate(one.message) for one in faults)), 422)
    return _sheet_page(shown, form, status=422, faults=faults)


def _overtaken_page(key: str, code: str, period: Period, stale: StaleSheet) -> Response:
    """Somebody saved at the same moment: what was typed stays, and the next click meets what is on file now."""
    current_session().rollback()
    shown = _find(key, code, period)
    form = sheet_form(shown, is_posted=True)
    return _sheet_page(shown, form, status=409, faults=[Fault("", stale.message)])


def _clash_page(shown: Sheet, form: SheetForm, merged: Merge) -> Response:
    """Both values beside each other, one to be chosen; what was typed stays in the fields, nothing is saved yet."""
    others = _others(shown)
    boxes = {clash.place: clash_box(shown, clash, others, form) for clash in merged.clashes}
    rows = {row.listed.rule.code: row for row in shown.rows}
    for place in merged.taken.keys() & rows.keys():
        for name, value in stored_fields(rows[place]).items():
            form[name].data = value
    faults = [
        Fault(
            box["anchor"] if box["is_late"] else box["field"],
            Message("“{name}”两个人都改了，请选一个", {"name": box["name"]}),
        )
        for box in boxes.values()
    ]
    return _sheet_page(shown, form, status=409, faults=faults, clashes=boxes)


def _sheet_page(
    shown: Sheet,
    form: SheetForm,
    *,
    status: int = 200,
    faults: Sequence[Fault] = (),
    clashes: Mapping[str, dict[str, Any]] | None = None,
) -> Response:
    identity, session = current_identity(), current_session()
    situation = Situation(
        today=calendar_now(),
        can_save=reaches(identity, Permission.SAVE_SHEET, shown.unit.place),
        can_judge=reaches(identity, Permission.REVOKE_REPORT, shown.unit.place),
        steps=list_steps(session, [report.filing.report_id for report in shown.reports if report.filing]),
        faults=faults,
        clashes=clashes or {},
        typists=list_typists(
            session, [report.filing.revision_id for report in shown.reports if report.filing]
        ),
        shows_all="all" in request.args,
    )
    page = render_template("reports/sheet.html", **sheet_context(shown, form, situation))
    return make_response(page, status)


def _check_page(
    shown: Sheet, form: ConfirmForm, *, status: int = 200, faults: Sequence[Fault] | None = None
) -> Response:
    missing = [*_closed_to(shown), *missing_answers(shown)] if faults is None else faults
    approvers = list_approvers(current_session(), shown.unit.id, now())
    corrections = [report for report in reports_to_hand_in(shown) if report.replaces]
    effects = effect_rows(effects_of(current_session(), shown, corrections))
    is_signed = needs_signature(current_session(), shown.head.id, shown.unit.id)
    context = check_context(
        shown, form, missing=missing, approvers=approvers, is_signed=is_signed, today=calendar_now()
    )
    handing = [report.filing.revision_id for report in reports_to_hand_in(shown) if report.filing]
    issue = find_contradicted(current_session(), handing)
    page = render_template(
        "reports/check.html", **context, effects=effects, issue=translate(issue) if issue else None
    )
    return make_response(page, status)


def _closed_to(shown: Sheet) -> list[Fault]:
    """Why nothing can be handed in any more, or not yet; told before somebody tries."""
    for report in reports_to_hand_in(shown):
        try:
            check_may_change(shown, report, calendar_now())
        except Refusal as refusal:
            return [Fault("", refusal.message)]
    return []


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
