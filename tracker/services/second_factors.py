"""A lost second factor taken off an account: by an operator, by an admin, or once a second person has confirmed."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tracker.domain.messages import NotFound
from tracker.models.account import RecoveryCode, SecondFactor
from tracker.services.account_links import Holder
from tracker.services.outbox import Letter, post
from tracker.services.sessions import Ending, revoke_sessions_of

LETTER: Final = "second_factor_reset"


class NoSecondFactor(NotFound):
    """The account has no second factor."""


def factor_since(session: Session, account_id: int) -> datetime | None:
    """Since when an account has its second factor; None: it has none."""
    wanted = select(SecondFactor.enrolled_at).where(SecondFactor.account_id == account_id)
    return session.scalar(wanted)


def take_off(session: Session, account_id: int) -> None:
    """Take the second factor and its recovery codes off an account."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    session.execute(delete(SecondFactor).where(SecondFactor.account_id == account_id))


def reset_factor(session: Session, holder: Holder, *, now: datetime, can_mail: bool) -> None:
    """Take a lost second factor off, end every session of the account and tell its owner. Raises NoSecondFactor.

    The letter leaves where the owner has an address and letters leave at all; the account's own page tells in any case.
    """
    if factor_since(session, holder.account_id) is None:
        raise NoSecondFactor("这个账号没有设置动态口令。")
    take_off(session, holder.account_id)
    revoke_sessions_of(session, holder.account_id, now, because=Ending.SECOND_FACTOR)
    if can_mail and holder.email is not None:
        subject, text = _letter(holder)
        post(session, Letter(LETTER, str(holder.account_id), holder.email, subject, text), now=now)


def _letter(holder: Holder) -> tuple[str, str]:
    text = (
        f"{holder.name}，您好：\n\n您的实事通账号 {holder.login} 的动态口令已经重置，登录中的浏览器都已退出。"
    )
    text += "下次登录先只用密码，请立即在“我的账号”里重新设置动态口令。\n\n"
    text += "如果您没有要求这样做，请立即告知本单位管理员，并更换密码。\n"
    return "实事通：动态口令已重置", text
