"""What auditing writes about the trail: that a scope of it was handed out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tracker.domain.identity import Identity, actor_of
from tracker.features.auditing.queries import count_entries, newest_entry_id
from tracker.features.auditing.selection import AUDIT_EXPORTED, Selection
from tracker.services.anchors import Place, find_newest_seal, record_anchor
from tracker.services.audit import Subject, record


def export_entries(
    session: Session, wanted: Selection, *, identity: Identity, request_id: str, now: datetime
) -> int:
    """Record that these entries are handed out; the entry's id, under which the file is then fetched.

    The entry keeps the filters, the last entry and the newest seal, so that the file can be made again.
    """
    last, seal = newest_entry_id(session), find_newest_seal(session)
    told: dict[str, Any] = {
        "filters": wanted.told,
        "newest_entry": last,
        "seal": None if seal is None else seal.number,
        "seal_digest": None if seal is None else seal.digest,
        "seal_at": None if seal is None else seal.at,
        "rows": count_entries(session, wanted, seen_by=identity),
        "reach": identity.appointment.org_unit_code,
    }
    entry = record(
        session,
        actor=actor_of(identity, request_id),
        now=now,
        action=AUDIT_EXPORTED,
        subject=Subject("audit", identity.appointment.org_unit_code, identity.place.org_unit_id),
        after=told,
    )
    record_anchor(session, seal, place=Place.AUDIT_EXPORT, reference=str(entry.id), now=now)
    return entry.id
