"""Where the indicators of a table will stand at the year's end, and which of its pledges will miss."""

from __future__ import annotations

from typing import Final, NamedTuple

from tracker.domain.early_warning import Alarm, Outlook, ahead_tenths, early_warning, outlook
from tracker.domain.kinds import Kind
from tracker.features.dashboards.leading import leading, months_of
from tracker.services.progress_table import Judged, ProgressTable

STOCKS: Final = frozenset({Kind.STOCK, Kind.KEPT})
"""Kinds whose first report of a year says nothing of what the year has brought."""


class Ahead(NamedTuple):
    """The year's end in tenths of the target, by pace and by season; None where it cannot be told."""

    by_pace: int | None
    by_season: int | None

    @property
    def best(self) -> int | None:
        """By last year's season where there was one, else at the present pace."""
        return self.by_pace if self.by_season is None else self.by_season


def outlook_of(table: ProgressTable, at: int, one: Judged) -> Outlook:
    """How an indicator of the pledge at a position of the list will end the year."""
    return outlook(
        one.listed.rule,
        one.standing,
        _increments(table, at, one),
        month=table.month,
        last_year=table.last_year.get(one.listed.id),
    )


def ahead_of(table: ProgressTable, at: int, one: Judged | None = None) -> Ahead:
    """The forecasts of an indicator, the leading one unless said otherwise."""
    one = one or leading(table.pledges[at])
    if one is None:
        return Ahead(None, None)
    rule, standing, found = one.listed.rule, one.standing, outlook_of(table, at, one)
    return Ahead(ahead_tenths(rule, standing, found.by_pace), ahead_tenths(rule, standing, found.by_season))


def warning_of(table: ProgressTable, at: int) -> Alarm | None:
    """Whether the leading indicator of a pledge will miss the year's target, and what would mend it."""
    one = leading(table.pledges[at])
    if one is None:
        return None
    found = outlook_of(table, at, one)
    return early_warning(one.listed.rule, one.standing, found, month=table.month)


def _increments(table: ProgressTable, at: int, one: Judged) -> list[int | None]:
    """What each ended period brought; None where nothing was reported for it.

    A stock without a base stood somewhere before its first report: that report is a level, no pace.
    """
    months = table.head.rhythm.months
    steps: list[int | None] = []
    before = one.standing.base
    if before is None and one.listed.rule.kind not in STOCKS:
        before = 0
    for level in months_of(table, at, one)[months - 1 :: months]:
        if level.actual is None:
            steps.append(None)
            continue
        steps.append(level.actual - before if level.reported and before is not None else None)
        before = level.actual
    return steps
