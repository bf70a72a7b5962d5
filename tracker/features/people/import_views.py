"""Accounts by file: brought, looked at, confirmed."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.domain.identity import Duty, Role
from tracker.domain.messages import Fault, Faults
from tracker.domain.permissions import Permission
from tracker.features.people.blueprint import Context, blueprint, current_doer, trail_of
from tracker.features.people.forms import ConfirmForm, UploadForm
from tracker.features.people.import_plan import COLUMNS, LIMITS, Plan, Planned, plan_import
from tracker.features.people.importing import StalePlan, get_file, keep_file, write_file
from tracker.services.uploads import Upload
from tracker.web.bringing import Refused, bring, fault_rows
from tracker.web.current import current_session
from tracker.web.guard import requires
from tracker.web.i18n import gettext as _
from tracker.web.people_words import office_text
from tracker.web.punctuation import clauses, listed

MOST_SHOWN = 200


@blueprint.get("/accounts/import")
@requires(Permission.ADD_ACCOUNT)
def choose_file() -> ResponseReturnValue:
    """Where a file is brought."""
    return _upload_page(UploadForm(formdata=None))


@blueprint.post("/accounts/import")
@requires(Permission.ADD_ACCOUNT)
def upload_file() -> ResponseReturnValue:
    """Read a file; sound, it is kept for the preview; else everything wrong is shown with its line."""
    form, doer = UploadForm(), current_doer()
    brought = bring(form, LIMITS.file_bytes, lambda content: plan_import(current_session(), content, doer))
    if isinstance(brought, Refused):
        return _upload_page(form, faults=brought.faults, status=422)
    fingerprint = keep_file(current_session(), brought.content, brought.name, brought.plan, doer)
    return redirect(url_for("people.preview_import", fingerprint=fingerprint), 303)


@blueprint.get("/accounts/imports/<fingerprint>")
@requires(Permission.ADD_ACCOUNT)
def preview_import(fingerprint: str) -> ResponseReturnValue:
    """What the file would do, before anything is written."""
    return _preview(get_file(current_session(), fingerprint, current_doer()))


@blueprint.post("/accounts/imports/<fingerprint>")
@requires(Permission.ADD_ACCOUNT)
def confirm_import(fingerprint: str) -> ResponseReturnValue:
    """Write every line of what was looked at, or none."""
    session, doer, form = current_session(), current_doer(), ConfirmForm()
    kept = get_file(session, fingerprint, doer)
    if not form.validate():
        return _preview(kept, status=422)
    try:
        written = write_file(session, kept, doer, seen=form.version.data or "")
    except StalePlan:
        return _preview(kept, status=409)
    except Faults as refused:
        return _upload_page(UploadForm(formdata=None), faults=refused.faults, status=422)
    told = _(
        "已写入：开设 %(opened)s 个账号，任命 %(granted)s 项，待确认 %(pending)s 项，寄出 %(linked)s 个链接。",
        **written._asdict(),
    )
    flash(told, "success")
    return redirect(url_for("people.index"), 303)


def _upload_page(form: UploadForm, *, faults: Sequence[Fault] = (), status: int = 200) -> Response:
    page = render_template(
        "people/upload.html",
        heading=_("导入人员"),
        trail=_trail(),
        action=url_for("people.choose_file"),
        cancel_url=url_for("people.index"),
        form=form,
        faults=fault_rows(faults),
        columns=listed(COLUMNS),
        blank_url=url_for("static", filename="forms/people.csv"),
        most=LIMITS.rows - 1,
    )
    return make_response(page, status)


def _preview(kept: Upload, *, status: int = 200) -> Response:
    try:
        plan = plan_import(current_session(), kept.content, current_doer())
    except Faults as refused:
        return _upload_page(UploadForm(formdata=None), faults=refused.faults, status=422)
    page = render_template(
        "people/preview.html",
        heading=_("导入人员：核对"),
        trail=_trail(),
        action=url_for("people.confirm_import", fingerprint=kept.digest),
        cancel_url=url_for("people.choose_file"),
        form=ConfirmForm(formdata=None, data={"version": plan.version}),
        file_name=kept.name,
        is_stale=status == 409,
        can_mail=current_doer().can_mail,
        further=max(0, len(plan.rows) - MOST_SHOWN),
        **_counts(plan),
        rows=[_row(row) for row in plan.rows[:MOST_SHOWN]],
    )
    return make_response(page, status)


def _counts(plan: Plan) -> Context:
    return {
        "line_count": len(plan.rows),
        "new_count": sum(row.is_newcomer for row in plan.rows),
        "pending_count": sum(row.is_pending for row in plan.rows),
        "unchanged": plan.unchanged,
    }


def _row(row: Planned) -> Context:
    return {
        "line": row.line,
        "name": row.new.name,
        "login": row.new.login,
        "unit": row.wish.unit.short_name,
        "office": _office(row),
        "span": clauses(_days(row)),
        "what": _("新账号") if row.is_newcomer else _("加一项任职"),
        "is_pending": row.is_pending,
    }


def _office(row: Planned) -> str:
    wish = row.wish
    duty = None if wish.duty is None else Duty(wish.duty)
    return office_text(Role(wish.role), department=wish.department, duty=duty, stands_in_for=row.absent)


def _days(row: Planned) -> list[str]:
    since, until = row.wish.since, row.wish.until
    begins = [] if since is None else [_("%(since)s 起", since=since.isoformat())]
    return [*begins, *([] if until is None else [_("至 %(day)s", day=until.isoformat())])]


def _trail() -> list[Context]:
    return trail_of((_("导入人员"), None))
