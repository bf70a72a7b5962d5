"""Acts done in somebody's place (代理): under which appointment each was done is known to the audit trail alone."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, case, exists, select
from sqlalchemy.orm import Session, aliased

from tracker.models.account import Appointment, Person
from tracker.models.audit import AuditEntry
from tracker.services.chunks import chunked


class StandIn(NamedTuple):
    """In whose place somebody acted, and until when they stand in (exclusive)."""

    absent: str
    until: datetime


Act = tuple[int | None, datetime | None]
"""A person, and the moment of their request: the trail has one appointment for both. Without either there is no act."""


def may_stand_in(person_id: Any, at: Any) -> ColumnElement[bool]:
    """Whether this person stood in for anybody at that moment: a column for reads that ask ``find_stand_ins`` then.

    Cheap, so that pages ask the trail only where somebody did; it cannot tell acts under an appointment of their own.
    """
    held = aliased(Appointment)
    return exists().where(
        held.person_id == person_id,
        held.stands_in_for_id.is_not(None),
        held.valid_from <= at,
        held.valid_to >= at,
    )


def doubtful_id(person_id: Any, at: Any) -> ColumnElement[Any]:
    """The person where they stood in for anybody at that moment, else NULL: one half of an act to ask about."""
    return case((may_stand_in(person_id, at), person_id))


def find_stand_ins(session: Session, acts: Collection[Act]) -> dict[Act, StandIn]:
    """Those of the acts that were done in somebody's place; no statement where there are no acts."""
    wanted, found = (
        {(who, at) for who, at in acts if who is not None and at is not None},
        dict[Act, StandIn](),
    )
    if not wanted:
        return found
    first, last = min(at for _person, at in wanted), max(at for _person, at in wanted)
    absent = aliased(Person)
    for part in chunked(sorted({person for person, _at in wanted})):
        told = (
            select(AuditEntry.actor_id, AuditEntry.at, absent.name, Appointment.valid_to)
            .join(Appointment, Appointment.id == AuditEntry.appointment_id)
            .join(absent, absent.id == Appointment.stands_in_for_id)
            .where(
                Appointment.person_id.in_(part),
                AuditEntry.actor_id == Appointment.person_id,
                AuditEntry.at.between(first, last),
            )
            .distinct()
        )
        for row in session.execute(told):
            if (row.actor_id, row.at) in wanted and row.valid_to is not None:
                found[row.actor_id, row.at] = StandIn(row.name, row.valid_to)
    return found


def stand_in_of(session: Session, appointment_id: int | None) -> StandIn | None:
    """In whose place one acts under this appointment: for what is written before the trail has its entry."""
    absent = aliased(Person)
    wanted = (
        select(absent.name, Appointment.valid_to)
        .join(absent, absent.id == Appointment.stands_in_for_id)
        .where(Appointment.id == appointment_id)
    )
    row = session.execute(wanted).one_or_none()
    return None if row is None or row.valid_to is None else StandIn(row.name, row.valid_to)
