"""Who took over the figures of units that were merged: unit by unit and indicator by indicator."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from tracker.domain.rollup import Part
from tracker.models.ledger import Posting
from tracker.models.org_unit import OrgTenure, OrgUnit, SettledCell
from tracker.services.ledger.reading import Cell
from tracker.services.ledger.tenures import DECEMBER

MERGE = "merge"
"""The act that hands figures over; what it settles of flows is what it handed over."""


class Legacy(NamedTuple):
    """One indicator's figures of one unit that was merged."""

    org_unit_id: int
    indicator_id: int


Heirs = Mapping[Legacy, int]
"""Whose figures → the unit in whose number they stand, itself not merged further."""


def mark_of(legacy: Legacy, month: int) -> Cell:
    """What tells that figures were handed over even where there were none yet: a settled cell of 0."""
    return Cell(*legacy, "accepted", Part.AMOUNT, min(month, DECEMBER))


def read_heirs(
    session: Session, indicator_ids: Collection[int], *, seal: int | None = None
) -> dict[Legacy, int]:
    """Who holds what was handed over in these indicators; as of a seal, or by now."""
    is_then: ColumnElement[bool] = Posting.action == MERGE
    if seal is not None:
        is_then &= Posting.seal <= seal
    wanted = (
        select(SettledCell.org_unit_id, SettledCell.indicator_id, OrgUnit.successor_id)
        .join(Posting, Posting.id == SettledCell.posting_id)
        .join(OrgUnit, OrgUnit.id == SettledCell.org_unit_id)
        .join(OrgTenure, and_(OrgTenure.org_unit_id == OrgUnit.id, OrgTenure.is_end))
        .where(
            SettledCell.indicator_id.in_(sorted(indicator_ids)), SettledCell.part == Part.AMOUNT,
            OrgUnit.successor_id.is_not(None), is_then,
        )
        .distinct()
    )  # fmt: skip
    rows = session.execute(wanted)
    next_of = {Legacy(*row[:2]): row[2] for row in rows if row[2] is not None}
    return {legacy: _last(legacy, next_of) for legacy in next_of}


def _last(legacy: Legacy, next_of: Mapping[Legacy, int]) -> int:
    """A successor may have been merged in its turn, with the same indicator handed on."""
    unit = next_of[legacy]
    while (onward := next_of.get(Legacy(unit, legacy.indicator_id))) is not None:
        unit = onward
    return unit


def hand_over(changes: Collection[tuple[Cell, int]], heirs: Heirs) -> dict[Cell, int]:
    """What late changes of a merged unit's flows come to: taken from it and added to its heir."""
    found: dict[Cell, int] = {}
    for cell, amount in changes:
        heir = heirs.get(Legacy(cell.org_unit_id, cell.indicator_id))
        if heir is None or cell.basis != "accepted" or cell.part != Part.AMOUNT:
            continue
        taken, given = cell, cell._replace(org_unit_id=heir)
        found[taken] = found.get(taken, 0) - amount
        found[given] = found.get(given, 0) + amount
    return found
