"""Importing org units: what a file would change, and making it so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Table, bindparam, insert, select, update
from sqlalchemy.orm import Session

from tracker.domain.identity import Actor, Place
from tracker.domain.messages import Faults
from tracker.features.org_units.checks import reach_faults, tree_faults
from tracker.features.org_units.completing import completed
from tracker.features.org_units.files import OrgFile, OrgRow
from tracker.features.org_units.numbering import ROOT, Interval, number_added, number_forest
from tracker.features.org_units.queries import StandingUnit, list_standing_units
from tracker.models.base import Base
from tracker.models.org_unit import OrgName, OrgPlace, OrgUnit, TreeEdition
from tracker.services.audit import Subject, record
from tracker.services.bulk import insert_rows
from tracker.services.chunks import chunked
from tracker.services.clock import CHINA
from tracker.services.tree import FIRST_EDITION, current_edition

ROWS_AT_ONCE = 5000
UPDATED = ("name", "short_name", "level", "kind", "weight", "position", "valid_from", "valid_to")
"""What an import may change of a unit it already finds."""

PLACE_COLUMNS: Final = ("edition", "org_unit_id", "parent_id", "depth", "pre", "last")

UNITS: Final[Table] = Base.metadata.tables[OrgUnit.__tablename__]
PLACES: Final[Table] = Base.metadata.tables[OrgPlace.__tablename__]

Progress = Callable[[int], None]
"""Told how many rows have been dealt with since it was last called."""


class Change:
    """What differs in one unit: column → (before, after)."""

    __slots__ = ("columns", "row", "unit_id")

    def __init__(self, unit: StandingUnit, row: OrgRow) -> None:
        self.unit_id, self.row = unit.id, row
        pairs = {column: (getattr(unit, column), getattr(row, column)) for column in UPDATED}
        self.columns = {column: pair for column, pair in pairs.items() if pair[0] != pair[1]}

    def before(self, column: str) -> object:
        """What a column held, changed or not."""
        return self.columns[column][0] if column in self.columns else getattr(self.row, column)

    def side(self, index: int) -> dict[str, object]:
        """The changed columns as they were (0) or will be (1)."""
        return {column: pair[index] for column, pair in self.columns.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class OrgPlan:
    """What importing a file would do. ``moved`` are units whose numbers must change to make room."""

    added: Sequence[OrgRow]
    changed: Sequence[Change]
    unchanged: int
    placed: Mapping[str, Interval]
    moved: Mapping[int, Interval]

    @property
    def is_empty(self) -> bool:
        """Whether the database says already what the file says."""
        return not self.added and not self.changed


def plan_org_import(session: Session, file: OrgFile, *, within: Place | None = None) -> OrgPlan:
    """Hold a file against the database. Raises Faults with everything wrong in it, lines named.

    ``within``: the unit whose subtree alone may be written.
    """
    standing = list_standing_units(session)
    file = completed(file, standing)
    faults = [*file.faults, *tree_faults(file.rows, standing)]
    if within is not None:
        faults += reach_faults(file.rows, standing, within)
    if faults:
        raise Faults(faults)
    added = [row for code, row in file.rows.items() if code not in standing]
    known = [Change(standing[code], row) for code, row in file.rows.items() if code in standing]
    changed = [change for change in known if change.columns]
    placed, moved = _find_places(file.rows, standing)
    return OrgPlan(
        added=added, changed=changed, unchanged=len(known) - len(changed), placed=placed, moved=moved
    )


def _find_places(
    rows: Mapping[str, OrgRow], standing: Mapping[str, StandingUnit]
) -> tuple[dict[str, Interval], dict[int, Interval]]:
    """Intervals of the added units, and of those standing ones that must be numbered anew (by id)."""
    children = _children(rows, standing)
    placed = number_added(children, {code: unit.interval for code, unit in standing.items()})
    if placed is not None:
        return placed, {}
    everywhere = number_forest(children)
    moved = {
        unit.id: everywhere[code] for code, unit in standing.items() if everywhere[code] != unit.interval
    }
    return {code: interval for code, interval in everywhere.items() if code not in standing}, moved


def _children(rows: Mapping[str, OrgRow], standing: Mapping[str, StandingUnit]) -> dict[str, list[str]]:
    """The forest as it will be, siblings in official order."""
    everyone: dict[str, OrgRow | StandingUnit] = {**standing, **rows}
    children: dict[str, list[str]] = defaultdict(list)
    for code in sorted(everyone, key=lambda code: (everyone[code].position, code)):
        children[everyone[code].parent or ROOT].append(code)
    return children


def _ignore(_rows: int) -> None:
    """Nobody watches."""


def import_org_units(
    session: Session, plan: OrgPlan, *, actor: Actor, now: datetime, on_progress: Progress = _ignore
) -> None:
    """Write what the plan says, with one audit entry; nothing at all when it is empty.

    The first import makes tree edition 1. Later units join the current edition, and numbering
    units anew to make room changes no relation, so neither makes a new one.
    """
    if plan.is_empty:
        return
    edition = _open_edition(session, now)
    for part in chunked(plan.added, ROWS_AT_ONCE):
        columns = ("code", *UPDATED)
        insert_rows(session, OrgUnit, columns, ([getattr(row, column) for column in columns] for row in part))
        on_progress(len(part))
    _place(session, plan, edition, on_progress)
    _keep_names(session, plan.changed, now)
    _update(session, plan.changed, on_progress)
    record(
        session,
        actor=actor,
        now=now,
        action="org_units.imported",
        subject=Subject("tree_edition", str(edition)),
        before={change.row.code: change.side(0) for change in plan.changed},
        after={
            "added": len(plan.added),
            "added_codes": [row.code for row in plan.added],
            "changed": {change.row.code: change.side(1) for change in plan.changed},
            "unchanged": plan.unchanged,
        },
    )


def _open_edition(session: Session, now: datetime) -> int:
    current = current_edition(session)
    if current:
        return current
    session.add(TreeEdition(number=FIRST_EDITION, at=now, reason="首次导入"))
    session.flush()
    return FIRST_EDITION


def _updated_values(row: OrgRow) -> dict[str, Any]:
    return {column: getattr(row, column) for column in UPDATED}


def _place(session: Session, plan: OrgPlan, edition: int, on_progress: Progress) -> None:
    rows = session.execute(select(OrgUnit.code, OrgUnit.id))
    ids: dict[str, int] = {row.code: row.id for row in rows} | {ROOT: 0}
    for part in chunked(plan.added, ROWS_AT_ONCE):
        places = ((edition, ids[row.code], ids[row.parent], *plan.placed[row.code]) for row in part)
        insert_rows(session, OrgPlace, PLACE_COLUMNS, places)
        on_progress(len(part))
    statement = update(PLACES).where(
        PLACES.c.edition == edition, PLACES.c.org_unit_id == bindparam("moved_unit")
    )
    for moved in chunked(list(plan.moved.items()), ROWS_AT_ONCE):
        values = [{"moved_unit": unit, "pre": to.pre, "last": to.last} for unit, to in moved]
        session.execute(statement, values)


def _keep_names(session: Session, changed: Sequence[Change], now: datetime) -> None:
    """Names that the file replaces stay with what is older than today; of several in a day the first one does."""
    today = now.astimezone(CHINA).date()
    renamed = [change for change in changed if change.columns.keys() & {"name", "short_name"}]
    kept: set[int] = set()
    for part in chunked([change.unit_id for change in renamed]):
        wanted = select(OrgName.org_unit_id).where(OrgName.until == today, OrgName.org_unit_id.in_(part))
        kept |= set(session.scalars(wanted))
    rows = [
        {"org_unit_id": change.unit_id, "until": today, "until_month": today.year * 12 + today.month}
        | {column: change.before(column) for column in ("name", "short_name")}
        for change in renamed
        if change.unit_id not in kept
    ]
    for some in chunked(rows, ROWS_AT_ONCE):
        session.execute(insert(OrgName), list(some))


def _update(session: Session, changed: Sequence[Change], on_progress: Progress) -> None:
    values_of: dict[str, Any] = {name: bindparam(name) for name in UPDATED}
    statement = update(UNITS).where(UNITS.c.id == bindparam("changed_unit"))
    statement = statement.values(version_id=UNITS.c.version_id + 1, **values_of)
    for part in chunked(changed, ROWS_AT_ONCE):
        values = [{"changed_unit": change.unit_id} | _updated_values(change.row) for change in part]
        session.execute(statement, values)
        on_progress(len(part))
