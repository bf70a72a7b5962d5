"""What the pages of reports read."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from tracker.domain.identity import Identity, Role
from tracker.domain.messages import NotFound
from tracker.domain.periods import Period
from tracker.models.account import Appointment, Person
from tracker.models.report import Line
from tracker.services.sheets import Sheet, load_sheet
from tracker.services.visibility import find_visible_head, find_visible_unit

UNIT_ROLES = frozenset({Role.REPORTER, Role.APPROVER})


class SheetNotFound(NotFound):
    """The programme has no such period."""


class Typist(NamedTuple):
    """Who typed a line last."""

    revision_id: int
    indicator_id: int
    name: str


def find_sheet(session: Session, key: str, code: str, period: Period, *, seen_by: Identity) -> Sheet:
    """The sheet of a unit in sight; drafts are shown to its own reporters and approvers only.

    Raises ProgrammeNotFound, UnitNotFound, SheetNotFound.
    """
    head = find_visible_head(session, key, seen_by=seen_by)
    if head.state == "draft" or (period.year, period.rhythm) != (head.year, head.rhythm):
        raise SheetNotFound("这份清单没有这个报告期")
    unit = find_visible_unit(session, code, seen_by=seen_by)
    sees_drafts = seen_by.role in UNIT_ROLES and seen_by.place.org_unit_id == unit.id
    return load_sheet(session, head, unit, period, sees_drafts=sees_drafts)


def list_typists(session: Session, revision_ids: Collection[int]) -> list[Typist]:
    """Who typed the lines of these revisions last."""
    wanted = (
        select(Line.revision_id, Line.indicator_id, Person.name)
        .join(Person, Person.id == Line.typed_by_id)
        .where(Line.revision_id.in_(revision_ids))
        .order_by(Line.revision_id, Line.indicator_id)
    )
    return [Typist(*row) for row in session.execute(wanted)]


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


def find_person_name(session: Session, person_id: int | None) -> str:
    """A person's name; "" for nobody."""
    return session.scalar(select(Person.name).where(Person.id == person_id)) or ""
