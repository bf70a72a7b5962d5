"""What stands below a unit and goes back with it when the unit is taken out of a row (ADR 5)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy.orm import Session

from tracker.features.targets.content import OWN, WHOLE, Difference
from tracker.features.targets.queries import Board
from tracker.services.targets import TargetPlace, targets_in_force
from tracker.services.tree import Unit, list_subtree


class Below(NamedTuple):
    """A target below the child in ``column``; ``place`` is its own."""

    place: TargetPlace
    column: str
    unit: Unit


def find_below(session: Session, board: Board, changes: Iterable[Difference]) -> list[Below]:
    """Targets in force below the children that these changes take out of a row, own levels included."""
    gone = {
        (one.place.indicator_id, one.place.column)
        for one in changes
        if one.before.is_assigned and not one.after.is_assigned and one.place.column not in (OWN, WHOLE)
    }
    if not gone:
        return []
    columns = {column for _, column in gone}
    children = [unit for unit in board.children if unit.code in columns]
    within = {
        unit.id: (child.code, unit) for child in children for unit in list_subtree(session, child.place)
    }
    found = []
    for place, target in targets_in_force(session, board.head.id).items():
        column, unit = within.get(place.org_unit_id, ("", None))
        if unit is None or not target.is_assigned or (place.indicator_id, column) not in gone:
            continue
        if unit.code != column or place.is_own_level:
            found.append(Below(place, column, unit))
    return found
