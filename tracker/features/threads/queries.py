"""A sheet's reports with everything said about them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from tracker.domain.identity import Identity, Role
from tracker.domain.messages import NotFound
from tracker.domain.periods import Period
from tracker.services.sheets import Sheet, SheetReport, load_sheet
from tracker.services.threads import ThreadStep, list_steps
from tracker.services.visibility import find_visible_head, find_visible_unit

UNIT_ROLES = frozenset({Role.REPORTER, Role.APPROVER})


class ThreadNotFound(NotFound):
    """There is no such sheet, or no such report on it, in this person's sight."""


@dataclass(frozen=True, slots=True)
class Discussion:
    """The reports of a sheet that this person sees, and their threads, oldest step first."""

    sheet: Sheet
    reports: tuple[SheetReport, ...]
    steps: tuple[ThreadStep, ...]


def find_discussion(
    session: Session, key: str, code: str, period: Period, *, seen_by: Identity
) -> Discussion:
    """The threads of a unit in sight; drafts are for the unit's own staff. Raises NotFound in its three forms."""
    head = find_visible_head(session, key, seen_by=seen_by)
    if head.state == "draft" or (period.year, period.rhythm) != (head.year, head.rhythm):
        raise ThreadNotFound("这份清单没有这个报告期")
    unit = find_visible_unit(session, code, seen_by=seen_by)
    sees_drafts = seen_by.role in UNIT_ROLES and seen_by.place.org_unit_id == unit.id
    sheet = load_sheet(session, head, unit, period, sees_drafts=sees_drafts)
    reports = tuple(report for report in sheet.reports if report.filing)
    ids = [report.filing.report_id for report in reports if report.filing]
    return Discussion(sheet, reports, tuple(list_steps(session, ids)))
