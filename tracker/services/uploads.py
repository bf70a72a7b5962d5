"""Files people bring, kept between looking at what they would change and confirming it; seen by who brought them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tracker.domain.canonical import digest
from tracker.domain.messages import NotFound
from tracker.models.granting import AccountUpload
from tracker.models.org_unit import OrgUpload
from tracker.models.programme import ProgrammeUpload

Table = type[OrgUpload] | type[ProgrammeUpload] | type[AccountUpload]

KEPT_FOR: Final = timedelta(days=1)


class UploadNotFound(NotFound):
    """There is no such file of this person's, or it is not kept any longer."""


class Upload(NamedTuple):
    """A kept file."""

    digest: str
    name: str
    content: bytes


def keep(session: Session, table: Table, content: bytes, name: str, *, person_id: int, now: datetime) -> str:
    """Keep a file for who brought it; its digest. Files kept longer than a day are removed."""
    fingerprint = digest(content)
    session.execute(delete(table).where(table.at < now - KEPT_FOR))
    drop(session, table, fingerprint, person_id=person_id)
    session.add(table(person_id=person_id, digest=fingerprint, name=name, content=content, at=now))
    session.flush()
    return fingerprint


def get(session: Session, table: Table, fingerprint: str, *, person_id: int, now: datetime) -> Upload:
    """The file this person brought within a day. Raises UploadNotFound."""
    wanted = select(table.digest, table.name, table.content).where(
        table.digest == fingerprint, table.person_id == person_id, table.at > now - KEPT_FOR
    )
    row = session.execute(wanted).one_or_none()
    if row is None:
        raise UploadNotFound("没有找到这份文件，或已超过一天，请重新上传")
    return Upload(*row)


def drop(session: Session, table: Table, fingerprint: str, *, person_id: int) -> None:
    """Remove a file that has been imported."""
    session.execute(delete(table).where(table.person_id == person_id, table.digest == fingerprint))
