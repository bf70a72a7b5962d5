"""When a report may be changed: once its period has begun, until it closes, or by one of four exceptions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import NamedTuple

from tracker.domain.messages import Forbidden, Message
from tracker.domain.periods import (
    DUE_TIME,
    SHANGHAI,
    Holidays,
    Month,
    Period,
    add_working_days,
    closed_from,
    late_from,
    was_over,
)

ANSWER_DAYS = 3
"""Working days to answer a return or to redo a revoked report, unless another day is named."""


class PeriodNotBegun(Forbidden):
    """The period lies in the future."""


class PeriodClosed(Forbidden):
    """The period is closed and nothing of the unit was returned to be mended."""


class Reopening(NamedTuple):
    """A closed period reopened for one unit: ``until`` by the calendar of deadlines, ``at`` when it was done."""

    until: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class Window:
    """The moments of a unit's period: filled from, late from, closed from (None: never), reopened until.

    ``late`` None: it was over before its list was published, and may be made up for without a deadline.
    """

    opens: datetime
    late: datetime | None
    closes: datetime | None
    reopening: Reopening | None = None

    def is_closed(self, now: datetime) -> bool:
        """Whether the period is closed, whoever it may be reopened for."""
        return self.closes is not None and now >= self.closes

    def is_reopened(self, now: datetime) -> bool:
        """Whether this unit may still fill it."""
        return self.reopening is not None and now < self.reopening.until

    def without_reopening(self, handed_in_at: datetime | None) -> Window:
        """The window for taking back what was handed in: a reopening made later does not reach it."""
        made = self.reopening.at if self.reopening else None
        is_after = made is not None and handed_in_at is not None and handed_in_at >= made
        return self if is_after else Window(self.opens, self.late, self.closes)


class Leave(NamedTuple):
    """Why one report may be changed although its period is closed.

    ``is_returned``: a reviewer or approver sent it back, or had it redone after a revocation, to be answered
    until ``answer_by`` (None: without a date). ``is_correction``: an accepted revision stays beside it.
    """

    is_returned: bool = False
    answer_by: datetime | None = None
    is_correction: bool = False


def window_of(
    period: Period,
    *,
    due_day: int,
    close_day: int | None,
    holidays: Holidays,
    closing: datetime | None = None,
    reopening: Reopening | None = None,
    published_at: datetime | None = None,
) -> Window:
    """The window of a period in a programme with these days; ``closing``: when it was closed by hand.

    A period that was over when the list was published (``published_at``) is never late.
    """
    first = Month(period.year, period.first_month).day(1)
    closings = [moment for moment in (closed_from(period, close_day), closing) if moment is not None]
    return Window(
        opens=datetime.combine(first, time(0, 0), SHANGHAI),
        late=None if was_over(period, published_at) else late_from(period, due_day, holidays),
        closes=min(closings, default=None),
        reopening=reopening,
    )


def check_may_edit(window: Window, now: datetime, leave: Leave) -> None:
    """Raise PeriodNotBegun or PeriodClosed when a report may not be changed now (document 1.4)."""
    if now < window.opens:
        raise PeriodNotBegun("本期还没有开始，{day} 开放填报。", day=_day(window.opens))
    is_answering = leave.is_returned and (leave.answer_by is None or now < leave.answer_by)
    if leave.is_correction or is_answering or not window.is_closed(now) or window.is_reopened(now):
        return
    raise PeriodClosed(
        "本期已于 {day} 关闭，不能再改。确需修改，请联系上级工会退回或重新开放。",
        day=_day(window.closes or now),
    )


def default_answer_by(today: datetime, holidays: Holidays) -> datetime:
    """Three working days from ``today``, 18:00."""
    day = add_working_days(today.astimezone(SHANGHAI).date(), ANSWER_DAYS, holidays)
    return deadline_on(day)


def deadline_on(day: date) -> datetime:
    """18:00 of a day in Shanghai."""
    return datetime.combine(day, DUE_TIME, SHANGHAI)


def _day(moment: datetime) -> Message:
    local = moment.astimezone(SHANGHAI)
    return Message("{month}月{day}日", {"month": local.month, "day": local.day})
