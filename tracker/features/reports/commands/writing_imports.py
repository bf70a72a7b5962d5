"""Writing imported reports in bulk: a handful of statements for each thousand rows, none for a single row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session, aliased

from tracker.domain.workflow import State
from tracker.features.reports.figure_book import FigureBook
from tracker.features.reports.figure_checks import Advance
from tracker.features.reports.import_plan import ReportPlan
from tracker.features.reports.standing_reports import ReportPlace
from tracker.models.base import table_of
from tracker.models.report import Acceptance, Line, Report, Revision, RevisionAuthor
from tracker.services.bulk import insert_rows
from tracker.services.chunks import chunked
from tracker.services.snapshots import (
    LineContent,
    ReportKey,
    Snapshot,
    Texts,
    make_snapshot,
    write_first_submissions,
)

IMPORT = "import"
CORRECTION_REASON = "导入的数据与已通过的不同"
STEP = 2000


class Written(NamedTuple):
    """The new accepted revisions in order, those they replaced, and the digests of what was submitted."""

    revision_ids: list[int]
    ended_ids: list[int]
    digests: list[str]


def write_reports(
    session: Session, reports: Sequence[ReportPlan], book: FigureBook, *, now: datetime, advance: Advance
) -> Written:
    """Write the planned revisions, born as drafts and left accepted; postings and acceptances follow."""
    written = Written([], [], [])
    for part in chunked(reports, STEP):
        report_ids = _write_report_rows(session, part, book)
        revision_ids = _write_drafts(session, part, report_ids, now)
        _write_lines(session, part, revision_ids)
        snapshots = dict(zip(revision_ids, _snapshots(part, book), strict=True))
        write_first_submissions(session, snapshots, by_id=None, at=now)
        ended_ids = [report.ended_id for report in part if report.ended_id is not None]
        _carry_authors(session, revision_ids)
        _supersede(session, ended_ids, now)
        _accept(session, revision_ids, now)
        written.revision_ids.extend(revision_ids)
        written.ended_ids.extend(ended_ids)
        written.digests.extend(snapshot.digest for snapshot in snapshots.values())
        advance(sum(len(report.changes) for report in part))
    return written


def _write_report_rows(session: Session, reports: Sequence[ReportPlan], book: FigureBook) -> list[int]:
    """The id of each report, made where there was none."""
    missing = [_report_row(report, book) for report in reports if report.standing is None]
    ids = {report.place: report.standing.id for report in reports if report.standing is not None}
    if missing:
        made = table_of(Report).c
        wanted = insert(table_of(Report)).returning(made.id, made.org_unit_id, made.pledge_id, made.month)
        for row in session.execute(wanted, missing):
            ids[ReportPlace(row.org_unit_id, row.pledge_id, row.month)] = row.id
    return [ids[report.place] for report in reports]


def _report_row(report: ReportPlan, book: FigureBook) -> dict[str, object]:
    return {
        "programme_id": book.head.id,
        "pledge_id": report.place.pledge_id,
        "org_unit_id": report.place.org_unit_id,
        "period": report.changes[0].period.key,
        "month": report.place.month,
    }


def _write_drafts(
    session: Session, reports: Sequence[ReportPlan], report_ids: Sequence[int], now: datetime
) -> list[int]:
    """The id of each report's new revision. (Rows come back in any order, so they are told apart by their report.)"""
    rows = [
        _revision_row(report, report_id, now) for report, report_id in zip(reports, report_ids, strict=True)
    ]
    made = table_of(Revision).c
    wanted = insert(table_of(Revision)).returning(made.report_id, made.id)
    ids = {row.report_id: row.id for row in session.execute(wanted, rows)}
    return [ids[report_id] for report_id in report_ids]


def _revision_row(report: ReportPlan, report_id: int, now: datetime) -> dict[str, object]:
    return {
        "report_id": report_id,
        "number": _next_number(report),
        "state": State.DRAFT.value,
        "origin": IMPORT,
        "reason": "" if report.ended_id is None else CORRECTION_REASON,
        **_texts(report)._asdict(),
        "created_at": now,
        "changed_at": now,
        "version_id": 1,
    }


def _next_number(report: ReportPlan) -> int:
    return 1 if report.standing is None else report.standing.last_number + 1


def _texts(report: ReportPlan) -> Texts:
    return Texts() if report.standing is None else report.standing.texts


_LINE_COLUMNS: Final = ("revision_id", "indicator_id", *LineContent._fields, "typed_by_id")


def _write_lines(session: Session, reports: Sequence[ReportPlan], revision_ids: Sequence[int]) -> None:
    rows = (
        (revision_id, indicator_id, *line.content, line.typed_by_id)
        for report, revision_id in zip(reports, revision_ids, strict=True)
        for indicator_id, line in sorted(report.lines.items())
    )
    insert_rows(session, Line, _LINE_COLUMNS, rows)


def _snapshots(reports: Sequence[ReportPlan], book: FigureBook) -> Iterator[Snapshot]:
    for report in reports:
        first = report.changes[0]
        pledge = book.pledge_numbers[report.place.pledge_id]
        key = ReportKey(book.head.key, pledge, first.unit.code, first.period.key)
        lines = [(book.countings[indicator], line.content) for indicator, line in report.lines.items()]
        yield make_snapshot(key, _next_number(report), _texts(report), lines)


def _carry_authors(session: Session, revision_ids: Sequence[int]) -> None:
    """Copied lines keep their authors: those of the accepted revision are those of the new one too."""
    new, old = aliased(Revision), aliased(Revision)
    for part in chunked(revision_ids):
        authors = (
            select(new.id, RevisionAuthor.person_id)
            .join(old, old.report_id == new.report_id)
            .join(RevisionAuthor, RevisionAuthor.revision_id == old.id)
            .where(new.id.in_(part), old.state == State.ACCEPTED)
        )
        session.execute(insert(RevisionAuthor).from_select(["revision_id", "person_id"], authors))


def _supersede(session: Session, revision_ids: Sequence[int], now: datetime) -> None:
    for part in chunked(revision_ids):
        session.execute(
            update(Revision)
            .where(Revision.id.in_(part), Revision.state == State.ACCEPTED)
            .values(state=State.SUPERSEDED.value, changed_at=now, version_id=Revision.version_id + 1),
            execution_options={"synchronize_session": False},
        )


def _accept(session: Session, revision_ids: Sequence[int], now: datetime) -> None:
    """From draft to accepted in one step: nobody signs or accepts what is imported."""
    for part in chunked(revision_ids):
        session.execute(
            update(Revision)
            .where(Revision.id.in_(part))
            .values(
                state=State.ACCEPTED.value,
                submission_number=1,
                submitted_at=now,
                accepted_at=now,
                changed_at=now,
                version_id=Revision.version_id + 1,
            ),
            execution_options={"synchronize_session": False},
        )


def write_acceptances(session: Session, written: Written, posting_id: int) -> None:
    """From this posting on the new revisions count, and those they replaced no more."""
    for part in chunked(written.ended_ids):
        session.execute(
            update(Acceptance)
            .where(Acceptance.revision_id.in_(part), Acceptance.ended_posting_id.is_(None))
            .values(ended_posting_id=posting_id),
            execution_options={"synchronize_session": False},
        )
    rows = ((revision_id, posting_id) for revision_id in written.revision_ids)
    insert_rows(session, Acceptance, ("revision_id", "posting_id"), rows)
