"""Why something lies on a unit's desk again: what was written when it was returned or revoked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from tracker.domain.identity import Identity
from tracker.domain.workflow import Action, State
from tracker.models.programme import Programme
from tracker.models.report import Report, Revision, ThreadEntry
from tracker.services.desk import DeskList, DeskRow


class Asked(NamedTuple):
    """Which row: the reports of a list and period that were returned, or those that were revoked."""

    key: str
    period: str
    is_revoked: bool


def list_reasons(session: Session, identity: Identity, rows: Sequence[DeskRow]) -> Mapping[Asked, list[str]]:
    """What was asked of the own unit, by row, each wording once, the newest first; read only where a row asks for it."""
    if not any(row.list is DeskList.RETURNED or row.is_revoked for row in rows):
        return {}
    is_copy = and_(Revision.state == State.DRAFT, Revision.answer_by.is_not(None))
    wanted = (
        select(Report.id, Programme.key, Report.period, Revision.state, ThreadEntry.text)
        .join(Programme, Programme.id == Report.programme_id)
        .join(Revision, Revision.report_id == Report.id)
        .join(ThreadEntry, ThreadEntry.report_id == Report.id)
        .where(
            Report.org_unit_id == identity.place.org_unit_id,
            or_(Revision.state == State.RETURNED, is_copy),
            ThreadEntry.action.in_((Action.RETURN, Action.REVOKE)),
        )
        .order_by(ThreadEntry.id.desc())
    )
    told: dict[int, tuple[Asked, str]] = {}
    for row in session.execute(wanted):
        asked = Asked(row.key, row.period, is_revoked=row.state == State.DRAFT)
        told.setdefault(row.id, (asked, row.text))
    reasons: dict[Asked, dict[str, None]] = defaultdict(dict)
    for asked, text in told.values():
        reasons[asked][text] = None
    return {asked: list(texts) for asked, texts in reasons.items()}


def asked_of(row: DeskRow) -> Asked:
    """Under which name the reasons of a row of the desk are found."""
    return Asked(row.key, row.period.key, row.is_revoked)
