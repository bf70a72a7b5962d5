"""How far a programme is at a node: the one table behind screens, exports, files and the API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from itertools import accumulate
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.db import tables_of
from tracker.domain.kinds import Light
from tracker.domain.lights import classes, pledge_light
from tracker.domain.messages import Refusal
from tracker.domain.periods import Month, Period, cutoff_month, due_month, due_period, has_ended
from tracker.domain.progress import Standing, Target, judge, year_target
from tracker.domain.rollup import NO_MONTHS, Part, Totals, totals_at
from tracker.models.ledger import Seal
from tracker.services.moved_units import closed_among
from tracker.services.programme_heads import Head, ListedIndicator, Promise, list_promises
from tracker.services.sealed_figures import (
    ACCEPTED,
    EVERYWHERE,
    LAST_YEAR,
    PROVISIONAL,
    Sealed,
    Slots,
    list_gone,
    read_figures,
    span_of,
    with_targets,
)
from tracker.services.tree import Unit, list_children


class Basis(StrEnum):
    """统计范围: what a table counts."""

    ACCEPTED = "accepted"
    PROVISIONAL = "provisional"


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
    """One part of the node: a unit below it, or its own level (``is_own_level``).

    A unit that came or went during the year is judged as a whole, wherever it counted; ``here`` is what of it the
    node's totals hold, in the months ``since`` to ``until``. ``has_left``: it takes no part any more, only its
    figures do; nothing of it is judged. ``is_closed``: because it has ended, not because it stands elsewhere.
    """

    unit: Unit
    is_own_level: bool
    pledges: tuple[PledgeStanding, ...]
    here: tuple[PledgeStanding, ...] | None = None
    since: int = 1
    until: int = 12
    has_left: bool = False
    is_closed: bool = False

    def counted(self, indicator_id: int) -> Judged:
        """What of an indicator the node's total holds."""
        return _find(self.pledges if self.here is None else self.here, indicator_id)

    def judged(self, indicator_id: int) -> Judged:
        """How the part itself stands in an indicator."""
        return _find(self.pledges, indicator_id)


def _find(pledges: Sequence[PledgeStanding], indicator_id: int) -> Judged:
    return next(one for pledge in pledges for one in pledge.indicators if one.listed.id == indicator_id)


@dataclass(frozen=True, slots=True)
class ProgressTable:
    """A programme at a node and cut-off, as sealed by ``seal`` (None: nothing is sealed yet).

    With branches: ``branches`` are the node's parts now, ``past_branches`` the same a month earlier, ``former``
    those whose figures count though they take no part any more, and ``past`` the node itself month by month up to
    the cut-off. What branches and former ones hold here adds up to the node. ``peers``: the units beside the node, itself
    included, where they were asked for. ``last_year``: what an indicator of the
    same code, kind, measure and decimals in the publisher's list of the year before came to at the node,
    to date month by month (not read for a past instant).
    """

    head: Head
    node: Unit
    cutoff: Month
    month: int
    due: Period | None
    seal: int | None
    pledges: tuple[PledgeStanding, ...]
    basis: Basis = Basis.ACCEPTED
    branches: tuple[Branch, ...] = ()
    past: tuple[tuple[PledgeStanding, ...], ...] = ()
    past_branches: tuple[Branch, ...] = ()
    former: tuple[Branch, ...] = ()
    peers: tuple[Branch, ...] = ()
    last_year: Mapping[int, tuple[int, ...]] = field(default_factory=dict)

    @property
    def classes(self) -> dict[Light, int]:
        """How many pledges show each light; always adds up to their number."""
        return classes(pledge.light for pledge in self.pledges)

    def due_has_ended(self, now: datetime) -> bool:
        """Whether the due period is over at a moment of the calendar: before that nobody owes anything."""
        return self.due is not None and has_ended(self.due, now)


def load(
    session: Session,
    head: Head,
    node: Unit,
    *,
    cutoff: Month | None = None,
    as_of: int | None = None,
    basis: Basis = Basis.ACCEPTED,
    with_branches: bool = False,
    children: Sequence[Unit] | None = None,
    newest: int | None = None,
    peers: Sequence[Unit] = (),
) -> ProgressTable:
    """The table at ``node`` (the publisher or below).

    ``cutoff`` None: the last month with an accepted figure. ``as_of``: a seal's number, 0 for before
    the first; None reads the newest. ``basis``: accepted figures alone, or with those under way.
    ``with_branches`` adds the node's parts and the months before. ``children`` and ``newest`` save
    reading the units below the node and the newest seal where the caller has them. ``peers``: units with
    the node's own superior, to be read with it.
    """
    seal = newest or newest_seal(session) if as_of is None else (as_of or None)
    below = (list_children(session, node.id) if children is None else children) if with_branches else ()
    promises = list_promises(session, head)
    units = [head.publisher_id, node.id, *(unit.id for unit in (*below, *peers))]
    beside = [peer.id for peer in peers]
    figures = read_figures(
        session, head, node, units=units, seal=seal, is_past=as_of is not None, beside=beside
    )
    if with_branches:
        gone = list_gone(session, head, node, below, figures.months)
        below = (*below, *gone)
        figures = with_targets(session, head, figures, [unit.id for unit in gone], seal=seal)
    until = _normal(head, cutoff or _last_reported(head, figures.months))
    month = cutoff_month(head.year, until)
    judging = Judging(head, promises, figures.at(month), basis)
    table = ProgressTable(
        head=head,
        node=node,
        cutoff=until,
        month=month,
        due=due_period(head.year, head.rhythm, month),
        seal=seal,
        pledges=judging.whole(node, month),
        basis=basis,
        peers=judging.peers(peers, month),
        last_year=_last_year(node, figures.months),
    )
    return _with_branches(session, table, judging, below) if with_branches else table


class Request(NamedTuple):
    """Everything a table with its branches is worked out from. ``digest`` is the newest seal's: it names all history."""

    head: Head
    node: Unit
    children: tuple[Unit, ...]
    cutoff: Month | None
    as_of: int | None
    basis: Basis
    newest: int
    digest: str | None
    peers: tuple[Unit, ...] = ()

    @property
    def is_lasting(self) -> bool:
        """Whether the same question has the same answer for ever: a draft changes without seals."""
        return self.head.state != "draft"


def load_remembered(session: Session, asked: Request, *, is_settled: bool) -> ProgressTable:
    """``load`` with branches; a session that only reads is given what was worked out before from the same.

    ``is_settled``: nothing waits for a seal, so that the newest one tells all there is. Drafts change without seals.
    """
    memory = tables_of(session) if is_settled and asked.is_lasting else None
    found: ProgressTable | None = memory.find(asked) if memory else None
    if found is not None:
        return found
    table = load(
        session,
        asked.head,
        asked.node,
        cutoff=asked.cutoff,
        as_of=asked.as_of,
        basis=asked.basis,
        with_branches=True,
        children=asked.children,
        newest=asked.newest,
        peers=asked.peers,
    )
    if memory:
        memory.keep(asked, table)
    return table


def _with_branches(
    session: Session, table: ProgressTable, judging: Judging, children: Sequence[Unit]
) -> ProgressTable:
    branches, former = judging.parts(table.node, children, table.month)
    closed = closed_among(session, [one.unit.id for one in former]) if former else frozenset()
    return replace(
        table,
        branches=branches,
        former=tuple(one._replace(is_closed=one.unit.id in closed) for one in former),
        past=tuple(judging.whole(table.node, month) for month in range(1, table.month + 1)),
        past_branches=judging.parts(table.node, children, table.month - 1)[0] if table.month > 1 else (),
    )


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


class Judging:
    """Judges one programme's indicators wherever and for whichever month they are asked for."""

    def __init__(self, head: Head, promises: Sequence[Promise], sealed: Sealed, basis: Basis) -> None:
        self._head, self._promises, self._sealed, self._basis = head, promises, sealed, basis
        self._moved = {unit for parent, unit, _indicator in sealed.months if parent == EVERYWHERE}

    def whole(self, node: Unit, month: int) -> tuple[PledgeStanding, ...]:
        """The node with everything below it."""
        return self._at((node.place.parent_id, node.id), month)

    def parts(
        self, node: Unit, children: Sequence[Unit], month: int
    ) -> tuple[tuple[Branch, ...], tuple[Branch, ...]]:
        """The parts that take part in the list, in official order, the own level last; and those that have left."""
        own = Branch(node, True, self._at((node.id, node.id), month, is_own_level=True))
        found = [*(self._part(node, child, month) for child in children), own]
        return (
            tuple(one for one in found if not one.has_left and _takes_part(one.pledges)),
            tuple(one for one in found if one.has_left),
        )

    def _part(self, node: Unit, unit: Unit, month: int) -> Branch:
        """A unit below: one that also counted elsewhere is judged as a whole, one that has left not at all."""
        here = self._at((node.id, unit.id), month)
        if not _takes_part(here):
            is_counted = any(one.totals.amount for pledge in here for one in pledge.indicators)
            if not is_counted:
                return Branch(unit, False, here)
            left = self._at((node.id, unit.id), month, is_judged=False)
            return Branch(unit, False, left, None, *span_of(self._sealed.months, node, unit), has_left=True)
        if unit.id not in self._moved:
            return Branch(unit, False, here)
        whole = self._at((EVERYWHERE, unit.id), month)
        if _totals(whole) == _totals(here):
            return Branch(unit, False, here)
        since, until = span_of(self._sealed.months, node, unit)
        return Branch(unit, False, whole, here, since, until)

    def peers(self, units: Sequence[Unit], month: int) -> tuple[Branch, ...]:
        """Units with one superior beside each other; those that take no part are left out."""
        beside = [Branch(unit, False, self._at((unit.place.parent_id, unit.id), month)) for unit in units]
        return tuple(branch for branch in beside if _takes_part(branch.pledges))

    def _at(
        self, slot: tuple[int, int], month: int, *, is_own_level: bool = False, is_judged: bool = True
    ) -> tuple[PledgeStanding, ...]:
        found = []
        for promise in self._promises:
            judged = tuple(
                self._indicator(
                    listed,
                    slot,
                    month,
                    self._target(listed, slot[1], is_own_level) if is_judged else Target(),
                )
                for listed in promise.indicators
            )
            found.append(PledgeStanding(promise, pledge_light(one.standing.light for one in judged), judged))
        return tuple(found)

    def _indicator(
        self, listed: ListedIndicator, slot: tuple[int, int], month: int, target: Target
    ) -> Judged:
        totals = self._totals(listed, slot, month)
        return Judged(listed, target, totals, judge(listed.rule, target, totals, month))

    def _totals(self, listed: ListedIndicator, slot: tuple[int, int], month: int) -> Totals:
        months = self._sealed.months.get((*slot, listed.id), {})
        accepted, coming = months.get(ACCEPTED, NO_MONTHS), months.get(PROVISIONAL, NO_MONTHS)
        return totals_at(
            accepted if self._basis is Basis.ACCEPTED else _added(accepted, coming),
            cutoff=month,
            due_month=due_month(self._head.rhythm, month),
            provisional=coming,
        )

    def _target(self, listed: ListedIndicator, unit_id: int, is_own_level: bool) -> Target:
        announced = self._sealed.targets.get((self._head.publisher_id, False, listed.id))
        version = self._sealed.targets.get((unit_id, is_own_level, listed.id))
        if version is None and is_own_level and self._stands_alone(listed):
            version = announced
        value, base = (version.value, version.base) if version else (None, None)
        if unit_id == self._head.publisher_id and version is announced:
            value = year_target(listed.rule, value)
        is_base_missing = base is None and announced is not None and announced.base is not None
        return Target(value, base, is_base_missing)

    def _stands_alone(self, listed: ListedIndicator) -> bool:
        """Whether nothing is allocated: then the announced target is the publisher's own to fill."""
        units = {unit for unit, _, indicator in self._sealed.targets if indicator == listed.id}
        return units <= {self._head.publisher_id}


def _added(
    accepted: Mapping[Part, Sequence[int]], coming: Mapping[Part, Sequence[int]]
) -> dict[Part, list[int]]:
    """Month by month, what counts together with what is under way."""
    nothing = [0] * 12
    return {
        part: [
            one + other
            for one, other in zip(accepted.get(part, nothing), coming.get(part, nothing), strict=True)
        ]
        for part in accepted.keys() | coming.keys()
    }


def _totals(pledges: Sequence[PledgeStanding]) -> list[Totals]:
    return [one.totals for pledge in pledges for one in pledge.indicators]


def _takes_part(pledges: Sequence[PledgeStanding]) -> bool:
    return any(one.totals.assigned for pledge in pledges for one in pledge.indicators)


def _last_year(node: Unit, months: Slots) -> dict[int, tuple[int, ...]]:
    found = {
        indicator: slot[LAST_YEAR][Part.AMOUNT]
        for (parent, unit, indicator), slot in months.items()
        if (parent, unit) == (node.place.parent_id, node.id) and LAST_YEAR in slot
    }
    return {indicator: tuple(accumulate(increments)) for indicator, increments in found.items()}


def _normal(head: Head, cutoff: Month) -> Month:
    """A cut-off after the programme's year means its December."""
    return min(cutoff, Month(head.year, 12))


def _last_reported(head: Head, months: Slots) -> Month:
    """The last month with an accepted figure anywhere in the programme; January when there is none."""
    slots = [found for (_parent, unit, _indicator), found in months.items() if unit == head.publisher_id]
    rows = [found[ACCEPTED].get(Part.REPORTED, []) for found in slots if ACCEPTED in found]
    last = max((number for row in rows for number, count in enumerate(row, 1) if count), default=1)
    return Month(head.year, last)
