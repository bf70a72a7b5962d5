"""What tests type into a matrix: cells by code, whole rows divided and saved."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from tests.factories.decomposition import Decomposition, board_of, doer
from tracker.domain.allocation import Method
from tracker.features.targets.commands import save_draft
from tracker.features.targets.content import Cell, Content, Place
from tracker.features.targets.queries import Board
from tracker.features.targets.sharing import divide


def put(board: Board, cells: Mapping[tuple[str, str], Cell], world: Decomposition) -> Content:
    """The matrix with these cells, by the indicator's code and the column."""
    placed = {Place(world.indicators[code], column): cell for (code, column), cell in cells.items()}
    return board.content.changed(placed)


def typed(value: int | None) -> Cell:
    """A number somebody typed."""
    return Cell(True, value, None, True)


def divided(session: Session, world: Decomposition, *codes: str, method: Method = Method.WEIGHT) -> Board:
    """The city's matrix after these rows were divided and saved."""
    board = board_of(session)
    rows = [world.indicators[code] for code in codes]
    save_draft(session, board, divide(board, board.content, method, rows).content, doer(world.reviewer))
    return board_of(session)
