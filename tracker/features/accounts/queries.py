"""What the pages of accounts read."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from tracker.domain.identity import Identity, Role
from tracker.models.account import (
    Account,
    Appointment,
    Person,
    RecoveryCode,
    SecondFactor,
    SignInAttempt,
)
from tracker.models.audit import AuditEntry
from tracker.models.org_unit import OrgUnit
from tracker.models.programme import Programme
from tracker.services.account_links import Holder
from tracker.services.visibility import visible_programmes

MOST_ON_DESK = 20
MOST_SIGN_INS: Final = 20
LOOK_BACK: Final = timedelta(days=90)
TOLD_OF: Final = {
    "session.begun": "begun",
    "session.code_asked": "code_asked",
    "second_factor.reset": "factor_reset",
    "second_factor.confirmed": "factor_reset",
}
"""Acts on an account its owner is told of among the sign-ins → their outcome."""


class Credentials(NamedTuple):
    """What a password is checked against."""

    account_id: int
    person_id: int
    login: str
    name: str
    password_hash: str
    language: str
    has_second_factor: bool
    has_password: bool


class Factor(NamedTuple):
    """An account's second factor: its secret as stored, and how many recovery codes are left."""

    account_id: int
    secret: str
    code_salt: str
    enrolled_at: datetime
    codes_left: int


class AccountFound(NamedTuple):
    """An account as an operator names it; the unit is that of its first appointment."""

    account_id: int
    name: str
    org_unit_id: int | None
    login: str
    email: str | None

    @property
    def holder(self) -> Holder:
        """Whom letters go to."""
        return Holder(self.account_id, self.name, self.login, self.email)


class OwnAppointment(NamedTuple):
    """An appointment as its holder is shown it; ``until`` None: without an end."""

    id: int
    role: Role
    org_unit_name: str
    department: str | None
    since: datetime
    until: datetime | None
    stands_in_for: str | None


class SignInTold(NamedTuple):
    """One sign-in or try as the account's owner is told it.

    ``outcome``: ``begun`` · ``code_asked`` (the password was right) · ``factor_reset`` (somebody took the second
    factor off) · ``wrong_password`` · ``wrong_code``.
    """

    at: datetime
    address: str
    outcome: str


class ProgrammeOnDesk(NamedTuple):
    """A list as the desk names it."""

    key: str
    title: str
    year: int
    state: str
    publisher_name: str


def find_credentials(session: Session, login: str) -> Credentials | None:
    """The open account with this login."""
    wanted = (
        select(
            Account.id, Account.person_id, Account.login, Person.name, Account.password_hash,
            Account.language, SecondFactor.account_id.is_not(None), Account.has_password,
        )
        .join(Person, Person.id == Account.person_id)
        .outerjoin(SecondFactor, SecondFactor.account_id == Account.id)
        .where(Account.login == login, Account.closed_at.is_(None))
    )  # fmt: skip
    row = session.execute(wanted).one_or_none()
    return None if row is None else Credentials(*row)


def find_account(session: Session, login: str) -> AccountFound | None:
    """The account with this login, open or closed; for operators, who see all."""
    wanted = (
        select(Account.id, Person.name, Appointment.org_unit_id, Account.login, Person.email)
        .join(Person, Person.id == Account.person_id)
        .outerjoin(Appointment, Appointment.person_id == Person.id)
        .where(Account.login == login)
        .order_by(Appointment.id)
        .limit(1)
    )
    row = session.execute(wanted).one_or_none()
    return None if row is None else AccountFound(*row)


def find_factor(session: Session, account_id: int) -> Factor | None:
    """The second factor of an account."""
    left = (
        select(func.count())
        .where(RecoveryCode.account_id == SecondFactor.account_id, RecoveryCode.used_at.is_(None))
        .scalar_subquery()
    )
    wanted = select(
        SecondFactor.account_id, SecondFactor.secret, SecondFactor.code_salt, SecondFactor.enrolled_at, left
    )
    row = session.execute(wanted.where(SecondFactor.account_id == account_id)).one_or_none()
    return None if row is None else Factor(*row)


def list_own_appointments(session: Session, person_id: int, now: datetime) -> list[OwnAppointment]:
    """A person's appointments in force and to come, oldest first, with their ends."""
    absent = aliased(Person)
    wanted = (
        select(
            Appointment.id, Appointment.role, OrgUnit.name, Appointment.department, Appointment.valid_from,
            Appointment.valid_to, absent.name,
        )
        .join(OrgUnit, OrgUnit.id == Appointment.org_unit_id)
        .outerjoin(absent, absent.id == Appointment.stands_in_for_id)
        .where(
            Appointment.person_id == person_id,
            or_(Appointment.valid_to.is_(None), Appointment.valid_to > now),
        )
        .order_by(Appointment.id)
    )  # fmt: skip
    return [OwnAppointment(row[0], Role(row[1]), *row[2:]) for row in session.execute(wanted)]


def list_sign_ins(session: Session, identity: Identity, now: datetime) -> list[SignInTold]:
    """How an account was signed in to of late, and what was tried in vain, newest first."""
    begun = (
        select(AuditEntry.at, AuditEntry.after, AuditEntry.action)
        .where(
            AuditEntry.subject_kind == "account",
            AuditEntry.subject_id == str(identity.account_id),
            AuditEntry.action.in_(TOLD_OF),
            AuditEntry.at > now - LOOK_BACK,
        )
        .order_by(AuditEntry.id.desc())
        .limit(MOST_SIGN_INS)
    )
    wrong = (
        select(SignInAttempt.at, SignInAttempt.address, SignInAttempt.kind)
        .where(
            SignInAttempt.login == identity.login,
            SignInAttempt.has_succeeded.is_(False),
            SignInAttempt.at > now - LOOK_BACK,
        )
        .order_by(SignInAttempt.at.desc(), SignInAttempt.id.desc())
        .limit(MOST_SIGN_INS)
    )
    found = [_sign_in_told(*row) for row in session.execute(begun)]
    found += [SignInTold(at, address, f"wrong_{kind}") for at, address, kind in session.execute(wrong)]
    return sorted(found, key=lambda one: one.at, reverse=True)[:MOST_SIGN_INS]


def _sign_in_told(at: datetime, after: str | None, action: str) -> SignInTold:
    told = json.loads(after or "{}")
    return SignInTold(at, str(told.get("address", "")), TOLD_OF[action])


def find_own_address(session: Session, person_id: int) -> str | None:
    """The address registered for oneself; None: none is."""
    return session.scalar(select(Person.email).where(Person.id == person_id))


def list_programmes_on_desk(session: Session, *, seen_by: Identity) -> list[ProgrammeOnDesk]:
    """The newest lists in sight, newest first."""
    wanted = (
        select(Programme.key, Programme.title, Programme.year, Programme.state, OrgUnit.short_name)
        .join(OrgUnit, OrgUnit.id == Programme.publisher_id)
        .where(Programme.id.in_(visible_programmes(seen_by)))
        .order_by(Programme.year.desc(), Programme.key)
        .limit(MOST_ON_DESK)
    )
    return [ProgrammeOnDesk(*row) for row in session.execute(wanted)]
