"""Recording that somebody took a list away as a file."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from tracker.domain.identity import Actor
from tracker.features.programmes.commands import version_of
from tracker.features.programmes.queries import get_document
from tracker.features.programmes.versions import EXPORTED
from tracker.services.anchors import Place, find_newest_seal, record_anchor
from tracker.services.audit import Subject, record
from tracker.services.programme_heads import Head


def export_list(session: Session, head: Head, ending: str, *, actor: Actor, now: datetime) -> int:
    """Record the export of a list in the format of ``ending``; the number of the entry.

    The newest seal is printed in the file, and noted as an anchor.
    """
    seal = find_newest_seal(session)
    entry = record(
        session,
        actor=actor,
        now=now,
        action=EXPORTED,
        subject=Subject("programme", head.key, head.publisher_id),
        after={
            "ending": ending,
            "digest": version_of(get_document(session, head.key)),
            "seal": None if seal is None else seal.written,
        },
    )
    reference = f"{head.key}.{ending} {entry.id}"
    record_anchor(session, seal, place=Place.TABLE_EXPORT, reference=reference, now=now)
    return entry.id
