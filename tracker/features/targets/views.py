"""The pages of targets: matrix, check before issuing, a unit's own targets and answer, history."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from flask import (
    Blueprint,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.domain.identity import Role
from tracker.domain.messages import Fault, Faults
from tracker.domain.permissions import Permission, holds
from tracker.domain.target_notices import default_answer_by
from tracker.features.targets import notices
from tracker.features.targets.below import find_below
from tracker.features.targets.commands import (
    Terms,
    check_may_change,
    coming_changes,
    issue_targets,
    needs_reason,
)
from tracker.features.targets.content import OWN, WHOLE
from tracker.features.targets.forms import (
    AnswerForm,
    IssueForm,
    ReasonForm,
    matrix_form,
)
from tracker.features.targets.histories import Notice, list_notices, list_versions
from tracker.features.targets.issued import list_issued
from tracker.features.targets.matrix_answers import answer_saving, matrix_page, matrix_url
from tracker.features.targets.matrix_page import Situation
from tracker.features.targets.own_list import choose_list
from tracker.features.targets.queries import (
    Board,
    IndicatorNotFound,
    Row,
    find_board,
    may_decompose,
)
from tracker.features.targets.typed_cells import (
    texts_of,
)
from tracker.features.targets.unit_page import history_context, issue_context, unit_context
from tracker.services.programme_heads import list_heads
from tracker.services.transitions import Doer
from tracker.services.visibility import visible_programmes
from tracker.web.current import (
    calendar_now,
    current_calendar,
    current_identity,
    current_session,
    now,
    request_id,
)
from tracker.web.guard import requires
from tracker.web.i18n import translate

blueprint = Blueprint("targets", __name__)

MATRIX: Final = "/programmes/<key:key>/targets"
UNIT: Final = MATRIX + "/<code:code>"
Explained = Callable[..., None]
NARROW_ROLES: Final = frozenset({Role.REPORTER, Role.APPROVER})


@blueprint.get("/targets")
@requires(Permission.SEE_TARGETS)
def index() -> ResponseReturnValue:
    """Straight to the targets that matter to this person: the matrix, or the own unit's page for its staff."""
    identity = current_identity()
    heads = list_heads(current_session(), visible_programmes(identity))
    if not heads and holds(identity, Permission.EDIT_PROGRAMME):
        flash(_("还没有清单：先新建或导入一份清单，目标在清单里，公布前后都可以分解。"), "info")
        return redirect(url_for("programmes.list_all"))
    if not heads:
        flash(_("现在没有您能查看的清单。"), "info")
        return redirect(url_for("accounts.desk"))
    head = choose_list(current_session(), identity, heads, calendar_now())
    own = identity.appointment
    if identity.role in NARROW_ROLES and own.org_unit_id != head.publisher_id:
        return redirect(url_for("targets.unit", key=head.key, code=own.org_unit_code))
    return redirect(url_for("targets.matrix", key=head.key))


@blueprint.get(MATRIX)
@requires(Permission.SEE_TARGETS)
def matrix(key: str) -> ResponseReturnValue:
    """The matrix of the publisher, or of the unit named by ``at``; fields and the working copy only for who divides it."""
    board = matrix_board(key)
    if not shows_copy(board):
        return matrix_page(board, None, Situation(board.start))
    form = matrix_form(board, texts_of(board, board.content), is_posted=False)
    return matrix_page(board, form, Situation(board.content))


@blueprint.post(MATRIX)
@requires(Permission.DECOMPOSE_TARGETS)
def save(key: str) -> ResponseReturnValue:
    """Keep the working copy, divided anew where a method was chosen; nothing typed is ever lost."""
    board = matrix_board(key)
    check_may_change(board, current_identity())
    return answer_saving(board, acting())


@blueprint.get(MATRIX + "/check")
@requires(Permission.DECOMPOSE_TARGETS)
def check(key: str) -> ResponseReturnValue:
    """Every change once more before issuing."""
    board = _mine(key)
    month = calendar_now().month if calendar_now().year == board.head.year else 1
    has_issued = any(place.column not in (WHOLE, OWN) for place in board.in_force)
    start = {
        "version": board.token,
        "effective_month": month if has_issued else 1,
        "answer_by": default_answer_by(*current_calendar()).date().isoformat(),
    }
    return _check_page(board, IssueForm(formdata=None, data=start))


@blueprint.post(MATRIX + "/check")
@requires(Permission.DECOMPOSE_TARGETS)
def issue(key: str) -> ResponseReturnValue:
    """Make the working copy the targets in force."""
    board = _mine(key)
    form = IssueForm()
    is_valid = form.validate()
    if form.deadline is None or form.deadline <= calendar_now():
        form.answer_by.errors = [*form.answer_by.errors, _("请选一个以后的日期")]
    if not form.reason.data and needs_reason(board, coming_changes(board)):
        form.reason.errors = [_("有缺口、层层加码或改动已下达的目标，请写明理由")]
    if not is_valid or form.answer_by.errors or form.reason.errors:
        return _check_page(board, form, status=422)
    terms = Terms(form.version.data or "", form.reason.data or "", form.effective_month.data, form.deadline)
    try:
        issued = issue_targets(current_session(), board, terms, acting())
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
    return redirect(matrix_url(board), 303)


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
    notices.confirm_targets(current_session(), board.head, board.at, notice, acting())
    flash(_("已确认。"), "success")
    return redirect(url_for("targets.unit", key=key, code=code), 303)


@blueprint.post(UNIT + "/ask")
@requires(Permission.ANSWER_TARGETS)
def ask(key: str, code: str) -> ResponseReturnValue:
    """The unit asks for an adjustment."""
    return _explained(key, code, notices.ask_adjustment, _("已提出调整，等上级答复。"))


@blueprint.post(UNIT + "/decline")
@requires(Permission.DECOMPOSE_TARGETS)
def decline(key: str, code: str) -> ResponseReturnValue:
    """The targets stand as issued; the unit has the usual days for confirming them."""
    decide = partial(notices.decline_adjustment, answer_by=default_answer_by(*current_calendar()))
    return _explained(key, code, decide, _("已答复，目标维持不变。"))


@blueprint.get(UNIT + "/history/<string:indicator>")
@requires(Permission.SEE_TARGETS)
def history(key: str, code: str, indicator: str) -> ResponseReturnValue:
    """Every version of a unit's target for one indicator."""
    board = find_board(current_session(), key, code, seen_by=current_identity())
    row = get_row(board, indicator)
    versions = list_versions(current_session(), board.head.id, row.id, board.at.id)
    return render_template("targets/history.html", **history_context(board, row, versions))


def get_row(board: Board, indicator: str) -> Row:
    """The row of an indicator by its code, or IndicatorNotFound."""
    row = next((row for row in board.every_row if row.listed.rule.code == indicator), None)
    if row is None:
        raise IndicatorNotFound("清单里没有这项指标")
    return row


def matrix_board(key: str) -> Board:
    """The matrix the address asks for."""
    return find_board(current_session(), key, request.args.get("at"), seen_by=current_identity())


def shows_copy(board: Board) -> bool:
    """Whether the page shows the working copy: to whoever divides the unit's targets, while the list runs."""
    return may_decompose(current_identity(), board) and board.head.state != "closed"


def acting() -> Doer:
    """Who does what this request asks for."""
    return Doer(current_identity(), now(), request_id())


def _mine(key: str) -> Board:
    board = matrix_board(key)
    check_may_change(board, current_identity())
    return board


def _check_page(
    board: Board, form: IssueForm, *, status: int = 200, faults: list[Fault] | None = None
) -> ResponseReturnValue:
    changes = coming_changes(board)
    for fault in faults or ():
        if fault.place in form:
            form[fault.place].errors = [translate(fault.message)]
    told = [fault for fault in faults or () if not fault.place]
    context = issue_context(
        board,
        form,
        changes,
        needs_reason=needs_reason(board, changes),
        below=find_below(current_session(), board, changes),
        faults=told,
    )
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
    issued = list_issued(current_session(), received[0].id) if received else frozenset()
    context = unit_context(
        board, received, current_identity(), form=form, today=calendar_now(), issued=issued
    )
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
        act(current_session(), board.head, board.at, notice, reason=form.reason.data or "", doer=acting())
    except Faults as wrong:
        return _unit_page(board, _notices_of(board), form=form, faults=wrong.faults, status=422)
    flash(done, "success")
    return redirect(url_for("targets.unit", key=key, code=code), 303)
