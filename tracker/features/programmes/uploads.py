"""Uploaded programme files: who brought which is in the audit trail."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from tracker.domain.identity import Actor, Identity
from tracker.features.programmes.commands import ImportPlan
from tracker.models.programme import ProgrammeUpload
from tracker.services.audit import Subject, record
from tracker.services.uploads import Upload, drop, get, keep


def keep_upload(
    session: Session,
    content: bytes,
    name: str,
    *,
    plan: ImportPlan,
    identity: Identity,
    actor: Actor,
    now: datetime,
) -> str:
    """Keep a file for the person who brought it, for a day; its digest."""
    fingerprint = keep(session, ProgrammeUpload, content, name, person_id=identity.person_id, now=now)
    record(
        session,
        actor=actor,
        now=now,
        action="programme.uploaded",
        subject=Subject("programme", plan.document.key, plan.around.publisher.id),
        after={"digest": fingerprint, "name": name, "size": len(content)},
    )
    return fingerprint


def get_upload(session: Session, fingerprint: str, *, seen_by: Identity, now: datetime) -> Upload:
    """The file this person brought. Raises UploadNotFound."""
    return get(session, ProgrammeUpload, fingerprint, person_id=seen_by.person_id, now=now)


def drop_upload(session: Session, fingerprint: str, *, seen_by: Identity) -> None:
    """Remove a file that has been imported."""
    drop(session, ProgrammeUpload, fingerprint, person_id=seen_by.person_id)
