"""What a new shape would do, found by doing it and taking it back: totals at every level, targets, people, open work."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from tracker.domain.canonical import digest_of
from tracker.domain.figures import show_grouped
from tracker.domain.kinds import Kind, target_decimals
from tracker.domain.rollup import Part
from tracker.domain.workflow import OPEN
from tracker.features.org_units.affected import OpenReport, list_open_reports
from tracker.features.org_units.restructures import Done, Posted, Shape
from tracker.models.account import Appointment
from tracker.models.ledger import MONTHS, Tally
from tracker.models.org_unit import OrgUnit
from tracker.models.programme import Indicator
from tracker.services.ledger.carrying import tally_sums
from tracker.services.ledger.remembering import forget
from tracker.services.tree import list_subtree, paths_up


class TotalEffect(NamedTuple):
    """What a unit's total for the year is and would be: figures, and how many units are assigned, as tables print them."""

    list_title: str
    indicator: str
    measure: str
    unit: str
    before: str
    after: str
    assigned_before: int
    assigned_after: int

    @property
    def is_changed(self) -> bool:
        return (self.before, self.assigned_before) != (self.after, self.assigned_after)


class TargetEffect(NamedTuple):
    """A target that is taken back or given anew; ``value`` None: without a number."""

    list_title: str
    indicator: str
    unit: str
    is_taken: bool
    value: str | None


class Effect(NamedTuple):
    """Everything a preview shows; ``fingerprint`` tells whether it would still be the same."""

    totals: tuple[TotalEffect, ...]
    targets: tuple[TargetEffect, ...]
    units: int
    people: int
    open_reports: tuple[OpenReport, ...]
    fingerprint: str


class _Place(NamedTuple):
    programme_id: int
    indicator_id: int
    org_unit_id: int


def preview(session: Session, shape: Shape, act: Callable[[], Done], *, now: datetime) -> Effect:
    """Do it within a savepoint, read what it did, and take all of it back. Refusals of the act pass through."""
    with session.begin_nested() as nested:
        done = act()
        effect = _read(session, shape, done, now)
        nested.rollback()
    session.expire_all()
    forget(session)
    return effect


def _read(session: Session, shape: Shape, done: Done, now: datetime) -> Effect:
    indicators = _Indicators(session, [one.listed.id for one in done.posted])
    names = _Names(session)
    totals = tuple(_totals(session, shape, done, indicators, names))
    targets = tuple(_targets(done.posted, indicators, names))
    below = _everybody(session, shape)
    people = session.scalar(
        select(func.count())
        .select_from(Appointment)
        .where(
            Appointment.org_unit_id.in_(select(OrgUnit.id).where(OrgUnit.id.in_(below))),
            Appointment.valid_from <= now,
            or_(Appointment.valid_to.is_(None), Appointment.valid_to > now),
        )
    )
    waiting = tuple(list_open_reports(session, select(OrgUnit.id).where(OrgUnit.id.in_(below)), states=OPEN))
    seats = [(move.unit.id, move.seat.parent_id) for move in shape.moves]
    ends = [(one.unit.id, one.successor.id if one.successor else None) for one in shape.endings]
    wanted = [seats, ends, sorted(shape.summed), str(shape.effective)]
    seen = [wanted, totals, targets, len(below), people, waiting]
    return Effect(totals, targets, len(below), people or 0, waiting, digest_of(_plain(seen)))


def _plain(value: object) -> object:
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value


def _everybody(session: Session, shape: Shape) -> list[int]:
    units = [move.unit for move in shape.moves] + [ending.unit for ending in shape.endings]
    found = {unit.id for unit in units}
    for move in shape.moves:
        found |= {one.id for one in list_subtree(session, move.unit.place)}
    return sorted(found)


class _Indicators:
    """The indicators of the lists that are touched."""

    def __init__(self, session: Session, programme_ids: Collection[int]) -> None:
        wanted = select(Indicator).where(Indicator.programme_id.in_(sorted(programme_ids)))
        self.known = {one.id: one for one in session.scalars(wanted)}

    def show(self, indicator_id: int, amount: int) -> str:
        one = self.known[indicator_id]
        return show_grouped(amount, target_decimals(Kind(one.kind), one.decimals))


class _Names:
    """Short names of units, read as they are asked for."""

    def __init__(self, session: Session) -> None:
        self._session, self._known = session, dict[int, str]()

    def of(self, unit_id: int) -> str:
        if unit_id not in self._known:
            wanted = select(OrgUnit.short_name).where(OrgUnit.id == unit_id)
            self._known[unit_id] = self._session.scalars(wanted).one()
        return self._known[unit_id]


def _targets(posted: Iterable[Posted], indicators: _Indicators, names: _Names) -> Iterable[TargetEffect]:
    for one in posted:
        for target in one.targets:
            value = None if target.value is None else indicators.show(target.indicator_id, target.value)
            yield TargetEffect(
                one.listed.title, indicators.known[target.indicator_id].name, names.of(target.org_unit_id),
                not target.is_assigned, value,
            )  # fmt: skip


def _totals(
    session: Session, shape: Shape, done: Done, indicators: _Indicators, names: _Names
) -> Iterable[TotalEffect]:
    """Every unit on the ways up from before and from now, the deepest first, list by list."""
    ways = _ways_up(session, shape, done)
    ids = [posting_id for one in done.posted for posting_id in one.posting_ids]
    changes: dict[tuple[_Place, str], int] = {}
    for shelf, months in tally_sums(session, ids).months.items():
        if shelf.parent_id != shelf.org_unit_id and shelf.basis == "accepted":
            key = (_Place(shelf.programme_id, shelf.indicator_id, shelf.org_unit_id), shelf.part)
            changes[key] = changes.get(key, 0) + sum(months)
    before = _before(session, [one.listed.id for one in done.posted], ways)
    for one in done.posted:
        for indicator in indicators.known.values():
            if indicator.programme_id != one.listed.id or indicator.is_dropped:
                continue
            for unit in ways:
                place = _Place(one.listed.id, indicator.id, unit)
                amounts = [before.get((place, part)) for part in (Part.AMOUNT, Part.ASSIGNED)]
                moved = [changes.get((place, part), 0) for part in (Part.AMOUNT, Part.ASSIGNED)]
                if amounts == [None, None] and not any(moved):
                    continue
                amount, assigned = (found or 0 for found in amounts)
                yield TotalEffect(
                    one.listed.title, indicator.name, indicator.measure, names.of(unit),
                    indicators.show(indicator.id, amount), indicators.show(indicator.id, amount + moved[0]),
                    assigned, assigned + moved[1],
                )  # fmt: skip


def _ways_up(session: Session, shape: Shape, done: Done) -> list[int]:
    units = [move.unit.id for move in shape.moves] + [ending.unit.id for ending in shape.endings]
    units += [ending.successor.id for ending in shape.endings if ending.successor is not None]
    found: dict[int, None] = {}
    paths = [*paths_up(session, done.before, units).values(), *paths_up(session, done.after, units).values()]
    for height in range(max((len(path) for path in paths), default=0)):
        found |= {path[height].org_unit_id: None for path in paths if height < len(path)}
    return list(found)


def _before(
    session: Session, programme_ids: Sequence[int], units: Sequence[int]
) -> Mapping[tuple[_Place, str], int]:
    total = sum((getattr(Tally, month) for month in MONTHS), start=0)
    wanted = (
        select(Tally.programme_id, Tally.indicator_id, Tally.org_unit_id, Tally.part, func.sum(total))
        .where(
            Tally.programme_id.in_(programme_ids), Tally.org_unit_id.in_(units),
            Tally.parent_id != Tally.org_unit_id, Tally.basis == "accepted",
            Tally.part.in_((Part.AMOUNT, Part.ASSIGNED)),
        )
        .group_by(Tally.programme_id, Tally.indicator_id, Tally.org_unit_id, Tally.part)
    )  # fmt: skip
    return {(_Place(*row[:3]), row[3]): int(row[4]) for row in session.execute(wanted)}
