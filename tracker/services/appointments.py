"""Appointments as they are held: by whom, where, how long; and what an admin's duties allow beside each other."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, aliased

from tracker.domain.identity import Duty, Role
from tracker.domain.messages import Message
from tracker.models.account import Appointment, Person
from tracker.models.org_unit import OrgUnit
from tracker.services.chunks import chunked

CONFIRMED_ROLES = frozenset({Role.APPROVER, Role.REVIEWER, Role.AUDITOR, Role.ADMIN})
"""Who judges figures or people: their appointments and resets wait for a second person (document 5.1, rule 6).

Admins are among them, or one could make up the second person.
"""


class Held(NamedTuple):
    """An appointment of a person; ``stands_in_for`` is a name, ``until`` exclusive, ``duty`` None: all of an admin's work."""

    id: int
    person_id: int
    org_unit_id: int
    unit_code: str
    unit: str
    role: Role
    department: str | None
    duty: Duty | None
    stands_in_for: str | None
    since: datetime
    until: datetime | None
    origin: str
    granted_by: str | None
    confirmed_by: str | None

    def is_open(self, now: datetime) -> bool:
        """Whether it has not ended: in force, or yet to begin."""
        return self.until is None or self.until > now

    def is_in_force(self, now: datetime) -> bool:
        """Whether it gives rights now."""
        return self.since <= now and self.is_open(now)


def not_ended(now: datetime) -> ColumnElement[bool]:
    """Appointments in force or yet to begin."""
    return or_(Appointment.valid_to.is_(None), Appointment.valid_to > now)


def list_held(session: Session, person_ids: Collection[int]) -> dict[int, list[Held]]:
    """Every appointment these people ever held, newest first; person id → theirs."""
    found: dict[int, list[Held]] = {}
    absent, granter, confirmer = aliased(Person), aliased(Person), aliased(Person)
    for part in chunked(sorted(person_ids)):
        wanted = (
            select(
                Appointment.id, Appointment.person_id, Appointment.org_unit_id, OrgUnit.code, OrgUnit.short_name,
                Appointment.role, Appointment.department, Appointment.duty, absent.name, Appointment.valid_from,
                Appointment.valid_to, Appointment.origin, granter.name, confirmer.name,
            )
            .join(OrgUnit, OrgUnit.id == Appointment.org_unit_id)
            .join(absent, absent.id == Appointment.stands_in_for_id, isouter=True)
            .join(granter, granter.id == Appointment.granted_by_id, isouter=True)
            .join(confirmer, confirmer.id == Appointment.confirmed_by_id, isouter=True)
            .where(Appointment.person_id.in_(part))
            .order_by(Appointment.valid_from.desc(), Appointment.id.desc())
        )  # fmt: skip
        for row in session.execute(wanted):
            values: list[Any] = list(row)
            values[5], values[7] = Role(row.role), None if row.duty is None else Duty(row.duty)
            found.setdefault(row.person_id, []).append(Held(*values))
    return found


def duty_fault(role: str, duty: str | None, held: Iterable[Held], *, is_split: bool) -> Message | None:
    """What is wrong with an admin's duty beside the appointments held and not ended; None: nothing.

    ``is_split``: policy ``mlps``, under which each admin has one duty and nobody two.
    """
    if role != Role.ADMIN:
        return None if not duty else Message("只有管理员才分工")
    if duty and duty not in set(Duty):
        return Message("没有“{duty}”这项分工", {"duty": duty})
    if not is_split:
        return None
    if not duty:
        return Message("按等级保护要求，管理员须选定一项分工：系统、安全或审计")
    others = {one.duty for one in held if one.role is Role.ADMIN} - {Duty(duty)}
    return Message("按等级保护要求，一人不得兼任两项管理分工") if others else None
