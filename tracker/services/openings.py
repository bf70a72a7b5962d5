"""What opens and closes reporting, read once: holidays, periods closed by hand, units reopened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import CompoundSelect, String, case, cast, literal, null, select, union_all
from sqlalchemy.orm import Session

from tracker.domain.editing import Reopening, Window, window_of
from tracker.domain.periods import Holidays, Period
from tracker.models.period import Holiday, PeriodClosing, PeriodReopening
from tracker.services.programme_heads import Head


@dataclass(frozen=True, slots=True)
class Openings:
    """One programme's calendar. ``reopenings`` by (unit id, period key)."""

    head: Head
    holidays: Holidays
    closings: Mapping[str, datetime] = field(default_factory=dict)
    reopenings: Mapping[tuple[int, str], Reopening] = field(default_factory=dict)

    def window(self, unit_id: int, period: Period) -> Window:
        """When a unit's period opens, is late and closes, and until when it is reopened."""
        return window_of(
            period,
            due_day=self.head.due_day,
            close_day=self.head.close_day,
            holidays=self.holidays,
            closing=self.closings.get(period.key),
            reopening=self.reopenings.get((unit_id, period.key)),
            published_at=self.head.published_at,
        )


def read_holidays(session: Session) -> Holidays:
    """Every day off and every day worked in exchange."""
    rows = session.execute(select(Holiday.day, Holiday.is_working)).all()
    return Holidays(
        off=frozenset(row.day for row in rows if not row.is_working),
        worked=frozenset(row.day for row in rows if row.is_working),
    )


def read_openings(session: Session, head: Head) -> Openings:
    """A programme's calendar, in one statement."""
    off: set[date] = set()
    worked: set[date] = set()
    closed: dict[str, datetime] = {}
    reopened: dict[tuple[int, str], Reopening] = {}
    rows: Sequence[Any] = session.execute(_everything(head)).all()
    for row in rows:
        if row.kind == _REOPENING:
            reopened[row.org_unit_id, row.text] = Reopening(row.moment, row.at)
        elif row.kind == _CLOSING:
            closed[row.text] = row.moment
        else:
            (worked if row.org_unit_id else off).add(date.fromisoformat(row.text))
    return Openings(head, Holidays(frozenset(off), frozenset(worked)), closed, reopened)


_REOPENING, _CLOSING, _HOLIDAY = "reopening", "closing", "holiday"


def _everything(head: Head) -> CompoundSelect[Any]:
    """Reopenings in the order they were made, so that the newest holds, closings, and days off and worked."""
    reopenings = select(
        literal(_REOPENING).label("kind"), PeriodReopening.id, PeriodReopening.org_unit_id,
        PeriodReopening.period.label("text"), PeriodReopening.until.label("moment"), PeriodReopening.at,
    ).where(PeriodReopening.programme_id == head.id)  # fmt: skip
    closings = select(
        literal(_CLOSING), PeriodClosing.id, literal(0), PeriodClosing.period, PeriodClosing.closed_from, null(),
    ).where(PeriodClosing.programme_id == head.id)  # fmt: skip
    days = select(
        literal(_HOLIDAY), literal(0), case((Holiday.is_working, 1), else_=0), cast(Holiday.day, String), null(),
        null(),
    )  # fmt: skip
    return union_all(reopenings, closings, days).order_by("id")
