"""Months, reporting periods and their deadlines, in Asia/Shanghai wall time."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from enum import StrEnum
from typing import NamedTuple

from tracker.domain.messages import Message, Refusal

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China has kept one clock without summer time since 1991, so a fixed offset is exact."""

DUE_TIME = time(18, 0)

_MONTH_TEXT = re.compile(r"([12][0-9]{3})-(0[1-9]|1[0-2])")
_PERIOD_TEXT = re.compile(r"([12][0-9]{3})(?:-(0[1-9]|1[0-2])|-Q([1-4])|-H([12]))?")


class UnreadableMonth(Refusal):
    """The text is not a month such as 2018-06."""


class UnreadablePeriod(Refusal):
    """The text is not a period such as 2018-06, 2018-Q2, 2018-H1 or 2018."""


class Month(NamedTuple):
    """A calendar month; months compare in order of time."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> Month:
        """Read ``2018-06``; anything else raises UnreadableMonth."""
        found = _MONTH_TEXT.fullmatch(text)
        if found is None:
            raise UnreadableMonth("“{text}”不是月份，请写成 2018-06 这样", text=text)
        return cls(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    @property
    def title(self) -> Message:
        """2018年6月"""
        return Message("{year}年{month}月", {"year": self.year, "month": self.month})

    @property
    def next(self) -> Month:
        """The month after this one."""
        return Month(self.year + 1, 1) if self.month == 12 else Month(self.year, self.month + 1)

    def day(self, day: int) -> date:
        """That day of the month; past its end, the last day (31 in June: 30 June)."""
        return date(
            self.year,
            self.month,
            min(day, calendar.monthrange(self.year, self.month)[1]),
        )


class Rhythm(StrEnum):
    """How often a programme reports."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"

    @property
    def months(self) -> int:
        """How many months one period lasts."""
        return _RHYTHM_MONTHS[self]


_RHYTHM_MONTHS = {Rhythm.MONTH: 1, Rhythm.QUARTER: 3, Rhythm.HALF: 6, Rhythm.YEAR: 12}
_RHYTHM_KEYS = {
    Rhythm.MONTH: "{year:04d}-{index:02d}",
    Rhythm.QUARTER: "{year:04d}-Q{index}",
    Rhythm.HALF: "{year:04d}-H{index}",
    Rhythm.YEAR: "{year:04d}",
}


@dataclass(frozen=True, slots=True)
class Period:
    """The index-th (from 1) stretch of a year in one rhythm: June is (2018, month, 6)."""

    year: int
    rhythm: Rhythm
    index: int

    def __post_init__(self) -> None:
        if not 1 <= self.index <= 12 // self.rhythm.months:
            raise ValueError(f"no period {self.index} in a year by {self.rhythm}")

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read ``2018-06``, ``2018-Q2``, ``2018-H1`` or ``2018``, exactly so; else UnreadablePeriod."""
        found = _PERIOD_TEXT.fullmatch(text)
        if found is None:
            raise UnreadablePeriod(
                "“{text}”不是报告期，请写成 2018-06、2018-Q2、2018-H1 或 2018",
                text=text,
            )
        year, month, quarter, half = found.groups()
        for rhythm, index in (
            (Rhythm.MONTH, month),
            (Rhythm.QUARTER, quarter),
            (Rhythm.HALF, half),
        ):
            if index is not None:
                return cls(int(year), rhythm, int(index))
        return cls(int(year), Rhythm.YEAR, 1)

    def __str__(self) -> str:
        return self.key

    @property
    def key(self) -> str:
        """The text ``parse`` reads back."""
        return _RHYTHM_KEYS[self.rhythm].format(year=self.year, index=self.index)

    @property
    def first_month(self) -> int:
        """1 to 12."""
        return self.last_month - self.rhythm.months + 1

    @property
    def last_month(self) -> int:
        """1 to 12; the month every figure of the period is posted to."""
        return self.index * self.rhythm.months

    @property
    def end(self) -> Month:
        """The last month with its year."""
        return Month(self.year, self.last_month)

    @property
    def title(self) -> Message:
        """2018年6月, 2018年第二季度, 2018年上半年, 2018年."""
        text = _TITLES[self.rhythm][self.index - 1].text
        return Message(text, {"year": self.year, "month": self.last_month})


_TITLES: dict[Rhythm, tuple[Message, ...]] = {
    Rhythm.MONTH: (Message("{year}年{month}月"),) * 12,
    Rhythm.QUARTER: (
        Message("{year}年第一季度"),
        Message("{year}年第二季度"),
        Message("{year}年第三季度"),
        Message("{year}年第四季度"),
    ),
    Rhythm.HALF: (Message("{year}年上半年"), Message("{year}年下半年")),
    Rhythm.YEAR: (Message("{year}年"),),
}


def periods_of(year: int, rhythm: Rhythm) -> list[Period]:
    """All periods of a year in order of time."""
    return [Period(year, rhythm, index) for index in range(1, 12 // rhythm.months + 1)]


def cutoff_month(year: int, cutoff: Month) -> int:
    """The month of ``year`` a cut-off stands for: 0 before the year (nothing is due), 12 after it."""
    if cutoff.year < year:
        return 0
    return 12 if cutoff.year > year else cutoff.month


def due_month(rhythm: Rhythm, month: int) -> int | None:
    """The last month of the last period ended by ``month`` (0 to 12); None before the first one."""
    return month - month % rhythm.months or None


def due_period(year: int, rhythm: Rhythm, month: int) -> Period | None:
    """The last period of ``year`` ended by ``month`` (0 to 12); None before the first one."""
    due = due_month(rhythm, month)
    return None if due is None else Period(year, rhythm, due // rhythm.months)


@dataclass(frozen=True, slots=True)
class Holidays:
    """Days off on weekdays, and weekend days worked in exchange; a day in both is worked."""

    off: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()

    def is_working_day(self, day: date) -> bool:
        """Whether offices are open on ``day``."""
        return day in self.worked or (day.weekday() < 5 and day not in self.off)


def next_working_day(day: date, holidays: Holidays) -> date:
    """``day`` itself when it is worked, else the first one after it that is."""
    while not holidays.is_working_day(day):
        day += timedelta(days=1)
    return day


def add_working_days(start: date, days: int, holidays: Holidays) -> date:
    """The day ``days`` working days after ``start``, which itself is not counted."""
    day = start
    for _ in range(days):
        day = next_working_day(day + timedelta(days=1), holidays)
    return day


def late_from(period: Period, due_day: int, holidays: Holidays) -> datetime:
    """From when a report of ``period`` is late: 18:00 of the due day in the month after its end.

    A due day past the month's end means its last day; a day off moves to the next working day.
    """
    day = next_working_day(period.end.next.day(due_day), holidays)
    return datetime.combine(day, DUE_TIME, SHANGHAI)


def has_ended(period: Period, at: datetime) -> bool:
    """Whether a period is over at a moment of the calendar: before that nobody owes a report of it."""
    return period.end.next.day(1) <= at.astimezone(SHANGHAI).date()


def was_over(period: Period, published_at: datetime | None) -> bool:
    """Whether a period had ended when its list was published: it may be made up for, it is never late."""
    return published_at is not None and has_ended(period, published_at)


def closed_from(period: Period, close_day: int | None) -> datetime | None:
    """The end of the close day in the month after the period's end; None: it never closes by itself."""
    if close_day is None:
        return None
    day = period.end.next.day(close_day) + timedelta(days=1)
    return datetime.combine(day, time(0, 0), SHANGHAI)
