"""Files of org units by page: brought, looked at, confirmed; the same import as by command."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flask import Response, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.domain.messages import Fault
from tracker.domain.permissions import Permission
from tracker.features.org_units.blueprint import Context, blueprint
from tracker.features.org_units.commands import Change, OrgPlan, import_org_units, plan_org_import
from tracker.features.org_units.files import COLUMNS, LIMITS, NEEDED, read_org_file
from tracker.features.org_units.forms import ConfirmForm, UploadForm
from tracker.features.org_units.uploads import drop_upload, fingerprint_of, get_upload, keep_upload
from tracker.features.org_units.words import KINDS, LEVELS
from tracker.services.tables.reading import TableLimits
from tracker.services.uploads import Upload
from tracker.web.bringing import Refused, bring, fault_rows
from tracker.web.current import current_actor, current_identity, current_session, now
from tracker.web.guard import requires
from tracker.web.i18n import gettext as _

IMPORT = Permission.IMPORT_ORG_UNITS
MOST_ROWS = 500
MEGABYTES = 8
"""By page; larger files are the operator's."""


@blueprint.get("/org-units/import")
@requires(IMPORT)
def choose_file() -> ResponseReturnValue:
    """Where a file is brought."""
    return _upload_page(UploadForm())


@blueprint.post("/org-units/import")
@requires(IMPORT)
def upload_file() -> ResponseReturnValue:
    """Read a file; sound, it is kept for the preview; else everything wrong is shown with its place."""
    form, limits = UploadForm(), replace(LIMITS, file_bytes=MEGABYTES * 2**20)
    brought = bring(form, limits.file_bytes, lambda content: _look(content, limits))
    if isinstance(brought, Refused):
        return _upload_page(form, faults=brought.faults, status=422)
    fingerprint = keep_upload(
        current_session(), brought.content, brought.name, identity=current_identity(), actor=current_actor(),
        now=now(),
    )  # fmt: skip
    return redirect(url_for("org_units.preview_import", fingerprint=fingerprint), 303)


@blueprint.get("/org-units/imports/<fingerprint>")
@requires(IMPORT)
def preview_import(fingerprint: str) -> ResponseReturnValue:
    """What the file would change, before anything is written."""
    upload = get_upload(current_session(), fingerprint, seen_by=current_identity(), now=now())
    return _preview(upload, _look(upload.content), ConfirmForm())


@blueprint.post("/org-units/imports/<fingerprint>")
@requires(IMPORT)
def confirm_import(fingerprint: str) -> ResponseReturnValue:
    """Write what the preview showed, if the tree is still as it was then."""
    session, identity = current_session(), current_identity()
    upload = get_upload(session, fingerprint, seen_by=identity, now=now())
    form, plan = ConfirmForm(), _look(upload.content)
    if not form.validate():
        return _preview(upload, plan, form, status=422)
    if form.seen.data != fingerprint_of(plan):
        return _preview(upload, plan, form, status=409)
    import_org_units(session, plan, actor=current_actor(), now=now())
    drop_upload(session, fingerprint, seen_by=identity)
    said = _(
        "已导入：新增 %(added)s 个，更新 %(changed)s 个。", added=len(plan.added), changed=len(plan.changed)
    )
    flash(said, "success")
    return redirect(url_for("org_units.index"), 303)


def _look(content: bytes, limits: TableLimits = LIMITS) -> OrgPlan:
    """What the file would change within the own subtree. Raises Faults, UnreadableTable."""
    read = read_org_file(content, limits)
    return plan_org_import(current_session(), read, within=current_identity().place)


def _upload_page(form: UploadForm, *, faults: Sequence[Fault] = (), status: int = 200) -> Response:
    page = render_template(
        "org_units/upload.html",
        heading=_("导入组织"),
        trail=_trail(),
        action=url_for("org_units.upload_file"),
        cancel_url=url_for("org_units.index"),
        form=form,
        faults=fault_rows(faults, MOST_ROWS),
        fault_count=len(faults),
        needed=NEEDED,
        optional=[name for name in COLUMNS if name not in NEEDED],
        levels=list(LEVELS.items()),
        kinds=list(KINDS.items()),
        megabytes=MEGABYTES,
    )
    return make_response(page, status)


def _preview(upload: Upload, plan: OrgPlan, form: ConfirmForm, *, status: int = 200) -> Response:
    form.seen.data = fingerprint_of(plan)
    page = render_template(
        "org_units/preview.html",
        heading=_("导入组织：核对"),
        trail=_trail(),
        action=url_for("org_units.confirm_import", fingerprint=upload.digest),
        cancel_url=url_for("org_units.choose_file"),
        form=form,
        is_stale=status == 409,
        file_name=upload.name,
        added_count=len(plan.added),
        changed_count=len(plan.changed),
        unchanged=plan.unchanged,
        added=[
            {"code": row.code, "name": row.name, "level": LEVELS[row.level], "parent": row.parent}
            for row in plan.added[:MOST_ROWS]
        ],
        changed=[row for change in plan.changed[:MOST_ROWS] for row in _changed_rows(change)],
        most=MOST_ROWS,
        has_changes=not plan.is_empty,
    )
    return make_response(page, status)


def _changed_rows(change: Change) -> list[Context]:
    """One row for each changed column."""
    words = {
        "name": _("名称"), "short_name": _("简称"), "level": _("层级"), "kind": _("类型"), "weight": _("权重"),
        "position": _("排在第几"), "valid_from": _("成立"), "valid_to": _("撤销‖单位"),
    }  # fmt: skip
    return [
        {
            "place": f"{change.row.code} {words[column]}",
            "before": _shown(column, pair[0]),
            "after": _shown(column, pair[1]),
        }
        for column, pair in change.columns.items()
    ]


def _shown(column: str, value: object) -> object:
    if value is None:
        return "—"
    return {"level": LEVELS, "kind": KINDS}.get(column, {}).get(str(value), value)


def _trail() -> list[Context]:
    return [
        {"label": _("组织"), "url": url_for("org_units.index")},
        {"label": _("导入"), "url": None},
    ]
