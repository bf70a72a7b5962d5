"""Programme files by page: brought, looked at, confirmed; the same import as by command."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.domain.messages import Fault, Faults, Forbidden, Message
from tracker.domain.permissions import Permission
from tracker.features.programmes.blueprint import Context, blueprint, list_url
from tracker.features.programmes.changes import DRAFT
from tracker.features.programmes.commands import (
    ImportPlan,
    ImportTerms,
    ReasonRequired,
    StaleList,
    import_programme,
    plan_programme_import,
    version_of,
)
from tracker.features.programmes.editing.saving import chosen_month, has_terms, month_choices
from tracker.features.programmes.files.formats import read_file
from tracker.features.programmes.files.schema import Reading
from tracker.features.programmes.files.xlsx_reader import LIMITS
from tracker.features.programmes.forms import TermsForm, UploadForm
from tracker.features.programmes.history_page import change_rows
from tracker.features.programmes.uploads import drop_upload, get_upload, keep_upload
from tracker.features.programmes.versions import unit_names
from tracker.features.programmes.words import names_of
from tracker.services.uploads import Upload
from tracker.web.bringing import Refused, bring, fault_rows
from tracker.web.current import current_actor, current_identity, current_session, now
from tracker.web.guard import requires
from tracker.web.i18n import gettext as _
from tracker.web.i18n import translate

EDIT = Permission.EDIT_PROGRAMME
MOST_ROWS = 500
MOST_NOTES = 50


class NotOwnFile(Forbidden):
    """The file is another unit's list."""


@blueprint.get("/programmes/import")
@requires(EDIT)
def choose_file() -> ResponseReturnValue:
    """Where a file is brought."""
    return _upload_page(UploadForm())


@blueprint.post("/programmes/import")
@requires(EDIT)
def upload_file() -> ResponseReturnValue:
    """Read a file; sound, it is kept for the preview; else everything wrong is shown with its place."""
    form = UploadForm()
    brought = bring(form, LIMITS.file_bytes, _look)
    if isinstance(brought, Refused):
        return _upload_page(form, faults=brought.faults, status=422)
    fingerprint = keep_upload(
        current_session(), brought.content, brought.name, plan=brought.plan, identity=current_identity(),
        actor=current_actor(), now=now(),
    )  # fmt: skip
    return redirect(url_for("programmes.preview_import", fingerprint=fingerprint), 303)


def _look(content: bytes) -> ImportPlan:
    reading = read_file(content)
    _require_own(reading)
    return plan_programme_import(current_session(), reading, ImportTerms(), is_locked=False)


def _require_own(reading: Reading) -> None:
    own = current_identity().appointment
    if reading.head.are_sound("publisher") and reading.document.publisher != own.org_unit_code:
        said = {"code": reading.document.publisher, "own": own.org_unit_code}
        raise Faults(
            [Fault("publisher", Message("文件里的发布单位是 {code}，您只能导入本单位（{own}）的清单", said))]
        )


@blueprint.get("/programmes/imports/<fingerprint>")
@requires(EDIT)
def preview_import(fingerprint: str) -> ResponseReturnValue:
    """What the file would change, before anything is written."""
    upload = get_upload(current_session(), fingerprint, seen_by=current_identity(), now=now())
    return _preview(upload, None)


@blueprint.post("/programmes/imports/<fingerprint>")
@requires(EDIT)
def confirm_import(fingerprint: str) -> ResponseReturnValue:
    """Write what the preview showed, if the list is still as it was then."""
    session, identity = current_session(), current_identity()
    upload = get_upload(session, fingerprint, seen_by=identity, now=now())
    form = TermsForm()
    reading = read_file(upload.content)
    _require_own(reading)
    year = reading.document.year
    form.effective.choices = month_choices(year)
    is_valid = form.validate()
    terms = ImportTerms(
        reason=form.reason.data or "",
        effective=chosen_month(form, year),
        seen=form.version.data or "",
    )
    try:
        plan = plan_programme_import(session, reading, terms)
    except ReasonRequired:
        has_terms(form, plan_programme_import(session, reading, ImportTerms(), is_locked=False))
        return _preview(upload, form, status=422)
    except StaleList:
        return _preview(upload, None, status=409)
    if not is_valid or (_is_public(plan) and plan.changes and not has_terms(form, plan)):
        return _preview(upload, form, status=422)
    import_programme(session, plan, actor=current_actor(), now=now())
    drop_upload(session, fingerprint, seen_by=identity)
    flash(_("已导入，%(count)s 处变化。", count=len(plan.changes)), "success")
    return redirect(list_url(plan.document.key), 303)


def _upload_page(form: UploadForm, *, faults: Sequence[Fault] = (), status: int = 200) -> Response:
    page = render_template(
        "programmes/upload.html",
        heading=_("导入清单"),
        trail=_trail(),
        action=url_for("programmes.upload_file"),
        cancel_url=url_for("programmes.list_all"),
        form=form,
        faults=fault_rows(faults),
        megabytes=LIMITS.file_bytes // 2**20,
    )
    return make_response(page, status)


def _preview(upload: Upload, form: TermsForm | None, *, status: int = 200) -> Response:
    plan = plan_programme_import(current_session(), read_file(upload.content), ImportTerms(), is_locked=False)
    stored = None if plan.stored is None else plan.stored.document
    if form is None:
        form = TermsForm(formdata=None, data={"version": version_of(stored)})
    form.effective.choices = month_choices(plan.document.year)
    page = render_template(
        "programmes/preview.html",
        heading=_("导入清单：核对"),
        trail=_trail(),
        action=url_for("programmes.confirm_import", fingerprint=upload.digest),
        cancel_url=url_for("programmes.choose_file"),
        form=form,
        is_stale=status == 409,
        is_public=_is_public(plan),
        **_told(upload, plan),
    )
    return make_response(page, status)


def _told(upload: Upload, plan: ImportPlan) -> Context:
    """The file and what it would change, the longest previews cut off."""
    document = plan.document
    stored = None if plan.stored is None else plan.stored.document
    rows: list[Any] = []
    if stored is not None:
        named = {place.rpartition("/")[2] for place in plan.changes if "/allocations/" in place}
        units = unit_names(current_session(), named)
        rows = change_rows(plan.changes, names_of(stored, document, units=units))
    return {
        "file_name": upload.name,
        "title": document.title,
        "key": document.key,
        "is_new": stored is None,
        "counts": _(
            "%(pledges)s 件实事、%(indicators)s 项指标",
            pledges=len(document.pledges),
            indicators=len(document.indicators),
        ),
        "rows": rows[:MOST_ROWS],
        "change_count": len(plan.changes),
        "further": max(0, len(rows) - MOST_ROWS),
        "has_changes": bool(plan.changes),
        "notes": [translate(note) for note in plan.notes[:MOST_NOTES]],
        "further_notes": max(0, len(plan.notes) - MOST_NOTES),
        "pledges": document.pledges if stored is None else (),
    }


def _is_public(plan: ImportPlan) -> bool:
    return plan.state not in (None, DRAFT)


def _trail() -> list[Context]:
    return [
        {"label": _("实事清单"), "url": url_for("programmes.list_all")},
        {"label": _("导入清单"), "url": None},
    ]
