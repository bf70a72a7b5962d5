"""What a correction or a revocation does to the totals: before and after, at the unit and at each level above it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from tracker.domain.progress import Standing, Target, judge
from tracker.domain.rollup import Cells, LineFigure, Part, cells, cells_between, totals_at
from tracker.domain.rules import Rule
from tracker.models.ledger import MONTHS, Tally
from tracker.models.org_unit import OrgUnit
from tracker.models.programme import Alignment, Indicator, Programme
from tracker.services.ledger.carrying import Home, shelves
from tracker.services.ledger.desired import ACCEPTED, against_base
from tracker.services.ledger.reading import Stream, read_lines
from tracker.services.sheets import Row, Sheet, SheetReport
from tracker.services.tree import Step, paths_up

NO_TARGET = Target()


class Effect(NamedTuple):
    """One indicator at one level, up to the report's month. ``programme``: the higher list it also counts in, or ""."""

    rule: Rule
    unit: str
    programme: str
    before: Standing
    after: Standing


class _Shelf(NamedTuple):
    indicator_id: int
    parent_id: int
    org_unit_id: int


Months = Mapping[Part, Sequence[int]]


def effects_of(
    session: Session, sheet: Sheet, reports: Collection[SheetReport], *, is_revoked: bool = False
) -> list[Effect]:
    """What accepting these reports as they stand would change; with ``is_revoked`` what taking them out would.

    The newest sealed totals are the ones before. Levels whose total stays the same are told too.
    Five statements whatever the number of reports.
    """
    rows = {row.listed.id: row for report in reports for row in report.rows}
    if not rows:
        return []
    lines = read_lines(session, sorted(rows), [sheet.unit.id])
    changes = {
        key: _change(row, lines.accepted(Stream(sheet.unit.id, key)), is_revoked=is_revoked)
        for key, row in rows.items()
    }
    path = paths_up(session, sheet.unit.place.edition, [sheet.unit.id])[sheet.unit.id]
    homes = _homes(session, sheet, rows)
    places = {
        key: [_Shelf(key, parent, unit) for parent, unit, _branch in shelves(path, home)[1:]]
        for (_source, key), (home, _title) in homes.items()
        if _is_above(path, home)
    }
    stored = _read_months(
        session,
        {home.programme_id for home, _title in homes.values()},
        [shelf for group in places.values() for shelf in group],
    )
    names = _names(session, {step.org_unit_id for step in path})
    found = []
    for (source, key), (_home, title) in homes.items():
        for shelf in places.get(key, ()):
            before = stored.get(shelf, {})
            after = _with(before, changes[source])
            month = sheet.period.last_month
            found.append(
                Effect(
                    rows[source].listed.rule, names[shelf.org_unit_id], title,
                    _judged(rows[source], before, month), _judged(rows[source], after, month),
                )
            )  # fmt: skip
    return found


def _change(row: Row, accepted: Mapping[int, LineFigure], *, is_revoked: bool) -> Cells:
    """What the row's figure in place of the accepted one adds to the unit's cells."""
    after = {month: figure for month, figure in accepted.items() if month != row.period.last_month}
    if row.figure is not None and not is_revoked:
        after[row.period.last_month] = row.figure
    base = row.target.base
    return cells_between(
        cells(row.kind, against_base(accepted, row.kind, base)),
        cells(row.kind, against_base(after, row.kind, base)),
    )


def _homes(
    session: Session, sheet: Sheet, rows: Mapping[int, Row]
) -> dict[tuple[int, int], tuple[Home, str]]:
    """(Our indicator, the one it counts in) → that one's list and its title: itself, and the lists it feeds."""
    head = sheet.head
    own = Home(head.id, head.publisher_id, head.year, head.own_level_counts)
    found = {(key, key): (own, "") for key in rows}
    wanted = (
        select(
            Alignment.source_id, Alignment.indicator_id, Programme.id, Programme.publisher_id, Programme.year,
            Programme.own_level_counts, Programme.title,
        )
        .join(Indicator, Indicator.id == Alignment.indicator_id)
        .join(Programme, Programme.id == Indicator.programme_id)
        .where(Alignment.source_id.in_(rows))
        .order_by(Alignment.source_id, Programme.id)
    )  # fmt: skip
    for row in session.execute(wanted):
        home = Home(row.id, row.publisher_id, row.year, row.own_level_counts)
        found[row.source_id, row.indicator_id] = (home, row.title)
    return found


def _is_above(path: Sequence[Step], home: Home) -> bool:
    return any(step.org_unit_id == home.publisher_id for step in path)


def _read_months(
    session: Session, programmes: Collection[int], places: Sequence[_Shelf]
) -> dict[_Shelf, dict[Part, list[int]]]:
    """Each column of the key is named by itself too: by pairs alone SQLite looks through all."""
    wanted = select(
        Tally.indicator_id, Tally.parent_id, Tally.org_unit_id, Tally.part, *(getattr(Tally, month) for month in MONTHS)
    ).where(
        Tally.basis == ACCEPTED,
        Tally.programme_id.in_(sorted(programmes)),
        Tally.parent_id.in_(sorted({shelf.parent_id for shelf in places})),
        Tally.org_unit_id.in_(sorted({shelf.org_unit_id for shelf in places})),
        Tally.indicator_id.in_(sorted({shelf.indicator_id for shelf in places})),
        tuple_(Tally.parent_id, Tally.org_unit_id).in_(
            sorted({(shelf.parent_id, shelf.org_unit_id) for shelf in places})
        ),
    )  # fmt: skip
    found: dict[_Shelf, dict[Part, list[int]]] = defaultdict(dict)
    for row in session.execute(wanted):
        found[_Shelf(*row[:3])][Part(row.part)] = list(row[4:])
    return found


def _with(before: Months, change: Cells) -> Months:
    after = {part: list(months) for part, months in before.items()}
    for (month, part), amount in change.items():
        after.setdefault(part, [0] * 12)[month - 1] += amount
    return after


def _judged(row: Row, months: Months, month: int) -> Standing:
    return judge(row.listed.rule, NO_TARGET, totals_at(months, cutoff=month, due_month=month), month)


def _names(session: Session, units: Collection[int]) -> dict[int, str]:
    wanted = select(OrgUnit.id, OrgUnit.short_name).where(OrgUnit.id.in_(sorted(units)))
    return {row.id: row.short_name for row in session.execute(wanted)}
