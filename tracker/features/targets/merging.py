"""Two editors of one matrix: what each changed since they both saw the same one."""

from __future__ import annotations

from typing import NamedTuple

from tracker.features.targets.content import Cell, Content, Place


class Merge(NamedTuple):
    """Both hands in one matrix: mine where both changed a cell (``clashes``: what theirs says there).

    ``taken_over``: cells only they changed. ``weights``: the columns whose weight they changed otherwise.
    """

    content: Content
    clashes: dict[Place, Cell]
    taken_over: frozenset[Place]
    weights: dict[str, int | None]

    @property
    def is_clean(self) -> bool:
        """Whether what I sent already holds everything they saved."""
        return not (self.clashes or self.taken_over or self.weights)


def merge(mine: Content, theirs: Content, base: Content | None) -> Merge:
    """Mine over theirs, both coming from ``base``; without it every cell that differs is a clash."""
    cells: dict[Place, Cell] = {}
    clashes: dict[Place, Cell] = {}
    taken_over = set()
    for place, their in theirs.cells.items():
        my = mine.at(*place)
        was = None if base is None else base.at(*place)
        cells[place] = my
        if my == was and their.stated != my.stated:
            cells[place] = their
            taken_over.add(place)
        elif my in (was, their):
            cells[place] = their
        elif their != was and their.stated != my.stated:
            clashes[place] = their
    weights, moved = _merged_weights(mine, theirs, base)
    return Merge(Content(cells, weights), clashes, frozenset(taken_over), moved)


def _merged_weights(
    mine: Content, theirs: Content, base: Content | None
) -> tuple[dict[str, int | None], dict[str, int | None]]:
    """The weights of both hands, mine where both changed one; and theirs where they differ from what I sent."""
    merged: dict[str, int | None] = {}
    moved: dict[str, int | None] = {}
    for key, their in theirs.weights.items():
        my = mine.weights.get(key)
        merged[key] = my
        is_theirs = base is not None and my == base.weights.get(key)
        is_mine = base is not None and their == base.weights.get(key)
        if my == their or is_mine:
            continue
        moved[key] = their
        if is_theirs:
            merged[key] = their
    return merged, moved
