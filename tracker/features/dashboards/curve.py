"""An indicator's year: to date against the plan month by month, as a table and as what the chart draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from tracker.domain.figures import round_half_away, show_percent
from tracker.domain.periods import due_month
from tracker.domain.progress import expected_tenths
from tracker.domain.rules import FULL
from tracker.features.dashboards.ahead import ahead_of
from tracker.features.dashboards.leading import month_gaps, months_of
from tracker.services.progress_table import Judged, ProgressTable
from tracker.web.figure_words import amount

DASH = "—"
MONTHS = range(1, 13)


@dataclass(frozen=True, slots=True)
class Curve:
    """One indicator of the pledge at a position of the table."""

    table: ProgressTable
    at: int
    one: Judged

    def context(self) -> dict[str, Any]:
        """The curve as the template wants it; ``chart`` is None where nothing can be drawn."""
        rows = [self._row(month) for month in MONTHS]
        return {
            "name": self.one.listed.rule.name,
            "rows": rows if any(row["actual"] != DASH for row in rows) else [],
            "has_last_year": self.one.listed.id in self.table.last_year,
            "chart": self._chart(rows) if any(row["percent_tenths"] is not None for row in rows) else None,
            "outlook": self._outlook(),
            "gaps": month_gaps(self.table, self.at, self.one),
        }

    def actuals(self) -> list[int | None]:
        """The figure to date of each month (scaled); None where nothing was reported by then, or it has not come."""
        known = [standing.actual for standing in months_of(self.table, self.at, self.one)]
        return known + [None] * (len(MONTHS) - len(known))

    def _row(self, month: int) -> dict[str, Any]:
        rule = self.one.listed.rule
        months = months_of(self.table, self.at, self.one)
        standing = months[month - 1] if month <= len(months) else None
        actual = standing.actual if standing else None
        return {
            "month": _("%(month)s月", month=month),
            "actual": DASH if actual is None else amount(rule, actual),
            "percent_tenths": standing.completion_tenths if standing else None,
            "expected_tenths": expected_tenths(rule, due_month(rule.rhythm, month)),
            "gap_tenths": standing.gap_tenths if standing else None,
            "last_year_tenths": self._last_year(month),
        }

    def _last_year(self, month: int) -> int | None:
        """Last year's figure to date, as a share of this year's target."""
        then, whole = self.table.last_year.get(self.one.listed.id), self.one.standing.whole
        return None if then is None or not whole else round_half_away(then[month - 1] * FULL, whole)

    def _outlook(self) -> list[str]:
        by_pace, by_season = ahead_of(self.table, self.at, self.one)
        told = []
        if by_season is not None:
            told.append(_("按去年同期进度，年底预计完成 %(share)s%%。", share=show_percent(by_season)))
        if by_pace is not None:
            told.append(_("按近三期速度，年底预计完成 %(share)s%%。", share=show_percent(by_pace)))
        return told

    def _chart(self, rows: list[dict[str, Any]]) -> dict[str, Any]:
        """What the script draws: lines in percent with one decimal place, null where nothing is known."""
        ahead = ahead_of(self.table, self.at, self.one).best
        last = max((at for at, row in enumerate(rows) if row["percent_tenths"] is not None), default=0)
        forecast: list[int | None] = [None] * 12
        if ahead is not None and last < len(rows) - 1:
            forecast[last], forecast[-1] = rows[last]["percent_tenths"], ahead
        lines = [
            ("actual", _("累计"), [row["percent_tenths"] for row in rows]),
            ("forecast", _("年末预测"), forecast),
            ("expected", _("序时"), [row["expected_tenths"] for row in rows]),
            ("last-year", _("上年同期"), [row["last_year_tenths"] for row in rows]),
        ]
        return {
            "months": [row["month"] for row in rows],
            "target": _("年度目标"),
            "lines": [
                {"kind": kind, "name": name, "values": [_percent(value) for value in values]}
                for kind, name, values in lines
                if any(value is not None for value in values)
            ],
        }


def _percent(tenths: int | None) -> str | None:
    """An exact decimal string; the script turns it into a position on the canvas, never into a figure."""
    return None if tenths is None else f"{'-' if tenths < 0 else ''}{abs(tenths) // 10}.{abs(tenths) % 10}"
