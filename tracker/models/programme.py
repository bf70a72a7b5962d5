"""A year's list: programmes, pledges, indicators, their versions and versioned targets."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from tracker.domain.kinds import Comparator, Elapsed, EvidenceRule, Kind
from tracker.domain.periods import Rhythm
from tracker.models.base import Base, Figure, Instant, Key, one_of, unsealed

PROGRAMME_STATES = ("draft", "published", "running", "closed")


class Programme(Base):
    """年度实事清单: publisher + year (+ slug, "" when there is one list a year)."""

    __tablename__ = "programme"
    __table_args__ = (
        UniqueConstraint("publisher_id", "year", "slug"),
        one_of("state", PROGRAMME_STATES),
        one_of("reporting", Rhythm),
        one_of("elapsed", Elapsed),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    publisher_id: Mapped[int] = mapped_column(Key, ForeignKey("org_unit.id"))
    year: Mapped[int] = mapped_column(Integer)
    slug: Mapped[str] = mapped_column(String(40), default="")
    key: Mapped[str] = mapped_column(String(80), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(16), default="draft")
    reporting: Mapped[str] = mapped_column(String(8))
    due_day: Mapped[int] = mapped_column(SmallInteger)
    close_day: Mapped[int | None] = mapped_column(SmallInteger)
    elapsed: Mapped[str] = mapped_column(String(8))
    own_level_counts: Mapped[bool]
    is_ranked: Mapped[bool] = mapped_column(default=True)
    version_id: Mapped[int] = mapped_column(Integer)

    __mapper_args__ = {"version_id_col": version_id}


class LightRuleSet(Base):
    """The two limits of the lights, in tenths of a point; versioned, the highest number is in force."""

    __tablename__ = "light_rule_set"

    programme_id: Mapped[int] = mapped_column(Key, ForeignKey("programme.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    on_track_tenths: Mapped[int] = mapped_column(Integer)
    lagging_tenths: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(Instant)


class ProgrammeVersion(Base):
    """What the whole list said after one change: the canonical programme file and why it changed."""

    __tablename__ = "programme_version"

    programme_id: Mapped[int] = mapped_column(Key, ForeignKey("programme.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    by_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(String(400))
    document: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))


class ProgrammeUpload(Base):
    """A programme file somebody brought, until it is imported or a day has passed."""

    __tablename__ = "programme_upload"

    person_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(Instant, index=True)


class Pledge(Base):
    """实事项目: one numbered promise of a programme."""

    __tablename__ = "pledge"
    __table_args__ = (Index("ix_pledge_programme_id_number", "programme_id", "number"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    programme_id: Mapped[int] = mapped_column(Key, ForeignKey("programme.id"))
    number: Mapped[int] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(String(200))
    lead: Mapped[str] = mapped_column(String(60))
    supporting: Mapped[list[Any]] = mapped_column(JSON, default=list)
    is_dropped: Mapped[bool] = mapped_column(default=False)


class Indicator(Base):
    """指标: what is counted, and how. ``code`` is unique in the programme; dropped ones keep their row."""

    __tablename__ = "indicator"
    __table_args__ = (
        UniqueConstraint("programme_id", "code"),
        one_of("kind", Kind),
        one_of("comparator", Comparator),
        one_of("evidence", EvidenceRule),
        CheckConstraint("decimals BETWEEN 0 AND 4", name="decimals_range"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    programme_id: Mapped[int] = mapped_column(Key, ForeignKey("programme.id"))
    pledge_id: Mapped[int] = mapped_column(Key, ForeignKey("pledge.id"))
    position: Mapped[int] = mapped_column(Integer)
    code: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(200))
    counting_rule: Mapped[str] = mapped_column(Text, default="")
    kind: Mapped[str] = mapped_column(String(16))
    measure: Mapped[str] = mapped_column(String(20))
    decimals: Mapped[int] = mapped_column(SmallInteger)
    comparator: Mapped[str] = mapped_column(String(2))
    is_aspiration: Mapped[bool] = mapped_column(default=False)
    tolerance_tenths: Mapped[int | None] = mapped_column(Integer)
    plan: Mapped[list[Any] | None] = mapped_column(JSON)  # 12 cumulative tenths of a percent
    stages: Mapped[list[Any]] = mapped_column(JSON, default=list)  # [[until "2021-12", scaled target], …]
    items: Mapped[list[Any]] = mapped_column(JSON, default=list)
    part_of: Mapped[str | None] = mapped_column(String(60))
    parts_complete: Mapped[bool | None]
    evidence: Mapped[str] = mapped_column(String(16), default="none")
    last_year: Mapped[int | None] = mapped_column(Figure)
    is_dropped: Mapped[bool] = mapped_column(default=False)


class Alignment(Base):
    """An indicator of a higher list that is fed by the same figures; a source feeds at most one per list."""

    __tablename__ = "alignment"

    source_id: Mapped[int] = mapped_column(Key, ForeignKey("indicator.id"), primary_key=True)
    programme_id: Mapped[int] = mapped_column(Key, ForeignKey("programme.id"), primary_key=True)
    indicator_id: Mapped[int] = mapped_column(Key, ForeignKey("indicator.id"), index=True)


class Target(Base):
    """目标: one version for indicator × org unit. Value NULL: assigned without a number.

    ``is_own_level`` tells the unit's own level (市本级) from the whole it answers for;
    ``is_assigned`` false takes the assignment back. In force: the last by seal, then id, whose
    ``effective_month`` is not after the cut-off.
    """

    __tablename__ = "target"
    __table_args__ = (
        Index("ix_target_place", "programme_id", "org_unit_id", "indicator_id"),
        Index("ix_target_unit", "org_unit_id", "indicator_id"),
        unsealed("target"),
        CheckConstraint("effective_month BETWEEN 1 AND 12", name="effective_month_range"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    posting_id: Mapped[int] = mapped_column(Key, ForeignKey("posting.id"))
    programme_id: Mapped[int] = mapped_column(Key, ForeignKey("programme.id"))
    indicator_id: Mapped[int] = mapped_column(Key, ForeignKey("indicator.id"))
    org_unit_id: Mapped[int] = mapped_column(Key, ForeignKey("org_unit.id"))
    is_own_level: Mapped[bool]
    is_assigned: Mapped[bool]
    value: Mapped[int | None] = mapped_column(Figure)
    base: Mapped[int | None] = mapped_column(Figure)
    effective_month: Mapped[int] = mapped_column(SmallInteger)
    reason: Mapped[str] = mapped_column(String(400))
    approved_by_id: Mapped[int | None] = mapped_column(Key, ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(Instant)
    row_digest: Mapped[str] = mapped_column(String(64))
    seal: Mapped[int | None] = mapped_column(Key)
