"""Reading samples: of a list, one with its figures and their newest marks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, case, func, select
from sqlalchemy.orm import Session, aliased

from tracker.domain.identity import Identity
from tracker.domain.messages import NotFound
from tracker.models.account import Person
from tracker.models.auditing import AuditSample, FigureMark, SampledFigure
from tracker.models.org_unit import OrgUnit
from tracker.models.programme import Indicator, Pledge, Programme
from tracker.models.report import Report, Revision
from tracker.services.visibility import visible_units

MOST_SAMPLES = 50


class SampleNotFound(NotFound):
    """There is no such sample in reach."""


class SampleRow(NamedTuple):
    """A sample, how many figures it holds, and how many of them are verified and doubtful."""

    id: int
    key: str
    programme: str
    publisher_id: int
    unit: str
    period: str
    method: str
    seed: str
    wanted: int
    population: int
    population_digest: str
    seal: int
    drawn_by: str
    at: datetime
    figures: int
    verified: int
    doubtful: int


class FigureRow(NamedTuple):
    """One sampled figure with its newest mark; ``state`` is where its revision stands by now."""

    id: int
    position: int
    key: str
    shown: str
    risks: Sequence[str]
    unit_id: int
    unit_code: str
    unit: str
    indicator_code: str
    indicator: str
    pledge: str
    period: str
    month: int
    state: str
    verdict: str | None
    note: str | None
    marked_by: str | None
    marked_at: datetime | None


def _newest_marks() -> Select[*tuple[Any, ...]]:
    return select(FigureMark.figure_id, func.max(FigureMark.id).label("id")).group_by(FigureMark.figure_id)


def _samples(identity: Identity) -> Select[*tuple[Any, ...]]:
    newest, mark = _newest_marks().subquery(), aliased(FigureMark)
    counted = (
        select(
            SampledFigure.sample_id, func.count().label("figures"),
            func.sum(case((mark.verdict == "verified", 1), else_=0)).label("verified"),
            func.sum(case((mark.verdict == "doubtful", 1), else_=0)).label("doubtful"),
        )
        .join(newest, newest.c.figure_id == SampledFigure.id, isouter=True)
        .join(mark, mark.id == newest.c.id, isouter=True)
        .group_by(SampledFigure.sample_id)
        .subquery()
    )  # fmt: skip
    return (
        select(
            AuditSample.id, Programme.key, Programme.title, Programme.publisher_id, OrgUnit.short_name,
            AuditSample.period, AuditSample.method, AuditSample.seed, AuditSample.wanted,
            AuditSample.population, AuditSample.population_digest, AuditSample.seal, Person.name,
            AuditSample.at, counted.c.figures, counted.c.verified, counted.c.doubtful,
        )
        .join(Programme, Programme.id == AuditSample.programme_id)
        .join(OrgUnit, OrgUnit.id == AuditSample.org_unit_id)
        .join(Person, Person.id == AuditSample.drawn_by_id)
        .join(counted, counted.c.sample_id == AuditSample.id)
        .where(AuditSample.org_unit_id.in_(visible_units(identity)))
        .order_by(AuditSample.id.desc())
    )  # fmt: skip


def list_samples(
    session: Session, *, seen_by: Identity, programme_id: int | None = None, limit: int = MOST_SAMPLES
) -> list[SampleRow]:
    """The newest samples drawn in reach, of one list or of all."""
    wanted = _samples(seen_by).limit(limit)
    if programme_id is not None:
        wanted = wanted.where(AuditSample.programme_id == programme_id)
    return [SampleRow(*row) for row in session.execute(wanted)]


def get_sample(session: Session, number: int, *, seen_by: Identity) -> SampleRow:
    """One sample in reach, or SampleNotFound."""
    row = session.execute(_samples(seen_by).where(AuditSample.id == number)).one_or_none()
    if row is None:
        raise SampleNotFound("没有找到这次抽样")
    return SampleRow(*row)


def list_figures(session: Session, sample: SampleRow) -> list[FigureRow]:
    """The figures of a sample in the order they were drawn."""
    return [
        FigureRow(*row) for row in session.execute(_figures().where(SampledFigure.sample_id == sample.id))
    ]


def get_figure(session: Session, sample: SampleRow, position: int) -> FigureRow:
    """One figure of a sample, or SampleNotFound."""
    wanted = _figures().where(SampledFigure.sample_id == sample.id, SampledFigure.position == position)
    row = session.execute(wanted).one_or_none()
    if row is None:
        raise SampleNotFound("这次抽样里没有这一项")
    return FigureRow(*row)


def _figures() -> Select[*tuple[Any, ...]]:
    newest, marker = _newest_marks().subquery(), aliased(Person)
    return (
        select(
            SampledFigure.id, SampledFigure.position, SampledFigure.key, SampledFigure.shown,
            SampledFigure.risks, OrgUnit.id, OrgUnit.code, OrgUnit.short_name, Indicator.code, Indicator.name,
            Pledge.title, Report.period, Report.month, Revision.state, FigureMark.verdict, FigureMark.note,
            marker.name, FigureMark.at,
        )
        .join(OrgUnit, OrgUnit.id == SampledFigure.org_unit_id)
        .join(Indicator, Indicator.id == SampledFigure.indicator_id)
        .join(Pledge, Pledge.id == Indicator.pledge_id)
        .join(Revision, Revision.id == SampledFigure.revision_id)
        .join(Report, Report.id == Revision.report_id)
        .join(newest, newest.c.figure_id == SampledFigure.id, isouter=True)
        .join(FigureMark, and_(FigureMark.id == newest.c.id), isouter=True)
        .join(marker, marker.id == FigureMark.by_id, isouter=True)
        .order_by(SampledFigure.position)
    )  # fmt: skip
