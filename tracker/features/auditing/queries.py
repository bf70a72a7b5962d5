"""Reading the audit trail: pages by keyset, one entry, what its subjects are called, and the newest seal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, case, false, func, or_, select
from sqlalchemy.orm import Session

from tracker.domain.identity import Identity
from tracker.domain.messages import NotFound
from tracker.features.auditing.closings import corrected_late
from tracker.features.auditing.selection import (
    ListName,
    Selection,
    conditions,
    corrected_after_bulletin,
    visible_entries,
)
from tracker.models.account import Account, Appointment, Person
from tracker.models.audit import AuditEntry
from tracker.models.ledger import Seal
from tracker.models.org_unit import OrgUnit
from tracker.models.programme import Indicator, Pledge
from tracker.models.report import Report
from tracker.services.chunks import chunked
from tracker.services.visibility import visible_units

ROWS_A_PAGE = 50
ROWS_A_PIECE = 500


class EntryNotFound(NotFound):
    """There is no such entry in reach."""


class EntryRow(NamedTuple):
    """One entry of the trail. ``role`` is the one acted under; ``is_after_bulletin`` is asked of corrections."""

    id: int
    at: datetime
    actor: str
    role: str | None
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
    is_after_bulletin: bool


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


class Subjects(NamedTuple):
    """What ids in the trail stand for. Reports: (programme id, unit, period, pledge); shown: by programme and code."""

    reports: dict[str, tuple[int, str, str, str]]
    people: dict[str, str]
    shown: dict[tuple[int, str], Shown]


class NewestSeal(NamedTuple):
    """The end of the chain: its number and digest."""

    number: int
    digest: str


def _entries(identity: Identity, listed: ListName | None = None) -> Select[*tuple[Any, ...]]:
    later: ColumnElement[bool] = corrected_after_bulletin() if listed is ListName.CORRECTIONS else false()
    return (
        select(
            AuditEntry.id, AuditEntry.at, AuditEntry.actor_label, Appointment.role, AuditEntry.action,
            AuditEntry.subject_kind, AuditEntry.subject_id, OrgUnit.code, OrgUnit.short_name,
            AuditEntry.request_id, AuditEntry.before, AuditEntry.after, AuditEntry.row_digest, AuditEntry.seal,
            case((later, 1), else_=0).label("is_after_bulletin"),
        )
        .join(OrgUnit, OrgUnit.id == AuditEntry.org_unit_id, isouter=True)
        .join(Appointment, Appointment.id == AuditEntry.appointment_id, isouter=True)
        .where(visible_entries(identity))
    )  # fmt: skip


def _row(found: Sequence[Any]) -> EntryRow:
    return EntryRow(*found)._replace(is_after_bulletin=bool(found[-1]))


def _met_by(session: Session, wanted: Selection) -> list[ColumnElement[bool]]:
    late = [corrected_late(session)] if wanted.list is ListName.CORRECTIONS else []
    return [*conditions(wanted), *late]


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
    entries = _entries(seen_by, wanted.list).where(*_met_by(session, wanted))
    if after is not None:
        upward = entries.where(AuditEntry.id > after).order_by(AuditEntry.id).limit(limit + 1)
        rows = [_row(found) for found in session.execute(upward)]
        return EntryPage(rows[:limit][::-1], has_newer=len(rows) > limit, has_older=True)
    if before is not None:
        entries = entries.where(AuditEntry.id < before)
    rows = [_row(found) for found in session.execute(entries.order_by(AuditEntry.id.desc()).limit(limit + 1))]
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
    found = session.execute(_entries(seen_by).where(AuditEntry.id == number)).one_or_none()
    if found is None:
        raise EntryNotFound("没有找到这条记录")
    return _row(found)


def find_unit_named(session: Session, text: str, *, seen_by: Identity) -> str | None:
    """The code of a unit in reach by its code or name; None when there is none."""
    wanted = select(OrgUnit.code).where(
        OrgUnit.id.in_(visible_units(seen_by)),
        or_(OrgUnit.code == text, OrgUnit.name == text, OrgUnit.short_name == text),
    )
    return session.scalars(wanted.order_by(OrgUnit.code).limit(1)).one_or_none()


def find_newest_seal(session: Session) -> NewestSeal | None:
    """The last seal of the chain; None before the first."""
    row = session.execute(
        select(Seal.number, Seal.digest).order_by(Seal.number.desc()).limit(1)
    ).one_or_none()
    return None if row is None else NewestSeal(row.number, row.digest)


def name_subjects(session: Session, rows: Iterable[EntryRow]) -> Subjects:
    """What these entries are about, in three statements at most."""
    rows = list(rows)
    reports = _name_reports(session, _numbers(rows, "report"))
    people = _name_people(session, _numbers(rows, "account"))
    shown = _shown_indicators(session, {one[0] for one in reports.values()})
    return Subjects(reports, people, shown)


def _numbers(rows: Iterable[EntryRow], kind: str) -> list[int]:
    return sorted({int(row.subject_id) for row in rows if row.kind == kind and row.subject_id.isdigit()})


def _name_reports(session: Session, ids: Sequence[int]) -> dict[str, tuple[int, str, str, str]]:
    found: dict[str, tuple[int, str, str, str]] = {}
    for part in chunked(ids):
        wanted = (
            select(Report.id, Report.programme_id, OrgUnit.short_name, Report.period, Pledge.title)
            .join(OrgUnit, OrgUnit.id == Report.org_unit_id)
            .join(Pledge, Pledge.id == Report.pledge_id)
            .where(Report.id.in_(part))
        )
        for row in session.execute(wanted):
            found[str(row.id)] = (row.programme_id, row.short_name, row.period, row.title)
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
