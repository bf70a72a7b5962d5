"""When a sheet may be filled: once its period has begun, until it closes, or until an answer is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time

from tracker.domain.messages import Forbidden, Message
from tracker.domain.periods import SHANGHAI, Holidays, Month, Period, closed_from, late_from


class PeriodNotBegun(Forbidden):
    """The period lies in the future."""


class PeriodClosed(Forbidden):
    """The period is closed and nothing of the unit was returned to be mended."""


@dataclass(frozen=True, slots=True)
class Window:
    """The three moments of a period: filled from, late from, closed from (None: never by itself)."""

    opens: datetime
    late: datetime
    closes: datetime | None


def window_of(
    period: Period, *, due_day: int, close_day: int | None, holidays: Holidays | None = None
) -> Window:
    """The window of a period in a programme with these days."""
    first = Month(period.year, period.first_month).day(1)
    return Window(
        opens=datetime.combine(first, time(0, 0), SHANGHAI),
        late=late_from(period, due_day, holidays or Holidays()),
        closes=closed_from(period, close_day),
    )


def check_may_edit(window: Window, now: datetime, *, is_returned: bool, answer_by: datetime | None) -> None:
    """Raise PeriodNotBegun or PeriodClosed when a report may not be changed now.

    A returned report may be mended until ``answer_by`` even though its period is closed.
    """
    if now < window.opens:
        raise PeriodNotBegun("本期还没有开始，{day} 开放填报。", day=_day(window.opens))
    if window.closes is None or now < window.closes:
        return
    if is_returned and (answer_by is None or now < answer_by):
        return
    raise PeriodClosed(
        "本期已于 {day} 关闭，不能再改。确需修改，请联系上级工会退回。", day=_day(window.closes)
    )


def _day(moment: datetime) -> Message:
    local = moment.astimezone(SHANGHAI)
    return Message("{month}月{day}日", {"month": local.month, "day": local.day})
