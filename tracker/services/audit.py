"""The audit trail: one entry for every write, with its own digest; the fold's seals chain them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tracker.domain.canonical import canonical, digest_of
from tracker.domain.identity import Actor
from tracker.models.audit import AuditEntry
from tracker.services.bulk import WORTH_NAMING, insert_returning, insert_rows


@dataclass(frozen=True, slots=True)
class Subject:
    """What an act was about: a kind of row (``report``), its id or key, and the unit it belongs to."""

    kind: str
    id: str
    org_unit_id: int | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """One act to be recorded (``report.returned``); before and after are plain values, None when absent."""

    action: str
    subject: Subject
    before: object = None
    after: object = None


def record(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    action: str,
    subject: Subject,
    before: object = None,
    after: object = None,
) -> AuditEntry:
    """Add the entry of one act (``report.returned``); before and after are plain values, None when absent."""
    entry = AuditEntry(**_values(Told(action, subject, before, after), actor, now), seal=None)
    session.add(entry)
    session.flush()
    session.info[_NEWEST] = entry.id
    return entry


def record_all(session: Session, told: Sequence[Told], *, actor: Actor, now: datetime) -> None:
    """Add the entries of acts done together, in two statements at most."""
    columns = (*DIGESTED, "row_digest")
    rows = [list(_values(one, actor, now).values()) for one in told]
    earlier, last = rows[:-WORTH_NAMING], rows[-WORTH_NAMING:]
    if earlier:
        insert_rows(session, AuditEntry, columns, earlier)
    if last:
        session.info[_NEWEST] = max(insert_returning(session, AuditEntry, columns, last))[0]


_NEWEST = "newest_audit_id"


def newest_audit_id(session: Session) -> int | None:
    """The last entry recorded in this session, None when nothing was: by it one can see whether all is sealed."""
    found: int | None = session.info.get(_NEWEST)
    return found


DIGESTED = (
    "at", "actor_id", "actor_label", "appointment_id", "action", "subject_kind", "subject_id",
    "org_unit_id", "request_id", "before", "after",
)  # fmt: skip
"""The columns an entry's digest covers: all but its id and seal, which the seal itself covers."""


def _values(told: Told, actor: Actor, now: datetime) -> dict[str, Any]:
    """The entry's columns in the order of ``DIGESTED``, and its digest."""
    values: dict[str, Any] = {
        "at": now,
        "actor_id": actor.person_id,
        "actor_label": actor.label,
        "appointment_id": actor.appointment_id,
        "action": told.action,
        "subject_kind": told.subject.kind,
        "subject_id": told.subject.id,
        "org_unit_id": told.subject.org_unit_id,
        "request_id": actor.request_id,
        "before": None if told.before is None else canonical(told.before),
        "after": None if told.after is None else canonical(told.after),
    }
    return values | {"row_digest": audit_digest(values)}


def audit_digest(values: dict[str, Any]) -> str:
    """The digest of an entry, from a mapping that holds at least ``DIGESTED``."""
    return digest_of({column: values[column] for column in DIGESTED})
