"""Recording that somebody took a list away as a file."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from tracker.domain.identity import Actor
from tracker.features.programmes.commands import version_of
from tracker.features.programmes.queries import get_document
from tracker.features.programmes.versions import EXPORTED
from tracker.services.audit import Subject, record
from tracker.services.programme_heads import Head


def export_list(session: Session, head: Head, ending: str, *, actor: Actor, now: datetime) -> int:
    """Record the export of a list in the format of ``ending``; the number of the entry."""
    entry = record(
        session,
        actor=actor,
        now=now,
        action=EXPORTED,
        subject=Subject("programme", head.key, head.publisher_id),
        after={"ending": ending, "digest": version_of(get_document(session, head.key))},
    )
    return entry.id
