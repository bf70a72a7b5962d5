"""Which anchors' whereabouts a person may know: the chain is one for all, bulletins and exports are not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.domain.identity import Identity
from tracker.features.auditing.selection import visible_entries
from tracker.models.audit import AuditEntry
from tracker.models.programme import Programme
from tracker.services.anchors import AnchorRow, Place
from tracker.services.visibility import visible_programmes

EXPORTS: Final = frozenset({Place.AUDIT_EXPORT, Place.TABLE_EXPORT})
"""Their reference is the entry that recorded them."""


def visible_references(session: Session, rows: Iterable[AnchorRow], *, seen_by: Identity) -> set[int]:
    """The anchors whose reference is in reach: bulletins of visible lists, exports by their entry, every mail."""
    rows = list(rows)
    entries = {int(row.reference) for row in rows if row.place in EXPORTS and row.reference.isdecimal()}
    seen = select(AuditEntry.id).where(AuditEntry.id.in_(entries), visible_entries(seen_by))
    visible = {str(number) for number in session.scalars(seen)}
    keys = {row.reference.partition("/")[0] for row in rows if row.place == Place.BULLETIN}
    lists = select(Programme.key).where(
        Programme.key.in_(keys), Programme.id.in_(visible_programmes(seen_by))
    )
    known = set(session.scalars(lists))
    return {
        row.id
        for row in rows
        if row.place == Place.MAIL
        or (row.place in EXPORTS and row.reference in visible)
        or (row.place == Place.BULLETIN and row.reference.partition("/")[0] in known)
    }
