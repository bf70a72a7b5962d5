"""The pages of targets: matrix, check before issuing, a unit's own targets and answer, history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

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

from tracker.domain.allocation import Method, Way
from tracker.domain.identity import Role
from tracker.domain.messages import Fault, Faults, Message
from tracker.domain.permissions import Permission
from tracker.features.targets import notices
from tracker.features.targets.commands import (
    StaleDraft,
    Terms,
    check_may_change,
    coming_changes,
    issue_targets,
    needs_reason,
    restart_draft,
    save_draft,
)
from tracker.features.targets.content import OWN, WHOLE, Content
from tracker.features.targets.forms import (
    ALL_ROWS,
    AnswerForm,
    IssueForm,
    MatrixForm,
    ReasonForm,
    matrix_form,
    put_texts,
    seen_number,
    texts_sent,
)
from tracker.features.targets.matrix_page import Situation, matrix_context
from tracker.features.targets.merging import Merge, merge
from tracker.features.targets.queries import (
    Board,
    IndicatorNotFound,
    Notice,
    find_board,
    find_draft,
    list_notices,
    list_versions,
    may_decompose,
)
from tracker.features.targets.sharing import OWN_ONLY, divide, keep_to_oneself
from tracker.features.targets.target_words import place_at
from tracker.features.targets.typed_cells import read_entry, texts_of, unread_names
from tracker.features.targets.unit_page import history_context, issue_context, unit_context
from tracker.services.programme_heads import list_heads
from tracker.services.transitions import Doer
from tracker.services.visibility import visible_programmes
from tracker.web.current import calendar_now, current_identity, current_session, now, request_id
from tracker.web.filters import moment
from tracker.web.guard import requires
from tracker.web.i18n import translate

blueprint = Blueprint("targets", __name__)

MATRIX: Final = "/programmes/<key:key>/targets"
UNIT: Final = MATRIX + "/<code:code>"
AUTOSAVE: Final = "auto"
RESTART: Final = "restart"
Explained = Callable[..., None]
NARROW_ROLES: Final = frozenset({Role.REPORTER, Role.APPROVER})


@blueprint.get("/targets")
@requires(Permission.SEE_TARGETS)
def index() -> ResponseReturnValue:
    """Straight to the newest list's targets: the matrix, or the own unit's page for its staff."""
    identity = current_identity()
    heads = list_heads(current_session(), visible_programmes(identity))
    if not heads:
        flash(_("现在没有您能查看的清单。"), "info")
        return redirect(url_for("accounts.desk"))
    head = heads[0]
    own = identity.appointment
    if identity.role in NARROW_ROLES and own.org_unit_id != head.publisher_id:
        return redirect(url_for("targets.unit", key=head.key, code=own.org_unit_code))
    return redirect(url_for("targets.matrix", key=head.key))


@blueprint.get(MATRIX)
@requires(Permission.SEE_TARGETS)
def matrix(key: str) -> ResponseReturnValue:
    """The matrix of the publisher, or of the unit named by ``at``; fields only for who divides it."""
    board = _board(key)
    form = None
    if _is_mine(board):
        form = matrix_form(board, texts_of(board, board.content), is_posted=False)
    return _matrix_page(board, form, Situation(board.content))


@blueprint.post(MATRIX)
@requires(Permission.DECOMPOSE_TARGETS)
def save(key: str) -> ResponseReturnValue:
    """Keep the working copy, divided anew where a method was chosen; nothing typed is ever lost."""
    board = _board(key)
    check_may_change(board, current_identity())
    form = matrix_form(board, {}, is_posted=True)
    if not form.validate():
        return _refused(board, form, board.content, _form_faults(form))
    base = _base(board, seen_number(form.version.data))
    typed, faults = read_entry(board, texts_sent(form), board.content if base is None else base)
    merged = merge(typed, board.content, base)
    if not merged.is_clean:
        return _stale_page(board, form, merged)
    if faults:
        _place_faults(form, faults)
        return _refused(board, form, merged.content, faults)
    try:
        return _kept(board, form, merged.content)
    except StaleDraft:
        return _overtaken(key, base)


@blueprint.get(MATRIX + "/check")
@requires(Permission.DECOMPOSE_TARGETS)
def check(key: str) -> ResponseReturnValue:
    """Every change once more before issuing."""
    board = _mine(key)
    month = calendar_now().month if calendar_now().year == board.head.year else 1
    has_issued = any(place.column not in (WHOLE, OWN) for place in board.in_force)
    start = {"version": board.token, "effective_month": month if has_issued else 1}
    return _check_page(board, IssueForm(formdata=None, data=start))


@blueprint.post(MATRIX + "/issue")
@requires(Permission.DECOMPOSE_TARGETS)
def issue(key: str) -> ResponseReturnValue:
    """Make the working copy the targets in force."""
    board = _mine(key)
    form = IssueForm()
    if not form.validate():
        return _check_page(board, form, status=422)
    terms = Terms(form.version.data or "", form.reason.data or "", form.effective_month.data)
    try:
        issued = issue_targets(current_session(), board, terms, _doer())
    except Faults as wrong:
        return _check_page(board, form, status=422, faults=list(wrong.faults))
    flash(
        _(
            "已下达 %(count)s 项目标，%(units)s 家单位收到通知。",
            count=issued.versions,
            units=len(issued.units),
        ),
        "success",
    )
    return redirect(_matrix_url(board), 303)


@blueprint.get(UNIT)
@requires(Permission.SEE_TARGETS)
def unit(key: str, code: str) -> ResponseReturnValue:
    """A unit's own targets, and where its answer stands."""
    board = find_board(current_session(), key, code, seen_by=current_identity())
    return _unit_page(board, _notices_of(board))


@blueprint.post(UNIT + "/confirm")
@requires(Permission.ANSWER_TARGETS)
def confirm(key: str, code: str) -> ResponseReturnValue:
    """The unit takes its targets on."""
    board, notice = _noticed(key, code, AnswerForm())
    notices.confirm_targets(current_session(), board.head, board.at, notice, _doer())
    flash(_("已确认，目标生效不变。"), "success")
    return redirect(url_for("targets.unit", key=key, code=code), 303)


@blueprint.post(UNIT + "/ask")
@requires(Permission.ANSWER_TARGETS)
def ask(key: str, code: str) -> ResponseReturnValue:
    """The unit asks for an adjustment."""
    return _explained(key, code, notices.ask_adjustment, _("已提出调整，等上级答复。"))


@blueprint.post(UNIT + "/decline")
@requires(Permission.DECOMPOSE_TARGETS)
def decline(key: str, code: str) -> ResponseReturnValue:
    """The targets stand as issued."""
    return _explained(key, code, notices.decline_adjustment, _("已答复，目标维持不变。"))


@blueprint.get(UNIT + "/history/<string:indicator>")
@requires(Permission.SEE_TARGETS)
def history(key: str, code: str, indicator: str) -> ResponseReturnValue:
    """Every version of a unit's target for one indicator."""
    board = find_board(current_session(), key, code, seen_by=current_identity())
    row = next((row for row in board.every_row if row.listed.rule.code == indicator), None)
    if row is None:
        raise IndicatorNotFound("清单里没有这项指标")
    versions = list_versions(current_session(), board.head.id, row.id, board.at.id)
    return render_template("targets/history.html", **history_context(board, row, versions))


def _board(key: str) -> Board:
    return find_board(current_session(), key, request.args.get("at"), seen_by=current_identity())


def _is_mine(board: Board) -> bool:
    return may_decompose(current_identity(), board) and board.head.state != "closed"


def _doer() -> Doer:
    return Doer(current_identity(), now(), request_id())


def _mine(key: str) -> Board:
    board = _board(key)
    check_may_change(board, current_identity())
    return board


def _matrix_url(board: Board, anchor: str | None = None) -> str:
    return url_for("targets.matrix", key=board.head.key, at=place_at(board), _anchor=anchor)


def _matrix_page(
    board: Board, form: MatrixForm | None, situation: Situation, status: int = 200
) -> ResponseReturnValue:
    sent = list_notices(current_session(), board.head.id, issuer_id=board.at.id)
    context = matrix_context(board, form, replace(situation, notices=sent))
    return make_response(render_template("targets/matrix.html", **context), status)


def _base(board: Board, number: int) -> Content | None:
    """The matrix the page was drawn from; None where that state is not kept any more."""
    if number == board.number:
        return board.content
    if number == 0:
        return board.start
    draft = find_draft(current_session(), board.head.id, board.at.id, number)
    return None if draft is None else board.overlaid(draft.content)


def _form_faults(form: MatrixForm) -> list[Fault]:
    found = [Fault(field.name, Message(str(error))) for field in form for error in field.errors]
    return found + [Fault("", Message(str(error))) for error in form.form_errors]


def _place_faults(form: MatrixForm, faults: list[Fault]) -> None:
    for fault in faults:
        if fault.place in form:
            form[fault.place].errors = [translate(fault.message)]


def _refused(board: Board, form: MatrixForm, content: Content, faults: list[Fault]) -> ResponseReturnValue:
    """Everything typed comes back with every fault at its cell."""
    if form.then.data == AUTOSAVE:
        return jsonify(message=_("有 %(count)s 格要改，改好后自动保存", count=len(faults))), 422
    return _matrix_page(board, form, Situation(content, faults), 422)


def _stale_page(board: Board, form: MatrixForm, merged: Merge) -> ResponseReturnValue:
    """Both values side by side: what was typed stays, what only the other changed is taken over."""
    text = _(
        "这张表在您打开之后有人改过。您填的都还在；只有对方改的格已换成对方的数，双方都改的格并列在下面，核对后再保存。"
    )
    if form.then.data == AUTOSAVE:
        return jsonify(message=text), 409
    put_texts(
        form, texts_of(board, merged.content), but=unread_names(board, texts_sent(form), merged.content)
    )
    form.version.data = board.token
    situation = Situation(merged.content, clashes=merged.clashes, stale_text=text)
    return _matrix_page(board, form, situation, 409)


def _overtaken(key: str, base: Content | None) -> ResponseReturnValue:
    """Somebody saved between our reading and our writing."""
    current_session().rollback()
    board = _board(key)
    form = matrix_form(board, {}, is_posted=True)
    typed, _faults = read_entry(board, texts_sent(form), board.content if base is None else base)
    return _stale_page(board, form, merge(typed, board.content, base))


def _kept(board: Board, form: MatrixForm, content: Content) -> ResponseReturnValue:
    """Save, after the act the button stands for; what could not be divided is told."""
    then = form.then.data or ""
    if then == RESTART:
        restart_draft(current_session(), board, _doer())
        flash(_("已放弃草稿，从现行目标重新开始。"), "success")
        return redirect(_matrix_url(board), 303)
    act, _colon, row = then.partition(":")
    rows = _chosen_rows(board, row or form.scope.data or ALL_ROWS)
    told: list[str] = []
    if act in set(Method):
        outcome = divide(board, content, Method(act), rows)
        content, told = outcome.content, [translate(message) for _row, message in outcome.refused]
    elif act == OWN_ONLY and len(rows) == 1:
        content = keep_to_oneself(board, content, rows)
    elif act == OWN_ONLY:
        told = [_("请先在“分配哪些行”里选一行，再设为只由本级承担。")]
    number = save_draft(current_session(), board, content, _doer())
    if then == AUTOSAVE:
        version = f"{number}.{board.newest_target}"
        saved = _("%(at)s 已自动保存", at=moment(calendar_now()))
        return jsonify(saved_text=saved, version=version)
    for words in told:
        flash(words, "warning")
    return _after_saving(board, then, rows, is_changed=number != board.number)


def _chosen_rows(board: Board, scope: str) -> set[int]:
    """The rows an act is about; all that have a number to divide where none is named."""
    if scope == ALL_ROWS:
        return {row.id for row in board.rows if row.way is not Way.TICKED}
    return {row.id for row in board.rows if str(row.id) == scope}


def _after_saving(board: Board, then: str, rows: set[int], *, is_changed: bool) -> Response:
    if then == "check":
        return make_response(redirect(url_for("targets.check", key=board.head.key, at=place_at(board)), 303))
    flash(_("已保存草稿。") if is_changed else _("没有改动，原样保留。"), "success")
    anchor = f"row-{min(rows)}" if len(rows) == 1 else None
    return make_response(redirect(_matrix_url(board, anchor), 303))


def _check_page(
    board: Board, form: IssueForm, *, status: int = 200, faults: list[Fault] | None = None
) -> ResponseReturnValue:
    changes = coming_changes(board)
    for fault in faults or ():
        if fault.place in form:
            form[fault.place].errors = [translate(fault.message)]
    told = [fault for fault in faults or () if not fault.place]
    context = issue_context(board, form, changes, needs_reason=needs_reason(board, changes), faults=told)
    return make_response(render_template("targets/check.html", **context), status)


def _notices_of(board: Board) -> list[Notice]:
    return list_notices(current_session(), board.head.id, org_unit_id=board.at.id)


def _unit_page(
    board: Board,
    received: list[Notice],
    *,
    form: ReasonForm | None = None,
    faults: tuple[Fault, ...] = (),
    status: int = 200,
) -> ResponseReturnValue:
    token = f"{received[0].id}.{received[0].version_id}" if received else ""
    form = form or ReasonForm(formdata=None, data={"version": token})
    form.version.data = token
    for fault in faults:
        if fault.place in form:
            form[fault.place].errors = [translate(fault.message)]
    context = unit_context(board, received, current_identity(), form=form)
    return make_response(render_template("targets/unit.html", **context), status)


def _noticed(key: str, code: str, form: AnswerForm) -> tuple[Board, Notice]:
    """The unit and its newest notice, which must be the one the person saw."""
    board = find_board(current_session(), key, code, seen_by=current_identity())
    received = _notices_of(board)
    is_seen = (
        bool(received)
        and form.validate()
        and form.version.data == f"{received[0].id}.{received[0].version_id}"
    )
    if not is_seen:
        raise notices.NoticeMovedOn("这份下达通知已经有人办理，或目标已重新下达，请刷新后再看。")
    return board, received[0]


def _explained(key: str, code: str, act: Explained, done: str) -> ResponseReturnValue:
    form = ReasonForm()
    board, notice = _noticed(key, code, form)
    try:
        act(current_session(), board.head, board.at, notice, reason=form.reason.data or "", doer=_doer())
    except Faults as wrong:
        return _unit_page(board, _notices_of(board), form=form, faults=wrong.faults, status=422)
    flash(done, "success")
    return redirect(url_for("targets.unit", key=key, code=code), 303)
