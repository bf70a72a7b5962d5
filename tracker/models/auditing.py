"""Auditors' work: samples with their figures and marks, findings with their permanent thread."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tracker.domain.findings import FindingAction, FindingState
from tracker.domain.sampling import Method, Verdict
from tracker.models.base import Base, CalendarInstant, Instant, Key, one_of


class AuditSample(Base):
    """抽样: who drew how many accepted figures of which population, how, and under which seal; never changed.

    ``period`` is empty for the whole year; ``org_unit_id`` the unit whose subtree was drawn from;
    ``seed`` the printed start number of a random draw, else empty.
    """

    __tablename__ = "audit_sample"
    __table_args__ = (one_of("method", Method), Index("ix_audit_sample_programme_id", "programme_id"))

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    programme_id: Mapped[int] = mapped_column(Key, ForeignKey("programme.id"))
    org_unit_id: Mapped[int] = mapped_column(Key, ForeignKey("org_unit.id"))
    period: Mapped[str] = mapped_column(String(8))
    method: Mapped[str] = mapped_column(String(8))
    seed: Mapped[str] = mapped_column(String(20))
    wanted: Mapped[int] = mapped_column(Integer)
    population: Mapped[int] = mapped_column(Integer)
    population_digest: Mapped[str] = mapped_column(String(64))
    seal: Mapped[int] = mapped_column(Key)
    drawn_by_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(Instant)


class SampledFigure(Base):
    """One figure of a sample as it stood when it was drawn; ``key`` is what the draw went by."""

    __tablename__ = "sampled_figure"
    __table_args__ = (
        UniqueConstraint("sample_id", "position"),
        Index("ix_sampled_figure_revision_id", "revision_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    sample_id: Mapped[int] = mapped_column(Key, ForeignKey("audit_sample.id"))
    position: Mapped[int] = mapped_column(Integer)
    key: Mapped[str] = mapped_column(String(160))
    revision_id: Mapped[int] = mapped_column(Key, ForeignKey("revision.id"))
    indicator_id: Mapped[int] = mapped_column(Key, ForeignKey("indicator.id"))
    org_unit_id: Mapped[int] = mapped_column(Key, ForeignKey("org_unit.id"))
    shown: Mapped[str] = mapped_column(String(80))
    risks: Mapped[list[Any]] = mapped_column(JSON, default=list)


class FigureMark(Base):
    """What an auditor found about a sampled figure; the newest of a figure holds, none is ever changed."""

    __tablename__ = "figure_mark"
    __table_args__ = (one_of("verdict", Verdict), Index("ix_figure_mark_figure_id", "figure_id"))

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    figure_id: Mapped[int] = mapped_column(Key, ForeignKey("sampled_figure.id"))
    verdict: Mapped[str] = mapped_column(String(8))
    note: Mapped[str] = mapped_column(String(1000))
    by_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(Instant)


class Finding(Base):
    """审计发现: what an auditor asks a unit to put right until ``due``; only state, deadline and version move."""

    __tablename__ = "finding"
    __table_args__ = (
        one_of("state", FindingState),
        Index("ix_finding_org_unit_id_state", "org_unit_id", "state"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    org_unit_id: Mapped[int] = mapped_column(Key, ForeignKey("org_unit.id"))
    figure_id: Mapped[int | None] = mapped_column(Key, ForeignKey("sampled_figure.id"))
    title: Mapped[str] = mapped_column(String(120))
    raised_by_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"))
    raised_at: Mapped[datetime] = mapped_column(Instant)
    state: Mapped[str] = mapped_column(String(10))
    due: Mapped[datetime] = mapped_column(CalendarInstant)
    version_id: Mapped[int] = mapped_column(Integer)


class FindingEntry(Base):
    """One step of a finding's permanent thread; an answer may name the revision that corrects the figure."""

    __tablename__ = "finding_entry"
    __table_args__ = (one_of("action", FindingAction), Index("ix_finding_entry_finding_id", "finding_id"))

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    finding_id: Mapped[int] = mapped_column(Key, ForeignKey("finding.id"))
    action: Mapped[str] = mapped_column(String(8))
    text: Mapped[str] = mapped_column(Text)
    asked: Mapped[str] = mapped_column(Text, default="")
    due: Mapped[datetime | None] = mapped_column(CalendarInstant)
    correction_id: Mapped[int | None] = mapped_column(Key, ForeignKey("revision.id"))
    by_id: Mapped[int] = mapped_column(Key, ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(Instant)
