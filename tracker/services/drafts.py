"""The first revision of a report: made when somebody first saves it or attaches a file to it."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tracker.domain.messages import Conflict
from tracker.domain.workflow import State
from tracker.models.report import Report, Revision
from tracker.services.sheets import Sheet, SheetReport
from tracker.services.snapshots import Texts
from tracker.services.transitions import Doer


class DraftTaken(Conflict):
    """Somebody else began this report at the same moment."""


class DraftKey(NamedTuple):
    """A report and its revision that is being written."""

    report_id: int
    revision_id: int


def begin_draft(session: Session, sheet: Sheet, report: SheetReport, texts: Texts, doer: Doer) -> DraftKey:
    """A new report with its first revision; whoever is second at the same moment gets DraftTaken."""
    period = sheet.period
    made = Report(
        programme_id=sheet.head.id, pledge_id=report.promise.id, org_unit_id=sheet.unit.id, period=period.key,
        month=period.last_month,
    )  # fmt: skip
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError as taken:
        raise DraftTaken("同事刚刚开始填这一件，请刷新后再办理。") from taken
    revision = Revision(
        report_id=made.id, number=1, state=State.DRAFT, origin="page", created_at=doer.now, changed_at=doer.now,
        **texts._asdict(),
    )  # fmt: skip
    session.add(revision)
    session.flush()
    return DraftKey(made.id, revision.id)
