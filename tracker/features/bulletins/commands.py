"""Drafting, countersigning and exporting bulletins: rules, rows, audit, flush; never commit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import CursorResult, func, select, update
from sqlalchemy.orm import Session

from tracker.domain.canonical import canonical, digest
from tracker.domain.identity import Actor, Identity
from tracker.domain.messages import Conflict, Forbidden, Refusal
from tracker.domain.periods import Month, Period
from tracker.domain.permissions import RIGHTS, Permission, reaches
from tracker.features.bulletins.document import Document, NothingSealed, Occasion, build_document
from tracker.features.bulletins.json_writer import write_json
from tracker.features.bulletins.queries import (
    EXPORTED,
    Issue,
    IssueNotFound,
    StoredFile,
    find_draft,
    find_newest,
    get_file,
)
from tracker.features.bulletins.sheets import Frame
from tracker.features.bulletins.xlsx_writer import write_xlsx
from tracker.models.bulletin import Bulletin, BulletinFile, BulletinIssue
from tracker.services.audit import Subject, record
from tracker.services.programme_heads import Head
from tracker.services.progress_table import newest_seal
from tracker.services.tree import get_unit

WRITERS: Final[dict[str, Callable[[Document, Frame], bytes]]] = {"json": write_json, "xlsx": write_xlsx}
"""The formats an issue is given, in the order they are made."""


class NotYours(Forbidden):
    """This person may not do this at this publisher."""


class SamePerson(Forbidden):
    """Who drafted a bulletin cannot countersign it."""


class WrongPeriod(Refusal):
    """The period is not one of the list's year, or the cut-off lies outside the period."""


class ReasonRequired(Refusal):
    """A new issue of an issued bulletin says why it is needed."""


class DraftHasMoved(Conflict):
    """The draft is no longer what the person saw."""


@dataclass(frozen=True, slots=True)
class Doer:
    """Who acts, as whom the audit trail names them, and when."""

    identity: Identity
    actor: Actor
    now: datetime


class Seen(NamedTuple):
    """The draft the countersigner had before their eyes."""

    issue_id: int
    version: int
    digest: str


def draft_issue(
    session: Session,
    head: Head,
    period: Period,
    *,
    doer: Doer,
    cutoff: Month | None = None,
    reason: str = "",
) -> Issue:
    """Write the next issue of a period's bulletin from the newest seal, in place of any draft there is.

    Raises:
        NotYours: not a reviewer of the publisher.
        WrongPeriod, NothingSealed: what their names say.
        ReasonRequired: the bulletin is issued already and no reason is given.
    """
    _check_right(session, head, doer, Permission.DRAFT_BULLETIN)
    until = _checked_cutoff(head, period, cutoff)
    previous, draft = find_newest(session, head, period), find_draft(session, head, period)
    if previous is not None and not reason.strip():
        raise ReasonRequired("第 {number} 期已经印发；再出新版请写明原因。", number=previous.number)
    seal = newest_seal(session)
    if seal is None:
        raise NothingSealed("账上还没有封存任何数据，不能出通报。")
    bulletin_id = _bulletin_id(session, head, period)
    occasion = Occasion(
        period,
        until,
        draft.number if draft else _next_number(session, bulletin_id),
        doer.identity.name,
        None if previous is None else previous.document,
        reason.strip(),
    )
    text = canonical(build_document(session, head, occasion, seal=seal))
    _keep_draft(session, bulletin_id, occasion, text, seal=seal, doer=doer)
    return _drafted(session, head, period, doer=doer, before=draft)


def _check_right(session: Session, head: Head, doer: Doer, permission: Permission) -> None:
    publisher = get_unit(session, head.publisher_id)
    if not reaches(doer.identity, permission, publisher.place):
        raise NotYours(
            "您不能{meaning}：须由{publisher}的人员办理。",
            meaning=RIGHTS[permission].meaning,
            publisher=publisher.name,
        )


def _checked_cutoff(head: Head, period: Period, cutoff: Month | None) -> Month:
    until = cutoff or period.end
    if period.year != head.year:
        raise WrongPeriod("{period} 不在这份清单的年度（{year}）内。", period=period.key, year=head.year)
    if not Month(period.year, period.first_month) <= until <= period.end:
        raise WrongPeriod("截止月 {cutoff} 不在报告期 {period} 内。", cutoff=str(until), period=period.key)
    return until


def _bulletin_id(session: Session, head: Head, period: Period) -> int:
    wanted = select(Bulletin.id).where(Bulletin.programme_id == head.id, Bulletin.period == period.key)
    found = session.scalar(wanted)
    if found is not None:
        return found
    bulletin = Bulletin(programme_id=head.id, period=period.key)
    session.add(bulletin)
    session.flush()
    return bulletin.id


def _next_number(session: Session, bulletin_id: int) -> int:
    last = select(func.max(BulletinIssue.number)).where(BulletinIssue.bulletin_id == bulletin_id)
    return (session.scalar(last) or 0) + 1


def _keep_draft(
    session: Session, bulletin_id: int, occasion: Occasion, text: str, *, seal: int, doer: Doer
) -> None:
    """Write the draft's row, or rewrite it whole: who drafts last answers for all of it."""
    wanted = select(BulletinIssue).where(
        BulletinIssue.bulletin_id == bulletin_id, BulletinIssue.state == "draft"
    )
    draft = session.scalars(wanted).one_or_none()
    if draft is None:
        draft = BulletinIssue(bulletin_id=bulletin_id, number=occasion.number, state="draft")
        session.add(draft)
    draft.cutoff = str(occasion.cutoff)
    draft.seal = seal
    draft.document = text
    draft.digest = digest(text)
    draft.drafted_by_id = doer.identity.person_id
    draft.drafted_at = doer.now
    session.flush()


def _drafted(session: Session, head: Head, period: Period, *, doer: Doer, before: Issue | None) -> Issue:
    draft = find_draft(session, head, period)
    if draft is None:
        raise IssueNotFound("没有找到这份拟稿。")
    _record(session, head, draft, "bulletin.drafted", doer=doer, before=before, after=_told(draft))
    return draft


def issue_bulletin(session: Session, head: Head, seen: Seen, *, doer: Doer) -> Issue:
    """Countersign a draft and issue it: files are made and stored first, then its state changes.

    Raises:
        NotYours: neither reviewer nor viewer of the publisher.
        IssueNotFound: no such draft in this list.
        DraftHasMoved: it was drafted anew or issued since it was seen.
        SamePerson: the drafter is not their own countersigner.
    """
    _check_right(session, head, doer, Permission.COUNTERSIGN_BULLETIN)
    draft = _draft_seen(session, head, seen)
    if draft.drafted_by_id == doer.identity.person_id:
        raise SamePerson("拟稿人不能会签自己的通报，请由另一位人员会签。")
    frame = Frame(draft.digest, draft.drafted_at, doer.identity.name, doer.now)
    files = _make_files(session, draft, frame)
    _freeze(session, seen, doer=doer)
    superseded = _supersede(session, draft)
    after = _told(draft) | {
        "countersigned_by": doer.identity.name,
        "files": {file.format: file.digest for file in files},
        "superseded": superseded,
    }
    _record(session, head, draft, "bulletin.issued", doer=doer, before=draft, after=after)
    return draft._replace(
        state="issued", countersigned_by=doer.identity.name, issued_at=doer.now, version=seen.version + 1
    )


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


def _make_files(session: Session, draft: Issue, frame: Frame) -> list[BulletinFile]:
    document = draft.document
    stem = draft.serial.replace("/", "_")
    files = []
    for style, write in WRITERS.items():
        content = write(document, frame)
        files.append(
            BulletinFile(
                issue_id=draft.id,
                format=style,
                name=f"{stem}.{style}",
                content=content,
                digest=digest(content),
            )
        )
    session.add_all(files)
    session.flush()
    return files


def _freeze(session: Session, seen: Seen, *, doer: Doer) -> None:
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
            state="issued",
            countersigned_by_id=doer.identity.person_id,
            issued_at=doer.now,
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


class Exported(NamedTuple):
    """A stored file handed out, and the number of the audit entry that says to whom."""

    file: StoredFile
    entry_id: int


def export_file(
    session: Session, head: Head, issue: Issue, style: str, *, actor: Actor, now: datetime
) -> Exported:
    """Hand out a stored file and record who took which; raises FormatNotCarried.

    Whether a signed-in person may export is asked by ``check_export`` first; an operator at the
    machine always may.
    """
    file = get_file(session, issue, style)
    entry = record(
        session,
        actor=actor,
        now=now,
        action=EXPORTED,
        subject=Subject("bulletin", issue.serial, head.publisher_id),
        after={"format": file.format, "file": file.digest, "digest": issue.digest},
    )
    return Exported(file, entry.id)


def check_export(session: Session, head: Head, *, doer: Doer) -> None:
    """Raise NotYours unless this person's right to export reaches the publisher."""
    _check_right(session, head, doer, Permission.EXPORT_BULLETIN)


def _told(issue: Issue) -> dict[str, Any]:
    return {
        "cutoff": issue.cutoff,
        "seal": issue.seal,
        "digest": issue.digest,
        "drafted_by": issue.drafted_by,
    }


def _record(
    session: Session,
    head: Head,
    issue: Issue,
    action: str,
    *,
    doer: Doer,
    before: Issue | None,
    after: dict[str, Any],
) -> None:
    record(
        session,
        actor=doer.actor,
        now=doer.now,
        action=action,
        subject=Subject("bulletin", issue.serial, head.publisher_id),
        before=None if before is None else _told(before) | {"state": before.state},
        after=after,
    )
