"""Whether a report of a sheet may be changed today."""

from __future__ import annotations

from datetime import datetime

from tracker.domain.editing import check_may_edit, window_of
from tracker.domain.workflow import State
from tracker.services.sheets import Sheet, SheetReport


def check_may_change(sheet: Sheet, report: SheetReport, today: datetime) -> None:
    """Raise PeriodNotBegun or PeriodClosed when this report may not be changed ``today``."""
    head, filing = sheet.head, report.filing
    window = window_of(sheet.period, due_day=head.due_day, close_day=head.close_day)
    is_returned = filing is not None and filing.state is State.RETURNED
    check_may_edit(window, today, is_returned=is_returned, answer_by=filing.answer_by if filing else None)
