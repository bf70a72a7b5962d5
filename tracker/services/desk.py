"""What waits for a person: sheets to fill, to mend, to judge, under way and late, each with one next action."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from tracker.domain.identity import Identity, Role
from tracker.domain.periods import Period
from tracker.domain.workflow import State
from tracker.models.org_unit import OrgPlace
from tracker.models.programme import Pledge, Programme
from tracker.models.report import Report, Revision
from tracker.services.programme_heads import list_heads
from tracker.services.visibility import visible_programmes

EARLY = timedelta(days=7)
"""A running period appears on the desk this long before it ends."""


class DeskList(StrEnum):
    """The lists of a desk, in the order in which they are shown."""

    RETURNED = "returned"  # mine to mend
    TO_JUDGE = "to_judge"  # mine to sign or accept
    DUE = "due"  # mine to fill
    WAITING = "waiting"  # handed in, at somebody else's desk
    LATE = "late"  # others' sheets that are overdue


class DeskAction(StrEnum):
    """The one thing to do next about a row."""

    FILL = "fill"
    MEND = "mend"
    JUDGE = "judge"
    SEE = "see"


class DeskRow(NamedTuple):
    """One sheet on a desk. ``since``: from when it lies there; ``until``: its deadline; ``count``: its reports."""

    list: DeskList
    action: DeskAction
    key: str
    programme: str
    code: str
    unit: str
    period: Period
    since: datetime | None
    until: datetime | None
    count: int
    state: State | None = None
    is_late: bool = False


class SheetPlace(NamedTuple):
    """Which sheet."""

    key: str
    code: str
    period: Period


class Badges(NamedTuple):
    """How many sheets wait for a person: to mend, and to judge."""

    to_mend: int
    to_judge: int


class _Group(NamedTuple):
    """The reports of one unit and period in one state."""

    programme_id: int
    org_unit_id: int
    period: str
    state: State
    count: int
    since: datetime | None
    answer_by: datetime | None


def list_desk(session: Session, identity: Identity, today: datetime) -> list[DeskRow]:
    """Everything on this person's desk, lists in their order, the oldest first within each."""
    heads = list_heads(
        session, visible_programmes(identity).where(Programme.state.in_(("published", "running")))
    )
    if identity.role in (Role.REPORTER, Role.APPROVER):
        rows = _unit_desk(session, identity, heads, today)
    elif identity.role is Role.REVIEWER:
        rows = _reviewer_desk(session, identity, heads, today)
    else:
        rows = []
    order = list(DeskList)
    return sorted(rows, key=lambda row: (order.index(row.list), row.period.end, row.since or today, row.code))


def find_next_sheet(session: Session, identity: Identity, today: datetime) -> SheetPlace | None:
    """The sheet a reporter should open now: returned ones first, then the one due longest, then any under way."""
    rows = list_desk(session, identity, today)
    mine = [row for row in rows if row.code == identity.appointment.org_unit_code]
    return SheetPlace(mine[0].key, mine[0].code, mine[0].period) if mine else None


def count_badges(session: Session, identity: Identity) -> Badges:
    """The two counts beside the bar, in one statement."""
    wanted = _wanted_states(identity)
    if not wanted:
        return Badges(0, 0)
    sheets = (
        select(Report.programme_id, Report.org_unit_id, Report.period, Revision.state)
        .join(Revision, Revision.report_id == Report.id)
        .join(Pledge, Pledge.id == Report.pledge_id)
        .join(Programme, Programme.id == Report.programme_id)
        .join(
            OrgPlace,
            and_(OrgPlace.org_unit_id == Report.org_unit_id, OrgPlace.edition == identity.place.edition),
        )
        .where(Revision.state.in_(wanted), _on_my_desk(identity))
        .distinct()
        .subquery()
    )
    counted = {
        State(row.state): row.count
        for row in session.execute(
            select(sheets.c.state, func.count().label("count")).group_by(sheets.c.state)
        )
    }
    to_judge = counted.get(State.SUBMITTED, 0) + counted.get(State.SIGNED, 0)
    return Badges(to_mend=counted.get(State.RETURNED, 0), to_judge=to_judge)


def _wanted_states(identity: Identity) -> tuple[State, ...]:
    states: Mapping[Role, tuple[State, ...]] = {
        Role.REPORTER: (State.RETURNED,),
        Role.APPROVER: (State.SUBMITTED,),
        Role.REVIEWER: (State.SIGNED,),
    }
    return states.get(identity.role, ())
