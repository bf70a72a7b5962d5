"""Signed-in browsers: their rows, and the one statement that tells who is asking under which appointment."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Row,
    Select,
    String,
    and_,
    bindparam,
    case,
    exists,
    false,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session, aliased

from tracker.domain.identity import EVERY_DUTY, Appointment, Duty, Identity, Place, Role
from tracker.domain.password_policy import Pending, Policy
from tracker.models import account as rows
from tracker.models.base import Instant
from tracker.models.org_unit import OrgPlace, OrgUnit, TreeEdition

Moment = datetime | BindParameter[datetime]

TOKEN_BYTES = 32
MOST_LISTED = 50


class SignedIn(NamedTuple):
    """A browser that is signed in, and who acts through it; nobody yet while something is ``pending``."""

    session_id: int
    last_seen_at: datetime
    identity: Identity
    pending: Pending | None
    password_changed_at: datetime
    has_second_factor: bool


class Ending(StrEnum):
    """Why a session is no longer one."""

    SIGNED_OUT = "signed_out"
    REVOKED = "revoked"
    BY_ADMIN = "by_admin"
    LIMIT = "limit"  # more browsers at once than the policy allows
    PASSWORD = "password"  # noqa: S105  it was changed
    SECOND_FACTOR = "second_factor"  # it was set up, turned off or reset
    IDLE = "idle"
    EXPIRED = "expired"
    APPOINTMENT = "appointment"  # the account is closed, or its person holds no appointment any more


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


def find_signed_in(session: Session, *, token: str, now: datetime, policy: Policy) -> SignedIn | None:
    """Who is behind this token, in one statement; None once anything about it has ended.

    Ended are: a revoked, expired or idle session, a closed account, a password changed since, and
    a person without any appointment in force. When only the chosen appointment has ended, the
    person's first other one takes its place. ``others`` are those the person could act under instead.
    """
    asked = {"token_digest": token_digest(token), "now": now, "since": now - policy.idle}
    found = session.execute(_signed_in(policy), asked).all()
    if not found:
        return None
    row = found[0]
    return SignedIn(
        row.session_id, row.last_seen_at, _identity(found), _pending(row, policy, now),
        row.password_changed_at, row.enrolled_at is not None,
    )  # fmt: skip


@cache
def _signed_in(policy: Policy) -> Select[*tuple[Any, ...]]:
    """The statement behind every request, built once for a profile."""
    now = bindparam("now", type_=Instant)
    return (
        _signed_in_at(now, policy)
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


def find_ending(session: Session, token: str, *, now: datetime, idle: timedelta) -> Ending | None:
    """Why the session of this token has ended; None when there never was one."""
    own = rows.WebSession
    wanted = select(own.revoked_at, own.revoked_because, own.ends_at, own.last_seen_at)
    row = session.execute(wanted.where(own.token_digest == token_digest(token))).one_or_none()
    if row is None:
        return None
    if row.revoked_at is not None:
        return Ending(row.revoked_because or Ending.REVOKED)
    if row.ends_at <= now:
        return Ending.EXPIRED
    return Ending.IDLE if row.last_seen_at <= now - idle else Ending.APPOINTMENT


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
        second_factor_at=None,
        revoked_because=None,
    )
    session.add(begun)
    session.flush()
    return token


def renew_session(
    session: Session, session_id: int, *, now: datetime, has_proven_factor: bool = False
) -> str:
    """Another token for the same browser, which has just shown more of who it is; the old one is worth nothing."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    proven = {"second_factor_at": now} if has_proven_factor else {}
    renewed = update(rows.WebSession).where(rows.WebSession.id == session_id)
    session.execute(
        renewed.values(token_digest=token_digest(token), created_at=now, last_seen_at=now, **proven)
    )
    return token


def end_beyond(session: Session, account_id: int, *, keep: str, now: datetime, policy: Policy) -> None:
    """End the oldest sessions beyond as many as the policy allows at once; that of the token ``keep`` stays."""
    own = rows.WebSession
    session.execute(select(rows.Account.id).where(rows.Account.id == account_id).with_for_update())
    newest_first = case((own.token_digest == token_digest(keep), 0), else_=1), own.id.desc()
    held = select(own.id).where(*_open(account_id, now, policy.idle)).order_by(*newest_first)
    beyond = session.scalars(held.offset(policy.most_sessions)).all()
    for session_id in beyond:
        revoke_session(session, session_id, now, because=Ending.LIMIT)


def list_sessions(session: Session, account_id: int, *, now: datetime, idle: timedelta) -> list[OpenSession]:
    """The sessions of an account that have not ended, last seen first; those still to prove a factor left out."""
    own = rows.WebSession
    wanted = select(own.id, own.created_at, own.last_seen_at, own.address, own.browser)
    newest_first = wanted.where(*_open(account_id, now, idle)).order_by(
        own.last_seen_at.desc(), own.id.desc()
    )
    return [OpenSession(*row) for row in session.execute(newest_first.limit(MOST_LISTED))]


def choose_appointment(session: Session, session_id: int, appointment_id: int) -> None:
    """From the next request on, this browser acts under that appointment (of the same person)."""
    chosen = update(rows.WebSession).where(rows.WebSession.id == session_id)
    session.execute(chosen.values(appointment_id=appointment_id))


def touch_session(session: Session, session_id: int, now: datetime) -> None:
    """Note that the browser was seen; never backwards."""
    seen = update(rows.WebSession).where(rows.WebSession.id == session_id, rows.WebSession.last_seen_at < now)
    session.execute(seen.values(last_seen_at=now))


def revoke_session(
    session: Session, session_id: int, now: datetime, *, because: Ending = Ending.REVOKED
) -> None:
    """End one session."""
    _end(session, rows.WebSession.id == session_id, now, because)


def revoke_sessions_of(
    session: Session, account_id: int, now: datetime, *, because: Ending, but: int | None = None
) -> None:
    """End every session of an account, all but the one numbered ``but``."""
    ended = rows.WebSession.account_id == account_id
    _end(session, ended if but is None else and_(ended, rows.WebSession.id != but), now, because)


def _end(session: Session, condition: ColumnElement[bool], now: datetime, because: Ending) -> None:
    ended = update(rows.WebSession).where(condition, rows.WebSession.revoked_at.is_(None))
    session.execute(ended.values(revoked_at=now, revoked_because=because))


def _open(account_id: int, now: datetime, idle: timedelta) -> tuple[ColumnElement[bool], ...]:
    own = rows.WebSession
    has_factor = exists(select(1).where(rows.SecondFactor.account_id == own.account_id))
    return (
        own.account_id == account_id,
        own.revoked_at.is_(None),
        own.ends_at > now,
        own.last_seen_at > now - idle,
        or_(own.second_factor_at.is_not(None), ~has_factor),
    )


def _pending(row: Row[*tuple[Any, ...]], policy: Policy, now: datetime) -> Pending | None:
    """What this browser still has to show; the code comes first, because nothing else is asked of a stranger."""
    if row.enrolled_at is not None and not (row.second_factor_at and row.second_factor_at >= row.enrolled_at):
        return Pending.CODE
    ends_at = policy.ends_at(row.password_changed_at)
    if (policy.replaces_initial and row.has_initial_password) or (ends_at is not None and ends_at <= now):
        return Pending.PASSWORD
    return Pending.ENROLMENT if row.needs_factor and row.enrolled_at is None else None


def _signed_in_at(now: Moment, policy: Policy) -> Select[*tuple[Any, ...]]:
    columns = (
        rows.WebSession.id.label("session_id"),
        rows.WebSession.last_seen_at,
        rows.WebSession.second_factor_at,
        rows.Account.id.label("account_id"),
        rows.Account.login,
        rows.Account.password_changed_at,
        rows.Account.has_initial_password,
        rows.SecondFactor.enrolled_at,
        rows.Person.id.label("person_id"),
        rows.Person.name,
        _needs_factor(now, policy).label("needs_factor"),
    )
    known = (
        select(*columns, *_APPOINTMENT_COLUMNS)
        .select_from(rows.WebSession)
        .join(rows.Account, rows.Account.id == rows.WebSession.account_id)
        .join(rows.Person, rows.Person.id == rows.Account.person_id)
        .join(rows.Appointment, rows.Appointment.person_id == rows.Person.id)
        .outerjoin(rows.SecondFactor, rows.SecondFactor.account_id == rows.Account.id)
    )
    return _placed(known).where(*_in_force(now))


def _needs_factor(now: Moment, policy: Policy) -> ColumnElement[bool]:
    """Whether any appointment of the person in force is one the policy asks a second factor of."""
    if not policy.second_factor:
        return false()
    held = aliased(rows.Appointment)
    in_force = held.valid_from <= now, or_(held.valid_to.is_(None), held.valid_to > now)
    asked = select(1).where(held.person_id == rows.Person.id, held.role.in_(policy.second_factor), *in_force)
    return exists(asked.correlate(rows.Person))


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
