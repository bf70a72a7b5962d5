"""Work that outlives a request: rows the background process takes on lease."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.models.base import Base, Instant, Key, one_of

JOB_STATES = ("waiting", "running", "done", "failed")
_OPEN = text("state IN ('waiting', 'running')")


class Job(Base):
    """One piece of work: what to do (``kind``) on what (``payload``, canonical JSON), and how far it is.

    A worker holds it until ``leased_until``; one that dies lets it run out, and another takes it up.
    """

    __tablename__ = "job"
    __table_args__ = (
        one_of("state", JOB_STATES),
        CheckConstraint("steps_done >= 0 AND steps_done <= steps", name="steps_done_in_steps"),
        Index("ix_job_open", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_job_subject", "kind", "subject"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(120))
    payload: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16))
    steps: Mapped[int] = mapped_column(Integer)
    steps_done: Mapped[int] = mapped_column(Integer)
    attempts: Mapped[int] = mapped_column(Integer)
    fault: Mapped[str | None] = mapped_column(String(400))
    asked_by_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    leased_until: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class Heartbeat(Base):
    """When a background process last said that it lives; one row for each kind of process."""

    __tablename__ = "heartbeat"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
