"""What every act of the workflow is made of: one guarded UPDATE, its thread entries, audit and posting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import any_, bindparam, literal, select, tuple_, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from tracker.domain.identity import Identity, Role, actor_of
from tracker.domain.messages import Conflict, Forbidden, Message
from tracker.domain.workflow import Action, State, target_of, transition
from tracker.models.base import Key, table_of
from tracker.models.bulletin import Bulletin, BulletinIssue
from tracker.models.ledger import ReportStream
from tracker.models.report import Acceptance, Report, Revision, ThreadEntry
from tracker.services.audit import Subject, Told, record_all
from tracker.services.bulk import insert_rows
from tracker.services.chunks import chunked
from tracker.services.ledger.posting import Act, Ground, post
from tracker.services.snapshots import content_digest
from tracker.services.standings import NO_REMARK, Doer, Remark, Seen, Standing, list_standings


class MovedOn(Conflict):
    """The revision is no longer the one the person saw: other version, other content or other state."""


OVERTAKEN = "这份报告刚刚被别人办理，请刷新后再看。"


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
    session.execute(_LOCK, {"ids": list(revision_ids)})


def _lock() -> Any:
    """One statement for whatever number: streams in the order in which everybody takes them."""
    streams = (
        select(Report.programme_id, Report.org_unit_id, literal(1))
        .join(Revision, Revision.report_id == Report.id)
        .where(Revision.id == any_(bindparam("ids", type_=postgresql.ARRAY(Key))))
        .distinct()
        .order_by(Report.programme_id, Report.org_unit_id)
    )
    columns = ["programme_id", "org_unit_id", "turns"]
    return (
        postgresql.insert(table_of(ReportStream))
        .from_select(columns, streams)
        .on_conflict_do_update(index_elements=columns[:2], set_={"turns": ReportStream.turns + 1})
    )


_LOCK = _lock()


def get_seen(session: Session, seen: Mapping[int, tuple[int, str | None]], doer: Doer) -> list[Standing]:
    """The revisions as they are now, each still in the version seen (and with the digest, where one is named).

    ``seen``: revision id → version and digest. All of one unit and programme; else MovedOn.
    """
    found = list_standings(session, seen, person_id=doer.identity.person_id)
    return check_seen({standing.id: standing for standing in found}, seen)


def check_seen(found: Mapping[int, Standing], seen: Mapping[int, tuple[int, str | None]]) -> list[Standing]:
    """The same from what was read already, which may hold others too."""
    standings = [found[revision_id] for revision_id in sorted(seen) if revision_id in found]
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
    session.flush()
    table = table_of(Revision)
    change = update(table).values(
        state=target, version_id=table.c.version_id + 1, changed_at=doer.now, **(values or {})
    )
    for state in sorted({standing.state for standing in standings}):
        moving = [(one.id, one.version_id) for one in standings if one.state is state]
        for part in chunked(moving):
            seen = tuple_(table.c.id, table.c.version_id).in_(part)
            ids = table.c.id.in_([key for key, _version in part])  # SQLite finds pairs by looking through all
            changed = session.connection().execute(change.where(ids, seen, table.c.state == state))
            if changed.rowcount != len(part):
                raise MovedOn(OVERTAKEN)


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
    pinned = list(remark.pinned)
    steps = (
        (one.report_id, one.id, one.submission_id, action, doer.identity.person_id, doer.now, said[one.id], pinned,
         remark.answer_by)
        for one in standings
    )  # fmt: skip
    insert_rows(session, ThreadEntry, _STEP_COLUMNS, steps)
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


_STEP_COLUMNS = (
    "report_id", "revision_id", "submission_id", "action", "person_id", "at", "text", "pinned", "answer_by",
)  # fmt: skip


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
    """One posting of one programme, covering the digests of everything that was moved; the streams are locked."""
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
    for part in chunked(revision_ids):
        session.execute(
            update(Acceptance)
            .where(Acceptance.revision_id.in_(part), Acceptance.ended_posting_id.is_(None))
            .values(ended_posting_id=posting_id)
            .execution_options(synchronize_session=False)
        )


def begin_acceptances(session: Session, revision_ids: Sequence[int], posting_id: int) -> None:
    """From this posting on these revisions count."""
    if revision_ids:
        rows = [(revision_id, posting_id) for revision_id in revision_ids]
        insert_rows(session, Acceptance, ("revision_id", "posting_id"), rows)
