"""What hangs on a unit: the lists it takes part in, its targets, people and open reports; read before it changes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, func, select, union
from sqlalchemy.orm import Session

from tracker.domain.workflow import PROVISIONAL, State
from tracker.models.ledger import Entry
from tracker.models.org_unit import OrgPlace, OrgTenure, OrgUnit
from tracker.models.programme import Indicator, Pledge, Programme, Target
from tracker.models.report import Report, Revision
from tracker.services.chunks import chunked
from tracker.services.tree import Unit

MOST_NAMED = 50


class Listed(NamedTuple):
    """A list as moves see it."""

    id: int
    key: str
    title: str
    publisher_id: int
    year: int
    state: str


class OpenReport(NamedTuple):
    """A report that nobody has accepted yet, of the pledge with this number and title.

    ``month`` is year × 12 + month of its period's last month.
    """

    key: str
    title: str
    unit_code: str
    unit: str
    period: str
    publisher_id: int
    month: int
    number: int
    pledge: str
    state: State


def list_lists_of(session: Session, publishers: Collection[int]) -> list[Listed]:
    """Every list of these publishers, in order."""
    wanted = (
        select(
            Programme.id,
            Programme.key,
            Programme.title,
            Programme.publisher_id,
            Programme.year,
            Programme.state,
        )
        .where(Programme.publisher_id.in_(sorted(publishers)))
        .order_by(Programme.year, Programme.id)
    )
    return [Listed(*row) for row in session.execute(wanted)]


def subtree_ids(place: Any) -> Select[int]:
    """The ids at and below a place."""
    return select(OrgPlace.org_unit_id).where(
        OrgPlace.edition == place.edition, OrgPlace.pre.between(place.pre, place.last)
    )


def units_in_play(session: Session, programme_id: int, units: Select[int]) -> set[int]:
    """Those of ``units`` that have figures or targets in a list."""
    return set(session.scalars(union(_with_targets(programme_id, units), _with_figures(programme_id, units))))


def is_in_play(session: Session, programme_id: int, units: Select[int]) -> bool:
    """Whether there are any; targets are asked for first, which are fewer."""
    found = (_with_targets(programme_id, units), _with_figures(programme_id, units))
    return any(session.scalar(wanted.limit(1)) is not None for wanted in found)


def _with_targets(programme_id: int, units: Select[int]) -> Select[int]:
    return select(Target.org_unit_id).where(
        Target.programme_id == programme_id, Target.org_unit_id.in_(units)
    )


def _with_figures(programme_id: int, units: Select[int]) -> Select[int]:
    indicators = select(Indicator.id).where(Indicator.programme_id == programme_id)
    return select(Entry.org_unit_id).where(Entry.indicator_id.in_(indicators), Entry.org_unit_id.in_(units))


def last_accepted(session: Session, programme_ids: Iterable[int], units: Select[int]) -> int:
    """The last month (year × 12 + month) for which a figure of ``units`` counts in these lists; 0: none."""
    month = Programme.year * 12 + Report.month
    found = 0
    for part in chunked(sorted(programme_ids)):
        wanted = (
            select(func.max(month))
            .join(Programme, Programme.id == Report.programme_id)
            .join(Revision, Revision.report_id == Report.id)
            .where(
                Report.programme_id.in_(part),
                Report.org_unit_id.in_(units),
                Revision.state == State.ACCEPTED,
            )
        )
        found = max(found, session.scalar(wanted) or 0)
    return found


def list_open_reports(
    session: Session,
    units: Select[int],
    *,
    programme_ids: Collection[int] | None = None,
    states: Collection[State] = PROVISIONAL,
) -> list[OpenReport]:
    """Reports of ``units`` in these states, the oldest first; at most ``MOST_NAMED``."""
    wanted = (
        select(
            Programme.key,
            Programme.title,
            OrgUnit.code,
            OrgUnit.short_name,
            Report.period,
            Programme.publisher_id,
            (Programme.year * 12 + Report.month).label("month"),
            Pledge.number,
            Pledge.title.label("pledge"),
            Revision.state,
        )
        .select_from(Report)
        .join(Pledge, Pledge.id == Report.pledge_id)
        .join(Revision, Revision.report_id == Report.id)
        .join(Programme, Programme.id == Report.programme_id)
        .join(OrgUnit, OrgUnit.id == Report.org_unit_id)
        .where(Report.org_unit_id.in_(units), Revision.state.in_(sorted(states)))
        .order_by(Report.month, Programme.id, OrgUnit.code, Revision.id)
        .limit(MOST_NAMED)
    )
    if programme_ids is not None:
        wanted = wanted.where(Report.programme_id.in_(sorted(programme_ids)))
    return [OpenReport(*row[:9], State(row.state)) for row in session.execute(wanted)]


def latest_tenure(session: Session, units: Select[int]) -> int:
    """The month from which the newest move or end of ``units`` counts; 0: never moved."""
    return session.scalar(select(func.max(OrgTenure.until)).where(OrgTenure.org_unit_id.in_(units))) or 0


def list_lists_in_play(session: Session, unit: Unit, publishers: Sequence[int]) -> list[Listed]:
    """The lists of these publishers in which the unit, or one below it, has a target or figures."""
    below = subtree_ids(unit.place)
    lists = list_lists_of(session, publishers)
    return [one for one in lists if is_in_play(session, one.id, below)]


def has_open_children(session: Session, unit: Unit) -> bool:
    """Whether units that are not closed stand right below."""
    wanted = (
        select(OrgUnit.id)
        .join(OrgPlace, and_(OrgPlace.org_unit_id == OrgUnit.id, OrgPlace.edition == unit.place.edition))
        .where(OrgPlace.parent_id == unit.id, OrgUnit.valid_to.is_(None))
        .limit(1)
    )
    return session.scalar(wanted) is not None
