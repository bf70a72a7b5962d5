"""Signed-in browsers: their rows, and the one statement that tells who is asking under which appointment."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Row, Select, String, bindparam, case, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from tracker.domain.identity import EVERY_DUTY, Appointment, Duty, Identity, Place, Role
from tracker.models import account as rows
from tracker.models.base import Instant
from tracker.models.org_unit import OrgPlace, OrgUnit, TreeEdition

Moment = datetime | BindParameter[datetime]

TOKEN_BYTES = 32
MOST_LISTED = 50


class SignedIn(NamedTuple):
    """A browser that is signed in, and who acts through it."""

    session_id: int
    last_seen_at: datetime
    identity: Identity


class OpenSession(NamedTuple):
    """A browser that is signed in, as its owner is shown it."""

    id: int
    created_at: datetime
    last_seen_at: datetime
    address: str
    browser: str


_CURRENT_EDITION = select(func.max(TreeEdition.number)).scalar_subquery()

_ABSENT = aliased(rows.Person)
_STANDS_IN_FOR = select(_ABSENT.name).where(_ABSENT.id == rows.Appointment.stands_in_for_id).scalar_subquery()

_APPOINTMENT_COLUMNS = (
    rows.Appointment.id.label("appointment_id"), rows.Appointment.role, rows.Appointment.department,
    rows.Appointment.duty, _STANDS_IN_FOR.label("stands_in_for"),
    OrgUnit.id.label("org_unit_id"), OrgUnit.code, OrgUnit.name.label("unit_name"),
    OrgPlace.edition, OrgPlace.parent_id, OrgPlace.depth, OrgPlace.pre, OrgPlace.last,
)  # fmt: skip


def token_digest(token: str) -> str:
    """What is stored of a session's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def find_signed_in(session: Session, *, token: str, now: datetime, idle: timedelta) -> SignedIn | None:
    """Who is behind this token, in one statement; None once anything about it has ended.

    Ended are: a revoked, expired or idle session, a closed account, a password changed since, and
    a person without any appointment in force. When only the chosen appointment has ended, the
    person's first other one takes its place. ``others`` are those the person could act under instead.
    """
    asked = {"token_digest": token_digest(token), "now": now, "since": now - idle}
    found = session.execute(_signed_in(), asked).all()
    return SignedIn(found[0].session_id, found[0].last_seen_at, _identity(found)) if found else None


@cache
def _signed_in() -> Select[*tuple[Any, ...]]:
    """The statement behind every request, built once."""
    now = bindparam("now", type_=Instant)
    return (
        _signed_in_at(now)
        .where(
            rows.WebSession.token_digest == bindparam("token_digest", type_=String),
            rows.WebSession.revoked_at.is_(None),
            rows.WebSession.ends_at > now,
            rows.WebSession.last_seen_at > bindparam("since", type_=Instant),
            rows.Account.closed_at.is_(None),
            rows.Account.password_changed_at <= rows.WebSession.created_at,
        )
        .order_by(
            case((rows.Appointment.id == rows.WebSession.appointment_id, 0), else_=1), rows.Appointment.id
        )
        .limit(MOST_LISTED)
    )


def find_acting(session: Session, appointment_id: int, now: datetime) -> Identity | None:
    """Who acts under an appointment, without a browser; None once it, or the account, has ended."""
    wanted = (
        select(rows.Account.id.label("account_id"), rows.Account.login, rows.Person.id.label("person_id"), rows.Person.name, *_APPOINTMENT_COLUMNS)
        .select_from(rows.Appointment)
        .join(rows.Person, rows.Person.id == rows.Appointment.person_id)
        .join(rows.Account, rows.Account.person_id == rows.Person.id)
    )  # fmt: skip
    mine = _placed(wanted).where(
        rows.Appointment.id == appointment_id, rows.Account.closed_at.is_(None), *_in_force(now)
    )
    found = session.execute(mine.order_by(rows.Account.id).limit(1)).all()
    return _identity(found) if found else None


def list_appointments(session: Session, person_id: int, now: datetime) -> list[Appointment]:
    """Every appointment of a person in force, oldest first."""
    wanted = _placed(select(*_APPOINTMENT_COLUMNS)).where(
        rows.Appointment.person_id == person_id, *_in_force(now)
    )
    return [_appointment(row) for row in session.execute(wanted.order_by(rows.Appointment.id))]


def begin_session(
    session: Session, *, account_id: int, now: datetime, length: timedelta, address: str, browser: str
) -> str:
    """Add a session that ends ``length`` from now; its token, which is stored nowhere."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    begun = rows.WebSession(
        token_digest=token_digest(token),
        account_id=account_id,
        appointment_id=None,
        created_at=now,
        last_seen_at=now,
        ends_at=now + length,
        revoked_at=None,
        address=address[:64],
        browser=browser[:200],
    )
    session.add(begun)
    session.flush()
    return token


def list_sessions(session: Session, account_id: int, *, now: datetime, idle: timedelta) -> list[OpenSession]:
    """The sessions of an account that have not ended, last seen first."""
    own = rows.WebSession
    wanted = select(own.id, own.created_at, own.last_seen_at, own.address, own.browser).where(
        own.account_id == account_id,
        own.revoked_at.is_(None),
        own.ends_at > now,
        own.last_seen_at > now - idle,
    )
    newest_first = wanted.order_by(own.last_seen_at.desc(), own.id.desc()).limit(MOST_LISTED)
    return [OpenSession(*row) for row in session.execute(newest_first)]


def choose_appointment(session: Session, session_id: int, appointment_id: int) -> None:
    """From the next request on, this browser acts under that appointment (of the same person)."""
    chosen = update(rows.WebSession).where(rows.WebSession.id == session_id)
    session.execute(chosen.values(appointment_id=appointment_id))


def touch_session(session: Session, session_id: int, now: datetime) -> None:
    """Note that the browser was seen; never backwards."""
    seen = update(rows.WebSession).where(rows.WebSession.id == session_id, rows.WebSession.last_seen_at < now)
    session.execute(seen.values(last_seen_at=now))


def revoke_session(session: Session, session_id: int, now: datetime) -> None:
    """End one session."""
    ended = update(rows.WebSession).where(
        rows.WebSession.id == session_id, rows.WebSession.revoked_at.is_(None)
    )
    session.execute(ended.values(revoked_at=now))


def revoke_sessions_of(session: Session, account_id: int, now: datetime) -> None:
    """End every session of an account."""
    ended = update(rows.WebSession).where(
        rows.WebSession.account_id == account_id, rows.WebSession.revoked_at.is_(None)
    )
    session.execute(ended.values(revoked_at=now))


def _signed_in_at(now: Moment) -> Select[*tuple[Any, ...]]:
    columns = (
        rows.WebSession.id.label("session_id"),
        rows.WebSession.last_seen_at,
        rows.Account.id.label("account_id"),
        rows.Account.login,
        rows.Person.id.label("person_id"),
        rows.Person.name,
    )
    known = (
        select(*columns, *_APPOINTMENT_COLUMNS)
        .select_from(rows.WebSession)
        .join(rows.Account, rows.Account.id == rows.WebSession.account_id)
        .join(rows.Person, rows.Person.id == rows.Account.person_id)
        .join(rows.Appointment, rows.Appointment.person_id == rows.Person.id)
    )
    return _placed(known).where(*_in_force(now))


def _placed(wanted: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return (
        wanted.join(OrgUnit, OrgUnit.id == rows.Appointment.org_unit_id)
        .join(OrgPlace, OrgPlace.org_unit_id == OrgUnit.id)
        .where(OrgPlace.edition == _CURRENT_EDITION)
    )


def _in_force(now: Moment) -> tuple[Any, Any]:
    ends = rows.Appointment.valid_to
    return rows.Appointment.valid_from <= now, or_(ends.is_(None), ends > now)


def _appointment(row: Row[*tuple[Any, ...]]) -> Appointment:
    place = Place(row.edition, row.org_unit_id, row.parent_id, row.depth, row.pre, row.last)
    return Appointment(
        id=row.appointment_id,
        role=Role(row.role),
        org_unit_id=row.org_unit_id,
        org_unit_code=row.code,
        org_unit_name=row.unit_name,
        department=row.department,
        place=place,
        duties=EVERY_DUTY if row.duty is None else frozenset({Duty(row.duty)}),
        stands_in_for=row.stands_in_for,
    )


def _identity(found: Sequence[Row[*tuple[Any, ...]]]) -> Identity:
    row, chosen, *others = found[0], *map(_appointment, found)
    return Identity(row.person_id, row.account_id, row.login, row.name, chosen, tuple(others))
