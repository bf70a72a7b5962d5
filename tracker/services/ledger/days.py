"""The tally's days: what each row near the top of the tree held at a day's end (document 4.1)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from tracker.models.ledger import MONTHS, Entry, Posting, Seal, TallyDay
from tracker.models.programme import Indicator
from tracker.services.bulk import insert_rows
from tracker.services.clock import CHINA
from tracker.services.ledger.carrying import Months, Shelf, Sums, add_up, carry_up, read_groups


class DayRow(NamedTuple):
    """What one row of the tally held at the end of a day on which it was touched."""

    shelf: Shelf
    day: date
    months: list[int]


def day_of(moment: datetime) -> date:
    """The day people call it, in Asia/Shanghai."""
    return moment.astimezone(CHINA).date()


def sums_by_day(session: Session, programme_id: int | None = None) -> Iterator[tuple[date, Sums]]:
    """What the sealed entries of each day add to the tally, day by day; of one programme or of all."""
    within: ColumnElement[bool] = Posting.seal.is_not(None)
    first_seen: dict[tuple[object, ...], Shelf] = {}
    if programme_id is not None:
        mine = select(Indicator.id).where(Indicator.programme_id == programme_id)
        within &= Entry.indicator_id.in_(mine)
    seals = session.execute(select(Seal.number, Seal.at).order_by(Seal.number)).all()
    for day, group in groupby(seals, key=lambda seal: day_of(seal.at)):
        numbers = [seal.number for seal in group]
        here = within & Posting.seal.between(numbers[0], numbers[-1])
        sums = carry_up(session, read_groups(session, here))
        months = {first_seen.setdefault(shelf[:6], shelf): found for shelf, found in sums.months.items()}
        yield day, sums._replace(months=months)


def rewrite_days(session: Session, programme_id: int) -> None:
    """Make one programme's days anew from its entries, after the rule they are summed by was changed."""
    session.execute(delete(TallyDay).where(TallyDay.programme_id == programme_id))
    total: Months = {}
    rows: list[DayRow] = []
    for day, sums in sums_by_day(session, programme_id):
        add_up(total, sums.months)
        rows += [DayRow(shelf, day, total[shelf]) for shelf in sums.near_the_top()]
    columns = (*Shelf._fields, "day", *MONTHS)
    insert_rows(session, TallyDay, columns, ((*row.shelf, row.day, *row.months) for row in rows))


class Spot(NamedTuple):
    """Where a seal stands among days: rows kept by ``day`` tell the state under seal ``before``.

    ``before`` is the seal itself where it was the last of its day; else ``day`` is the day before, and
    what was sealed since is to be added.
    """

    day: date
    before: int


def find_spot(session: Session, seal: int) -> Spot | None:
    """Where a seal stands; None before the first."""
    wanted = select(Seal.number, Seal.at).where(Seal.number.in_((seal, seal + 1))).order_by(Seal.number)
    found = session.execute(wanted).all()
    if not found or found[0].number != seal:
        return None
    day = day_of(found[0].at)
    if len(found) == 1 or day_of(found[1].at) != day:
        return Spot(day, seal)
    begun = datetime.combine(day, time.min, CHINA)
    earlier = select(Seal.number).where(Seal.at < begun).order_by(Seal.at.desc(), Seal.number.desc()).limit(1)
    return Spot(day - timedelta(days=1), session.scalar(earlier) or 0)
