"""What the pages of evidence read."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from tracker.domain.identity import Identity
from tracker.domain.messages import NotFound
from tracker.domain.periods import Period
from tracker.models.account import Person
from tracker.models.evidence import Evidence
from tracker.services.evidence import Attached
from tracker.services.sheets import Sheet, SheetReport
from tracker.services.stand_ins import StandIn, doubtful_id, find_stand_ins
from tracker.services.visibility import find_visible_sheet


class ReportNotFound(NotFound):
    """The unit has nothing to report on this pledge."""


class EvidenceNotFound(NotFound):
    """No such file is attached to what this person sees of the report."""


class FolderPlace(NamedTuple):
    """The files of one report: the sheet it stands on, and the report."""

    sheet: Sheet
    report: SheetReport


class Removed(NamedTuple):
    """A file that was taken out, as its tombstone tells; ``stand_in``: in whose place that was done."""

    name: str
    by: str
    at: datetime
    reason: str
    stand_in: StandIn | None = None


def find_folder(
    session: Session, key: str, code: str, period: Period, number: int, *, seen_by: Identity
) -> FolderPlace:
    """One report of a sheet in sight.

    Raises ProgrammeNotFound, UnitNotFound, SheetNotFound, ReportNotFound.
    """
    sheet = find_visible_sheet(session, key, code, period, seen_by=seen_by)
    for report in sheet.reports:
        if report.promise.number == number:
            return FolderPlace(sheet, report)
    raise ReportNotFound("本单位没有承担这一件实事")


def find_file(folder: FolderPlace, evidence_id: int) -> Attached:
    """One of the report's files. Raises EvidenceNotFound."""
    for file in folder.report.evidence:
        if file.id == evidence_id:
            return file
    raise EvidenceNotFound("没有找到这份佐证，它可能已经作废")


def list_removed(session: Session, revision_id: int | None) -> list[Removed]:
    """What was taken out of a revision, in order."""
    remover = aliased(Person)
    wanted = (
        select(
            Evidence.name, remover.name.label("by"), Evidence.removed_at, Evidence.reason,
            doubtful_id(Evidence.removed_by_id, Evidence.removed_at).label("doubtful_id"),
        )
        .join(remover, remover.id == Evidence.removed_by_id)
        .where(Evidence.revision_id == revision_id)
        .order_by(Evidence.removed_at, Evidence.id)
    )  # fmt: skip
    if revision_id is None:
        return []
    rows = [row for row in session.execute(wanted) if row.removed_at]
    found = find_stand_ins(session, {(row.doubtful_id, row.removed_at) for row in rows})
    return [
        Removed(row.name, row.by, row.removed_at, row.reason, found.get((row.doubtful_id, row.removed_at)))
        for row in rows
    ]
