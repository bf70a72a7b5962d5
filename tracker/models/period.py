"""What opens and closes reporting: holidays, closed periods, units reopened, and units without a signature."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tracker.models.base import Base, CalendarInstant, Instant, Key


class Holiday(Base):
    """A weekday off, or a weekend day worked in exchange (``is_working``)."""

    __tablename__ = "holiday"

    day: Mapped[date] = mapped_column(primary_key=True)
    is_working: Mapped[bool]


class PeriodClosing(Base):
    """A period closed by hand, with its gaps named: ``expected`` units, ``handed_in`` of them, the ``missing``."""

    __tablename__ = "period_closing"
    __table_args__ = (UniqueConstraint("programme_id", "period"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    programme_id: Mapped[int] = mapped_column(Key, ForeignKey("programme.id"))
    period: Mapped[str] = mapped_column(String(8))
    closed_from: Mapped[datetime] = mapped_column(CalendarInstant)
    expected: Mapped[int] = mapped_column(Integer)
    handed_in: Mapped[int] = mapped_column(Integer)
    missing: Mapped[list[Any]] = mapped_column(JSON)  # [[unit code, unit name], …]
    by_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(Instant)


class PeriodReopening(Base):
    """A closed period reopened for one unit until a moment; the newest row of a unit and period holds."""

    __tablename__ = "period_reopening"
    __table_args__ = (Index("ix_period_reopening_place", "programme_id", "org_unit_id", "period"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    programme_id: Mapped[int] = mapped_column(Key, ForeignKey("programme.id"))
    org_unit_id: Mapped[int] = mapped_column(Key, ForeignKey("org_unit.id"))
    period: Mapped[str] = mapped_column(String(8))
    until: Mapped[datetime] = mapped_column(CalendarInstant)
    reason: Mapped[str] = mapped_column(String(400))
    by_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(Instant)


class SignatureWaiver(Base):
    """Whether a unit's reports of a programme need no signature (免审批); the newest row of a unit holds."""

    __tablename__ = "signature_waiver"
    __table_args__ = (Index("ix_signature_waiver_place", "programme_id", "org_unit_id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    programme_id: Mapped[int] = mapped_column(Key, ForeignKey("programme.id"))
    org_unit_id: Mapped[int] = mapped_column(Key, ForeignKey("org_unit.id"))
    is_waived: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(400))
    by_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(Instant)
