"""What the page of a period shows, ready to print."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from flask import url_for
from flask_babel import gettext as _

from tracker.domain.figures import show_grouped
from tracker.domain.identity import Identity
from tracker.domain.periods import SHANGHAI, Period, periods_of
from tracker.domain.workflow import State
from tracker.features.periods.queries import Lying, PeriodState, Reopened, UnitState, Waived
from tracker.services.tree import Unit
from tracker.web.figure_words import short_period, state_word
from tracker.web.filters import moment, span_text, time_left
from tracker.web.i18n import translate
from tracker.web.people_words import acting_name
from tracker.web.punctuation import listed

MOST_SHOWN: Final = 200
"""Rows of one list on the page; its file has them all."""

MOST_NAMED: Final = 50
"""Units named in one sentence."""


class Moments(NamedTuple):
    """Now, for how long things lie, and the calendar by which deadlines go."""

    now: datetime
    today: datetime


def period_context(
    state: PeriodState,
    *,
    reopened: Sequence[Reopened],
    waived: Sequence[Waived],
    identity: Identity,
    moments: Moments,
) -> dict[str, Any]:
    """The context of ``periods/period.html``."""
    head, period, today = state.head, state.period, moments.today
    window = state.openings.window(head.publisher_id, period)
    is_publisher = identity.place.org_unit_id == head.publisher_id
    has_ended = today.astimezone(SHANGHAI).date() >= period.end.next.day(1)
    is_closed = window.is_closed(today)
    under_way = [(one, lying) for one in state.units for lying in one.lying]
    return {
        "heading": _("%(period)s · 报送情况", period=translate(period.title)),
        "trail": [
            {"label": head.title, "url": url_for("dashboards.overview", key=head.key)},
            {"label": _("审核"), "url": url_for("reviews.queue", key=head.key)},
            {"label": _("报送情况"), "url": None},
        ],
        "periods": [
            {
                "label": short_period(one),
                "url": address_of(state, one),
                "is_current": one == period,
            }
            for one in periods_of(head.year, head.rhythm)
        ],
        "summary": _summary(state),
        "branches": _branches(state),
        "all_url": None if state.at is None else url_for("periods.show", key=head.key, period=period),
        "due_text": _due_text(window.late, today),
        "closed_text": _closed_text(state, window.closes) if is_closed else None,
        "missing": [_handed_in(state, one) for one in state.missing[:MOST_SHOWN]],
        "missing_further": _further(len(state.missing)),
        "missing_text": _missing_text(state, window.late, moments, is_closed=is_closed),
        "under_way": [_under_way(state, one, lying, moments) for one, lying in under_way[:MOST_SHOWN]],
        "under_way_further": _further(len(under_way)),
        "close_url": url_for("periods.close", key=head.key, period=period)
        if is_publisher and has_ended and not is_closed and state.at is None
        else None,
        "close_note": _close_note(state),
        "reopen_url": url_for("periods.reopen", key=head.key, period=period, at=_code(state.at))
        if is_publisher and is_closed and not state.branches
        else None,
        "reopened": [
            {
                "unit": one.unit,
                "text": _("开放到 %(until)s，%(by)s %(at)s 办理：%(reason)s", until=moment(one.until),
                          by=acting_name(one.by, one.stand_in), at=moment(one.at), reason=one.reason),
            }
            for one in reopened
        ],
        "waiver_url": url_for("periods.waive", key=head.key, period=period, at=_code(state.at))
        if is_publisher and not state.branches
        else None,
        "waived": [
            {
                "unit": one.unit,
                "text": _("%(by)s %(at)s 设定：%(reason)s", by=acting_name(one.by, one.stand_in), at=moment(one.at),
                          reason=one.reason),
            }
            for one in waived
        ],
    }  # fmt: skip


def address_of(state: PeriodState, period: Period | None = None) -> str:
    """The page of this or another period, of the same branch."""
    return url_for("periods.show", key=state.head.key, period=period or state.period, at=_code(state.at))


def _code(at: Unit | None) -> str | None:
    return None if at is None else at.code


def _branches(state: PeriodState) -> list[dict[str, Any]]:
    """What to choose from, after the unit above them where it reports itself."""
    if not state.branches:
        return []
    return [
        *(_handed_in(state, one) for one in state.units),
        *(
            {
                "unit": branch.unit.short_name,
                "url": url_for("periods.show", key=state.head.key, period=state.period, at=branch.unit.code),
                "text": _("%(count)s 个单位", count=show_grouped(branch.units_count, 0)),
            }
            for branch in state.branches
        ),
    ]


def _further(count: int) -> str:
    """What a list leaves out, "" where it holds all."""
    if count <= MOST_SHOWN:
        return ""
    return _(
        "只列出前 %(shown)s 项，另有 %(count)s 项，见表格文件。", shown=MOST_SHOWN, count=count - MOST_SHOWN
    )


def _names(names: Sequence[str]) -> str:
    """The first of many; how many there are stands before them."""
    shown = listed(names[:MOST_NAMED])
    return shown if len(names) <= MOST_NAMED else _("%(names)s等", names=shown)


def _summary(state: PeriodState) -> str:
    if state.branches:
        count = 1 + sum(branch.units_count for branch in state.branches)
        return _("这里共有 %(count)s 个单位，请先选一个地区。", count=show_grouped(count, 0))
    missing = len(state.missing)
    numbers = {"expected": len(state.units), "handed_in": len(state.units) - missing, "missing": missing}
    if not state.units:
        return _("没有单位承担填报。")
    if not missing:
        return _("应报 %(expected)s 个单位，全部已报。", expected=len(state.units))
    return _("应报 %(expected)s 个单位，已报 %(handed_in)s 个，还差 %(missing)s 个。", **numbers)


def _handed_in(state: PeriodState, one: UnitState) -> dict[str, Any]:
    return {
        "unit": one.unit.short_name,
        "url": url_for("reports.sheet", key=state.head.key, code=one.unit.code, period=state.period),
        "text": _("已报 %(handed_in)s / %(owed)s 件", handed_in=one.handed_in, owed=one.owed),
    }


def _due_text(late: datetime | None, today: datetime) -> str:
    if late is None:
        return _("清单公布以前的报告期，可以补报，不算迟报")
    return _("%(due)s 起算迟报，%(left)s", due=moment(late), left=time_left(late, today))


def _missing_text(state: PeriodState, late: datetime | None, moments: Moments, *, is_closed: bool) -> str:
    """The list to copy into a chat: plain lines with unit, period, what is in, and days late."""
    if not state.missing:
        return ""
    period = translate(state.period.title)
    left = _("待补报") if late is None else time_left(late, moments.today)
    head = _(
        "【%(title)s】%(period)s月报，截至 %(now)s 还有 %(count)s 个单位未报齐：",
        title=state.head.title, period=period, now=moment(moments.today), count=len(state.missing),
    )  # fmt: skip
    lines = [
        _(
            "%(number)s. %(unit)s · %(period)s · 已报 %(handed_in)s/%(owed)s 件 · %(left)s",
            number=number, unit=one.unit.short_name, period=period, handed_in=one.handed_in, owed=one.owed, left=left,
        )
        for number, one in enumerate(state.missing[:MOST_SHOWN], 1)
    ]  # fmt: skip
    if (further := len(state.missing) - MOST_SHOWN) > 0:
        lines.append(_("另有 %(count)s 个单位没有列出。", count=further))
    if is_closed:
        return "\n".join([head, *lines, _("本期已关闭；确需补报，请向我会申请重新开放。")])
    if late is None:
        return "\n".join([head, *lines, _("这是清单公布以前的报告期，请补报，没有截止时间。")])
    is_late = moments.today >= late
    words = _("%(due)s 已截止，请尽快报送。") if is_late else _("请于 %(due)s 前报送。")
    return "\n".join([head, *lines, words % {"due": moment(late)}])


def _under_way(state: PeriodState, one: UnitState, lying: Lying, moments: Moments) -> dict[str, Any]:
    """What of a unit lies at one desk, and for how long."""
    return {
        "unit": one.unit.short_name,
        "url": url_for("reviews.review", key=state.head.key, code=one.unit.code, period=state.period),
        "state": state_word(lying.state),
        "tone": "red" if lying.state is State.RETURNED else "yellow",
        "text": _(
            "%(count)s 件，已 %(span)s", count=lying.reports_count, span=span_text(moments.now - lying.since)
        ),
    }


def _close_note(state: PeriodState) -> str:
    missing = state.missing
    if state.branches:
        return _("关闭时逐个核对各单位报没报，要等一会儿。关闭后没报齐的不能再填报，可以单独重新开放。")
    if not missing:
        return _("全部已报。关闭后各单位不能再填报，更正不受影响。")
    names = _names([one.unit.short_name for one in missing])
    return _(
        "未报 %(count)s 个：%(names)s。关闭后他们不能再填报，可以单独重新开放。",
        count=len(missing),
        names=names,
    )


def _closed_text(state: PeriodState, closes: datetime | None) -> str:
    closing = state.closing
    if closing is None:
        return _("本期已于 %(when)s 按清单约定关闭。", when=moment(closes))
    head = _(
        "%(by)s %(when)s 关闭：应报 %(expected)s 个单位，已报 %(handed_in)s 个",
        by=acting_name(closing.by, closing.stand_in), when=moment(closing.closed_from), expected=closing.expected, handed_in=closing.handed_in,
    )  # fmt: skip
    names = _names([name for _code, name in closing.missing])
    return head + (
        _("，未报 %(count)s 个：%(names)s。", count=len(closing.missing), names=names) if names else _("。")
    )
