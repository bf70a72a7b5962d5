"""Several programmes beside each other, each at one unit, in a number of statements that does not grow."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from tracker.domain.periods import Month, cutoff_month, due_period
from tracker.domain.rollup import Part
from tracker.services.programme_heads import Head, list_promises_of
from tracker.services.progress_table import Basis, Judging, ProgressTable
from tracker.services.sealed_figures import ACCEPTED, Slots, read_figures_at_publishers
from tracker.services.tree import Unit


def load_side_by_side(
    session: Session,
    lists: Sequence[tuple[Head, Unit]],
    *,
    month: int | None,
    seal: int,
    as_of: int | None,
    basis: Basis = Basis.ACCEPTED,
    is_aligned: bool = True,
) -> list[ProgressTable]:
    """One table per list at its publisher (or a unit below it), without branches, all at the same month.

    ``month`` None: the last one with an accepted figure in any of them; not ``is_aligned``: each at its own. ``seal`` is the one to read by,
    ``as_of`` the same where it is a past one (then the entries are added up list by list).
    """
    figures = read_figures_at_publishers(session, lists, seal=seal, is_past=as_of is not None)
    last = {head.id: _last_month(figures[head.id].months, unit) for head, unit in lists}
    together = month or max(last.values(), default=1)
    promises = list_promises_of(session, [head for head, _unit in lists])
    tables = []
    for head, unit in lists:
        until = together if is_aligned or month else last[head.id]
        cutoff = Month(head.year, until)
        at = cutoff_month(head.year, cutoff)
        judging = Judging(head, promises[head.id], figures[head.id].at(until), basis)
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


def _last_month(shelves: Slots, unit: Unit) -> int:
    rows = [
        found[ACCEPTED].get(Part.REPORTED, [])
        for (_parent, unit_id, _indicator), found in shelves.items()
        if unit_id == unit.id and ACCEPTED in found
    ]
    return max((number for row in rows for number, count in enumerate(row, 1) if count), default=1)
