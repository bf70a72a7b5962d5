"""Passwords set past the old one: by a one-time link, or by an operator; and closing an account by hand."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from tracker.domain.identity import OPERATOR, Actor
from tracker.domain.messages import NotFound
from tracker.features.accounts.password_commands import put_password, refuse_faulty
from tracker.features.accounts.passwords import Passwords
from tracker.features.accounts.queries import Credentials, find_credentials
from tracker.models.account import Account
from tracker.services import audit
from tracker.services.account_links import LinkDead, LiveLink, revoke_links, use_link
from tracker.services.sessions import Ending, revoke_sessions_of


class UnknownLogin(NotFound):
    """There is no open account with this login."""


def set_password(
    session: Session,
    link: LiveLink,
    replacement: str,
    *,
    passwords: Passwords,
    now: datetime,
    request_id: str,
) -> None:
    """Set the password by a link, use the link up, end every session.

    Raises LinkDead, and Faults with everything wrong with the password.
    """
    credentials = find_credentials(session, link.login)
    if credentials is None:
        raise LinkDead("这个链接不存在、已经用过或已经过期，请联系本单位管理员重新寄送。")
    refuse_faulty(session, credentials, replacement, passwords)
    use_link(session, link, now)
    put_password(session, credentials, replacement, passwords=passwords, now=now)
    revoke_sessions_of(session, link.account_id, now, because=Ending.PASSWORD)
    actor = Actor(link.person_id, f"{link.name}（{link.login}）", None, request_id)
    _record(session, "password.set", link.account_id, actor=actor, now=now)


def set_password_by_operator(
    session: Session, login: str, replacement: str, *, passwords: Passwords, now: datetime
) -> None:
    """Set the password of an open account, end its sessions and links.

    Under a policy that asks for it, its owner replaces it at the next sign-in. Raises UnknownLogin, and Faults with
    everything wrong with the password.
    """
    credentials = _credentials(session, login)
    refuse_faulty(session, credentials, replacement, passwords)
    revoke_links(session, credentials.account_id, now)
    put_password(session, credentials, replacement, passwords=passwords, now=now, is_initial=True)
    revoke_sessions_of(session, credentials.account_id, now, because=Ending.PASSWORD)
    _record(session, "password.set_by_operator", credentials.account_id, actor=OPERATOR, now=now)


def close_by_operator(session: Session, login: str, *, now: datetime) -> None:
    """Close an account, end its sessions and links. Raises UnknownLogin."""
    account_id = _credentials(session, login).account_id
    session.execute(update(Account).where(Account.id == account_id).values(closed_at=now))
    revoke_sessions_of(session, account_id, now, because=Ending.APPOINTMENT)
    revoke_links(session, account_id, now)
    _record(session, "account.closed", account_id, actor=OPERATOR, now=now)


def _credentials(session: Session, login: str) -> Credentials:
    found = find_credentials(session, login)
    if found is None:
        raise UnknownLogin("没有登录名为 {login} 的在用账号。", login=login)
    return found


def _record(session: Session, action: str, account_id: int, *, actor: Actor, now: datetime) -> None:
    subject = audit.Subject("account", str(account_id))
    audit.record(session, actor=actor, now=now, action=action, subject=subject)
