"""After acceptance: undo, revoke, correct and drop, through THE transition table (document 1.4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tracker.domain.messages import Conflict, Forbidden, Refusal, sentence
from tracker.domain.workflow import UNDO_SECONDS, Action, State
from tracker.models.report import Acceptance, Line, Revision, RevisionAuthor
from tracker.services.evidence import carry_evidence
from tracker.services.moving import (
    OVERTAKEN,
    MovedOn,
    NotYourDesk,
    begin_acceptances,
    check_department,
    check_desk,
    end_acceptances,
    get_seen,
    lock_reports,
    move,
    name_issue,
    post_moved,
    set_state,
    target_in,
    tell,
)
from tracker.services.snapshots import content_digest
from tracker.services.standings import Doer, Remark, Standing, list_standings
from tracker.services.transitions import add_authors


class UndoOver(Conflict):
    """The seconds for undoing are over, or something has happened since."""


class BulletinStands(Conflict):
    """An issued bulletin prints these figures: they change only by a correction."""


class AlreadyUnderWay(Conflict):
    """Another revision of the report is under way already."""


class NoCorrection(Forbidden):
    """What is to be dropped is not a correction: without it the report would say nothing."""


class WhyMissing(Refusal):
    """Revoking and correcting need a reason."""


class Verdict(NamedTuple):
    """An acceptance as whoever gave it remembers it: the versions it left behind, and one digest over its content."""

    versions: Mapping[int, int]
    digest: str


def verdict_of(accepted: Sequence[Standing]) -> Verdict:
    """What ``accept`` returned (the standings before it), as ``undo`` takes it back."""
    digests = [one.digest for one in accepted if one.digest]
    return Verdict({one.id: one.version_id + 1 for one in accepted}, content_digest(digests))


def verdict_before(standing: Sequence[Standing]) -> Verdict:
    """The verdict that left these standings behind, as they are now."""
    digests = [one.digest for one in standing if one.digest]
    return Verdict({one.id: one.version_id for one in standing}, content_digest(digests))


def undo(session: Session, verdict: Verdict, doer: Doer) -> list[Standing]:
    """Take an acceptance back within ten seconds where nothing has happened since.

    The revisions are signed again; of a correction the older one counts again. Raises UndoOver, NotYourDesk,
    BulletinStands, MovedOn.
    """
    lock_reports(session, list(verdict.versions))
    standings = get_seen(session, {key: (version, None) for key, version in verdict.versions.items()}, doer)
    if content_digest([one.digest for one in standings if one.digest]) != verdict.digest:
        raise MovedOn("这份报告在您打开之后已有变动，请看过最新内容再办理。")
    for standing in standings:
        _check_undo(session, standing, doer)
    older = _list_replaced(session, standings)
    cleared: dict[str, object] = {"accepted_by_id": None, "accepted_at": None}
    move(session, standings, Action.UNDO, doer, values=cleared)
    _count_again(session, older, doer)
    posting_id = post_moved(session, standings, "undo", doer)
    end_acceptances(session, [one.id for one in standings], posting_id)
    begin_acceptances(session, older, posting_id)
    return standings


def _check_undo(session: Session, standing: Standing, doer: Doer) -> None:
    target_in(standing, Action.UNDO, doer.identity.role)
    if standing.accepted_by_id != doer.identity.person_id:
        raise NotYourDesk("只有刚刚通过这份报告的人能撤销。")
    check_desk(standing, doer.identity)
    is_over = standing.accepted_at is None or doer.now - standing.accepted_at > timedelta(
        seconds=UNDO_SECONDS
    )
    if is_over or standing.open_id is not None:
        raise UndoOver(
            "已经过了 {seconds} 秒，或者之后又有人办理，不能撤销通过；确需撤回，请作废。",
            seconds=UNDO_SECONDS,
        )
    _refuse_printed(session, standing)


def _refuse_printed(session: Session, standing: Standing) -> None:
    if standing.contradicts is not None:
        issue = name_issue(session, standing.contradicts)
        raise BulletinStands("{issue}已印发这期数字，只能由填报单位更正，不能撤销或作废。", issue=issue)


def _list_replaced(session: Session, standings: Sequence[Standing]) -> list[int]:
    """The revisions that these acceptances superseded: those whose counting ended with the same posting."""
    begun = select(Acceptance.posting_id).where(
        Acceptance.revision_id.in_([one.id for one in standings]), Acceptance.ended_posting_id.is_(None)
    )
    wanted = (
        select(Revision.id)
        .join(Acceptance, Acceptance.revision_id == Revision.id)
        .where(
            Acceptance.ended_posting_id.in_(begun),
            Revision.report_id.in_([one.report_id for one in standings]),
            Revision.state == State.SUPERSEDED,
        )
        .order_by(Revision.id)
    )
    return list(session.scalars(wanted))


def _count_again(session: Session, revision_ids: Sequence[int], doer: Doer) -> None:
    if not revision_ids:
        return
    changed = session.execute(
        update(Revision)
        .where(Revision.id.in_(revision_ids), Revision.state == State.SUPERSEDED)
        .values(state=State.ACCEPTED, version_id=Revision.version_id + 1, changed_at=doer.now)
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != len(revision_ids):  # type: ignore[attr-defined]
        raise MovedOn(OVERTAKEN)


def revoke(
    session: Session, versions: Mapping[int, int], doer: Doer, *, reason: str, answer_by: datetime
) -> list[Standing]:
    """Take accepted revisions of one unit out of the totals; the unit redoes them in drafts with the lines copied.

    ``versions``: revision id → the version seen. A correction under way is dropped first; what was superseded
    stays so. Raises WhyMissing, NotYourDesk, BulletinStands, MovedOn.
    """
    _need(reason, sentence("请写明作废的原因，让填报单位知道为什么重做。"))
    lock_reports(session, list(versions))
    standings = get_seen(session, {key: (version, None) for key, version in versions.items()}, doer)
    for standing in standings:
        target_in(standing, Action.REVOKE, doer.identity.role)
        _check_path(standing, doer)
        _refuse_printed(session, standing)
    opened = list_standings(session, [one.open_id for one in standings if one.open_id is not None])
    if opened:
        _drop_for_revocation(session, opened, doer, reason)
    move(session, standings, Action.REVOKE, doer, remark=Remark(reason.strip(), (), answer_by))
    for standing in standings:
        _copy(session, standing, doer, reason=reason, answer_by=answer_by)
    posting_id = post_moved(session, standings, "revoke", doer)
    end_acceptances(session, [one.id for one in standings], posting_id)
    return standings


def _check_path(standing: Standing, doer: Doer) -> None:
    """Reviewers from the unit's superior up to the publisher may revoke."""
    units = [step.org_unit_id for step in standing.path]
    above = units[: units.index(standing.publisher_id) + 1] if standing.publisher_id in units else []
    if standing.org_unit_id != standing.publisher_id:
        above = above[1:]
    check_department(standing, doer.identity)
    if doer.identity.appointment.org_unit_id not in above:
        raise NotYourDesk("这份报告不由您所在的单位作废。")


def _drop_for_revocation(session: Session, opened: Sequence[Standing], doer: Doer, reason: str) -> None:
    set_state(session, opened, State.DROPPED, doer)
    targets = {one.id: State.DROPPED for one in opened}
    tell(session, opened, Action.DROP, doer, targets=targets, remark=Remark(reason.strip()))


def correct(session: Session, versions: Mapping[int, int], doer: Doer, *, reason: str) -> list[int]:
    """Begin corrections of accepted revisions of the own unit: drafts with the lines copied; their ids.

    What is accepted goes on counting until a correction is accepted. Raises WhyMissing, NotYourDesk,
    AlreadyUnderWay, MovedOn.
    """
    _need(reason, sentence("请写明为什么更正。"))
    lock_reports(session, list(versions))
    standings = get_seen(session, {key: (version, None) for key, version in versions.items()}, doer)
    for standing in standings:
        target_in(standing, Action.CORRECT, doer.identity.role)
        if standing.org_unit_id != doer.identity.appointment.org_unit_id:
            raise NotYourDesk("只能更正本单位的报告。")
        if standing.open_id is not None:
            raise AlreadyUnderWay("这份报告已经有一份更正正在办理，请先办完或放弃它。")
    set_state(session, standings, State.ACCEPTED, doer)  # a new version: whoever revokes must have seen this
    made = [_copy(session, standing, doer, reason=reason, answer_by=None) for standing in standings]
    add_authors(session, made, doer.identity.person_id)
    targets = {one.id: State.ACCEPTED for one in standings}
    tell(session, standings, Action.CORRECT, doer, targets=targets, remark=Remark(reason.strip()))
    return made


def drop(session: Session, versions: Mapping[int, int], doer: Doer) -> list[Standing]:
    """Give up corrections of the own unit that are not handed in; what is accepted stays. Raises NoCorrection."""
    lock_reports(session, list(versions))
    standings = get_seen(session, {key: (version, None) for key, version in versions.items()}, doer)
    for standing in standings:
        if standing.org_unit_id != doer.identity.appointment.org_unit_id:
            raise NotYourDesk("只能放弃本单位的更正。")
        if not standing.is_correction:
            raise NoCorrection("这份报告没有已通过的版本，不能放弃，只能改好后提交。")
    move(session, standings, Action.DROP, doer)
    return standings


def _need(reason: str, text: str) -> None:
    if not reason.strip():
        raise WhyMissing(text)


def _copy(
    session: Session, standing: Standing, doer: Doer, *, reason: str, answer_by: datetime | None
) -> int:
    """A new draft of the report with texts, lines, their authors and the evidence copied; its id."""
    old = session.execute(
        select(
            Revision.achievements, Revision.problems, Revision.next_steps,
            select(func.max(Revision.number)).where(Revision.report_id == standing.report_id)
            .scalar_subquery().label("last"),
        ).where(Revision.id == standing.id)
    ).one()  # fmt: skip
    made = Revision(
        report_id=standing.report_id, number=old.last + 1, state=State.DRAFT, origin="page",
        reason=reason.strip(), achievements=old.achievements, problems=old.problems,
        next_steps=old.next_steps, answer_by=answer_by, created_at=doer.now, changed_at=doer.now,
    )  # fmt: skip
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError as taken:
        raise AlreadyUnderWay("这份报告刚刚有人开始更正，请刷新后再看。") from taken
    _copy_rows(session, standing.id, made.id)
    carry_evidence(session, standing.id, made.id)
    return made.id


def _copy_rows(session: Session, old_id: int, new_id: int) -> None:
    columns = [column.name for column in Line.__table__.columns if column.name != "revision_id"]
    lines = session.execute(select(Line.__table__).where(Line.revision_id == old_id)).mappings().all()
    if lines:
        rows = [{name: line[name] for name in columns} | {"revision_id": new_id} for line in lines]
        session.execute(insert(Line), rows)
    authors = select(RevisionAuthor.person_id).where(RevisionAuthor.revision_id == old_id)
    people = session.scalars(authors.order_by(RevisionAuthor.person_id)).all()
    if people:
        rows = [{"revision_id": new_id, "person_id": person_id} for person_id in people]
        session.execute(insert(RevisionAuthor), rows)


def comment(
    session: Session, standing: Standing, doer: Doer, *, text: str, pinned: Iterable[int] = ()
) -> None:
    """A remark in a report's permanent thread, pinned to lines where it is about some; moves nothing."""
    _need(text, sentence("请先写下要说的话。"))
    remark = Remark(text.strip(), tuple(sorted(pinned)))
    tell(session, [standing], Action.COMMENT, doer, targets={standing.id: standing.state}, remark=remark)
