"""Tables people take away as files: asked for, made, kept for some days, told from altered ones for good."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

from sqlalchemy import Select, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from tracker.domain.identity import Actor, Identity
from tracker.domain.messages import NotFound
from tracker.models.account import Appointment
from tracker.models.org_unit import OrgUnit
from tracker.models.table_export import TableExport, TableExportPiece
from tracker.services.audit import Subject, record
from tracker.services.evidence_store import digest_of_file

TABLE_JOB: Final = "table.export"
KEPT: Final = timedelta(days=7)
"""How long a file waits for whoever had it made."""

PIECE: Final = 1 << 19
MOST_LISTED: Final = 20


class ExportNotFound(NotFound):
    """This person has had no such table made, or its file has run out."""


class Wanted(NamedTuple):
    """Which table of which page, how, and what it is called. ``rows`` may be an estimate until it is made."""

    address: str
    name: str
    style: str
    language: str
    title: str
    rows: int
    is_long: bool


class Export(NamedTuple):
    """One table as it was asked for; ``digest`` and ``made_at`` are None until its file is there."""

    id: int
    title: str
    style: str
    rows: int
    address: str
    name: str
    language: str
    is_long: bool
    asked_at: datetime
    made_at: datetime | None
    expires_at: datetime | None
    digest: str | None

    @property
    def file_name(self) -> str:
        """What the file is called."""
        return f"{self.title}-{self.id}.{self.style}"


class Known(NamedTuple):
    """A file somebody took away: what it was, and at which unit it was made when."""

    id: int
    title: str
    rows: int
    unit: str
    made_at: datetime


def begin_export(session: Session, wanted: Wanted, *, identity: Identity, now: datetime) -> int:
    """Write down what is wanted; its number."""
    row = TableExport(
        person_id=identity.person_id,
        appointment_id=identity.appointment.id,
        asked_at=now,
        made_at=None,
        expires_at=None,
        digest=None,
        size=None,
        **wanted._asdict(),
    )
    session.add(row)
    session.flush()
    return row.id


def record_export(
    session: Session,
    action: str,
    number: int,
    told: dict[str, object],
    *,
    actor: Actor,
    unit: int,
    now: datetime,
) -> int:
    """The audit entry of a table asked for (``table.export_asked``) or handed out (``table.exported``); its id."""
    subject = Subject("table_export", str(number), unit)
    entry = record(session, actor=actor, now=now, action=action, subject=subject, after=told)
    return entry.id


def keep_file(session: Session, number: int, made: Path, *, rows: int, now: datetime) -> str:
    """Store the file of an export piece by piece, once; its SHA-256."""
    digest = digest_of_file(made)
    session.execute(delete(TableExportPiece).where(TableExportPiece.export_id == number))
    with made.open("rb") as opened:
        for at, content in enumerate(iter(lambda: opened.read(PIECE), b"")):
            values = {"export_id": number, "number": at, "content": content}
            session.execute(insert(TableExportPiece).values(values))
    session.execute(
        update(TableExport)
        .where(TableExport.id == number)
        .values(digest=digest, size=made.stat().st_size, rows=rows, made_at=now, expires_at=now + KEPT),
        execution_options={"synchronize_session": False},
    )
    return digest


def _exports() -> Select[*tuple[Any, ...]]:
    table = TableExport
    return select(
        table.id, table.title, table.style, table.rows, table.address, table.name, table.language,
        table.is_long, table.asked_at, table.made_at, table.expires_at, table.digest,
    )  # fmt: skip


def find_export(session: Session, number: int) -> Export | None:
    """An export by its number, whoever asked for it: for the worker."""
    row = session.execute(_exports().where(TableExport.id == number)).one_or_none()
    return None if row is None else Export(*row)


def get_own_export(session: Session, number: int, *, seen_by: Identity) -> Export:
    """What this person had made under this appointment, or ExportNotFound."""
    mine = _exports().where(
        TableExport.id == number,
        TableExport.person_id == seen_by.person_id,
        TableExport.appointment_id == seen_by.appointment.id,
    )
    row = session.execute(mine).one_or_none()
    if row is None:
        raise ExportNotFound("没有找到这次导出")
    return Export(*row)


def list_waiting_exports(session: Session, *, seen_by: Identity, now: datetime) -> list[Export]:
    """Long tables this person had made that are under way or whose files are still there, newest first."""
    mine = _exports().where(
        TableExport.appointment_id == seen_by.appointment.id,
        TableExport.person_id == seen_by.person_id,
        TableExport.is_long.is_(True),
        TableExport.asked_at > now - 2 * KEPT,
        or_(TableExport.expires_at.is_(None), TableExport.expires_at > now),
    )
    return [Export(*row) for row in session.execute(mine.order_by(TableExport.id.desc()).limit(MOST_LISTED))]


def read_pieces(session: Session, number: int) -> Iterator[bytes]:
    """The stored file piece by piece. Raises ExportNotFound before the first once it has run out."""
    counted = select(func.count()).select_from(TableExportPiece).where(TableExportPiece.export_id == number)
    count = session.scalar(counted) or 0
    if not count:
        raise ExportNotFound("文件已过期，请回到原来的页面重新导出")
    return (_piece(session, number, at) for at in range(count))


def _piece(session: Session, number: int, at: int) -> bytes:
    wanted = select(TableExportPiece.content).where(
        TableExportPiece.export_id == number, TableExportPiece.number == at
    )
    return session.scalars(wanted).one()


def find_exported_file(session: Session, digest: str) -> Known | None:
    """The export whose file has this SHA-256; None when no table of ours has it."""
    wanted: Select[*tuple[Any, ...]] = (
        select(
            TableExport.id, TableExport.title, TableExport.rows, OrgUnit.name, TableExport.made_at
        )
        .join(Appointment, Appointment.id == TableExport.appointment_id)
        .join(OrgUnit, OrgUnit.id == Appointment.org_unit_id)
        .where(TableExport.digest == digest)
        .order_by(TableExport.id)
        .limit(1)
    )  # fmt: skip
    row = session.execute(wanted).one_or_none()
    return None if row is None else Known(*row)


def clear_files(session: Session, now: datetime) -> None:
    """Delete files that have run out; what they were stays known."""
    gone = select(TableExport.id).where(TableExport.expires_at < now)
    session.execute(delete(TableExportPiece).where(TableExportPiece.export_id.in_(gone)))
