"""Uploaded files of org units, kept between looking at what they would change and confirming it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tracker.domain.canonical import digest, digest_of
from tracker.domain.identity import Actor, Identity
from tracker.domain.messages import NotFound
from tracker.features.org_units.commands import OrgPlan
from tracker.models.org_unit import OrgUpload
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
    session: Session, content: bytes, name: str, *, identity: Identity, actor: Actor, now: datetime
) -> str:
    """Keep a file for the person who brought it; its digest. Files kept longer than a day are removed."""
    fingerprint = digest(content)
    session.execute(delete(OrgUpload).where(OrgUpload.at < now - KEPT_FOR))
    drop_upload(session, fingerprint, seen_by=identity)
    session.add(
        OrgUpload(person_id=identity.person_id, digest=fingerprint, name=name, content=content, at=now)
    )
    session.flush()
    own = identity.appointment
    record(
        session,
        actor=actor,
        now=now,
        action="org_units.uploaded",
        subject=Subject("org_unit", own.org_unit_code, own.org_unit_id),
        after={"digest": fingerprint, "name": name, "size": len(content)},
    )
    return fingerprint


def get_upload(session: Session, fingerprint: str, *, seen_by: Identity) -> Upload:
    """The file this person brought. Raises UploadNotFound."""
    wanted = select(OrgUpload.digest, OrgUpload.name, OrgUpload.content).where(
        OrgUpload.digest == fingerprint, OrgUpload.person_id == seen_by.person_id
    )
    row = session.execute(wanted).one_or_none()
    if row is None:
        raise UploadNotFound("没有找到这份文件，或已超过一天，请重新上传")
    return Upload(*row)


def drop_upload(session: Session, fingerprint: str, *, seen_by: Identity) -> None:
    """Remove a file that has been imported."""
    mine = (OrgUpload.person_id == seen_by.person_id, OrgUpload.digest == fingerprint)
    session.execute(delete(OrgUpload).where(*mine))


def fingerprint_of(plan: OrgPlan) -> str:
    """A digest of what a plan would write, to tell whether it is still what was looked at."""
    changes = [[change.row.code, change.side(0), change.side(1)] for change in plan.changed]
    return digest_of([[row.code for row in plan.added], changes, plan.unchanged])
