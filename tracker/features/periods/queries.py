"""Who has reported for a period: every reporting unit with the pledges it owes and those it has handed in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.domain.identity import Identity, Place
from tracker.domain.periods import Period
from tracker.domain.workflow import PROVISIONAL, State
from tracker.models.account import Person
from tracker.models.org_unit import OrgUnit
from tracker.models.period import PeriodClosing, PeriodReopening, SignatureWaiver
from tracker.models.report import Report, Revision
from tracker.services.chunks import chunked
from tracker.services.duties import list_duties
from tracker.services.openings import Openings, read_openings
from tracker.services.programme_heads import Head, list_promises
from tracker.services.stand_ins import StandIn, doubtful_id, find_stand_ins
from tracker.services.tree import Unit, count_branches, count_subtree, get_unit, list_children, list_subtree

HANDED_IN = (*sorted(PROVISIONAL), State.ACCEPTED)


class Lying(NamedTuple):
    """Reports of a unit that lie at one desk: in which state, how many, and since when the oldest does."""

    state: State
    reports_count: int
    since: datetime


class UnitState(NamedTuple):
    """One reporting unit: how many reports it owes for the period, how many are handed in, and where they lie."""

    unit: Unit
    owed: int
    handed_in: int
    lying: tuple[Lying, ...] = ()

    @property
    def is_in(self) -> bool:
        """Whether nothing is missing."""
        return self.handed_in >= self.owed


class Closing(NamedTuple):
    """How a period was closed: 28 of 30 in, 2 missing, named; ``stand_in``: in whose place it was done."""

    closed_from: datetime
    expected: int
    handed_in: int
    missing: tuple[tuple[str, str], ...]
    by: str
    stand_in: StandIn | None = None


class Reopened(NamedTuple):
    """A unit's period reopened, newest first."""

    unit: str
    until: datetime
    reason: str
    by: str
    at: datetime
    stand_in: StandIn | None = None


class Waived(NamedTuple):
    """A unit that needs no signature, by whom and why."""

    code: str
    unit: str
    reason: str
    by: str
    at: datetime
    stand_in: StandIn | None = None


class Branch(NamedTuple):
    """A unit with all below, and how many that are."""

    unit: Unit
    units_count: int


@dataclass(frozen=True, slots=True)
class PeriodState:
    """A programme's period as a reviewer sees it.

    ``at``: the branch whose units alone were read, None: all in sight. ``branches``: there are more units than a page is
    drawn of; the one above them all was read alone, and one of these branches has to be chosen.
    """

    head: Head
    publisher: Unit
    period: Period
    openings: Openings
    units: tuple[UnitState, ...]
    closing: Closing | None
    at: Unit | None = None
    branches: tuple[Branch, ...] = ()

    @property
    def missing(self) -> list[UnitState]:
        """The units that have not handed everything in, in the tree's order."""
        return [one for one in self.units if not one.is_in]


MOST_UNITS: Final = 20_000
"""From so many units on a page shows one branch at a time: reading whether each has reported takes several seconds."""


def read_period(
    session: Session,
    head: Head,
    period: Period,
    *,
    seen_by: Identity,
    at: Unit | None = None,
    may_choose: bool = False,
) -> PeriodState:
    """Everything of one period, for the units in this person's sight, or those ``at`` a unit in sight and below it.

    ``may_choose``: of ``MOST_UNITS`` or more only the branches to choose from.
    """
    publisher = get_unit(session, head.publisher_id)
    node = publisher.place if seen_by.place.holds(publisher.place) else seen_by.place
    if at is not None:
        node = at.place
    branches = _list_branches(session, node) if may_choose else []
    units = [get_unit(session, node.org_unit_id)] if branches else list_subtree(session, node)
    return PeriodState(
        head=head,
        publisher=publisher,
        period=period,
        openings=read_openings(session, head),
        units=tuple(_states(session, head, period, units)),
        closing=_find_closing(session, head, period),
        at=at,
        branches=tuple(branches),
    )


def _list_branches(session: Session, node: Place) -> list[Branch]:
    """What to choose from at a place; nothing where one page holds all."""
    if count_subtree(session, node) < MOST_UNITS:
        return []
    counts = count_branches(session, node)
    return [Branch(unit, counts[unit.id]) for unit in list_children(session, node.org_unit_id)]


def _states(session: Session, head: Head, period: Period, units: Sequence[Unit]) -> list[UnitState]:
    promises = list_promises(session, head)
    duties = list_duties(session, head, promises, units, month=period.last_month)
    pledge_of = {one.id: one.pledge_id for promise in promises for one in promise.indicators}
    filed = _list_filed(session, head, period, [unit.id for unit in units])
    states = []
    for unit in units:
        owed = {pledge_of[key] for key in duties.get(unit.id, {})}
        if owed:
            mine = [one for one in filed.get(unit.id, ()) if one.pledge_id in owed]
            handed_in = {one.pledge_id for one in mine if one.state in HANDED_IN}
            states.append(UnitState(unit, len(owed), len(handed_in), _lying(mine)))
    return states


class _Filed(NamedTuple):
    """A report of the period that was handed in once."""

    pledge_id: int
    state: State
    since: datetime


ON_A_DESK = (State.SUBMITTED, State.SIGNED, State.RETURNED)


def _lying(filed: Sequence[_Filed]) -> tuple[Lying, ...]:
    """What lies at each desk, in the order in which reports go."""
    found = []
    for state in ON_A_DESK:
        mine = [one.since for one in filed if one.state is state]
        if mine:
            found.append(Lying(state, len(mine), min(mine)))
    return tuple(found)


def _list_filed(
    session: Session, head: Head, period: Period, units: Sequence[int]
) -> Mapping[int, list[_Filed]]:
    """Unit id → its reports that are handed in or returned."""
    found: dict[int, list[_Filed]] = defaultdict(list)
    for part in chunked(units):
        wanted = (
            select(
                Report.org_unit_id, Report.pledge_id, Revision.state, Revision.changed_at,
                func.coalesce(Revision.signed_at, Revision.submitted_at, Revision.changed_at).label("since"),
            )
            .join(Revision, Revision.report_id == Report.id)
            .where(
                Report.programme_id == head.id,
                Report.period == period.key,
                Report.org_unit_id.in_(part),
                Revision.state.in_([*HANDED_IN, State.RETURNED]),
            )
            .order_by(Revision.id)
        )  # fmt: skip
        for row in session.execute(wanted):
            state = State(row.state)
            since = row.changed_at if state is State.RETURNED else row.since
            found[row.org_unit_id].append(_Filed(row.pledge_id, state, since))
    return found


def _find_closing(session: Session, head: Head, period: Period) -> Closing | None:
    wanted = (
        select(
            PeriodClosing,
            Person.name,
            doubtful_id(PeriodClosing.by_id, PeriodClosing.at).label("doubtful_id"),
        )
        .join(Person, Person.id == PeriodClosing.by_id)
        .where(PeriodClosing.programme_id == head.id, PeriodClosing.period == period.key)
    )
    row = session.execute(wanted).one_or_none()
    if row is None:
        return None
    made: PeriodClosing = row[0]
    missing = tuple((code, name) for code, name in made.missing)
    act = (row.doubtful_id, made.at)
    stand_in = find_stand_ins(session, [act]).get(act)
    return Closing(made.closed_from, made.expected, made.handed_in, missing, row.name, stand_in)


def list_reopened(session: Session, head: Head, period: Period) -> list[Reopened]:
    """For which units the period was reopened, the newest first."""
    wanted = (
        select(
            OrgUnit.short_name, PeriodReopening.until, PeriodReopening.reason, Person.name, PeriodReopening.at,
            doubtful_id(PeriodReopening.by_id, PeriodReopening.at).label("doubtful_id"),
        )
        .join(OrgUnit, OrgUnit.id == PeriodReopening.org_unit_id)
        .join(Person, Person.id == PeriodReopening.by_id)
        .where(PeriodReopening.programme_id == head.id, PeriodReopening.period == period.key)
        .order_by(PeriodReopening.id.desc())
        .limit(200)
    )  # fmt: skip
    rows: Sequence[Any] = session.execute(wanted).all()
    found = find_stand_ins(session, {(row.doubtful_id, row.at) for row in rows})
    return [Reopened(*row[:-1])._replace(stand_in=found.get((row.doubtful_id, row.at))) for row in rows]


def list_waived(session: Session, head: Head) -> list[Waived]:
    """The units that need no signature now, by code."""
    wanted = (
        select(
            SignatureWaiver.is_waived, OrgUnit.code, OrgUnit.short_name, SignatureWaiver.reason, Person.name,
            SignatureWaiver.at, doubtful_id(SignatureWaiver.by_id, SignatureWaiver.at).label("doubtful_id"),
        )
        .join(OrgUnit, OrgUnit.id == SignatureWaiver.org_unit_id)
        .join(Person, Person.id == SignatureWaiver.by_id)
        .where(SignatureWaiver.programme_id == head.id)
        .order_by(OrgUnit.code, SignatureWaiver.id)
    )  # fmt: skip
    newest = {row.code: row for row in session.execute(wanted)}
    rows: Sequence[Any] = [row for row in newest.values() if row.is_waived]
    found = find_stand_ins(session, {(row.doubtful_id, row.at) for row in rows})
    return [Waived(*row[1:-1])._replace(stand_in=found.get((row.doubtful_id, row.at))) for row in rows]
