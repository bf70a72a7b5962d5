"""The calendar people work by: real time, moved by the demonstration's stored offset, and its days off."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import String, case, cast, literal, select, union_all
from sqlalchemy.orm import Session

from tracker.domain.periods import Holidays
from tracker.models.audit import Setting
from tracker.models.period import Holiday

CHINA = ZoneInfo("Asia/Shanghai")
OFFSET = "clock_offset_seconds"


class Calendar(NamedTuple):
    """The moment that desks, deadlines and periods go by, and the days offices are closed."""

    now: datetime
    holidays: Holidays


def read_calendar(session: Session, now: datetime) -> Calendar:
    """The calendar as Asia/Shanghai wall time, in one statement.

    Cookies, sessions, limits, audit and seals take ``now`` itself, never this.
    """
    offset = select(literal(OFFSET).label("kind"), Setting.value.label("text")).where(Setting.name == OFFSET)
    days = select(
        case((Holiday.is_working, _WORKED), else_=_OFF).label("kind"), cast(Holiday.day, String).label("text")
    )
    found: dict[str, list[str]] = {OFFSET: [], _WORKED: [], _OFF: []}
    for row in session.execute(union_all(offset, days)):
        found[row.kind].append(row.text)
    moved = timedelta(seconds=sum(map(int, found[OFFSET])))
    return Calendar((now + moved).astimezone(CHINA), Holidays(_days(found[_OFF]), _days(found[_WORKED])))


_WORKED, _OFF = "worked", "off"


def _days(texts: list[str]) -> frozenset[date]:
    return frozenset(date.fromisoformat(text) for text in texts)


def calendar_now(session: Session, now: datetime) -> datetime:
    """The moment alone."""
    return read_calendar(session, now).now
