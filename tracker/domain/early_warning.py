"""预测预警: where an indicator ends the year by its pace and by last year's season, whether that misses, and what mends it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tracker.domain.figures import round_half_away, show_percent
from tracker.domain.kinds import Kind
from tracker.domain.messages import Message
from tracker.domain.outlook import forecast, least_to_meet, needed_per_month, recent_mean, seasonal_forecast
from tracker.domain.progress import Standing
from tracker.domain.prose import show_amount
from tracker.domain.rules import FULL, Rule

YEAR = 12


class Outlook(NamedTuple):
    """The year's end by pace and by season, what the last three periods brought a month, and what is needed.

    All scaled like the figure itself; None where it cannot be told.
    """

    by_pace: int | None = None
    by_season: int | None = None
    pace: int | None = None
    needed: int | None = None


class Alarm(NamedTuple):
    """Why a target will be missed, and what would mend it; ``is_sure``: no forecast there is reaches it."""

    ahead: Message
    mend: Message
    is_sure: bool


NOT_KNOWN = Outlook()


def outlook(
    rule: Rule,
    standing: Standing,
    increments: Sequence[int | None],
    *,
    month: int,
    last_year: Sequence[int] | None = None,
) -> Outlook:
    """Where the year ends. ``increments``: one per ended period (of a level its changes, from its base on).

    ``last_year``: its twelve figures to date. Nothing for what has no completion, and for stages.
    """
    if standing.completion_tenths is None or not standing.whole or rule.stages:
        return NOT_KNOWN
    rhythm = rule.rhythm.months
    ahead = forecast(increments, (YEAR - month) // rhythm)
    return Outlook(
        by_pace=None if ahead is None else _held(rule, standing, (standing.base or 0) + ahead),
        by_season=_by_season(rule, standing, month, last_year),
        pace=recent_mean(increments, rhythm),
        needed=needed_per_month(rule, standing, month),
    )


def _held(rule: Rule, standing: Standing, end: int) -> int:
    """No more units or items can be done than there are."""
    if rule.kind not in (Kind.MILESTONE, Kind.CHECKLIST):
        return end
    return min(end, max(standing.whole or 0, standing.actual or 0))


def _by_season(rule: Rule, standing: Standing, month: int, last_year: Sequence[int] | None) -> int | None:
    if last_year is None or month == 0 or rule.kind is not Kind.FLOW or standing.actual is None:
        return None
    return seasonal_forecast(
        standing.actual, last_year_to_date=last_year[month - 1], last_year_total=last_year[-1]
    )


def ahead_tenths(rule: Rule, standing: Standing, end: int | None) -> int | None:
    """A year's end as completion in tenths of a percent; what misses the target never prints 100.0."""
    if end is None or not standing.whole:
        return None
    base = standing.base or 0
    tenths = round_half_away((end - base) * FULL, standing.whole - base)
    return min(tenths, FULL - 1) if misses(rule, standing, end) else tenths


def misses(rule: Rule, standing: Standing, end: int | None) -> bool:
    """Whether this end of the year does not meet the target."""
    return end is not None and bool(standing.whole) and end < least_to_meet(rule, standing.whole or 0)


def early_warning(rule: Rule, standing: Standing, found: Outlook, *, month: int) -> Alarm | None:
    """A warning where either forecast misses; none for what is met, and none at the year's end."""
    if standing.is_met or month >= YEAR:
        return None
    known = [end for end in (found.by_pace, found.by_season) if end is not None]
    missing = [end for end in known if misses(rule, standing, end)]
    if not missing:
        return None
    is_pace_enough = not misses(rule, standing, found.by_pace)
    mend = _mend(rule, found, month, is_pace_enough=is_pace_enough)
    return Alarm(_told(rule, standing, found), mend, missing == known)


def _told(rule: Rule, standing: Standing, found: Outlook) -> Message:
    facts = {
        name: show_percent(tenths)
        for name, end in (("pace", found.by_pace), ("season", found.by_season))
        if (tenths := ahead_tenths(rule, standing, end)) is not None
    }
    by_pace, by_season = misses(rule, standing, found.by_pace), misses(rule, standing, found.by_season)
    if found.by_season is None:
        return Message("按近三期速度，年底约完成 {pace}%，完不成。", facts)
    if found.by_pace is None:
        return Message("按去年同期进度，年底约完成 {season}%，完不成。", facts)
    if by_pace and by_season:
        return Message("按近三期速度年底约完成 {pace}%，按去年同期进度约完成 {season}%，都完不成。", facts)
    if by_pace:
        return Message("按近三期速度年底约完成 {pace}%，完不成；按去年同期进度可到 {season}%。", facts)
    return Message("按去年同期进度年底约完成 {season}%，完不成；按近三期速度可到 {pace}%。", facts)


def _mend(rule: Rule, found: Outlook, month: int, *, is_pace_enough: bool) -> Message:
    """What is needed each month, beside what the last three periods brought."""
    needed, pace = found.needed or 0, found.pace
    facts = {"months": YEAR - month, "needed": show_amount(rule, needed)}
    if pace is None:
        return Message("要完成，余下 {months} 个月平均每月需 {needed}。", facts)
    facts |= {"pace": show_amount(rule, pace), "more": show_amount(rule, needed - pace)}
    if is_pace_enough:
        return Message("要完成，余下 {months} 个月平均每月需 {needed}，保持近三期的每月 {pace} 即可。", facts)
    if needed <= pace:  # both rounded to the same
        return Message("要完成，余下 {months} 个月平均每月需 {needed}，比近三期略多一点。", facts)
    return Message("要完成，余下 {months} 个月平均每月需 {needed}，比近三期的每月 {pace} 多 {more}。", facts)
