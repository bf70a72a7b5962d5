"""The tree below a unit as rows of the import's file, and who took it out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from tracker.domain.identity import Actor
from tracker.features.org_units.browsing import OrgFacts
from tracker.models.audit import AuditEntry
from tracker.models.org_unit import OrgPlace, OrgUnit
from tracker.services.audit import Subject, record
from tracker.services.chunks import CHUNK
from tracker.services.tables.csv_writing import Cell
from tracker.services.tree import Unit

EXPORTED = "org_units.exported"


def export_tree(session: Session, facts: OrgFacts, *, actor: Actor, now: datetime) -> int:
    """Write down that the tree below a unit is taken out; the entry's number."""
    entry = record(
        session,
        actor=actor,
        now=now,
        action=EXPORTED,
        subject=Subject("org_unit", facts.unit.code, facts.unit.id),
        after={"edition": facts.unit.place.edition, "format": "csv"},
    )
    return entry.id


def is_own_export(session: Session, entry: int, facts: OrgFacts, *, person_id: int) -> bool:
    """Whether this person asked for this export of this unit."""
    wanted = select(AuditEntry.id).where(
        AuditEntry.id == entry,
        AuditEntry.action == EXPORTED,
        AuditEntry.actor_id == person_id,
        AuditEntry.org_unit_id == facts.unit.id,
    )
    return session.scalar(wanted) is not None


def tree_rows(session: Session, unit: Unit) -> Iterator[tuple[Cell, ...]]:
    """The unit and everything below it in the columns of the import, superiors first; read piece by piece."""
    above = aliased(OrgUnit)
    place = unit.place
    wanted = (
        select(
            OrgUnit.code, OrgUnit.name, OrgUnit.short_name, OrgUnit.level, OrgUnit.kind, above.code.label("parent"),
            OrgUnit.weight, OrgUnit.position, OrgUnit.valid_from, OrgUnit.valid_to,
        )
        .join(OrgPlace, OrgPlace.org_unit_id == OrgUnit.id)
        .join(above, above.id == OrgPlace.parent_id, isouter=True)
        .where(OrgPlace.edition == place.edition, OrgPlace.pre.between(place.pre, place.last))
        .order_by(OrgPlace.pre)
        .execution_options(yield_per=CHUNK)
    )  # fmt: skip
    for row in session.execute(wanted):
        yield tuple("" if value is None else str(value) for value in row)
