"""What a unit sees of its own targets, what an issue is about to change, and a target's history; ready to print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from tracker.domain.figures import show_grouped
from tracker.domain.identity import Identity
from tracker.domain.kinds import Kind
from tracker.domain.messages import Fault
from tracker.domain.target_notices import Answer, NoticeState, can_answer
from tracker.features.targets.below import Below
from tracker.features.targets.content import OWN, WHOLE, Cell, Difference, Place
from tracker.features.targets.forms import AnswerForm, IssueForm, ReasonForm
from tracker.features.targets.histories import Notice, Version
from tracker.features.targets.notices import may_answer, may_decide
from tracker.features.targets.queries import Board, Row
from tracker.features.targets.sharing import check_row
from tracker.features.targets.target_words import (
    NOTICE_LIGHTS,
    answer_due,
    balance_text,
    cell_words,
    is_overdue,
    notice_word,
    number_text,
    place_at,
    trail,
    who_acted,
)
from tracker.services.visibility import SUBTREE_ROLES
from tracker.web.figure_words import NOTHING
from tracker.web.filters import moment
from tracker.web.i18n import translate
from tracker.web.people_words import acting_name
from tracker.web.punctuation import listed


def issue_context(
    board: Board,
    form: IssueForm,
    changes: Sequence[Difference],
    *,
    needs_reason: bool,
    below: Sequence[Below] = (),
    faults: Sequence[Fault] = (),
) -> dict[str, Any]:
    """The context of ``targets/check.html``: every change once more, what is uneven, and who loses theirs below."""
    rows = {row.id: row for row in board.rows}
    names = {column.key: column.name for column in board.columns}
    names |= {WHOLE: _("本清单目标"), OWN: _("%(unit)s本级", unit=board.at.short_name)}
    order = [WHOLE, *(column.key for column in board.columns)]
    changes = sorted(changes, key=lambda one: order.index(one.place.column))
    touched = [row for row in board.rows if any(one.place.indicator_id == row.id for one in changes)]
    units = {one.place.column for one in changes} - {WHOLE, OWN}
    return {
        "heading": _("下达前核对"),
        "trail": trail(board, _("下达")),
        "trail_note": None,
        "form": form,
        "issue_url": url_for("targets.issue", key=board.head.key, at=place_at(board)),
        "back_url": url_for("targets.matrix", key=board.head.key, at=place_at(board)),
        "is_draft_list": board.head.state == "draft",
        "is_ahead": board.draft is not None and board.newest_target > board.draft.targets_seen,
        "unit_count": len(units),
        "change_count": len(changes),
        "needs_reason": needs_reason,
        "faults": [{"text": translate(fault.message), "field_id": fault.place} for fault in faults],
        "groups": [
            {
                "name": row.listed.rule.name,
                "measure": row.listed.rule.measure,
                "check_text": _row_check(board, row),
                "is_even": _is_even(board, row),
                "below": _below_texts(row, below, names),
                "baseless": _baseless_text(board, row, names),
                "changes": [
                    _change(rows[one.place.indicator_id], one, names)
                    for one in changes
                    if one.place.indicator_id == row.id
                ],
            }
            for row in touched
        ],
    }


def _below_texts(row: Row, below: Sequence[Below], names: Mapping[str, str]) -> list[str]:
    """Who loses a target of this row together with the unit above."""
    lost: dict[str, list[str]] = {}
    for one in below:
        if one.place.indicator_id == row.id:
            name = one.unit.short_name
            own = _("%(unit)s本级", unit=name) if one.place.is_own_level else name
            lost.setdefault(one.column, []).append(own)
    return [
        _(
            "%(unit)s不再承担，它下面 %(count)s 个目标一并收回：%(units)s",
            unit=names[column],
            count=len(units),
            units=listed(units),
        )
        for column, units in lost.items()
    ]


def _baseless_text(board: Board, row: Row, names: Mapping[str, str]) -> str | None:
    """Who gets a number of a stock that is counted from a base, but no base."""
    if row.listed.rule.kind is not Kind.STOCK or not board.has_base(row):
        return None
    cells = ((column.key, board.content.at(row.id, column.key)) for column in board.columns)
    units = [names[key] for key, cell in cells if cell.value is not None and cell.base is None]
    told = _("没有填年初基数，达到目标之前不能评判：%(units)s", units=listed(units))
    return told if units else None


def _row_check(board: Board, row: Row) -> str | None:
    found = check_row(board, board.content, row)
    return None if found is None else balance_text(row, found)


def _is_even(board: Board, row: Row) -> bool:
    found = check_row(board, board.content, row)
    return found is None or found.difference == 0


def _change(row: Row, one: Difference, names: dict[str, str]) -> dict[str, Any]:
    return {
        "unit": names.get(one.place.column, one.place.column),
        "before": _stated(row, one.before, one.place.column) if one.before.is_assigned else NOTHING,
        "after": _stated(row, one.after, one.place.column),
    }


def _stated(row: Row, cell: Cell, column: str) -> str:
    words = cell_words(row, cell._replace(is_typed=True), column)
    if cell.base is None:
        return words
    return _(
        "%(target)s（基数 %(base)s）", target=words, base=show_grouped(cell.base, row.listed.rule.decimals)
    )


def unit_context(
    board: Board,
    notices: Sequence[Notice],
    identity: Identity,
    *,
    form: ReasonForm,
    today: datetime,
    issued: frozenset[int] = frozenset(),
    faults: Sequence[Fault] = (),
) -> dict[str, Any]:
    """The context of ``targets/unit.html``: the unit's own targets, and where its answer stands.

    ``issued``: the indicators the newest notice is about.
    """
    key, code = board.head.key, board.at.code
    notice = notices[0] if notices else None
    answers = may_answer(identity, board.at)
    decides = may_decide(identity, board.head, board.at)

    def url(answer: Answer, *, is_mine: bool) -> str | None:
        is_open = notice is not None and is_mine and can_answer(notice.state, answer)
        return url_for(f"targets.{answer}", key=key, code=code) if is_open else None

    return {
        "heading": _("%(unit)s的目标", unit=board.at.short_name),
        "trail": trail(board, _("目标‖栏目")),
        "trail_note": None,
        "form": form,
        "plain_form": AnswerForm(formdata=None, data={"version": form.version.data}),
        "faults": [{"text": translate(fault.message), "field_id": fault.place} for fault in faults],
        "rows": [_unit_row(board, row) | {"is_issued": row.id in issued} for row in board.rows],
        "notice": None if notice is None else _notice(notice, today),
        "events": [event for one in notices for event in _events(one)],
        "confirm_url": url(Answer.CONFIRM, is_mine=answers),
        "ask_url": url(Answer.ASK, is_mine=answers),
        "decline_url": url(Answer.DECLINE, is_mine=decides),
        "matrix_url": url_for("targets.matrix", key=key) if decides else None,
        "seen_matrix_url": url_for("targets.matrix", key=key) if _sees_above(identity, board) else None,
        "own_matrix_url": url_for("targets.matrix", key=key, at=code) if board.children else None,
    }


def _sees_above(identity: Identity, board: Board) -> bool:
    """Whether a reader sees the publisher's matrix, in which this unit stands."""
    is_above = identity.place.holds(board.at.place) and identity.place.org_unit_id != board.at.id
    return is_above and not board.is_publisher and identity.role in SUBTREE_ROLES


def _unit_row(board: Board, row: Row) -> dict[str, Any]:
    whole = board.in_force.get(Place(row.id, WHOLE), Cell())
    own = board.in_force.get(Place(row.id, OWN))
    target = board.target(row, board.start)
    history = url_for(
        "targets.history", key=board.head.key, code=board.at.code, indicator=row.listed.rule.code
    )
    return {
        "number": row.promise.number,
        "name": row.listed.rule.name,
        "measure": row.listed.rule.measure,
        "counting_rule": row.listed.counting_rule,
        "target_text": cell_words(row, whole._replace(value=target), OWN),
        "own_text": cell_words(row, own, OWN) if own is not None and own.is_assigned else NOTHING,
        "has_own": own is not None and own.is_assigned,
        "has_base": whole.base is not None,
        "base_text": NOTHING if whole.base is None else show_grouped(whole.base, row.listed.rule.decimals),
        "history_url": history,
    }


def _notice(notice: Notice, today: datetime) -> dict[str, Any]:
    return {
        "state": notice_word(notice.state),
        "light": NOTICE_LIGHTS[notice.state],
        "issued_text": _(
            "%(at)s 由%(name)s下达", at=moment(notice.issued_at), name=who_acted(notice, "issued")
        ),
        "waits_text": _("等上级答复。") if notice.state is NoticeState.ASKED else None,
        "due_text": answer_due(notice, today),
        "is_late": is_overdue(notice, today),
        "reason": notice.issue_reason,
        "request": notice.request,
        "decision": notice.decision,
    }


def _events(notice: Notice) -> list[dict[str, Any]]:
    """What happened to a notice, newest first, as macros/timeline.html wants it."""
    found = []
    if notice.decided_at is not None:
        word = _("答复调整")
        found.append(_event(notice.decided_at, who_acted(notice, "decided"), word, notice.decision, "done"))
    if notice.answered_at is not None:
        word = _("提出调整") if notice.request else _("确认")
        light = "lagging" if notice.request else "on_track"
        found.append(_event(notice.answered_at, who_acted(notice, "answered"), word, notice.request, light))
    return [
        *found,
        _event(notice.issued_at, who_acted(notice, "issued"), _("下达"), notice.issue_reason, "done"),
    ]


def _event(at: Any, actor: str, text: str, quote: str, light: str) -> dict[str, Any]:
    return {
        "at_text": moment(at),
        "at_iso": at.isoformat(),
        "light": light,
        "actor": actor,
        "text": text,
        "quote": quote or None,
    }


def history_context(board: Board, row: Row, versions: Sequence[Version]) -> dict[str, Any]:
    """The context of ``targets/history.html``: every version, newest first."""
    return {
        "heading": _("%(name)s · 目标沿革", name=row.listed.rule.name),
        "trail": trail(board, _("目标沿革")),
        "trail_note": None,
        "unit_url": url_for("targets.unit", key=board.head.key, code=board.at.code),
        "unit_name": board.at.name,
        "measure": row.listed.rule.measure,
        "versions": version_rows(board, row, versions),
    }


def version_rows(board: Board, row: Row, versions: Sequence[Version]) -> list[dict[str, Any]]:
    """Versions of a target as its history writes them."""
    return [_version(board, row, one) for one in versions]


def _version(board: Board, row: Row, one: Version) -> dict[str, Any]:
    cell = Cell(one.is_assigned, one.value, one.base, True)
    words = {"import": _("随数据导入"), "publish": _("公布"), "target": _("清单或分解")}
    return {
        "scope": _("本级") if one.is_own_level else _("合计"),
        "value_text": _version_text(board, row, one, cell),
        "base_text": NOTHING if one.base is None else show_grouped(one.base, row.listed.rule.decimals),
        "from_text": _("%(year)s年%(month)s月", year=board.head.year, month=one.effective_month),
        "reason": one.reason or NOTHING,
        "by": acting_name(one.approved_by, one.stand_in) if one.approved_by else _("系统操作员"),
        "origin": words.get(one.action, one.action),
        "at_text": moment(one.at, with_year=True),
        "seal": NOTHING if one.seal is None else str(one.seal),
    }


def _version_text(board: Board, row: Row, one: Version, cell: Cell) -> str:
    if board.is_publisher and not one.is_own_level:
        return number_text(row, one.value)
    return cell_words(row, cell, OWN)
