"""Which corrections came after their period had closed: by hand, or by the list's closing day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, String, column, exists, or_, select, values
from sqlalchemy.orm import Session, aliased

from tracker.domain.periods import Rhythm, closed_from, periods_of
from tracker.features.auditing.selection import REPORT_ID, corrected_after_bulletin, corrected_after_closing
from tracker.models.audit import AuditEntry
from tracker.models.base import Instant, Key
from tracker.models.programme import Programme
from tracker.models.report import Report
from tracker.services.clock import read_offset

Closing = tuple[int, str, datetime]
"""Programme, period key, and the real moment from which the period was closed."""


def corrected_late(session: Session) -> ColumnElement[bool]:
    """The entry's report was closed, or printed in a bulletin, before the entry was made. Two statements."""
    found = [corrected_after_closing(), corrected_after_bulletin()]
    closings = _closings(session)
    return or_(*found, _after(closings)) if closings else or_(*found)


def _closings(session: Session) -> list[Closing]:
    """Every period of the lists that close by themselves."""
    moved = read_offset(session)
    wanted = select(Programme.id, Programme.year, Programme.reporting, Programme.close_day)
    rows = session.execute(wanted.where(Programme.close_day.is_not(None), Programme.state != "draft"))
    return [one for row in rows for one in _periods(row, moved)]


def _periods(row: Any, moved: timedelta) -> list[Closing]:
    moments = {
        one.key: closed_from(one, row.close_day) for one in periods_of(row.year, Rhythm(row.reporting))
    }
    return [(row.id, key, moment - moved) for key, moment in moments.items() if moment is not None]


def _after(closings: Sequence[Closing]) -> ColumnElement[bool]:
    report = aliased(Report)
    closing = (
        values(
            column("programme_id", Key), column("period", String), column("moment", Instant), name="closing"
        )
        .data([*closings])
        .cte()  # outside a CTE SQLite does not name the columns of VALUES
    )
    return exists().where(
        report.id == REPORT_ID,
        closing.c.programme_id == report.programme_id,
        closing.c.period == report.period,
        closing.c.moment <= AuditEntry.at,
    )
