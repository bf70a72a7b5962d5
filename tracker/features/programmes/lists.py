"""Reading the lists in sight, for the page that shows them."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.domain.identity import Identity
from tracker.models.org_unit import OrgUnit
from tracker.models.programme import Indicator, Pledge, Programme
from tracker.services.visibility import visible_programmes

MOST_LISTS = 200


class ListedProgramme(NamedTuple):
    """One list with its size."""

    key: str
    title: str
    publisher: str
    year: int
    state: str
    pledges: int
    indicators: int


def list_programmes(session: Session, *, seen_by: Identity) -> list[ListedProgramme]:
    """The lists in sight, newest year first, then by publisher; at most MOST_LISTS."""
    pledges = (
        select(func.count())
        .where(Pledge.programme_id == Programme.id, Pledge.is_dropped.is_(False))
        .scalar_subquery()
    )
    indicators = (
        select(func.count())
        .where(Indicator.programme_id == Programme.id, Indicator.is_dropped.is_(False))
        .scalar_subquery()
    )
    wanted = (
        select(
            Programme.key, Programme.title, OrgUnit.name, Programme.year, Programme.state, pledges, indicators
        )
        .join(OrgUnit, OrgUnit.id == Programme.publisher_id)
        .where(Programme.id.in_(visible_programmes(seen_by)))
        .order_by(Programme.year.desc(), OrgUnit.code, Programme.slug)
        .limit(MOST_LISTS)
    )
    return [ListedProgramme(*row) for row in session.execute(wanted)]
