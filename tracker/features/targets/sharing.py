"""Dividing rows of a matrix, and what is to be said of them: sums, reserve, parts, last year."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from tracker.domain.allocation import (
    Balance,
    Method,
    Share,
    UnusableWeights,
    Verdict,
    Way,
    allocate,
    balance,
    weighted_mean,
)
from tracker.domain.kinds import Kind
from tracker.domain.messages import Message
from tracker.features.targets.complete_parts import part_shares, wholes_first
from tracker.features.targets.content import Cell, Content, Place
from tracker.features.targets.queries import Board, Column, Row

OWN_ONLY: Final = "own_only"
"""A row that stays with the unit itself: its own level takes the whole, no child takes part."""


class Outcome(NamedTuple):
    """A matrix after dividing, and the rows that could not be divided, each with why."""

    content: Content
    refused: tuple[tuple[Row, Message], ...]


def divide(board: Board, content: Content, method: Method, rows: Collection[int]) -> Outcome:
    """Divide the rows with these ids anew, the cells typed by hand staying as they are.

    Parts that make up a whole are divided after it, within what it gives each column.
    """
    refused: list[tuple[Row, Message]] = []
    pending = set(rows)
    for row in wholes_first(board, rows):
        pending.discard(row.id)
        try:
            content = content.changed(_divided(board, content, row, method, pending))
        except UnusableWeights:
            refused.append((row, _why(board, content, row, method)))
    return Outcome(content, tuple(refused))


def _divided(
    board: Board, content: Content, row: Row, method: Method, pending: Collection[int]
) -> dict[Place, Cell]:
    total = board.target(row, content)
    if row.way is not Way.SUMMED:
        return _spread(board, content, row, total)
    if total is None:
        raise UnusableWeights("没有目标数")
    columns = [column for column in board.columns if board.counts(column)]
    within = part_shares(board, content, row, pending)
    if within is not None:
        forced = {
            Place(row.id, key): Cell(True, value, content.at(row.id, key).base, False)
            for key, value in within.forced.items()
        }
        return _cells(content, row, columns, within.total, within.shares) | forced
    shares = [_share(board, content, row, column, method) for column in columns]
    is_open = any(
        not content.at(row.id, column.key).is_typed for column in columns if not column.is_own_level
    )
    if is_open and all(share.weight is None for share in shares):
        raise UnusableWeights("没有可用的权重")
    return _cells(content, row, columns, total, shares)


def _cells(
    content: Content, row: Row, columns: Sequence[Column], total: int, shares: Sequence[Share]
) -> dict[Place, Cell]:
    parts = allocate(total, shares)
    return {
        Place(row.id, column.key): Cell(True, part, content.at(row.id, column.key).base, False)
        for column, share, part in zip(columns, shares, parts, strict=True)
        if share.kept is None and part is not None
    }


def _spread(board: Board, content: Content, row: Row, total: int | None) -> dict[Place, Cell]:
    """The same for every child that has nothing of its own."""
    if total is None and row.way is not Way.TICKED:
        raise UnusableWeights("没有目标数")
    found = {}
    for column in board.columns:
        cell = content.at(row.id, column.key)
        if not column.is_own_level and not cell.is_typed:
            found[Place(row.id, column.key)] = Cell(True, taken_part(row, total), cell.base, False)
    return found


def taken_part(row: Row, total: int | None) -> int | None:
    """The target of a unit that takes part in what is not divided."""
    has_number = row.way is not Way.TICKED or row.listed.rule.kind is Kind.MILESTONE
    return total if has_number else None


def _share(board: Board, content: Content, row: Row, column: Column, method: Method) -> Share:
    cell = content.at(row.id, column.key)
    weight = None if cell.is_typed else _weight(board, content, row, column, method)
    if weight is None:
        return Share(None, kept=cell.value or 0)
    return Share(weight)


def _weight(board: Board, content: Content, row: Row, column: Column, method: Method) -> int | None:
    if method is Method.WEIGHT:
        return content.weights.get(column.key)
    if method is Method.LAST_YEAR:
        amount = board.last_years.get(Place(row.id, column.key))
        return None if amount is None else max(0, amount)
    return None if column.is_own_level else 1


def _why(board: Board, content: Content, row: Row, method: Method) -> Message:
    name = row.listed.rule.name
    if board.target(row, content) is None:
        return Message("“{name}”没有目标数，无从分配", {"name": name})
    if method is Method.LAST_YEAR:
        return Message("“{name}”没有各单位上年实绩，请改用别的办法", {"name": name})
    return Message("“{name}”没有可用的权重，请先填权重", {"name": name})


def keep_to_oneself(board: Board, content: Content, rows: Collection[int]) -> Content:
    """The rows with these ids stay with the unit's own level."""
    cells: dict[Place, Cell] = {}
    for row in board.rows:
        if row.id in rows:
            total = board.target(row, content)
            for column in board.columns:
                place, base = Place(row.id, column.key), content.at(row.id, column.key).base
                own = Cell(True, taken_part(row, total), base, True)
                cells[place] = own if column.is_own_level else Cell(is_typed=True)
    return content.changed(cells)


def is_divided(board: Board, content: Content, row: Row) -> bool:
    """Whether anybody takes part of the row."""
    return any(content.at(row.id, column.key).is_assigned for column in board.columns)


def check_row(board: Board, content: Content, row: Row) -> Balance | None:
    """Gap, equal or padding of a summed row with a number; None where there is nothing to check."""
    target = board.target(row, content)
    if row.way is not Way.SUMMED or target is None or not is_divided(board, content, row):
        return None
    counted = [column for column in board.columns if board.counts(column)]
    return balance(target, [content.at(row.id, column.key).value or 0 for column in counted])


def unbalanced(board: Board, content: Content) -> list[tuple[Row, Balance]]:
    """The rows whose parts do not meet their target."""
    checked = ((row, check_row(board, content, row)) for row in board.rows)
    return [(row, found) for row, found in checked if found and found.verdict is not Verdict.EQUAL]


def mean_rate(board: Board, content: Content, row: Row) -> int | None:
    """What the units' own rates amount to by the columns' weights, in the scale of the target."""
    pairs = [
        (cell.value, content.weights.get(column.key) or 0)
        for column in board.columns
        if (cell := content.at(row.id, column.key)).is_assigned and cell.value is not None
    ]
    return weighted_mean([value for value, _ in pairs], [weight for _, weight in pairs])


def falls_below_last_year(board: Board, content: Content, row: Row) -> bool:
    """Whether the row's target asks for less than last year's result (more, for a cap)."""
    target, last = board.target(row, content), board.last_year(row)
    if target is None or last is None or row.way is Way.TICKED:
        return False
    return target > last if row.listed.rule.is_capped else target < last
