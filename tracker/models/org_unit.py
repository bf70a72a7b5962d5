"""Org units and the tree they stand in, kept in numbered editions."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from tracker.models.base import Base, Instant, Key, one_of

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
