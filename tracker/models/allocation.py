"""Working copies of a target matrix, and the notices by which units answer what was issued."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.domain.target_notices import NoticeState
from tracker.models.base import Base, CalendarInstant, Instant, Key, one_of


class AllocationDraft(Base):
    """One saved state of the working copy of a unit's matrix; the highest number is the current one.

    Every save adds the next number, so that of two editors who saw the same one only the first gets in.
    ``content``: cells and weights as canonical JSON (``features.targets.content``). ``targets_seen``: the newest
    target version its editor had before them. ``posting_id``: set on the state that an issue left behind.
    """

    __tablename__ = "allocation_draft"

    programme_id: Mapped[int] = mapped_column(Key, ForeignKey("programme.id"), primary_key=True)
    org_unit_id: Mapped[int] = mapped_column(Key, ForeignKey("org_unit.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    content: Mapped[str] = mapped_column(Text)
    targets_seen: Mapped[int] = mapped_column(Key)
    posting_id: Mapped[int | None] = mapped_column(Key, ForeignKey("posting.id"))
    saved_at: Mapped[datetime] = mapped_column(Instant)
    saved_by_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"))


class TargetNotice(Base):
    """Targets issued to one unit at one moment, and its answer; the newest of a unit is the current one.

    ``answer_by``: by when the unit is to confirm; NULL where nobody named a day.
    """

    __tablename__ = "target_notice"
    __table_args__ = (
        one_of("state", NoticeState),
        Index("ix_target_notice_unit", "programme_id", "org_unit_id"),
        Index("ix_target_notice_issuer", "programme_id", "issuer_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    programme_id: Mapped[int] = mapped_column(Key, ForeignKey("programme.id"))
    issuer_id: Mapped[int] = mapped_column(Key, ForeignKey("org_unit.id"))
    org_unit_id: Mapped[int] = mapped_column(Key, ForeignKey("org_unit.id"))
    posting_id: Mapped[int] = mapped_column(Key, ForeignKey("posting.id"))
    state: Mapped[str] = mapped_column(String(12))
    version_id: Mapped[int] = mapped_column(Integer, default=1)
    issued_at: Mapped[datetime] = mapped_column(Instant)
    issued_by_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"))
    issue_reason: Mapped[str] = mapped_column(String(400))
    answer_by: Mapped[datetime | None] = mapped_column(CalendarInstant)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    answered_by_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    request: Mapped[str] = mapped_column(String(400), default="")
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_by_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    decision: Mapped[str] = mapped_column(String(400), default="")
