"""Signing in and out, switching appointments, one's language, and the accounts an operator adds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tracker.domain.days import day_ends
from tracker.domain.identity import OPERATOR, Actor, Role
from tracker.domain.messages import Fault, Faults, Message, NotFound, Refusal, sentence
from tracker.domain.password_policy import Policy
from tracker.features.accounts.passwords import Passwords
from tracker.features.accounts.queries import Credentials
from tracker.models.account import Account, Appointment, Person
from tracker.services import audit
from tracker.services.appointments import duty_fault, list_held
from tracker.services.outbox import NoAddress, checked_address, masked_address
from tracker.services.sessions import (
    Ending,
    begin_session,
    choose_appointment,
    end_beyond,
    list_appointments,
    list_sessions,
    revoke_session,
    revoke_sessions_of,
)
from tracker.services.sign_in_attempts import mark_succeeded
from tracker.services.tree import Unit, find_unit

LONGEST_NAME = 60
_LOGIN = re.compile(r"[0-9A-Za-z][0-9A-Za-z._@-]{1,59}")


class NoAppointment(Refusal):
    """The account is right, but its person holds no appointment now."""


class AppointmentNotFound(NotFound):
    """The person holds no such appointment now."""


class SessionNotFound(NotFound):
    """The account has no such session, or it has ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """Where a session begins: its address, and what the browser calls itself."""

    address: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """What an operator types for ``flask accounts add``; ``until`` is the last day of the appointment."""

    login: str
    name: str
    role: str
    org_unit: str
    department: str | None = None
    until: date | None = None
    email: str | None = None
    duty: str | None = None


@dataclass(frozen=True, slots=True)
class AddedAccount:
    """What was added; ``is_new`` false: the account was there and got another appointment."""

    account_id: int
    is_new: bool
    unit: Unit


def sign_in(
    session: Session,
    credentials: Credentials,
    *,
    attempt_id: int,
    browser: Browser,
    now: datetime,
    policy: Policy,
    request_id: str,
) -> str:
    """Begin a session for checked credentials; its token. Raises NoAppointment.

    With a second factor the session is nobody's until the code has come, and ends no other one before.
    """
    appointments = list_appointments(session, credentials.person_id, now)
    if not appointments:
        raise NoAppointment("您的账号现在没有任职，请联系本单位管理员。")
    mark_succeeded(session, attempt_id)
    token = begin_session(
        session,
        account_id=credentials.account_id,
        now=now,
        length=policy.length,
        address=browser.address,
        browser=browser.name,
    )
    if not credentials.has_second_factor:
        end_beyond(session, credentials.account_id, keep=token, now=now, policy=policy)
    action = "session.code_asked" if credentials.has_second_factor else "session.begun"
    actor = Actor(credentials.person_id, credentials.login, appointments[0].id, request_id)
    after = {"address": browser.address, "browser": browser.name[:200]}
    subject = audit.Subject("account", str(credentials.account_id), appointments[0].org_unit_id)
    audit.record(session, actor=actor, now=now, action=action, subject=subject, after=after)
    return token


def sign_out(session: Session, *, session_id: int, account_id: int, actor: Actor, now: datetime) -> None:
    """End this browser's session."""
    revoke_session(session, session_id, now, because=Ending.SIGNED_OUT)
    _record_ending(session, account_id, actor, now)


def _record_ending(session: Session, account_id: int, actor: Actor, now: datetime) -> None:
    subject = audit.Subject("account", str(account_id))
    audit.record(session, actor=actor, now=now, action="session.ended", subject=subject)


def end_session(
    session: Session, session_id: int, *, account_id: int, actor: Actor, now: datetime, idle: timedelta
) -> None:
    """End another browser's session of one's own account. Raises SessionNotFound."""
    own = list_sessions(session, account_id, now=now, idle=idle)
    if session_id not in {each.id for each in own}:
        raise SessionNotFound("没有找到这次登录")
    revoke_session(session, session_id, now)
    _record_ending(session, account_id, actor, now)


def end_other_sessions(
    session: Session, *, session_id: int, account_id: int, actor: Actor, now: datetime
) -> None:
    """End every session of one's own account but this one."""
    revoke_sessions_of(session, account_id, now, because=Ending.REVOKED, but=session_id)
    _record_ending(session, account_id, actor, now)


def choose_language(session: Session, language: str, *, account_id: int, actor: Actor, now: datetime) -> None:
    """Keep the language an account is shown from now on, in every browser."""
    chosen = update(Account).where(Account.id == account_id)
    session.execute(chosen.values(language=language))
    subject, after = audit.Subject("account", str(account_id)), {"language": language}
    audit.record(session, actor=actor, now=now, action="language.chosen", subject=subject, after=after)


def switch_appointment(
    session: Session, *, session_id: int, appointment_id: int, actor: Actor, now: datetime
) -> None:
    """Act under another appointment of one's own from the next request on. Raises AppointmentNotFound."""
    own = list_appointments(session, actor.person_id or 0, now)
    chosen = next((each for each in own if each.id == appointment_id), None)
    if chosen is None:
        raise AppointmentNotFound("没有找到这项任职")
    choose_appointment(session, session_id, appointment_id)
    subject = audit.Subject("appointment", str(appointment_id), chosen.org_unit_id)
    audit.record(session, actor=actor, now=now, action="appointment.switched", subject=subject)


def add_account(
    session: Session,
    wanted: NewAccount,
    *,
    password: str | None,
    passwords: Passwords,
    now: datetime,
    is_split: bool = False,
) -> AddedAccount:
    """Add an account with its first appointment, or another appointment to the one that is there.

    ``password`` is ignored for an account that is there. ``is_split``: policy ``mlps``, nobody holds two admin
    duties. Raises Faults with everything wrong at once.
    """
    unit = find_unit(session, wanted.org_unit)
    known = _find_known(session, wanted.login)
    faults = [*_faults(wanted, unit, now), *_faults_of_known(known, wanted.name)]
    faults += _address_faults(session, wanted.email, known)
    faults += _duty_faults(session, wanted, known, now=now, is_split=is_split)
    if known is None:
        found = passwords.faults(password or "", login=wanted.login, name=wanted.name.strip())
        faults += [Fault("", message) for message in found]
    elif unit is not None and _holds_already(session, known.person_id, wanted, unit=unit, now=now):
        faults.append(Fault("ROLE", Message("此人在这个单位已经有这项任职")))
    if faults or unit is None:
        raise Faults(faults)
    holder = known or _add_person(session, wanted, passwords.hash(password or ""), now)
    _note_address(session, holder.person_id, wanted.email)
    _appoint(session, holder.person_id, wanted, unit=unit, now=now)
    _record_addition(session, holder.account_id, wanted, unit=unit, now=now)
    return AddedAccount(holder.account_id, known is None, unit)


class _Holder(NamedTuple):
    account_id: int
    person_id: int
    name: str
    is_closed: bool


def _find_known(session: Session, login: str) -> _Holder | None:
    wanted = select(Account.id, Account.person_id, Person.name, Account.closed_at.is_not(None))
    found = session.execute(
        wanted.join(Person, Person.id == Account.person_id).where(Account.login == login)
    ).one_or_none()
    return None if found is None else _Holder(*found)


def _faults(wanted: NewAccount, unit: Unit | None, now: datetime) -> list[Fault]:
    found = []
    if not _LOGIN.fullmatch(wanted.login):
        text = sentence("登录名须为 2 至 60 个字母、数字或 . _ @ -，以字母或数字开头")
        found.append(Fault("LOGIN", Message(text)))
    if not 0 < len(wanted.name.strip()) <= LONGEST_NAME:
        found.append(Fault("--name", Message("姓名须为 1 至 60 个字")))
    if wanted.role not in set(Role):
        found.append(Fault("--role", Message("没有“{role}”这个角色", {"role": wanted.role})))
    if unit is None:
        found.append(Fault("--org", Message("没有代码为“{code}”的单位", {"code": wanted.org_unit})))
    if wanted.department is not None and not 0 < len(wanted.department) <= LONGEST_NAME:
        found.append(Fault("--department", Message("部门须为 1 至 60 个字")))
    if wanted.until is not None and day_ends(wanted.until) <= now:
        found.append(Fault("--until", Message("任职的最后一天已经过去")))
    return found


def _faults_of_known(known: _Holder | None, name: str) -> list[Fault]:
    if known is None:
        return []
    if known.is_closed:
        return [Fault("LOGIN", Message("这个账号已经停用"))]
    if known.name != name:
        return [Fault("--name", Message("这个账号属于“{name}”，姓名须一致", {"name": known.name}))]
    return []


def _address_faults(session: Session, email: str | None, known: _Holder | None) -> list[Fault]:
    if email is None:
        return []
    try:
        address = checked_address(email)
    except NoAddress as refused:
        return [Fault("--email", refused.message)]
    owner = session.scalar(select(Person.id).where(Person.email == address))
    is_taken = owner is not None and (known is None or owner != known.person_id)
    return [Fault("--email", Message("这个邮箱已经登记在别人名下"))] if is_taken else []


def _note_address(session: Session, person_id: int, email: str | None) -> None:
    if email is not None:
        session.execute(update(Person).where(Person.id == person_id).values(email=checked_address(email)))


def _duty_faults(
    session: Session, wanted: NewAccount, known: _Holder | None, *, now: datetime, is_split: bool
) -> list[Fault]:
    mine = [] if known is None else list_held(session, [known.person_id]).get(known.person_id, [])
    held = [one for one in mine if one.is_open(now)]
    wrong = duty_fault(wanted.role, wanted.duty, held, is_split=is_split)
    return [] if wrong is None else [Fault("--duty", wrong)]


def _holds_already(
    session: Session, person_id: int, wanted: NewAccount, *, unit: Unit, now: datetime
) -> bool:
    asked = (wanted.role, unit.id, wanted.department)
    held = list_appointments(session, person_id, now)
    return any((each.role, each.org_unit_id, each.department) == asked for each in held)


def _add_person(session: Session, wanted: NewAccount, password_hash: str, now: datetime) -> _Holder:
    person = Person(name=wanted.name.strip(), created_at=now)
    session.add(person)
    session.flush()
    account = Account(
        person_id=person.id,
        login=wanted.login,
        password_hash=password_hash,
        password_changed_at=now,
        closed_at=None,
        has_initial_password=True,
    )
    session.add(account)
    session.flush()
    return _Holder(account.id, person.id, person.name, is_closed=False)


def _appoint(session: Session, person_id: int, wanted: NewAccount, *, unit: Unit, now: datetime) -> None:
    appointment = Appointment(
        person_id=person_id,
        org_unit_id=unit.id,
        role=wanted.role,
        department=wanted.department,
        valid_from=now,
        valid_to=None if wanted.until is None else day_ends(wanted.until),
        origin="operator",
        granted_by_id=None,
        duty=wanted.duty,
    )
    session.add(appointment)
    session.flush()


def _record_addition(
    session: Session, account_id: int, wanted: NewAccount, *, unit: Unit, now: datetime
) -> None:
    after = {
        "login": wanted.login,
        "name": wanted.name,
        "role": wanted.role,
        "org_unit": unit.code,
        "department": wanted.department,
        "until": wanted.until,
        "email": None if wanted.email is None else masked_address(wanted.email),
        "duty": wanted.duty,
    }
    subject = audit.Subject("account", str(account_id), unit.id)
    audit.record(session, actor=OPERATOR, now=now, action="account.added", subject=subject, after=after)
