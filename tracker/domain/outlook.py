"""Where the year will end at this pace, and what is still needed each month."""

from __future__ import annotations

from collections.abc import Sequence

from tracker.domain.figures import round_half_away
from tracker.domain.kinds import Comparator, Kind
from tracker.domain.progress import Standing
from tracker.domain.rules import FULL, Rule

PACE_PERIODS = 3


def forecast(increments: Sequence[int | None], periods_left: int) -> int | None:
    """The year's end at the pace of the last three reported periods (fewer where fewer exist).

    ``increments``: one per period so far in order, None where nothing or 不详 was reported; for a
    level, its changes with the first level first. None when nothing is known.
    """
    known = [increment for increment in increments if increment is not None]
    if not known:
        return None
    recent = known[-PACE_PERIODS:]
    return sum(known) + round_half_away(sum(recent) * periods_left, len(recent))


def recent_mean(increments: Sequence[int | None], months_each: int) -> int | None:
    """What the last three reported periods brought a month on average, rounded; None when nothing is known."""
    recent = [increment for increment in increments if increment is not None][-PACE_PERIODS:]
    return round_half_away(sum(recent), len(recent) * months_each) if recent else None


def seasonal_forecast(actual: int, *, last_year_to_date: int, last_year_total: int) -> int | None:
    """The year's end if the rest of the year bears the share it bore last year; None without one."""
    if last_year_to_date <= 0:
        return None
    return round_half_away(actual * last_year_total, last_year_to_date)


def needed_per_month(rule: Rule, standing: Standing, cutoff_month: int) -> int | None:
    """The least monthly increment that still meets the target by December, rounded up.

    0 when it is met; None for rates, kept levels, caps and narratives, where no sum leads to the
    target, and where target, actual or months are missing.
    """
    if standing.is_met:
        return 0
    is_summed = rule.kind.facts.has_completion and not rule.is_held
    if not is_summed or not standing.whole or standing.actual is None or cutoff_month >= 12:
        return None
    short = least_to_meet(rule, standing.whole) - standing.actual
    return _rounded_up(short, 12 - cutoff_month)


def least_to_meet(rule: Rule, whole: int) -> int:
    """The smallest sum that meets a target: more than it for ``>``, within the tolerance for ``~``."""
    if rule.comparator is Comparator.OVER:
        return whole + 1
    if rule.comparator is Comparator.ABOUT:
        return _rounded_up(whole * (FULL - rule.tolerance_tenths), FULL)
    return whole


def _rounded_up(numerator: int, denominator: int) -> int:
    return -(-numerator // denominator)


def is_below_last_year(rule: Rule, target: int | None, last_year: int | None) -> bool:
    """Whether a target asks for less than last year's result (more, for a cap)."""
    if target is None or last_year is None or rule.kind in (Kind.MILESTONE, Kind.NARRATIVE):
        return False
    return target > last_year if rule.is_capped else target < last_year
