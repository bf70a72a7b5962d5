"""What the pages of accounts read."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.domain.identity import Identity
from tracker.models.account import Account, Person
from tracker.models.org_unit import OrgUnit
from tracker.models.programme import Programme
from tracker.services.visibility import visible_programmes

MOST_ON_DESK = 20


class Credentials(NamedTuple):
    """What a password is checked against."""

    account_id: int
    person_id: int
    login: str
    password_hash: str
    language: str


class ProgrammeOnDesk(NamedTuple):
    """A list as the desk names it."""

    key: str
    title: str
    year: int
    state: str
    publisher_name: str


def find_credentials(session: Session, login: str) -> Credentials | None:
    """The open account with this login."""
    wanted = select(
        Account.id, Account.person_id, Account.login, Account.password_hash, Account.language
    ).where(Account.login == login, Account.closed_at.is_(None))
    row = session.execute(wanted).one_or_none()
    return None if row is None else Credentials(*row)


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
