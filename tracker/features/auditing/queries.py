"""Reading the audit trail: pages by keyset, one entry, what its subjects are called."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Select, case, false, func, or_, select
from sqlalchemy.orm import Session, aliased

from tracker.domain.codes import UNIT_CODE
from tracker.domain.identity import Identity
from tracker.domain.messages import NotFound
from tracker.features.auditing.closings import corrected_late
from tracker.features.auditing.selection import (
    ListName,
    Selection,
    conditions,
    corrected_after_bulletin,
    judged_where_they_report,
    judged_where_they_wrote,
    visible_entries,
)
from tracker.models.account import Account, Appointment, Person
from tracker.models.audit import AuditEntry
from tracker.models.org_unit import OrgUnit
from tracker.models.programme import Indicator, Pledge, Programme
from tracker.models.report import Report
from tracker.services.chunks import chunked

ACTING: Final = aliased(OrgUnit)
"""The unit of the appointment acted under."""

ROWS_A_PAGE = 50
ROWS_A_PIECE = 500
COLUMN: Final = re.compile(rf'"(?:[^"/]+|[^"/]+/[^"/]+/allocations)/({UNIT_CODE})":')
"""The column of a cell of targets, as entries keep it."""


SECOND_REASONS: Final[dict[ListName, Callable[[], ColumnElement[bool]]]] = {
    ListName.CORRECTIONS: corrected_after_bulletin,
    ListName.NEAR_MISSES: judged_where_they_wrote,
}
"""Lists with two reasons to be named: the one that is told where both hold."""


class EntryNotFound(NotFound):
    """There is no such entry in reach."""


class EntryRow(NamedTuple):
    """One entry of the trail. ``role`` and ``acting_unit`` are those of the appointment acted under; ``has_second_reason`` tells which of a list's two reasons holds."""

    id: int
    at: datetime
    actor: str
    role: str | None
    acting_unit: str | None
    action: str
    kind: str
    subject_id: str
    unit_code: str | None
    unit_name: str | None
    request_id: str
    before: str | None
    after: str | None
    row_digest: str
    seal: int | None
    has_second_reason: bool


class EntryPage(NamedTuple):
    """Rows newest first, and whether newer or older ones lie beyond."""

    rows: Sequence[EntryRow]
    has_newer: bool
    has_older: bool


class Shown(NamedTuple):
    """How figures of an indicator are written in the trail."""

    name: str
    kind: str
    decimals: int
    measure: str


class ReportName(NamedTuple):
    """What a report is about, and where its sheet stands."""

    programme_id: int
    unit: str
    period: str
    pledge: str
    key: str
    unit_code: str


class Subjects(NamedTuple):
    """What ids in the trail stand for: reports, people by account, lists (id and title) by key, units by code."""

    reports: dict[str, ReportName]
    people: dict[str, str]
    shown: dict[tuple[int, str], Shown]
    lists: dict[str, tuple[int, str]]
    units: dict[str, str]


def entry_rows(identity: Identity, listed: ListName | None = None) -> Select[*tuple[Any, ...]]:
    """Entries in reach as ``row_of`` reads them, in no order yet."""
    second = SECOND_REASONS[listed]() if listed in SECOND_REASONS else false()
    return (
        select(
            AuditEntry.id, AuditEntry.at, AuditEntry.actor_label, Appointment.role, ACTING.short_name, AuditEntry.action,
            AuditEntry.subject_kind, AuditEntry.subject_id, OrgUnit.code, OrgUnit.short_name,
            AuditEntry.request_id, AuditEntry.before, AuditEntry.after, AuditEntry.row_digest, AuditEntry.seal,
            case((second, 1), else_=0).label("has_second_reason"),
        )
        .join(OrgUnit, OrgUnit.id == AuditEntry.org_unit_id, isouter=True)
        .join(Appointment, Appointment.id == AuditEntry.appointment_id, isouter=True)
        .join(ACTING, ACTING.id == Appointment.org_unit_id, isouter=True)
        .where(visible_entries(identity))
    )  # fmt: skip


def row_of(found: Sequence[Any]) -> EntryRow:
    """One row of ``entry_rows``."""
    return EntryRow(*found)._replace(has_second_reason=bool(found[-1]))


def _met_by(session: Session, wanted: Selection) -> list[ColumnElement[bool]]:
    found = conditions(session, wanted)
    if wanted.list is ListName.CORRECTIONS:
        found.append(corrected_late(session))
    if wanted.list is ListName.NEAR_MISSES:
        found.append(or_(judged_where_they_wrote(), judged_where_they_report()))
    return found


def list_entries(
    session: Session,
    wanted: Selection,
    *,
    seen_by: Identity,
    before: int | None = None,
    after: int | None = None,
    limit: int = ROWS_A_PAGE,
) -> EntryPage:
    """A page of the trail: the newest, those older than entry ``before``, or those just newer than ``after``."""
    entries = entry_rows(seen_by, wanted.list).where(*_met_by(session, wanted))
    if after is not None:
        upward = entries.where(AuditEntry.id > after).order_by(AuditEntry.id).limit(limit + 1)
        rows = [row_of(found) for found in session.execute(upward)]
        return EntryPage(rows[:limit][::-1], has_newer=len(rows) > limit, has_older=True)
    if before is not None:
        entries = entries.where(AuditEntry.id < before)
    rows = [
        row_of(found) for found in session.execute(entries.order_by(AuditEntry.id.desc()).limit(limit + 1))
    ]
    return EntryPage(rows[:limit], has_newer=before is not None, has_older=len(rows) > limit)


def all_entries(session: Session, wanted: Selection, *, seen_by: Identity) -> Iterator[Sequence[EntryRow]]:
    """Everything asked for, newest first, piece by piece: never more than one piece in memory."""
    before: int | None = None
    while True:
        page = list_entries(session, wanted, seen_by=seen_by, before=before, limit=ROWS_A_PIECE)
        if page.rows:
            yield page.rows
        if not page.has_older:
            return
        before = page.rows[-1].id


def count_entries(session: Session, wanted: Selection, *, seen_by: Identity) -> int:
    """How many entries are asked for."""
    counted = select(func.count()).select_from(AuditEntry)
    return session.scalar(counted.where(visible_entries(seen_by), *_met_by(session, wanted))) or 0


def newest_entry_id(session: Session) -> int:
    """The last entry there is; 0 before the first."""
    return session.scalar(select(func.max(AuditEntry.id))) or 0


def get_entry(session: Session, number: int, *, seen_by: Identity) -> EntryRow:
    """One entry in reach, or EntryNotFound."""
    found = session.execute(entry_rows(seen_by).where(AuditEntry.id == number)).one_or_none()
    if found is None:
        raise EntryNotFound("没有找到这条记录")
    return row_of(found)


def name_subjects(session: Session, rows: Iterable[EntryRow]) -> Subjects:
    """What these entries are about, in five statements at most."""
    rows = list(rows)
    reports = _name_reports(session, _numbers(rows, "report"))
    people = _name_people(session, _numbers(rows, "account"))
    lists = _name_lists(session, {row.subject_id for row in rows if row.kind in ("programme", "targets")})
    named = (number for number, _title in lists.values())
    shown = _shown_indicators(session, {*(one.programme_id for one in reports.values()), *named})
    return Subjects(reports, people, shown, lists, _name_units(session, rows))


def _numbers(rows: Iterable[EntryRow], kind: str) -> list[int]:
    return sorted({int(row.subject_id) for row in rows if row.kind == kind and row.subject_id.isdigit()})


def _name_lists(session: Session, keys: Collection[str]) -> dict[str, tuple[int, str]]:
    found: dict[str, tuple[int, str]] = {}
    for part in chunked(sorted(keys)):
        wanted = select(Programme.key, Programme.id, Programme.title).where(Programme.key.in_(part))
        found |= {row.key: (row.id, row.title) for row in session.execute(wanted)}
    return found


def _name_units(session: Session, rows: Iterable[EntryRow]) -> dict[str, str]:
    """Units that are columns of targets (``enrolments/330203``) or have a share (``…/allocations/330203``)."""
    kinds = ("targets", "programme")
    texts = " ".join(f"{row.before} {row.after}" for row in rows if row.kind in kinds)
    found: dict[str, str] = {}
    for part in chunked(sorted(set(COLUMN.findall(texts)))):
        wanted = select(OrgUnit.code, OrgUnit.short_name).where(OrgUnit.code.in_(part))
        found |= {row.code: row.short_name for row in session.execute(wanted)}
    return found


def _name_reports(session: Session, ids: Sequence[int]) -> dict[str, ReportName]:
    found: dict[str, ReportName] = {}
    for part in chunked(ids):
        wanted = (
            select(
                Report.id,
                Report.programme_id,
                OrgUnit.short_name,
                Report.period,
                Pledge.title,
                Programme.key,
                OrgUnit.code,
            )
            .join(Programme, Programme.id == Report.programme_id)
            .join(OrgUnit, OrgUnit.id == Report.org_unit_id)
            .join(Pledge, Pledge.id == Report.pledge_id)
            .where(Report.id.in_(part))
        )
        for row in session.execute(wanted):
            found[str(row.id)] = ReportName(*row[1:])
    return found


def _name_people(session: Session, account_ids: Sequence[int]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in chunked(account_ids):
        wanted = select(Account.id, Person.name).join(Person, Person.id == Account.person_id)
        found |= {str(row.id): row.name for row in session.execute(wanted.where(Account.id.in_(part)))}
    return found


def _shown_indicators(session: Session, programme_ids: set[int]) -> dict[tuple[int, str], Shown]:
    if not programme_ids:
        return {}
    wanted = select(
        Indicator.programme_id, Indicator.code, Indicator.name, Indicator.kind, Indicator.decimals,
        Indicator.measure,
    ).where(Indicator.programme_id.in_(sorted(programme_ids)))  # fmt: skip
    return {(row[0], row[1]): Shown(*row[2:]) for row in session.execute(wanted)}
