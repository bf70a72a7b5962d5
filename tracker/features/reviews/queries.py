"""What the queue and the review page read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from tracker.domain.identity import Identity, Role
from tracker.domain.messages import NotFound
from tracker.domain.periods import Period
from tracker.domain.workflow import Action, State
from tracker.features.reviews.cleanness import is_clean
from tracker.models.account import Person
from tracker.models.org_unit import OrgPlace, OrgUnit
from tracker.models.programme import Pledge, Programme
from tracker.models.report import Report, Revision, RevisionAuthor, Submission, ThreadEntry
from tracker.services.desk import on_desk_of
from tracker.services.programme_heads import Head
from tracker.services.sheets import Books, Filing, Sheet, SheetReport, load_books
from tracker.services.snapshots import LineContent, Texts, files_in, lines_in, texts_in
from tracker.services.threads import ThreadStep, list_steps
from tracker.services.tree import Unit, find_units
from tracker.services.visibility import UnitNotFound, find_visible_head, sees_place

JUDGED_FROM = {Role.APPROVER: State.SUBMITTED, Role.REVIEWER: State.SIGNED}
"""The state in which reports lie at each judging role's desk."""

MOST_HANDLED = 20


class ReviewNotFound(NotFound):
    """There is no such sheet among those this person judges."""


class Waiting(NamedTuple):
    """One sheet at this person's desk; ``since``: from when it lies there."""

    unit: Unit
    period: Period
    submission_number: int
    submitted_at: datetime
    since: datetime
    reports_count: int
    notes_count: int
    clean: tuple[Filing, ...] = ()  # what may be accepted without a look at each


class Handled(NamedTuple):
    """One sheet this person judged since a moment."""

    code: str
    unit: str
    period: Period
    action: Action
    at: datetime


class Author(NamedTuple):
    """Somebody who saved, submitted or corrected lines of a revision."""

    revision_id: int
    person_id: int
    name: str


class LastJudged(NamedTuple):
    """The submission of a report that somebody judged last: what was done, and what it said."""

    action: Action
    at: datetime
    submission_number: int
    lines: Mapping[str, LineContent]
    texts: Texts
    files: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Review:
    """A sheet as one person judges it.

    ``judged``: the reports that wait for this person's verdict; where there are none, all that is handed
    in. ``last_judged``: revision → what was judged last of its report, where that was something else.
    """

    sheet: Sheet
    judged: tuple[SheetReport, ...]
    is_waiting: bool
    queue: tuple[Waiting, ...]
    handled: tuple[Handled, ...]
    steps: tuple[ThreadStep, ...]
    authors: tuple[Author, ...]
    last_judged: Mapping[int, LastJudged]

    def is_author(self, person_id: int) -> bool:
        """Whether this person wrote anything in what is to be judged."""
        return any(author.person_id == person_id for author in self.authors)


class _Laid(NamedTuple):
    """The reports of one sheet that lie at a desk."""

    code: str
    period: Period
    submission_number: int
    submitted_at: datetime
    since: datetime
    reports_count: int


def list_queue(session: Session, head: Head, *, seen_by: Identity) -> list[Waiting]:
    """What waits for this person in a programme, the longest first."""
    laid = _list_laid(session, head, seen_by)
    units = find_units(session, {one.code for one in laid})
    return _with_notes(load_books(session, head, units.values()), laid, units, seen_by)


def find_review(
    session: Session, key: str, code: str, period: Period, *, seen_by: Identity, since: datetime
) -> Review:
    """The sheet of a unit in sight with everything needed to judge it; ``since``: from when handled ones are listed.

    Raises ProgrammeNotFound, UnitNotFound, ReviewNotFound.
    """
    head = find_visible_head(session, key, seen_by=seen_by)
    if seen_by.role not in JUDGED_FROM:
        raise ReviewNotFound("这张表不由您办理")
    if head.state == "draft" or (period.year, period.rhythm) != (head.year, head.rhythm):
        raise ReviewNotFound("这份清单没有这个报告期")
    laid = _list_laid(session, head, seen_by)
    units = find_units(session, {code, *(one.code for one in laid)})
    unit = units.get(code)
    if unit is None or not sees_place(seen_by, unit.place):
        raise UnitNotFound("没有找到这个单位")
    books = load_books(session, head, units.values(), month=period.last_month)
    sheet = books.sheet(unit, period, sees_drafts=False)
    waiting = tuple(report for report in sheet.reports if is_laid(report, sheet, seen_by))
    handed_in = tuple(report for report in sheet.reports if report.filing is not None)
    filings = [report.filing for report in waiting or handed_in if report.filing is not None]
    steps = tuple(list_steps(session, [filing.report_id for filing in filings]))
    return Review(
        sheet=sheet,
        judged=waiting or handed_in,
        is_waiting=bool(waiting),
        queue=tuple(_with_notes(books, laid, units, seen_by)),
        handled=tuple(_list_handled(session, head, seen_by, since)),
        steps=steps,
        authors=tuple(_list_authors(session, filings)),
        last_judged=_read_last_judged(session, steps, filings),
    )


def is_laid(report: SheetReport, sheet: Sheet, identity: Identity) -> bool:
    """Whether a report lies at this person's desk: its state, its unit and, where bound, its lead department."""
    if report.state is not JUDGED_FROM.get(identity.role):
        return False
    own, unit = identity.place, sheet.unit
    if identity.role is Role.APPROVER:
        return own.org_unit_id == unit.id
    is_publisher = unit.id == sheet.head.publisher_id
    is_mine = own.org_unit_id == unit.id if is_publisher else own.is_parent_of(unit.place)
    return is_mine and identity.appointment.department in (None, report.promise.lead)


def _list_laid(session: Session, head: Head, identity: Identity) -> list[_Laid]:
    state = JUDGED_FROM.get(identity.role)
    if state is None:
        return []
    since = func.coalesce(
        Revision.signed_at, Revision.submitted_at
    )  # unsigned where a unit needs no signature
    wanted = (
        select(
            OrgUnit.code,
            Report.period,
            Revision.submission_number,
            Revision.submitted_at,
            since.label("since"),
        )
        .join(Revision, Revision.report_id == Report.id)
        .join(Pledge, Pledge.id == Report.pledge_id)
        .join(Programme, Programme.id == Report.programme_id)
        .join(OrgUnit, OrgUnit.id == Report.org_unit_id)
        .join(OrgPlace, and_(OrgPlace.org_unit_id == OrgUnit.id, OrgPlace.edition == identity.place.edition))
        .where(Report.programme_id == head.id, Revision.state == state, on_desk_of(identity))
    )
    groups: dict[tuple[str, str], list[_Laid]] = defaultdict(list)
    for row in session.execute(wanted):
        one = _Laid(row.code, Period.parse(row.period), row.submission_number, row.submitted_at, row.since, 1)
        groups[row.code, row.period].append(one)
    return sorted(
        (_together(group) for group in groups.values()), key=lambda one: (one.since, one.code, one.period.key)
    )


def _together(group: Sequence[_Laid]) -> _Laid:
    return group[0]._replace(
        submission_number=max(one.submission_number for one in group),
        submitted_at=max(one.submitted_at for one in group),
        since=min(one.since for one in group),
        reports_count=len(group),
    )


def _with_notes(
    books: Books, laid: Iterable[_Laid], units: Mapping[str, Unit], identity: Identity
) -> list[Waiting]:
    found = []
    for one in laid:
        sheet = books.sheet(units[one.code], one.period, sees_drafts=False)
        lying = [report for report in sheet.reports if is_laid(report, sheet, identity)]
        clean = tuple(report.filing for report in lying if report.filing and is_clean(report))
        values = one._asdict() | {
            "unit": units[one.code],
            "notes_count": sum(report.notes_count for report in lying),
            "clean": clean,
        }
        values.pop("code")
        found.append(Waiting(**values))
    return found


def _list_handled(session: Session, head: Head, identity: Identity, since: datetime) -> list[Handled]:
    """The sheets this person signed, accepted or returned since then, newest first, each once.

    A verdict taken back or revoked since is none.
    """
    verdicts = (Action.SIGN, Action.ACCEPT, Action.RETURN)
    later = aliased(ThreadEntry)
    is_taken_back = exists().where(
        later.report_id == ThreadEntry.report_id,
        later.id > ThreadEntry.id,
        later.action.in_((Action.UNDO, Action.REVOKE)),
    )
    wanted = (
        select(OrgUnit.code, OrgUnit.short_name, Report.period, ThreadEntry.action, ThreadEntry.at)
        .join(Report, Report.id == ThreadEntry.report_id)
        .join(OrgUnit, OrgUnit.id == Report.org_unit_id)
        .where(
            Report.programme_id == head.id,
            ThreadEntry.person_id == identity.person_id,
            ThreadEntry.action.in_(verdicts),
            ThreadEntry.at >= since,
            ~is_taken_back,
        )
        .order_by(ThreadEntry.at.desc(), ThreadEntry.id.desc())
        .limit(MOST_HANDLED * 12)
    )
    found: dict[tuple[str, str], Handled] = {}
    for row in session.execute(wanted):
        handled = Handled(row.code, row.short_name, Period.parse(row.period), Action(row.action), row.at)
        found.setdefault((row.code, row.period), handled)
    return list(found.values())[:MOST_HANDLED]


def _list_authors(session: Session, filings: Sequence[Filing]) -> list[Author]:
    wanted = (
        select(RevisionAuthor.revision_id, RevisionAuthor.person_id, Person.name)
        .join(Person, Person.id == RevisionAuthor.person_id)
        .where(RevisionAuthor.revision_id.in_([filing.revision_id for filing in filings]))
        .order_by(RevisionAuthor.revision_id, Person.name)
    )
    return [Author(*row) for row in session.execute(wanted)]


def _read_last_judged(
    session: Session, steps: Iterable[ThreadStep], filings: Iterable[Filing]
) -> dict[int, LastJudged]:
    """Revision → the submission judged last, if it is another one; no statement where nothing was judged before."""
    current = {filing.report_id: filing for filing in filings}
    last: dict[int, ThreadStep] = {}
    for step in steps:
        filing = current.get(step.report_id)
        if filing is not None and step.action in _JUDGING and step.submission_number is not None:
            is_same = (step.revision_id, step.submission_number) == (
                filing.revision_id,
                filing.submission_number,
            )
            if not is_same:
                last[filing.revision_id] = step
    if not last:
        return {}
    ids = {step.submission_id for step in last.values()}
    wanted = select(Submission.id, Submission.content).where(Submission.id.in_(ids))
    contents = {row.id: row.content for row in session.execute(wanted)}
    return {revision: _judged(step, contents[step.submission_id or 0]) for revision, step in last.items()}


_JUDGING = frozenset({Action.RETURN, Action.ACCEPT, Action.REVOKE})


def _judged(step: ThreadStep, content: str) -> LastJudged:
    number = step.submission_number or 0
    return LastJudged(step.action, step.at, number, lines_in(content), texts_in(content), files_in(content))


class SeenBefore(NamedTuple):
    """What a person had before their eyes: the lines of a submission by its digest."""

    revision_id: int
    digest: str
    lines: Mapping[str, LineContent]


def list_seen_before(session: Session, digests: Mapping[int, str]) -> list[SeenBefore]:
    """The submissions of these revisions with these digests, as far as there are such."""
    wanted = select(Submission.revision_id, Submission.digest, Submission.content).where(
        or_(
            *(
                and_(Submission.revision_id == revision, Submission.digest == digest)
                for revision, digest in digests.items()
            )
        )
    )
    if not digests:
        return []
    return [SeenBefore(row.revision_id, row.digest, lines_in(row.content)) for row in session.execute(wanted)]
