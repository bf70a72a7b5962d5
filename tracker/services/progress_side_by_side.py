"""Several programmes at their publishers beside each other, in a number of statements that does not grow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.domain.periods import Month, cutoff_month, due_period
from tracker.domain.rollup import Part
from tracker.models.ledger import MONTHS, Tally
from tracker.models.programme import Target as TargetVersion
from tracker.services.programme_heads import Head, list_promises_of
from tracker.services.progress_table import (
    ACCEPTED,
    Basis,
    Judging,
    Months,
    ProgressTable,
    Sealed,
    Slot,
    in_force,
    read_as_of,
)
from tracker.services.tree import Unit


def load_side_by_side(
    session: Session,
    lists: Sequence[tuple[Head, Unit]],
    *,
    month: int | None,
    seal: int,
    as_of: int | None,
    basis: Basis = Basis.ACCEPTED,
) -> list[ProgressTable]:
    """One table per list at its publisher, without branches, all at the same month.

    ``month`` None: the last one with an accepted figure in any of them. ``seal`` is the one to read by,
    ``as_of`` the same where it is a past one (then the entries are added up list by list).
    """
    heads = [head for head, _unit in lists]
    shelves = _read_tallies(session, lists) if as_of is None else _read_past(session, heads, as_of)
    until = month or max((_last_month(shelves[head.id], unit) for head, unit in lists), default=1)
    promises = list_promises_of(session, heads)
    targets = _read_targets(session, lists, month=until, seal=seal)
    tables = []
    for head, unit in lists:
        cutoff = Month(head.year, until)
        at = cutoff_month(head.year, cutoff)
        judging = Judging(head, promises[head.id], Sealed(shelves[head.id], targets[head.id]), basis)
        table = ProgressTable(
            head=head,
            node=unit,
            cutoff=cutoff,
            month=at,
            due=due_period(head.year, head.rhythm, at),
            seal=seal or None,
            pledges=judging.whole(unit, at),
            basis=basis,
        )
        tables.append(table)
    return tables


def _read_tallies(session: Session, lists: Sequence[tuple[Head, Unit]]) -> Mapping[int, dict[Slot, Months]]:
    columns = (
        Tally.programme_id, Tally.parent_id, Tally.org_unit_id, Tally.indicator_id, Tally.basis, Tally.part,
    )  # fmt: skip
    wanted = select(*columns, *(getattr(Tally, month) for month in MONTHS)).where(
        Tally.programme_id.in_([head.id for head, _unit in lists]),
        Tally.parent_id.in_({unit.place.parent_id for _head, unit in lists}),
        Tally.org_unit_id.in_({unit.id for _head, unit in lists}),
    )
    found: dict[int, dict[Slot, Months]] = {head.id: {} for head, _unit in lists}
    for programme, parent, unit, indicator, basis, part, *months in session.execute(wanted):
        shelf = found[programme].setdefault((parent, unit, indicator), defaultdict(dict))
        shelf[basis][Part(part)] = months
    return found


def _read_past(session: Session, heads: Sequence[Head], seal: int) -> dict[int, Mapping[Slot, Months]]:
    return {head.id: read_as_of(session, head, seal) for head in heads}


def _last_month(shelves: Mapping[Slot, Months], unit: Unit) -> int:
    rows = [
        found[ACCEPTED].get(Part.REPORTED, [])
        for (_parent, unit_id, _indicator), found in shelves.items()
        if unit_id == unit.id and ACCEPTED in found
    ]
    return max((number for row in rows for number, count in enumerate(row, 1) if count), default=1)


def _read_targets(
    session: Session, lists: Sequence[tuple[Head, Unit]], *, month: int, seal: int
) -> dict[int, dict[tuple[int, bool, int], TargetVersion]]:
    wanted = select(TargetVersion).where(
        TargetVersion.programme_id.in_([head.id for head, _unit in lists]),
        TargetVersion.org_unit_id.in_({unit.id for _head, unit in lists}),
        TargetVersion.seal <= seal,
        TargetVersion.effective_month <= month,
    )
    versions = session.scalars(wanted.order_by(TargetVersion.seal, TargetVersion.id)).all()
    return {
        head.id: in_force(version for version in versions if version.programme_id == head.id)
        for head, _unit in lists
    }
