"""What waits for those who neither report nor judge: bulletins to countersign, changes to look at, appointments that end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from tracker.domain.identity import Identity, Role
from tracker.domain.periods import Period
from tracker.domain.workflow import Action
from tracker.models.account import Account, Appointment, Person
from tracker.models.bulletin import Bulletin, BulletinIssue
from tracker.models.org_unit import OrgPlace, OrgUnit
from tracker.models.programme import Programme
from tracker.models.report import Report, ThreadEntry

LOOK_BACK: Final = timedelta(days=30)
LOOK_AHEAD: Final = timedelta(days=30)
MOST_SHOWN: Final = 20


class Draft(NamedTuple):
    """A drafted issue of a bulletin of the own unit that still needs a second person."""

    key: str
    programme: str
    period: Period
    number: int
    drafted_by: str
    drafted_at: datetime


class Change(NamedTuple):
    """What was accepted and then corrected or revoked."""

    key: str
    code: str
    unit: str
    period: Period
    action: Action
    by: str
    at: datetime
    text: str


class Grant(NamedTuple):
    """An appointment in the subtree."""

    person: str
    role: Role
    unit: str
    since: datetime
    until: datetime | None


def list_to_countersign(session: Session, identity: Identity) -> list[Draft]:
    """Drafted issues of the own unit's bulletins, by somebody else, the oldest first."""
    wanted = (
        select(
            Programme.key, Programme.title, Bulletin.period, BulletinIssue.number, Person.name,
            BulletinIssue.drafted_at,
        )
        .join(Bulletin, Bulletin.id == BulletinIssue.bulletin_id)
        .join(Programme, Programme.id == Bulletin.programme_id)
        .join(Person, Person.id == BulletinIssue.drafted_by_id)
        .where(
            BulletinIssue.state == "draft",
            Programme.publisher_id == identity.place.org_unit_id,
            BulletinIssue.drafted_by_id != identity.person_id,
        )
        .order_by(BulletinIssue.drafted_at, BulletinIssue.id)
        .limit(MOST_SHOWN)
    )  # fmt: skip
    return [Draft(row[0], row[1], Period.parse(row[2]), *row[3:]) for row in session.execute(wanted)]


def list_changes(session: Session, identity: Identity, now: datetime) -> list[Change]:
    """Corrections and revocations of the last thirty days in the subtree, newest first, one for each sheet and act."""
    wanted = (
        select(
            Programme.key, OrgUnit.code, OrgUnit.short_name, Report.period, ThreadEntry.action, Person.name,
            ThreadEntry.at, ThreadEntry.text,
        )
        .join(Report, Report.id == ThreadEntry.report_id)
        .join(Programme, Programme.id == Report.programme_id)
        .join(OrgUnit, OrgUnit.id == Report.org_unit_id)
        .join(OrgPlace, OrgPlace.org_unit_id == OrgUnit.id)
        .join(Person, Person.id == ThreadEntry.person_id)
        .where(
            ThreadEntry.action.in_([Action.CORRECT, Action.REVOKE]),
            ThreadEntry.at >= now - LOOK_BACK,
            _below(identity),
        )
        .order_by(ThreadEntry.at.desc(), ThreadEntry.id.desc())
        .limit(MOST_SHOWN * 12)
    )  # fmt: skip
    found: dict[tuple[object, ...], Change] = {}
    for row in session.execute(wanted):
        one = Change(*row[:3], Period.parse(row[3]), Action(row[4]), *row[5:])
        found.setdefault((one.key, one.code, one.period, one.action, one.at), one)
    return list(found.values())[:MOST_SHOWN]


def list_new_grants(session: Session, identity: Identity, now: datetime) -> list[Grant]:
    """Appointments of those who judge and audit that began in the last thirty days, newest first."""
    roles = (Role.APPROVER, Role.REVIEWER, Role.AUDITOR)
    condition = and_(Appointment.role.in_(roles), Appointment.valid_from.between(now - LOOK_BACK, now))
    return _list_grants(session, identity, condition, Appointment.valid_from.desc())


def list_ending(session: Session, identity: Identity, now: datetime) -> list[Grant]:
    """Appointments that end within thirty days, the first first."""
    condition = Appointment.valid_to.between(now, now + LOOK_AHEAD)
    return _list_grants(session, identity, condition, Appointment.valid_to.asc())


def _list_grants(
    session: Session, identity: Identity, condition: ColumnElement[bool], order: ColumnElement[Any]
) -> list[Grant]:
    wanted = (
        select(
            Person.name, Appointment.role, OrgUnit.short_name, Appointment.valid_from, Appointment.valid_to
        )
        .join(Person, Person.id == Appointment.person_id)
        .join(Account, Account.person_id == Person.id)
        .join(OrgUnit, OrgUnit.id == Appointment.org_unit_id)
        .join(OrgPlace, OrgPlace.org_unit_id == OrgUnit.id)
        .where(condition, Account.closed_at.is_(None), _below(identity))
        .order_by(order, Appointment.id)
        .limit(MOST_SHOWN)
    )
    return [Grant(row[0], Role(row[1]), *row[2:]) for row in session.execute(wanted)]


def _below(identity: Identity) -> ColumnElement[bool]:
    own = identity.place
    return and_(OrgPlace.edition == own.edition, OrgPlace.pre >= own.pre, OrgPlace.pre <= own.last)
