"""What the pages read beside the progress table: seals, and where the due period's reports stand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    CompoundSelect,
    Label,
    Row,
    ScalarSelect,
    Select,
    bindparam,
    case,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from tracker.domain.periods import Period
from tracker.domain.workflow import OPEN, State
from tracker.models.audit import AuditEntry
from tracker.models.base import Instant
from tracker.models.ledger import Posting, Seal
from tracker.models.notice import Notice
from tracker.models.org_unit import OrgUnit
from tracker.models.report import Report, Revision
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
    that nothing has changed where neither ``newest`` nor ``unsealed`` has. ``digest`` is the newest seal's and
    ``newest_at`` when it was written; ``unsettled`` acts on totals wait for the next one.
    """

    newest: int
    at_instant: int
    unsealed: int
    days: tuple[DaySeal, ...]
    digest: str | None
    unsettled: int = 0
    newest_at: datetime | None = None


def seal_columns() -> list[Label[Any]]:
    """What ``seals_of`` reads, as scalar columns for a statement that reads more; ``seal_moments`` has their values."""
    by_end = [
        _last_seal(bindparam(f"end_{back}", type_=Instant)).label(f"day_{back}")
        for back in range(DAYS_BACK + 1)
    ]
    asked = _last_seal(bindparam("instant", type_=Instant))
    newest = select(func.max(Seal.number)).scalar_subquery()
    waiting = select(func.count()).select_from(AuditEntry).where(AuditEntry.seal.is_(None)).scalar_subquery()
    digest = select(Seal.digest).order_by(Seal.number.desc()).limit(1).scalar_subquery()
    acts = select(func.count()).select_from(Posting).where(Posting.seal.is_(None)).scalar_subquery()
    newest_at = select(func.max(Seal.at)).scalar_subquery()
    return [
        newest.label("newest"),
        digest.label("newest_digest"),
        asked.label("at_instant"),
        waiting.label("unsealed"),
        acts.label("unsettled"),
        newest_at.label("newest_at"),
        *by_end,
    ]


def seal_moments(
    *, now: datetime, moved: timedelta = timedelta(0), instant: datetime | None = None
) -> dict[str, datetime]:
    """The values ``seal_columns`` is asked with; ``moved``: calendar time minus real time, for days are the calendar's."""
    ends = {f"end_{back}": end - moved for back, end in enumerate(_ends(now + moved))}
    return ends | {"instant": now if instant is None else instant}


def seals_of(row: Any, *, now: datetime, moved: timedelta = timedelta(0)) -> Seals:
    """The seals from a row that holds those columns."""
    ends = _ends(now + moved)
    numbers = [getattr(row, f"day_{back}") or 0 for back in range(len(ends))]
    days = [
        DaySeal((ends[back] - timedelta(days=1)).date(), number)
        for back, number in enumerate(numbers[:-1])
        if number > numbers[back + 1]
    ]
    return Seals(
        row.newest or 0,
        row.at_instant or 0,
        row.unsealed,
        tuple(days),
        row.newest_digest,
        row.unsettled,
        row.newest_at,
    )


def _ends(now: datetime) -> list[datetime]:
    """The ends of today and of the days before, the newest first."""
    midnight = now.astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
    return [midnight + timedelta(days=1 - back) for back in range(DAYS_BACK + 1)]


def _last_seal(until: BindParameter[datetime]) -> ScalarSelect[int]:
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


class Reminded(NamedTuple):
    """The newest standing reminder to a unit for a period; ``by_id`` sent it, ``is_read`` by somebody there."""

    org_unit_id: int
    period: str
    notice_id: int
    by_id: int
    at: datetime
    is_read: bool


class Desks(NamedTuple):
    """What lies with units: reports under way, longest waiting first, and reminders by unit and period."""

    under_way: list[UnderWay]
    reminded: dict[tuple[int, str], Reminded]


NOTHING_UNDER_WAY = Desks([], {})
_REMINDED = "reminded"


def read_desks(session: Session, programme_id: int, unit_ids: Sequence[int]) -> Desks:
    """Open revisions of these units and what they were reminded of, in one statement."""
    asked = {"programme": programme_id, "units": list(unit_ids)}
    rows = sorted(session.execute(_on_desks(), asked), key=lambda row: (row.since, row.code))
    under_way = [_under_way(row) for row in rows if row.state != _REMINDED]
    reminded = {
        (row.org_unit_id, row.period): Reminded(
            row.org_unit_id, row.period, row.reports, row.submission_number, row.since, bool(row.is_read)
        )
        for row in rows
        if row.state == _REMINDED
    }
    return Desks(under_way, reminded)


@cache
def _on_desks() -> CompoundSelect[*tuple[Any, ...]]:
    """The statement, built once."""
    programme: Any = bindparam("programme", type_=Report.programme_id.type)
    units: Any = bindparam("units", type_=Report.org_unit_id.type, expanding=True)
    return union_all(_open_revisions(programme, units), _standing_notices(programme, units))


def _under_way(row: Row[*tuple[Any, ...]]) -> UnderWay:
    values = {name: value for name, value in row._asdict().items() if name != "is_read"}
    return UnderWay(**values | {"state": State(row.state)})


def _open_revisions(programme: Any, units: Any) -> Select[*tuple[Any, ...]]:
    since = func.min(func.coalesce(Revision.signed_at, Revision.submitted_at, Revision.changed_at))
    return (
        select(
            Report.org_unit_id,
            OrgUnit.code,
            OrgUnit.name,
            Report.period,
            Revision.state.label("state"),
            func.count().label("reports"),
            func.max(Revision.submission_number).label("submission_number"),
            since.label("since"),
            literal(0).label("is_read"),
        )
        .join(Revision, Revision.report_id == Report.id)
        .join(OrgUnit, OrgUnit.id == Report.org_unit_id)
        .where(
            Report.programme_id == programme,
            Report.org_unit_id.in_(units),
            Revision.state.in_(sorted(OPEN)),
        )
        .group_by(Report.org_unit_id, OrgUnit.code, OrgUnit.name, Report.period, Revision.state)
    )


def _standing_notices(programme: Any, units: Any) -> Select[*tuple[Any, ...]]:
    """The same columns: the notice's id stands for the reports, its sender for the submission's number."""
    return (
        select(
            Notice.org_unit_id,
            OrgUnit.code,
            OrgUnit.name,
            Notice.period,
            literal(_REMINDED),
            Notice.id,
            Notice.by_id,
            Notice.at,
            case((Notice.read_at.is_not(None), 1), else_=0),
        )
        .join(OrgUnit, OrgUnit.id == Notice.org_unit_id)
        .where(
            Notice.programme_id == programme,
            Notice.org_unit_id.in_(units),
            Notice.withdrawn_at.is_(None),
        )
    )


def state_of_period(rows: Sequence[UnderWay], org_unit_id: int, period: Period) -> State | None:
    """The least advanced state of a unit's open reports for a period; None when it has begun none."""
    order = [State.RETURNED, State.DRAFT, State.SUBMITTED, State.SIGNED]
    states = {row.state for row in rows if row.org_unit_id == org_unit_id and row.period == period.key}
    return next((state for state in order if state in states), None)
