"""Reading one finding: its head, its thread, and the corrections an answer may name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from tracker.domain.findings import FindingAction, FindingState
from tracker.domain.identity import Identity
from tracker.domain.messages import NotFound
from tracker.models.account import Person
from tracker.models.auditing import AuditSample, Finding, FindingEntry, SampledFigure
from tracker.models.org_unit import OrgUnit
from tracker.models.programme import Indicator, Pledge
from tracker.models.report import Report, Revision
from tracker.services.stand_ins import StandIn, doubtful_id, find_stand_ins
from tracker.services.visibility import visible_units


class FindingNotFound(NotFound):
    """There is no such finding in sight."""


class FindingHead(NamedTuple):
    """A finding; ``sample_id`` to ``shown`` are None where it is about no sampled figure."""

    id: int
    title: str
    unit_id: int
    unit_code: str
    unit: str
    state: FindingState
    due: datetime
    version: int
    raised_by_id: int
    raised_at: datetime
    sample_id: int | None
    position: int | None
    indicator: str | None
    shown: str | None


class FindingSaid(NamedTuple):
    """One step of the thread; ``correction`` names the period, number and pledge of a corrected report.

    ``stand_in``: in whose place it was done.
    """

    action: FindingAction
    text: str
    asked: str
    due: datetime | None
    by: str
    at: datetime
    correction: tuple[str, int, str] | None
    stand_in: StandIn | None = None


class Correction(NamedTuple):
    """A correction an answer may name."""

    revision_id: int
    period: str
    number: int
    pledge: str


def get_finding(session: Session, number: int, *, seen_by: Identity) -> FindingHead:
    """One finding in sight, or FindingNotFound."""
    wanted = (
        select(
            Finding.id, Finding.title, OrgUnit.id, OrgUnit.code, OrgUnit.short_name, Finding.state, Finding.due,
            Finding.version_id, Finding.raised_by_id, Finding.raised_at, AuditSample.id,
            SampledFigure.position, Indicator.name, SampledFigure.shown,
        )
        .join(OrgUnit, OrgUnit.id == Finding.org_unit_id)
        .join(SampledFigure, SampledFigure.id == Finding.figure_id, isouter=True)
        .join(AuditSample, AuditSample.id == SampledFigure.sample_id, isouter=True)
        .join(Indicator, Indicator.id == SampledFigure.indicator_id, isouter=True)
        .where(Finding.id == number, Finding.org_unit_id.in_(visible_units(seen_by)))
    )  # fmt: skip
    row = session.execute(wanted).one_or_none()
    if row is None:
        raise FindingNotFound("没有找到这条审计发现")
    found: tuple[Any, ...] = tuple(row)
    return FindingHead(*found)._replace(state=FindingState(row[5]))


def list_said(session: Session, finding_id: int) -> list[FindingSaid]:
    """The thread from its beginning."""
    wanted = (
        select(
            FindingEntry, Person.name, Report.period, Revision.number, Pledge.title,
            doubtful_id(FindingEntry.by_id, FindingEntry.at),
        )
        .join(Person, Person.id == FindingEntry.by_id)
        .join(Revision, Revision.id == FindingEntry.correction_id, isouter=True)
        .join(Report, Report.id == Revision.report_id, isouter=True)
        .join(Pledge, Pledge.id == Report.pledge_id, isouter=True)
        .where(FindingEntry.finding_id == finding_id)
        .order_by(FindingEntry.id)
    )  # fmt: skip
    rows: Sequence[Any] = session.execute(wanted).all()
    found = find_stand_ins(session, {(row[-1], row[0].at) for row in rows})
    return [
        FindingSaid(
            FindingAction(said.action), said.text, said.asked, said.due, name, said.at,
            None if period is None else (period, number, pledge), found.get((doubtful, said.at)),
        )
        for said, name, period, number, pledge, doubtful in rows
    ]  # fmt: skip


def list_corrections(session: Session, finding: FindingHead) -> Sequence[Correction]:
    """The unit's corrections begun since the finding was raised, newest first."""
    older = aliased(Revision)
    wanted = (
        select(Revision.id, Report.period, Revision.number, Pledge.title)
        .join(Report, Report.id == Revision.report_id)
        .join(Pledge, Pledge.id == Report.pledge_id)
        .where(
            Report.org_unit_id == finding.unit_id,
            Revision.created_at >= finding.raised_at,
            select(older.id).where(older.report_id == Report.id, older.number < Revision.number).exists(),
        )
        .order_by(Revision.id.desc())
        .limit(50)
    )
    return [Correction(*row) for row in session.execute(wanted)]
