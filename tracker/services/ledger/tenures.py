"""Figures of units that were moved: months before a move go up by the tree of that time, later ones by today's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from tracker.domain.kinds import Kind
from tracker.domain.rollup import Part
from tracker.services.ledger.held import Tenure
from tracker.services.ledger.reading import Cell, Counted
from tracker.services.tree import Step

Changes = Sequence[tuple[Cell, int]]
Paths = Mapping[int, Sequence[Step]]

DECEMBER = 12
OWN_MONTH = frozenset({Part.REPORTED, Part.UNKNOWN})
"""Parts that speak of their own month alone, whatever the kind."""


def is_carried(part: str, kind: Kind) -> bool:
    """Whether what a month holds of this part goes on to count in the months after it."""
    return part == Part.ASSIGNED or (part not in OWN_MONTH and kind.facts.is_level)


def month_of(until: int, year: int) -> int:
    """The month of a list's year in which a tenure ends: 1 or less, all is after it; 13 or more, all before."""
    return until - 12 * year


class _Span(NamedTuple):
    """A tenure as a list's year sees it: months before ``until`` belong to ``edition``."""

    until: int
    edition: int


def split_by_edition(
    changes: Changes,
    indicators: Mapping[int, Counted],
    tenures: Mapping[int, Sequence[Tenure]],
    *,
    edition: int,
    paths: Paths,
) -> dict[int, dict[Cell, int]]:
    """The changes by the edition of the tree they go up by; ``edition`` and ``paths`` are today's.

    A level that changes before a move is handed over in the month of the move: taken away by the old
    tree, added by the new one. The sums of each cell are those of the changes themselves.
    """
    found: dict[int, dict[Cell, int]] = defaultdict(lambda: defaultdict(int))
    for cell, amount in changes:
        indicator = indicators[cell.indicator_id]
        spans = list(_spans(indicator, tenures.get(cell.org_unit_id, ()), paths.get(cell.org_unit_id, ())))
        for at, month, part in _spread(cell, amount, indicator, spans=[*spans, _Span(999, edition)]):
            found[at][cell._replace(month=month)] += part
    return found


def _spans(indicator: Counted, tenures: Sequence[Tenure], path: Sequence[Step]) -> Iterator[_Span]:
    units = [step.org_unit_id for step in path]
    for tenure in tenures:
        until = month_of(tenure.until, indicator.year)
        if until > 1 and not tenure.is_end and not is_inside(indicator.publisher_id, tenure.root_id, units):
            yield _Span(until, tenure.edition)


def end_levels(
    changes: Changes, indicators: Mapping[int, Counted], tenures: Mapping[int, Sequence[Tenure]]
) -> dict[Cell, int]:
    """What takes levels of closed units away again that change in months before their end."""
    found: dict[Cell, int] = defaultdict(int)
    for cell, amount in changes:
        indicator = indicators[cell.indicator_id]
        ends = [
            month_of(one.until, indicator.year) for one in tenures.get(cell.org_unit_id, ()) if one.is_end
        ]
        counts = cell.basis == "accepted" and is_carried(cell.part, indicator.kind)
        if counts and ends and cell.month < ends[0] <= DECEMBER:
            found[cell._replace(month=ends[0])] -= amount
    return found


def is_inside(publisher_id: int, root_id: int, units: Sequence[int]) -> bool:
    """Whether a list is published at or below the unit that was moved; ``units`` lead up from the one in question."""
    return publisher_id in units and root_id in units and units.index(publisher_id) <= units.index(root_id)


def _spread(
    cell: Cell, amount: int, indicator: Counted, *, spans: Sequence[_Span]
) -> Iterator[tuple[int, int, int]]:
    """Edition, month and amount of each entry that a change comes to."""
    first = next(at for at, span in enumerate(spans) if cell.month < span.until)
    yield spans[first].edition, cell.month, amount
    if not is_carried(cell.part, indicator.kind):
        return
    for span, following in zip(spans[first:], spans[first + 1 :], strict=False):
        if span.until <= DECEMBER:
            yield span.edition, span.until, -amount
            yield following.edition, span.until, amount
