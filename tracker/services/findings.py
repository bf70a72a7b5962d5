"""Findings as desks list them: what a unit has to answer, and what its auditors wait for."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.domain.findings import WAITING, FindingState
from tracker.domain.identity import Identity
from tracker.models.auditing import Finding
from tracker.models.org_unit import OrgUnit
from tracker.services.visibility import visible_units

MOST_FINDINGS = 200
UNSETTLED = (FindingState.OPEN, FindingState.REOPENED, FindingState.ANSWERED)


class FindingRow(NamedTuple):
    """One finding. ``due`` goes by the calendar of deadlines."""

    id: int
    title: str
    unit: str
    state: FindingState
    due: datetime
    raised_at: datetime

    def is_overdue(self, today: datetime) -> bool:
        """Whether the unit's answer is late by the calendar."""
        return self.state in WAITING and today >= self.due


def list_findings(
    session: Session, *, seen_by: Identity, states: Collection[FindingState] = UNSETTLED
) -> list[FindingRow]:
    """Findings in sight in these states, the nearest deadline first; a unit's staff sees its own unit's."""
    wanted = (
        select(
            Finding.id, Finding.title, OrgUnit.short_name, Finding.state, Finding.due, Finding.raised_at
        )
        .join(OrgUnit, OrgUnit.id == Finding.org_unit_id)
        .where(Finding.org_unit_id.in_(visible_units(seen_by)), Finding.state.in_(sorted(states)))
        .order_by(Finding.due, Finding.id)
        .limit(MOST_FINDINGS)
    )  # fmt: skip
    return [
        FindingRow(row[0], row[1], row[2], FindingState(row[3]), row[4], row[5])
        for row in session.execute(wanted)
    ]
