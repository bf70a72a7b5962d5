"""What the pages of corrections and revocations read: the reports that count, and what is under way beside them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from tracker.domain.identity import Identity, Role
from tracker.domain.messages import Message, NotFound
from tracker.domain.periods import Period
from tracker.domain.workflow import EDITABLE, State
from tracker.services.moving import find_contradicted
from tracker.services.sheets import Filing, Sheet, SheetReport, load_sheet
from tracker.services.visibility import find_visible_head, find_visible_unit


class SheetNotFound(NotFound):
    """The programme has no such period."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A sheet with those of its reports that count; ``issue``: the bulletin that prints them, or None."""

    sheet: Sheet
    reports: tuple[SheetReport, ...]
    issue: Message | None

    @property
    def correctable(self) -> list[SheetReport]:
        """Those without a correction under way."""
        return [report for report in self.reports if report.replaces is None]

    @property
    def droppable(self) -> list[SheetReport]:
        """Those whose correction is not handed in."""
        return [report for report in self.reports if report.replaces and report.state in EDITABLE]


def counting_of(report: SheetReport) -> Filing | None:
    """The revision of a report that counts."""
    if report.replaces is not None:
        return report.replaces
    return report.filing if report.state is State.ACCEPTED else None


def find_accepted(session: Session, key: str, code: str, period: Period, *, seen_by: Identity) -> Accepted:
    """The accepted reports of a unit in sight. Raises ProgrammeNotFound, UnitNotFound, SheetNotFound."""
    head = find_visible_head(session, key, seen_by=seen_by)
    if head.state == "draft" or (period.year, period.rhythm) != (head.year, head.rhythm):
        raise SheetNotFound("这份清单没有这个报告期")
    unit = find_visible_unit(session, code, seen_by=seen_by)
    is_own = seen_by.role is Role.REPORTER and seen_by.place.org_unit_id == unit.id
    sheet = load_sheet(session, head, unit, period, sees_drafts=is_own)
    reports = tuple(report for report in sheet.reports if counting_of(report))
    counting = [filing.revision_id for report in reports if (filing := counting_of(report))]
    return Accepted(sheet, reports, find_contradicted(session, counting))
