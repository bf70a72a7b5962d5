"""A sheet may be filled from its period's beginning until it closes, or until an answer is due."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from tracker.domain.editing import Leave, PeriodClosed, PeriodNotBegun, check_may_edit, window_of
from tracker.domain.periods import SHANGHAI, Holidays, Period

NO_HOLIDAYS = Holidays()
JUNE = window_of(Period.parse("2018-06"), due_day=5, close_day=10, holidays=NO_HOLIDAYS)
SECOND = timedelta(seconds=1)


def at(month: int, day: int, hour: int = 0) -> datetime:
    return datetime(2018, month, day, hour, tzinfo=SHANGHAI)


def test_a_window_has_its_three_moments() -> None:
    assert tuple(getattr(JUNE, name) for name in ("opens", "late", "closes")) == (
        at(6, 1),
        at(7, 5, 18),
        at(7, 11),
    )


def test_a_quarter_opens_with_its_first_month_and_may_never_close() -> None:
    window = window_of(Period.parse("2018-Q2"), due_day=5, close_day=None, holidays=NO_HOLIDAYS)
    assert (window.opens, window.closes) == (at(4, 1), None)
    check_may_edit(window, at(12, 31), Leave())


def test_a_holiday_moves_the_deadline() -> None:
    holidays = Holidays(off=frozenset({date(2018, 7, 5)}))
    window = window_of(Period.parse("2018-06"), due_day=5, close_day=None, holidays=holidays)
    assert window.late == at(7, 6, 18)


def test_is_open_from_its_first_to_its_last_second() -> None:
    check_may_edit(JUNE, at(6, 1), Leave())
    check_may_edit(JUNE, at(7, 11) - SECOND, Leave())


def test_refuses_before_the_beginning_and_names_the_day() -> None:
    with pytest.raises(PeriodNotBegun, match="6月1日"):
        check_may_edit(JUNE, at(6, 1) - SECOND, Leave())


def test_refuses_from_the_closing_second() -> None:
    with pytest.raises(PeriodClosed):
        check_may_edit(JUNE, at(7, 11), Leave())


def test_what_was_returned_may_be_mended_until_its_answer_is_due() -> None:
    due = at(7, 16, 18)
    check_may_edit(JUNE, due - SECOND, Leave(is_returned=True, answer_by=due))
    check_may_edit(JUNE, due, Leave(is_returned=True, answer_by=None))
    with pytest.raises(PeriodClosed):
        check_may_edit(JUNE, due, Leave(is_returned=True, answer_by=due))


def test_being_returned_opens_no_future_period() -> None:
    with pytest.raises(PeriodNotBegun):
        check_may_edit(JUNE, at(5, 31), Leave(is_returned=True, answer_by=None))
