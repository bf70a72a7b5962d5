"""Looking at personal data is itself written to the trail."""

from __future__ import annotations

from tracker.services.audit import Subject
from tracker.web.current import current_identity
from tracker.web.side_effects import record_view


def record_personal_view(what: str) -> None:
    """Write down that personal data are looked at; what was read before is kept, the session begins anew."""
    identity = current_identity()
    record_view(Subject("audit", what[:120], identity.place.org_unit_id))
