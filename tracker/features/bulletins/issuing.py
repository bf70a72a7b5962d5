"""Countersigning and issuing: four eyes first, then the files, and only then does the issue count as issued."""

from __future__ import annotations

import base64
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from tracker.domain.canonical import digest
from tracker.domain.identity import Actor
from tracker.domain.messages import Conflict, Forbidden, Refusal
from tracker.domain.periods import Period
from tracker.domain.permissions import Permission
from tracker.features.bulletins.commands import Act, Doer, check_right, record_act, told
from tracker.features.bulletins.csv_writer import write_csv
from tracker.features.bulletins.docx_writer import write_docx
from tracker.features.bulletins.json_writer import write_json
from tracker.features.bulletins.manifest import Signed, manifest_text
from tracker.features.bulletins.package import evidence_of, write_package
from tracker.features.bulletins.pdf_writer import write_pdf
from tracker.features.bulletins.queries import (
    Issue,
    IssueNotFound,
    find_by_serial,
    find_draft,
    find_package,
    list_authors,
    list_files,
    list_formats,
)
from tracker.features.bulletins.relinking import contradictions_in
from tracker.features.bulletins.sheets import Document, Frame, ahead_in
from tracker.features.bulletins.signing import Signer
from tracker.features.bulletins.xlsx_writer import write_xlsx
from tracker.models.bulletin import Bulletin, BulletinFile, BulletinIssue, BulletinManifest, BulletinPackage
from tracker.services.anchors import Place, find_seal, record_anchor
from tracker.services.evidence_store import BlobStore
from tracker.services.jobs import enqueue, find_progress, try_again
from tracker.services.programme_heads import Head, find_head
from tracker.services.stand_ins import stand_in_of

WRITERS: Final[dict[str, Callable[[Document, Frame], bytes]]] = {
    "json": write_json,
    "xlsx": write_xlsx,
    "docx": write_docx,
    "pdf": write_pdf,
    "csv": write_csv,
}
"""The formats an issue is given, in the order they are made."""

FILES_JOB: Final = "bulletin.files"
"""The background work that makes them."""


class SamePerson(Forbidden):
    """Who drafted a bulletin, or edited its words, cannot countersign it."""


class DraftHasMoved(Conflict):
    """The draft is no longer what the person saw."""


class Contradicted(Refusal):
    """Typed numbers contradict their figures, and the countersigner has not said that they saw it."""


class FilesMissing(Conflict):
    """An issue counts as issued only with all its files."""


class Seen(NamedTuple):
    """The draft the countersigner had before their eyes, and whether they agree to its contradictions."""

    issue_id: int
    version: int
    digest: str
    agrees: bool = False


class Press(NamedTuple):
    """What an issue is printed with: the signing key, the store of evidence, and the address files are checked at."""

    signer: Signer
    store: BlobStore
    verify_at: str = ""


def issue_bulletin(session: Session, head: Head, seen: Seen, *, doer: Doer, press: Press) -> Issue:
    """Countersign, make all files and issue, in this one transaction; raises as ``countersign`` does."""
    signed = countersign(session, head, seen, doer=doer, verify_at=press.verify_at)
    for style in WRITERS:
        make_file(session, signed, style)
    pack(session, signed, press)
    return release(session, head, signed, actor=doer.actor, now=doer.now)


def countersign(session: Session, head: Head, seen: Seen, *, doer: Doer, verify_at: str) -> Issue:
    """Countersign a draft: nothing in it changes from here on, and its files can be made.

    Raises:
        NotYours: neither reviewer nor viewer of the publisher.
        IssueNotFound: no such draft in this list.
        DraftHasMoved: it was drafted anew or countersigned since it was seen.
        SamePerson: the drafter is not their own countersigner.
        Contradicted: the prose says other numbers than its figures, and ``seen`` does not agree to that.
    """
    check_right(session, head, doer, Permission.COUNTERSIGN_BULLETIN)
    draft = _draft_seen(session, head, seen)
    if doer.identity.person_id in list_authors(session, draft.id):
        raise SamePerson("拟稿人不能会签自己的通报，请由另一位人员会签。")
    contradictions = contradictions_in(draft.document)
    if contradictions and not seen.agrees:
        raise Contradicted(
            "正文有 {count} 个手填的数字与数据不一致；请改正，或勾选“同意照此印发”。",
            count=len(contradictions),
        )
    _freeze(session, seen, doer=doer, verify_at=verify_at)
    after = told(draft) | {
        "countersigned_by": doer.identity.name,
        "contradictions": [one.typed for one in contradictions],
    }
    act = Act("bulletin.countersigned", doer.actor, doer.now)
    record_act(session, head, draft, act, before=draft, after=after)
    return draft._replace(
        state="issuing",
        countersigned_by=doer.identity.name,
        countersigned_for=stand_in_of(session, doer.actor.appointment_id),
        issued_at=doer.now,
        version=seen.version + 1,
        verify_at=verify_at,
    )


def ask_for_files(session: Session, issue: Issue, *, doer: Doer) -> None:
    """Leave the making of the files to the background process."""
    enqueue(
        session,
        FILES_JOB,
        issue.serial,
        payload={"actor": asdict(doer.actor)},
        steps=len(WRITERS) + 2,
        now=doer.now,
        asked_by_id=doer.identity.person_id,
    )


def ask_again(session: Session, head: Head, issue: Issue, *, doer: Doer) -> None:
    """Have the files of a countersigned issue tried once more; audited, because somebody decided it."""
    check_right(session, head, doer, Permission.COUNTERSIGN_BULLETIN)
    progress = find_progress(session, FILES_JOB, issue.serial)
    if progress is None or progress.state != "failed":
        raise FilesMissing("文件正在生成，不必重来。")
    try_again(session, progress.id)
    act = Act("bulletin.files_asked_again", doer.actor, doer.now)
    record_act(session, head, issue, act, before=None, after=told(issue) | {"fault": progress.fault})


def get_issue_in_press(session: Session, serial: str) -> tuple[Head, Issue]:
    """The countersigned issue whose files are to be made; raises IssueNotFound."""
    issue = find_by_serial(session, serial, states=("issuing",))
    head = None if issue is None else find_head(session, issue.programme_key)
    if issue is None or head is None:
        raise IssueNotFound("没有找到这份待印发的通报。")
    return head, issue


def list_missing_styles(session: Session, issue: Issue) -> list[str]:
    """The formats still to be made, in their order: what a worker that died has made already is kept."""
    there = set(list_formats(session, issue.id))
    return [style for style in WRITERS if style not in there]


def make_file(session: Session, issue: Issue, style: str) -> None:
    """Write one file of a countersigned issue and store it; its bytes follow from document and frame alone."""
    content = WRITERS[style](issue.document, frame_of(issue))
    name = f"{issue.serial.replace('/', '_')}.{style}"
    session.add(
        BulletinFile(issue_id=issue.id, format=style, name=name, content=content, digest=digest(content))
    )
    session.flush()


def frame_of(issue: Issue) -> Frame:
    """What stands beside a countersigned document (ADR 3)."""
    if issue.countersigned_by is None or issue.issued_at is None:
        raise FilesMissing("这份通报还没有会签。")
    signer = issue.countersigner(ahead_in(issue.document))
    return Frame(issue.digest, issue.drafted_at, signer, issue.issued_at, issue.verify_at)


def pack(session: Session, issue: Issue, press: Press) -> None:
    """Sign the manifest of all files and of the evidence behind them, and keep all of it in one archive.

    Raises:
        FilesMissing: not all files are made.
    """
    if list_missing_styles(session, issue):
        raise FilesMissing("文件还没有全部生成，请稍候。")
    if find_package(session, issue.id) is None:
        _keep_package(session, issue, _keep_manifest(session, issue, press), press.store)


def _keep_manifest(session: Session, issue: Issue, press: Press) -> Signed:
    facts = {name: getattr(issue, name) for name in ("serial", "digest", "cutoff", "seal")}
    facts["drafted_by"] = issue.document["drafted_by"]
    evidence = evidence_of(session, issue.document, store=press.store)
    text = manifest_text(facts, frame_of(issue), files=_digests(session, issue), evidence=evidence)
    content, signature = text.encode(), press.signer.sign(text.encode())
    session.add(
        BulletinManifest(
            issue_id=issue.id,
            content=text,
            digest=digest(content),
            signature=signature,
            public_key=press.signer.public_key,
        )
    )
    session.flush()
    return Signed(content, base64.b64decode(signature), press.signer.public_key)


def _digests(session: Session, issue: Issue) -> dict[str, str]:
    row = BulletinFile
    wanted = select(row.format, row.digest).where(row.issue_id == issue.id).order_by(row.format)
    return {style: content for style, content in session.execute(wanted)}  # noqa: C416 (rows are no pairs)


def _keep_package(session: Session, issue: Issue, signed: Signed, store: BlobStore) -> None:
    own = {file.digest: file.content for file in list_files(session, issue)}

    def contents(sha256: str) -> Iterable[bytes]:
        return [own[sha256]] if sha256 in own else store.pieces(sha256)

    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "package.zip"
        write_package(made, signed, contents)
        size, kept = made.stat().st_size, store.keep_file(made)
    session.add(
        BulletinPackage(
            issue_id=issue.id,
            name=f"{issue.serial.replace('/', '_')}.zip",
            digest=kept,
            size=size,
            evidence_count=len(signed.manifest["evidence"]),
        )
    )
    session.flush()


def release(session: Session, head: Head, issue: Issue, *, actor: Actor, now: datetime) -> Issue:
    """From here on the issue counts as issued and takes the older ones' place.

    Raises:
        FilesMissing: not everything is made, or somebody else has issued it meanwhile.
    """
    package = find_package(session, issue.id)
    if package is None:
        raise FilesMissing("文件还没有全部生成，请稍候。")
    _publish(session, issue)
    superseded = _supersede(session, issue)
    after = told(issue) | {
        "countersigned_by": issue.countersigned_by,
        "files": _digests(session, issue) | {"zip": package.digest},
        "superseded": superseded,
    }
    record_act(session, head, issue, Act("bulletin.issued", actor, now), before=issue, after=after)
    printed = find_seal(session, issue.seal)
    record_anchor(session, printed, place=Place.BULLETIN, reference=issue.serial, now=now)
    return issue._replace(state="issued", version=issue.version + 1)


def _publish(session: Session, issue: Issue) -> None:
    row = BulletinIssue
    published = (
        update(row)
        .where(row.id == issue.id, row.state == "issuing", row.version_id == issue.version)
        .values(state="issued", version_id=issue.version + 1)
    )
    result: CursorResult[Any] = session.execute(published, execution_options={"synchronize_session": False})  # type: ignore[assignment]
    if result.rowcount != 1:
        raise FilesMissing("这份通报刚刚已经印发。")


def _draft_seen(session: Session, head: Head, seen: Seen) -> Issue:
    found = session.execute(
        select(Bulletin.period, BulletinIssue.state, BulletinIssue.version_id, BulletinIssue.digest)
        .join(Bulletin, Bulletin.id == BulletinIssue.bulletin_id)
        .where(BulletinIssue.id == seen.issue_id, Bulletin.programme_id == head.id)
    ).one_or_none()
    if found is None:
        raise IssueNotFound("没有找到这份拟稿。")
    draft = find_draft(session, head, Period.parse(found.period))
    is_same = found.state == "draft" and (found.version_id, found.digest) == (seen.version, seen.digest)
    if draft is None or not is_same:
        raise DraftHasMoved(
            "拟稿已经变动：您看到的是第 {seen} 稿（校验码 {seen_digest}），现在是第 {now} 稿（校验码 {now_digest}），请重新看过再会签。",
            seen=seen.version,
            seen_digest=seen.digest[:8],
            now=found.version_id,
            now_digest=found.digest[:8],
        )
    return draft


def _freeze(session: Session, seen: Seen, *, doer: Doer, verify_at: str) -> None:
    """The one step that decides a race: state, version and digest stand in the WHERE."""
    row = BulletinIssue
    frozen = (
        update(row)
        .where(
            row.id == seen.issue_id,
            row.state == "draft",
            row.version_id == seen.version,
            row.digest == seen.digest,
            row.drafted_by_id != doer.identity.person_id,
        )
        .values(
            state="issuing",
            countersigned_by_id=doer.identity.person_id,
            issued_at=doer.now,
            verify_at=verify_at,
            version_id=seen.version + 1,
        )
    )
    result: CursorResult[Any] = session.execute(frozen, execution_options={"synchronize_session": False})  # type: ignore[assignment]
    if result.rowcount != 1:
        raise DraftHasMoved("拟稿刚刚被别人改动或印发，请重新打开。")


def _supersede(session: Session, issued: Issue) -> list[int]:
    """Mark the issues before as superseded; their numbers."""
    row = BulletinIssue
    bulletin = select(row.bulletin_id).where(row.id == issued.id).scalar_subquery()
    older = (
        update(row)
        .where(row.bulletin_id == bulletin, row.state == "issued", row.number < issued.number)
        .values(state="superseded", version_id=row.version_id + 1)
        .returning(row.number)
    )
    return list(session.scalars(older, execution_options={"synchronize_session": False}))
