"""Taking a table away: asked for below it, made at once or waited for, fetched while it is kept."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from flask import Blueprint, Response, make_response, redirect, render_template, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import Forbidden

from tracker.domain.permissions import Permission
from tracker.features.exports.forms import TableForm
from tracker.features.exports.making import ROWS_A_STEP, Asking
from tracker.services.jobs import find_progress
from tracker.services.table_exports import KEPT, TABLE_JOB, get_own_export, read_pieces
from tracker.web.current import (
    current_actor,
    current_identity,
    current_session,
    current_sign_in,
    now,
)
from tracker.web.filters import moment
from tracker.web.guard import requires
from tracker.web.i18n import gettext as _
from tracker.web.i18n import select_language
from tracker.web.side_effects import record_refusal
from tracker.web.table_files import find_offer, looking_at

blueprint = Blueprint("exports", __name__)

MIMETYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@blueprint.post("/exports")
@requires(Permission.EXPORT_TABLE)
def ask() -> ResponseReturnValue:
    """Have a table of a page made: by the page's own permissions, rows and filters; a short one at once."""
    form, who = TableForm(), current_sign_in()
    if who is None or not form.validate():
        return make_response(render_template("errors/422.html", message=None, reference=None), 422)
    page, name, style = (field.data or "" for field in (form.page, form.table, form.style))
    asking = Asking(current_session(), who.identity, current_actor(), select_language(), now())
    with looking_at(page, who=who, language=asking.language, moment=asking.now):
        found = find_offer(name)
        refused = found.refused_to(who.identity)
        begun = None if refused else asking.begin(page, name, style, found.make())
    if begun is None or refused is not None:
        record_refusal(who.identity, refused or Permission.EXPORT_TABLE)
        raise Forbidden
    endpoint = "exports.show" if begun.is_long else "exports.download"
    return redirect(url_for(endpoint, number=begun.number), 303)


@blueprint.get("/exports/<int:number>")
@requires(Permission.EXPORT_TABLE)
def show(number: int) -> ResponseReturnValue:
    """How far a long table is, and where its file is fetched."""
    session = current_session()
    found = get_own_export(session, number, seen_by=current_identity())
    progress = None if found.made_at else find_progress(session, TABLE_JOB, str(number))
    is_gone = found.expires_at is not None and found.expires_at <= now()
    return render_template(
        "exports/show.html",
        heading=_("导出 · %(title)s", title=found.title),
        trail=[{"label": _("工作台"), "url": url_for("accounts.desk")}, {"label": _("导出"), "url": None}],
        page_url=found.address,
        own_url=url_for("exports.show", number=number),
        file_url=url_for("exports.download", number=number) if found.made_at and not is_gone else None,
        file_text=_("%(name)s，%(rows)s 行，保留到 %(until)s", name=found.file_name, rows=f"{found.rows:,}", until=moment(found.expires_at)),
        digest=found.digest,
        is_gone=is_gone,
        has_failed=progress is not None and progress.state == "failed",
        rows=found.rows,
        rows_done=0 if progress is None else min(progress.steps_done * ROWS_A_STEP, found.rows),
        days=KEPT.days,
    )  # fmt: skip


@blueprint.get("/exports/<int:number>/file")
@requires(Permission.EXPORT_TABLE)
def download(number: int) -> ResponseReturnValue:
    """The file of a table this person had made, sent piece by piece."""
    session = current_session()
    found = get_own_export(session, number, seen_by=current_identity())
    pieces = read_pieces(session, found.id)
    answer = Response(stream_with_context(pieces), mimetype=MIMETYPES[found.style])
    names = {"filename": f"table-{found.id}.{found.style}", "filename*": f"UTF-8''{quote(found.file_name)}"}
    answer.headers.set("Content-Disposition", "attachment", **names)
    return answer
