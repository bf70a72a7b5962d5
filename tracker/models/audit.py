"""The audit trail, answers kept for repeated requests, and the installation's few settings."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.models.base import Base, Instant, Key, unsealed


class AuditEntry(Base):
    """Who did what to which subject, with before and after as canonical JSON; sealed like postings."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        unsealed("audit_entry"),
        Index("ix_audit_entry_subject", "subject_kind", "subject_id"),
        Index("ix_audit_entry_org_unit_id", "org_unit_id"),
        Index("ix_audit_entry_actor_id", "actor_id"),
        Index("ix_audit_entry_action", "action", "id"),
        Index("ix_audit_entry_kind", "subject_kind", "id"),
        Index("ix_audit_entry_request_id", "request_id"),
        Index("ix_audit_entry_at", "at", postgresql_using="brin"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    actor_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    actor_label: Mapped[str] = mapped_column(String(120))
    appointment_id: Mapped[int | None] = mapped_column(Key, ForeignKey("appointment.id"))
    action: Mapped[str] = mapped_column(String(60))
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[str] = mapped_column(String(120))
    org_unit_id: Mapped[int | None] = mapped_column(Key, ForeignKey("org_unit.id"))
    request_id: Mapped[str] = mapped_column(String(36))
    before: Mapped[str | None] = mapped_column(Text)
    after: Mapped[str | None] = mapped_column(Text)
    row_digest: Mapped[str] = mapped_column(String(64))
    seal: Mapped[int | None] = mapped_column(Key)


class IdempotentAnswer(Base):
    """The answer given to an unsafe request, so that its repetition is answered alike and done once."""

    __tablename__ = "idempotent_answer"

    account_id: Mapped[int] = mapped_column(Key, ForeignKey("account.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    body_digest: Mapped[str] = mapped_column(String(64))
    status: Mapped[int] = mapped_column(Integer)
    location: Mapped[str] = mapped_column(String(400))
    at: Mapped[datetime] = mapped_column(Instant)


class Setting(Base):
    """One fact about this installation, such as the offset of the demonstration's clock."""

    __tablename__ = "setting"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[str] = mapped_column(String(400))
