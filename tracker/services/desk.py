"""What waits for a person: sheets to fill, to mend, to judge, under way and late, each with one next action."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, false, func, literal, or_, select, true
from sqlalchemy.orm import Session

from tracker.domain.identity import Identity, Role
from tracker.domain.periods import (
    Month,
    Period,
    cutoff_month,
    due_period,
    late_from,
    periods_of,
    was_over,
)
from tracker.domain.workflow import PROVISIONAL, State
from tracker.models.org_unit import OrgPlace, OrgUnit
from tracker.models.programme import Pledge, Programme
from tracker.models.report import IS_UNDER_WAY, Report, Revision
from tracker.services.duties import list_duties
from tracker.services.notices import reminders_count
from tracker.services.openings import Openings, read_holidays, read_openings
from tracker.services.programme_heads import Head, list_heads, list_promises
from tracker.services.tree import Unit, get_unit, list_children
from tracker.services.visibility import visible_programmes


class DeskList(StrEnum):
    """The lists of a desk, in the order in which they are shown."""

    RETURNED = "returned"  # mine to mend
    TO_JUDGE = "to_judge"  # mine to sign or accept
    DUE = "due"  # mine to fill
    WAITING = "waiting"  # handed in, at somebody else's desk
    LATE = "late"  # others' sheets that are overdue


class DeskAction(StrEnum):
    """The one thing to do next about a row."""

    FILL = "fill"
    MEND = "mend"
    JUDGE = "judge"
    SEE = "see"


class DeskRow(NamedTuple):
    """One sheet on a desk. ``since``: from when it lies there; ``until``: its deadline; ``reports_count``: how many of its reports.

    ``is_revoked``: they were accepted and then revoked, and are to be done again; ``state`` draft: a correction begun.
    """

    list: DeskList
    action: DeskAction
    key: str
    programme: str
    code: str
    unit: str
    period: Period
    since: datetime | None
    until: datetime | None
    reports_count: int
    state: State | None = None
    is_late: bool = False
    is_revoked: bool = False


class SheetPlace(NamedTuple):
    """Which sheet."""

    key: str
    code: str
    period: Period


class Badges(NamedTuple):
    """How many sheets wait for a person: to mend, and to judge; and of how many the unit is being reminded."""

    to_mend: int
    to_judge: int
    reminders: int = 0


def list_desk(session: Session, identity: Identity, today: datetime) -> list[DeskRow]:
    """Everything on this person's desk, lists in their order, the oldest first within each."""
    heads = list_heads(
        session, visible_programmes(identity).where(Programme.state.in_(("published", "running")))
    )
    if identity.role in (Role.REPORTER, Role.APPROVER):
        rows = _unit_desk(session, identity, heads, today)
    elif identity.role is Role.REVIEWER:
        rows = _reviewer_desk(session, identity, heads, today)
    elif identity.role in (Role.VIEWER, Role.AUDITOR):
        rows = _onlooker_desk(session, identity, heads, today)
    else:
        rows = []
    order = list(DeskList).index
    oldest = sorted(rows, key=lambda row: (row.period.end, row.since or today, row.code))
    return sorted(oldest, key=lambda row: (order(row.list), row.state is State.DRAFT))


def find_next_sheet(session: Session, identity: Identity, today: datetime) -> SheetPlace | None:
    """The sheet a reporter should open now: returned ones first, then the one due longest, then any under way."""
    rows = list_desk(session, identity, today)
    mine = [row for row in rows if row.code == identity.appointment.org_unit_code]
    return SheetPlace(mine[0].key, mine[0].code, mine[0].period) if mine else None


def count_badges(session: Session, identity: Identity) -> Badges:
    """The two counts beside the bar, in one statement."""
    wanted = _wanted_states(identity)
    if not wanted:
        return Badges(0, 0)
    sheets = (
        select(Report.programme_id, Report.org_unit_id, Report.period, Revision.state)
        .join(Revision, Revision.report_id == Report.id)
        .join(Pledge, Pledge.id == Report.pledge_id)
        .join(Programme, Programme.id == Report.programme_id)
        .join(
            OrgPlace,
            and_(OrgPlace.org_unit_id == Report.org_unit_id, OrgPlace.edition == identity.place.edition),
        )
        .where(IS_UNDER_WAY, Revision.state.in_(wanted), on_desk_of(identity))
        .distinct()
        .subquery()
    )
    by_state = select(sheets.c.state, func.count().label("sheets")).group_by(sheets.c.state)
    reminded = select(literal(_REMINDERS), reminders_count(identity)).where(
        true() if identity.role in _REMINDED_ROLES else false()
    )
    counted = {row.state: row.sheets for row in session.execute(by_state.union_all(reminded))}
    to_judge = counted.get(State.SUBMITTED, 0) + counted.get(State.SIGNED, 0)
    return Badges(counted.get(State.RETURNED, 0), to_judge, counted.get(_REMINDERS, 0))


_REMINDERS = "reminders"
_REMINDED_ROLES = (Role.REPORTER, Role.APPROVER)


def _wanted_states(identity: Identity) -> tuple[State, ...]:
    states: Mapping[Role, tuple[State, ...]] = {
        Role.REPORTER: (State.RETURNED,),
        Role.APPROVER: (State.SUBMITTED,),
        Role.REVIEWER: (State.SIGNED,),
    }
    return states.get(identity.role, ())


def on_desk_of(identity: Identity) -> ColumnElement[bool]:
    """Whose verdict a report needs (Report, Programme, Pledge and OrgPlace joined): this person's?"""
    own = identity.place.org_unit_id
    if identity.role is not Role.REVIEWER:
        return Report.org_unit_id == own
    is_own_level = and_(Report.org_unit_id == own, Programme.publisher_id == own)
    is_below = and_(OrgPlace.parent_id == own, Report.org_unit_id != Programme.publisher_id)
    department = identity.appointment.department
    is_bound = true() if department is None else Pledge.lead == department
    return and_(or_(is_own_level, is_below), is_bound)


class _Report(NamedTuple):
    """One report with a revision under way or accepted."""

    programme_id: int
    org_unit_id: int
    period: str
    pledge_id: int
    state: State
    since: datetime
    answer_by: datetime | None
    code: str
    unit: str


def _list_reports(session: Session, identity: Identity, condition: ColumnElement[bool]) -> list[_Report]:
    """Living reports; ``since`` is when the state began as far as rows tell."""
    wanted = (
        select(
            Report.programme_id, Report.org_unit_id, Report.period, Report.pledge_id, Revision.state,
            func.coalesce(Revision.signed_at, Revision.submitted_at, Revision.changed_at).label("since"),
            Revision.changed_at, Revision.answer_by, OrgUnit.code, OrgUnit.short_name,
        )
        .join(Revision, Revision.report_id == Report.id)
        .join(Pledge, Pledge.id == Report.pledge_id)
        .join(Programme, Programme.id == Report.programme_id)
        .join(OrgUnit, OrgUnit.id == Report.org_unit_id)
        .join(OrgPlace, and_(OrgPlace.org_unit_id == OrgUnit.id, OrgPlace.edition == identity.place.edition))
        .where(Revision.state.in_(_ON_A_DESK), condition)
        .order_by(Report.id, Revision.number)
    )  # fmt: skip
    found = []
    for row in session.execute(wanted):
        state = State(row.state)
        since = row.changed_at if state is State.RETURNED else row.since
        found.append(
            _Report(
                row.programme_id, row.org_unit_id, row.period, row.pledge_id, state, since, row.answer_by,
                row.code, row.short_name,
            )
        )  # fmt: skip
    return found


_ON_A_DESK = (*sorted(PROVISIONAL), State.RETURNED, State.DRAFT, State.ACCEPTED)


def _unit_desk(session: Session, identity: Identity, heads: Sequence[Head], today: datetime) -> list[DeskRow]:
    """What a unit's own staff has to do: mend, sign, fill, and what waits elsewhere."""
    unit = get_unit(session, identity.place.org_unit_id)
    reports = _list_reports(session, identity, Report.org_unit_id == unit.id)
    is_reporter = identity.role is Role.REPORTER
    rows: list[DeskRow] = []
    for head in heads:
        openings = read_openings(session, head)
        mine = [report for report in reports if report.programme_id == head.id]
        duty_pledges = _duty_pledges(session, head, [unit], today)[unit.id]
        rows += _due_rows(openings, unit, mine, duty_pledges, today=today, can_fill=is_reporter)
        rows += [
            _state_row(head, group, identity)
            for group in [
                *_grouped(mine, (State.RETURNED, State.SUBMITTED, State.SIGNED)),
                *_grouped(_corrected(mine), (State.DRAFT,)),
            ]
        ]
    return rows


def _corrected(reports: Sequence[_Report]) -> list[_Report]:
    """The revisions of reports whose accepted figure stands: a draft beside one is a correction."""
    standing = {(one.period, one.pledge_id) for one in reports if one.state is State.ACCEPTED}
    return [one for one in reports if (one.period, one.pledge_id) in standing]


def _state_row(head: Head, group: Sequence[_Report], identity: Identity) -> DeskRow:
    """Reports of one sheet in one state, as their unit's staff sees them."""
    first, is_reporter = group[0], identity.role is Role.REPORTER
    listed, action = DeskList.WAITING, DeskAction.SEE
    if first.state is State.DRAFT:
        listed, action = DeskList.DUE, DeskAction.FILL if is_reporter else DeskAction.SEE
    elif first.state is State.RETURNED:
        listed, action = DeskList.RETURNED, DeskAction.MEND if is_reporter else DeskAction.SEE
    elif first.state is State.SUBMITTED and not is_reporter:
        listed, action = DeskList.TO_JUDGE, DeskAction.JUDGE
    return _row(head, group, listed, action)


def _row(head: Head, group: Sequence[_Report], listed: DeskList, action: DeskAction) -> DeskRow:
    first = group[0]
    until = min((one.answer_by for one in group if one.answer_by), default=None)
    return DeskRow(
        list=listed, action=action, key=head.key, programme=head.title, code=first.code, unit=first.unit,
        period=Period.parse(first.period), since=min(one.since for one in group), until=until,
        reports_count=len(group), state=first.state,
    )  # fmt: skip


def _grouped(reports: Iterable[_Report], states: Sequence[State]) -> list[list[_Report]]:
    groups: dict[tuple[int, str, State], list[_Report]] = defaultdict(list)
    for report in reports:
        if report.state in states:
            groups[report.org_unit_id, report.period, report.state].append(report)
    return list(groups.values())


def _due_rows(
    openings: Openings,
    unit: Unit,
    reports: Sequence[_Report],
    duty_pledges: set[int],
    *,
    today: datetime,
    can_fill: bool,
) -> list[DeskRow]:
    """The periods begun for which something is still to be handed in; what a reviewer revoked in a row of its own.

    Those over before the list was published have no deadline. Of a period closed to the unit there is nothing else: such a copy may be mended until the date given.
    """
    head, rows = openings.head, []
    for period in periods_of(head.year, head.rhythm):
        window = openings.window(unit.id, period)
        is_closed = window.is_closed(today) and not window.is_reopened(today)
        missing = duty_pledges - _handed_in(reports, period, but_returned=False)
        again = {key: until for key, until in _asked_again(reports, period).items() if key in missing}
        if is_closed:
            missing, again = set(), {key: until for key, until in again.items() if today < until}
        if today < window.opens:
            continue
        first = (len(missing - again.keys()), window.late)
        groups = [first, (len(again), min(again.values(), default=None))]
        rows += [
            DeskRow(
                list=DeskList.DUE, action=DeskAction.FILL if can_fill else DeskAction.SEE, key=head.key,
                programme=head.title, code=unit.code, unit=unit.short_name, period=period, since=None,
                until=until, reports_count=count, is_late=until is not None and today >= until,
                is_revoked=at == 1,
            )
            for at, (count, until) in enumerate(groups)
            if count
        ]  # fmt: skip
    return rows


def _asked_again(reports: Iterable[_Report], period: Period) -> dict[int, datetime]:
    """Pledge → until when its copy of what was revoked may be mended and handed in, closed or not."""
    return {
        report.pledge_id: report.answer_by
        for report in reports
        if report.period == period.key and report.state is State.DRAFT and report.answer_by is not None
    }


def _handed_in(reports: Iterable[_Report], period: Period, *, but_returned: bool) -> set[int]:
    """The pledges of a period that are handed in, or (for their own unit) lie returned on another list."""
    states = {*PROVISIONAL, State.ACCEPTED, *(() if but_returned else (State.RETURNED,))}
    return {report.pledge_id for report in reports if report.period == period.key and report.state in states}


def _reviewer_desk(
    session: Session, identity: Identity, heads: Sequence[Head], today: datetime
) -> list[DeskRow]:
    """What a superior has to judge, and who is late with the newest period."""
    waiting = _list_reports(session, identity, and_(Revision.state == State.SIGNED, on_desk_of(identity)))
    rows = _onlooker_desk(session, identity, heads, today)
    for head in heads:
        mine = [report for report in waiting if report.programme_id == head.id]
        rows += [
            _row(head, group, DeskList.TO_JUDGE, DeskAction.JUDGE)
            for group in _grouped(mine, (State.SIGNED,))
        ]
    return rows


def _onlooker_desk(
    session: Session, identity: Identity, heads: Sequence[Head], today: datetime
) -> list[DeskRow]:
    """Who is late below somebody."""
    own = get_unit(session, identity.place.org_unit_id)
    children = list_children(session, own.id)
    rows: list[DeskRow] = []
    for head in heads:
        units = [own, *children] if head.publisher_id == own.id else children
        rows += _late_rows(session, identity, head, units, today=today)
    return rows


def _late_rows(
    session: Session, identity: Identity, head: Head, units: Sequence[Unit], *, today: datetime
) -> list[DeskRow]:
    """Units that have not handed in everything although the newest ended period is overdue."""
    period = due_period(head.year, head.rhythm, cutoff_month(head.year, _month_before(today)))
    if period is None or was_over(period, head.published_at):
        return []
    late = late_from(period, head.due_day, read_holidays(session))
    if today < late:
        return []
    of_period = and_(Report.programme_id == head.id, Report.period == period.key)
    reports = _list_reports(
        session, identity, and_(of_period, Report.org_unit_id.in_([unit.id for unit in units]))
    )
    duty_pledges = _duty_pledges(session, head, units, today)
    rows = []
    for unit in units:
        mine = [report for report in reports if report.org_unit_id == unit.id]
        missing = duty_pledges[unit.id] - _handed_in(mine, period, but_returned=True)
        if missing:
            rows.append(
                DeskRow(
                    list=DeskList.LATE, action=DeskAction.SEE, key=head.key, programme=head.title,
                    code=unit.code, unit=unit.short_name, period=period, since=late, until=late,
                    reports_count=len(missing), is_late=True,
                )
            )  # fmt: skip
    return rows


def _month_before(today: datetime) -> Month:
    return Month(today.year - 1, 12) if today.month == 1 else Month(today.year, today.month - 1)


def _duty_pledges(
    session: Session, head: Head, units: Sequence[Unit], today: datetime
) -> Mapping[int, set[int]]:
    """Unit id → the pledges it reports itself."""
    promises = list_promises(session, head)
    month = cutoff_month(head.year, Month(today.year, today.month))
    duties = list_duties(session, head, promises, units, month=month)
    pledge_of = {one.id: one.pledge_id for promise in promises for one in promise.indicators}
    return {unit.id: {pledge_of[key] for key in duties.get(unit.id, {})} for unit in units}
