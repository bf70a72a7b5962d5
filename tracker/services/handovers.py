"""Queues handed to colleagues: who looks after whose waiting reports, and who could."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from tracker.domain.identity import Identity
from tracker.models.account import Account, Appointment, Person
from tracker.models.handover import QueueHandover
from tracker.services.stand_ins import StandIn, doubtful_id, find_stand_ins


class Handover(NamedTuple):
    """A queue that somebody else looks after now; ``until``: by the calendar of deadlines, None: until taken back.

    ``stand_in``: in whose place it was recorded.
    """

    id: int
    from_id: int
    from_name: str
    to_id: int
    to_name: str
    until: datetime | None
    reason: str
    by: str
    at: datetime
    stand_in: StandIn | None = None

    def involves(self, person_id: int) -> bool:
        """Whether this person handed over or took over."""
        return person_id in (self.from_id, self.to_id)


class Colleague(NamedTuple):
    """Somebody else with the same role at the same unit."""

    person_id: int
    name: str


def list_handovers(session: Session, identity: Identity, today: datetime) -> list[Handover]:
    """The queues of this person's unit and role that a colleague looks after ``today``, oldest first."""
    if not _has_queue(identity):
        return []
    newest = (
        select(func.max(QueueHandover.id))
        .where(
            QueueHandover.org_unit_id == identity.appointment.org_unit_id,
            QueueHandover.role == identity.role,
        )
        .group_by(QueueHandover.from_person_id)
    )
    giver, taker, recorder = aliased(Person), aliased(Person), aliased(Person)
    wanted = (
        select(
            QueueHandover.id, giver.id, giver.name, taker.id, taker.name, QueueHandover.until,
            QueueHandover.reason, recorder.name, QueueHandover.at,
            doubtful_id(QueueHandover.by_id, QueueHandover.at).label("doubtful_id"),
        )
        .join(giver, giver.id == QueueHandover.from_person_id)
        .join(taker, taker.id == QueueHandover.to_person_id)
        .join(recorder, recorder.id == QueueHandover.by_id)
        .where(
            QueueHandover.id.in_(newest),
            or_(QueueHandover.until.is_(None), QueueHandover.until > today),
        )
        .order_by(QueueHandover.id)
    )  # fmt: skip
    rows: Sequence[Any] = session.execute(wanted).all()
    found = find_stand_ins(session, {(row.doubtful_id, row.at) for row in rows})
    return [Handover(*row[:-1])._replace(stand_in=found.get((row.doubtful_id, row.at))) for row in rows]


def list_colleagues(session: Session, identity: Identity, now: datetime) -> list[Colleague]:
    """Those who hold the same role at the same unit now and may judge what this person may, by name."""
    own = identity.appointment
    may_judge = or_(Appointment.department.is_(None), Appointment.department == own.department)
    wanted = (
        select(Person.id, Person.name)
        .join(Appointment, Appointment.person_id == Person.id)
        .join(Account, Account.person_id == Person.id)
        .where(
            Appointment.org_unit_id == own.org_unit_id,
            Appointment.role == identity.role,
            Appointment.valid_from <= now,
            or_(Appointment.valid_to.is_(None), Appointment.valid_to > now),
            Account.closed_at.is_(None),
            Person.id != identity.person_id,
            may_judge,
        )
        .distinct()
        .order_by(Person.name, Person.id)
    )
    return [Colleague(*row) for row in session.execute(wanted)]


def _has_queue(identity: Identity) -> bool:
    return identity.role in ("approver", "reviewer")
