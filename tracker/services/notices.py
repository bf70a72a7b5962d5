"""Reminders as they stand: those a unit has not answered yet."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, ScalarSelect, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from tracker.domain.identity import Identity, Role
from tracker.domain.periods import Period
from tracker.domain.workflow import State
from tracker.models.account import Person
from tracker.models.notice import Notice
from tracker.models.org_unit import OrgUnit
from tracker.models.programme import Programme
from tracker.models.report import Report, Revision, Submission

UNIT_STAFF = frozenset({Role.REPORTER, Role.APPROVER})


class Reminder(NamedTuple):
    """A reminder on the desk of the unit's people; ``needs_signature``: handed in, and waiting to be signed."""

    id: int
    key: str
    programme: str
    code: str
    period: Period
    text: str
    by: str
    at: datetime
    is_read: bool
    needs_signature: bool


def list_reminders(session: Session, identity: Identity) -> list[Reminder]:
    """What the own unit has been reminded of and not answered, the newest first."""
    if identity.role not in UNIT_STAFF:
        return []
    wanted = (
        select(
            Notice.id, Programme.key, Programme.title, OrgUnit.code, Notice.period, Notice.text, Person.name,
            Notice.at, Notice.read_at.is_not(None), is_waiting_to_be_signed(),
        )
        .join(Programme, Programme.id == Notice.programme_id)
        .join(OrgUnit, OrgUnit.id == Notice.org_unit_id)
        .join(Person, Person.id == Notice.by_id)
        .where(is_standing_for(identity))
        .order_by(Notice.id.desc())
    )  # fmt: skip
    newest: dict[tuple[str, str], Reminder] = {}
    for row in session.execute(wanted):
        values = list(row)
        values[4] = Period.parse(row.period)
        newest.setdefault((row.key, row.period), Reminder(*values))
    return list(newest.values())


def reminders_count(identity: Identity) -> ScalarSelect[int]:
    """How many periods this person's unit is being reminded of, as part of another statement."""
    periods = select(Notice.programme_id, Notice.period).where(is_standing_for(identity)).distinct()
    return select(func.count()).select_from(periods.subquery()).scalar_subquery()


def is_standing_for(identity: Identity) -> ColumnElement[bool]:
    """Whether a notice still asks something of this person: of approvers also to sign what was handed in."""
    unanswered = ~_is_answered()
    if identity.role is Role.APPROVER:
        unanswered = or_(unanswered, is_waiting_to_be_signed())
    own = Notice.org_unit_id == identity.place.org_unit_id
    return and_(own, Notice.withdrawn_at.is_(None), unanswered)


def _same_sheet() -> ColumnElement[bool]:
    return and_(
        Report.programme_id == Notice.programme_id,
        Report.org_unit_id == Notice.org_unit_id,
        Report.period == Notice.period,
    )


def _is_answered() -> ColumnElement[bool]:
    """Whether the sheet was handed in since."""
    return (
        exists()
        .where(
            Submission.revision_id == Revision.id,
            Revision.report_id == Report.id,
            Submission.at > Notice.at,
            _same_sheet(),
        )
        .correlate(Notice)
    )


def is_waiting_to_be_signed() -> ColumnElement[bool]:
    """Whether something of the notice's sheet is handed in and not signed yet."""
    return (
        exists()
        .where(Revision.report_id == Report.id, Revision.state == State.SUBMITTED, _same_sheet())
        .correlate(Notice)
    )
