"""Keeping what a public list said after each change, whoever made it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.domain.canonical import canonical, digest
from tracker.domain.identity import Actor
from tracker.models.programme import Programme, ProgrammeVersion
from tracker.services.programme_documents.document import Document, document_fields
from tracker.services.programme_documents.stored import read_stored_list

LONGEST_REASON = 400


def lock_programme(session: Session, programme_id: int) -> None:
    """Let nobody else change the list until the transaction ends; to be taken before its streams.

    Rows that only refer to the list can still be written meanwhile.
    """
    wanted = select(Programme.id).where(Programme.id == programme_id)
    session.execute(wanted.with_for_update(key_share=True))


def add_version_as_stored(
    session: Session, programme_id: int, *, reason: str, actor: Actor, now: datetime
) -> int:
    """Write what the list's rows say now as its next version; the version's number. All must be flushed before."""
    stored = read_stored_list(session, session.get_one(Programme, programme_id))
    return add_version(session, programme_id, stored.document, reason=reason, actor=actor, now=now)


def add_version(
    session: Session, programme_id: int, document: Document, *, reason: str, actor: Actor, now: datetime
) -> int:
    """Write what the list says now as its next version; the version's number. ``reason``: at most 400 characters."""
    mine = ProgrammeVersion.programme_id == programme_id
    number = (session.scalar(select(func.max(ProgrammeVersion.number)).where(mine)) or 0) + 1
    text = canonical(document_fields(document))
    version = ProgrammeVersion(
        programme_id=programme_id,
        number=number,
        at=now,
        by_id=actor.person_id,
        reason=reason,
        document=text,
        digest=digest(text),
    )
    session.add(version)
    session.flush()
    return number
