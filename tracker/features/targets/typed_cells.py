"""From what was typed into a matrix to its cells, with a fault at each field that cannot be read."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Final

from tracker.domain.allocation import Way
from tracker.domain.figures import LIMIT, parse_figure, show_exact, show_grouped
from tracker.domain.kinds import Kind
from tracker.domain.messages import Fault, Message, Refusal
from tracker.features.targets.content import EMPTY, WEIGHT_PLACES, WHOLE, Cell, Content, Place
from tracker.features.targets.queries import Board, Row
from tracker.features.targets.sharing import taken_part

NOT_ASSIGNED: Final = "不承担"
NO_NUMBER: Final = "不定数"
NOT_ASSIGNED_WORDS: Final = frozenset({NOT_ASSIGNED, "not assigned", "/", "-", "—", "–", "−"})
NO_NUMBER_WORDS: Final = frozenset({NO_NUMBER, "不定量", "no number"})
TICKED: Final = "y"


Entry = Mapping[str, str]
"""The texts a page sent, by field name; a name that did not come says nothing new."""


def cell_name(indicator_id: int, column: str) -> str:
    """The field of a cell, which is also the place of its fault."""
    return f"cell-{indicator_id}-{column}"


def base_name(indicator_id: int, column: str) -> str:
    """The field of a cell's base."""
    return f"base-{indicator_id}-{column}"


def weight_name(column: str) -> str:
    """The field of a column's weight."""
    return f"weight-{column}"


def cell_text(row: Row, cell: Cell, column: str) -> str:
    """A cell as it stands in its field."""
    if row.way is Way.TICKED and column != WHOLE:
        return TICKED if cell.is_assigned else ""
    if not cell.is_assigned:
        return NOT_ASSIGNED if cell.is_typed else ""
    if cell.value is None:
        return "" if column == WHOLE else NO_NUMBER
    return show_grouped(cell.value, row.listed.rule.target_decimals)


def base_text(row: Row, cell: Cell) -> str:
    """A cell's base as it stands in its field."""
    return "" if cell.base is None else show_grouped(cell.base, row.listed.rule.decimals)


def weight_text(weight: int | None) -> str:
    """A weight as it stands in its field: without places it does not need."""
    if weight is None:
        return ""
    shown = show_exact(weight, WEIGHT_PLACES)
    return shown.rstrip("0").rstrip(".")


def texts_of(board: Board, content: Content) -> dict[str, str]:
    """Every field of the page with the text that stands in it."""
    texts = {weight_name(key): weight_text(weight) for key, weight in content.weights.items()}
    for row in board.rows:
        for column in typed_columns(board, row):
            cell = content.at(row.id, column)
            texts[cell_name(row.id, column)] = cell_text(row, cell, column)
            if column != WHOLE and board.has_base(row):
                texts[base_name(row.id, column)] = base_text(row, cell)
    return texts


def read_entry(board: Board, entry: Entry, before: Content) -> tuple[Content, list[Fault]]:
    """The matrix that was typed over ``before``, and every fault; what cannot be read stays as it was."""
    faults: list[Fault] = []
    cells: dict[Place, Cell] = {}
    for row in board.rows:
        for column in typed_columns(board, row):
            place = Place(row.id, column)
            try:
                cells[place] = _read_cell(board, row, entry, before, column)
            except _Unreadable as wrong:
                faults.append(wrong.fault)
    weights = {**before.weights}
    for key in before.weights:
        try:
            weights[key] = _read_weight(entry.get(weight_name(key)), before.weights[key])
        except Refusal as wrong:
            faults.append(Fault(weight_name(key), wrong.message))
    return Content({**before.cells, **cells}, weights), faults


def unread_names(board: Board, entry: Entry, content: Content) -> set[str]:
    """The fields that cannot be read."""
    return {fault.place for fault in read_entry(board, entry, content)[1]}


def typed_columns(board: Board, row: Row) -> tuple[str, ...]:
    """The columns of a row that can be typed into; what the unit itself has to reach only at the publisher."""
    own = (WHOLE,) if board.is_publisher and row.listed.rule.kind is not Kind.NARRATIVE else ()
    return (*own, *(column.key for column in board.columns))


class _Unreadable(Exception):
    def __init__(self, place: str, message: Message) -> None:
        super().__init__(place)
        self.fault = Fault(place, message)


def _read_cell(board: Board, row: Row, entry: Entry, before: Content, column: str) -> Cell:
    cell = before.at(row.id, column)
    name = cell_name(row.id, column)
    text = entry.get(name)
    if text is not None:
        try:
            cell = _typed(board, row, text, cell, column, before)
        except Refusal as wrong:
            raise _Unreadable(name, wrong.message) from wrong
    return _with_base(row, entry.get(base_name(row.id, column)), cell, column)


def _typed(board: Board, row: Row, text: str, cell: Cell, column: str, before: Content) -> Cell:
    """The cell a text stands for: the one that was there when it says nothing else."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if plain == unicodedata.normalize("NFKC", cell_text(row, cell, column)):
        return cell
    if column == WHOLE:
        return cell._replace(value=_whole(row, plain), is_assigned=True)
    if row.way is Way.TICKED:
        value = taken_part(row, board.target(row, before)) if plain else None
        return Cell(bool(plain), value, cell.base if plain else None, True)
    if not plain:
        return EMPTY
    if plain in NOT_ASSIGNED_WORDS:
        return Cell(is_typed=True)
    value = None if plain in NO_NUMBER_WORDS else _number(row, plain)
    if (cell.is_assigned, cell.value) == (True, value):
        return cell
    return Cell(True, value, cell.base, True)


def _whole(row: Row, text: str) -> int | None:
    """The promise's own number; a milestone's is 1 or none."""
    value = _number(row, text) if text else None
    if row.listed.rule.kind is Kind.MILESTONE and value not in (1, None):
        raise Refusal("里程碑的目标只能填 1，或留空")
    return value


def _number(row: Row, text: str) -> int:
    rule = row.listed.rule
    return parse_figure(
        text, decimals=rule.target_decimals, measure=rule.measure, signed=rule.kind is Kind.GROWTH
    )


def _with_base(row: Row, text: str | None, cell: Cell, column: str) -> Cell:
    name = base_name(row.id, column)
    if text is not None and cell.is_assigned:
        try:
            base = _base(row, text) if text.strip() else None
        except Refusal as wrong:
            raise _Unreadable(name, wrong.message) from wrong
        cell = cell._replace(base=base)
    is_equal = cell.value is not None and cell.value == cell.base
    if is_equal and row.listed.rule.kind is Kind.STOCK:
        raise _Unreadable(
            name if text is not None else cell_name(row.id, column), Message("目标不能等于基数")
        )
    return cell


def _base(row: Row, text: str) -> int:
    rule = row.listed.rule
    return parse_figure(text, decimals=rule.decimals, measure=rule.measure)


def _read_weight(text: str | None, before: int | None) -> int | None:
    if text is None or text.strip() == weight_text(before):
        return before
    if not text.strip():
        return None
    weight = parse_figure(text, decimals=WEIGHT_PLACES)
    if weight >= LIMIT // 10**3:
        raise Refusal("权重太大，请改小些")
    return weight
