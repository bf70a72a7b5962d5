"""Days as people name them, and the moments they begin and end in Shanghai."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from tracker.domain.periods import SHANGHAI


def day_begins(day: date) -> datetime:
    """The first moment of a day in Shanghai."""
    return datetime.combine(day, time(0), SHANGHAI)


def day_ends(day: date) -> datetime:
    """The first moment of the day after."""
    return day_begins(day + timedelta(days=1))


def day_of(moment: datetime) -> date:
    """The day of a moment in Shanghai."""
    return moment.astimezone(SHANGHAI).date()
