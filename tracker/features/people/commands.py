"""Opening accounts, appointing, moving and ending appointments; what judges others waits for a second person."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple, cast

from sqlalchemy import CursorResult, case, select, update
from sqlalchemy.orm import Session

from tracker.domain.messages import Conflict, Fault, Faults, Forbidden, Message
from tracker.features.people.doing import Doer
from tracker.features.people.queries import Someone, find_absent
from tracker.features.people.wishes import Lookups, Wish, faults_of
from tracker.models.account import Account, Appointment, Person
from tracker.models.granting import GrantRequest
from tracker.services import audit
from tracker.services.account_links import Holder, send_link
from tracker.services.appointments import CONFIRMED_ROLES, Held, not_ended
from tracker.services.outbox import NoAddress, checked_address, masked_address

LONGEST_NAME: Final = 60
LOGIN: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z._@-]{1,59}")


class OwnAccount(Forbidden):
    """Nobody appoints, moves, closes or resets themselves."""


class PartlyOutOfReach(Forbidden):
    """The person also holds an appointment this admin does not reach: their account is another admin's."""


class AppointmentEnded(Conflict):
    """There is no such appointment of this person, or it has ended."""


class AccountIsClosed(Conflict):
    """The account is closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    """What is typed for somebody who has no account yet."""

    login: str
    name: str
    email: str | None = None


class Granted(NamedTuple):
    """What came of a wish: ``is_pending``: it waits for a second person; ``is_linked``: a letter with a link leaves."""

    account_id: int
    is_pending: bool
    is_linked: bool = False


def refuse_own(someone: Someone, doer: Doer) -> None:
    """Raise OwnAccount for oneself."""
    if someone.person_id == doer.identity.person_id:
        raise OwnAccount("自己的任职和账号须由另一位管理员办理。")


def refuse_partly(someone: Someone) -> None:
    """Raise PartlyOutOfReach for what concerns the whole account."""
    if not someone.is_whole:
        raise PartlyOutOfReach("此人在您的范围之外还有任职，账号须由能管到全部任职的上级管理员办理。")


def needs_confirmation(role: str, doer: Doer) -> bool:
    """Whether a second person must confirm: who judges others, and all an admin without that duty asks for."""
    return role in CONFIRMED_ROLES or not doer.is_security


def newcomer_faults(session: Session, new: NewPerson) -> list[Fault]:
    """Everything wrong with a new person, by field."""
    found = []
    if not LOGIN.fullmatch(new.login):
        told = Message("登录名须为 2 至 60 个字母、数字或 . _ @ -，以字母或数字开头")
        found.append(Fault("login", told))
    elif session.scalar(select(Account.id).where(Account.login == new.login)) is not None:
        found.append(Fault("login", Message("这个登录名已经有人使用")))
    if not 0 < len(new.name.strip()) <= LONGEST_NAME:
        found.append(Fault("name", Message("姓名须为 1 至 60 个字")))
    return [*found, *address_faults(session, new.email)]


def address_faults(session: Session, email: str | None, *, person_id: int | None = None) -> list[Fault]:
    """What is wrong with an address for this person; none is fine."""
    if not email:
        return []
    try:
        address = checked_address(email)
    except NoAddress as refused:
        return [Fault("email", refused.message)]
    owner = session.scalar(select(Person.id).where(Person.email == address))
    return [] if owner in (None, person_id) else [Fault("email", Message("这个邮箱已经登记在别人名下"))]


def open_account(
    session: Session,
    new: NewPerson,
    wish: Wish,
    doer: Doer,
    *,
    origin: str = "page",
    source: str | None = None,
) -> Granted:
    """Add a person with an account and a first appointment. Raises Faults with everything wrong at once.

    The link to set a password leaves as soon as there is an appointment it is good for. ``source`` is the
    digest of the file it comes from.
    """
    lookups = Lookups(session)
    faults = [*newcomer_faults(session, new), *faults_of(lookups, wish, doer, person_id=None)]
    if faults:
        raise Faults(faults)
    return add_newcomer(session, new, wish, doer, origin=origin, source=source)


def add_newcomer(
    session: Session, new: NewPerson, wish: Wish, doer: Doer, *, origin: str, source: str | None
) -> Granted:
    """The same for somebody already found sound."""
    email = checked_address(new.email) if new.email else None
    person = Person(name=new.name.strip(), created_at=doer.now, email=email)
    session.add(person)
    session.flush()
    account = Account(
        person_id=person.id, login=new.login, password_hash=doer.blank_hash, password_changed_at=doer.now,
        closed_at=None, has_password=False,
    )  # fmt: skip
    session.add(account)
    session.flush()
    is_pending = _grant(session, person.id, wish, doer, origin=origin)
    is_linked = not is_pending and email is not None and doer.can_mail
    if is_linked:
        holder = Holder(account.id, person.name, account.login, email)
        send_link(session, holder, "activate", by_id=doer.identity.person_id, now=doer.now)
    after = {"login": new.login, "name": person.name, **told_of(wish, doer, is_pending=is_pending)}
    after |= {"email": None if email is None else masked_address(email), "file": source}
    record_act(session, doer, "account.added", account.id, unit_id=wish.unit.id, after=after)
    return Granted(account.id, is_pending, is_linked)


def appoint(
    session: Session,
    someone: Someone,
    wish: Wish,
    doer: Doer,
    *,
    leaving: Held | None = None,
    origin: str = "page",
) -> Granted:
    """Give somebody an appointment; with ``leaving``, that one ends now (调任). Raises Faults, OwnAccount.

    What must be confirmed begins after it was; the one left has ended all the same.
    """
    refuse_own(someone, doer)
    if someone.closed_at is not None:
        raise AccountIsClosed("这个账号已经停用，请先启用。")
    left_id = None if leaving is None else leaving.id
    faults = faults_of(Lookups(session), wish, doer, person_id=someone.person_id, leaving=left_id)
    if faults:
        raise Faults(faults)
    if leaving is not None:
        _end(session, leaving.id, someone.person_id, doer.now)
    is_pending = _grant(session, someone.person_id, wish, doer, origin=origin)
    action = "appointment.requested" if is_pending else "appointment.granted"
    record_act(
        session,
        doer,
        action if leaving is None else "appointment.moved",
        someone.account_id,
        unit_id=wish.unit.id,
        before=None if leaving is None else {"role": leaving.role, "org_unit": leaving.unit_code},
        after=told_of(wish, doer, is_pending=is_pending),
    )
    return Granted(someone.account_id, is_pending)


def end_appointment(session: Session, someone: Someone, held: Held, doer: Doer) -> None:
    """End an appointment; its rights are gone at the next request. Raises AppointmentEnded, OwnAccount."""
    refuse_own(someone, doer)
    _end(session, held.id, someone.person_id, doer.now)
    before = {"role": held.role, "org_unit": held.unit_code, "department": held.department}
    record_act(
        session, doer, "appointment.ended", someone.account_id, unit_id=held.org_unit_id, before=before
    )


def told_of(wish: Wish, doer: Doer, *, is_pending: bool) -> dict[str, Any]:
    """An appointment as the trail keeps it."""
    return {
        "role": wish.role,
        "org_unit": wish.unit.code,
        "department": wish.department or None,
        "duty": wish.duty or None,
        "since": wish.since or doer.today,
        "until": wish.until,
        "stands_in_for": wish.stands_in_for or None,
        "is_pending": is_pending,
    }


def _grant(session: Session, person_id: int, wish: Wish, doer: Doer, *, origin: str) -> bool:
    """Add the appointment, or the request for it; whether it waits."""
    absent = None
    if wish.stands_in_for:
        absent = find_absent(
            session, wish.stands_in_for, org_unit_id=wish.unit.id, role=wish.role, now=doer.now
        )
    shared: dict[str, Any] = {
        "person_id": person_id,
        "org_unit_id": wish.unit.id,
        "role": wish.role,
        "department": wish.department or None,
        "duty": wish.duty or None,
        "stands_in_for_id": None if absent is None else absent[0],
        "valid_from": wish.begins(doer.now),
        "valid_to": wish.ends,
        "origin": origin,
    }
    is_pending = needs_confirmation(wish.role, doer)
    if is_pending:
        session.add(open_request(doer, "appointment", **shared))
    else:
        session.add(Appointment(**shared, granted_by_id=doer.identity.person_id))
    session.flush()
    return is_pending


def open_request(doer: Doer, kind: str, **values: Any) -> GrantRequest:
    """A request of this admin that waits for a second person."""
    return GrantRequest(
        kind=kind, state="open", requested_by_id=doer.identity.person_id, requested_at=doer.now,
        **{"origin": "page", **values},
    )  # fmt: skip


def _end(session: Session, appointment_id: int, person_id: int, now: datetime) -> None:
    """One that has not begun yet never will."""
    ends = case((Appointment.valid_from > now, Appointment.valid_from), else_=now)
    ended = (
        update(Appointment)
        .where(Appointment.id == appointment_id, Appointment.person_id == person_id, not_ended(now))
        .values(valid_to=ends)
    )
    done = session.execute(ended, execution_options={"synchronize_session": False})
    if not cast("CursorResult[Any]", done).rowcount:
        raise AppointmentEnded("这项任职已经结束，请刷新页面。")


def record_act(
    session: Session,
    doer: Doer,
    action: str,
    account_id: int,
    *,
    unit_id: int | None,
    before: object = None,
    after: object = None,
) -> None:
    """Write one act about a person into the trail."""
    subject = audit.Subject("account", str(account_id), unit_id)
    audit.record(
        session, actor=doer.actor, now=doer.now, action=action, subject=subject, before=before, after=after
    )
