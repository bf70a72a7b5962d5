"""The calendar people work by: real time, moved by the demonstration's stored offset, and its days off."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Label, ScalarSelect, String, cast, func, select
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
    return calendar_of(session.execute(select(*calendar_columns())).one(), now)


def calendar_columns() -> tuple[Label[Any], ...]:
    """What ``calendar_of`` reads, as scalar columns for a statement that reads more: the offset, days off and worked."""
    offset = select(Setting.value).where(Setting.name == OFFSET).scalar_subquery()
    return (
        offset.label("calendar_offset"),
        _listed(False).label("days_off"),
        _listed(True).label("days_worked"),
    )


def _listed(is_working: bool) -> ScalarSelect[str]:
    days = func.aggregate_strings(cast(Holiday.day, String), " ")
    return select(days).where(Holiday.is_working.is_(is_working)).scalar_subquery()


def calendar_of(row: Any, now: datetime) -> Calendar:
    """The calendar from a row that holds its columns."""
    moved = timedelta(seconds=int(row.calendar_offset or 0))
    return Calendar((now + moved).astimezone(CHINA), Holidays(_days(row.days_off), _days(row.days_worked)))


def _days(text: str | None) -> frozenset[date]:
    return frozenset(date.fromisoformat(day) for day in (text or "").split())


def read_offset(session: Session) -> timedelta:
    """How far the calendar runs ahead of real time; zero but in a demonstration."""
    return timedelta(seconds=int(session.scalar(select(Setting.value).where(Setting.name == OFFSET)) or 0))


def calendar_now(session: Session, now: datetime) -> datetime:
    """The moment alone."""
    return read_calendar(session, now).now
