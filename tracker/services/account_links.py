"""One-time links by which people set their password: sent by mail to their own address, never shown to anybody else."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple, cast

from sqlalchemy import ColumnElement, CursorResult, and_, func, select, update
from sqlalchemy.orm import Session

from tracker.domain.messages import NotFound, Refusal
from tracker.models.account import Account, Person
from tracker.models.granting import AccountLink
from tracker.services.outbox import Letter, Mail, drop_unsent, post

LETTER: Final = "account_link"
GOOD_FOR: Final = timedelta(hours=24)
MOST_A_DAY: Final = 5
TOKEN_BYTES: Final = 32

SUBJECTS: Final = {"activate": "实事通：请启用您的账号", "reset": "实事通：重设密码"}
TEXTS: Final = {
    "activate": "{name}，您好：\n\n本单位管理员为您开设了实事通账号，登录名 {login}。请在 24 小时内打开下面的链接，自己设定密码：\n\n",
    "reset": "{name}，您好：\n\n管理员为您的实事通账号 {login} 办理了重设密码。请在 24 小时内打开下面的链接，自己设定新密码：\n\n",
}
FOOT: Final = "\n\n链接只能用一次，请勿转发。如果您没有要求这样做，请不要打开，并告知本单位管理员。\n"


class TooManyLinks(Refusal):
    """The account was sent as many links in a day as it may be."""


class NoAddressKnown(Refusal):
    """The person has no address a link could go to."""


class LinkDead(NotFound):
    """There is no such link, or it was used, replaced, or has run out."""


class Holder(NamedTuple):
    """Whose link it is."""

    account_id: int
    name: str
    login: str
    email: str | None


class LiveLink(NamedTuple):
    """A link that is good now, and whose."""

    id: int
    account_id: int
    person_id: int
    login: str
    name: str
    purpose: str


def token_digest(token: str) -> str:
    """What is stored of a link's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def send_link(session: Session, holder: Holder, purpose: str, *, by_id: int | None, now: datetime) -> int:
    """Write the letter with a new link (``activate`` or ``reset``) to its owner; older links die. The link's number.

    Raises NoAddressKnown, TooManyLinks.
    """
    if holder.email is None:
        raise NoAddressKnown("没有登记这个人的邮箱，链接无处可寄；请先登记邮箱，或请操作员用命令设置密码。")
    mine = and_(AccountLink.account_id == holder.account_id, AccountLink.created_at > now - GOOD_FOR)
    if (session.scalar(select(func.count()).select_from(AccountLink).where(mine)) or 0) >= MOST_A_DAY:
        raise TooManyLinks("这个账号 24 小时内已经寄过 {most} 次链接，请明天再试。", most=MOST_A_DAY)
    revoke_links(session, holder.account_id, now)
    row = AccountLink(
        account_id=holder.account_id,
        purpose=purpose,
        requested_by_id=by_id,
        created_at=now,
        token_digest=None,
        expires_at=None,
        used_at=None,
        revoked_at=None,
    )
    session.add(row)
    session.flush()
    text = TEXTS[purpose].format(name=holder.name, login=holder.login) + "{link}" + FOOT
    post(session, Letter(LETTER, str(row.id), holder.email, SUBJECTS[purpose], text), now=now)
    return row.id


def revoke_links(session: Session, account_id: int, now: datetime) -> None:
    """No link of this account is good any more, and none that waits in the outbox leaves."""
    mine = AccountLink.account_id == account_id
    ids = list(session.scalars(select(AccountLink.id).where(mine, *_unused())))
    _change(session, AccountLink.id.in_(ids), revoked_at=now)
    drop_unsent(session, LETTER, [str(number) for number in ids])


def draw_token(session: Session, mail: Mail, now: datetime) -> str | None:
    """Draw the token of the link a letter carries: good for 24 hours from now. None: the link is dead already.

    A letter sent a second time gets another token, and the first one's is forgotten.
    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    which = and_(AccountLink.id == int(mail.about), *_unused())
    is_drawn = _change(session, which, token_digest=token_digest(token), expires_at=now + GOOD_FOR)
    return token if is_drawn else None


def get_link(session: Session, token: str, now: datetime) -> LiveLink:
    """The link behind a token, good now and of an open account. Raises LinkDead."""
    wanted = (
        select(
            AccountLink.id, Account.id, Account.person_id, Account.login, Person.name, AccountLink.purpose
        )
        .join(Account, Account.id == AccountLink.account_id)
        .join(Person, Person.id == Account.person_id)
        .where(
            AccountLink.token_digest == token_digest(token), Account.closed_at.is_(None), *_good_at(now)
        )
    )  # fmt: skip
    row = session.execute(wanted).one_or_none()
    if row is None:
        raise LinkDead("这个链接不存在、已经用过或已经过期，请联系本单位管理员重新寄送。")
    return LiveLink(*row)


def use_link(session: Session, link: LiveLink, now: datetime) -> None:
    """Use it up; of many at once one succeeds. Raises LinkDead."""
    if not _change(session, and_(AccountLink.id == link.id, *_good_at(now)), used_at=now):
        raise LinkDead("这个链接刚刚已经用过。")


def _unused() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return AccountLink.used_at.is_(None), AccountLink.revoked_at.is_(None)


def _good_at(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return *_unused(), AccountLink.expires_at > now


def _change(session: Session, which: ColumnElement[bool], **values: object) -> bool:
    changed = update(AccountLink).where(which).values(**values)
    done = session.execute(changed, execution_options={"synchronize_session": False})
    return bool(cast("CursorResult[Any]", done).rowcount)
