"""Reads of the tree for its pages: one unit's facts, its children page by page, names, moves, people, a search."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from tracker.domain.identity import Identity, Role
from tracker.domain.kinds import Kind
from tracker.models.account import Appointment, Person
from tracker.models.org_unit import OrgName, OrgPlace, OrgTenure, OrgUnit, TreeEdition
from tracker.models.programme import Indicator, Programme
from tracker.services.tree import Unit, paths_up, unit_of
from tracker.services.visibility import SUBTREE_ROLES, UnitNotFound, sees_place

PAGE = 50
MOST_FOUND = 50
MOST_CHOICES = 200
MOST_PEOPLE = 100
MOST_EDITIONS = 20


class OrgFacts(NamedTuple):
    """Everything that is known of a unit now. ``children``: how many stand right below."""

    unit: Unit
    position: int
    valid_from: date | None
    valid_to: date | None
    version: int
    successor_id: int | None
    children: int = 0


class Filters(NamedTuple):
    """Which units are wanted: by kind and level, and whether closed ones are shown."""

    kind: str = ""
    level: str = ""
    with_closed: bool = False


class FactsPage(NamedTuple):
    """Some children in official order, from number ``first`` (0 is the first)."""

    rows: Sequence[OrgFacts]
    total: int
    first: int


class FormerName(NamedTuple):
    """A name no longer borne; ``until`` is the day from which another one holds."""

    until: date
    name: str
    short_name: str


class FormerPlace(NamedTuple):
    """A superior a unit had until a month (year × 12 + month); None: it was a root."""

    until: int
    edition: int
    code: str | None
    name: str | None


class Holder(NamedTuple):
    """Somebody appointed at a unit."""

    name: str
    role: Role
    department: str | None
    valid_from: datetime
    valid_to: datetime | None


class Edition(NamedTuple):
    """An edition of the tree."""

    number: int
    at: datetime
    reason: str


_CHILD = aliased(OrgPlace)
_COUNTED = (
    select(func.count())
    .select_from(_CHILD)
    .where(_CHILD.edition == OrgPlace.edition, _CHILD.parent_id == OrgPlace.org_unit_id)
    .correlate(OrgPlace)
    .scalar_subquery()
)
_FACTS: Select[*tuple[Any, ...]] = select(
    OrgUnit.id, OrgUnit.code, OrgUnit.name, OrgUnit.short_name, OrgUnit.level, OrgUnit.kind, OrgUnit.weight,
    OrgPlace.edition, OrgPlace.parent_id, OrgPlace.depth, OrgPlace.pre, OrgPlace.last,
    OrgUnit.position, OrgUnit.valid_from, OrgUnit.valid_to, OrgUnit.version_id, OrgUnit.successor_id,
    _COUNTED.label("children"),
).join(OrgPlace, OrgPlace.org_unit_id == OrgUnit.id)  # fmt: skip
_NEWEST = select(func.max(TreeEdition.number)).scalar_subquery()
_ORDER = (OrgUnit.position, OrgUnit.code)


def _facts(row: Any) -> OrgFacts:
    return OrgFacts(unit_of(*row[:12]), *row[12:18])


def find_facts(session: Session, code: str, *, seen_by: Identity) -> OrgFacts:
    """The unit with this code in sight; raises UnitNotFound."""
    row = session.execute(_FACTS.where(OrgUnit.code == code, OrgPlace.edition == _NEWEST)).one_or_none()
    if row is None or not sees_place(seen_by, (found := _facts(row)).unit.place):
        raise UnitNotFound("没有找到这个单位")
    return found


def list_facts(session: Session, ids: Sequence[int]) -> dict[int, OrgFacts]:
    """Units by id, in the newest edition."""
    rows = session.execute(_FACTS.where(OrgUnit.id.in_(ids), OrgPlace.edition == _NEWEST))
    return {row.id: _facts(row) for row in rows}


def list_path(session: Session, unit: Unit, *, seen_by: Identity) -> list[OrgFacts]:
    """The unit and those above it as far up as this person sees, the highest first."""
    [path] = paths_up(session, unit.place.edition, [unit.id]).values()
    found = list_facts(session, [step.org_unit_id for step in path])
    ordered = [found[step.org_unit_id] for step in reversed(path)]
    return [one for one in ordered if sees_place(seen_by, one.unit.place)]


def list_facts_below(session: Session, unit: Unit) -> list[OrgFacts]:
    """Every unit right below, closed ones too, in official order."""
    wanted = _FACTS.where(OrgPlace.edition == unit.place.edition, OrgPlace.parent_id == unit.id)
    return [_facts(row) for row in session.execute(wanted.order_by(*_ORDER))]


def list_beside(session: Session, unit: Unit, *, up: bool, seen_by: Identity) -> list[OrgFacts]:
    """Units in sight that are not closed, to be named beside this one: its siblings, or those its superior stands among.

    At most ``MOST_CHOICES`` of them, in the order of the tree.
    """
    own, here = seen_by.place, unit.place
    among = OrgPlace.depth == here.depth - 1 if up else OrgPlace.parent_id == here.parent_id
    wanted = _FACTS.where(
        OrgPlace.edition == here.edition, among, OrgPlace.pre.between(own.pre, own.last),
        OrgUnit.valid_to.is_(None), OrgUnit.id.not_in([unit.id, *([here.parent_id] if up else [])]),
    )  # fmt: skip
    return [_facts(row) for row in session.execute(wanted.order_by(OrgPlace.pre).limit(MOST_CHOICES))]


def list_children_page(
    session: Session, unit: Unit, filters: Filters, *, first: int = 0, edition: int | None = None
) -> FactsPage:
    """A page of the units right below, now or as in an earlier edition."""
    at = unit.place.edition if edition is None else edition
    here = (OrgPlace.edition == at, OrgPlace.parent_id == unit.id, *_wanted(filters))
    counted = select(func.count()).select_from(OrgUnit).join(OrgPlace, OrgPlace.org_unit_id == OrgUnit.id)
    total = session.scalar(counted.where(*here)) or 0
    rows = session.execute(_FACTS.where(*here).order_by(*_ORDER).offset(first).limit(PAGE))
    return FactsPage([_facts(row) for row in rows], total, first)


def _wanted(filters: Filters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.kind:
        conditions.append(OrgUnit.kind == filters.kind)
    if filters.level:
        conditions.append(OrgUnit.level == filters.level)
    if not filters.with_closed:
        conditions.append(OrgUnit.valid_to.is_(None))
    return conditions


def search_units(session: Session, text: str, filters: Filters, *, seen_by: Identity) -> list[OrgFacts]:
    """Units in sight whose code begins with the text, or whose present or former name holds it; at most ``MOST_FOUND``."""
    own = seen_by.place
    pattern = f"%{_escaped(text)}%"
    former = select(OrgName.org_unit_id).where(OrgName.name.like(pattern, escape="\\"))
    is_named = or_(
        OrgUnit.code.like(f"{_escaped(text)}%", escape="\\"),
        OrgUnit.name.like(pattern, escape="\\"),
        OrgUnit.short_name.like(pattern, escape="\\"),
        OrgUnit.id.in_(former),
    )
    last = own.last if seen_by.role in SUBTREE_ROLES else own.pre
    in_sight = and_(OrgPlace.edition == own.edition, OrgPlace.pre.between(own.pre, last))
    wanted = _FACTS.where(in_sight, is_named, *_wanted(filters))
    return [_facts(row) for row in session.execute(wanted.order_by(OrgPlace.pre).limit(MOST_FOUND + 1))]


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


class FlowIndicator(NamedTuple):
    """An indicator whose figures add up over the months."""

    id: int
    list_title: str
    name: str


def list_indicators(session: Session, programme_ids: Sequence[int]) -> list[FlowIndicator]:
    """The flows of these lists, in order."""
    wanted = (
        select(Indicator.id, Programme.title, Indicator.name)
        .join(Programme, Programme.id == Indicator.programme_id)
        .where(
            Indicator.programme_id.in_(programme_ids),
            Indicator.kind == Kind.FLOW,
            Indicator.is_dropped.is_(False),
        )
        .order_by(Programme.year.desc(), Programme.id, Indicator.pledge_id, Indicator.position)
    )
    return [FlowIndicator(*row) for row in session.execute(wanted)]


def list_names(session: Session, unit_id: int) -> list[FormerName]:
    """Names a unit no longer bears, the newest first."""
    wanted = (
        select(OrgName.until, OrgName.name, OrgName.short_name)
        .where(OrgName.org_unit_id == unit_id)
        .order_by(OrgName.until.desc())
    )
    return [FormerName(*row) for row in session.execute(wanted)]


def list_former_places(session: Session, unit_id: int) -> list[FormerPlace]:
    """Superiors a unit had before it was moved itself, the newest first."""
    above = aliased(OrgUnit)
    wanted = (
        select(OrgTenure.until, OrgTenure.edition, above.code, above.name)
        .join(
            OrgPlace,
            and_(OrgPlace.edition == OrgTenure.edition, OrgPlace.org_unit_id == OrgTenure.org_unit_id),
        )
        .join(above, above.id == OrgPlace.parent_id, isouter=True)
        .where(OrgTenure.org_unit_id == unit_id, OrgTenure.root_id == unit_id, OrgTenure.is_end.is_(False))
        .order_by(OrgTenure.until.desc())
    )
    return [FormerPlace(*row) for row in session.execute(wanted)]


def list_holders(session: Session, unit_id: int, *, now: datetime) -> list[Holder]:
    """Who is appointed at a unit today, by role and name; at most ``MOST_PEOPLE``."""
    wanted = (
        select(
            Person.name,
            Appointment.role,
            Appointment.department,
            Appointment.valid_from,
            Appointment.valid_to,
        )
        .join(Person, Person.id == Appointment.person_id)
        .where(
            Appointment.org_unit_id == unit_id,
            Appointment.valid_from <= now,
            or_(Appointment.valid_to.is_(None), Appointment.valid_to > now),
        )
        .order_by(Appointment.role, Person.name, Appointment.id)
        .limit(MOST_PEOPLE)
    )
    return [Holder(row[0], Role(row[1]), *row[2:]) for row in session.execute(wanted)]


def find_edition(session: Session, number: int) -> Edition | None:
    """An edition of the tree by its number."""
    wanted = select(TreeEdition.number, TreeEdition.at, TreeEdition.reason).where(
        TreeEdition.number == number
    )
    row = session.execute(wanted).one_or_none()
    return None if row is None else Edition(*row)


def list_editions(session: Session) -> list[Edition]:
    """The editions of the tree, the newest first; at most ``MOST_EDITIONS``."""
    wanted = (
        select(TreeEdition.number, TreeEdition.at, TreeEdition.reason)
        .order_by(TreeEdition.number.desc())
        .limit(MOST_EDITIONS)
    )
    return [Edition(*row) for row in session.execute(wanted)]
