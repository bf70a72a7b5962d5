"""Org units, the tree they stand in, kept in numbered editions, and what they were called and where they stood before."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, LargeBinary, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from tracker.domain.rollup import Part
from tracker.models.base import Base, Figure, Instant, Key, one_of

LEVELS = ("province", "city", "county", "township", "grassroots")
KINDS = ("federation", "sector", "zone", "department", "grassroots")


class OrgUnit(Base):
    """工会组织: a federation, sector union, zone or department, known by its official code."""

    __tablename__ = "org_unit"
    __table_args__ = (one_of("level", LEVELS), one_of("kind", KINDS))

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    short_name: Mapped[str] = mapped_column(String(40))
    level: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(16))
    weight: Mapped[int | None] = mapped_column(Integer)
    position: Mapped[int] = mapped_column(Integer, default=0)
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    successor_id: Mapped[int | None] = mapped_column(Key, ForeignKey("org_unit.id"))
    version_id: Mapped[int] = mapped_column(Integer, default=1, server_default="1")


class OrgName(Base):
    """A name a unit no longer bears: it was called so until ``until``, that day excluded.

    ``until_month`` (year × 12 + month) is the month of that day: accounts of earlier months bear the name.
    """

    __tablename__ = "org_name"

    org_unit_id: Mapped[int] = mapped_column(Key, ForeignKey("org_unit.id"), primary_key=True)
    until: Mapped[date] = mapped_column(primary_key=True)
    until_month: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(120))
    short_name: Mapped[str] = mapped_column(String(40))


class TreeEdition(Base):
    """One numbered edition of the tree; a move or merge makes the next, an added unit does not."""

    __tablename__ = "tree_edition"

    number: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Instant)
    reason: Mapped[str] = mapped_column(String(400), default="")


class OrgPlace(Base):
    """Where a unit stands in one edition. ``parent_id`` 0: a root. Descendants have pre ≤ theirs ≤ last."""

    __tablename__ = "org_place"
    __table_args__ = (
        Index("ix_org_place_children", "edition", "parent_id"),
        Index("ix_org_place_scope", "edition", "pre"),
        CheckConstraint("pre <= last", name="interval"),
    )

    edition: Mapped[int] = mapped_column(Key, ForeignKey("tree_edition.number"), primary_key=True)
    org_unit_id: Mapped[int] = mapped_column(Key, ForeignKey("org_unit.id"), primary_key=True)
    parent_id: Mapped[int] = mapped_column(Key)
    depth: Mapped[int] = mapped_column(Integer)
    pre: Mapped[int] = mapped_column(Key)
    last: Mapped[int] = mapped_column(Key)


class OrgTenure(Base):
    """Where a unit's figures counted before it was moved: those of months before ``until`` go up by ``edition``.

    ``until`` is year × 12 + month, the first month that counts above its new superior. ``root_id`` is the unit that
    was moved, the unit itself or one above it: lists published at or below it know nothing of the move. ``is_end``:
    nobody took the unit in; it was closed, and its levels count no longer from that month on.
    """

    __tablename__ = "org_tenure"
    __table_args__ = (Index("ix_org_tenure_root_id", "root_id"),)

    org_unit_id: Mapped[int] = mapped_column(Key, ForeignKey("org_unit.id"), primary_key=True)
    until: Mapped[int] = mapped_column(Integer, primary_key=True)
    edition: Mapped[int] = mapped_column(Key, ForeignKey("tree_edition.number"))
    root_id: Mapped[int] = mapped_column(Key, ForeignKey("org_unit.id"))
    is_end: Mapped[bool] = mapped_column(primary_key=True, default=False)


class SettledCell(Base):
    """What stays in the ledger whatever a unit's lines and targets say from now on, in scaled integers.

    A move, a close or a merge takes effect with a month; what the months before it hold is settled here by
    the act's posting, so that entries are always what lines and targets ask for plus what is settled.
    """

    __tablename__ = "settled_cell"
    __table_args__ = (
        one_of("part", Part),
        CheckConstraint("month BETWEEN 1 AND 12", name="month_range"),
        Index("ix_settled_cell_place", "indicator_id", "org_unit_id"),
    )

    posting_id: Mapped[int] = mapped_column(Key, ForeignKey("posting.id"), primary_key=True)
    org_unit_id: Mapped[int] = mapped_column(Key, ForeignKey("org_unit.id"), primary_key=True)
    indicator_id: Mapped[int] = mapped_column(Key, ForeignKey("indicator.id"), primary_key=True)
    part: Mapped[str] = mapped_column(String(16), primary_key=True)
    month: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    amount: Mapped[int] = mapped_column(Figure)


class OrgUpload(Base):
    """A file of org units somebody brought, until it is imported or a day has passed."""

    __tablename__ = "org_upload"

    person_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(Instant, index=True)
