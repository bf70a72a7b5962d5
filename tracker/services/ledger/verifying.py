"""Proving the totals: the tally worked out anew from the entries and compared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.models.ledger import MONTHS, Tally
from tracker.services.ledger.folding import Shelf, sealed_tally_sums


class Discrepancy(NamedTuple):
    """One thing that is not as it must be: which row, what was expected, what is there."""

    place: str
    expected: str
    found: str


def verify_totals(session: Session) -> list[Discrepancy]:
    """The tally worked out anew from every sealed entry, held against the stored one; cells that differ by name."""
    wanted = {shelf: months for shelf, months in sealed_tally_sums(session).items() if any(months)}
    found: list[Discrepancy] = []
    for row in session.execute(select(Tally.__table__).execution_options(yield_per=2000)):
        shelf = Shelf(*(getattr(row, column) for column in Shelf._fields))
        found += _compare(
            shelf,
            wanted.pop(shelf, [0] * 12),
            [getattr(row, month) for month in MONTHS],
        )
    for shelf, months in sorted(wanted.items()):
        found += _compare(shelf, months, [0] * 12)
    return found


def _compare(shelf: Shelf, wanted: list[int], stored: list[int]) -> Iterator[Discrepancy]:
    place = ", ".join(f"{column}={value}" for column, value in shelf._asdict().items())
    for month, expected, actual in zip(MONTHS, wanted, stored, strict=True):
        if expected != actual:
            yield Discrepancy(f"tally({place}) {month}", str(expected), str(actual))
