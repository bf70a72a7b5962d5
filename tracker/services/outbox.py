"""The outbox: letters written in the transaction of what they tell of, and taken from it one by one to be sent."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, and_, delete, func, select, update
from sqlalchemy.orm import Session

from tracker.domain.messages import Refusal
from tracker.models.mail import OutgoingMail

LONGEST_ADDRESS: Final = 254
WORTH_SENDING: Final = timedelta(days=3)
LONGEST_FAULT: Final = 200
PAUSES: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720))
"""How long is waited after each failed try; after the last one the letter is given up."""
HELD: Final = timedelta(minutes=5)
"""How long a letter is its sender's; it is tried again when nothing was heard of it by then."""

_ADDRESS = re.compile(
    r"[0-9A-Za-z.!#$%&'*+/=?^_`{|}~-]{1,64}@[0-9A-Za-z-]{1,63}(?:\.[0-9A-Za-z-]{1,63}){1,8}"
)


class NoAddress(Refusal):
    """What was given is not one mail address."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What is to be sent to one address. ``kind`` and ``about`` say what it tells of (``account_link``, its id).

    No secret may stand in ``body``; ``{link}`` in it is filled in by the sender of that kind of letter.
    """

    kind: str
    about: str
    recipient: str
    subject: str
    body: str


class Mail(NamedTuple):
    """A letter as its sender gets it; ``attempts`` counts this one."""

    id: int
    kind: str
    about: str
    recipient: str
    subject: str
    body: str
    attempts: int


class Standing(NamedTuple):
    """How the newest letter of a kind on a subject stands: its state, when it was sent, and what went wrong."""

    state: str
    attempts: int
    sent_at: datetime | None
    fault: str | None


def checked_address(text: str) -> str:
    """The address without blanks and in small letters. Raises NoAddress."""
    address = text.strip().lower()
    if len(address) > LONGEST_ADDRESS or not _ADDRESS.fullmatch(address):
        raise NoAddress("请填写一个完整的邮箱地址，例如 name@example.cn")
    return address


def masked_address(address: str) -> str:
    """The address as others than its owner see it: the first letter of the name, and the domain's last part.

    >>> masked_address("wangfang@zgh.example.cn")
    'w***@***.cn'
    """
    name, _, domain = address.partition("@")
    return f"{name[:1]}***@***.{domain.rpartition('.')[2]}"


def post(session: Session, letter: Letter, *, now: datetime, keep_for: timedelta = WORTH_SENDING) -> int:
    """Put a letter into the outbox: it leaves only if this transaction commits; its number."""
    row = OutgoingMail(
        kind=letter.kind,
        about=letter.about,
        recipient=checked_address(letter.recipient),
        subject=letter.subject,
        body=letter.body,
        state="waiting",
        attempts=0,
        fault=None,
        created_at=now,
        next_at=now,
        until=now + keep_for,
        sent_at=None,
    )
    session.add(row)
    session.flush()
    return row.id


def has_mail(session: Session, now: datetime) -> bool:
    """Whether ``take`` would find anything; for the read side, so that an idle worker takes no lock."""
    return session.scalar(select(OutgoingMail.id).where(_is_due(now)).limit(1)) is not None


def take(session: Session, now: datetime) -> Mail | None:
    """The letter that is due longest, put off until its next try in the same statement: whoever dies loses nothing."""
    oldest = (
        select(OutgoingMail.id)
        .where(_is_due(now))
        .order_by(OutgoingMail.next_at, OutgoingMail.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    taken = (
        update(OutgoingMail)
        .where(OutgoingMail.id == oldest.scalar_subquery())
        .values(attempts=OutgoingMail.attempts + 1, next_at=now + HELD)
        .returning(
            OutgoingMail.id, OutgoingMail.kind, OutgoingMail.about, OutgoingMail.recipient,
            OutgoingMail.subject, OutgoingMail.body, OutgoingMail.attempts,
        )
    )  # fmt: skip
    row = session.execute(taken, execution_options={"synchronize_session": False}).one_or_none()
    return None if row is None else Mail(*row)


def mark_sent(session: Session, mail: Mail, now: datetime) -> None:
    """The other side has taken it."""
    _change(session, OutgoingMail.id == mail.id, state="sent", sent_at=now, fault=None)


def mark_failed(session: Session, mail: Mail, fault: str, *, now: datetime, is_final: bool = False) -> None:
    """It did not leave: it is tried again after a growing pause, and given up after the last or when that is of no use."""
    is_over = is_final or mail.attempts > len(PAUSES)
    pause = PAUSES[min(mail.attempts, len(PAUSES)) - 1]
    state = "failed" if is_over else "waiting"
    _change(
        session, OutgoingMail.id == mail.id, state=state, fault=fault[:LONGEST_FAULT], next_at=now + pause
    )


def drop_unsent(session: Session, kind: str, abouts: Sequence[str]) -> None:
    """Take back letters of a kind that have not left yet."""
    _change(session, and_(OutgoingMail.kind == kind, OutgoingMail.about.in_(abouts)), state="dropped")


def drop_overdue(session: Session, now: datetime) -> None:
    """Letters nobody has use for any longer are not sent: those written while no mail could leave, too."""
    _change(session, OutgoingMail.until <= now, state="dropped")


def clear_old(session: Session, before: datetime) -> None:
    """Delete letters written before that moment, addresses and all, unless they still wait."""
    old = delete(OutgoingMail).where(OutgoingMail.created_at < before, OutgoingMail.state != "waiting")
    session.execute(old)


def find_standing(session: Session, kind: str, about: str) -> Standing | None:
    """How the newest letter of a kind on a subject stands; None: none was written."""
    newest = select(func.max(OutgoingMail.id)).where(OutgoingMail.kind == kind, OutgoingMail.about == about)
    wanted = select(
        OutgoingMail.state, OutgoingMail.attempts, OutgoingMail.sent_at, OutgoingMail.fault
    ).where(OutgoingMail.id == newest.scalar_subquery())
    row = session.execute(wanted).one_or_none()
    return None if row is None else Standing(*row)


def _is_due(now: datetime) -> ColumnElement[bool]:
    return and_(OutgoingMail.state == "waiting", OutgoingMail.next_at <= now, OutgoingMail.until > now)


def _change(session: Session, which: ColumnElement[bool], **values: object) -> None:
    changed = update(OutgoingMail).where(OutgoingMail.state == "waiting", which).values(**values)
    session.execute(changed, execution_options={"synchronize_session": False})
