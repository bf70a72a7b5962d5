"""Letters on their way out: written with what they tell of, sent by the background process."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.models.base import Base, Instant, Key, one_of

MAIL_STATES = ("waiting", "sent", "failed", "dropped")
_WAITING = text("state = 'waiting'")


class OutgoingMail(Base):
    """One letter to one address. ``next_at``: when it is tried (again); after ``until`` it is not worth sending.

    Nothing secret stands in ``body``: what only its reader may know (a one-time link) is filled in while it is sent.
    """

    __tablename__ = "outgoing_mail"
    __table_args__ = (
        one_of("state", MAIL_STATES),
        CheckConstraint("attempts >= 0", name="attempts_counted"),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_when_sent"),
        Index("ix_outgoing_mail_due", "next_at", sqlite_where=_WAITING, postgresql_where=_WAITING),
        Index("ix_outgoing_mail_subject_of", "kind", "about"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    about: Mapped[str] = mapped_column(String(120))
    recipient: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int] = mapped_column(Integer)
    fault: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(Instant)
    next_at: Mapped[datetime] = mapped_column(Instant)
    until: Mapped[datetime] = mapped_column(Instant)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
