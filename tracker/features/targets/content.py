"""What stands in the cells of a matrix: the value a working copy keeps, and how it differs from another."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from tracker.domain.canonical import canonical

WHOLE: Final = "whole"
"""The column of the unit's own target, which the others divide."""

OWN: Final = "own"
"""The column of the unit's own level (市本级)."""

WEIGHT_PLACES: Final = 2
"""Weights are kept in hundredths, so that shares in percent can be typed as they are."""


class Place(NamedTuple):
    """A cell: the row's indicator, and its column (``whole``, ``own`` or a child's code)."""

    indicator_id: int
    column: str


class Cell(NamedTuple):
    """What a cell says. ``value`` None: assigned without a number. ``is_typed``: by hand, kept when re-allocating."""

    is_assigned: bool = False
    value: int | None = None
    base: int | None = None
    is_typed: bool = False

    @property
    def stated(self) -> tuple[bool, int | None, int | None]:
        """What would become a target, however it came about."""
        return self.is_assigned, self.value, self.base


EMPTY: Final = Cell()


class Difference(NamedTuple):
    """A cell before and after."""

    place: Place
    before: Cell
    after: Cell


@dataclass(frozen=True, slots=True)
class Content:
    """All cells of a matrix and the weights of its columns (hundredths; None: takes no part)."""

    cells: Mapping[Place, Cell] = field(default_factory=dict)
    weights: Mapping[str, int | None] = field(default_factory=dict)

    def at(self, indicator_id: int, column: str) -> Cell:
        """The cell there; an empty one where nothing was ever said."""
        return self.cells.get(Place(indicator_id, column), EMPTY)

    def changed(self, cells: Mapping[Place, Cell]) -> Content:
        """The same with these cells in place of what stood there."""
        return Content({**self.cells, **cells}, self.weights)

    def differences(self, before: Content) -> Iterator[Difference]:
        """The cells that say something else than ``before``, marks included."""
        for place, cell in self.cells.items():
            earlier = before.at(*place)
            if cell != earlier:
                yield Difference(place, earlier, cell)


def spell(content: Content) -> str:
    """The content as canonical JSON."""
    cells: dict[str, dict[str, list[Any]]] = {}
    for place, cell in content.cells.items():
        cells.setdefault(str(place.indicator_id), {})[place.column] = list(cell)
    return canonical({"cells": cells, "weights": dict(content.weights)})


def read(text: str) -> Content:
    """What ``spell`` wrote."""
    stored = json.loads(text)
    cells = {
        Place(int(indicator_id), column): Cell(*cell)
        for indicator_id, columns in stored["cells"].items()
        for column, cell in columns.items()
    }
    return Content(cells, stored["weights"])
