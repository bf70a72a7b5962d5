"""How far a programme is at a node: the one table behind screens, exports, files and the API."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select, union_all
from sqlalchemy.orm import Session

from tracker.domain.kinds import Light
from tracker.domain.lights import classes, pledge_light
from tracker.domain.messages import Refusal
from tracker.domain.periods import Month, Period, cutoff_month, due_period
from tracker.domain.progress import Standing, Target, judge, standing_fields, year_target
from tracker.domain.rollup import NO_MONTHS, Part, Totals, totals_at
from tracker.models.ledger import MONTHS, Seal, Tally
from tracker.models.programme import Target as TargetVersion
from tracker.services.ledger.folding import tally_sums_as_of
from tracker.services.programme_heads import Head, ListedIndicator, Promise, list_promises
from tracker.services.tree import Unit, list_children

ACCEPTED, PROVISIONAL = "accepted", "provisional"


class UnknownSeal(Refusal):
    """There is no such seal."""


class Judged(NamedTuple):
    """One indicator at one node: its rule, its sums and how it stands."""

    listed: ListedIndicator
    target: Target
    totals: Totals
    standing: Standing


class PledgeStanding(NamedTuple):
    """One pledge at one node; its light is the worst of its indicators'."""

    promise: Promise
    light: Light
    indicators: tuple[Judged, ...]


class Branch(NamedTuple):
    """One part of the node: a unit below it, or its own level (``is_own_level``)."""

    unit: Unit
    is_own_level: bool
    pledges: tuple[PledgeStanding, ...]


@dataclass(frozen=True, slots=True)
class ProgressTable:
    """A programme at a node and cut-off, as sealed by ``seal`` (None: nothing is sealed yet)."""

    head: Head
    node: Unit
    cutoff: Month
    month: int
    due: Period | None
    seal: int | None
    pledges: tuple[PledgeStanding, ...]
    branches: tuple[Branch, ...]

    @property
    def classes(self) -> dict[Light, int]:
        """How many pledges show each light; always adds up to their number."""
        return classes(pledge.light for pledge in self.pledges)


Months = dict[str, dict[Part, list[int]]]  # basis → part → twelve increments
Slot = tuple[int, int, int]  # parent, org unit, indicator: one shelf of the tally


class Sealed(NamedTuple):
    """What was read of the ledger: monthly sums by slot, and targets in force by (unit, own level, indicator)."""

    months: Mapping[Slot, Months]
    targets: Mapping[tuple[int, bool, int], TargetVersion]


def load(
    session: Session,
    head: Head,
    node: Unit,
    *,
    cutoff: Month | None = None,
    as_of: int | None = None,
    with_branches: bool = False,
) -> ProgressTable:
    """The table at ``node`` (the publisher or below).

    ``cutoff`` None: the last month with an accepted figure. ``as_of``: a seal's number, 0 for before
    the first; None reads the newest. ``with_branches`` adds the node's parts.
    """
    seal = newest_seal(session) if as_of is None else (as_of or None)
    children = list_children(session, node.id) if with_branches else []
    promises = list_promises(session, head)
    months = _read_tally(session, head, node) if as_of is None else _read_as_of(session, head, as_of)
    until = _normal(head, cutoff or _last_reported(head, months, session=session, as_of=as_of))
    month = cutoff_month(head.year, until)
    units = [head.publisher_id, node.id, *(child.id for child in children)]
    sealed = Sealed(months, _read_targets(session, head, units, month=month, seal=seal))
    due = due_period(head.year, head.rhythm, month)
    judging = _Judging(head, promises, sealed, month=month, due=due)
    branches = _branches(judging, node, children) if with_branches else ()
    slot = (node.place.parent_id, node.id)
    pledges = judging.at(slot, is_own_level=False)
    return ProgressTable(head, node, until, month, due, seal, pledges, branches)


def newest_seal(session: Session) -> int | None:
    """The number of the last seal."""
    return session.scalar(select(func.max(Seal.number)))


def seal_at(session: Session, moment: datetime) -> int:
    """The last seal written by a moment; 0 when there was none yet."""
    return session.scalar(select(func.max(Seal.number)).where(Seal.at <= moment)) or 0


def check_seal(session: Session, number: int) -> int:
    """The number itself where such a seal exists (0 always does); raises UnknownSeal."""
    if 0 <= number <= (newest_seal(session) or 0):
        return number
    raise UnknownSeal("没有第 {number} 号封存。", number=number)


class _Judging:
    """Judges one programme's indicators wherever they are asked for."""

    def __init__(
        self, head: Head, promises: Sequence[Promise], sealed: Sealed, *, month: int, due: Period | None
    ) -> None:
        self._head, self._promises, self._sealed = head, promises, sealed
        self._month, self._due_month = month, due.last_month if due else None

    def at(self, slot: tuple[int, int], *, is_own_level: bool) -> tuple[PledgeStanding, ...]:
        return tuple(self._pledge(promise, slot, is_own_level) for promise in self._promises)

    def _pledge(self, promise: Promise, slot: tuple[int, int], is_own_level: bool) -> PledgeStanding:
        judged = tuple(self._indicator(listed, slot, is_own_level) for listed in promise.indicators)
        return PledgeStanding(promise, pledge_light(one.standing.light for one in judged), judged)

    def _indicator(self, listed: ListedIndicator, slot: tuple[int, int], is_own_level: bool) -> Judged:
        months = self._sealed.months.get((*slot, listed.id), {})
        totals = totals_at(
            months.get(ACCEPTED, NO_MONTHS),
            cutoff=self._month,
            due_month=self._due_month,
            provisional=months.get(PROVISIONAL, NO_MONTHS),
        )
        target = self._target(listed, slot[1], is_own_level)
        return Judged(listed, target, totals, judge(listed.rule, target, totals, self._month))

    def _target(self, listed: ListedIndicator, unit_id: int, is_own_level: bool) -> Target:
        announced = self._sealed.targets.get((self._head.publisher_id, False, listed.id))
        version = self._sealed.targets.get((unit_id, is_own_level, listed.id))
        value, base = (version.value, version.base) if version else (None, None)
        if unit_id == self._head.publisher_id and not is_own_level:
            value = year_target(listed.rule, value)
        is_base_missing = base is None and announced is not None and announced.base is not None
        return Target(value, base, is_base_missing)


def _branches(judging: _Judging, node: Unit, children: Sequence[Unit]) -> tuple[Branch, ...]:
    """The parts that have something to do with the list, in official order, the own level last."""
    own = Branch(node, True, judging.at((node.id, node.id), is_own_level=True))
    below = [Branch(child, False, judging.at((node.id, child.id), is_own_level=False)) for child in children]
    return tuple(branch for branch in [*below, own] if _takes_part(branch))


def _takes_part(branch: Branch) -> bool:
    return any(one.totals.assigned for pledge in branch.pledges for one in pledge.indicators)


def _read_tally(session: Session, head: Head, node: Unit) -> Mapping[Slot, Months]:
    columns = (Tally.parent_id, Tally.org_unit_id, Tally.indicator_id, Tally.basis, Tally.part)
    row = select(*columns, *(getattr(Tally, month) for month in MONTHS)).where(Tally.programme_id == head.id)
    whole = row.where(Tally.parent_id == node.place.parent_id, Tally.org_unit_id == node.id)
    parts = row.where(Tally.parent_id == node.id)
    found: defaultdict[Slot, Months] = defaultdict(lambda: defaultdict(dict))
    for parent_id, unit_id, indicator_id, basis, part, *months in session.execute(union_all(whole, parts)):
        found[parent_id, unit_id, indicator_id][basis][Part(part)] = months
    return found


def _read_as_of(session: Session, head: Head, seal: int) -> Mapping[Slot, Months]:
    found: defaultdict[Slot, Months] = defaultdict(lambda: defaultdict(dict))
    for shelf, months in tally_sums_as_of(session, head.id, seal).items():
        found[shelf.parent_id, shelf.org_unit_id, shelf.indicator_id][shelf.basis][Part(shelf.part)] = months
    return found


def _normal(head: Head, cutoff: Month) -> Month:
    """A cut-off after the programme's year means its December."""
    return min(cutoff, Month(head.year, 12))


def _last_reported(
    head: Head, months: Mapping[Slot, Months], *, session: Session, as_of: int | None
) -> Month:
    """The last month with an accepted figure anywhere in the programme; January when there is none."""
    if as_of is None:
        return default_cutoff(session, head)
    rows = [slot[ACCEPTED].get(Part.REPORTED, []) for slot in months.values() if ACCEPTED in slot]
    last = max((number for row in rows for number, count in enumerate(row, 1) if count), default=1)
    return Month(head.year, last)


def default_cutoff(session: Session, head: Head) -> Month:
    """The last month with an accepted figure anywhere in the programme; January when there is none."""
    totals = [func.sum(getattr(Tally, month)) for month in MONTHS]
    reported = Tally.part == Part.REPORTED.value
    wanted = select(*totals).where(
        Tally.programme_id == head.id,
        Tally.org_unit_id == head.publisher_id,
        Tally.basis == ACCEPTED,
        reported,
    )
    row = session.execute(wanted).one()
    return Month(head.year, max((number for number, count in enumerate(row, 1) if count), default=1))


def _read_targets(
    session: Session, head: Head, unit_ids: Sequence[int], *, month: int, seal: int | None
) -> dict[tuple[int, bool, int], TargetVersion]:
    """The versions in force: the last by seal whose effect began by the cut-off."""
    wanted = (
        select(TargetVersion)
        .where(
            TargetVersion.programme_id == head.id,
            TargetVersion.org_unit_id.in_(sorted(set(unit_ids))),
            TargetVersion.seal <= (seal or 0),
            TargetVersion.effective_month <= max(month, 1),
        )
        .order_by(TargetVersion.seal, TargetVersion.id)
    )
    found: dict[tuple[int, bool, int], TargetVersion] = {}
    for version in session.scalars(wanted):
        key = (version.org_unit_id, version.is_own_level, version.indicator_id)
        if version.is_assigned:
            found[key] = version
        else:
            found.pop(key, None)
    return found


def as_document(table: ProgressTable) -> dict[str, object]:
    """The table as JSON values (document 3.5): exact strings for amounts, null for what is unknown."""
    return {
        "programme": table.head.key,
        "at": table.node.code,
        "cutoff": str(table.cutoff),
        "seal": table.seal,
        "pledges": [pledge_document(pledge) for pledge in table.pledges],
        "classes": {str(light): count for light, count in table.classes.items()},
    }


def pledge_document(pledge: PledgeStanding) -> dict[str, object]:
    """One pledge as JSON values."""
    return {
        "number": pledge.promise.number,
        "title": pledge.promise.title,
        "light": str(pledge.light),
        "indicators": [standing_fields(one.standing, one.listed.rule) for one in pledge.indicators],
    }
