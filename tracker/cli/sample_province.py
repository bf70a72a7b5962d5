"""A province of any size for measuring: its units, its list, targets and accepted figures, by the product's own commands.

Everything follows from the shape and its seed. Nothing is written beside the commands that files go through,
so that the totals of a measured database can be proven like any other.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from tracker.db import Database
from tracker.domain.canonical import digest_of
from tracker.domain.identity import OPERATOR
from tracker.domain.periods import Rhythm
from tracker.features.org_units.commands import import_org_units, plan_org_import
from tracker.features.org_units.files import OrgFile, OrgRow
from tracker.features.programmes.commands import (
    ImportTerms,
    import_programme,
    plan_programme_import,
    publish_programme,
)
from tracker.features.programmes.files.formats import read_file
from tracker.features.reports.commands.import_figures import import_figures
from tracker.features.reports.figure_files import FigureRow
from tracker.services.ledger.posting import Act
from tracker.services.ledger.settling import settle
from tracker.services.programme_heads import Head, find_head, list_promises
from tracker.services.targets import NewTarget, post_targets
from tracker.services.tree import Unit, find_unit, list_children, list_subtree

YEAR: Final = 2025
PROVINCE: Final = "330000"
KEY: Final = f"{PROVINCE}-{YEAR}"
SEED: Final = 20250101
FEW: Final = 200
"""Up to so many reporting units stand directly below the cities."""

IN_A_PLEDGE: Final = 3
MOST: Final = 1_000
OPENED: Final = datetime(YEAR, 1, 2, 1, 0, tzinfo=UTC)
KINDS: Final = ("flow", "flow", "stock", "flow", "ratio")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How large the province is.

    ``units``: those that report; ``each``: how many indicators of the list each of them answers for;
    ``periods``: how many from the year's beginning are reported and accepted.
    """

    units: int
    indicators: int = 12
    periods: int = 2
    each: int = 2
    rhythm: Rhythm = Rhythm.MONTH
    seed: int = SEED

    @property
    def cities(self) -> int:
        """Ten of few units, eleven of many."""
        return 10 if self.units <= FEW else 11

    @property
    def districts(self) -> int:
        """All of them together."""
        return self.units if self.units <= FEW else 90

    @property
    def townships(self) -> int:
        """All of them together; none where districts report themselves."""
        return 0 if self.units <= FEW else max(self.districts, min(1_360, self.units // 15))


class Place(NamedTuple):
    """A unit of the province before it is stored."""

    code: str
    parent: str
    level: str


Say = Callable[[str], None]
"""Told each step, for whoever shows progress."""


def generate(database: Database, shape: Shape, *, say: Say) -> None:
    """Fill an empty database; every step is a transaction of its own, sealed on a day of its own."""
    clock = _Clock()
    _load_tree(database, shape, clock)
    say(f"单位 {len(list(places(shape)))} 个")
    _load_list(database, shape, clock)
    branches = _branches(database)
    for branch in branches:
        _load_targets(database, shape, clock, branch)
        say(f"目标 {branch.code}")
    for period in range(1, shape.periods + 1):
        clock.go_to_end_of(period * shape.rhythm.months)
        for branch in branches:
            _load_figures(database, shape, clock, branch, period=period)
            say(f"数据 {branch.code} 第 {period} 期")


def places(shape: Shape) -> Iterator[Place]:
    """The province from the top down, parents first."""
    yield Place(PROVINCE, "", "province")
    cities = [f"33{number + 1:02}00" for number in range(shape.cities)]
    yield from (Place(code, PROVINCE, "city") for code in cities)
    districts = list(_below(cities, shape.districts, "county"))
    yield from districts
    townships = list(_below([place.code for place in districts], shape.townships, "township"))
    yield from townships
    if townships:
        yield from _below([place.code for place in townships], shape.units, "grassroots")


def _below(parents: Sequence[str], count: int, level: str) -> Iterator[Place]:
    """So many units spread evenly, numbered below each parent."""
    for number in range(count):
        parent, at = parents[number % len(parents)], number // len(parents) + 1
        code = f"{parent[:4]}{at:02}" if level == "county" else f"{parent}{at:03}"
        yield Place(code, parent, level)


class _Clock:
    """The moments at which the steps are made, a few hours apart, long past."""

    def __init__(self) -> None:
        self._now = OPENED

    def __call__(self) -> datetime:
        return self._now

    def pass_hours(self) -> datetime:
        """Eight hours later."""
        self._now += timedelta(hours=8)
        return self._now

    def go_to_end_of(self, month: int) -> None:
        """Not before the third of the following month."""
        following = datetime(YEAR + month // 12, month % 12 + 1, 3, 1, 0, tzinfo=UTC)
        self._now = max(self._now, following)


def _load_tree(database: Database, shape: Shape, clock: _Clock) -> None:
    rows = {place.code: _org_row(line, place) for line, place in enumerate(places(shape), 2)}
    with database.session() as session:
        plan = plan_org_import(session, OrgFile(rows, ()))
        import_org_units(session, plan, actor=OPERATOR, now=clock.pass_hours())
        settle(database, session, clock)


def _org_row(line: int, place: Place) -> OrgRow:
    kind = "grassroots" if place.level == "grassroots" else "federation"
    name = f"{place.code}总工会"
    return OrgRow(line, place.code, name, place.code, place.level, kind, place.parent, None, line, None, None)


def _load_list(database: Database, shape: Shape, clock: _Clock) -> None:
    with database.session() as session:
        reading = read_file(list_text(shape).encode())
        plan = plan_programme_import(session, reading, ImportTerms())
        import_programme(session, plan, actor=OPERATOR, now=clock.pass_hours())
        publish_programme(session, KEY, actor=OPERATOR, now=clock())
        settle(database, session, clock)


def list_text(shape: Shape) -> str:
    """The list's file: the province's targets divided over its cities."""
    lines = [
        "format: programme/1", f'publisher: "{PROVINCE}"', f"year: {YEAR}", "title: 样例清单（测速用）",
        f"reporting: {shape.rhythm}", "due_day: 5", "own_level_counts: true", "lights: default", "pledges:",
    ]  # fmt: skip
    cities = [place.code for place in places(shape) if place.level == "city"]
    for at in range(shape.indicators):
        if at % IN_A_PLEDGE == 0:
            number = at // IN_A_PLEDGE + 1
            lines += [f"  - number: {number}", f"    title: 第{number}件实事", "    lead: 职工保障部"]
            lines += ["    indicators:"]
        kind = KINDS[at % len(KINDS)]
        measure, target = ("%", 85) if kind == "ratio" else ("人", shape.units * MOST)
        shares = ", ".join(
            f'"{code}": {target if kind == "ratio" else target // len(cities)}' for code in cities
        )
        lines.append(
            f'      - {{code: i{at:02}, name: 指标{at:02}, kind: {kind}, measure: "{measure}", '
            f'comparator: ">=", target: {target}, allocations: {{{shares}}}}}'
        )
    return "\n".join(lines) + "\n"


def _branches(database: Database) -> list[Unit]:
    with database.read_session() as session:
        province = find_unit(session, PROVINCE)
        return [] if province is None else list_children(session, province.id)


def _head(database: Database) -> Head:
    with database.read_session() as session:
        head = find_head(session, KEY)
    if head is None:
        raise LookupError(KEY)
    return head


def asked_of(shape: Shape, number: int) -> list[int]:
    """The positions of the indicators the unit with this number answers for: neighbours, so that they share pledges."""
    first = number * shape.each
    return sorted({(first + step) % shape.indicators for step in range(min(shape.each, shape.indicators))})


def reporting(units: Sequence[Unit]) -> list[Unit]:
    """Those with nothing below them."""
    parents = {unit.place.parent_id for unit in units}
    return [unit for unit in units if unit.id not in parents]


def _load_targets(database: Database, shape: Shape, clock: _Clock, branch: Unit) -> None:
    """Everything below a city in one posting: who answers for what, and for how much."""
    head = _head(database)
    with database.session() as session:
        below = list_subtree(session, branch.place)
        codes = _indicator_ids(database)
        numbers = {unit.id: number for number, unit in enumerate(reporting(below))}
        parents = {unit.id: unit.place.parent_id for unit in below}
        counts: dict[tuple[int, int], int] = {}
        for unit, number in numbers.items():
            for at in asked_of(shape, number):
                above = unit
                while above in parents and above != branch.id:
                    counts[above, at] = counts.get((above, at), 0) + 1
                    above = parents[above]
        targets = [
            NewTarget(codes[at], unit, False, True, 850 if _is_rate(at) else count * MOST, None)
            for (unit, at), count in sorted(counts.items())
        ]
        act = Act(head.id, "target", OPERATOR, clock.pass_hours())
        units = {target.org_unit_id for target in targets} | {branch.id}
        post_targets(session, act, units, targets=targets, reason="样例")
        settle(database, session, clock)


def _is_rate(at: int) -> bool:
    return KINDS[at % len(KINDS)] == "ratio"


def _indicator_ids(database: Database) -> dict[int, int]:
    """Position in the list → id."""
    with database.read_session() as session:
        promises = list_promises(session, _head(database))
    ids = [one.id for promise in promises for one in promise.indicators]
    return dict(enumerate(ids))


def _load_figures(database: Database, shape: Shape, clock: _Clock, branch: Unit, *, period: int) -> None:
    moment = clock.pass_hours()
    with database.session() as session:
        rows = figure_rows(shape, reporting(list_subtree(session, branch.place)), period=period)
        import_figures(
            session, key=KEY, rows=rows, file_digest=digest_of([branch.code, period]), actor=OPERATOR, by=None,
            now=moment, calendar_now=moment, is_history=True,
        )  # fmt: skip
        settle(database, session, clock)


def figure_rows(shape: Shape, units: Sequence[Unit], *, period: int) -> list[FigureRow]:
    """What the units of a city report for a period, by number of the period from 1."""
    chance = random.Random(f"{shape.seed} {units[0].code} {period}")  # noqa: S311 (sample figures)
    name = f"{YEAR}-{period:02}" if shape.rhythm is Rhythm.MONTH else f"{YEAR}-Q{period}"
    rows: list[FigureRow] = []
    for number, unit in enumerate(units):
        for at in asked_of(shape, number):
            done = str(chance.randint(0, MOST // 6))
            row = FigureRow(len(rows) + 2, unit.code, f"i{at:02}", name)
            rows.append(
                row._replace(numerator=done, denominator=str(MOST // 5))
                if _is_rate(at)
                else row._replace(value=done)
            )
    return rows
