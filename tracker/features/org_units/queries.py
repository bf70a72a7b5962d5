"""Reads for the import: the whole tree as it stands, as plain rows."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session, aliased

from tracker.features.org_units.numbering import ROOT, Interval
from tracker.models.org_unit import OrgPlace, OrgUnit, TreeEdition


class StandingUnit(NamedTuple):
    """A stored unit with its parent's code and its place in the newest edition."""

    id: int
    code: str
    name: str
    short_name: str
    level: str
    kind: str
    parent: str
    weight: int | None
    position: int
    valid_from: date | None
    valid_to: date | None
    depth: int
    pre: int
    last: int

    @property
    def interval(self) -> Interval:
        """Its place as the numbering speaks of it."""
        return Interval(self.depth, self.pre, self.last)


def list_standing_units(session: Session) -> dict[str, StandingUnit]:
    """Every unit by code, in the newest edition."""
    edition = select(func.max(TreeEdition.number)).scalar_subquery()
    above = aliased(OrgUnit)
    wanted: Select[*tuple[Any, ...]] = (
        select(
            OrgUnit.id, OrgUnit.code, OrgUnit.name, OrgUnit.short_name, OrgUnit.level, OrgUnit.kind,
            func.coalesce(above.code, ROOT).label("parent"), OrgUnit.weight, OrgUnit.position, OrgUnit.valid_from, OrgUnit.valid_to,
            OrgPlace.depth, OrgPlace.pre, OrgPlace.last,
        )
        .select_from(OrgUnit)
        .join(OrgPlace, and_(OrgPlace.org_unit_id == OrgUnit.id, OrgPlace.edition == edition))
        .join(above, above.id == OrgPlace.parent_id, isouter=True)
        .order_by(OrgPlace.pre)
    )  # fmt: skip
    return {row.code: StandingUnit(*row) for row in session.execute(wanted)}
