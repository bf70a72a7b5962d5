"""The pages of evidence: a report's files, adding and taking out, downloading, and small previews."""

from __future__ import annotations

import io
from typing import Any, Final, NamedTuple

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    g,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    send_file,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from tracker.domain.attachments import CONTENT_TYPES, LARGEST_FILE, UnwelcomeFile
from tracker.domain.messages import Faults, Message
from tracker.domain.periods import Period
from tracker.domain.permissions import Permission, reaches
from tracker.features.evidence.commands import Incoming, attach_files, incoming, take_out
from tracker.features.evidence.folder_page import Opened, folder_context, is_open, line_choices
from tracker.features.evidence.forms import RemovalForm, UploadForm, upload_form
from tracker.features.evidence.intake import look_at
from tracker.features.evidence.queries import (
    EvidenceNotFound,
    FolderPlace,
    find_file,
    find_folder,
    list_removed,
)
from tracker.services.audit import Subject
from tracker.services.evidence_store import BlobMissing, BlobStore
from tracker.services.sheets import Row
from tracker.services.transitions import Doer
from tracker.web.current import calendar_now, current_identity, current_session, now, request_id
from tracker.web.evidence_words import folder_url
from tracker.web.guard import requires
from tracker.web.i18n import translate
from tracker.web.punctuation import clauses, labelled
from tracker.web.requests import wants_json
from tracker.web.side_effects import record_view

blueprint = Blueprint("evidence", __name__)

PLACE: Final = "/programmes/<key:key>/sheets/<code:code>/<period:period>/evidence/<int:number>"
SANDBOX: Final = "sandbox; default-src 'none'; frame-ancestors 'none'"


class Looked(NamedTuple):
    """What came with an upload: files fit to be kept, and what is wrong with the others, by name."""

    good: tuple[Incoming, ...]
    bad: tuple[tuple[str, Message], ...]


@blueprint.before_request
def look_at_files() -> None:
    """Judge the files of an upload before its transaction begins: it holds no lock while a picture is read."""
    if request.endpoint == "evidence.upload":
        g.looked = _look(request.files.getlist("files"))


@blueprint.get(PLACE)
@requires(Permission.SEE_EVIDENCE)
def folder(key: str, code: str, period: Period, number: int) -> ResponseReturnValue:
    """All files of one report; its reporters add and take out."""
    return _page(_find(key, code, period, number))


@blueprint.post(PLACE)
@requires(Permission.ADD_EVIDENCE)
def upload(key: str, code: str, period: Period, number: int) -> ResponseReturnValue:
    """Keep the files that are fit, and say of each other one what to do instead."""
    place = _find(key, code, period, number)
    form = upload_form(line_choices(place), is_posted=True)
    if not form.validate():
        return _refused(place, form, [error for errors in form.errors.values() for error in errors])
    looked: Looked = g.looked
    wrong = [labelled(name, translate(message)) for name, message in looked.bad]
    if not looked.good:
        return _refused(place, form, wrong)
    try:
        names = attach_files(
            current_session(),
            _store(),
            place,
            looked.good,
            line=_line(place, form.line.data),
            doer=_doer(),
            today=calendar_now(),
        )
    except UnwelcomeFile as refusal:
        return _refused(place, form, [translate(refusal.message)])
    return _kept(place, names, wrong)


@blueprint.get(PLACE + "/<int:evidence_id>")
@requires(Permission.SEE_EVIDENCE)
def download(key: str, code: str, period: Period, number: int, evidence_id: int) -> ResponseReturnValue:
    """The file, to be kept and not shown by the browser; whoever takes it is written down.

    Of a picture the copy without location; ``?original=1``: as it was sent.
    """
    place = _find(key, code, period, number)
    file = find_file(place, evidence_id)
    content = _read(file.sha256 if "original" in request.args else file.cleaned or file.sha256)
    record_view(Subject("evidence", str(file.id), place.sheet.unit.id))
    return _sent(content, CONTENT_TYPES[file.media], name=file.name)


@blueprint.get(PLACE + "/<int:evidence_id>/preview")
@requires(Permission.SEE_EVIDENCE)
def preview(key: str, code: str, period: Period, number: int, evidence_id: int) -> ResponseReturnValue:
    """The small picture made anew from a picture's pixels."""
    file = find_file(_find(key, code, period, number), evidence_id)
    if file.preview is None:
        raise EvidenceNotFound("这份佐证没有缩略图")
    return _sent(_read(file.preview), "image/png")


@blueprint.post(PLACE + "/<int:evidence_id>/remove")
@requires(Permission.REMOVE_EVIDENCE)
def remove(key: str, code: str, period: Period, number: int, evidence_id: int) -> ResponseReturnValue:
    """Take a file out of a report that is being written; its tombstone stays."""
    place = _find(key, code, period, number)
    file = find_file(place, evidence_id)
    form = RemovalForm()
    if not form.validate():
        return _page(place, removing=form, refused_id=file.id, status=422)
    try:
        take_out(
            current_session(), place, file, reason=form.reason.data or "", doer=_doer(), today=calendar_now()
        )
    except Faults as wrong:
        form.reason.errors = [translate(fault.message) for fault in wrong.faults]
        return _page(place, removing=form, refused_id=file.id, status=422)
    flash(_("已作废“%(name)s”，记录仍可查。", name=file.name), "success")
    return redirect(folder_url("evidence.folder", place.sheet, place.report), 303)


def _find(key: str, code: str, period: Period, number: int) -> FolderPlace:
    return find_folder(current_session(), key, code, period, number, seen_by=current_identity())


def _doer() -> Doer:
    return Doer(current_identity(), now(), request_id())


def _store() -> BlobStore:
    store: BlobStore = current_app.extensions["evidence_store"]
    return store


def _read(sha256: str) -> bytes:
    """The stored bytes; altered ones are never served (BlobAltered is a fault of ours: 500)."""
    try:
        return _store().read(sha256)
    except BlobMissing:
        raise EvidenceNotFound("佐证文件不在存储里，请联系管理员核验") from None


def _look(sent: list[FileStorage]) -> Looked:
    good, bad = [], []
    for file in sent:
        if not file.filename:
            continue
        try:
            content = file.stream.read(LARGEST_FILE + 1)
            good.append(incoming(look_at(file.filename, content), content))
        except UnwelcomeFile as unwelcome:
            bad.append((file.filename[-60:], unwelcome.message))
    return Looked(tuple(good), tuple(bad))


def _line(place: FolderPlace, code: str) -> Row | None:
    return next((row for row in place.report.rows if row.listed.rule.code == code), None)


def _kept(place: FolderPlace, names: list[str], wrong: list[str]) -> Response:
    told = _("已添加 %(count)s 份佐证。", count=len(names))
    if wants_json():
        return jsonify(message=told, names=names, wrong=wrong)
    flash(told, "success")
    for one in wrong:
        flash(one, "error")
    return make_response(redirect(folder_url("evidence.folder", place.sheet, place.report), 303))


def _refused(place: FolderPlace, form: UploadForm, wrong: list[str]) -> Response:
    if wants_json():
        return make_response(jsonify(message=clauses(wrong), wrong=wrong), 422)
    form.files.errors = wrong
    return _page(place, adding=form, status=422)


def _page(
    place: FolderPlace,
    *,
    adding: UploadForm | None = None,
    removing: RemovalForm | None = None,
    refused_id: int | None = None,
    status: int = 200,
) -> Response:
    may_add = reaches(current_identity(), Permission.ADD_EVIDENCE, place.sheet.unit.place)
    if adding is None and may_add and is_open(place, calendar_now()):
        adding = upload_form(line_choices(place), is_posted=False, line=_asked_line(place))
    opened = Opened(adding, removing or RemovalForm(formdata=None), refused_id)
    filing = place.report.filing
    removed = list_removed(current_session(), filing.revision_id if filing else None)
    return make_response(
        render_template("evidence/folder.html", **folder_context(place, removed, opened)), status
    )


def _asked_line(place: FolderPlace) -> str:
    """The line the address asks for, else the only one there is."""
    codes = [code for code, _name in line_choices(place)]
    asked = request.args.get("line", codes[0])
    return asked if asked in codes else codes[0]


def _sent(content: bytes, content_type: str, *, name: str | None = None) -> Response:
    """Bytes under a policy that lets them do nothing; with a name they are kept, not shown."""
    more: dict[str, Any] = {"as_attachment": True, "download_name": name} if name else {}
    response = send_file(io.BytesIO(content), mimetype=content_type, etag=False, **more)
    response.headers["Content-Security-Policy"] = SANDBOX
    return response
