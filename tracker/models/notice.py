"""Reminders sent to a unit's people about a period that is missing."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.models.base import Base, Instant, Key

_STANDING = text("withdrawn_at IS NULL")


class Notice(Base):
    """One reminder (催报) to a unit for a period; one a day stands, unless it is taken back before it is read."""

    __tablename__ = "notice"
    __table_args__ = (
        Index(
            "uq_notice_day", "programme_id", "org_unit_id", "period", "day",
            unique=True, sqlite_where=_STANDING, postgresql_where=_STANDING,
        ),
        Index("ix_notice_org_unit_id", "org_unit_id"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    programme_id: Mapped[int] = mapped_column(Key, ForeignKey("programme.id"))
    org_unit_id: Mapped[int] = mapped_column(Key, ForeignKey("org_unit.id"))
    period: Mapped[str] = mapped_column(String(8))
    day: Mapped[date]  # by the calendar deadlines go by
    text: Mapped[str] = mapped_column(String(1000))
    by_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(Instant)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)
    read_at: Mapped[datetime | None] = mapped_column(Instant)
    read_by_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
