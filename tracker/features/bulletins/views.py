"""Bulletins on the web: lists, the draft and its countersignature, the paper, exports, verification."""

from __future__ import annotations

import io
from typing import Final

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue

from tracker.domain.periods import Month, Period
from tracker.domain.permissions import Permission, reaches
from tracker.features.bulletins import commands, issuing
from tracker.features.bulletins.figure_source import chosen_figure, figure_source
from tracker.features.bulletins.forms import CountersignForm, DraftForm, ExportForm, VerifyForm
from tracker.features.bulletins.pages import (
    Context,
    cutoff_choices,
    draft_url,
    issue_row,
    issue_url,
    issued_text,
    period_choices,
    period_title,
    trail_of,
)
from tracker.features.bulletins.paper import paper_context
from tracker.features.bulletins.queries import (
    Issue,
    IssueNotFound,
    find_draft,
    find_in_press,
    find_newest,
    get_exported_format,
    get_file,
    get_issue,
    list_formats,
    list_issues,
    list_visible_issues,
)
from tracker.features.bulletins.verification import LARGEST_FILE, Finding, Verdict, verify_file
from tracker.services.jobs import Progress, find_progress
from tracker.services.programme_heads import Head
from tracker.services.tree import get_unit
from tracker.services.visibility import find_visible_head
from tracker.web.current import current_actor, current_database, current_identity, current_session, now
from tracker.web.guard import requires
from tracker.web.i18n import gettext as _
from tracker.web.i18n import translate

blueprint = Blueprint("bulletins", __name__)

MIMETYPES: Final = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
FORMAT_NAMES: Final = {"xlsx": "Excel", "json": "JSON", "docx": "Word", "pdf": "PDF", "csv": "CSV"}


@blueprint.get("/bulletins")
@requires(Permission.SEE_BULLETIN)
def index() -> ResponseReturnValue:
    """The bulletins of every list in sight."""
    issues = list_visible_issues(current_session(), seen_by=current_identity())
    return render_template(
        "bulletins/list.html",
        heading=_("通报"),
        trail=[{"label": _("通报"), "url": None}],
        trail_note=None,
        bulletins=[issue_row(issue, title=issue.programme_title) for issue in issues],
        draft_choices=[],
    )


@blueprint.get("/programmes/<key:key>/bulletins")
@requires(Permission.SEE_BULLETIN)
def listing(key: str) -> ResponseReturnValue:
    """The bulletins of one list; its publisher sees drafts too, and where to begin one."""
    head = _head(key)
    issues = list_issues(current_session(), head, with_drafts=_may_see_drafts(head))
    return render_template(
        "bulletins/list.html",
        heading=_("通报"),
        trail=trail_of(head),
        trail_note=None,
        bulletins=[issue_row(issue, title=period_title(issue.period)) for issue in issues],
        draft_choices=period_choices(head) if _reaches(head, Permission.DRAFT_BULLETIN) else [],
    )


@blueprint.get("/programmes/<key:key>/bulletins/<period:period>/draft")
@requires(Permission.SEE_BULLETIN)
def draft(key: str, period: Period) -> ResponseReturnValue:
    """The draft of a period's bulletin on paper, with what can be done with it."""
    head = _head(key)
    if not _may_see_drafts(head) or period.year != head.year:
        raise IssueNotFound("没有找到这份拟稿。")
    return _draft_page(head, period, _draft_form(period))


@blueprint.post("/programmes/<key:key>/bulletins/<period:period>/draft")
@requires(Permission.DRAFT_BULLETIN)
def write_draft(key: str, period: Period) -> ResponseReturnValue:
    """Draft from the newest seal, in place of the draft there is."""
    head, form = _head(key), _draft_form(period)
    if not _reaches(head, Permission.DRAFT_BULLETIN) or period.year != head.year:
        raise IssueNotFound("没有找到这份拟稿。")
    if not form.validate():
        return _draft_page(head, period, form, status=422)
    try:
        commands.draft_issue(
            current_session(),
            head,
            period,
            doer=_doer(),
            cutoff=Month.parse(form.cutoff.data),
            reason=form.reason.data or "",
        )
    except commands.ReasonRequired as refused:
        form.reason.errors = [translate(refused.message)]
        return _draft_page(head, period, form, status=422)
    flash(_("已按最新封存的数据拟稿，请另一位人员会签。"))
    return redirect(draft_url(head.key, period.key), 303)


@blueprint.post("/programmes/<key:key>/bulletins/<period:period>/issue")
@requires(Permission.COUNTERSIGN_BULLETIN)
def countersign(key: str, period: Period) -> ResponseReturnValue:
    """Countersign the draft that was seen, and issue it."""
    head, form = _head(key), CountersignForm()
    if not _reaches(head, Permission.COUNTERSIGN_BULLETIN):
        raise IssueNotFound("没有找到这份拟稿。")
    if not form.validate():
        return _draft_page(head, period, _draft_form(period), status=422)
    found = find_draft(current_session(), head, period)
    if found is None:
        raise issuing.DraftHasMoved("这份拟稿已经印发或撤下，请看最新一期。")
    seen = issuing.Seen(found.id, form.version.data or 0, form.digest.data or "")
    verify_at = f"{current_app.config['BASE_URL'].rstrip('/')}{url_for('bulletins.verify')}"
    signed = issuing.countersign(current_session(), head, seen, doer=_doer(), verify_at=verify_at)
    issuing.ask_for_files(current_session(), signed, doer=_doer())
    flash(_("第 %(number)s 期已会签，正在生成文件。", number=signed.number))
    return redirect(issue_url(signed), 303)


@blueprint.post("/programmes/<key:key>/bulletins/<period:period>/press")
@requires(Permission.COUNTERSIGN_BULLETIN)
def press_again(key: str, period: Period) -> ResponseReturnValue:
    """Have the files of a countersigned issue tried once more after the background work gave up."""
    head = _head(key)
    waiting = find_in_press(current_session(), head, period)
    if waiting is None or not _reaches(head, Permission.COUNTERSIGN_BULLETIN):
        raise IssueNotFound("没有找到这份待印发的通报。")
    issuing.ask_again(current_session(), head, waiting, doer=_doer())
    flash(_("已重新安排生成文件。"))
    return redirect(issue_url(waiting), 303)


@blueprint.get("/programmes/<key:key>/bulletins/<period:period>/<int:number>")
@requires(Permission.SEE_BULLETIN)
def issue(key: str, period: Period, number: int) -> ResponseReturnValue:
    """An issued bulletin on paper; ``?figure=&field=`` opens where a figure comes from."""
    head = _head(key)
    session = current_session()
    waiting = find_in_press(session, head, period) if _may_see_drafts(head) else None
    if waiting is not None and waiting.number == number:
        return _in_press_page(head, waiting)
    found = get_issue(session, head, period, number)
    newest = find_newest(session, head, period)
    is_old = newest is not None and newest.number > found.number
    return render_template(
        "bulletins/issue.html",
        **_paper(found),
        heading=_("%(period)s通报", period=period_title(found.period)),
        trail=trail_of(head, (_("第 %(number)s 期", number=number), None)),
        trail_note=_("截至 %(cutoff)s · 第 %(seal)s 号封存", cutoff=found.cutoff, seal=found.seal),
        downloads=_downloads(head, found),
        exports_url=url_for("bulletins.export", key=key, period=period, number=number),
        superseded_text=_("这一期已有新版。") if is_old else None,
        superseded_url=issue_url(newest) if newest is not None and is_old else None,
    )


@blueprint.post("/programmes/<key:key>/bulletins/<period:period>/<int:number>/exports")
@requires(Permission.EXPORT_BULLETIN)
def export(key: str, period: Period, number: int) -> ResponseReturnValue:
    """Record an export and go to its file: repeated, it leads to the same file once more."""
    head, form = _head(key), ExportForm()
    session = current_session()
    found = get_issue(session, head, period, number)
    commands.check_export(session, head, doer=_doer())
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
    head = _head(key)
    session = current_session()
    found = get_issue(session, head, period, number)
    file = get_file(session, found, get_exported_format(session, found, entry, seen_by=current_identity()))
    return send_file(
        io.BytesIO(file.content),
        mimetype=MIMETYPES[file.format],
        as_attachment=True,
        download_name=file.name,
        etag=False,
    )


@blueprint.get("/verify")
@requires(Permission.VERIFY_FILE)
def verify() -> ResponseReturnValue:
    """Where anybody can have a file checked."""
    return _verify_page(VerifyForm())


@blueprint.post("/verify")
@requires(Permission.VERIFY_FILE)
def verify_upload() -> ResponseReturnValue:
    """Hold an uploaded file against what was issued; nothing of it is kept."""
    form = VerifyForm()
    if not form.validate():
        return _verify_page(form, status=422)
    content = form.file.data.stream.read(LARGEST_FILE + 1)
    with current_database().read_session() as reader:
        finding = verify_file(reader, content)
    return _verify_page(VerifyForm(formdata=None), finding=finding, name=form.file.data.filename or "")


def _head(key: str) -> Head:
    return find_visible_head(current_session(), key, seen_by=current_identity())


def _doer() -> commands.Doer:
    return commands.Doer(current_identity(), current_actor(), now())


def _reaches(head: Head, permission: Permission) -> bool:
    publisher = get_unit(current_session(), head.publisher_id)
    return reaches(current_identity(), permission, publisher.place)


def _may_see_drafts(head: Head) -> bool:
    """Drafts are seen by who may write or countersign them."""
    return _reaches(head, Permission.DRAFT_BULLETIN) or _reaches(head, Permission.COUNTERSIGN_BULLETIN)


def _draft_form(period: Period) -> DraftForm:
    form = DraftForm()
    form.cutoff.choices = cutoff_choices(period)
    return form


def _paper(found: Issue) -> Context:
    document = found.document
    chosen = chosen_figure(document, indicator=request.args.get("figure"), field=request.args.get("field"))
    source = None if chosen is None else figure_source(document, chosen)
    return paper_context(found, chosen) | {"source": source}


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
    if progress is None or progress.state != "failed" or not _reaches(head, Permission.COUNTERSIGN_BULLETIN):
        return None
    return url_for("bulletins.press_again", key=head.key, period=Period.parse(waiting.period))


def _downloads(head: Head, found: Issue) -> list[Context]:
    """A button for each stored file, for those whose right to export reaches the publisher."""
    if not _reaches(head, Permission.EXPORT_BULLETIN):
        return []
    formats = list_formats(current_session(), found.id)
    return [{"format": style, "label": FORMAT_NAMES[style]} for style in formats]


def _draft_page(head: Head, period: Period, form: DraftForm, *, status: int = 200) -> Response:
    session = current_session()
    found, newest = find_draft(session, head, period), find_newest(session, head, period)
    if form.cutoff.data is None and found is not None:
        form.cutoff.data = found.cutoff
    page = render_template(
        "bulletins/draft.html",
        **({"bulletin": None, "source": None} if found is None else _paper(found)),
        **_countersigning(head, period, found),
        heading=_("%(period)s通报 · 拟稿", period=period_title(period.key)),
        trail=trail_of(head, (period_title(period.key), None)),
        trail_note=None,
        form=form,
        draft_url=draft_url(head.key, period.key) if _reaches(head, Permission.DRAFT_BULLETIN) else None,
        needs_reason=newest is not None,
        missing=[] if found is None else found.document["problems"]["late_units"],
        drafted_by=None if found is None else issued_text(found),
    )
    return make_response(page, status)


def _countersigning(head: Head, period: Period, found: Issue | None) -> Context:
    """The button to countersign with, for those who may and did not draft it themselves."""
    if found is None or not _reaches(head, Permission.COUNTERSIGN_BULLETIN):
        return {"countersign_url": None, "countersign_form": None, "is_own_draft": False}
    is_own = found.drafted_by_id == current_identity().person_id
    form = CountersignForm(formdata=None, data={"version": found.version, "digest": found.digest})
    target = url_for("bulletins.countersign", key=head.key, period=period)
    return {"countersign_url": None if is_own else target, "countersign_form": form, "is_own_draft": is_own}


def _verify_page(
    form: VerifyForm, *, finding: Finding | None = None, name: str = "", status: int = 200
) -> Response:
    page = render_template(
        "bulletins/verify.html",
        heading=_("核验通报文件"),
        form=form,
        verify_url=url_for("bulletins.verify_upload"),
        finding=None if finding is None else _told(finding, name),
    )
    return make_response(page, status)


def _told(finding: Finding, name: str) -> Context:
    found = finding.issue
    return {
        "verdict": str(finding.verdict),
        "name": name[:120],
        "digest": finding.digest,
        "serial": None if found is None else found.serial,
        "is_altered": finding.verdict is Verdict.ALTERED,
        "facts": [] if found is None else _issue_facts(found),
    }


def _issue_facts(found: Issue) -> list[Context]:
    said = {
        _("通报"): found.document["title"],
        _("编号"): found.serial,
        _("截至"): found.cutoff,
        _("封存号"): str(found.seal),
        _("印发"): issued_text(found),
        _("校验码"): found.digest,
    }
    return [{"label": label, "value": value} for label, value in said.items()]
