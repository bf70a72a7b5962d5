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
    [entry] = record_all(session, [Told(action, subject, before, after)], actor=actor, now=now)
    return entry


def record_all(session: Session, told: Sequence[Told], *, actor: Actor, now: datetime) -> list[AuditEntry]:
    """Add the entries of acts done together, in one statement; ``told`` is not empty."""
    entries = [_entry(one, actor, now) for one in told]
    session.add_all(entries)
    session.flush()
    session.info[_NEWEST] = max(entry.id for entry in entries)
    return entries


def _entry(told: Told, actor: Actor, now: datetime) -> AuditEntry:
    entry = AuditEntry(
        at=now,
        actor_id=actor.person_id,
        actor_label=actor.label,
        appointment_id=actor.appointment_id,
        action=told.action,
        subject_kind=told.subject.kind,
        subject_id=told.subject.id,
        org_unit_id=told.subject.org_unit_id,
        request_id=actor.request_id,
        before=None if told.before is None else canonical(told.before),
        after=None if told.after is None else canonical(told.after),
        seal=None,
    )
    entry.row_digest = audit_digest(_values(entry))
    return entry


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


def _values(entry: AuditEntry) -> dict[str, Any]:
    return {column: getattr(entry, column) for column in DIGESTED}


def audit_digest(values: dict[str, Any]) -> str:
    """The digest of an entry, from a mapping that holds at least ``DIGESTED``."""
    return digest_of({column: values[column] for column in DIGESTED})
