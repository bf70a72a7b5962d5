"""Bulletins on the web: lists, the paper, exports."""

from __future__ import annotations

import io
from typing import Final

from flask import (
    Response,
    current_app,
    make_response,
    redirect,
    render_template,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue

from tracker.domain.periods import Month, Period
from tracker.domain.permissions import Permission, holds
from tracker.features.bulletins import commands, issuing
from tracker.features.bulletins.blueprint import (
    blueprint,
    current_doer,
    head_of,
    may,
    may_see_drafts,
    paper_page,
)
from tracker.features.bulletins.forms import ExportForm
from tracker.features.bulletins.pages import (
    Context,
    draft_groups,
    issue_row,
    issue_url,
    period_title,
    trail_of,
)
from tracker.features.bulletins.queries import (
    ARCHIVE,
    Issue,
    Package,
    find_in_press,
    find_newest,
    find_package,
    get_exported_format,
    get_file,
    get_issue,
    get_package,
    list_formats,
    list_issues,
    list_own_heads,
    list_visible_issues,
)
from tracker.services.evidence_store import BlobStore
from tracker.services.jobs import Progress, find_progress
from tracker.services.programme_heads import Head
from tracker.web.current import current_actor, current_identity, current_session, now
from tracker.web.filters import month_end
from tracker.web.guard import requires
from tracker.web.i18n import gettext as _

MIMETYPES: Final = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "zip": "application/zip",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
FORMAT_NAMES: Final = {
    "docx": "Word",
    "pdf": "PDF",
    "xlsx": "Excel",
    "csv": "CSV",
    "json": "JSON",
    "zip": "ZIP",
}
"""In the order they are offered."""


@blueprint.get("/bulletins")
@requires(Permission.SEE_BULLETIN)
def index() -> ResponseReturnValue:
    """The bulletins of every list in sight; drafts of the own unit's lists, and where to begin one, for who writes them."""
    session, identity = current_session(), current_identity()
    drafts, countersigns = (
        holds(identity, one) for one in (Permission.DRAFT_BULLETIN, Permission.COUNTERSIGN_BULLETIN)
    )
    own = list_own_heads(session, identity) if drafts or countersigns else []
    issues = list_visible_issues(session, seen_by=identity, drafts_of=[head.id for head in own])
    return render_template(
        "bulletins/list.html",
        heading=_("通报"),
        trail=[{"label": _("通报"), "url": None}],
        trail_note=None,
        bulletins=[issue_row(issue, title=issue.programme_title) for issue in issues],
        draft_groups=draft_groups(own if drafts else []),
    )


@blueprint.get("/programmes/<key:key>/bulletins")
@requires(Permission.SEE_BULLETIN)
def listing(key: str) -> ResponseReturnValue:
    """The bulletins of one list; its publisher sees drafts too, and where to begin one."""
    head = head_of(key)
    issues = list_issues(current_session(), head, with_drafts=may_see_drafts(head))
    return render_template(
        "bulletins/list.html",
        heading=_("通报"),
        trail=trail_of(head),
        trail_note=None,
        bulletins=[issue_row(issue, title=period_title(issue.period)) for issue in issues],
        draft_groups=draft_groups([head] if may(head, Permission.DRAFT_BULLETIN) else []),
    )


@blueprint.get("/programmes/<key:key>/bulletins/<period:period>/<int:number>")
@requires(Permission.SEE_BULLETIN)
def issue(key: str, period: Period, number: int) -> ResponseReturnValue:
    """An issued bulletin on paper; ``?fig=`` opens where a figure comes from."""
    head = head_of(key)
    session = current_session()
    waiting = find_in_press(session, head, period) if may_see_drafts(head) else None
    if waiting is not None and waiting.number == number:
        return _in_press_page(head, waiting)
    found = get_issue(session, head, period, number)
    newest = find_newest(session, head, period)
    is_old = newest is not None and newest.number > found.number
    return render_template(
        "bulletins/issue.html",
        **paper_page(found),
        heading=_("%(period)s通报", period=period_title(found.period)),
        trail=trail_of(head, (_("第 %(number)s 期", number=number), None)),
        trail_note=_(
            "截至 %(cutoff)s · 第 %(seal)s 号封存",
            cutoff=month_end(Month.parse(found.cutoff)),
            seal=found.seal,
        ),
        downloads=_downloads(head, found),
        exports_url=url_for("bulletins.export", key=key, period=period, number=number),
        verify_url=url_for("bulletins.verify"),
        new_issue_url=_new_issue_url(head, period) if found.state == "issued" else None,
        superseded_text=_("这一期已有新版。") if is_old else None,
        superseded_url=issue_url(newest) if newest is not None and is_old else None,
    )


def _new_issue_url(head: Head, period: Period) -> str | None:
    """Where the next issue is drafted, for who may."""
    if not may(head, Permission.DRAFT_BULLETIN):
        return None
    return url_for("bulletins.draft", key=head.key, period=period)


@blueprint.post("/programmes/<key:key>/bulletins/<period:period>/<int:number>/exports")
@requires(Permission.EXPORT_BULLETIN)
def export(key: str, period: Period, number: int) -> ResponseReturnValue:
    """Record an export and go to its file: repeated, it leads to the same file once more."""
    head, form = head_of(key), ExportForm()
    session = current_session()
    found = get_issue(session, head, period, number)
    commands.check_export(session, head, doer=current_doer())
    if not form.validate():
        return make_response(render_template("errors/422.html", message=None, reference=None), 422)
    exported = commands.export_file(
        session, head, found, form.format.data or "", actor=current_actor(), now=now()
    )
    target = url_for("bulletins.exported", key=key, period=period, number=number, entry=exported.entry_id)
    return redirect(target, 303)


@blueprint.get("/programmes/<key:key>/bulletins/<period:period>/<int:number>/exports/<int:entry>")
@requires(Permission.EXPORT_BULLETIN)
def exported(key: str, period: Period, number: int, entry: int) -> ResponseReturnValue:
    """The file of an export this person has had recorded."""
    head = head_of(key)
    session = current_session()
    found = get_issue(session, head, period, number)
    style = get_exported_format(session, found, entry, seen_by=current_identity())
    if style == ARCHIVE:
        return _archive(get_package(session, found))
    file = get_file(session, found, style)
    return send_file(
        io.BytesIO(file.content),
        mimetype=MIMETYPES[file.format],
        as_attachment=True,
        download_name=file.name,
        etag=False,
    )


def _archive(package: Package) -> Response:
    """Sent piece by piece from where it is kept: it may be larger than memory."""
    store: BlobStore = current_app.extensions["evidence_store"]
    answer = Response(store.pieces(package.digest), mimetype=MIMETYPES[ARCHIVE])
    answer.content_length = package.size
    answer.headers.set("Content-Disposition", "attachment", filename=package.name)
    return answer


def _in_press_page(head: Head, waiting: Issue) -> ResponseReturnValue:
    """How far the files are; the page asks again by itself until the issue is out."""
    progress = find_progress(current_session(), issuing.FILES_JOB, waiting.serial)
    return render_template(
        "bulletins/in_press.html",
        heading=_("%(period)s通报", period=period_title(waiting.period)),
        trail=trail_of(head, (_("第 %(number)s 期", number=waiting.number), None)),
        progress=progress,
        own_url=issue_url(waiting),
        again_url=_again_url(head, waiting, progress),
    )


def _again_url(head: Head, waiting: Issue, progress: Progress | None) -> str | None:
    """Where those who may countersign ask for another attempt."""
    if progress is None or progress.state != "failed" or not may(head, Permission.COUNTERSIGN_BULLETIN):
        return None
    return url_for("bulletins.press_again", key=head.key, period=Period.parse(waiting.period))


def _downloads(head: Head, found: Issue) -> list[Context]:
    """A button for each stored file, for those whose right to export reaches the publisher."""
    if not may(head, Permission.EXPORT_BULLETIN):
        return []
    there = {*list_formats(current_session(), found.id)}
    if find_package(current_session(), found.id) is not None:
        there.add(ARCHIVE)
    return [{"format": style, "label": label} for style, label in FORMAT_NAMES.items() if style in there]
