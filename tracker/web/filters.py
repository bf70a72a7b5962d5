"""How templates write figures, percents, days and time left; every number comes ready from below."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from flask import Flask
from flask_babel import lazy_gettext as _l

from tracker.domain.figures import show_compact, show_exact, show_grouped, show_percent
from tracker.domain.periods import SHANGHAI, Month
from tracker.domain.rules import FULL
from tracker.web.current import calendar_shift
from tracker.web.i18n import gettext as _

NOTHING = "—"
AXIS_TENTHS = 1_250
ORDINALS = (
    _l("一"), _l("二"), _l("三"), _l("四"), _l("五"), _l("六"), _l("七"), _l("八"), _l("九"), _l("十"),
    _l("十一"), _l("十二"), _l("十三"), _l("十四"), _l("十五"), _l("十六"), _l("十七"), _l("十八"), _l("十九"), _l("二十"),
)  # fmt: skip


def init_filters(app: Flask) -> None:
    """Make them known to every template."""
    app.jinja_env.filters |= {
        "grouped": grouped,
        "compact": compact,
        "exact": exact,
        "percent": percent,
        "numeral": numeral,
        "along": along,
        "along_whole": along_whole,
        "day": day,
        "moment": moment,
        "time_left": time_left,
    }


def grouped(value: int | None, decimals: int = 0) -> str:
    """1,520,000; a dash where there is none."""
    return NOTHING if value is None else show_grouped(value, decimals)


def compact(value: int | None, decimals: int = 0) -> str:
    """152万; a dash where there is none."""
    return NOTHING if value is None else show_compact(value, decimals)


def exact(value: int | None, decimals: int = 0) -> str:
    """1520000.00, as programs write it; empty where there is none."""
    return "" if value is None else show_exact(value, decimals)


def percent(tenths: int | None) -> str:
    """Tenths of a percent as 101.3%; a dash where there is none."""
    return NOTHING if tenths is None else f"{show_percent(tenths)}%"


def numeral(number: int) -> str:
    """一, 二 … 二十 for pledges; beyond, the number itself. Other languages translate the words to digits."""
    return str(ORDINALS[number - 1]) if 1 <= number <= len(ORDINALS) else str(number)


def along(tenths: int) -> str:
    """Where a share lies on a bullet's axis of 0–125 %, exactly; what lies beyond is drawn at its end."""
    hundredths = min(max(tenths, 0), AXIS_TENTHS) * 8
    return f"{hundredths // 100}.{hundredths % 100:02d}%"


def along_whole(tenths: int) -> str:
    """The same on an axis of 0–100 %."""
    return f"{show_percent(min(max(tenths, 0), FULL))}%"


def on_the_calendar(when: datetime) -> datetime:
    """Shanghai's wall time. What the clock stored (UTC) is moved to the calendar a demonstration shows."""
    is_stored = when.utcoffset() == timedelta(0)
    return (when + calendar_shift() if is_stored else when).astimezone(SHANGHAI)


def day(when: datetime | date | None) -> str:
    """6月30日, in Shanghai."""
    if when is None:
        return NOTHING
    local = on_the_calendar(when) if isinstance(when, datetime) else when
    return _("%(month)s月%(day)s日", month=local.month, day=local.day)


def moment(when: datetime | None, *, with_year: bool = False) -> str:
    """6月30日 18:00, in Shanghai."""
    if when is None:
        return NOTHING
    local = on_the_calendar(when)
    shown = {"month": local.month, "day": local.day, "time": f"{local:%H:%M}"}
    if with_year:
        return _("%(year)s年%(month)s月%(day)s日 %(time)s", year=local.year, **shown)
    return _("%(month)s月%(day)s日 %(time)s", **shown)


def month_end(month: Month) -> str:
    """2018年6月底."""
    return _("%(year)s年%(month)s月底", year=month.year, month=month.month)


def time_left(until: datetime, now: datetime) -> str:
    """还有 2 天 7 小时, 还有 40 分钟, 逾期 2 天."""
    left = until - now
    if left < timedelta(0):
        return _("逾期 %(span)s", span=span_text(-left))
    return _("还有 %(span)s", span=span_text(left))


def span_text(span: timedelta) -> str:
    """2 天 7 小时, 40 分钟: how long something lasts."""
    hours, minutes = divmod(int(span.total_seconds()) // 60, 60)
    days, hours = divmod(hours, 24)
    if days:
        return (
            _("%(days)s 天 %(hours)s 小时", days=days, hours=hours) if hours else _("%(days)s 天", days=days)
        )
    if hours:
        return _("%(hours)s 小时", hours=hours)
    return _("%(minutes)s 分钟", minutes=minutes)
