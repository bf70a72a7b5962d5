"""Which indicator speaks for a pledge in one line, and what that line says; pure reading of the table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tracker.domain.kinds import Light
from tracker.domain.lights import explain
from tracker.domain.messages import Message
from tracker.domain.progress import Standing
from tracker.domain.ranking import board_score, shared_ranks
from tracker.services.progress_table import Branch, Judged, PledgeStanding, ProgressTable
from tracker.web.figure_words import amount

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
    actual = amount(rule, standing.actual)
    if standing.whole is None:
        return f"{rule.name} {actual}"
    return f"{rule.name} {actual} / {amount(rule, standing.whole)}"


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


class Rank(NamedTuple):
    """A unit's place on the board, and how many places it rose since the month before (None: new, or silent)."""

    place: int | None
    rise: int | None


def ranks(table: ProgressTable) -> list[Rank]:
    """One rank per branch; the own level takes no part."""
    before = _places(table.past_branches)
    silent = {branch.unit.id for branch in table.branches if is_silent(branch.pledges)}
    return [
        Rank(place, None if unit in silent else _rise(before.get(unit), place))
        for unit, place in _places(table.branches).items()
    ]


def _rise(before: int | None, now: int | None) -> int | None:
    return None if before is None or now is None else before - now


def _places(branches: Sequence[Branch]) -> dict[int, int | None]:
    """Unit → place; none has one before anything was reported: all would share the first."""
    units = [branch for branch in branches if not branch.is_own_level]
    if all(is_silent(branch.pledges) and not has_figures(branch.pledges) for branch in units):
        return {branch.unit.id: None for branch in units}
    scores = [score(branch.pledges) for branch in units]
    return dict(zip([branch.unit.id for branch in units], shared_ranks(scores), strict=True))


def score(pledges: Sequence[PledgeStanding]) -> int | None:
    """The mean over assigned indicators of completions capped at 100, in tenths (the board's rule)."""
    return board_score([(one.listed.rule, one.standing) for pledge in pledges for one in pledge.indicators])


def has_figures(pledges: Sequence[PledgeStanding]) -> bool:
    """Whether any figure of theirs is known, of whichever period."""
    return any(one.standing.actual is not None for pledge in pledges for one in pledge.indicators)


def is_silent(pledges: Sequence[PledgeStanding]) -> bool:
    """Whether nothing at all was reported for the period: the board counts that 0, but it is no zero."""
    assigned = {pledge.light for pledge in pledges if pledge.light is not Light.NOT_ASSIGNED}
    return assigned == {Light.NOT_REPORTED}
