"""Where every revision must stand, worked out from the audit rows and the spans in which it counted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from tracker.domain.workflow import State
from tracker.models.audit import AuditEntry
from tracker.models.ledger import Posting
from tracker.models.report import Acceptance, Revision, Submission
from tracker.services.chunks import CHUNK
from tracker.services.ledger.verifying import Discrepancy

MOVES: Final = tuple(
    f"report.{word}"
    for word in ("submitted", "withdrawn", "signed", "returned", "accepted", "undone", "revoked", "dropped")
)
"""The acts whose audit entry says in which state a revision stands after them."""

Moved = Mapping[tuple[int, int], State]
"""Report and number of a revision → the state its last act left it in."""


def verify_states(session: Session) -> Iterator[Discrepancy]:
    """Revisions, open ones too, that stand where no act has put them."""
    moved = _moved(session)
    spans = {row.revision_id: False for row in _stream(session, select(Acceptance.revision_id))}
    still = select(Acceptance.revision_id).where(Acceptance.ended_posting_id.is_(None))
    spans |= {row.revision_id: True for row in _stream(session, still)}
    wanted = select(Revision.id, Revision.report_id, Revision.number, Revision.state).order_by(Revision.id)
    for row in _stream(session, wanted):
        expected = _expected(moved.get((row.report_id, row.number)), spans.get(row.id))
        if expected != row.state:
            yield Discrepancy(f"revision {row.id}", expected, row.state)


def _expected(last: State | None, counts: bool | None) -> State:
    """``last``: the state its last act left it in; ``counts``: whether it counts, None when it never did.

    A revision that counted and counts no more without an act of its own was replaced by another one.
    """
    if counts:
        return State.ACCEPTED
    if counts is not None and last in (None, State.ACCEPTED):
        return State.SUPERSEDED
    return last or State.DRAFT


def _moved(session: Session) -> Moved:
    """Acts on one report wait for each other, so their ids stand in the order in which they were done."""
    wanted = (
        select(AuditEntry.subject_id, AuditEntry.after)
        .where(AuditEntry.action.in_(MOVES), AuditEntry.subject_kind == "report")
        .order_by(AuditEntry.id)
    )
    found: dict[tuple[int, int], State] = {}
    for row in _stream(session, wanted):
        after = json.loads(row.after)
        found[int(row.subject_id), after["revision"]] = State(after["state"])
    return found


def verify_import_moments(session: Session) -> Iterator[Discrepancy]:
    """Submissions that an import wrote bear the moment of its posting, and nobody's name."""
    wanted = (
        select(Submission.id, Submission.at, Submission.by_id, Posting.at.label("posted_at"))
        .join(Revision, Revision.id == Submission.revision_id)
        .join(Acceptance, Acceptance.revision_id == Revision.id)
        .join(Posting, Posting.id == Acceptance.posting_id)
        .where(Revision.origin == "import", Posting.action == "import")
        .order_by(Submission.id)
    )
    for row in _stream(session, wanted):
        if row.at != row.posted_at:
            yield Discrepancy(f"submission {row.id}", row.posted_at.isoformat(), row.at.isoformat())
        if row.by_id is not None:
            yield Discrepancy(f"submission {row.id}", "imported by an operator", f"person {row.by_id}")


def _stream(session: Session, wanted: Select[*tuple[Any, ...]]) -> Iterator[Any]:
    yield from session.execute(wanted.execution_options(yield_per=CHUNK))
