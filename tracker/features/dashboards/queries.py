"""What the overview reads beside the progress table: where the due period's reports stand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.domain.periods import Period
from tracker.domain.workflow import OPEN, State
from tracker.models.org_unit import OrgUnit
from tracker.models.report import Report, Revision


class UnderWay(NamedTuple):
    """Reports of one unit and period that stand in one state."""

    org_unit_id: int
    code: str
    name: str
    period: str
    state: State
    reports: int
    submission_number: int
    since: datetime


def list_under_way(session: Session, programme_id: int, unit_ids: Sequence[int]) -> list[UnderWay]:
    """Open revisions of these units, longest waiting first."""
    since = func.min(func.coalesce(Revision.signed_at, Revision.submitted_at, Revision.changed_at))
    wanted = (
        select(
            Report.org_unit_id,
            OrgUnit.code,
            OrgUnit.name,
            Report.period,
            Revision.state,
            func.count().label("reports"),
            func.max(Revision.submission_number).label("submission_number"),
            since.label("since"),
        )
        .join(Revision, Revision.report_id == Report.id)
        .join(OrgUnit, OrgUnit.id == Report.org_unit_id)
        .where(
            Report.programme_id == programme_id,
            Report.org_unit_id.in_(unit_ids),
            Revision.state.in_(sorted(OPEN)),
        )
        .group_by(Report.org_unit_id, OrgUnit.code, OrgUnit.name, Report.period, Revision.state)
        .order_by(since, OrgUnit.code)
    )
    return [UnderWay(**row._asdict() | {"state": State(row.state)}) for row in session.execute(wanted)]


def state_of_period(rows: Sequence[UnderWay], org_unit_id: int, period: Period) -> State | None:
    """The least advanced state of a unit's open reports for a period; None when it has begun none."""
    order = [State.RETURNED, State.DRAFT, State.SUBMITTED, State.SIGNED]
    states = {row.state for row in rows if row.org_unit_id == org_unit_id and row.period == period.key}
    return next((state for state in order if state in states), None)
