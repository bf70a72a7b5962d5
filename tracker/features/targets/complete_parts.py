"""Parts that make up a whole (其中): what each may still take in a column, and where they do not add up."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from tracker.domain.allocation import Share, Way, largest_remainder
from tracker.domain.figures import show_grouped
from tracker.domain.messages import Message
from tracker.features.targets.content import WHOLE, Content
from tracker.features.targets.queries import Board, Row


class PartsDiffer(NamedTuple):
    """Complete parts that do not add up in one column."""

    row: Row
    column: str
    parts: int
    total: int


class PartShares(NamedTuple):
    """What a part divides so that in every column the parts make up the whole.

    ``forced``: column → what the part has to take there, because its sisters are settled.
    """

    total: int
    shares: list[Share]
    forced: Mapping[str, int]


def complete_whole(board: Board, row: Row) -> Row | None:
    """The whole that this row and its sisters make up, where they are declared complete."""
    for whole in board.rows:
        if whole.listed.rule.code == row.listed.part_of and is_complete(whole):
            return whole
    return None


def is_complete(whole: Row) -> bool:
    """Whether the row's parts have to add up to it."""
    return whole.listed.parts_complete is True and whole.way is Way.SUMMED


def parts_of(board: Board, whole: Row) -> list[Row]:
    """The parts of a row, in their order."""
    return [row for row in board.rows if row.listed.part_of == whole.listed.rule.code]


def wholes_first(board: Board, rows: Collection[int]) -> list[Row]:
    """The rows with these ids, every whole before its parts."""
    depths = {row.id: _depth(board, row) for row in board.rows}
    return sorted((row for row in board.rows if row.id in rows), key=lambda row: depths[row.id])


def _depth(board: Board, row: Row) -> int:
    whole, depth = complete_whole(board, row), 0
    while whole is not None:
        whole, depth = complete_whole(board, whole), depth + 1
    return depth


def part_shares(board: Board, content: Content, row: Row, pending: Collection[int]) -> PartShares | None:
    """How a part is divided within what its whole gives each column; None where that cannot be.

    ``pending``: rows that are still to be divided, so that only their typed cells count. What is left of the
    whole in a column is the part's weight there: taking no more than that, the last part fits exactly.
    """
    whole = complete_whole(board, row)
    columns = [column for column in board.columns if board.counts(column)]
    if whole is None or row.way is not Way.SUMMED:
        return None
    given = {column.key: content.at(whole.id, column.key).value for column in columns}
    total = _total(board, content, whole, row, sum(value or 0 for value in given.values()))
    if total is None:
        return None
    sisters = [part.id for part in parts_of(board, whole) if part.id != row.id]
    shares, forced = [], {}
    for column in columns:
        cell, value = content.at(row.id, column.key), given[column.key]
        if cell.is_typed or value is None:
            shares.append(Share(None, kept=cell.value or 0))
            continue
        others = [(sister, content.at(sister, column.key)) for sister in sisters]
        settled = [
            one for sister, one in others if one.is_typed or (one.is_assigned and sister not in pending)
        ]
        room = value - sum(one.value or 0 for one in settled)
        if len(settled) == len(others):
            forced[column.key] = room
            shares.append(Share(None, kept=room))
        else:
            shares.append(Share(room))
    return _fitting(PartShares(total, shares, forced))


def _fitting(found: PartShares) -> PartShares | None:
    rooms = [share.weight for share in found.shares if share.weight is not None]
    rest = found.total - sum(share.kept or 0 for share in found.shares)
    is_fitting = min([*rooms, *found.forced.values()], default=-1) >= 0
    return found if is_fitting and (not rooms or 0 <= rest <= sum(rooms)) else None


def _total(board: Board, content: Content, whole: Row, row: Row, given: int) -> int | None:
    """The part's target; where the whole is given out with a gap or padding, its share of what is."""
    parts = parts_of(board, whole)
    targets = [board.target(part, content) for part in parts]
    known = [target for target in targets if target is not None and target >= 0]
    if given <= 0 or len(known) < len(targets) or sum(known) != board.target(whole, content):
        return None
    return largest_remainder(given, known)[parts.index(row)]


def differing_parts(board: Board, content: Content) -> Iterator[PartsDiffer]:
    """Wholes whose complete parts do not add up, column by column; numberless cells are compared with nothing."""
    for whole in board.rows:
        parts = parts_of(board, whole)
        if not is_complete(whole) or not parts:
            continue
        for key in (WHOLE, *(column.key for column in board.columns)):
            total = content.at(whole.id, key).value
            numbers = [content.at(part.id, key).value for part in parts]
            known = [number for number in numbers if number is not None]
            if total is not None and len(known) == len(numbers) and sum(known) != total:
                yield PartsDiffer(whole, key, sum(known), total)


def parts_message(found: PartsDiffer) -> Message:
    """The difference in words."""
    places = found.row.listed.rule.target_decimals
    return Message(
        "“{name}”的各个其中项合计 {parts}，与整体 {total} 不等",
        {
            "name": found.row.listed.rule.name,
            "parts": show_grouped(found.parts, places),
            "total": show_grouped(found.total, places),
        },
    )
