"""What every act of the workflow is made of: one guarded UPDATE, its thread entries, audit and posting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import insert, select, tuple_, update
from sqlalchemy.orm import Session

from tracker.domain.identity import Identity, Role, actor_of
from tracker.domain.messages import Conflict, Forbidden, Message
from tracker.domain.workflow import Action, State, target_of, transition
from tracker.models.bulletin import Bulletin, BulletinIssue
from tracker.models.report import Acceptance, Report, Revision, ThreadEntry
from tracker.services.audit import Subject, Told, record_all
from tracker.services.ledger.posting import Act, Ground, lock_streams, post
from tracker.services.snapshots import content_digest
from tracker.services.standings import NO_REMARK, Doer, Remark, Seen, Standing, list_standings


class MovedOn(Conflict):
    """The revision is no longer the one the person saw: other version, other content or other state."""


class SamePerson(Forbidden):
    """Authors, signer and acceptor of a revision are different persons (四眼原则)."""


class NotYourDesk(Forbidden):
    """This revision is judged by somebody else: another unit, or another lead department."""


PAST = {
    Action.SUBMIT: "submitted", Action.WITHDRAW: "withdrawn", Action.SIGN: "signed", Action.RETURN: "returned",
    Action.ACCEPT: "accepted", Action.UNDO: "undone", Action.REVOKE: "revoked", Action.CORRECT: "corrected",
    Action.DROP: "dropped", Action.COMMENT: "commented",
}  # fmt: skip
"""What the audit trail calls each act, after ``report.``."""

NAMES_BULLETIN = frozenset({Action.SUBMIT, Action.ACCEPT, Action.CORRECT})
"""Acts that may contradict an issued bulletin, and then say so in the thread."""


def lock_reports(session: Session, revision_ids: Sequence[int]) -> None:
    """Hold the streams of these revisions' reports: what is read after this cannot be changed by a racing act.

    Nothing to do on SQLite, where a writing transaction is the only one from its first statement on.
    """
    if session.get_bind().dialect.name == "sqlite":
        return
    wanted = (
        select(Report.programme_id, Report.org_unit_id)
        .join(Revision, Revision.report_id == Report.id)
        .where(Revision.id.in_(revision_ids))
        .distinct()
    )
    for row in sorted(session.execute(wanted).all()):
        lock_streams(session, row.programme_id, [row.org_unit_id])


def get_seen(session: Session, seen: Mapping[int, tuple[int, str | None]], doer: Doer) -> list[Standing]:
    """The revisions as they are now, each still in the version seen (and with the digest, where one is named).

    ``seen``: revision id → version and digest. All of one unit and programme; else MovedOn.
    """
    standings = list_standings(session, seen, person_id=doer.identity.person_id)
    if len(standings) != len(seen) or not standings:
        raise MovedOn("有报告已不存在，请刷新后再看。")
    for standing in standings:
        version_id, digest = seen[standing.id]
        if version_id != standing.version_id or digest not in (None, standing.digest):
            raise MovedOn("这份报告在您打开之后已有变动，请看过最新内容再办理。")
    if len({(standing.programme_id, standing.org_unit_id) for standing in standings}) != 1:
        raise MovedOn("一次只能办理一个单位的报告。")
    return standings


def with_digests(seen: Sequence[Seen]) -> dict[int, tuple[int, str | None]]:
    """What a verdict names, as ``get_seen`` takes it."""
    return {one.revision_id: (one.version_id, one.digest) for one in seen}


def check_desk(standing: Standing, identity: Identity) -> None:
    """Approvers judge their own unit; reviewers the units right below, and the publisher's own level."""
    if identity.role is Role.REVIEWER:
        check_department(standing, identity)
        judge_id = standing.judge_id
    else:
        judge_id = standing.org_unit_id
    if identity.appointment.org_unit_id != judge_id:
        raise NotYourDesk("这份报告不由您所在的单位办理。")


def check_department(standing: Standing, identity: Identity) -> None:
    """A reviewer bound to a lead department judges its pledges alone."""
    if identity.appointment.department not in (None, standing.lead):
        raise NotYourDesk("这项实事由“{lead}”审核。", lead=standing.lead)


def refuse_authors(standing: Standing, identity: Identity) -> None:
    """Nobody judges what they wrote or signed."""
    if standing.is_author:
        raise SamePerson("您填写过这份报告，须由另一位同事办理。")
    if standing.signed_by_id == identity.person_id:
        raise SamePerson("您已审批过这份报告，须由另一位同事审核。")


def set_state(
    session: Session,
    standings: Sequence[Standing],
    target: State,
    doer: Doer,
    values: Mapping[str, object] | None = None,
) -> None:
    """The one guarded UPDATE: ids, versions and the state stand in its WHERE; fewer rows: somebody was first."""
    for state in sorted({standing.state for standing in standings}):
        moving = [standing for standing in standings if standing.state is state]
        changed = session.execute(
            update(Revision)
            .where(
                tuple_(Revision.id, Revision.version_id).in_([(one.id, one.version_id) for one in moving]),
                Revision.state == state,
            )
            .values(state=target, version_id=Revision.version_id + 1, changed_at=doer.now, **(values or {}))
            .execution_options(synchronize_session=False)
        )
        if changed.rowcount != len(moving):  # type: ignore[attr-defined]
            raise MovedOn("这份报告刚刚被别人办理，请刷新后再看。")


def move(
    session: Session,
    standings: Sequence[Standing],
    action: Action,
    doer: Doer,
    *,
    values: Mapping[str, object] | None = None,
    remark: Remark = NO_REMARK,
) -> None:
    """Move revisions along one row of the table and tell of it."""
    targets = {one.id: target_in(one, action, doer.identity.role) for one in standings}
    for target in sorted(set(targets.values())):
        set_state(session, [one for one in standings if targets[one.id] is target], target, doer, values)
    tell(session, standings, action, doer, targets=targets, remark=remark)


def target_in(standing: Standing, action: Action, role: Role) -> State:
    """Where the table leads this revision; NotInThisState where it has no such row."""
    return target_of(transition(action, role, standing.state), is_waived=standing.is_waived)


def tell(
    session: Session,
    standings: Sequence[Standing],
    action: Action,
    doer: Doer,
    *,
    targets: Mapping[int, State],
    remark: Remark = NO_REMARK,
) -> None:
    """One step in each report's thread, and one audit entry for each."""
    said = {one.id: _said(session, one, action, remark) for one in standings}
    session.flush()
    session.execute(
        insert(ThreadEntry),
        [
            {
                "report_id": one.report_id,
                "revision_id": one.id,
                "submission_id": one.submission_id,
                "action": action,
                "person_id": doer.identity.person_id,
                "at": doer.now,
                "text": said[one.id],
                "pinned": list(remark.pinned),
                "answer_by": remark.answer_by,
            }
            for one in standings
        ],
    )
    told = [
        Told(
            f"report.{PAST[action]}",
            Subject("report", str(one.report_id), one.org_unit_id),
            before={"state": one.state, "revision": one.number},
            after={
                "state": targets[one.id],
                "revision": one.number,
                "digest": one.digest,
                "text": said[one.id],
            }
            | _waived(one, action),
        )
        for one in standings
    ]
    record_all(session, told, actor=actor_of(doer.identity, doer.request_id), now=doer.now)


def _waived(standing: Standing, action: Action) -> dict[str, object]:
    """That no signature was asked for belongs to the record of what was judged without one."""
    is_unsigned = action is Action.ACCEPT and standing.is_waived and standing.signed_by_id is None
    return {"signature": "waived"} if is_unsigned else {}


def _said(session: Session, standing: Standing, action: Action, remark: Remark) -> str:
    """What the person said; an act against an issued bulletin says which."""
    if standing.contradicts is None or action not in NAMES_BULLETIN:
        return remark.text
    told = f"与已发布的{name_issue(session, standing.contradicts)}不一致。"
    return f"{remark.text}（{told}）" if remark.text else told


def name_issue(session: Session, issue_id: int) -> Message:
    """An issue by its bulletin's period and its number: 通报 2018-H1 第1期."""
    wanted = (
        select(Bulletin.period, BulletinIssue.number)
        .join(BulletinIssue, BulletinIssue.bulletin_id == Bulletin.id)
        .where(BulletinIssue.id == issue_id)
    )
    row = session.execute(wanted).one()
    return Message("通报 {period} 第{number}期", {"period": row.period, "number": row.number})


def find_contradicted(session: Session, revision_ids: Sequence[int]) -> Message | None:
    """The newest issued bulletin that prints the months of these revisions, by name; None where none does."""
    printed = [
        one.contradicts for one in list_standings(session, revision_ids) if one.contradicts is not None
    ]
    return name_issue(session, max(printed)) if printed else None


def post_moved(session: Session, standings: Sequence[Standing], action: str, doer: Doer) -> int:
    """One posting for the unit, covering the digests of everything that was moved; the streams are locked."""
    session.expire_all()
    first = standings[0]
    act = Act(
        programme_id=first.programme_id,
        action=action,
        actor=actor_of(doer.identity, doer.request_id),
        at=doer.now,
        content_digest=content_digest([one.digest for one in standings if one.digest]),
    )
    ground = Ground(first.edition, {one.org_unit_id: one.path for one in standings})
    return post(session, act, {one.org_unit_id for one in standings}, ground=ground)


def end_acceptances(session: Session, revision_ids: Sequence[int], posting_id: int) -> None:
    """From this posting on these revisions count no more."""
    if revision_ids:
        session.execute(
            update(Acceptance)
            .where(Acceptance.revision_id.in_(revision_ids), Acceptance.ended_posting_id.is_(None))
            .values(ended_posting_id=posting_id)
            .execution_options(synchronize_session=False)
        )


def begin_acceptances(session: Session, revision_ids: Sequence[int], posting_id: int) -> None:
    """From this posting on these revisions count."""
    if revision_ids:
        rows = [
            {"revision_id": revision_id, "posting_id": posting_id, "ended_posting_id": None}
            for revision_id in revision_ids
        ]
        session.execute(insert(Acceptance), rows)
