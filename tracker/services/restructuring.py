"""What a new edition of the tree means for the totals of one list: figures change superiors with a month (document 4.1).

Months before the effective one stay as they are wherever they were counted; from it on the moved units' figures
are summed above their new superiors. What lines and targets would say about earlier months under the new tree is
settled, so that later acts leave it alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy.orm import Session

from tracker.domain.rollup import Part
from tracker.services.ledger.desired import ACCEPTED, Books, desired_cells
from tracker.services.ledger.heirs import Legacy, mark_of
from tracker.services.ledger.held import Held, read_held
from tracker.services.ledger.posting import (
    Act,
    Ground,
    append,
    append_former,
    differences,
    lock_streams,
    nonzero,
    write_settled,
)
from tracker.services.ledger.reading import Cell, Counted, Scope, note_far_assignments, read_scope_and_targets
from tracker.services.ledger.tenures import (
    DECEMBER,
    Paths,
    is_carried,
    is_inside,
    month_of,
    split_by_edition,
)
from tracker.services.targets import NewTarget, versions_of, write_targets
from tracker.services.tree import paths_up

ALL_BEFORE = 13
"""The effective month as a list of an earlier year sees it: nothing of it is after."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restructure:
    """A new edition of the tree. ``effective`` (year × 12 + month): the first month that counts by it.

    ``roots``: unit → the unit with which it was moved (itself, or one above it). ``ended``: units that report no
    longer. ``summed``: (ended unit, indicator) → the unit that takes its flows over. ``before`` equals ``after``
    where nobody is moved. The tenures of moved units are stored already.
    """

    before: int
    after: int
    effective: int
    roots: Mapping[int, int] = field(default_factory=dict)
    ended: frozenset[int] = frozenset()
    summed: Mapping[tuple[int, int], int] = field(default_factory=dict)

    def month_in(self, year: int) -> int:
        """The effective month of a list's year, 1 to 13 (everything of that year is before it)."""
        return min(max(month_of(self.effective, year), 1), ALL_BEFORE)


class _Series(NamedTuple):
    """One unit's cells of one indicator, basis and part over the months."""

    org_unit_id: int
    indicator_id: int
    basis: str
    part: str


Months = dict[int, int]


class _Ledger:
    """What is to be posted by each edition of the tree, and settled."""

    def __init__(self) -> None:
        self.entries: defaultdict[int, defaultdict[Cell, int]] = defaultdict(lambda: defaultdict(int))
        self.settled: defaultdict[Cell, int] = defaultdict(int)

    def put(self, edition: int, series: _Series, months: Mapping[int, int]) -> None:
        for month, amount in months.items():
            self.entries[edition][Cell(*series, month)] += amount

    def settle(self, series: _Series, months: Mapping[int, int]) -> None:
        for month, amount in months.items():
            self.settled[Cell(*series, month)] += amount


def post_restructure(
    session: Session,
    act: Act,
    change: Restructure,
    units: Collection[int],
    *,
    targets: Sequence[NewTarget],
    reason: str,
) -> list[int]:
    """Post what the new edition means for ``units`` in the act's programme, with these versions; the postings' ids.

    ``units``: all whose counts may change, superiors among them. Only the programme's own indicators are posted;
    what it feeds is posted with the list that is fed.
    """
    ordered = sorted(units)
    lock_streams(session, act.programme_id, ordered)
    paths = paths_up(session, change.after, ordered)
    scope, standing = read_scope_and_targets(session, act.programme_id, ordered, change.after)
    scope = _own(scope, act.programme_id)
    coming = versions_of(targets)
    for version in coming:
        standing.put(version, paths[version.org_unit_id][0].parent_id)
    standing.finish()
    note_far_assignments(session, standing, scope.indicators.values(), units=units, coming=coming)
    held = read_held(session, scope.read_ids(), scope.indicators, ordered)
    wanted = desired_cells(Books(scope, held.lines, standing, paths), ordered)
    former = paths_up(session, change.before, ordered)
    ledger = _Working(change, scope, held, former, paths).work_out(wanted)
    today: dict[Cell, int] = ledger.entries.pop(change.after, defaultdict(int))
    made = append_former(session, act, ledger.entries, scope.indicators)
    ground = Ground(change.after, paths)
    posting_id = append(session, act, ground, nonzero(today), scope.indicators)
    write_settled(session, posting_id, ledger.settled, _marks(change, scope))
    write_targets(session, act, posting_id, targets=targets, reason=reason)
    return [*made, posting_id]


def _marks(change: Restructure, scope: Scope) -> list[Cell]:
    """That a merger handed figures over is kept even of units that had none yet: late ones follow."""
    return [
        mark_of(Legacy(*pair), change.month_in(scope.indicators[pair[1]].year))
        for pair in sorted(change.summed)
        if pair[1] in scope.indicators
    ]


def _own(scope: Scope, programme_id: int) -> Scope:
    own = {key: one for key, one in scope.indicators.items() if one.programme_id == programme_id}
    return Scope(own, {key: sources for key, sources in scope.sources.items() if key in own})


class _Working:
    """Works out the entries, series by series."""

    def __init__(self, change: Restructure, scope: Scope, held: Held, former: Paths, paths: Paths) -> None:
        self._change, self._scope, self._held = change, scope, held
        self._before, self._after = _units_of(former), _units_of(paths)
        self._former, self._paths = former, paths
        self._ledger = _Ledger()

    def work_out(self, wanted: Mapping[Cell, int]) -> _Ledger:
        changes = _by_series(dict(differences(wanted, self._held.present())))
        sums = _by_series(self._held.sums)
        for series in sorted(changes.keys() | sums.keys()):
            held, difference = sums.get(series, {}), changes.get(series, {})
            self._carry(series, held)
            if series.basis == ACCEPTED:
                posted = self._take_effect(series, difference)
                self._end(series, _added(held, posted))
            elif difference:
                self._under_way(series, difference)
        return self._ledger

    def _indicator(self, series: _Series) -> Counted:
        return self._scope.indicators[series.indicator_id]

    def _counts(self, series: _Series) -> bool:
        """Whether the list goes on to count the unit."""
        return self._indicator(series).publisher_id in self._after[series.org_unit_id]

    def _edition(self, series: _Series) -> int:
        return self._change.after if self._counts(series) else self._change.before

    def _month(self, series: _Series) -> int:
        return self._change.month_in(self._indicator(series).year)

    def _carry(self, series: _Series, held: Months) -> None:
        """From the effective month on, what a moved unit's cells hold is summed above its new superior."""
        root, indicator = self._change.roots.get(series.org_unit_id), self._indicator(series)
        publisher = indicator.publisher_id
        was_counted = publisher in self._before[series.org_unit_id]
        if root is None or not was_counted or not self._counts(series):
            return
        if is_inside(publisher, root, self._after[series.org_unit_id]):
            if publisher != root:
                return
            effective = 1
        else:
            effective = self._month(series)
        moved = _from(held, effective, is_carried=is_carried(series.part, indicator.kind))
        self._ledger.put(self._change.before, series, _negated(moved))
        self._ledger.put(self._change.after, series, moved)

    def _take_effect(self, series: _Series, difference: Months) -> Months:
        """A difference takes effect with the month; what it would say of earlier ones is settled."""
        carried = is_carried(series.part, self._indicator(series).kind)
        posted = _from(difference, self._month(series), is_carried=carried)
        self._ledger.put(self._edition(series), series, posted)
        self._ledger.settle(series, _added(posted, _negated(difference)))
        return posted

    def _end(self, series: _Series, held: Months) -> None:
        """An ended unit's levels count no longer from the month on; its flows stay, or go to who takes them over."""
        month, kind = self._month(series), self._indicator(series).kind
        if series.org_unit_id not in self._change.ended or month > DECEMBER:
            return
        successor = self._change.summed.get((series.org_unit_id, series.indicator_id))
        if is_carried(series.part, kind):
            self._move({month: sum(held.values())}, series)
        elif series.part == Part.AMOUNT and successor is not None:
            self._move(held, series, to=series._replace(org_unit_id=successor))

    def _move(self, months: Months, series: _Series, to: _Series | None = None) -> None:
        for one, amounts in ((series, _negated(months)), (to, months)):
            if one is not None:
                self._ledger.put(self._change.after, one, amounts)
                self._ledger.settle(one, amounts)

    def _under_way(self, series: _Series, difference: Months) -> None:
        """What is handed in and not judged has no past: it follows the tree it can still be judged by."""
        if self._counts(series):
            edition, paths = self._change.after, self._paths
            tenures = self._held.tenures
        else:
            edition, paths = self._change.before, self._former
            tenures = {
                unit: [tenure for tenure in known if tenure.edition != edition]
                for unit, known in self._held.tenures.items()
            }
        cells = [(Cell(*series, month), amount) for month, amount in difference.items()]
        split = split_by_edition(cells, self._scope.indicators, tenures, edition=edition, paths=paths)
        for at, amounts in split.items():
            for cell, amount in amounts.items():
                self._ledger.entries[at][cell] += amount


def _units_of(paths: Paths) -> dict[int, list[int]]:
    return {unit: [step.org_unit_id for step in path] for unit, path in paths.items()}


def _by_series(cells: Mapping[Cell, int]) -> dict[_Series, Months]:
    found: dict[_Series, Months] = defaultdict(dict)
    for cell, amount in cells.items():
        found[_Series(*cell[:4])][cell.month] = amount
    return found


def _from(months: Months, effective: int, *, is_carried: bool) -> Months:
    """What counts from a month on: its own and later months, and what is carried into it."""
    found = {month: amount for month, amount in months.items() if month >= effective}
    if is_carried and effective <= DECEMBER:
        carried = sum(amount for month, amount in months.items() if month < effective)
        found[effective] = found.get(effective, 0) + carried
    return found


def _negated(months: Mapping[int, int]) -> Months:
    return {month: -amount for month, amount in months.items()}


def _added(one: Mapping[int, int], other: Mapping[int, int]) -> Months:
    return {month: one.get(month, 0) + other.get(month, 0) for month in _months(one, other)}


def _months(one: Mapping[int, int], other: Mapping[int, int]) -> Iterator[int]:
    yield from sorted(one.keys() | other.keys())
