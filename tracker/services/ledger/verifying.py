"""Proving the totals: the tally and its days worked out anew from the entries and compared."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.models.ledger import MONTHS, Tally, TallyDay
from tracker.services.ledger.carrying import Months, Shelf, add_up
from tracker.services.ledger.days import sums_by_day

NOTHING = [0] * 12

Days = dict[Shelf, list[tuple[date, list[int]]]]
"""Row → what it held from each day on, in order of days."""


class Discrepancy(NamedTuple):
    """One thing that is not as it must be: which row, what was expected, what is there."""

    place: str
    expected: str
    found: str


def verify_totals(session: Session) -> list[Discrepancy]:
    """The tally and its days worked out anew from every sealed entry, held against the stored; what differs by name."""
    total: Months = {}
    days: Days = defaultdict(list)
    for day, sums in sums_by_day(session):
        add_up(total, sums.months)
        for shelf in sums.near_the_top():
            days[_unbranched(shelf)].append((day, total[shelf]))
    return [*_verify_tally(session, total), *_verify_days(session, days)]


def _verify_tally(session: Session, total: Months) -> Iterator[Discrepancy]:
    wanted = {_unbranched(shelf): months for shelf, months in total.items() if any(months)}
    for row in session.execute(select(Tally.__table__).execution_options(yield_per=2000)):
        shelf, months = _shelf(row), _months(row)
        yield from _compare(f"tally({_named(shelf)})", wanted.pop(shelf, NOTHING), months)
    for shelf, expected in sorted(wanted.items()):
        yield from _compare(f"tally({_named(shelf)})", expected, NOTHING)


def _verify_days(
    session: Session, days: Mapping[Shelf, list[tuple[date, list[int]]]]
) -> Iterator[Discrepancy]:
    """Each day on which a row changed is kept, and every day that is kept tells what the row held."""
    missing = {(shelf, day): months for shelf, found in days.items() for day, months in found}
    for row in session.execute(select(TallyDay.__table__).execution_options(yield_per=2000)):
        shelf = _shelf(row)
        missing.pop((shelf, row.day), None)
        yield from _compare(_day_named(shelf, row.day), _held(days.get(shelf, []), row.day), _months(row))
    for (shelf, day), months in sorted(missing.items()):
        yield Discrepancy(_day_named(shelf, day), str(months), "missing")


def _held(known: Sequence[tuple[date, list[int]]], day: date) -> list[int]:
    """What a row held at a day's end: what it held on the last day it changed."""
    at = bisect_right([changed for changed, _months in known], day)
    return known[at - 1][1] if at else NOTHING


def _shelf(row: Any) -> Shelf:
    return _unbranched(Shelf(*(getattr(row, column) for column in Shelf._fields)))


def _unbranched(shelf: Shelf) -> Shelf:
    """The row without its branch, which is that of its first entry and says nothing about a unit moved since."""
    return shelf._replace(branch_id=0)


def _months(row: Any) -> list[int]:
    return [getattr(row, month) for month in MONTHS]


def _named(shelf: Shelf) -> str:
    return ", ".join(f"{column}={value}" for column, value in shelf._asdict().items())


def _day_named(shelf: Shelf, day: date) -> str:
    return f"tally_day({_named(shelf)}, day={day})"


def _compare(place: str, wanted: Sequence[int], stored: Sequence[int]) -> Iterator[Discrepancy]:
    for month, expected, actual in zip(MONTHS, wanted, stored, strict=True):
        if expected != actual:
            yield Discrepancy(f"{place} {month}", str(expected), str(actual))
