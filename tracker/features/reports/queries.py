"""What the pages of reports read."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from tracker.domain.identity import Identity, Role
from tracker.domain.periods import Period
from tracker.models.account import Appointment, Person
from tracker.models.audit import AuditEntry
from tracker.models.period import SignatureWaiver
from tracker.models.report import Line
from tracker.services.sheets import Sheet
from tracker.services.visibility import find_visible_sheet


class Typist(NamedTuple):
    """Who typed a line last, and when (None: before that was written down)."""

    revision_id: int
    indicator_id: int
    name: str
    at: datetime | None = None


class Saver(NamedTuple):
    """Who saved something of a report last, and when."""

    name: str
    at: datetime


def find_sheet(session: Session, key: str, code: str, period: Period, *, seen_by: Identity) -> Sheet:
    """The sheet of a unit in sight. Raises ProgrammeNotFound, UnitNotFound, SheetNotFound."""
    return find_visible_sheet(session, key, code, period, seen_by=seen_by)


def list_typists(session: Session, revision_ids: Collection[int]) -> list[Typist]:
    """Who typed the lines of these revisions last."""
    wanted = (
        select(Line.revision_id, Line.indicator_id, Person.name, Line.typed_at)
        .join(Person, Person.id == Line.typed_by_id)
        .where(Line.revision_id.in_(revision_ids))
        .order_by(Line.revision_id, Line.indicator_id)
    )
    return [Typist(*row) for row in session.execute(wanted)]


def find_last_savers(session: Session, report_ids: Collection[int]) -> dict[int, Saver]:
    """Report id → who saved or moved it last."""
    wanted = (
        select(AuditEntry.subject_id, Person.name, AuditEntry.at)
        .join(Person, Person.id == AuditEntry.actor_id)
        .where(
            AuditEntry.subject_kind == "report", AuditEntry.subject_id.in_([str(key) for key in report_ids])
        )
        .order_by(AuditEntry.at, AuditEntry.id)
    )
    return {int(row.subject_id): Saver(row.name, row.at) for row in session.execute(wanted)}


def list_approvers(session: Session, org_unit_id: int, now: datetime) -> list[str]:
    """The names of a unit's approvers in office, by name."""
    wanted = (
        select(Person.name)
        .join(Appointment, Appointment.person_id == Person.id)
        .where(
            Appointment.org_unit_id == org_unit_id,
            Appointment.role == Role.APPROVER,
            Appointment.valid_from <= now,
            or_(Appointment.valid_to.is_(None), Appointment.valid_to > now),
        )
        .order_by(Person.name)
        .distinct()
    )
    return list(session.scalars(wanted))


def needs_signature(session: Session, programme_id: int, org_unit_id: int) -> bool:
    """Whether what this unit submits is signed before its superior judges it."""
    wanted = (
        select(SignatureWaiver.is_waived)
        .where(SignatureWaiver.programme_id == programme_id, SignatureWaiver.org_unit_id == org_unit_id)
        .order_by(SignatureWaiver.id.desc())
        .limit(1)
    )
    return not session.scalar(wanted)


def find_person_name(session: Session, person_id: int | None) -> str:
    """A person's name; "" for nobody."""
    return session.scalar(select(Person.name).where(Person.id == person_id)) or ""
