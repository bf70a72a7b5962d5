"""Which of a unit's targets one notice is about."""

from __future__ import annotations

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from tracker.models.allocation import TargetNotice
from tracker.models.programme import Target


def list_issued(session: Session, notice_id: int) -> frozenset[int]:
    """The indicators whose target the unit got, or lost, by this notice."""
    is_its = and_(
        Target.programme_id == TargetNotice.programme_id,
        Target.org_unit_id == TargetNotice.org_unit_id,
        Target.posting_id == TargetNotice.posting_id,
    )
    wanted = select(Target.indicator_id).join(TargetNotice, is_its).where(TargetNotice.id == notice_id)
    return frozenset(session.scalars(wanted))
