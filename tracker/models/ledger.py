"""The ledger: postings and their entries, the folded tally, seals, and the rows figures are serialised on."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from tracker.domain.rollup import Part
from tracker.models.base import Base, Figure, Instant, Key, one_of, unsealed

BASES = ("accepted", "provisional")
POSTING_ACTIONS = (
    "submit", "withdraw", "return", "accept", "undo", "revoke", "import", "publish", "target", "move", "merge",
)  # fmt: skip
MONTHS = tuple(f"m{month}" for month in range(1, 13))


class Posting(Base):
    """One act that changes totals. Its digest covers its entries in key order and ``content_digest``."""

    __tablename__ = "posting"
    __table_args__ = (
        one_of("action", POSTING_ACTIONS),
        unsealed("posting"),
        Index("ix_posting_seal", "seal"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    programme_id: Mapped[int] = mapped_column(Key, ForeignKey("programme.id"))
    year: Mapped[int] = mapped_column(Integer)
    edition: Mapped[int] = mapped_column(Key, ForeignKey("tree_edition.number"))
    actor_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    action: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(Instant)
    content_digest: Mapped[str] = mapped_column(String(64))
    row_digest: Mapped[str] = mapped_column(String(64))
    seal: Mapped[int | None] = mapped_column(Key)


class Entry(Base):
    """A signed increment of one unit's cell, in scaled integers; append-only."""

    __tablename__ = "entry"
    __table_args__ = (
        one_of("basis", BASES),
        one_of("part", Part),
        CheckConstraint("month BETWEEN 1 AND 12", name="month_range"),
        Index("ix_entry_cell", "indicator_id", "org_unit_id"),
    )

    posting_id: Mapped[int] = mapped_column(Key, ForeignKey("posting.id"), primary_key=True)
    org_unit_id: Mapped[int] = mapped_column(Key, ForeignKey("org_unit.id"), primary_key=True)
    indicator_id: Mapped[int] = mapped_column(Key, ForeignKey("indicator.id"), primary_key=True)
    basis: Mapped[str] = mapped_column(String(12), primary_key=True)
    part: Mapped[str] = mapped_column(String(16), primary_key=True)
    month: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    amount: Mapped[int] = mapped_column(Figure)
    year: Mapped[int] = mapped_column(Integer)
    branch_id: Mapped[int] = mapped_column(
        Key
    )  # the publisher's child above the unit; the publisher for itself


class Seal(Base):
    """A number in the order of history and the one hash chain; written only by the fold."""

    __tablename__ = "seal"
    __table_args__ = (Index("ix_seal_at", "at", "number"),)

    number: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Instant)
    rows: Mapped[int] = mapped_column(Integer)
    digest: Mapped[str] = mapped_column(String(64))


class ReportStream(Base):
    """The row on which one unit's figures of one programme are serialised (locked before computing)."""

    __tablename__ = "report_stream"

    programme_id: Mapped[int] = mapped_column(Key, ForeignKey("programme.id"), primary_key=True)
    org_unit_id: Mapped[int] = mapped_column(Key, ForeignKey("org_unit.id"), primary_key=True)
    turns: Mapped[int] = mapped_column(Integer, default=0)


class SummedMonths:
    """What a row of sums consists of. (parent = unit, org_unit = unit) is the unit's own level; (parent or 0,
    org_unit) its whole. ``m1`` … ``m12`` are the increments of each month: to date is their sum up to the cut-off.
    """

    programme_id: Mapped[int] = mapped_column(Key, ForeignKey("programme.id"), primary_key=True)
    parent_id: Mapped[int] = mapped_column(Key, primary_key=True)
    org_unit_id: Mapped[int] = mapped_column(Key, ForeignKey("org_unit.id"), primary_key=True)
    indicator_id: Mapped[int] = mapped_column(Key, ForeignKey("indicator.id"), primary_key=True)
    basis: Mapped[str] = mapped_column(String(12), primary_key=True)
    part: Mapped[str] = mapped_column(String(16), primary_key=True)
    year: Mapped[int] = mapped_column(Integer)
    branch_id: Mapped[int] = mapped_column(Key)
    m1: Mapped[int] = mapped_column(Figure, default=0)
    m2: Mapped[int] = mapped_column(Figure, default=0)
    m3: Mapped[int] = mapped_column(Figure, default=0)
    m4: Mapped[int] = mapped_column(Figure, default=0)
    m5: Mapped[int] = mapped_column(Figure, default=0)
    m6: Mapped[int] = mapped_column(Figure, default=0)
    m7: Mapped[int] = mapped_column(Figure, default=0)
    m8: Mapped[int] = mapped_column(Figure, default=0)
    m9: Mapped[int] = mapped_column(Figure, default=0)
    m10: Mapped[int] = mapped_column(Figure, default=0)
    m11: Mapped[int] = mapped_column(Figure, default=0)
    m12: Mapped[int] = mapped_column(Figure, default=0)


class Tally(SummedMonths, Base):
    """Folded sums as the newest seal left them."""

    __tablename__ = "tally"


class TallyDay(SummedMonths, Base):
    """A row of the tally as the last seal of a day (Asia/Shanghai) left it, for units of depth 2 at most.

    Written by the fold for the rows it touched, so the state at the end of a day is, row by row, the newest
    day not after it. Like the tally it follows from the entries and may be made anew; no trigger guards it.
    """

    __tablename__ = "tally_day"
    day: Mapped[date] = mapped_column(primary_key=True, sort_order=1)
