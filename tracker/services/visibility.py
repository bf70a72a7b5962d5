"""What an identity sees, as subqueries: which units, and which programmes; beyond them nothing exists."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select
from sqlalchemy.orm import Session, aliased

from tracker.domain.identity import Identity, Place, Role
from tracker.domain.messages import NotFound
from tracker.domain.periods import Period
from tracker.models.org_unit import OrgPlace, OrgUnit
from tracker.models.programme import Programme, Target
from tracker.services.programme_heads import Head, list_heads
from tracker.services.sheets import Sheet, load_sheet
from tracker.services.targets import is_overtaken
from tracker.services.tree import Unit, find_unit

SUBTREE_ROLES = frozenset({Role.REVIEWER, Role.VIEWER, Role.AUDITOR, Role.ADMIN})
"""Who reads everything below the own unit; the others see their own unit only (document 5.2)."""


UNIT_ROLES = frozenset({Role.REPORTER, Role.APPROVER})
"""Who sees the drafts of the own unit."""


class UnitNotFound(NotFound):
    """There is no such unit in reach."""


class ProgrammeNotFound(NotFound):
    """There is no such programme in reach."""


class SheetNotFound(NotFound):
    """The programme has no such period."""


def sees_place(identity: Identity, place: Place) -> bool:
    """Whether a unit standing at ``place`` is in this identity's sight."""
    if identity.role in SUBTREE_ROLES:
        return identity.place.holds(place)
    return identity.place.org_unit_id == place.org_unit_id


def visible_units(identity: Identity) -> Select[int]:
    """The ids of the units this identity may look into."""
    own = identity.place
    if identity.role not in SUBTREE_ROLES:
        return select(OrgUnit.id).where(OrgUnit.id == own.org_unit_id)
    return select(OrgPlace.org_unit_id).where(
        OrgPlace.edition == own.edition, OrgPlace.pre.between(own.pre, own.last)
    )


def visible_programmes(identity: Identity) -> Select[int]:
    """The ids of the programmes this identity may open.

    Published ones whose publisher is in sight, or in which the own unit, one above it or (for those
    who read a subtree) one below it is assigned; drafts only for reviewers of the publisher itself.
    """
    if identity.role is Role.ADMIN:
        return select(Programme.id).where(false())
    published = and_(
        Programme.state != "draft",
        or_(_is_publisher_in_sight(identity), _is_assigned(identity)),
    )
    return select(Programme.id).where(or_(published, _is_own_draft(identity)))


def visible_programmes_of(year: int, *, seen_by: Identity) -> Select[int]:
    """The ids of the published programmes of a year this identity may open."""
    return visible_programmes(seen_by).where(Programme.year == year, Programme.state != "draft")


def find_visible_unit(session: Session, code: str, *, seen_by: Identity, named_in: int | None = None) -> Unit:
    """The unit with this code, or UnitNotFound when there is none in sight; named as in a month (year × 12 + month)."""
    unit = find_unit(session, code, named_in=named_in)
    if unit is None or not sees_place(seen_by, unit.place):
        raise UnitNotFound("没有找到这个单位")
    return unit


def find_unit_named(session: Session, text: str, *, seen_by: Identity) -> str | None:
    """The code of a unit in reach by its code or name; None when there is none."""
    wanted = select(OrgUnit.code).where(
        OrgUnit.id.in_(visible_units(seen_by)),
        or_(OrgUnit.code == text, OrgUnit.name == text, OrgUnit.short_name == text),
    )
    return session.scalars(wanted.order_by(OrgUnit.code).limit(1)).one_or_none()


def find_visible_programme(session: Session, key: str, *, seen_by: Identity) -> Programme:
    """The programme with this key, or ProgrammeNotFound when there is none in sight."""
    wanted = select(Programme).where(Programme.key == key, Programme.id.in_(visible_programmes(seen_by)))
    programme = session.scalars(wanted).one_or_none()
    if programme is None:
        raise ProgrammeNotFound("没有找到这份清单")
    return programme


def find_visible_head(session: Session, key: str, *, seen_by: Identity) -> Head:
    """The programme with this key as plain values, or ProgrammeNotFound when there is none in sight."""
    heads = list_heads(session, visible_programmes(seen_by).where(Programme.key == key))
    if not heads:
        raise ProgrammeNotFound("没有找到这份清单")
    return heads[0]


def find_visible_sheet(session: Session, key: str, code: str, period: Period, *, seen_by: Identity) -> Sheet:
    """The sheet of a unit in sight; drafts are shown to its own reporters and approvers only.

    Raises ProgrammeNotFound, UnitNotFound, SheetNotFound.
    """
    head = find_visible_head(session, key, seen_by=seen_by)
    if head.state == "draft" or (period.year, period.rhythm) != (head.year, head.rhythm):
        raise SheetNotFound("这份清单没有这个报告期")
    month = period.year * 12 + period.last_month
    unit = find_visible_unit(session, code, seen_by=seen_by, named_in=month)
    sees_drafts = seen_by.role in UNIT_ROLES and seen_by.place.org_unit_id == unit.id
    return load_sheet(session, head, unit, period, sees_drafts=sees_drafts)


def _is_publisher_in_sight(identity: Identity) -> ColumnElement[bool]:
    """Asked of each programme's publisher alone: a list of all units in sight would be as long as the tree."""
    own, place = identity.place, aliased(OrgPlace)
    if identity.role not in SUBTREE_ROLES:
        return Programme.publisher_id == own.org_unit_id
    return (
        exists()
        .where(
            place.edition == own.edition,
            place.org_unit_id == Programme.publisher_id,
            place.pre.between(own.pre, own.last),
        )
        .correlate(Programme)
    )


def _is_own_draft(identity: Identity) -> ColumnElement[bool]:
    if identity.role is not Role.REVIEWER:
        return false()
    return and_(Programme.state == "draft", Programme.publisher_id == identity.place.org_unit_id)


def _is_assigned(identity: Identity) -> ColumnElement[bool]:
    """Whether the newest version of some target says that a unit on the own line is assigned, or was until it ended."""
    target, place = aliased(Target), aliased(OrgPlace)
    return (
        exists()
        .where(
            target.programme_id == Programme.id,
            or_(target.is_assigned, _was_until_its_end(target, place)),
            target.org_unit_id != Programme.publisher_id,  # its own target assigns nobody below
            ~is_overtaken(target),
            place.org_unit_id == target.org_unit_id,
            *_on_own_line(identity, place),
        )
        .correlate(Programme)
    )


def _was_until_its_end(target: Any, place: Any) -> ColumnElement[bool]:
    """Whether a target was taken back because its unit ended below the publisher: earlier months are still its own."""
    publisher, unit = aliased(OrgPlace), aliased(OrgUnit)
    has_ended = exists().where(unit.id == target.org_unit_id, unit.valid_to.is_not(None))
    is_below = exists().where(
        publisher.edition == place.edition,
        publisher.org_unit_id == Programme.publisher_id,
        place.pre.between(publisher.pre, publisher.last),
    )
    return and_(target.effective_month > 1, has_ended.correlate(target), is_below.correlate(Programme, place))


def _on_own_line(identity: Identity, place: Any) -> tuple[ColumnElement[bool], ...]:
    own = identity.place
    above_or_own = and_(place.pre <= own.pre, place.last >= own.pre)
    below = place.pre.between(own.pre, own.last)
    wanted = or_(above_or_own, below) if identity.role in SUBTREE_ROLES else above_or_own
    return place.edition == own.edition, wanted
