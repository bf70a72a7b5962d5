"""Attaching files to a report that is being written, and taking them out again with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from tracker.domain.attachments import LONGEST_REASON, MOST_FILES
from tracker.domain.identity import actor_of
from tracker.domain.kinds import EvidenceRule
from tracker.domain.messages import Conflict, Fault, Faults, Message, Refusal
from tracker.domain.workflow import EDITABLE
from tracker.features.evidence.intake import Taken
from tracker.features.evidence.queries import FolderPlace
from tracker.models.evidence import Evidence, EvidenceBlob
from tracker.models.report import Revision
from tracker.services.audit import Subject, record
from tracker.services.drafts import DraftKey, begin_draft
from tracker.services.evidence import Attached
from tracker.services.evidence_store import BlobStore, digest_of_bytes
from tracker.services.may_edit import check_may_change
from tracker.services.sheets import Row
from tracker.services.transitions import Doer, add_author


class HandedIn(Conflict):
    """The report has been submitted: its files stay as they are."""


class TooManyFiles(Refusal):
    """The report carries as many files as it may."""


class NoEvidenceAsked(Refusal):
    """The indicator asks for no evidence, so that nobody collects needless proof."""


class Incoming(NamedTuple):
    """A file that was looked at, and the digest of what was sent."""

    taken: Taken
    received_sha256: str


def incoming(taken: Taken, sent: bytes) -> Incoming:
    """A file that was looked at, with the digest of what was sent."""
    return Incoming(taken, digest_of_bytes(sent))


def attach_files(
    session: Session,
    store: BlobStore,
    folder: FolderPlace,
    files: Sequence[Incoming],
    *,
    line: Row | None,
    doer: Doer,
    today: datetime,
) -> list[str]:
    """Store the files and attach them to one line, or to the whole report; the names they got.

    The same file twice on the same line is one. Raises HandedIn, NoEvidenceAsked, TooManyFiles,
    PeriodNotBegun, PeriodClosed.
    """
    _check(folder, files, line=line, today=today)
    key = _hold(session, folder, doer)
    fresh = [one for one in files if not _is_there(folder, store_digest(one), line)]
    rows = [_keep(session, store, one, doer) for one in fresh]
    indicator_id = None if line is None else line.listed.id
    for one, sha256 in zip(fresh, rows, strict=True):
        session.add(
            Evidence(
                revision_id=key.revision_id,
                indicator_id=indicator_id,
                sha256=sha256,
                received_sha256=one.received_sha256,
                name=one.taken.name,
                by_id=doer.identity.person_id,
                at=doer.now,
            )
        )
    session.flush()
    if fresh:
        add_author(session, key.revision_id, doer.identity.person_id)
        told = [{"name": one.taken.name, "sha256": store_digest(one)} for one in fresh]
        _record(
            session, folder, key, doer, action="evidence.added", after={"line": _code(line), "files": told}
        )
    return [one.taken.name for one in files]


def take_out(
    session: Session, folder: FolderPlace, file: Attached, *, reason: str, doer: Doer, today: datetime
) -> None:
    """Leave a tombstone in a file's place. Raises Faults for the reason, HandedIn, PeriodNotBegun, PeriodClosed."""
    if not reason.strip():
        raise Faults([Fault("reason", Message("请写明作废原因"))])
    if len(reason) > LONGEST_REASON:
        raise Faults([Fault("reason", Message("请不要超过 {length} 个字", {"length": LONGEST_REASON}))])
    _check_open(folder, today)
    key = _hold(session, folder, doer)
    changed = session.execute(
        update(Evidence)
        .where(Evidence.id == file.id, Evidence.revision_id == key.revision_id, Evidence.removed_at.is_(None))
        .values(removed_by_id=doer.identity.person_id, removed_at=doer.now, reason=reason.strip())
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount == 0:  # type: ignore[attr-defined]
        raise HandedIn("这份佐证刚刚被同事作废，请刷新后再看。")
    add_author(session, key.revision_id, doer.identity.person_id)
    before = {"name": file.name, "sha256": file.sha256}
    _record(
        session, folder, key, doer, action="evidence.removed", before=before, after={"reason": reason.strip()}
    )


def can_change(folder: FolderPlace) -> bool:
    """Whether the report's state lets its files change (the period may still forbid it)."""
    return folder.report.state is None or folder.report.state in EDITABLE


def lines_asking(folder: FolderPlace) -> list[Row]:
    """The lines that files may be attached to."""
    return [row for row in folder.report.rows if row.listed.evidence != EvidenceRule.NONE]


def store_digest(one: Incoming) -> str:
    """The name a file will be stored under."""
    return digest_of_bytes(one.taken.content)


def _check(folder: FolderPlace, files: Sequence[Incoming], *, line: Row | None, today: datetime) -> None:
    _check_open(folder, today)
    if line is not None and line not in lines_asking(folder):
        raise NoEvidenceAsked("“{name}”不需要佐证。", name=line.listed.rule.name)
    if len(folder.report.evidence) + len(files) > MOST_FILES:
        raise TooManyFiles("一件实事最多附 {count} 份佐证，请先作废不用的", count=MOST_FILES)


def _check_open(folder: FolderPlace, today: datetime) -> None:
    if not can_change(folder):
        raise HandedIn("这份报告已经提交，佐证不能再改。")
    check_may_change(folder.sheet, folder.report, today)


def _hold(session: Session, folder: FolderPlace, doer: Doer) -> DraftKey:
    """The open revision, kept from being handed in meanwhile; a report that has none yet gets its first."""
    filing = folder.report.filing
    if filing is None:
        return begin_draft(session, folder.sheet, folder.report, folder.report.texts, doer)
    held = session.execute(
        update(Revision)
        .where(Revision.id == filing.revision_id, Revision.state.in_(sorted(EDITABLE)))
        .values(changed_at=doer.now, version_id=Revision.version_id)
        .execution_options(synchronize_session=False)
    )
    if held.rowcount == 0:  # type: ignore[attr-defined]
        raise HandedIn("这份报告刚刚提交，佐证不能再改。")
    return DraftKey(filing.report_id, filing.revision_id)


def _is_there(folder: FolderPlace, sha256: str, line: Row | None) -> bool:
    indicator_id = None if line is None else line.listed.id
    return any((file.sha256, file.indicator_id) == (sha256, indicator_id) for file in folder.report.evidence)


def _keep(session: Session, store: BlobStore, one: Incoming, doer: Doer) -> str:
    """The file and what was made of it first, durably; then the row that says so."""
    taken = one.taken
    cleaned = None if taken.cleaned is None else store.keep(taken.cleaned)
    preview = None if taken.preview is None else store.keep(taken.preview)
    sha256 = store.keep(taken.content)
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    upsert = sqlite.insert if is_sqlite else postgresql.insert
    row = {
        "sha256": sha256, "media": taken.media, "size": len(taken.content), "cleaned": cleaned,
        "preview": preview, "row_count": taken.row_count, "at": doer.now,
    }  # fmt: skip
    session.execute(upsert(EvidenceBlob).values(row).on_conflict_do_nothing())
    return sha256


def _code(line: Row | None) -> str | None:
    return None if line is None else line.listed.rule.code


def _record(
    session: Session,
    folder: FolderPlace,
    key: DraftKey,
    doer: Doer,
    *,
    action: str,
    before: object = None,
    after: object = None,
) -> None:
    record(
        session,
        actor=actor_of(doer.identity, doer.request_id),
        now=doer.now,
        action=action,
        subject=Subject("report", str(key.report_id), folder.sheet.unit.id),
        before=before,
        after=after,
    )
