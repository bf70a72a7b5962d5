"""What the pages read beside the progress table: seals, and where the due period's reports stand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Label, ScalarSelect, func, or_, select
from sqlalchemy.orm import Session, aliased

from tracker.domain.periods import Period
from tracker.domain.workflow import OPEN, Action, State
from tracker.models.account import Person
from tracker.models.audit import AuditEntry
from tracker.models.ledger import Posting, Seal
from tracker.models.org_unit import OrgUnit
from tracker.models.report import Acceptance, Report, Revision, ThreadEntry
from tracker.services.clock import CHINA

DAYS_BACK = 14
MOST_STEPS = 10


class DaySeal(NamedTuple):
    """The last seal of a day (Asia/Shanghai)."""

    day: date
    number: int


class Seals(NamedTuple):
    """The newest seal, the last one by the instant asked for, and the last of each day (0, empty: none).

    Days are the newest first; one without a seal of its own is left out. ``unsealed`` counts audit
    entries that wait for the next seal: every change writes one, and only a new seal takes them away, so
    that nothing has changed where neither ``newest`` nor ``unsealed`` has. ``digest`` is the newest seal's.
    """

    newest: int
    at_instant: int
    unsealed: int
    days: tuple[DaySeal, ...]
    digest: str | None


def seal_columns(*, now: datetime, instant: datetime | None = None) -> list[Label[Any]]:
    """What ``seals_of`` reads, as scalar columns for a statement that reads more."""
    by_end = [_last_seal(end).label(f"day_{back}") for back, end in enumerate(_ends(now))]
    asked = _last_seal(now if instant is None else instant)
    newest = select(func.max(Seal.number)).scalar_subquery()
    waiting = select(func.count()).select_from(AuditEntry).where(AuditEntry.seal.is_(None)).scalar_subquery()
    digest = select(Seal.digest).order_by(Seal.number.desc()).limit(1).scalar_subquery()
    return [
        newest.label("newest"),
        digest.label("newest_digest"),
        asked.label("at_instant"),
        waiting.label("unsealed"),
        *by_end,
    ]


def seals_of(row: Any, *, now: datetime) -> Seals:
    """The seals from a row that holds those columns."""
    ends = _ends(now)
    numbers = [getattr(row, f"day_{back}") or 0 for back in range(len(ends))]
    days = [
        DaySeal((ends[back] - timedelta(days=1)).date(), number)
        for back, number in enumerate(numbers[:-1])
        if number > numbers[back + 1]
    ]
    return Seals(row.newest or 0, row.at_instant or 0, row.unsealed, tuple(days), row.newest_digest)


def _ends(now: datetime) -> list[datetime]:
    """The ends of today and of the days before, the newest first."""
    midnight = now.astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
    return [midnight + timedelta(days=1 - back) for back in range(DAYS_BACK + 1)]


def _last_seal(until: datetime) -> ScalarSelect[int]:
    return (
        select(Seal.number)
        .where(Seal.at < until)
        .order_by(Seal.at.desc(), Seal.number.desc())
        .limit(1)
        .scalar_subquery()
    )


class UnderWay(NamedTuple):
    """Reports of one unit and period that stand in one state."""

    org_unit_id: int
    code: str
    name: str
    period: str
    state: State
    reports: int
    submission_number: int
    since: datetime


def list_under_way(session: Session, programme_id: int, unit_ids: Sequence[int]) -> list[UnderWay]:
    """Open revisions of these units, longest waiting first."""
    since = func.min(func.coalesce(Revision.signed_at, Revision.submitted_at, Revision.changed_at))
    wanted = (
        select(
            Report.org_unit_id,
            OrgUnit.code,
            OrgUnit.name,
            Report.period,
            Revision.state,
            func.count().label("reports"),
            func.max(Revision.submission_number).label("submission_number"),
            since.label("since"),
        )
        .join(Revision, Revision.report_id == Report.id)
        .join(OrgUnit, OrgUnit.id == Report.org_unit_id)
        .where(
            Report.programme_id == programme_id,
            Report.org_unit_id.in_(unit_ids),
            Revision.state.in_(sorted(OPEN)),
        )
        .group_by(Report.org_unit_id, OrgUnit.code, OrgUnit.name, Report.period, Revision.state)
        .order_by(since, OrgUnit.code)
    )
    return [UnderWay(**row._asdict() | {"state": State(row.state)}) for row in session.execute(wanted)]


def state_of_period(rows: Sequence[UnderWay], org_unit_id: int, period: Period) -> State | None:
    """The least advanced state of a unit's open reports for a period; None when it has begun none."""
    order = [State.RETURNED, State.DRAFT, State.SUBMITTED, State.SIGNED]
    states = {row.state for row in rows if row.org_unit_id == org_unit_id and row.period == period.key}
    return next((state for state in order if state in states), None)


class Told(NamedTuple):
    """What a unit wrote beside the figures of its newest accepted report of a pledge."""

    org_unit_id: int
    period: str
    problems: str
    next_steps: str


def newest_texts(
    session: Session, pledge_id: int, unit_ids: Sequence[int], *, month: int, seal: int
) -> dict[int, Told]:
    """By unit, the texts of the newest report up to a month, as it counted under a seal."""
    begun, ended = aliased(Posting), aliased(Posting)
    wanted = (
        select(Report.org_unit_id, Report.period, Revision.problems, Revision.next_steps)
        .join(Revision, Revision.report_id == Report.id)
        .join(Acceptance, Acceptance.revision_id == Revision.id)
        .join(begun, begun.id == Acceptance.posting_id)
        .join(ended, ended.id == Acceptance.ended_posting_id, isouter=True)
        .where(
            Report.pledge_id == pledge_id,
            Report.org_unit_id.in_(unit_ids),
            Report.month <= month,
            begun.seal <= seal,
            or_(Acceptance.ended_posting_id.is_(None), ended.seal.is_(None), ended.seal > seal),
        )
        .order_by(Report.month, Revision.number)
    )
    return {row.org_unit_id: Told(*row) for row in session.execute(wanted)}


class Step(NamedTuple):
    """One step in the thread of a pledge's reports."""

    unit: str
    period: str
    action: Action
    person: str
    at: datetime
    text: str


def recent_steps(session: Session, pledge_id: int, unit_ids: Sequence[int]) -> list[Step]:
    """The last steps with these units' reports of a pledge, the newest first."""
    wanted = (
        select(
            OrgUnit.short_name,
            Report.period,
            ThreadEntry.action,
            Person.name,
            ThreadEntry.at,
            ThreadEntry.text,
        )
        .join(Report, Report.id == ThreadEntry.report_id)
        .join(OrgUnit, OrgUnit.id == Report.org_unit_id)
        .join(Person, Person.id == ThreadEntry.person_id, isouter=True)
        .where(Report.pledge_id == pledge_id, Report.org_unit_id.in_(unit_ids))
        .order_by(ThreadEntry.at.desc(), ThreadEntry.id.desc())
        .limit(MOST_STEPS)
    )
    return [
        Step(unit, period, Action(action), person or "", at, text)
        for unit, period, action, person, at, text in session.execute(wanted)
    ]
