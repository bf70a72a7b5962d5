"""Adding, renaming and changing one unit; its place in the tree changes elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from tracker.domain.messages import Refusal
from tracker.domain.permissions import Permission, reaches
from tracker.features.org_units.browsing import OrgFacts, list_facts, list_facts_below
from tracker.features.org_units.checks import RANKS
from tracker.features.org_units.moves import Doer, NotAPlace, OutOfReach
from tracker.features.org_units.placing import Seat, add_place, turn_place
from tracker.features.org_units.restructures import UnitHasChanged
from tracker.models.org_unit import OrgName, OrgUnit
from tracker.services.audit import Subject, record

FIRST_POSITION: Final = 1


class CodeTaken(Refusal):
    """Another unit has this code."""


class NotANewName(Refusal):
    """The name is the one it has."""


class NotADay(Refusal):
    """The day does not follow what went before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUnit:
    """A unit to be added. ``position`` None: behind its siblings."""

    code: str
    name: str
    short_name: str
    level: str
    kind: str
    weight: int | None = None
    position: int | None = None
    valid_from: date | None = None


class Changed(NamedTuple):
    """What may be changed of a unit without a new name or place."""

    level: str
    kind: str
    weight: int | None
    position: int


def add_unit(session: Session, above: OrgFacts, new: NewUnit, *, reason: str, doer: Doer) -> OrgUnit:
    """Add a unit below another one. Raises OutOfReach, NotAPlace, CodeTaken."""
    _check_reach(doer, above)
    _check_takes(above, new.level)
    if session.scalar(select(OrgUnit.id).where(OrgUnit.code == new.code)) is not None:
        raise CodeTaken("代码 {code} 已经有单位在用，撤销了的单位也不让出代码", code=new.code)
    position = _next_position(session, above) if new.position is None else new.position
    unit = OrgUnit(
        code=new.code, name=new.name, short_name=new.short_name, level=new.level, kind=new.kind,
        weight=new.weight, position=position, valid_from=new.valid_from,
    )  # fmt: skip
    session.add(unit)
    session.flush()
    add_place(session, above.unit.place.edition, unit.id, Seat(above.unit, position, new.code))
    record(
        session,
        actor=doer.actor,
        now=doer.now,
        action="org_unit.added",
        subject=Subject("org_unit", unit.code, unit.id),
        after={
            "parent": above.unit.code, "name": new.name, "short_name": new.short_name, "level": new.level,
            "kind": new.kind, "weight": new.weight, "position": position, "valid_from": new.valid_from,
            "reason": reason,
        },
    )  # fmt: skip
    return unit


def _next_position(session: Session, above: OrgFacts) -> int:
    known = [one.position for one in list_facts_below(session, above.unit)]
    return max(known, default=FIRST_POSITION - 1) + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class NewName:
    """A name, the day from which it holds, why, and the unit's version as seen."""

    name: str
    short_name: str
    since: date
    reason: str
    version: int


def rename_unit(session: Session, unit: OrgFacts, new: NewName, *, today: date, doer: Doer) -> None:
    """Give a unit another name from a day on; the one it had stays with all that is older.

    Raises OutOfReach, NotANewName, NotADay, UnitHasChanged.
    """
    _check_reach(doer, unit)
    had = unit.unit
    if (had.name, had.short_name) == (new.name, new.short_name):
        raise NotANewName("名称和简称都没有变")
    _check_day(session, unit, new.since, today)
    keep_name(session, had.id, until=new.since, name=had.name, short_name=had.short_name)
    _update(session, unit, new.version, name=new.name, short_name=new.short_name)
    record(
        session,
        actor=doer.actor,
        now=doer.now,
        action="org_unit.renamed",
        subject=Subject("org_unit", had.code, had.id),
        before={"name": had.name, "short_name": had.short_name},
        after={
            "name": new.name, "short_name": new.short_name, "since": new.since, "reason": new.reason,
        },
    )  # fmt: skip


def _check_day(session: Session, unit: OrgFacts, since: date, today: date) -> None:
    if since > today:
        raise NotADay("更名日期不能晚于今天，请在更名那天再办")
    latest = session.scalar(select(func.max(OrgName.until)).where(OrgName.org_unit_id == unit.unit.id))
    if latest is not None and since <= latest:
        raise NotADay("上一次更名从 {day} 起，这一次要在它之后", day=latest.isoformat())
    if unit.valid_from is not None and since <= unit.valid_from:
        raise NotADay("单位 {day} 才成立，更名要在那之后", day=unit.valid_from.isoformat())


def keep_name(session: Session, unit_id: int, *, until: date, name: str, short_name: str) -> None:
    """Keep a name that is borne no longer from a day on."""
    month = until.year * 12 + until.month
    session.add(
        OrgName(org_unit_id=unit_id, until=until, until_month=month, name=name, short_name=short_name)
    )
    session.flush()


def change_unit(
    session: Session, unit: OrgFacts, new: Changed, *, version: int, reason: str, doer: Doer
) -> None:
    """Change level, kind, weight or turn among siblings. Raises OutOfReach, NotAPlace, UnitHasChanged."""
    _check_reach(doer, unit)
    before = Changed(unit.unit.level, unit.unit.kind, unit.unit.weight, unit.position)
    _check_level(session, unit, new.level)
    _update(session, unit, version, **new._asdict())
    if new.position != before.position and unit.unit.place.parent_id:
        above = list_facts(session, [unit.unit.place.parent_id])[unit.unit.place.parent_id]
        turn_place(session, unit.unit, Seat(above.unit, new.position, unit.unit.code))
    record(
        session,
        actor=doer.actor,
        now=doer.now,
        action="org_unit.changed",
        subject=Subject("org_unit", unit.unit.code, unit.unit.id),
        before=before._asdict(),
        after=new._asdict() | {"reason": reason},
    )


def _check_reach(doer: Doer, unit: OrgFacts) -> None:
    if not reaches(doer.identity, Permission.EDIT_ORG_UNIT, unit.unit.place):
        raise OutOfReach("这个单位不在您管理的范围内")


def _check_takes(above: OrgFacts, level: str) -> None:
    if above.valid_to is not None:
        raise NotAPlace("上级已经撤销，不能再放单位")
    if RANKS[level] <= RANKS[above.unit.level]:
        raise NotAPlace("它的层级要低于上级")


def _check_level(session: Session, unit: OrgFacts, level: str) -> None:
    """Its level stays below its superior's and above those of whoever stands below it."""
    parent_id = unit.unit.place.parent_id
    above = list_facts(session, [parent_id]).get(parent_id)
    if above is not None and RANKS[level] <= RANKS[above.unit.level]:
        raise NotAPlace("它的层级要低于上级")
    if any(RANKS[one.unit.level] <= RANKS[level] for one in list_facts_below(session, unit.unit)):
        raise NotAPlace("它的层级要高于下面的单位")


def _update(session: Session, unit: OrgFacts, version: int, **values: object) -> None:
    changed = (
        update(OrgUnit)
        .where(OrgUnit.id == unit.unit.id, OrgUnit.version_id == version, OrgUnit.valid_to.is_(None))
        .values(**values, version_id=OrgUnit.version_id + 1)
    )
    if not session.execute(changed).rowcount:  # type: ignore[attr-defined]
        raise UnitHasChanged("{unit}在您打开页面之后有人改过，请重新核对", unit=unit.unit.short_name)
