"""Units with targets of a list that came to a superior, or left it, while the list's year ran or after it."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from tracker.domain.periods import Month
from tracker.models.org_unit import OrgPlace, OrgTenure, OrgUnit
from tracker.models.programme import Target
from tracker.services.programme_heads import Head
from tracker.services.tree import FIRST_EDITION, Unit

MOST_TRANSFERS = 100


class Transfer(NamedTuple):
    """A unit that left for another superior (``is_away``) or came from one; ``since``: the first month counted there."""

    code: str
    name: str
    other: str
    since: Month
    is_away: bool


def list_transfers(session: Session, head: Head, at: Unit) -> tuple[Transfer, ...]:
    """Moves to and from this superior of units that were ever assigned a target of the list, in order of time.

    Moves of the superior itself, or of one above it, changed nothing between it and its parts. No statement where
    no unit was ever moved.
    """
    if at.place.edition == FIRST_EDITION:
        return ()
    former, present, above = aliased(OrgPlace), aliased(OrgPlace), aliased(OrgUnit)
    came_to = func.coalesce(_parent_after(), present.parent_id)
    other = case((former.parent_id == at.id, came_to), else_=former.parent_id)
    was_assigned = (
        select(Target.id)
        .where(
            Target.programme_id == head.id,
            Target.org_unit_id == OrgTenure.org_unit_id,
            Target.is_assigned,
        )
        .exists()
    )
    wanted = (
        select(
            OrgUnit.code, OrgUnit.short_name, above.short_name.label("other"), OrgTenure.until, former.parent_id,
        )
        .select_from(OrgTenure)
        .join(OrgUnit, OrgUnit.id == OrgTenure.org_unit_id)
        .join(former, and_(former.org_unit_id == OrgUnit.id, former.edition == OrgTenure.edition))
        .join(present, and_(present.org_unit_id == OrgUnit.id, present.edition == at.place.edition))
        .join(above, above.id == other)
        .where(
            OrgTenure.is_end.is_(False), OrgTenure.root_id == OrgTenure.org_unit_id,
            OrgTenure.until > head.year * 12, or_(former.parent_id == at.id, came_to == at.id),
            former.parent_id != came_to, was_assigned,
        )
        .order_by(OrgTenure.until, OrgUnit.position, OrgUnit.code)
        .limit(MOST_TRANSFERS)
    )  # fmt: skip
    return tuple(
        Transfer(row.code, row.short_name, row.other, _month(row.until), row.parent_id == at.id)
        for row in session.execute(wanted)
    )


def _parent_after() -> object:
    """Right below whom the unit came, where it has been moved again since."""
    later, place = aliased(OrgTenure), aliased(OrgPlace)
    return (
        select(place.parent_id)
        .join(later, and_(later.org_unit_id == place.org_unit_id, later.edition == place.edition))
        .where(
            later.org_unit_id == OrgTenure.org_unit_id,
            later.is_end.is_(False),
            later.until > OrgTenure.until,
        )
        .order_by(later.until)
        .limit(1)
        .correlate(OrgTenure)
        .scalar_subquery()
    )


def _month(until: int) -> Month:
    return Month((until - 1) // 12, (until - 1) % 12 + 1)
