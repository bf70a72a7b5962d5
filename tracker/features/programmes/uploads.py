"""Uploaded programme files, kept between looking at what they would change and confirming it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tracker.domain.canonical import digest
from tracker.domain.identity import Actor, Identity
from tracker.domain.messages import NotFound
from tracker.features.programmes.commands import ImportPlan
from tracker.models.programme import ProgrammeUpload
from tracker.services.audit import Subject, record

KEPT_FOR = timedelta(days=1)


class UploadNotFound(NotFound):
    """There is no such file of this person's, or it is not kept any longer."""


class Upload(NamedTuple):
    """A kept file."""

    digest: str
    name: str
    content: bytes


def keep_upload(
    session: Session, content: bytes, name: str, *, plan: ImportPlan, actor: Actor, now: datetime
) -> str:
    """Keep a file for the person who brought it; its digest. Files kept longer than a day are removed."""
    fingerprint = digest(content)
    session.execute(delete(ProgrammeUpload).where(ProgrammeUpload.at < now - KEPT_FOR))
    mine = (ProgrammeUpload.person_id == actor.person_id, ProgrammeUpload.digest == fingerprint)
    session.execute(delete(ProgrammeUpload).where(*mine))
    session.add(
        ProgrammeUpload(person_id=actor.person_id, digest=fingerprint, name=name, content=content, at=now)
    )
    session.flush()
    record(
        session,
        actor=actor,
        now=now,
        action="programme.uploaded",
        subject=Subject("programme", plan.document.key, plan.around.publisher.id),
        after={"digest": fingerprint, "name": name, "size": len(content)},
    )
    return fingerprint


def get_upload(session: Session, fingerprint: str, *, seen_by: Identity) -> Upload:
    """The file this person brought. Raises UploadNotFound."""
    wanted = select(ProgrammeUpload.digest, ProgrammeUpload.name, ProgrammeUpload.content).where(
        ProgrammeUpload.digest == fingerprint, ProgrammeUpload.person_id == seen_by.person_id
    )
    row = session.execute(wanted).one_or_none()
    if row is None:
        raise UploadNotFound("没有找到这份文件，或已超过一天，请重新上传")
    return Upload(*row)


def drop_upload(session: Session, fingerprint: str, *, seen_by: Identity) -> None:
    """Remove a file that has been imported."""
    mine = (ProgrammeUpload.person_id == seen_by.person_id, ProgrammeUpload.digest == fingerprint)
    session.execute(delete(ProgrammeUpload).where(*mine))
