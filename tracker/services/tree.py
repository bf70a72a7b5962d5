"""Reading the tree of org units: places, ancestors and children in the current or a named edition."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Row,
    ScalarSelect,
    Select,
    and_,
    case,
    exists,
    func,
    literal,
    select,
    union,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from tracker.domain.identity import Place
from tracker.models.audit import AuditEntry
from tracker.models.org_unit import OrgName, OrgPlace, OrgUnit, TreeEdition
from tracker.services.chunks import chunked

FIRST_EDITION = 1
"""The tree before anybody was moved."""


class Unit(NamedTuple):
    """An org unit as plain values, with its place in the current edition."""

    id: int
    code: str
    name: str
    short_name: str
    level: str
    kind: str
    weight: int | None
    place: Place


class Step(NamedTuple):
    """One ancestor on the way up: the unit itself first, a root (parent 0) last."""

    org_unit_id: int
    parent_id: int


_UNIT: Select[*tuple[Any, ...]] = select(
    OrgUnit.id, OrgUnit.code, OrgUnit.name, OrgUnit.short_name, OrgUnit.level, OrgUnit.kind, OrgUnit.weight,
    OrgPlace.edition, OrgPlace.parent_id, OrgPlace.depth, OrgPlace.pre, OrgPlace.last,
).join(OrgPlace, OrgPlace.org_unit_id == OrgUnit.id)  # fmt: skip

_CURRENT = select(func.max(TreeEdition.number)).scalar_subquery()


def _unit(row: Row[*tuple[Any, ...]]) -> Unit:
    return unit_of(*row[:12])


def unit_of(
    org_unit_id: int,
    code: str,
    name: str,
    short_name: str,
    level: str,
    kind: str,
    weight: int | None,
    *numbers: int,
) -> Unit:
    """A unit from its columns; ``numbers`` are edition, parent, depth, pre and last of its place."""
    edition, parent_id, depth, pre, last = numbers
    place = Place(edition, org_unit_id, parent_id, depth, pre, last)
    return Unit(org_unit_id, code, name, short_name, level, kind, weight, place)


def name_in(column: InstrumentedAttribute[str], month: Any) -> ColumnElement[str]:
    """What a unit was called in a month (year × 12 + month), by ``OrgUnit.name`` or ``OrgUnit.short_name``.

    A name counts for the months before the one in which another took its place.
    """
    former = (
        select(OrgName.name if column.key == "name" else OrgName.short_name)
        .where(OrgName.org_unit_id == OrgUnit.id, OrgName.until_month > month)
        .order_by(OrgName.until)
        .limit(1)
        .correlate_except(OrgName)
        .scalar_subquery()
    )
    return func.coalesce(former, column)


def current_edition(session: Session) -> int:
    """The newest edition's number; 0 while there are no units."""
    return session.scalar(select(func.max(TreeEdition.number))) or 0


def edition_under(seal: int) -> ScalarSelect[int]:
    """The newest edition whose act this seal or one before it covers, to be asked for inside a statement.

    An edition and the audit entry of its act carry one moment; the seal's own clock says nothing of what it covers.
    """
    is_covered = exists().where(AuditEntry.at == TreeEdition.at, AuditEntry.seal <= seal)
    stood = select(func.max(TreeEdition.number)).where(is_covered).scalar_subquery()
    return select(func.coalesce(stood, FIRST_EDITION)).scalar_subquery()


def find_unit(session: Session, code: str, *, named_in: int | None = None) -> Unit | None:
    """The unit with this official code, under the name it bore in a month (year × 12 + month; None: today's)."""
    wanted = _UNIT
    if named_in is not None:
        names = (name_in(OrgUnit.name, named_in), name_in(OrgUnit.short_name, named_in))
        wanted = wanted.add_columns(*names)
    row = session.execute(wanted.where(OrgUnit.code == code, OrgPlace.edition == _CURRENT)).one_or_none()
    if row is None:
        return None
    unit = _unit(row)
    return unit if named_in is None else unit._replace(name=row[12], short_name=row[13])


def list_units_named(session: Session, months: Mapping[int, int]) -> list[Unit]:
    """Units by id, each under the name it bore in its month (year × 12 + month); in official order."""
    month = case(months, value=OrgUnit.id)
    names = (name_in(OrgUnit.name, month), name_in(OrgUnit.short_name, month))
    wanted = _UNIT.add_columns(*names).where(OrgUnit.id.in_(sorted(months)), OrgPlace.edition == _CURRENT)
    rows = session.execute(wanted.order_by(OrgUnit.position, OrgUnit.code))
    return [_unit(row)._replace(name=row[12], short_name=row[13]) for row in rows]


def get_unit(session: Session, org_unit_id: int) -> Unit:
    """The unit with this id, which must exist."""
    return _unit(session.execute(_UNIT.where(OrgUnit.id == org_unit_id, OrgPlace.edition == _CURRENT)).one())


def list_children(session: Session, org_unit_id: int) -> list[Unit]:
    """The units directly below, in official order."""
    wanted = _UNIT.where(OrgPlace.edition == _CURRENT, OrgPlace.parent_id == org_unit_id)
    return [_unit(row) for row in session.execute(wanted.order_by(OrgUnit.position, OrgUnit.code))]


def list_children_with_ends(session: Session, org_unit_id: int) -> list[tuple[Unit, date | None]]:
    """The same, each with its last day; None: it has not ended."""
    wanted = _UNIT.add_columns(OrgUnit.valid_to)
    wanted = wanted.where(OrgPlace.edition == _CURRENT, OrgPlace.parent_id == org_unit_id)
    rows = session.execute(wanted.order_by(OrgUnit.position, OrgUnit.code))
    return [(_unit(row), row[12]) for row in rows]


def list_subtree(session: Session, place: Place) -> list[Unit]:
    """The unit at ``place`` and everything below, parents before children in the tree's own order."""
    wanted = _UNIT.where(OrgPlace.edition == place.edition, OrgPlace.pre.between(place.pre, place.last))
    return [_unit(row) for row in session.execute(wanted.order_by(OrgPlace.pre))]


def count_subtree(session: Session, place: Place) -> int:
    """How many units there are at and below a place. (Its interval does not tell: numbers are left free for units to come.)"""
    here = (OrgPlace.edition == place.edition, OrgPlace.pre.between(place.pre, place.last))
    return session.scalars(select(func.count()).select_from(OrgPlace).where(*here)).one()


def count_branches(session: Session, place: Place) -> dict[int, int]:
    """Each unit right below a place → how many units it is with all below."""
    top = aliased(OrgPlace)
    counted = (
        select(top.org_unit_id, func.count().label("units"))
        .join(OrgPlace, and_(OrgPlace.edition == top.edition, OrgPlace.pre.between(top.pre, top.last)))
        .where(top.edition == place.edition, top.parent_id == place.org_unit_id)
        .group_by(top.org_unit_id)
    )
    return {row.org_unit_id: row.units for row in session.execute(counted)}


def paths_up(session: Session, edition: int, org_unit_ids: Collection[int]) -> dict[int, list[Step]]:
    """For each unit the steps from itself to its root, by the parents of that edition; units it does not know are left out."""
    if len(org_unit_ids) > FEW_WAYS:
        return _paths_by_levels(session, edition, org_unit_ids)
    steps: dict[int, list[Step]] = defaultdict(list)
    start = select(
        OrgPlace.org_unit_id.label("start"),
        OrgPlace.org_unit_id,
        OrgPlace.parent_id,
        literal(0).label("height"),
    ).where(OrgPlace.edition == edition, OrgPlace.org_unit_id.in_(sorted(org_unit_ids)))
    up = start.cte("up", recursive=True)
    above = aliased(OrgPlace)
    up = up.union_all(
        select(up.c.start, above.org_unit_id, above.parent_id, up.c.height + 1).where(
            above.edition == edition, above.org_unit_id == up.c.parent_id
        )
    )
    for row in session.execute(select(up).order_by(up.c.start, up.c.height)):
        steps[row.start].append(Step(row.org_unit_id, row.parent_id))
    return dict(steps)


FEW_WAYS: Final = 100
"""Up to so many ways are asked for in one statement. For more, PostgreSQL would look through all units once for each level,
and rows would name the same superiors over and over."""


def _paths_by_levels(session: Session, edition: int, org_unit_ids: Collection[int]) -> dict[int, list[Step]]:
    """The same from the superiors of all, a level at a time: there are fewer at each."""
    parents: dict[int, int] = {}
    wanted = set(org_unit_ids)
    while wanted:
        for part in chunked(sorted(wanted)):
            here = select(OrgPlace.org_unit_id, OrgPlace.parent_id)
            here = here.where(OrgPlace.edition == edition, OrgPlace.org_unit_id.in_(part))
            parents.update({row.org_unit_id: row.parent_id for row in session.execute(here)})
        wanted = {parents[unit] for unit in wanted if unit in parents} - parents.keys() - {0}
    return {unit: _way_up(unit, parents) for unit in org_unit_ids if unit in parents}


def _way_up(unit: int, parents: Mapping[int, int]) -> list[Step]:
    steps = [Step(unit, parents[unit])]
    while steps[-1].parent_id in parents:
        steps.append(Step(steps[-1].parent_id, parents[steps[-1].parent_id]))
    return steps


def near_units(
    edition: int | BindParameter[int], units: Collection[int] | BindParameter[Any], *also: int
) -> CompoundSelect[tuple[int]]:
    """The ids of these units, of those right below them, and of others without what is below these, as a subquery.

    A union, because an OR of both makes either engine look through the whole tree.
    """
    ids = select(OrgPlace.org_unit_id).where(OrgPlace.edition == edition)
    themselves, below = ids.where(OrgPlace.org_unit_id.in_(units)), ids.where(OrgPlace.parent_id.in_(units))
    return union(themselves, below, *[ids.where(OrgPlace.org_unit_id == one) for one in also])


def find_units(session: Session, codes: Collection[str], *, below: int | None = None) -> dict[str, Unit]:
    """The units with these official codes, and those directly below a unit where one is named, by code.

    In official order; codes nobody has are left out.
    """
    found: dict[str, Unit] = {}
    for part in [*chunked(sorted(codes))] or [[]]:
        named = select(OrgUnit.id).where(OrgUnit.code.in_(part))
        children = select(OrgPlace.org_unit_id).where(
            OrgPlace.edition == _CURRENT, OrgPlace.parent_id == below
        )
        wanted = named if below is None else union(named, children)
        units = _UNIT.where(OrgUnit.id.in_(wanted), OrgPlace.edition == _CURRENT)
        rows = session.execute(units.order_by(OrgUnit.position, OrgUnit.code))
        found |= {row.code: _unit(row) for row in rows}
    return found
