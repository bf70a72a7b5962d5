"""Who acted, by name or login, and what belongs to one subject: conditions on entries of the trail."""

from __future__ import annotations

from typing import Final

from sqlalchemy import ColumnElement, ScalarSelect, Select, String, and_, cast, or_, select
from sqlalchemy.orm import Session

from tracker.models.account import Account, Appointment, Person
from tracker.models.audit import AuditEntry
from tracker.models.bulletin import Bulletin, BulletinIssue
from tracker.models.org_unit import OrgUnit
from tracker.models.programme import Programme

MOST_NAMESAKES: Final = 500


def acted_by(session: Session, text: str) -> ColumnElement[bool]:
    """Entries of people whose name or login holds this text; of operators, those who signed with it.

    People are looked up first, so that the trail itself is read by their numbers.
    """
    by_login = select(Account.person_id).where(Account.login.contains(text, autoescape=True))
    named = select(Person.id).where(or_(Person.name.contains(text, autoescape=True), Person.id.in_(by_login)))
    people = session.scalars(named.order_by(Person.id).limit(MOST_NAMESAKES)).all()
    as_operator = and_(AuditEntry.actor_id.is_(None), AuditEntry.actor_label.contains(text, autoescape=True))
    return or_(AuditEntry.actor_id.in_(people), as_operator) if people else as_operator


def about(kind: str, subject_id: str) -> ColumnElement[bool]:
    """Everything about one subject: of an account its appointments too, of a list its targets and bulletins, of a
    unit all that was done for it.
    """
    itself = and_(AuditEntry.subject_kind == kind, AuditEntry.subject_id == subject_id)
    if kind == "org_unit":
        return or_(itself, AuditEntry.org_unit_id == _unit_id(subject_id))
    parts = {
        "account": (_part("appointment", _appointments(subject_id)),),
        "programme": (
            and_(AuditEntry.subject_kind == "targets", AuditEntry.subject_id == subject_id),
            _part("bulletin", _bulletins(subject_id)),
        ),
    }
    return or_(itself, *parts.get(kind, ()))


def _part(kind: str, ids: Select[str]) -> ColumnElement[bool]:
    return and_(AuditEntry.subject_kind == kind, AuditEntry.subject_id.in_(ids))


def _unit_id(code: str) -> ScalarSelect[int]:
    return select(OrgUnit.id).where(OrgUnit.code == code).scalar_subquery()


def _appointments(account_id: str) -> Select[str]:
    return (
        select(cast(Appointment.id, String))
        .join(Account, Account.person_id == Appointment.person_id)
        .where(Account.id == (int(account_id) if account_id.isdecimal() and len(account_id) < 19 else 0))
    )


def _bulletins(key: str) -> Select[str]:
    serial = Programme.key + "/" + Bulletin.period + "/" + cast(BulletinIssue.number, String)
    return (
        select(serial)
        .join(Bulletin, Bulletin.programme_id == Programme.id)
        .join(BulletinIssue, BulletinIssue.bulletin_id == Bulletin.id)
        .where(Programme.key == key)
    )
