"""People with an account and an appointment, and browsers signed in as them."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Final, NamedTuple

from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.support.strict_client import StrictClient
from tracker.db import Database
from tracker.domain.identity import Identity, Role
from tracker.domain.password_policy import PROFILES
from tracker.models.account import Account, Appointment, Person, SecondFactor, WebSession
from tracker.models.org_unit import OrgUnit
from tracker.services.sessions import begin_session, list_appointments, token_digest

PASSWORD: Final = "correct horse battery"
SINCE: Final = datetime(2018, 1, 1, tzinfo=UTC)
_HASH: Final = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
_NUMBERS = itertools.count(1)


class MadePerson(NamedTuple):
    """The rows a person consists of."""

    person_id: int
    account_id: int
    appointment_id: int
    login: str
    name: str


def make_person(
    session: Session,
    role: Role | str,
    unit: int | str,
    *,
    login: str | None = None,
    name: str | None = None,
    department: str | None = None,
    until: datetime | None = None,
) -> MadePerson:
    """A person in ``role`` at a unit (id or code) since the beginning of 2018, with ``PASSWORD``."""
    number = next(_NUMBERS)
    person = Person(name=name or f"样例{number}", created_at=SINCE)
    session.add(person)
    session.flush()
    account = Account(
        person_id=person.id,
        login=login or f"{role}{number}",
        password_hash=_HASH,
        password_changed_at=SINCE,
        closed_at=None,
    )
    session.add(account)
    session.flush()
    appointment_id = appoint(session, person.id, role, unit, department=department, until=until)
    return MadePerson(person.id, account.id, appointment_id, account.login, person.name)


def appoint(
    session: Session,
    person_id: int,
    role: Role | str,
    unit: int | str,
    *,
    department: str | None = None,
    until: datetime | None = None,
) -> int:
    """Another appointment of a person; its id."""
    appointment = Appointment(
        person_id=person_id,
        org_unit_id=_unit_id(session, unit),
        role=Role(role),
        department=department,
        valid_from=SINCE,
        valid_to=until,
        origin="operator",
        granted_by_id=None,
    )
    session.add(appointment)
    session.flush()
    return appointment.id


def identity_of(session: Session, person: MadePerson) -> Identity:
    """Who this person is when acting under the first appointment."""
    appointment = list_appointments(session, person.person_id, datetime.now(UTC))[0]
    return Identity(person.person_id, person.account_id, person.login, person.name, appointment)


def signed_in_client(app: Flask, account_id: int) -> StrictClient:
    """A browser signed in to this account, past the sign-in page."""
    client = StrictClient(app, use_cookies=True)
    database: Database = app.extensions["database"]
    with database.session() as session:
        token = begin_session(
            session,
            account_id=account_id,
            now=datetime.now(UTC),
            length=PROFILES[app.config["POLICY"]].length,
            address="127.0.0.1",
            browser="tests",
        )
        session.commit()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = token
    return client


def proven_client(app: Flask, account_id: int) -> StrictClient:
    """The same with a fresh password, and a second factor this browser has shown: all that ``mlps`` asks for."""
    database: Database = app.extensions["database"]
    with database.session() as session:
        if session.get(SecondFactor, account_id) is None:
            moment = datetime.now(UTC)
            mine = update(Account).where(Account.id == account_id)
            session.execute(mine.values(password_changed_at=moment, has_initial_password=False))
            factor = SecondFactor(
                account_id=account_id, secret="-", last_step=0, enrolled_at=moment, code_salt="00"
            )
            session.add(factor)
        session.commit()
    client = signed_in_client(app, account_id)
    with client.session_transaction() as cookie:
        digest = token_digest(cookie["_user_id"])
    with database.session() as session:
        here = update(WebSession).where(WebSession.token_digest == digest)
        session.execute(here.values(second_factor_at=datetime.now(UTC)))
        session.commit()
    return client


def _unit_id(session: Session, unit: int | str) -> int:
    if isinstance(unit, int):
        return unit
    return session.scalars(select(OrgUnit.id).where(OrgUnit.code == unit)).one()
