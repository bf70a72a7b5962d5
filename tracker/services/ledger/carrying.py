"""Carrying entries up the tree: from one unit's cells to every row of the tally they are summed into."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import BigInteger, ColumnElement, and_, cast, func, select
from sqlalchemy.orm import Session, aliased

from tracker.models.ledger import MONTHS, Entry, Posting
from tracker.models.org_unit import OrgPlace, OrgTenure
from tracker.models.programme import Indicator, Programme
from tracker.services.chunks import chunked
from tracker.services.ledger.posting import branch_of
from tracker.services.ledger.remembering import Posted
from tracker.services.tree import FIRST_EDITION, Step, paths_up

DEEPEST_DAY = 2
"""Rows of units at this depth or above are kept day by day: province, cities, districts."""


class Shelf(NamedTuple):
    """The key of one row of the tally."""

    programme_id: int
    parent_id: int
    org_unit_id: int
    indicator_id: int
    basis: str
    part: str
    year: int
    branch_id: int


SHELF_KEY = Shelf._fields[:6]
"""The tally's key; year follows from it, and branch too while the unit is not moved (the first stays written)."""

SHELF_AND_MONTHS = (*Shelf._fields, *MONTHS)
"""All columns of the tally."""


class Home(NamedTuple):
    """Where an indicator's figures are summed to."""

    programme_id: int
    publisher_id: int
    year: int
    own_level_counts: bool


Months = dict[Shelf, list[int]]
"""Twelve sums for each row of the tally."""


class Sums(NamedTuple):
    """What some entries come to, how deep each unit stands (a root: 0), and by which editions of the tree they went up.

    A unit's depth is the one it joined the tree with (``by_first_depths``): whether its days are kept never changes.
    """

    months: Months
    depths: Mapping[int, int]
    editions: frozenset[int] = frozenset()

    def near_the_top(self) -> list[Shelf]:
        """The rows whose days are kept, in order."""
        near = (one for one in self.months.items() if self.depths[one[0].org_unit_id] <= DEEPEST_DAY)
        return sorted(shelf for shelf, months in near if any(months))

    def units_near_the_top(self) -> list[int]:
        """Whose rows' days are kept."""
        return sorted(unit for unit, depth in self.depths.items() if depth <= DEEPEST_DAY)

    def joined(self, other: Sums) -> Sums:
        """Both together."""
        months = dict(self.months)
        add_up(months, other.months)
        return Sums(months, {**self.depths, **other.depths}, self.editions | other.editions)

    def by_first_depths(self, session: Session) -> Sums:
        """The same with moved units as deep as they stood before their first move."""
        if self.editions <= {FIRST_EDITION}:
            return self
        return self._replace(depths={**self.depths, **_first_depths(session, self.depths)})


def add_up(total: Months, months: Months) -> None:
    """Add sums to a running total."""
    for shelf, added in months.items():
        known = total.get(shelf)
        total[shelf] = (
            added if known is None else [one + other for one, other in zip(known, added, strict=True)]
        )


def tally_sums(session: Session, posting_ids: Sequence[int]) -> Sums:
    """What these postings add to the tally."""
    groups: list[Group] = []
    for part in chunked(posting_ids):
        groups += read_groups(session, Entry.posting_id.in_(part))
    return carry_up(session, groups)


def carry_remembered(remembered: Sequence[Posted]) -> Sums:
    """What postings of this very transaction add to the tally, from what they were made of."""
    groups = [Group(one.edition, *cell, amount) for one in remembered for cell, amount in one.changes]
    homes = {
        key: Home(counted.programme_id, counted.publisher_id, counted.year, counted.own_level_counts)
        for one in remembered
        for key, counted in one.indicators.items()
    }
    paths = {(one.edition, unit): path for one in remembered for unit, path in one.paths.items()}
    return _sum_up(groups, homes, paths)


def tally_sums_between(
    session: Session, programme_id: int, org_unit_id: int, *, seals: tuple[int, int]
) -> Months:
    """What entries at or below a unit under seals after the first and up to the second add to one programme's rows.

    Below by the tree each was posted in.
    """
    indicators = select(Indicator.id).where(Indicator.programme_id == programme_id)
    here, above = aliased(OrgPlace), aliased(OrgPlace)
    units = (
        select(here.org_unit_id)
        .join(above, (above.edition == here.edition) & (above.org_unit_id == org_unit_id))
        .where(here.edition == Posting.edition, here.pre.between(above.pre, above.last))
    )
    within = Posting.seal.between(seals[0] + 1, seals[1]) & Entry.org_unit_id.in_(units)
    return carry_up(session, read_groups(session, Entry.indicator_id.in_(indicators) & within)).months


class Group(NamedTuple):
    """Entries of one cell that were posted under the same edition of the tree, added up."""

    edition: int
    org_unit_id: int
    indicator_id: int
    basis: str
    part: str
    month: int
    amount: int


def read_groups(session: Session, condition: ColumnElement[bool]) -> list[Group]:
    """Entries added up cell by cell; the condition may speak of entries and postings."""
    key = (
        Posting.edition,
        Entry.org_unit_id,
        Entry.indicator_id,
        Entry.basis,
        Entry.part,
        Entry.month,
    )
    total = cast(func.sum(Entry.amount), BigInteger).label("amount")
    wanted = select(*key, total).join(Posting, Posting.id == Entry.posting_id).where(condition).group_by(*key)
    return [Group(*row) for row in session.execute(wanted)]


def carry_up(session: Session, groups: Sequence[Group]) -> Sums:
    """What these add to the tally, by the trees they were posted in."""
    homes = _read_homes(session, {group.indicator_id for group in groups})
    return _sum_up(groups, homes, _read_paths(session, groups)).by_first_depths(session)


def _sum_up(
    groups: Sequence[Group],
    homes: Mapping[int, Home],
    paths: Mapping[tuple[int, int], Sequence[Step]],
) -> Sums:
    months: Months = defaultdict(lambda: [0] * 12)
    known: dict[tuple[object, ...], Shelf] = {}
    places = _Places(homes, paths)
    for group in groups:
        for head, tail in places.of(group):
            key = (*head, group.indicator_id, group.basis, group.part)
            shelf = known.get(key) or known.setdefault(key, Shelf(*key, *tail))
            months[shelf][group.month - 1] += group.amount
    return Sums(months, depths_of(paths.values()), frozenset(edition for edition, _unit in paths))


def depths_of(paths: Iterable[Sequence[Step]]) -> dict[int, int]:
    """How many units stand above each unit on these ways up, the fewest where trees differ."""
    found: dict[int, int] = {}
    for path in paths:
        for at, step in enumerate(path):
            depth = len(path) - 1 - at
            found[step.org_unit_id] = min(depth, found.get(step.org_unit_id, depth))
    return found


def _first_depths(session: Session, units: Iterable[int]) -> dict[int, int]:
    """How deep those of these units that were moved stood before their first move."""
    found: dict[int, int] = {}
    for part in chunked(sorted(units)):
        wanted = (
            select(OrgTenure.org_unit_id, OrgPlace.depth)
            .join(
                OrgPlace,
                and_(OrgPlace.edition == OrgTenure.edition, OrgPlace.org_unit_id == OrgTenure.org_unit_id),
            )
            .where(OrgTenure.org_unit_id.in_(part), OrgTenure.is_end.is_(False))
            .order_by(OrgTenure.edition.desc())
        )
        found |= {row.org_unit_id: row.depth for row in session.execute(wanted)}
    return found


class _Places:
    """Where units' figures go, worked out once for each unit and list."""

    def __init__(self, homes: Mapping[int, Home], paths: Mapping[tuple[int, int], Sequence[Step]]) -> None:
        self._homes, self._paths = homes, paths
        self._known: dict[tuple[int, int, int], list[tuple[tuple[int, int, int], tuple[int, int]]]] = {}

    def of(self, group: Group) -> list[tuple[tuple[int, int, int], tuple[int, int]]]:
        """(programme, parent, unit) and (year, branch) of each row the group is added to."""
        home = self._homes[group.indicator_id]
        key = (group.edition, group.org_unit_id, home.programme_id)
        if key not in self._known:
            path = self._paths[group.edition, group.org_unit_id]
            self._known[key] = [
                ((home.programme_id, parent, unit), (home.year, branch))
                for parent, unit, branch in shelves(path, home)
            ]
        return self._known[key]


def _read_homes(session: Session, indicator_ids: set[int]) -> dict[int, Home]:
    homes: dict[int, Home] = {}
    for part in chunked(sorted(indicator_ids)):
        wanted = (
            select(
                Indicator.id,
                Indicator.programme_id,
                Programme.publisher_id,
                Programme.year,
                Programme.own_level_counts,
            )
            .join(Programme, Programme.id == Indicator.programme_id)
            .where(Indicator.id.in_(part))
        )
        homes |= {row.id: Home(*row[1:]) for row in session.execute(wanted)}
    return homes


def _read_paths(session: Session, groups: Sequence[Group]) -> Mapping[tuple[int, int], list[Step]]:
    units: dict[int, set[int]] = defaultdict(set)
    for group in groups:
        units[group.edition].add(group.org_unit_id)
    return {
        (edition, unit): path
        for edition, some in units.items()
        for unit, path in paths_up(session, edition, some).items()
    }


def shelves(path: Sequence[Step], home: Home) -> list[tuple[int, int, int]]:
    """The (parent, unit, branch) rows a unit's figure is summed into, from its own level up to the publisher."""
    unit = path[0].org_unit_id
    branch = branch_of(path, home.publisher_id)
    rows = [(unit, unit, branch)]
    if unit == home.publisher_id and not home.own_level_counts:
        return rows
    for step in path:
        if step.org_unit_id == home.publisher_id:
            return [*rows, (step.parent_id, step.org_unit_id, home.publisher_id)]
        rows.append((step.parent_id, step.org_unit_id, branch))
    return rows
