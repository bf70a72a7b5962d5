"""Who did what to a report, held against the audit rows: these are sealed, threads and signatures are not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from tracker.models.audit import AuditEntry
from tracker.models.report import Revision, Submission, ThreadEntry
from tracker.services.chunks import CHUNK
from tracker.services.ledger.verifying import Discrepancy

AS_AUDITED: Final = "as its audit entry says"
NOT_AUDITED: Final = "not in the audit"


class Step(NamedTuple):
    """One step of a report, as both sides tell it."""

    report_id: int
    person_id: int | None
    at: datetime
    digest: str | None
    text: str


def verify_steps(session: Session) -> Iterator[Discrepancy]:
    """Thread entries, submissions, signatures and acceptances that no audit entry tells of."""
    steps = set(_audited(session))
    handed_in = {step[:-1] for step in steps}
    hands = {(step.report_id, step.person_id, step.at) for step in steps}
    for row in _stream(session, _thread()):
        if Step(*row[1:]) not in steps:
            yield Discrepancy(f"thread_entry {row.id}", AS_AUDITED, NOT_AUDITED)
    for row in _stream(session, _submissions()):
        if tuple(row[1:]) not in handed_in:
            yield Discrepancy(f"submission {row.id}", AS_AUDITED, NOT_AUDITED)
    for row in _stream(session, _signatures()):
        for person_id, at in ((row.signed_by_id, row.signed_at), (row.accepted_by_id, row.accepted_at)):
            if person_id is not None and (row.report_id, person_id, at) not in hands:
                yield Discrepancy(f"revision {row.id}", AS_AUDITED, NOT_AUDITED)


def _stream(session: Session, wanted: Select[*tuple[Any, ...]]) -> Iterator[Any]:
    yield from session.execute(wanted.execution_options(yield_per=CHUNK))


def _audited(session: Session) -> Iterator[Step]:
    wanted = select(AuditEntry.subject_id, AuditEntry.actor_id, AuditEntry.at, AuditEntry.after).where(
        AuditEntry.subject_kind == "report", AuditEntry.after.is_not(None)
    )
    for row in _stream(session, wanted):
        after = json.loads(row.after)
        if "digest" in after:
            yield Step(int(row.subject_id), row.actor_id, row.at, after["digest"], after.get("text", ""))


def _thread() -> Select[*tuple[Any, ...]]:
    return select(
        ThreadEntry.id,
        ThreadEntry.report_id,
        ThreadEntry.person_id,
        ThreadEntry.at,
        Submission.digest,
        ThreadEntry.text,
    ).join(Submission, Submission.id == ThreadEntry.submission_id, isouter=True)


def _submissions() -> Select[*tuple[Any, ...]]:
    return (
        select(Submission.id, Revision.report_id, Submission.by_id, Submission.at, Submission.digest)
        .join(Revision, Revision.id == Submission.revision_id)
        .where(Revision.origin != "import")
    )


def _signatures() -> Select[*tuple[Any, ...]]:
    return select(
        Revision.id,
        Revision.report_id,
        Revision.signed_by_id,
        Revision.signed_at,
        Revision.accepted_by_id,
        Revision.accepted_at,
    ).where(Revision.origin != "import")
