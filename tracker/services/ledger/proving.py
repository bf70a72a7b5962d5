"""Proving history: every row against its digest, every seal against the chain, every trigger in its place.

What is found is named by table and row. An edit by shell changes a row's digest; whoever also mends
the digest breaks the seal; whoever also mends the seal breaks all later ones and the anchor printed outside.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from tracker.domain.canonical import digest
from tracker.domain.workflow import State
from tracker.models.audit import AuditEntry
from tracker.models.bulletin import BulletinFile, BulletinIssue
from tracker.models.ledger import Entry, Posting, Seal
from tracker.models.programme import ProgrammeVersion, Target
from tracker.models.report import Acceptance, Revision
from tracker.models.triggers import trigger_faults
from tracker.services.anchors import verify_own_anchors
from tracker.services.audit import audit_digest
from tracker.services.chunks import CHUNK
from tracker.services.ledger.attesting import verify_steps
from tracker.services.ledger.folding import FIRST_DIGEST, SEALED_TABLES, OpenRow, seal_digest
from tracker.services.ledger.posting import ENTRY_COLUMNS, posting_digest
from tracker.services.ledger.replaying import verify_import_moments, verify_states
from tracker.services.ledger.verifying import Discrepancy
from tracker.services.snapshots import verify_submissions
from tracker.services.targets import target_digest

Found = Iterator[Discrepancy]


def verify_history(session: Session) -> list[Discrepancy]:
    """Everything that is not as it was written; empty when history stands."""
    connection = session.connection()
    found = [Discrepancy(f"trigger {name}", "installed", fault) for name, fault in trigger_faults(connection)]
    for check in (
        _audit_rows,
        _postings,
        _targets,
        _seals,
        verify_own_anchors,
        verify_submissions,
        verify_steps,
        verify_states,
        verify_import_moments,
        _acceptances,
        _versions,
        _bulletins,
        _files,
    ):
        found += check(session)
    return found


def _stream(session: Session, wanted: Select[*tuple[Any, ...]]) -> Iterator[Any]:
    yield from session.execute(wanted.execution_options(yield_per=CHUNK))


def _unequal(place: str, expected: str, found: str) -> Found:
    if expected != found:
        yield Discrepancy(place, expected, found)


def _audit_rows(session: Session) -> Found:
    for row in _stream(session, select(AuditEntry.__table__).order_by(AuditEntry.id)):
        yield from _unequal(f"audit_entry {row.id}", row.row_digest, audit_digest(row._asdict()))


def _targets(session: Session) -> Found:
    for row in _stream(session, select(Target.__table__).order_by(Target.id)):
        yield from _unequal(f"target {row.id}", row.row_digest, target_digest(row._asdict()))


def _postings(session: Session) -> Found:
    """Postings in order, each with its entries merged in from a second ordered reading."""
    ordered = _stream(session, select(Entry.__table__).order_by(Entry.posting_id))
    entries = groupby(ordered, key=lambda row: row.posting_id)
    following = next(entries, None)
    for row in session.execute(select(Posting.__table__).order_by(Posting.id)).all():
        while following is not None and following[0] < row.id:
            yield Discrepancy(f"entry of posting {following[0]}", "its posting", "missing")
            following = next(entries, None)
        mine: list[dict[str, object]] = []
        if following is not None and following[0] == row.id:
            mine = sorted((entry._asdict() for entry in following[1]), key=_entry_key)
            following = next(entries, None)
        yield from _unequal(f"posting {row.id}", row.row_digest, posting_digest(row._asdict(), mine))
    for posting_id, _ in [following] if following else []:
        yield Discrepancy(f"entry of posting {posting_id}", "its posting", "missing")


def _entry_key(entry: Mapping[str, object]) -> tuple[object, ...]:
    """The order in which a digest takes entries; sorted here, because databases collate texts differently."""
    return tuple(entry[column] for column in ENTRY_COLUMNS[:5])


def _seals(session: Session) -> Found:
    """The chain from the first seal on: numbers without gaps, counts, and digests over what they cover."""
    covered = _sealed_rows(session)
    previous, expected_number = FIRST_DIGEST, 1
    for seal in session.execute(select(Seal.__table__).order_by(Seal.number)).all():
        yield from _unequal("seal numbers", str(expected_number), str(seal.number))
        rows = covered.pop(seal.number, [])
        yield from _unequal(f"rows of seal {seal.number}", str(seal.rows), str(len(rows)))
        yield from _unequal(f"seal {seal.number}", seal.digest, seal_digest(previous, seal.at, rows))
        previous, expected_number = seal.digest, seal.number + 1
    for number, rows in sorted(covered.items()):
        yield Discrepancy(f"seal {number}", f"covers {len(rows)} rows", "missing")


def _sealed_rows(session: Session) -> dict[int, list[OpenRow]]:
    found: defaultdict[int, list[OpenRow]] = defaultdict(list)
    for kind, model in SEALED_TABLES:
        wanted = (
            select(model.id, model.row_digest, model.seal).where(model.seal.is_not(None)).order_by(model.id)
        )
        for row in _stream(session, wanted):
            found[row.seal].append(OpenRow(kind, row.id, row.row_digest))
    return found


def _acceptances(session: Session) -> Found:
    """Every revision that counts has its span still open, and no other has."""
    counting = set(session.scalars(select(Revision.id).where(Revision.state == State.ACCEPTED)))
    spans = set(session.scalars(select(Acceptance.revision_id).where(Acceptance.ended_posting_id.is_(None))))
    for revision_id in sorted(counting - spans):
        yield Discrepancy(f"revision {revision_id}", "counted since a posting", "no acceptance")
    for revision_id in sorted(spans - counting):
        yield Discrepancy(f"acceptance of revision {revision_id}", "ended", "still open")


def _versions(session: Session) -> Found:
    for row in _stream(session, select(ProgrammeVersion.__table__)):
        yield from _unequal(
            f"programme_version {row.programme_id}/{row.number}", row.digest, digest(row.document)
        )


def _bulletins(session: Session) -> Found:
    for row in _stream(session, select(BulletinIssue.id, BulletinIssue.digest, BulletinIssue.document)):
        yield from _unequal(f"bulletin_issue {row.id}", row.digest, digest(row.document))


def _files(session: Session) -> Found:
    for row in _stream(session, select(BulletinFile.__table__)):
        yield from _unequal(f"bulletin_file {row.issue_id}/{row.format}", row.digest, digest(row.content))
