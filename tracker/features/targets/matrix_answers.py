"""What a matrix answers when it is opened or sent: kept, refused, or met by another editor."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from flask import Response, flash, jsonify, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker.domain.allocation import Method, Way
from tracker.domain.messages import Fault, Message
from tracker.features.targets.commands import StaleDraft, restart_draft, save_draft
from tracker.features.targets.content import Content
from tracker.features.targets.forms import (
    ALL_ROWS,
    MatrixForm,
    matrix_form,
    put_texts,
    seen_number,
    texts_sent,
)
from tracker.features.targets.histories import list_notices
from tracker.features.targets.matrix_page import Situation, matrix_context
from tracker.features.targets.merging import Merge, merge
from tracker.features.targets.queries import Board, find_draft, load_board
from tracker.features.targets.sharing import OWN_ONLY, Outcome, divide, keep_to_oneself
from tracker.features.targets.target_words import place_at
from tracker.features.targets.typed_cells import (
    base_name,
    cell_name,
    read_entry,
    texts_of,
    unread_names,
    weight_name,
)
from tracker.services.transitions import Doer
from tracker.web.current import calendar_now, current_session
from tracker.web.filters import moment
from tracker.web.i18n import translate

AUTOSAVE: Final = "auto"
RESTART: Final = "restart"


def matrix_url(board: Board, anchor: str | None = None) -> str:
    """The address of a matrix."""
    return url_for("targets.matrix", key=board.head.key, at=place_at(board), _anchor=anchor)


def matrix_page(
    board: Board, form: MatrixForm | None, situation: Situation, status: int = 200
) -> ResponseReturnValue:
    """A matrix with the answers to what was issued; ``form`` None: read only."""
    sent = list_notices(current_session(), board.head.id, issuer_id=board.at.id)
    context = matrix_context(board, form, replace(situation, notices=sent, today=calendar_now()))
    return make_response(render_template("targets/matrix.html", **context), status)


def answer_saving(board: Board, doer: Doer) -> ResponseReturnValue:
    """Keep what a matrix sent; a matrix with every fault at its cell, or with both editors' values, when it cannot be."""
    form = matrix_form(board, {}, is_posted=True)
    if not form.validate():
        return _refused(board, form, board.content, _form_faults(form))
    number = seen_number(form.version.data)
    base = _base(board, number)
    typed, faults = read_entry(board, texts_sent(form), board.content if base is None else base)
    merged = merge(typed, board.content, base)
    if number < 0 or not merged.is_clean:
        return _stale_page(board, form, merged)
    if faults:
        _place_faults(form, faults)
        return _refused(board, form, merged.content, faults)
    try:
        return _kept(board, form, merged.content, doer)
    except StaleDraft:
        return _overtaken(board, base)


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
    return matrix_page(board, form, Situation(content, faults), 422)


def _stale_page(board: Board, form: MatrixForm, merged: Merge) -> ResponseReturnValue:
    """Both values side by side: what was typed stays, what only the other changed is taken over."""
    text = _(
        "这张表在您打开之后有人改过。您填的都还在；只有对方改的格已换成对方的数，双方都改的格并列在下面，核对后再保存。"
    )
    if form.then.data == AUTOSAVE:
        return jsonify(message=text), 409
    put_texts(form, _their_texts(board, form, merged))
    form.version.data = board.token
    situation = Situation(merged.content, clashes=merged.clashes, stale_text=text)
    return matrix_page(board, form, situation, 409)


def _their_texts(board: Board, form: MatrixForm, merged: Merge) -> dict[str, str]:
    """The fields that only the other changed, as they stand now; what cannot be read was typed, so it stays."""
    names = {name(*place) for place in merged.taken_over for name in (cell_name, base_name)}
    names |= {
        weight_name(key) for key, weight in merged.weights.items() if merged.content.weights[key] == weight
    }
    names -= unread_names(board, texts_sent(form), merged.content)
    return {name: text for name, text in texts_of(board, merged.content).items() if name in names}


def _overtaken(seen: Board, base: Content | None) -> ResponseReturnValue:
    """Somebody saved between our reading and our writing."""
    current_session().rollback()
    board = load_board(current_session(), seen.head, seen.at)
    form = matrix_form(board, {}, is_posted=True)
    typed, _faults = read_entry(board, texts_sent(form), board.content if base is None else base)
    return _stale_page(board, form, merge(typed, board.content, base))


def _kept(board: Board, form: MatrixForm, content: Content, doer: Doer) -> ResponseReturnValue:
    """Save, after the act the button stands for; what could not be divided is told."""
    then = form.then.data or ""
    if then == RESTART:
        restart_draft(current_session(), board, doer)
        flash(_("已放弃草稿，从现行目标重新开始。"), "success")
        return redirect(matrix_url(board), 303)
    act, _colon, row = then.partition(":")
    rows = _chosen_rows(board, row or form.scope.data or ALL_ROWS)
    told: list[str] = []
    if act in set(Method):
        outcome = divide(board, content, Method(act), rows)
        content, told = outcome.content, _refusals(outcome)
    elif act == OWN_ONLY and len(rows) == 1:
        content = keep_to_oneself(board, content, rows)
    elif act == OWN_ONLY:
        told = [_("请先在“分配哪些行”里选一行，再设为只由本级承担。")]
    number = save_draft(current_session(), board, content, doer)
    if then == AUTOSAVE:
        version = f"{number}.{board.newest_target}"
        saved = _("%(at)s 已自动保存", at=moment(calendar_now()))
        return jsonify(saved_text=saved, version=version)
    for words in told:
        flash(words, "warning")
    return _after_saving(board, then, rows, is_changed=number != board.number)


def _refusals(outcome: Outcome) -> list[str]:
    """Why rows could not be divided: one sentence for all that share a reason."""
    names: dict[str, list[str]] = {}
    for row, message in outcome.refused:
        names.setdefault(message.text, []).append(row.listed.rule.name)
    return [translate(Message(text, {"name": _("”、“").join(those)})) for text, those in names.items()]


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
    return make_response(redirect(matrix_url(board, anchor), 303))
