"""Which indicator speaks for a pledge in one line, and what that line says; pure reading of the table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tracker.domain.figures import round_half_away
from tracker.domain.kinds import Kind, Light
from tracker.domain.lights import explain
from tracker.domain.messages import Message
from tracker.domain.outlook import forecast, seasonal_forecast
from tracker.domain.progress import Standing
from tracker.domain.prose import show_amount
from tracker.domain.ranking import board_score, shared_ranks
from tracker.domain.rules import FULL
from tracker.services.progress_table import Branch, Judged, PledgeStanding, ProgressTable

NO_INDICATOR = Message("还没有指标")


def leading(pledge: PledgeStanding) -> Judged | None:
    """The indicator that decides the pledge's light; among equals one with a completion, the first in order."""
    deciding = [one for one in pledge.indicators if one.standing.light is pledge.light]
    measured = [one for one in deciding if one.standing.completion_tenths is not None]
    return next(iter(measured or deciding or pledge.indicators), None)


def figures_text(one: Judged) -> str:
    """An indicator's figures in one line: ``参加职工医疗互助保障人次 152万 / 150万人次``."""
    rule, standing = one.listed.rule, one.standing
    if standing.actual is None:
        return f"{rule.name} —"
    actual = show_amount(rule, standing.actual)
    if standing.whole is None:
        return f"{rule.name} {actual}"
    return f"{rule.name} {actual} / {show_amount(rule, standing.whole)}"


def why(pledge: PledgeStanding, month: int) -> Message:
    """The sentence that explains the pledge's light by its deciding indicator."""
    one = leading(pledge)
    return NO_INDICATOR if one is None else explain(one.listed.rule, one.standing, month)


class MonthGap(NamedTuple):
    """How far one month stood from what was expected then."""

    gap_tenths: int
    light: Light


def month_gaps(table: ProgressTable, at: int, one: Judged | None = None) -> list[MonthGap]:
    """For the pledge at a position of the list: each month's gap so far, by ``one`` or what leads now."""
    one = one or leading(table.pledges[at])
    if one is None or one.standing.gap_tenths is None:
        return []
    return [
        MonthGap(standing.gap_tenths, standing.light)
        for standing in months_of(table, at, one)
        if standing.gap_tenths is not None
    ]


def months_of(table: ProgressTable, at: int, one: Judged) -> list[Standing]:
    """How an indicator of the pledge at a position stood month by month up to the cut-off."""
    place = table.pledges[at].indicators.index(one)
    return [pledges[at].indicators[place].standing for pledges in table.past]


def forecast_tenths(table: ProgressTable, at: int) -> int | None:
    """The year's end of the leading indicator's target: by last year's season, without one at the present pace."""
    one = leading(table.pledges[at])
    if one is None:
        return None
    by_season = season_tenths(table, one)
    return pace_tenths(table, at, one) if by_season is None else by_season


def season_tenths(table: ProgressTable, one: Judged) -> int | None:
    """The year's end if the rest of the year bears the share it bore last year, in tenths of the target."""
    standing, then = one.standing, table.last_year.get(one.listed.id)
    if then is None or table.month == 0 or one.listed.rule.kind is not Kind.FLOW:
        return None
    if not _can_forecast(one) or standing.actual is None or not standing.whole:
        return None
    ahead = seasonal_forecast(
        standing.actual, last_year_to_date=then[table.month - 1], last_year_total=then[-1]
    )
    return None if ahead is None else round_half_away(ahead * FULL, standing.whole)


def pace_tenths(table: ProgressTable, at: int, one: Judged) -> int | None:
    """The year's end at the pace of the last three reported periods, in tenths of the target."""
    if not _can_forecast(one) or not one.standing.whole:
        return None
    place = table.pledges[at].indicators.index(one)
    months = table.head.rhythm.months
    levels = [pledges[at].indicators[place].standing for pledges in table.past[months - 1 :: months]]
    steps: list[int | None] = []
    before = one.standing.base or 0
    for level in levels:
        steps.append(level.actual - before if level.actual is not None and level.reported else None)
        before = level.actual if level.actual is not None else before
    ahead = forecast(steps, (12 - table.month) // months)
    base = one.standing.base or 0
    return None if ahead is None else round_half_away(ahead * FULL, one.standing.whole - base)


def _can_forecast(one: Judged) -> bool:
    return one.standing.completion_tenths is not None and not one.listed.rule.stages


class Rank(NamedTuple):
    """A unit's place on the board, and how many places it rose since the month before (None: new)."""

    place: int | None
    rise: int | None


def ranks(table: ProgressTable) -> list[Rank]:
    """One rank per branch; the own level takes no part."""
    before = _places(table.past_branches)
    return [Rank(place, _rise(before.get(unit), place)) for unit, place in _places(table.branches).items()]


def _rise(before: int | None, now: int | None) -> int | None:
    return None if before is None or now is None else before - now


def _places(branches: Sequence[Branch]) -> dict[int, int | None]:
    units = [branch for branch in branches if not branch.is_own_level]
    scores = [score(branch.pledges) for branch in units]
    return dict(zip([branch.unit.id for branch in units], shared_ranks(scores), strict=True))


def score(pledges: Sequence[PledgeStanding]) -> int | None:
    """The mean over assigned indicators of completions capped at 100, in tenths (the board's rule)."""
    return board_score([(one.listed.rule, one.standing) for pledge in pledges for one in pledge.indicators])
