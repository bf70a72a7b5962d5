"""The second factor: set up, proven once for each code, turned off, reset; and the recovery codes beside it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import CursorResult, delete, update
from sqlalchemy.orm import Session

from tracker.domain.identity import OPERATOR, Actor, Identity
from tracker.domain.messages import Conflict, Refusal
from tracker.domain.password_policy import Policy
from tracker.features.accounts.codes import matching_step, new_recovery_codes, tidy
from tracker.features.accounts.commands import Browser
from tracker.features.accounts.passwords import Passwords
from tracker.features.accounts.queries import AccountFound, Factor, find_factor
from tracker.features.accounts.secret_box import SecretBox, Unreadable
from tracker.models.account import RecoveryCode, SecondFactor
from tracker.services import audit
from tracker.services.second_factors import reset_factor, take_off
from tracker.services.sessions import (
    Ending,
    end_beyond,
    list_appointments,
    renew_session,
    revoke_sessions_of,
)
from tracker.services.sign_in_attempts import mark_succeeded

SALT_BYTES: Final = 16


class WrongCode(Refusal):
    """The code is none of now, has been used already, or is no recovery code of the account."""


class SecretUnreadable(Refusal):
    """The secret cannot be decrypted, so that only recovery codes and a reset are left."""


class AlreadyEnrolled(Conflict):
    """The account has a second factor."""


class SecondFactorRequired(Refusal):
    """The policy asks a second factor of this person."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What a typed code amounts to before the database has its say: a step, or a recovery code's digest."""

    step: int | None = None
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class FreshCodes:
    """Ten recovery codes as they are shown once, and what is stored of them."""

    shown: tuple[str, ...] = field(repr=False)
    salt: str = field(repr=False)
    digests: tuple[str, ...] = field(repr=False)

    @classmethod
    def draw(cls, passwords: Passwords) -> FreshCodes:
        """New codes; takes the time of ten password hashes."""
        shown, salt = tuple(new_recovery_codes()), secrets.token_hex(SALT_BYTES)
        return cls(shown, salt, tuple(passwords.stretch(tidy(code), salt) for code in shown))


def bound_to_account(account_id: int) -> str:
    """What an account's secret is encrypted for."""
    return f"account {account_id}"


def read_code(factor: Factor, typed: str, *, now: datetime, box: SecretBox, passwords: Passwords) -> Proof:
    """What the typed code amounts to; a recovery code takes as long as a password. Raises WrongCode, SecretUnreadable."""
    code = tidy(typed)
    if not code.isdecimal():
        return Proof(digest=passwords.stretch(code, factor.code_salt))
    try:
        secret = box.open(factor.secret, bound_to_account(factor.account_id))
    except Unreadable:
        raise SecretUnreadable("动态口令现在无法核对，请使用备用码，或联系管理员重置动态口令。") from None
    step = matching_step(secret, code, now)
    if step is None:
        raise WrongCode("动态口令不对，请看手机上现在的 6 位数字。")
    return Proof(step=step)


def use_proof(session: Session, account_id: int, proof: Proof, now: datetime) -> None:
    """Use the code up: of two who send the same one, one is refused. Raises WrongCode."""
    own = SecondFactor.account_id == account_id
    if proof.step is not None:
        used = update(SecondFactor).where(own, SecondFactor.last_step < proof.step)
        if _rows(session.execute(used.values(last_step=proof.step))):
            return
        raise WrongCode("这个动态口令已经用过，请等手机上换出下一个。")
    codes = RecoveryCode.account_id == account_id, RecoveryCode.digest == proof.digest
    taken = update(RecoveryCode).where(*codes, RecoveryCode.used_at.is_(None)).values(used_at=now)
    if not _rows(session.execute(taken)):
        raise WrongCode("备用码不对，或已经用过。")


def finish_sign_in(
    session: Session,
    identity: Identity,
    proof: Proof,
    *,
    session_id: int,
    attempt_id: int,
    browser: Browser,
    actor: Actor,
    now: datetime,
    policy: Policy,
) -> str:
    """Take the code and let the person in; the session's new token. Raises WrongCode."""
    use_proof(session, identity.account_id, proof, now)
    mark_succeeded(session, attempt_id)
    token = renew_session(session, session_id, now=now, has_proven_factor=True)
    end_beyond(session, identity.account_id, keep=token, now=now, policy=policy)
    used = "code" if proof.step is not None else "recovery_code"
    after = {"address": browser.address, "browser": browser.name[:200], "second_factor": used}
    _record(session, identity, "session.begun", actor=actor, now=now, after=after)
    return token


def enrol(
    session: Session,
    identity: Identity,
    secret: str,
    code: str,
    *,
    fresh: FreshCodes,
    box: SecretBox,
    session_id: int,
    actor: Actor,
    now: datetime,
) -> str:
    """Set the second factor up with its first code; every other session ends; this one's new token.

    Raises WrongCode and AlreadyEnrolled.
    """
    if find_factor(session, identity.account_id) is not None:
        raise AlreadyEnrolled("这个账号已经设置过动态口令。")
    step = matching_step(secret, code, now)
    if step is None:
        raise WrongCode("动态口令不对，请看手机上现在的 6 位数字；手机时间要准。")
    session.add(
        SecondFactor(
            account_id=identity.account_id,
            secret=box.lock(secret, bound_to_account(identity.account_id)),
            last_step=step,
            enrolled_at=now,
            code_salt=fresh.salt,
        )
    )
    session.flush()
    _add_codes(session, identity.account_id, fresh.digests)
    revoke_sessions_of(session, identity.account_id, now, because=Ending.SECOND_FACTOR, but=session_id)
    _record(session, identity, "second_factor.enrolled", actor=actor, now=now)
    return renew_session(session, session_id, now=now, has_proven_factor=True)


def renew_codes(
    session: Session, identity: Identity, proof: Proof, *, fresh: FreshCodes, actor: Actor, now: datetime
) -> None:
    """Replace all recovery codes. Raises WrongCode."""
    use_proof(session, identity.account_id, proof, now)
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == identity.account_id))
    salted = update(SecondFactor).where(SecondFactor.account_id == identity.account_id)
    session.execute(salted.values(code_salt=fresh.salt))
    _add_codes(session, identity.account_id, fresh.digests)
    _record(session, identity, "second_factor.codes_renewed", actor=actor, now=now)


def turn_off(
    session: Session, identity: Identity, proof: Proof, *, policy: Policy, actor: Actor, now: datetime
) -> None:
    """Do without the second factor from now on. Raises WrongCode, SecondFactorRequired."""
    if needs_factor(session, identity.person_id, policy=policy, now=now):
        raise SecondFactorRequired("按规定，您的职务登录时必须使用动态口令，不能停用。")
    use_proof(session, identity.account_id, proof, now)
    take_off(session, identity.account_id)
    _record(session, identity, "second_factor.turned_off", actor=actor, now=now)


def needs_factor(session: Session, person_id: int, *, policy: Policy, now: datetime) -> bool:
    """Whether the policy asks a second factor of a person, for any appointment in force."""
    return any(each.role in policy.second_factor for each in list_appointments(session, person_id, now))


def reset_by_operator(session: Session, found: AccountFound, *, now: datetime, can_mail: bool) -> None:
    """Take a lost second factor off an account, end its sessions and tell its owner. Raises NoSecondFactor."""
    reset_factor(session, found.holder, now=now, can_mail=can_mail)
    subject = audit.Subject("account", str(found.account_id), found.org_unit_id)
    audit.record(session, actor=OPERATOR, now=now, action="second_factor.reset", subject=subject)


def _add_codes(session: Session, account_id: int, digests: Sequence[str]) -> None:
    session.add_all(RecoveryCode(account_id=account_id, digest=digest, used_at=None) for digest in digests)
    session.flush()


def _record(
    session: Session, identity: Identity, action: str, *, actor: Actor, now: datetime, after: object = None
) -> None:
    subject = audit.Subject("account", str(identity.account_id), identity.place.org_unit_id)
    audit.record(session, actor=actor, now=now, action=action, subject=subject, after=after)


def _rows(result: object) -> int:
    return result.rowcount if isinstance(result, CursorResult) else 0
