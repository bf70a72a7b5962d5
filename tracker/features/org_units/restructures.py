"""Carrying out a new shape of the tree: places, tenures, ends, and a posting in every list it touches."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from tracker.domain.identity import Actor
from tracker.domain.kinds import Kind
from tracker.domain.messages import Conflict, Refusal
from tracker.domain.periods import Month
from tracker.features.org_units.affected import (
    Listed,
    last_accepted,
    latest_tenure,
    list_lists_of,
    list_open_reports,
    units_in_play,
)
from tracker.features.org_units.placing import Seat, move_place, open_next_edition
from tracker.models.org_unit import OrgTenure, OrgUnit
from tracker.models.programme import Indicator
from tracker.services.bulk import insert_rows
from tracker.services.ledger.posting import Act
from tracker.services.restructuring import Restructure, post_restructure
from tracker.services.targets import NewTarget, TargetInForce, TargetPlace, targets_in_force
from tracker.services.tree import Unit, current_edition, paths_up

SUMMABLE: Final = frozenset({Kind.FLOW, Kind.STOCK, Kind.KEPT, Kind.CHECKLIST})
"""Kinds whose targets add up when units become one."""


class TreeHasChanged(Conflict):
    """The tree is another one since the page was drawn."""


class UnitHasChanged(Conflict):
    """Somebody else has changed the unit since the page was drawn."""


class FiguresAfterwards(Refusal):
    """Figures of the month, or later ones, count already in lists the unit would leave."""


class BeforeLastMove(Refusal):
    """The unit was moved with effect from a later month."""


class ReportsUnderWay(Refusal):
    """Reports are handed in that nobody could judge any more."""


class Move(NamedTuple):
    """A unit with all below it, and where it is to stand."""

    unit: Unit
    seat: Seat


class Ending(NamedTuple):
    """A unit that reports no longer; ``version`` is that of its row as seen."""

    unit: Unit
    version: int
    successor: Unit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A new shape of the tree. ``edition``: the one it was drawn up on. ``summed``: indicators (ids) whose figures
    the successor takes over; in all others the old figures stay where they are and targets are given anew.
    """

    moves: Sequence[Move] = ()
    endings: Sequence[Ending] = ()
    summed: frozenset[int] = frozenset()
    effective: Month
    edition: int
    reason: str
    action: str = field(default="move")

    @property
    def month(self) -> int:
        return self.effective.year * 12 + self.effective.month

    @property
    def last_day(self) -> date:
        """The last day before it takes effect."""
        return date(self.effective.year, self.effective.month, 1) - timedelta(days=1)


class Posted(NamedTuple):
    """What was done to one list."""

    listed: Listed
    posting_ids: Sequence[int]
    targets: Sequence[NewTarget]


class Done(NamedTuple):
    """A carried out shape: the editions before and after, whom it concerned, and what it posted."""

    before: int
    after: int
    units: frozenset[int]
    posted: Sequence[Posted]


def carry_out(session: Session, shape: Shape, *, actor: Actor, now: datetime) -> Done:
    """Make the tree so and post what it means, without an audit entry: the caller's command writes it.

    Raises TreeHasChanged, UnitHasChanged, BeforeLastMove, FiguresAfterwards, ReportsUnderWay.
    """
    before = current_edition(session)
    if before != shape.edition:
        raise TreeHasChanged("组织树在您打开页面之后有了变动，请按最新的树重新核对")
    after = open_next_edition(session, before, now=now, reason=shape.reason) if shape.moves else before
    roots: dict[int, int] = {}
    for move in shape.moves:
        roots |= dict.fromkeys(move_place(session, after, move.unit, move.seat), move.unit.id)
    ended = {ending.unit.id: ending for ending in shape.endings}
    _check_months(session, shape, roots.keys() | ended.keys())
    _write_tenures(session, shape, before, after, roots=roots)
    for ending in shape.endings:
        _end(session, shape, ending)
    change = Restructure(
        before=before, after=after, effective=shape.month, roots=roots, ended=frozenset(ended),
        summed=_summed(shape),
    )  # fmt: skip
    posted = tuple(_Lists(session, shape, change, actor, now).post())
    return Done(before, after, frozenset(roots.keys() | ended.keys()), posted)


def _summed(shape: Shape) -> dict[tuple[int, int], int]:
    return {
        (ending.unit.id, indicator): ending.successor.id
        for ending in shape.endings
        if ending.successor is not None
        for indicator in shape.summed
    }


def _ids(units: Collection[int]) -> Select[int]:
    return select(OrgUnit.id).where(OrgUnit.id.in_(sorted(units)))


def _check_months(session: Session, shape: Shape, units: Collection[int]) -> None:
    latest = latest_tenure(session, _ids(units))
    if latest > shape.month:
        month = Month((latest - 1) // 12, (latest - 1) % 12 + 1)
        raise BeforeLastMove("这些单位上一次变动从 {month} 起算，这一次不能更早", month=month.title)


def _write_tenures(
    session: Session, shape: Shape, before: int, after: int, *, roots: Mapping[int, int]
) -> None:
    """Keep where months before the effective one are counted; of two moves with one month the first says it."""
    known = set(
        session.scalars(
            select(OrgTenure.org_unit_id).where(
                OrgTenure.until == shape.month, OrgTenure.is_end.is_(False),
                OrgTenure.org_unit_id.in_(sorted(roots)),
            )
        )
    )  # fmt: skip
    rows = [(unit, shape.month, before, root, False) for unit, root in roots.items() if unit not in known]
    rows += [(ending.unit.id, shape.month, after, ending.unit.id, True) for ending in shape.endings]
    insert_rows(session, OrgTenure, ("org_unit_id", "until", "edition", "root_id", "is_end"), rows)


def _end(session: Session, shape: Shape, ending: Ending) -> None:
    ended = (
        update(OrgUnit)
        .where(OrgUnit.id == ending.unit.id, OrgUnit.version_id == ending.version, OrgUnit.valid_to.is_(None))
        .values(
            valid_to=shape.last_day,
            successor_id=None if ending.successor is None else ending.successor.id,
            version_id=OrgUnit.version_id + 1,
        )
    )
    if not session.execute(ended).rowcount:  # type: ignore[attr-defined]
        raise UnitHasChanged("{unit}在您打开页面之后有人改过，请重新核对", unit=ending.unit.short_name)


class _Lists:
    """Posts the change in every list, one after the other."""

    def __init__(
        self, session: Session, shape: Shape, change: Restructure, actor: Actor, now: datetime
    ) -> None:
        self._session, self._shape, self._change = session, shape, change
        self._act = Act(0, shape.action, actor, now)
        units = [*change.roots, *change.ended]
        self._former = _above(session, change.before, units)
        self._above = _above(session, change.after, units)

    def post(self) -> Iterator[Posted]:
        publishers = {unit for path in (*self._former.values(), *self._above.values()) for unit in path}
        moved = set(self._change.roots) - {move.unit.id for move in self._shape.moves}
        for listed in list_lists_of(self._session, publishers - moved - self._change.ended):
            units = units_in_play(self._session, listed.id, _ids({*self._change.roots, *self._change.ended}))
            if units:
                yield self._post(listed, units)

    def _post(self, listed: Listed, units: set[int]) -> Posted:
        leaving = {unit for unit in units if self._leaves(listed, unit)}
        if leaving:
            self._check_leaving(listed, leaving)
        targets = self._targets(listed, leaving)
        act = replace(self._act, programme_id=listed.id)
        posting_ids = post_restructure(
            self._session, act, self._change, units | self._beside(listed), targets=targets,
            reason=self._shape.reason,
        )  # fmt: skip
        return Posted(listed, posting_ids, targets)

    def _leaves(self, listed: Listed, unit: int) -> bool:
        """Whether the unit reports in the list no longer: it stands elsewhere now, or has ended."""
        return unit in self._change.ended or listed.publisher_id not in self._above[unit]

    def _beside(self, listed: Listed) -> set[int]:
        """Superiors whose own counts may change, and whoever takes figures over."""
        found = {listed.publisher_id}
        for move in self._shape.moves:
            found |= {move.unit.place.parent_id, move.seat.parent_id}
        for ending in self._shape.endings:
            found |= {ending.unit.place.parent_id, ending.successor.id if ending.successor else 0}
        return found - {0}

    def _check_leaving(self, listed: Listed, leaving: set[int]) -> None:
        units = _ids(leaving)
        last = last_accepted(self._session, [listed.id], units)
        if last >= self._shape.month:
            month = Month((last - 1) // 12, (last - 1) % 12 + 1)
            raise FiguresAfterwards(
                "“{list}”里已有 {month} 的数通过，请把起算月份定在 {next} 或以后",
                list=listed.title, month=month.title, next=month.next.title,
            )  # fmt: skip
        waiting = list_open_reports(self._session, units, programme_ids=[listed.id])
        if waiting:
            named = "、".join(f"{one.unit} {one.period}" for one in waiting[:5])
            raise ReportsUnderWay(
                "“{list}”里还有 {count} 份报告没有审完（{named}），变动后无人能审，请先审定或退回",
                list=listed.title, count=len(waiting), named=named,
            )  # fmt: skip

    def _targets(self, listed: Listed, leaving: set[int]) -> list[NewTarget]:
        """Targets taken back from who leaves, and added up at who takes figures over."""
        if listed.year * 12 + 12 < self._shape.month or not leaving:
            return []
        month = self._change.month_in(listed.year)
        successors = {ending.successor.id for ending in self._shape.endings if ending.successor is not None}
        known = targets_in_force(self._session, listed.id, leaving | successors)
        taken = [
            NewTarget(*place, is_assigned=False, value=None, base=None, effective_month=month)
            for place, target in known.items()
            if place.org_unit_id in leaving and target.is_assigned
        ]
        return taken + self._successors(known, month)

    def _successors(self, known: Mapping[TargetPlace, TargetInForce], month: int) -> list[NewTarget]:
        found: dict[TargetPlace, TargetInForce] = {}
        kinds = _kinds(self._session, {place.indicator_id for place in known})
        for ending in self._shape.endings:
            for place, target in known.items():
                is_theirs = place.org_unit_id == ending.unit.id and target.is_assigned
                if ending.successor is None or place.indicator_id not in self._shape.summed or not is_theirs:
                    continue
                goes_to = place._replace(org_unit_id=ending.successor.id)
                standing = found.get(goes_to, known.get(goes_to))
                found[goes_to] = _together(standing, target, kinds[place.indicator_id])
        return [
            NewTarget(*place, is_assigned=True, value=one.value, base=one.base, effective_month=month)
            for place, one in found.items()
            if one != known.get(place)
        ]


def _above(session: Session, edition: int, units: Sequence[int]) -> dict[int, set[int]]:
    paths = paths_up(session, edition, units)
    return {unit: {step.org_unit_id for step in path} for unit, path in paths.items()}


def _kinds(session: Session, indicators: Collection[int]) -> dict[int, Kind]:
    wanted = select(Indicator.id, Indicator.kind).where(Indicator.id.in_(sorted(indicators)))
    return {row.id: Kind(row.kind) for row in session.execute(wanted)}


def _together(standing: TargetInForce | None, other: TargetInForce, kind: Kind) -> TargetInForce:
    """The target of two units that became one; of rates, judgements and milestones the standing one stays."""
    if standing is None or not standing.is_assigned:
        return other
    if kind not in SUMMABLE:
        return standing if standing.value is not None else other
    return standing._replace(
        value=_sum(standing.value, other.value), base=_sum(standing.base, other.base), is_implied=False
    )


def _sum(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else one + other
