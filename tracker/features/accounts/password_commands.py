"""Replacing one's password: every fault at once, none of the last ones again, and every other session ended."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from tracker.domain.identity import Actor
from tracker.domain.messages import Fault, Faults, Message, Refusal
from tracker.features.accounts.passwords import Passwords
from tracker.features.accounts.queries import Credentials
from tracker.models.account import Account, FormerPassword
from tracker.services import audit
from tracker.services.sessions import Ending, renew_session, revoke_sessions_of
from tracker.services.sign_in_attempts import mark_succeeded


class WrongPassword(Refusal):
    """The password typed to confirm is not the account's."""


def change_password(
    session: Session,
    credentials: Credentials,
    *,
    current: str,
    replacement: str,
    passwords: Passwords,
    session_id: int,
    attempt_id: int,
    actor: Actor,
    now: datetime,
) -> str:
    """Replace the password and end every other session of the account; this one's new token.

    Raises WrongPassword, and Faults with everything wrong with the new one.
    """
    confirm(session, credentials, current, passwords=passwords, attempt_id=attempt_id)
    refuse_faulty(session, credentials, replacement, passwords)
    put_password(session, credentials, replacement, passwords=passwords, now=now)
    revoke_sessions_of(session, credentials.account_id, now, because=Ending.PASSWORD, but=session_id)
    subject = audit.Subject("account", str(credentials.account_id))
    audit.record(session, actor=actor, now=now, action="password.changed", subject=subject)
    return renew_session(session, session_id, now=now)


def refuse_faulty(session: Session, credentials: Credentials, replacement: str, passwords: Passwords) -> None:
    """Raise Faults with everything wrong with a new password of this account."""
    faults = _faults(session, credentials, replacement, passwords)
    if faults:
        raise Faults([Fault("", message) for message in faults])


def put_password(
    session: Session,
    credentials: Credentials,
    replacement: str,
    *,
    passwords: Passwords,
    now: datetime,
    is_initial: bool = False,
) -> None:
    """Store a password found sound, and the old one among the former ones; ``is_initial``: somebody else set it."""
    if credentials.has_password:
        _remember(session, credentials, keep=passwords.policy.remembered - 1, now=now)
    changed = update(Account).where(Account.id == credentials.account_id)
    session.execute(
        changed.values(
            password_hash=passwords.hash(replacement),
            password_changed_at=now,
            has_password=True,
            has_initial_password=is_initial,
        )
    )


def confirm(
    session: Session, credentials: Credentials, current: str, *, passwords: Passwords, attempt_id: int
) -> None:
    """Take the password of somebody signed in as theirs; the counted try turned out right. Raises WrongPassword."""
    if not passwords.is_right(current, credentials.password_hash):
        raise WrongPassword("现在的密码不对，请再输一次。")
    mark_succeeded(session, attempt_id)


def _faults(
    session: Session, credentials: Credentials, replacement: str, passwords: Passwords
) -> list[Message]:
    found = list(passwords.faults(replacement, login=credentials.login, name=credentials.name))
    earlier = [credentials.password_hash, *_former(session, credentials, passwords.policy.remembered - 1)]
    if any(passwords.is_right(replacement, stored) for stored in earlier):
        count = passwords.policy.remembered
        again = Message("不能和最近用过的 {count} 个密码相同", {"count": count})
        found.append(again if count > 1 else Message("新密码不能和现在的密码相同"))
    return found


def _former(session: Session, credentials: Credentials, count: int) -> list[str]:
    """The hashes of the passwords before the present one, newest first."""
    wanted = select(FormerPassword.password_hash).where(FormerPassword.account_id == credentials.account_id)
    return list(session.scalars(wanted.order_by(FormerPassword.id.desc()).limit(count)))


def _remember(session: Session, credentials: Credentials, *, keep: int, now: datetime) -> None:
    """Keep the present password among the former ones, and no more of them than are compared."""
    session.add(
        FormerPassword(
            account_id=credentials.account_id, password_hash=credentials.password_hash, replaced_at=now
        )
    )
    session.flush()
    own = FormerPassword.account_id == credentials.account_id
    newest = select(FormerPassword.id).where(own).order_by(FormerPassword.id.desc()).limit(keep)
    session.execute(delete(FormerPassword).where(own, FormerPassword.id.not_in(newest)))
