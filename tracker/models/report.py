"""Reports, their revisions and lines, submissions, acceptances and the thread of a report."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from tracker.domain.kinds import Judgement
from tracker.domain.workflow import OPEN, State
from tracker.models.base import Base, CalendarInstant, Figure, Instant, Key, one_of

ORIGINS = ("page", "import")
_OPEN_TEXT = "state IN (" + ", ".join(f"'{state}'" for state in sorted(OPEN)) + ")"
_OPEN_STATES = text(_OPEN_TEXT)
_ACCEPTED = text("state = 'accepted'")
IS_UNDER_WAY = text(f"revision.{_OPEN_TEXT}")
"""Said beside a narrower condition on states, it lets an engine look at the few open revisions alone (uq_revision_open)."""


class Report(Base):
    """进展报告: one unit's account of one pledge for one period; ``month`` is the period's last month."""

    __tablename__ = "report"
    __table_args__ = (
        UniqueConstraint("pledge_id", "org_unit_id", "period"),
        Index("ix_report_sheet", "programme_id", "org_unit_id", "month"),
        CheckConstraint("month BETWEEN 1 AND 12", name="month_range"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    programme_id: Mapped[int] = mapped_column(Key, ForeignKey("programme.id"))
    pledge_id: Mapped[int] = mapped_column(Key, ForeignKey("pledge.id"))
    org_unit_id: Mapped[int] = mapped_column(Key, ForeignKey("org_unit.id"))
    period: Mapped[str] = mapped_column(String(8))
    month: Mapped[int] = mapped_column(SmallInteger)


class Revision(Base):
    """版次: one version of a report. Imported history has origin import and no signer or acceptor."""

    __tablename__ = "revision"
    __table_args__ = (
        UniqueConstraint("report_id", "number"),
        one_of("state", State),
        one_of("origin", ORIGINS),
        CheckConstraint("signed_by_id <> accepted_by_id", name="four_eyes"),
        Index(
            "uq_revision_open",
            "report_id",
            unique=True,
            sqlite_where=_OPEN_STATES,
            postgresql_where=_OPEN_STATES,
        ),
        Index(
            "uq_revision_accepted",
            "report_id",
            unique=True,
            sqlite_where=_ACCEPTED,
            postgresql_where=_ACCEPTED,
        ),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    report_id: Mapped[int] = mapped_column(Key, ForeignKey("report.id"))
    number: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(16))
    origin: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(1000), default="")
    achievements: Mapped[str] = mapped_column(Text, default="")
    problems: Mapped[str] = mapped_column(Text, default="")
    next_steps: Mapped[str] = mapped_column(Text, default="")
    submission_number: Mapped[int] = mapped_column(Integer, default=0)  # the one last handed in; 0: none yet
    submitted_by_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    submitted_at: Mapped[datetime | None] = mapped_column(Instant)
    signed_by_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    signed_at: Mapped[datetime | None] = mapped_column(Instant)
    accepted_by_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    accepted_at: Mapped[datetime | None] = mapped_column(Instant)
    answer_by: Mapped[datetime | None] = mapped_column(CalendarInstant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    version_id: Mapped[int] = mapped_column(Integer)

    __mapper_args__ = {"version_id_col": version_id}


class RevisionAuthor(Base):
    """A person who saved, submitted or corrected lines of a revision; never its signer or acceptor (trigger)."""

    __tablename__ = "revision_author"

    revision_id: Mapped[int] = mapped_column(Key, ForeignKey("revision.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"), primary_key=True)


class Line(Base):
    """数据项: one indicator's figure in a revision. A row without any figure is blank, whatever its note."""

    __tablename__ = "line"
    __table_args__ = (
        CheckConstraint(
            f"judgement IN ({', '.join(repr(str(word)) for word in Judgement)})",
            name="judgement_known",
        ),
    )

    revision_id: Mapped[int] = mapped_column(Key, ForeignKey("revision.id"), primary_key=True)
    indicator_id: Mapped[int] = mapped_column(Key, ForeignKey("indicator.id"), primary_key=True)
    value: Mapped[int | None] = mapped_column(Figure)
    numerator: Mapped[int | None] = mapped_column(Figure)
    denominator: Mapped[int | None] = mapped_column(Figure)
    rate: Mapped[int | None] = mapped_column(Figure)
    done_on: Mapped[date | None]
    items_done: Mapped[list[Any] | None] = mapped_column(JSON)
    judgement: Mapped[str | None] = mapped_column(String(16))
    is_unknown: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(Text, default="")
    typed_by_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    typed_at: Mapped[datetime | None] = mapped_column(Instant)


class Submission(Base):
    """提交: what was handed in, as canonical JSON with its SHA-256; written once, never changed."""

    __tablename__ = "submission"
    __table_args__ = (UniqueConstraint("revision_id", "number"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    revision_id: Mapped[int] = mapped_column(Key, ForeignKey("revision.id"))
    number: Mapped[int] = mapped_column(Integer)
    content: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    by_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(Instant)


class Acceptance(Base):
    """The span in which a revision counted: from one posting to the one that ended it (NULL: still counts)."""

    __tablename__ = "acceptance"
    __table_args__ = (Index("ix_acceptance_revision_id", "revision_id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    revision_id: Mapped[int] = mapped_column(Key, ForeignKey("revision.id"))
    posting_id: Mapped[int] = mapped_column(Key, ForeignKey("posting.id"), index=True)
    ended_posting_id: Mapped[int | None] = mapped_column(Key, ForeignKey("posting.id"))


class ThreadEntry(Base):
    """One step or remark in a report's permanent thread: submitted, signed, returned with its reason, accepted …"""

    __tablename__ = "thread_entry"
    __table_args__ = (
        Index("ix_thread_entry_report_id", "report_id"),
        Index("ix_thread_entry_person", "person_id", "at"),
        Index("ix_thread_entry_action", "action", "at"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    report_id: Mapped[int] = mapped_column(Key, ForeignKey("report.id"))
    revision_id: Mapped[int] = mapped_column(Key, ForeignKey("revision.id"))
    submission_id: Mapped[int | None] = mapped_column(Key, ForeignKey("submission.id"))
    action: Mapped[str] = mapped_column(String(16))
    person_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(Instant)
    text: Mapped[str] = mapped_column(Text, default="")
    pinned: Mapped[list[Any]] = mapped_column(JSON, default=list)  # indicator ids
    answer_by: Mapped[datetime | None] = mapped_column(CalendarInstant)
