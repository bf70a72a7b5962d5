"""Passwords set past the old one: by a one-time link, or by an operator; and closing an account by hand."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tracker.domain.identity import OPERATOR, Actor
from tracker.domain.messages import NotFound
from tracker.features.accounts.commands import refuse_weak
from tracker.features.accounts.passwords import Passwords
from tracker.models.account import Account
from tracker.services import audit
from tracker.services.account_links import LiveLink, revoke_links, use_link
from tracker.services.sessions import revoke_sessions_of


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
    """Set the password by a link, use the link up, end every session. Raises WeakPassword, LinkDead."""
    refuse_weak(replacement)
    hashed = passwords.hash(replacement)
    use_link(session, link, now)
    _put(session, link.account_id, hashed, now)
    actor = Actor(link.person_id, f"{link.name}（{link.login}）", None, request_id)
    _record(session, "password.set", link.account_id, actor=actor, now=now)


def set_password_by_operator(
    session: Session, login: str, replacement: str, *, passwords: Passwords, now: datetime
) -> None:
    """Set the password of an open account, end its sessions and links. Raises UnknownLogin, WeakPassword."""
    account_id = _account_id(session, login)
    refuse_weak(replacement)
    revoke_links(session, account_id, now)
    _put(session, account_id, passwords.hash(replacement), now)
    _record(session, "password.set_by_operator", account_id, actor=OPERATOR, now=now)


def close_by_operator(session: Session, login: str, *, now: datetime) -> None:
    """Close an account, end its sessions and links. Raises UnknownLogin."""
    account_id = _account_id(session, login)
    session.execute(update(Account).where(Account.id == account_id).values(closed_at=now))
    revoke_sessions_of(session, account_id, now)
    revoke_links(session, account_id, now)
    _record(session, "account.closed", account_id, actor=OPERATOR, now=now)


def _account_id(session: Session, login: str) -> int:
    found = session.scalar(select(Account.id).where(Account.login == login, Account.closed_at.is_(None)))
    if found is None:
        raise UnknownLogin("没有登录名为 {login} 的在用账号。", login=login)
    return found


def _put(session: Session, account_id: int, hashed: str, now: datetime) -> None:
    changed = update(Account).where(Account.id == account_id)
    session.execute(changed.values(password_hash=hashed, password_changed_at=now, has_password=True))
    revoke_sessions_of(session, account_id, now)


def _record(session: Session, action: str, account_id: int, *, actor: Actor, now: datetime) -> None:
    subject = audit.Subject("account", str(account_id))
    audit.record(session, actor=actor, now=now, action=action, subject=subject)
