"""Which indicator speaks for a pledge in one line, and what that line says; pure reading of the table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tracker.domain.figures import round_half_away
from tracker.domain.kinds import Light
from tracker.domain.lights import explain
from tracker.domain.messages import Message
from tracker.domain.outlook import forecast
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


def month_gaps(table: ProgressTable, at: int) -> list[MonthGap]:
    """For the pledge at a position of the list: each month's gap so far, by the indicator that leads now."""
    one = leading(table.pledges[at])
    if one is None or one.standing.gap_tenths is None:
        return []
    place = table.pledges[at].indicators.index(one)
    then = [pledges[at].indicators[place].standing for pledges in table.past]
    return [
        MonthGap(standing.gap_tenths, standing.light) for standing in then if standing.gap_tenths is not None
    ]


def forecast_tenths(table: ProgressTable, at: int) -> int | None:
    """The year's end at the present pace, as a completion of the leading indicator's target."""
    one = leading(table.pledges[at])
    if (
        one is None
        or one.standing.completion_tenths is None
        or not one.standing.whole
        or one.listed.rule.stages
    ):
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
