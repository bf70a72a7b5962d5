"""Importing figures that were accepted elsewhere: history an operator brings in and somebody answers for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tracker.domain.identity import Actor
from tracker.domain.messages import Faults, Refusal
from tracker.domain.periods import Month
from tracker.features.reports.commands.writing_imports import (
    Written,
    write_acceptances,
    write_reports,
)
from tracker.features.reports.figure_book import FigureBook, get_figure_book
from tracker.features.reports.figure_checks import (
    Advance,
    Stated,
    agree_cumulatives,
    check_closed,
    check_rows,
    has_cumulative,
)
from tracker.features.reports.figure_files import FigureRow, line_of
from tracker.features.reports.import_plan import (
    Plan,
    assignment_of,
    make_plan,
    newly_assigned,
    open_faults,
)
from tracker.features.reports.standing_reports import accepted_increments, read_standing
from tracker.models.bulletin import Bulletin, BulletinIssue
from tracker.services.audit import Subject, record
from tracker.services.ledger.posting import Act, lock_streams
from tracker.services.programme_heads import Head, find_head
from tracker.services.snapshots import content_digest
from tracker.services.targets import post_targets

ASSIGNED_REASON = "随导入数据承担"
EVERY_MONTH = range(1, 13)


class UnknownProgramme(Refusal):
    """No programme has this key."""


class ReportsMovedOn(Refusal):
    """Somebody made or reopened one of the reports while the import was at work."""


class AnswerablePerson(NamedTuple):
    """Who answers for what is imported; they are no author and no acceptor of it."""

    id: int
    name: str
    login: str


class Assigned(NamedTuple):
    """A unit that the import made answer for an indicator, without a number."""

    org_unit: str
    indicator: str


class Overtaken(NamedTuple):
    """An issued bulletin that prints figures of a month the import has changed."""

    period: str
    issue: int


class Outcome(NamedTuple):
    """What an import did, in rows of the file. Nothing new and nothing corrected: nothing was written."""

    new: int
    corrected: int
    skipped: int
    assigned: tuple[Assigned, ...] = ()
    overtaken: tuple[Overtaken, ...] = ()


@dataclass(frozen=True, slots=True)
class _Import:
    """Who imports what, when, and in whose name."""

    file_digest: str
    actor: Actor
    by: AnswerablePerson | None
    now: datetime
    is_history: bool


def _ignore(_rows: int) -> None:
    """Nobody watches the progress."""


def import_figures(
    session: Session,
    *,
    key: str,
    rows: Sequence[FigureRow],
    file_digest: str,
    actor: Actor,
    by: AnswerablePerson | None,
    now: datetime,
    calendar_now: datetime,
    is_history: bool,
    advance: Advance = _ignore,
) -> Outcome:
    """Bring the rows of a figures file in as accepted, under one posting and one audit entry.

    Rows equal to what is accepted are passed over; a different one becomes a correction that carries
    the report's other lines over. ``is_history`` lets periods in that are still open. ``advance`` is
    told of rows twice: when they are checked and when they are stored.
    Raises UnknownProgramme, ReportsMovedOn, and Faults with everything wrong at once.
    """
    head = _get_head(session, key)
    book = get_figure_book(session, head, {row.org_unit for row in rows})
    stated, faults = check_rows(rows, book, advance)
    if not is_history:
        faults += check_closed(stated, head.close_day, calendar_now)
    lock_streams(session, head.id, _touched(stated, book))
    standing = read_standing(session, head.id, units=_units(stated), months=_months(stated))
    stated, disagreements = agree_cumulatives(stated, accepted_increments(standing))
    plan = make_plan(stated, standing)
    faults += [*disagreements, *open_faults(plan, book)]
    if faults:
        raise Faults(sorted(faults, key=line_of))
    if not plan.reports:
        return Outcome(0, 0, plan.skipped)
    try:
        written = write_reports(session, plan.reports, book, now=now, advance=advance)
    except IntegrityError as error:
        raise ReportsMovedOn("导入时有人正好在填报同一份报告，什么都没有写入，请再导入一次") from error
    return _count_in(
        session, plan, written, book=book, order=_Import(file_digest, actor, by, now, is_history)
    )


def _get_head(session: Session, key: str) -> Head:
    head = find_head(session, key)
    if head is None:
        raise UnknownProgramme("没有编号为 {key} 的实事清单", key=key)
    return head


def _units(stated: Sequence[Stated]) -> set[int]:
    return {one.unit.id for one in stated}


def _touched(stated: Sequence[Stated], book: FigureBook) -> set[int]:
    """The units of the rows, and those above newly assigned ones: whether they report themselves may change."""
    above = {one.unit.place.parent_id for one in newly_assigned(stated, book).values()}
    return _units(stated) | above


def _months(stated: Sequence[Stated]) -> Collection[int]:
    """The file's own months; all of them where a row states what was reached to date."""
    return EVERY_MONTH if has_cumulative(stated) else {one.period.last_month for one in stated}


def _count_in(session: Session, plan: Plan, written: Written, *, book: FigureBook, order: _Import) -> Outcome:
    """Post what was written, together with the assignments that come with it, and record the act."""
    changes = [one for report in plan.reports for one in report.changes]
    assigned = newly_assigned(changes, book)
    act = Act(book.head.id, "import", order.actor, order.now, content_digest(written.digests))
    posting_id = post_targets(
        session,
        act,
        _touched(changes, book),
        targets=[assignment_of(stream) for stream in sorted(assigned)],
        reason=ASSIGNED_REASON,
    )
    write_acceptances(session, written, posting_id)
    names = tuple(Assigned(one.unit.code, one.indicator.code) for one in assigned.values())
    overtaken = _overtaken(session, book.head, min(report.place.month for report in plan.reports))
    outcome = Outcome(plan.new, plan.corrected, plan.skipped, names, overtaken)
    record(
        session,
        actor=order.actor,
        now=order.now,
        action="figures.imported",
        subject=Subject("programme", book.head.key, book.head.publisher_id),
        after=_account(outcome, plan, order) | {"posting": posting_id},
    )
    return outcome


def _overtaken(session: Session, head: Head, first_month: int) -> tuple[Overtaken, ...]:
    """The issued bulletins whose cut-off is not before the first month that changed."""
    wanted = (
        select(Bulletin.period, BulletinIssue.number)
        .join(BulletinIssue, BulletinIssue.bulletin_id == Bulletin.id)
        .where(
            Bulletin.programme_id == head.id,
            BulletinIssue.state == "issued",
            BulletinIssue.cutoff >= str(Month(head.year, first_month)),
        )
        .order_by(Bulletin.period, BulletinIssue.number)
    )
    return tuple(Overtaken(row.period, row.number) for row in session.execute(wanted))


def _account(outcome: Outcome, plan: Plan, order: _Import) -> dict[str, object]:
    """What the audit trail keeps of an import: the file, what it did, and who answers for it."""
    return {
        "file": order.file_digest,
        "answered_by": None if order.by is None else order.by._asdict(),
        "is_history": order.is_history,
        "reports": len(plan.reports),
        "periods": sorted({report.changes[0].period.key for report in plan.reports}),
        "new": outcome.new,
        "corrected": outcome.corrected,
        "skipped": outcome.skipped,
        "assigned": [list(one) for one in outcome.assigned],
        "overtaken": [list(one) for one in outcome.overtaken],
    }
