"""The tree below a unit as rows of the import's file, and who took it out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from tracker.domain.identity import Actor
from tracker.features.org_units.browsing import OrgFacts
from tracker.features.org_units.files import COMMENT
from tracker.models.audit import AuditEntry
from tracker.models.org_unit import OrgPlace, OrgUnit
from tracker.services.anchors import Place, find_newest_seal, record_anchor
from tracker.services.audit import Subject, record
from tracker.services.chunks import CHUNK
from tracker.services.tables.csv_writing import Cell
from tracker.services.tree import Unit

EXPORTED = "org_units.exported"


def export_tree(session: Session, facts: OrgFacts, *, actor: Actor, now: datetime) -> int:
    """Write down that the tree below a unit is taken out, with the newest seal as an anchor; the entry's number."""
    seal = find_newest_seal(session)
    entry = record(
        session,
        actor=actor,
        now=now,
        action=EXPORTED,
        subject=Subject("org_unit", facts.unit.code, facts.unit.id),
        after={
            "edition": facts.unit.place.edition,
            "format": "csv",
            "seal": None if seal is None else seal.written,
        },
    )
    reference = f"org-{facts.unit.code}.csv {entry.id}"
    record_anchor(session, seal, place=Place.TABLE_EXPORT, reference=reference, now=now)
    return entry.id


class Exported(NamedTuple):
    """A recorded export: the newest seal of then as exports print it (None before the first)."""

    seal: str | None


def find_own_export(session: Session, entry: int, facts: OrgFacts, *, person_id: int) -> Exported | None:
    """The export of this unit this person asked for; None: there is no such."""
    wanted = select(AuditEntry.after).where(
        AuditEntry.id == entry,
        AuditEntry.action == EXPORTED,
        AuditEntry.actor_id == person_id,
        AuditEntry.org_unit_id == facts.unit.id,
    )
    after = session.scalar(wanted)
    return None if after is None else Exported(json.loads(after).get("seal"))


def note_rows(seal: str | None) -> list[tuple[Cell, ...]]:
    """What stands below the tree: the seal as an anchor, on a line the import passes over."""
    return [] if seal is None else [(f"{COMMENT} 锚点（封存号:校验码） {seal}",)]


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
