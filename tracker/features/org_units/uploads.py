"""Uploaded files of org units: who brought which is in the audit trail, and what a plan would write has a digest."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from tracker.domain.canonical import digest_of
from tracker.domain.identity import Actor, Identity
from tracker.features.org_units.commands import OrgPlan
from tracker.models.org_unit import OrgUpload
from tracker.services.audit import Subject, record
from tracker.services.uploads import Upload, drop, get, keep


def keep_upload(
    session: Session, content: bytes, name: str, *, identity: Identity, actor: Actor, now: datetime
) -> str:
    """Keep a file for the person who brought it, for a day; its digest."""
    fingerprint = keep(session, OrgUpload, content, name, person_id=identity.person_id, now=now)
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


def get_upload(session: Session, fingerprint: str, *, seen_by: Identity, now: datetime) -> Upload:
    """The file this person brought. Raises UploadNotFound."""
    return get(session, OrgUpload, fingerprint, person_id=seen_by.person_id, now=now)


def drop_upload(session: Session, fingerprint: str, *, seen_by: Identity) -> None:
    """Remove a file that has been imported."""
    drop(session, OrgUpload, fingerprint, person_id=seen_by.person_id)


def fingerprint_of(plan: OrgPlan) -> str:
    """A digest of what a plan would write, to tell whether it is still what was looked at."""
    changes = [[change.row.code, change.side(0), change.side(1)] for change in plan.changed]
    return digest_of([[row.code for row in plan.added], changes, plan.unchanged])
