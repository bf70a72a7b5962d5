"""What a posting starts from: lines, what the ledger holds, what of it is settled, and where units stood before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import BigInteger, Select, case, cast, func, literal, null, select, union_all
from sqlalchemy.orm import Session

from tracker.models.ledger import Entry
from tracker.models.org_unit import OrgTenure, SettledCell
from tracker.services.chunks import CHUNK, chunked
from tracker.services.ledger.reading import LINES, Cell, Lines, many, take_line

_CELL: Final = "cell"
_SETTLED: Final = "settled"
_TENURE: Final = "tenure"


class Tenure(NamedTuple):
    """Months before ``until`` (year × 12 + month) of a unit go up by the tree of ``edition``; ``root_id`` was moved.

    ``is_end``: the unit was closed and its levels count no longer from then on.
    """

    until: int
    edition: int
    root_id: int
    is_end: bool


class Held(NamedTuple):
    """What was read of some units: their lines, what the entries sum to, what of it is settled, and former tenures."""

    lines: Lines
    sums: dict[Cell, int]
    settled: dict[Cell, int]
    tenures: Mapping[int, Sequence[Tenure]]

    def present(self) -> dict[Cell, int]:
        """What the entries hold on account of lines and targets."""
        cells = self.sums.keys() | self.settled.keys()
        return {cell: self.sums.get(cell, 0) - self.settled.get(cell, 0) for cell in cells}


def read_held(
    session: Session, indicator_ids: Sequence[int], posted_ids: Collection[int], units: Sequence[int]
) -> Held:
    """The lines, and what the ledger holds of ``posted_ids`` now, cell by cell; in one statement for each 200 units."""
    session.flush()
    lines, sums, settled = Lines(), dict[Cell, int](), defaultdict[Cell, int](int)
    tenures: dict[int, list[Tenure]] = defaultdict(list)
    for part in chunked(units, CHUNK // 4):
        values = {"units": part, "indicator_ids": indicator_ids, "posted_ids": sorted(posted_ids)}
        for row in session.connection().execute(_HELD, values).all():
            if row.what == _CELL:
                sums[_cell(row)] = row.value
            elif row.what == _SETTLED:
                settled[_cell(row)] += row.value
            elif row.what == _TENURE:
                tenures[row.org_unit_id].append(
                    Tenure(row.month, row.value, row.indicator_id, bool(row.numerator))
                )
            else:
                take_line(lines, row)
    return Held(lines, sums, settled, {unit: sorted(found) for unit, found in tenures.items()})


def _cell(row: Any) -> Cell:
    return Cell(row.org_unit_id, row.indicator_id, row.state, row.kind, row.month)


def _settled() -> Select[*tuple[Any, ...]]:
    """What is settled, in the columns of ``_lines`` as those of ``_cells``."""
    place = (SettledCell.org_unit_id, SettledCell.month)
    return select(
        literal(_SETTLED), null(), *place, literal("accepted"), SettledCell.part, SettledCell.indicator_id,
        SettledCell.amount, *(null() for _ in range(6)),
    ).where(SettledCell.indicator_id.in_(many("posted_ids")), SettledCell.org_unit_id.in_(many("units")))  # fmt: skip


def _tenures() -> Select[*tuple[Any, ...]]:
    """Former tenures, in the columns of ``_lines``: root, edition and end stand for indicator, value and numerator."""
    return select(
        literal(_TENURE), null(), OrgTenure.org_unit_id, OrgTenure.until, null(), null(), OrgTenure.root_id,
        OrgTenure.edition, case((OrgTenure.is_end, 1), else_=0), *(null() for _ in range(5)),
    ).where(OrgTenure.org_unit_id.in_(many("units")))  # fmt: skip


def _cells() -> Select[*tuple[Any, ...]]:
    """Entries added up, in the columns of ``_lines``: basis, part and amount stand for state, kind and value."""
    total = cast(func.sum(Entry.amount), BigInteger)
    key = (Entry.org_unit_id, Entry.month, Entry.basis, Entry.part, Entry.indicator_id)
    return (
        select(literal(_CELL), null(), *key, total, *(null() for _ in range(6)))
        .where(Entry.indicator_id.in_(many("posted_ids")), Entry.org_unit_id.in_(many("units")))
        .group_by(*key)
        .having(func.sum(Entry.amount) != 0)
    )


_HELD = union_all(LINES, _cells(), _settled(), _tenures())
"""Made once: putting a statement together costs more than sending it."""
