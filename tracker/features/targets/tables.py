"""The tables of targets as files: the matrix, a unit's own targets, a target's history."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from flask_babel import gettext as _

from tracker.domain.allocation import Way
from tracker.domain.periods import SHANGHAI
from tracker.features.targets.content import OWN, WHOLE, Cell, Content, Place
from tracker.features.targets.histories import list_versions
from tracker.features.targets.queries import Board, Column, Row, find_board
from tracker.features.targets.sharing import check_row
from tracker.features.targets.target_words import balance_text, cell_words, transfer_text
from tracker.features.targets.unit_page import version_rows
from tracker.features.targets.views import get_row, matrix_board, shows_copy
from tracker.services.tables.csv_writing import Cell as FileCell
from tracker.web.current import current_identity, current_session
from tracker.web.filters import moment
from tracker.web.people_words import acting_name
from tracker.web.table_files import Offer, Offers, Table

FileRow = Sequence[FileCell]


def _facts(board: Board) -> list[tuple[str, str]]:
    return [
        (_("清单"), f"{board.head.title}（{board.head.key}）"),
        (_("单位"), f"{board.at.name}（{board.at.code}）"),
    ]


def matrix_table(key: str) -> Table:
    """The matrix as its page shows it: the working copy to whoever divides it, else the targets in force."""
    board = matrix_board(key)
    is_copy = shows_copy(board)
    content = board.content if is_copy else board.start
    rows = [_matrix_row(board, content, row) for row in board.rows]
    headings = [
        _("序号"), _("实事"), _("指标代码"), _("指标"), _("计量单位"), _("本清单目标") if board.is_publisher else _("上级目标"),
        _("上年"), *(_column_name(column) for column in board.columns), _("合计校验"),
    ]  # fmt: skip
    return Table(
        _("目标分解"), _matrix_facts(board, is_copy=is_copy), headings, rows, len(rows),
        widths=(6, 26, 18, 34, 10, 14, 14),
    )  # fmt: skip


def _matrix_facts(board: Board, *, is_copy: bool) -> list[tuple[str, str]]:
    moved = [(_("划转"), transfer_text(one)) for one in board.transfers]
    return [*_facts(board), (_("状态"), _copy_text(board, is_copy=is_copy)), *moved]


def _copy_text(board: Board, *, is_copy: bool) -> str:
    if not is_copy or board.draft is None or board.draft.posting_id is not None:
        return _("已下达的目标")
    saved = moment(board.draft.saved_at, with_year=True)
    return _(
        "未下达的编制稿，%(name)s %(at)s 保存",
        name=acting_name(board.draft.saved_by, board.draft.stand_in),
        at=saved,
    )


def _column_name(column: Column) -> str:
    return _("%(unit)s本级", unit=column.name) if column.is_own_level else column.name


def _matrix_row(board: Board, content: Content, row: Row) -> FileRow:
    rule, found = row.listed.rule, check_row(board, content, row)
    cells = [_cell(row, content.at(row.id, column.key), column.key) for column in board.columns]
    return [
        row.promise.number, row.promise.title, rule.code, rule.name, rule.measure,
        _number(row, board.target(row, content)), _number(row, board.last_year(row)), *cells,
        "" if found is None else balance_text(row, found),
    ]  # fmt: skip


def _cell(row: Row, cell: Cell, column: str) -> FileCell:
    """A number where there is one, else the words of the page."""
    is_number = cell.is_assigned and cell.value is not None and row.way is not Way.TICKED
    return _number(row, cell.value) if is_number else cell_words(row, cell, column)


def _number(row: Row, value: int | None) -> Decimal | None:
    return None if value is None else Decimal(value).scaleb(-row.listed.rule.target_decimals)


def unit_table(key: str, code: str) -> Table:
    """A unit's own targets."""
    board = find_board(current_session(), key, code, seen_by=current_identity())
    headings = [
        _("序号"),
        _("实事"),
        _("指标"),
        _("计量单位"),
        _("目标"),
        _("其中本级"),
        _("基数"),
        _("统计口径"),
    ]
    rows = [_unit_row(board, row) for row in board.rows]
    title = _("%(unit)s的目标", unit=board.at.short_name)
    return Table(title, _facts(board), headings, rows, len(rows), widths=(6, 26, 34, 10, 14, 14, 14, 50))


def _unit_row(board: Board, row: Row) -> FileRow:
    whole = board.in_force.get(Place(row.id, WHOLE), Cell())
    own = board.in_force.get(Place(row.id, OWN))
    shown = whole._replace(value=board.target(row, board.start))
    base = None if whole.base is None else Decimal(whole.base).scaleb(-row.listed.rule.decimals)
    return [
        row.promise.number, row.promise.title, row.listed.rule.name, row.listed.rule.measure, _cell(row, shown, OWN),
        _cell(row, own, OWN) if own is not None and own.is_assigned else None, base, row.listed.counting_rule,
    ]  # fmt: skip


def history_table(key: str, code: str, indicator: str) -> Table:
    """Every version of a unit's target for one indicator."""
    board = find_board(current_session(), key, code, seen_by=current_identity())
    row = get_row(board, indicator)
    versions = list_versions(current_session(), board.head.id, row.id, board.at.id)
    headings = [
        _("范围"), _("目标"), _("目标（文字）"), _("基数"), _("从何时起"), _("由来"), _("原因"), _("谁定"), _("时间"), _("封存号"),
    ]  # fmt: skip
    rows: list[FileRow] = [
        [
            told["scope"], _number(row, one.value) if one.is_assigned else None, told["value_text"],
            None if one.base is None else Decimal(one.base).scaleb(-row.listed.rule.decimals), told["from_text"],
            told["origin"], one.reason, told["by"], one.at.astimezone(SHANGHAI).replace(tzinfo=None), one.seal,
        ]
        for one, told in zip(versions, version_rows(board, row, versions), strict=True)
    ]  # fmt: skip
    facts = [*_facts(board), (_("指标"), row.listed.rule.name), (_("计量单位"), row.listed.rule.measure)]
    title = _("%(name)s · 目标沿革", name=row.listed.rule.name)
    return Table(title, facts, headings, rows, len(rows), widths=(10, 14, 16, 14, 14, 16, 40, 12, 18, 8))


# fmt: off
TABLES: Final[Offers] = {
    ("targets.matrix", "matrix"):   Offer(matrix_table),
    ("targets.unit", "targets"):    Offer(unit_table),
    ("targets.history", "history"): Offer(history_table),
}
"""What can be taken away of which page."""
# fmt: on
