"""Months, periods, cut-offs and deadlines."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.periods import (
    Holidays,
    Month,
    Period,
    Rhythm,
    UnreadableMonth,
    UnreadablePeriod,
    add_working_days,
    closed_from,
    cutoff_month,
    due_month,
    due_period,
    late_from,
    periods_of,
)

NONE = Holidays()
NATIONAL_DAY = Holidays(
    off=frozenset(date(2018, 10, day) for day in range(1, 8)),
    worked=frozenset({date(2018, 9, 29), date(2018, 9, 30)}),
)
any_period = st.sampled_from([period for rhythm in Rhythm for period in periods_of(2018, rhythm)])


@pytest.mark.parametrize(
    ("text", "first", "last", "title"),
    [
        ("2018-06", 6, 6, "2018年6月"),
        ("2018-12", 12, 12, "2018年12月"),
        ("2018-Q1", 1, 3, "2018年第一季度"),
        ("2018-Q2", 4, 6, "2018年第二季度"),
        ("2018-Q3", 7, 9, "2018年第三季度"),
        ("2018-Q4", 10, 12, "2018年第四季度"),
        ("2018-H1", 1, 6, "2018年上半年"),
        ("2018-H2", 7, 12, "2018年下半年"),
        ("2018", 1, 12, "2018年"),
    ],
)
def test_reads_a_period_and_names_it(text: str, first: int, last: int, title: str) -> None:
    period = Period.parse(text)
    assert (period.first_month, period.last_month) == (first, last)
    assert (period.key, str(period), str(period.title)) == (text, text, title)


@pytest.mark.parametrize(
    "text",
    ["", "2018-6", "2018-00", "2018-13", "2018-Q0", "2018-Q5", "2018-q2", "2018-H3", "2018-H0", " 2018", "2018\n",
     "18-06", "２０１８-06", "2018-०६", "2018/06", "2018-06-01", "0018", "9999", "2018Q2", "2018-"],
)  # fmt: skip
def test_refuses_a_period_written_otherwise(text: str) -> None:
    with pytest.raises(UnreadablePeriod):
        Period.parse(text)


@pytest.mark.parametrize("text", ["2018", "2018-6", "2018-13", "2018-Q1", "2018-06 ", "２０１８-06"])
def test_refuses_a_month_written_otherwise(text: str) -> None:
    with pytest.raises(UnreadableMonth):
        Month.parse(text)


@given(st.dates(min_value=date(1000, 1, 1), max_value=date(2999, 12, 31)))
def test_reads_back_every_month_it_writes(day: date) -> None:
    month = Month(day.year, day.month)
    assert Month.parse(str(month)) == month
    assert month.next > month
    assert str(month.title) == f"{day.year}年{day.month}月"


@given(any_period)
def test_reads_back_every_period_it_writes(period: Period) -> None:
    assert Period.parse(period.key) == period


@pytest.mark.parametrize("rhythm", list(Rhythm))
def test_periods_cover_a_year_without_gap_or_overlap(rhythm: Rhythm) -> None:
    months = [
        month
        for period in periods_of(2018, rhythm)
        for month in range(period.first_month, period.last_month + 1)
    ]
    assert months == list(range(1, 13))


def test_has_no_period_outside_the_year() -> None:
    for rhythm, index in ((Rhythm.MONTH, 13), (Rhythm.QUARTER, 0), (Rhythm.HALF, 3), (Rhythm.YEAR, 2)):
        with pytest.raises(ValueError, match="no period"):
            Period(2018, rhythm, index)


@pytest.mark.parametrize(
    ("cutoff", "month"), [("2017-12", 0), ("2018-01", 1), ("2018-06", 6), ("2018-12", 12), ("2019-01", 12)]
)
def test_a_cutoff_outside_the_year_is_its_start_or_end(cutoff: str, month: int) -> None:
    assert cutoff_month(2018, Month.parse(cutoff)) == month


@pytest.mark.parametrize(
    ("rhythm", "due"),
    [
        (Rhythm.MONTH, [None, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
        (Rhythm.QUARTER, [None, None, None, 3, 3, 3, 6, 6, 6, 9, 9, 9, 12]),
        (Rhythm.HALF, [None] * 6 + [6] * 6 + [12]),
        (Rhythm.YEAR, [None] * 12 + [12]),
    ],
)
def test_the_due_period_is_the_last_one_ended(rhythm: Rhythm, due: list[int | None]) -> None:
    assert [due_month(rhythm, month) for month in range(13)] == due
    periods = [due_period(2018, rhythm, month) for month in range(13)]
    assert [period and period.last_month for period in periods] == due


@pytest.mark.parametrize(
    ("period", "due_day", "late"),
    [
        ("2018-06", 5, datetime(2018, 7, 5, 10, 0, tzinfo=UTC)),
        ("2018-06", 7, datetime(2018, 7, 9, 10, 0, tzinfo=UTC)),  # a Saturday
        ("2018-Q2", 5, datetime(2018, 7, 5, 10, 0, tzinfo=UTC)),
        ("2018-12", 4, datetime(2019, 1, 4, 10, 0, tzinfo=UTC)),
        ("2018", 4, datetime(2019, 1, 4, 10, 0, tzinfo=UTC)),
        ("2018-01", 31, datetime(2018, 2, 28, 10, 0, tzinfo=UTC)),
        ("2018-09", 5, datetime(2018, 10, 8, 10, 0, tzinfo=UTC)),  # past the holidays
        ("2018-08", 29, datetime(2018, 9, 29, 10, 0, tzinfo=UTC)),  # a Saturday that is worked
    ],
)
def test_a_report_is_late_from_six_in_the_evening(period: str, due_day: int, late: datetime) -> None:
    assert late_from(Period.parse(period), due_day, NATIONAL_DAY) == late


def test_a_period_closes_at_the_end_of_its_day_even_on_a_day_off() -> None:
    assert closed_from(Period.parse("2018-06"), 7) == datetime(2018, 7, 7, 16, 0, tzinfo=UTC)
    assert closed_from(Period.parse("2018-12"), 31) == datetime(2019, 1, 31, 16, 0, tzinfo=UTC)
    assert closed_from(Period.parse("2018-01"), 30) == datetime(2018, 2, 28, 16, 0, tzinfo=UTC)


def test_a_period_without_close_day_stays_open() -> None:
    assert closed_from(Period.parse("2018-06"), None) is None


@given(any_period, st.integers(1, 31))
def test_a_deadline_is_never_earlier_than_its_day_and_always_worked(period: Period, due_day: int) -> None:
    late = late_from(period, due_day, NATIONAL_DAY)
    assert late.date() >= period.end.next.day(due_day)
    assert NATIONAL_DAY.is_working_day(late.date())
    assert late.strftime("%H:%M %z") == "18:00 +0800"


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        (date(2018, 7, 2), 3, date(2018, 7, 5)),
        (date(2018, 7, 5), 3, date(2018, 7, 10)),
        (date(2018, 7, 7), 1, date(2018, 7, 9)),
        (date(2018, 9, 28), 3, date(2018, 10, 8)),
        (date(2018, 7, 7), 0, date(2018, 7, 7)),
    ],
)
def test_working_days_skip_days_off_and_count_days_worked(start: date, days: int, end: date) -> None:
    assert add_working_days(start, days, NATIONAL_DAY) == end


def test_a_day_in_both_tables_is_worked() -> None:
    day = date(2018, 7, 4)
    assert Holidays(off=frozenset({day}), worked=frozenset({day})).is_working_day(day)
    assert NONE.is_working_day(day)
