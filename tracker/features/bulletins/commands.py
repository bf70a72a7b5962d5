"""Drafting, countersigning and exporting bulletins: rules, rows, audit, flush; never commit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from tracker.domain.canonical import canonical, digest
from tracker.domain.identity import Actor, Identity
from tracker.domain.messages import Forbidden, Message, Refusal
from tracker.domain.periods import Month, Period
from tracker.domain.permissions import RIGHTS, Permission, reaches
from tracker.features.bulletins.document import NothingSealed, Occasion, build_document, printed_name
from tracker.features.bulletins.narrative import Section
from tracker.features.bulletins.queries import (
    ARCHIVE,
    EXPORTED,
    Issue,
    IssueNotFound,
    Package,
    StoredFile,
    find_draft,
    find_newest,
    get_file,
    get_generated_prose,
    get_package,
)
from tracker.features.bulletins.relinking import edited_sections, refreshed_prose
from tracker.models.bulletin import Bulletin, BulletinAuthor, BulletinIssue
from tracker.services.audit import Subject, record
from tracker.services.clock import read_offset
from tracker.services.programme_heads import Head
from tracker.services.progress_table import newest_seal
from tracker.services.stand_ins import stand_in_of
from tracker.services.tree import get_unit


class NotYours(Forbidden):
    """This person may not do this at this publisher."""


class WrongPeriod(Refusal):
    """The period is not one of the list's year, or the cut-off lies outside the period."""


class ReasonRequired(Refusal):
    """A new issue of an issued bulletin says why it is needed."""


@dataclass(frozen=True, slots=True)
class Doer:
    """Who acts, as whom the audit trail names them, and when."""

    identity: Identity
    actor: Actor
    now: datetime


def draft_issue(
    session: Session,
    head: Head,
    period: Period,
    *,
    doer: Doer,
    cutoff: Month | None = None,
    reason: str = "",
    keeps_prose: bool = False,
) -> Issue:
    """Write the next issue of a period's bulletin from the newest seal, in place of any draft there is.

    With ``keeps_prose`` the sections somebody edited keep their words, and the figures linked in them follow.

    Raises:
        NotYours: not a reviewer of the publisher.
        WrongPeriod, NothingSealed: what their names say.
        ReasonRequired: the bulletin is issued already and no reason is given.
    """
    check_right(session, head, doer, Permission.DRAFT_BULLETIN)
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
        printed_name(
            doer.identity.name, stand_in_of(session, doer.actor.appointment_id), read_offset(session)
        ),
        None if previous is None else previous.document,
        reason.strip(),
    )
    document = build_document(session, head, occasion, seal=seal)
    generated = canonical(document["prose"])
    edited = _edited(session, draft) if keeps_prose else []
    if edited:
        document["prose"] = refreshed_prose(edited, document)
    written = _Written(canonical(document), generated, seal, bool(edited))
    _keep_draft(session, bulletin_id, occasion, written, doer=doer)
    return _drafted(session, head, period, doer=doer, before=draft)


def check_right(session: Session, head: Head, doer: Doer, permission: Permission) -> None:
    """Raise NotYours unless this person's right reaches the publisher."""
    publisher = get_unit(session, head.publisher_id)
    if not reaches(doer.identity, permission, publisher.place):
        raise NotYours(
            "您不能{meaning}：须由{publisher}的人员办理。",
            meaning=Message(RIGHTS[permission].meaning),
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


def _edited(session: Session, draft: Issue | None) -> list[Section]:
    """The sections of the draft that somebody gave other words."""
    if draft is None:
        return []
    return edited_sections(draft.document["prose"], get_generated_prose(session, draft.id))


class _Written(NamedTuple):
    """A drafted document as it is stored."""

    text: str
    generated: str
    seal: int
    has_kept_prose: bool


def _keep_draft(
    session: Session, bulletin_id: int, occasion: Occasion, written: _Written, *, doer: Doer
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
    draft.seal = written.seal
    draft.document = written.text
    draft.generated = written.generated
    draft.digest = digest(written.text)
    draft.drafted_by_id = doer.identity.person_id
    draft.drafted_at = doer.now
    session.flush()
    if not written.has_kept_prose:
        session.execute(delete(BulletinAuthor).where(BulletinAuthor.issue_id == draft.id))
    add_author(session, draft.id, doer)


def add_author(session: Session, issue_id: int, doer: Doer) -> None:
    """Remember that this person wrote words of the draft."""
    session.merge(BulletinAuthor(issue_id=issue_id, person_id=doer.identity.person_id))
    session.flush()


def _drafted(session: Session, head: Head, period: Period, *, doer: Doer, before: Issue | None) -> Issue:
    draft = find_draft(session, head, period)
    if draft is None:
        raise IssueNotFound("没有找到这份拟稿。")
    act = Act("bulletin.drafted", doer.actor, doer.now)
    record_act(session, head, draft, act, before=before, after=told(draft))
    return draft


class Exported(NamedTuple):
    """A stored file or archive handed out, and the number of the audit entry that says to whom."""

    file: StoredFile | Package
    entry_id: int


def export_file(
    session: Session, head: Head, issue: Issue, style: str, *, actor: Actor, now: datetime
) -> Exported:
    """Hand out a stored file, or the archive with the evidence (``zip``), and record who took which.

    Whether a signed-in person may export is asked by ``check_export`` first; an operator at the
    machine always may. Raises FormatNotCarried.
    """
    file: StoredFile | Package = (
        get_package(session, issue) if style == ARCHIVE else get_file(session, issue, style)
    )
    after: dict[str, Any] = {"format": style, "file": file.digest, "digest": issue.digest}
    if isinstance(file, Package):
        after["evidence_count"] = file.evidence_count
    subject = Subject("bulletin", issue.serial, head.publisher_id)
    entry = record(session, actor=actor, now=now, action=EXPORTED, subject=subject, after=after)
    return Exported(file, entry.id)


def check_export(session: Session, head: Head, *, doer: Doer) -> None:
    """Raise NotYours unless this person's right to export reaches the publisher."""
    check_right(session, head, doer, Permission.EXPORT_BULLETIN)


def told(issue: Issue) -> dict[str, Any]:
    """What the audit trail says of an issue."""
    return {
        "cutoff": issue.cutoff,
        "seal": issue.seal,
        "digest": issue.digest,
        "drafted_by": issue.drafted_by,
    }


class Act(NamedTuple):
    """One act on a bulletin as the audit trail names it: what, by whom, when."""

    action: str
    actor: Actor
    now: datetime


def record_act(
    session: Session, head: Head, issue: Issue, act: Act, *, before: Issue | None, after: dict[str, Any]
) -> None:
    """Write the one audit entry of an act."""
    record(
        session,
        actor=act.actor,
        now=act.now,
        action=act.action,
        subject=Subject("bulletin", issue.serial, head.publisher_id),
        before=None if before is None else told(before) | {"state": before.state},
        after=after,
    )
