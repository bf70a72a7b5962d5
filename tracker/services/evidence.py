"""Evidence of revisions as plain values: what is attached, where else the same file serves, and whether it still lies there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import insert, literal, select
from sqlalchemy.orm import Session

from tracker.domain.attachments import Media
from tracker.domain.messages import Message
from tracker.domain.plausibility import Note, reuse_note
from tracker.domain.workflow import State
from tracker.models.account import Person
from tracker.models.evidence import Evidence, EvidenceBlob
from tracker.models.programme import Indicator, Pledge
from tracker.models.report import Report, Revision
from tracker.services.chunks import chunked
from tracker.services.evidence_store import BlobAltered, BlobMissing, BlobStore
from tracker.services.ledger.verifying import Discrepancy
from tracker.services.stand_ins import StandIn, doubtful_id, find_stand_ins


class Use(NamedTuple):
    """One report a file is attached to."""

    report_id: int
    org_unit_id: int
    period: str
    pledge: int


class Attached(NamedTuple):
    """One file of a revision. ``used_in``: the other reports the same file is attached to.

    ``stand_in``: in whose place it was brought.
    """

    id: int
    revision_id: int
    indicator_id: int | None
    sha256: str
    name: str
    media: Media
    size: int
    cleaned: str | None
    preview: str | None
    row_count: int | None
    by_id: int
    by: str
    at: datetime
    org_unit_id: int
    used_in: tuple[Use, ...] = ()
    stand_in: StandIn | None = None


Files = Mapping[int, tuple[Attached, ...]]
"""Revision id → its files in the order they came."""


def list_evidence(session: Session, revision_ids: Collection[int]) -> Files:
    """The files of these revisions that were not taken out; one statement for each 900, two where there are any.

    One more where somebody who brought one stood in for another then.
    """
    rows = [
        row
        for part in chunked([*revision_ids])
        for row in session.execute(_ATTACHED.where(Evidence.revision_id.in_(part)))
    ]
    uses = list_uses(session, {row.sha256 for row in rows})
    stand_ins = find_stand_ins(session, {(row.doubtful_id, row.at) for row in rows})
    found: defaultdict[int, list[Attached]] = defaultdict(list)
    for row in rows:
        values = row._asdict()
        own, act = values.pop("report_id"), (values.pop("doubtful_id"), row.at)
        others = tuple(use for use in uses.get(row.sha256, ()) if use.report_id != own)
        more = {"media": Media(row.media), "used_in": others, "stand_in": stand_ins.get(act)}
        found[row.revision_id].append(Attached(**values | more))
    return {revision: tuple(files) for revision, files in found.items()}


_ATTACHED = (
    select(
        Evidence.id, Evidence.revision_id, Evidence.indicator_id, Evidence.sha256, Evidence.name,
        EvidenceBlob.media, EvidenceBlob.size, EvidenceBlob.cleaned, EvidenceBlob.preview,
        EvidenceBlob.row_count, Evidence.by_id, Person.name.label("by"), Evidence.at, Report.org_unit_id, Revision.report_id,
        doubtful_id(Evidence.by_id, Evidence.at).label("doubtful_id"),
    )
    .join(EvidenceBlob, EvidenceBlob.sha256 == Evidence.sha256)
    .join(Person, Person.id == Evidence.by_id)
    .join(Revision, Revision.id == Evidence.revision_id)
    .join(Report, Report.id == Revision.report_id)
    .where(Evidence.removed_at.is_(None))
    .order_by(Evidence.id)
)  # fmt: skip


def list_uses(session: Session, digests: Collection[str]) -> Mapping[str, list[Use]]:
    """Digest → the reports a file is attached to, in order; what was dropped or taken out does not count."""
    found: defaultdict[str, list[Use]] = defaultdict(list)
    for part in chunked(sorted(digests)):
        wanted = (
            select(Evidence.sha256, Report.id, Report.org_unit_id, Report.period, Pledge.number)
            .join(Revision, Revision.id == Evidence.revision_id)
            .join(Report, Report.id == Revision.report_id)
            .join(Pledge, Pledge.id == Report.pledge_id)
            .where(Evidence.sha256.in_(part), Evidence.removed_at.is_(None), Revision.state != State.DROPPED)
            .distinct()
            .order_by(Report.period, Report.id)
        )
        for row in session.execute(wanted):
            found[row.sha256].append(Use(row.id, row.org_unit_id, row.period, row.number))
    return found


def reuse_notes(files: Iterable[Attached]) -> list[Note]:
    """A note for each file that other reports stand on too; other units are not named."""
    return [reuse_note(file.name, _place(file, file.used_in[0])) for file in files if file.used_in]


def _place(file: Attached, use: Use) -> Message:
    if use.org_unit_id != file.org_unit_id:
        return Message("其他单位的报告")
    return Message("本单位 {period} 第{number}件", {"period": use.period, "number": use.pledge})


def carry_evidence(session: Session, source_id: int, target_id: int) -> None:
    """Attach a revision's files to the open one that takes its place: the same stored files, by reference."""
    copied = select(
        literal(target_id), Evidence.indicator_id, Evidence.sha256, Evidence.received_sha256, Evidence.name,
        Evidence.by_id, Evidence.at, Evidence.id, literal(""),
    ).where(Evidence.revision_id == source_id, Evidence.removed_at.is_(None)).order_by(Evidence.id)  # fmt: skip
    columns = (
        "revision_id", "indicator_id", "sha256", "received_sha256", "name", "by_id", "at", "carried_from_id", "reason",
    )  # fmt: skip
    session.execute(insert(Evidence).from_select(columns, copied, include_defaults=False))


class Proof(NamedTuple):
    """A file as a submission lists it: its line's code (None: the whole report), digest and name."""

    indicator: str | None
    sha256: str
    name: str


def list_proofs(session: Session, revision_ids: Collection[int]) -> Mapping[int, list[Proof]]:
    """Revision id → its files in the order of their lines, those of the whole report last."""
    found: defaultdict[int, list[Proof]] = defaultdict(list)
    wanted = (
        select(Evidence.revision_id, Indicator.code, Evidence.sha256, Evidence.name)
        .join(Indicator, Indicator.id == Evidence.indicator_id, isouter=True)
        .where(Evidence.revision_id.in_(revision_ids), Evidence.removed_at.is_(None))
        .order_by(Evidence.id)
    )
    for revision_id, *proof in session.execute(wanted):
        found[revision_id].append(Proof(*proof))
    for proofs in found.values():
        proofs.sort(key=lambda one: (one.indicator is None, one.indicator or ""))
    return found


def verify_blobs(session: Session, store: BlobStore) -> Iterator[Discrepancy]:
    """Stored files that are missing or altered, with what was made of them."""
    columns = (EvidenceBlob.sha256, EvidenceBlob.cleaned, EvidenceBlob.preview)
    for sha256, cleaned, preview in session.execute(select(*columns).order_by(EvidenceBlob.sha256)).all():
        yield from _verify(store, f"evidence_blob {sha256}", sha256)
        if cleaned is not None:
            yield from _verify(store, f"cleaned copy of evidence_blob {sha256}", cleaned)
        if preview is not None:
            yield from _verify(store, f"preview of evidence_blob {sha256}", preview)


def _verify(store: BlobStore, place: str, sha256: str) -> Iterator[Discrepancy]:
    try:
        store.read(sha256)
    except BlobMissing:
        yield Discrepancy(place, sha256, "missing")
    except BlobAltered:
        yield Discrepancy(place, sha256, "altered")
