"""The rule who may still change a report, asked with what is stored (document 1.4); the only place that asks it."""

from __future__ import annotations

from datetime import datetime

from tracker.domain.editing import Leave, check_may_edit
from tracker.domain.workflow import State
from tracker.services.sheets import Sheet, SheetReport


def check_may_change(sheet: Sheet, report: SheetReport, today: datetime) -> None:
    """Raise PeriodNotBegun or PeriodClosed when this report may not be saved or submitted ``today``."""
    check_may_edit(sheet.window, today, leave_of(report))


def check_may_take_back(sheet: Sheet, report: SheetReport, today: datetime) -> None:
    """The same for taking back what was handed in: a period reopened afterwards does not reopen it."""
    handed_in_at = None if report.filing is None else report.filing.submitted_at
    check_may_edit(sheet.window.without_reopening(handed_in_at), today, leave_of(report))


def leave_of(report: SheetReport) -> Leave:
    """What lets this report be changed after its period closed."""
    filing = report.filing
    if filing is None:
        return Leave()
    is_redone = filing.state is State.DRAFT and filing.answer_by is not None
    return Leave(
        is_returned=filing.state is State.RETURNED or is_redone,
        answer_by=filing.answer_by,
        is_correction=report.replaces is not None,
    )
