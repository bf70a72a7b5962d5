"""What concerns somebody's whole account: closing and opening it, its address, resets, and signed-in browsers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, update
from sqlalchemy.orm import Session

from tracker.domain.messages import Conflict, Faults, Refusal
from tracker.features.people.commands import (
    AccountIsClosed,
    address_faults,
    open_request,
    record_act,
    refuse_own,
    refuse_partly,
)
from tracker.features.people.doing import Doer
from tracker.features.people.letters import address_letter
from tracker.features.people.queries import Someone
from tracker.models.account import Account, Person
from tracker.services.account_links import Holder, NoAddressKnown, revoke_links, send_link
from tracker.services.appointments import CONFIRMED_ROLES, Held
from tracker.services.outbox import Letter, checked_address, masked_address, post
from tracker.services.second_factors import NoSecondFactor, reset_factor
from tracker.services.sessions import Ending, list_sessions, revoke_session, revoke_sessions_of

ADDRESS_LETTER = "address_changed"
FACTOR = "second_factor"
"""The kind of request by which a lost second factor is taken off."""


class AlreadySo(Conflict):
    """Somebody else was first, or nothing would change."""


class NoMail(Refusal):
    """This installation sends no letters."""


def close_account(session: Session, someone: Someone, doer: Doer) -> None:
    """Close an account: its browsers are out at their next request, its links are dead. Raises AlreadySo."""
    _refuse(someone, doer)
    _set_closed(session, someone, doer, is_closed=True)
    revoke_sessions_of(session, someone.account_id, doer.now, because=Ending.APPOINTMENT)
    revoke_links(session, someone.account_id, doer.now)
    record_act(session, doer, "account.closed", someone.account_id, unit_id=unit_of(someone, doer))


def reopen_account(session: Session, someone: Someone, doer: Doer) -> None:
    """Open it again, with the password and the appointments that have not ended. Raises AlreadySo."""
    _refuse(someone, doer)
    _set_closed(session, someone, doer, is_closed=False)
    record_act(session, doer, "account.reopened", someone.account_id, unit_id=unit_of(someone, doer))


def ask_reset(session: Session, someone: Someone, doer: Doer) -> bool:
    """Send a link to set a (new) password to the person's own address; whether it waits for a second person first.

    Raises NoMail, NoAddressKnown, TooManyLinks, AccountIsClosed.
    """
    _refuse(someone, doer)
    if not doer.can_mail:
        raise NoMail("本系统没有设置发信服务，请操作员用 flask accounts reset 设置密码。")
    if someone.closed_at is not None:
        raise AccountIsClosed("这个账号已经停用，请先启用。")
    if someone.email is None:
        raise NoAddressKnown("没有登记这个人的邮箱，链接无处可寄；请先登记邮箱，或请操作员用命令设置密码。")
    judging = judging_place(someone, doer)
    if judging is not None:
        session.add(open_request(doer, "reset", person_id=someone.person_id, org_unit_id=judging.org_unit_id))
    else:
        purpose = "reset" if someone.has_password else "activate"
        send_link(session, someone.holder, purpose, by_id=doer.identity.person_id, now=doer.now)
    action = "reset.sent" if judging is None else "reset.requested"
    record_act(session, doer, action, someone.account_id, unit_id=unit_of(someone, doer))
    return judging is not None


def ask_factor_reset(session: Session, someone: Someone, doer: Doer) -> bool:
    """Take a lost second factor off somebody's account; whether it waits for a second person first.

    Raises NoSecondFactor, AccountIsClosed.
    """
    _refuse(someone, doer)
    if someone.closed_at is not None:
        raise AccountIsClosed("这个账号已经停用，请先启用。")
    if not someone.has_factor:
        raise NoSecondFactor("这个账号没有设置动态口令。")
    judging = judging_place(someone, doer)
    if judging is None:
        reset_factor(session, someone.holder, now=doer.now, can_mail=doer.can_mail)
    else:
        session.add(open_request(doer, FACTOR, person_id=someone.person_id, org_unit_id=judging.org_unit_id))
    action = "second_factor.reset" if judging is None else "second_factor.requested"
    record_act(session, doer, action, someone.account_id, unit_id=unit_of(someone, doer))
    return judging is not None


def change_address(session: Session, someone: Someone, email: str, doer: Doer) -> bool:
    """Put another address to a person; whether it waits for a second person first. Raises Faults, AlreadySo.

    Whose reset must be confirmed, their address must be, too: or one admin could send the link to himself.
    """
    _refuse(someone, doer)
    faults = address_faults(session, email, person_id=someone.person_id)
    if faults:
        raise Faults(faults)
    address = checked_address(email)
    if address == someone.email:
        raise AlreadySo("登记的已经是这个邮箱。")
    judging = judging_place(someone, doer)
    if judging is None:
        put_address(session, someone.holder, someone.person_id, address, doer)
    else:
        session.add(
            open_request(
                doer, "address", person_id=someone.person_id, org_unit_id=judging.org_unit_id, email=address
            )
        )
    action = "address.changed" if judging is None else "address.requested"
    before = None if someone.email is None else {"email": masked_address(someone.email)}
    after = {"email": masked_address(address)}
    record_act(
        session, doer, action, someone.account_id, unit_id=unit_of(someone, doer), before=before, after=after
    )
    return judging is not None


def put_address(session: Session, holder: Holder, person_id: int, address: str, doer: Doer) -> None:
    """Change it; links on their way to the old one are dead, and the old one is told."""
    session.execute(update(Person).where(Person.id == person_id).values(email=address))
    revoke_links(session, holder.account_id, doer.now)
    if holder.email is not None and doer.can_mail:
        subject, text = address_letter(holder, address)
        letter = Letter(ADDRESS_LETTER, str(holder.account_id), holder.email, subject, text)
        post(session, letter, now=doer.now)


def end_sessions(
    session: Session, someone: Someone, doer: Doer, *, idle: timedelta, session_id: int | None = None
) -> None:
    """Sign one browser of somebody out, or all of them. Raises AlreadySo, OwnAccount."""
    _refuse(someone, doer)
    if session_id is None:
        revoke_sessions_of(session, someone.account_id, doer.now, because=Ending.BY_ADMIN)
    else:
        opened = list_sessions(session, someone.account_id, now=doer.now, idle=idle)
        if session_id not in {one.id for one in opened}:
            raise AlreadySo("这个浏览器已经退出登录。")
        revoke_session(session, session_id, doer.now, because=Ending.BY_ADMIN)
    record_act(session, doer, "session.revoked", someone.account_id, unit_id=unit_of(someone, doer))


def judging_place(someone: Someone, doer: Doer) -> Held | None:
    """The appointment that makes a second person necessary for this account; None: none is."""
    standing = [one for one in someone.held if one.is_open(doer.now) and one.role in CONFIRMED_ROLES]
    return min(standing, key=lambda one: one.id, default=None)


def unit_of(someone: Someone, doer: Doer) -> int:
    """The unit an act about somebody belongs to: where they are now, else where they were last."""
    standing = [one for one in someone.held if one.is_open(doer.now)]
    places = standing or list(someone.held)
    return places[0].org_unit_id if places else doer.identity.place.org_unit_id


def _refuse(someone: Someone, doer: Doer) -> None:
    refuse_own(someone, doer)
    refuse_partly(someone)


def _set_closed(session: Session, someone: Someone, doer: Doer, *, is_closed: bool) -> None:
    is_other = Account.closed_at.is_(None) if is_closed else Account.closed_at.is_not(None)
    changed = update(Account).where(Account.id == someone.account_id, is_other)
    done = session.execute(
        changed.values(closed_at=doer.now if is_closed else None),
        execution_options={"synchronize_session": False},
    )
    if not cast("CursorResult[Any]", done).rowcount:
        raise AlreadySo("这个账号的状态刚刚已经改过，请刷新页面。")
