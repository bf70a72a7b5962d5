"""Moving revisions through THE transition table: one guarded UPDATE, its thread entry, audit and posting."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, and_, select, update
from sqlalchemy.orm import Session

from tracker.domain.identity import Identity, Role, actor_of
from tracker.domain.messages import Conflict, Forbidden, Refusal
from tracker.domain.workflow import Action, State, transition
from tracker.models.programme import Pledge, Programme
from tracker.models.report import Acceptance, Report, Revision, RevisionAuthor, Submission, ThreadEntry
from tracker.services.audit import Subject, record
from tracker.services.ledger.posting import Act, lock_streams, post
from tracker.services.snapshots import content_digest, write_submission
from tracker.services.tree import get_unit


class MovedOn(Conflict):
    """The revision is no longer the one the person saw: other version, other content or other state."""


class SamePerson(Forbidden):
    """Authors, signer and acceptor of a revision are different persons (四眼原则)."""


class NotYourDesk(Forbidden):
    """This revision is judged by somebody else: another unit, or another lead department."""


class ReasonRequired(Refusal):
    """A return must say what has to be mended."""


class Standing(NamedTuple):
    """A revision as the workflow needs it; ``digest`` is that of what was last handed in."""

    id: int
    report_id: int
    number: int
    state: State
    version_id: int
    submission_id: int | None
    digest: str | None
    programme_id: int
    publisher_id: int
    org_unit_id: int
    lead: str
    pledge_id: int
    period: str


@dataclass(frozen=True, slots=True)
class Seen:
    """Which revision a verdict is about, and the version and content digest the person saw."""

    revision_id: int
    version_id: int
    digest: str


@dataclass(frozen=True, slots=True)
class Remark:
    """What a person says with an act: the reason, the lines it is pinned to, and until when to answer."""

    text: str = ""
    pinned: tuple[int, ...] = ()
    answer_by: datetime | None = None


NO_REMARK = Remark()


@dataclass(frozen=True, slots=True)
class Doer:
    """Who acts, when, and in which request."""

    identity: Identity
    now: datetime
    request_id: str = ""


def list_standings(session: Session, revision_ids: Iterable[int]) -> list[Standing]:
    """The revisions with these ids, in id order."""
    current = and_(Submission.revision_id == Revision.id, Submission.number == Revision.submission_number)
    wanted = (
        select(
            Revision.id, Revision.report_id, Revision.number, Revision.state, Revision.version_id,
            Submission.id.label("submission_id"), Submission.digest, Report.programme_id, Programme.publisher_id,
            Report.org_unit_id, Pledge.lead, Report.pledge_id, Report.period,
        )
        .join(Report, Report.id == Revision.report_id)
        .join(Programme, Programme.id == Report.programme_id)
        .join(Pledge, Pledge.id == Report.pledge_id)
        .join(Submission, current, isouter=True)
        .where(Revision.id.in_(sorted(set(revision_ids))))
        .order_by(Revision.id)
    )  # fmt: skip
    return [_standing(row) for row in session.execute(wanted)]


def _standing(row: Row[*tuple[Any, ...]]) -> Standing:
    values = row._asdict()
    return Standing(**values | {"state": State(row.state)})


def submit(session: Session, standings: Sequence[Standing], doer: Doer) -> None:
    """Hand in drafts or returned revisions of one unit: each gets its numbered Submission."""
    for standing in standings:
        _add_author(session, standing, doer)
        submission = write_submission(session, standing.id, by_id=doer.identity.person_id, at=doer.now)
        handed_in = standing._replace(submission_id=submission.id, digest=submission.digest)
        values = {
            "submission_number": submission.number,
            "submitted_by_id": doer.identity.person_id,
            "submitted_at": doer.now,
            "answer_by": None,
            "signed_by_id": None,
            "signed_at": None,
        }
        _move(session, handed_in, Action.SUBMIT, doer, values=values)
    _post(session, standings, "submit", doer)


def withdraw(session: Session, standings: Sequence[Standing], doer: Doer) -> None:
    """Take back what one handed in oneself, while nobody has judged it."""
    for standing in standings:
        if _submitter(session, standing) != doer.identity.person_id:
            raise NotYourDesk("只有提交的人能撤回。")
        _move(session, standing, Action.WITHDRAW, doer)
    _post(session, standings, "withdraw", doer)


def sign(session: Session, seen: Sequence[Seen], doer: Doer) -> list[Standing]:
    """The head of the same unit signs what was handed in; totals stay as they are."""
    standings = _seen_standings(session, seen)
    for standing in standings:
        _check_desk(session, standing, doer)
        _refuse_authors(session, standing, doer)
        _move(
            session,
            standing,
            Action.SIGN,
            doer,
            values={"signed_by_id": doer.identity.person_id, "signed_at": doer.now},
        )
    return standings


def send_back(session: Session, seen: Sequence[Seen], doer: Doer, remark: Remark) -> list[Standing]:
    """Return revisions of one unit with a reason: to be mended by ``answer_by``."""
    if not remark.text.strip():
        raise ReasonRequired("请写明退回原因，让填报人知道改哪里。")
    standings = _seen_standings(session, seen)
    for standing in standings:
        _check_desk(session, standing, doer)
        cleared = {"signed_by_id": None, "signed_at": None, "answer_by": remark.answer_by}
        _move(session, standing, Action.RETURN, doer, values=cleared, remark=remark)
    _post(session, standings, "return", doer)
    return standings


def accept(session: Session, seen: Sequence[Seen], doer: Doer) -> list[Standing]:
    """The superior unit's reviewer accepts revisions of one unit; their figures count from now on.

    An older accepted revision of the same report becomes superseded, and its span of counting ends.
    """
    _lock(session, [one.revision_id for one in seen])
    standings = _seen_standings(session, seen)
    for standing in standings:
        _check_desk(session, standing, doer)
        _refuse_authors(session, standing, doer)
    replaced = _supersede(session, standings, doer)
    for standing in standings:
        values = {"accepted_by_id": doer.identity.person_id, "accepted_at": doer.now}
        _move(session, standing, Action.ACCEPT, doer, values=values)
    posting_id = _post(session, standings, "accept", doer)
    _end_acceptances(session, replaced, posting_id)
    session.add_all(Acceptance(revision_id=standing.id, posting_id=posting_id) for standing in standings)
    session.flush()
    return standings


def _lock(session: Session, revision_ids: Sequence[int]) -> None:
    """Hold the stream first: what is read after this cannot be changed by an acceptance that races."""
    wanted = (
        select(Report.programme_id, Report.org_unit_id)
        .join(Revision, Revision.report_id == Report.id)
        .where(Revision.id.in_(revision_ids))
        .distinct()
    )
    for row in sorted(session.execute(wanted).all()):
        lock_streams(session, row.programme_id, [row.org_unit_id])


def _seen_standings(session: Session, seen: Sequence[Seen]) -> list[Standing]:
    """The revisions as they are now, each still the one the person saw; all of one unit and programme."""
    standings = list_standings(session, [one.revision_id for one in seen])
    wanted = {one.revision_id: one for one in seen}
    if len(standings) != len(wanted) or not standings:
        raise MovedOn("有报告已不存在，请刷新后再看。")
    for standing in standings:
        one = wanted[standing.id]
        if (one.version_id, one.digest) != (standing.version_id, standing.digest):
            raise MovedOn("这份报告在您打开之后已有变动，请看过最新内容再办理。")
    if len({(standing.programme_id, standing.org_unit_id) for standing in standings}) != 1:
        raise MovedOn("一次只能办理一个单位的报告。")
    return standings


def _check_desk(session: Session, standing: Standing, doer: Doer) -> None:
    """Approvers judge their own unit; reviewers the units right below, and the publisher's own level."""
    appointment = doer.identity.appointment
    if appointment.role is Role.REVIEWER:
        unit = get_unit(session, standing.org_unit_id)
        is_publisher = standing.org_unit_id == standing.publisher_id
        judge_id = standing.publisher_id if is_publisher else unit.place.parent_id
        if appointment.department not in (None, standing.lead):
            raise NotYourDesk("这项实事由“{lead}”审核。", lead=standing.lead)
    else:
        judge_id = standing.org_unit_id
    if appointment.org_unit_id != judge_id:
        raise NotYourDesk("这份报告不由您所在的单位办理。")


def _refuse_authors(session: Session, standing: Standing, doer: Doer) -> None:
    person_id = doer.identity.person_id
    author = select(RevisionAuthor.person_id).where(
        RevisionAuthor.revision_id == standing.id, RevisionAuthor.person_id == person_id
    )
    if session.scalar(author) is not None:
        raise SamePerson("您填写过这份报告，须由另一位同事办理。")
    signer = session.scalar(select(Revision.signed_by_id).where(Revision.id == standing.id))
    if signer == person_id:
        raise SamePerson("您已审批过这份报告，须由另一位同事审核。")


def _submitter(session: Session, standing: Standing) -> int | None:
    return session.scalar(select(Revision.submitted_by_id).where(Revision.id == standing.id))


def _add_author(session: Session, standing: Standing, doer: Doer) -> None:
    add_author(session, standing.id, doer.identity.person_id)


def add_author(session: Session, revision_id: int, person_id: int) -> None:
    """Note that a person saved, submitted or corrected lines of a revision; once is enough."""
    if session.get(RevisionAuthor, (revision_id, person_id)) is None:
        session.add(RevisionAuthor(revision_id=revision_id, person_id=person_id))
        session.flush()


def _move(
    session: Session,
    standing: Standing,
    action: Action,
    doer: Doer,
    *,
    values: Mapping[str, object] | None = None,
    remark: Remark = NO_REMARK,
) -> None:
    """The one guarded UPDATE: id, state and version stand in its WHERE; 0 rows mean somebody was first."""
    row = transition(action, doer.identity.role, standing.state)
    target = row.target or standing.state
    changed = session.execute(
        update(Revision)
        .where(
            Revision.id == standing.id,
            Revision.state == standing.state,
            Revision.version_id == standing.version_id,
        )
        .values(state=target, version_id=Revision.version_id + 1, changed_at=doer.now, **(values or {}))
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount == 0:  # type: ignore[attr-defined]
        raise MovedOn("这份报告刚刚被别人办理，请刷新后再看。")
    _tell(session, standing, action, doer, remark=remark)
    record(
        session,
        actor=actor_of(doer.identity, doer.request_id),
        now=doer.now,
        action=f"report.{_PAST[action]}",
        subject=Subject("report", str(standing.report_id), standing.org_unit_id),
        before={"state": standing.state, "revision": standing.number},
        after={"state": target, "revision": standing.number, "digest": standing.digest, "text": remark.text},
    )


_PAST = {
    Action.SUBMIT: "submitted", Action.WITHDRAW: "withdrawn", Action.SIGN: "signed", Action.RETURN: "returned",
    Action.ACCEPT: "accepted",
}  # fmt: skip


def _tell(session: Session, standing: Standing, action: Action, doer: Doer, *, remark: Remark) -> None:
    session.add(
        ThreadEntry(
            report_id=standing.report_id,
            revision_id=standing.id,
            submission_id=standing.submission_id,
            action=action,
            person_id=doer.identity.person_id,
            at=doer.now,
            text=remark.text,
            pinned=list(remark.pinned),
            answer_by=remark.answer_by,
        )
    )
    session.flush()


def _supersede(session: Session, standings: Sequence[Standing], doer: Doer) -> list[int]:
    """Move the accepted revisions of these reports aside; their ids."""
    reports = [standing.report_id for standing in standings]
    ids = list(
        session.scalars(
            select(Revision.id).where(Revision.report_id.in_(reports), Revision.state == State.ACCEPTED)
        )
    )
    if ids:
        session.execute(
            update(Revision)
            .where(Revision.id.in_(ids), Revision.state == State.ACCEPTED)
            .values(state=State.SUPERSEDED, version_id=Revision.version_id + 1, changed_at=doer.now)
            .execution_options(synchronize_session=False)
        )
    return ids


def _end_acceptances(session: Session, revision_ids: Sequence[int], posting_id: int) -> None:
    if revision_ids:
        session.execute(
            update(Acceptance)
            .where(Acceptance.revision_id.in_(revision_ids), Acceptance.ended_posting_id.is_(None))
            .values(ended_posting_id=posting_id)
            .execution_options(synchronize_session=False)
        )


def _post(session: Session, standings: Sequence[Standing], action: str, doer: Doer) -> int:
    """One posting for the unit, covering the digests of everything that was judged."""
    session.expire_all()
    digests = session.scalars(
        select(Submission.digest)
        .join(
            Revision,
            and_(Revision.id == Submission.revision_id, Revision.submission_number == Submission.number),
        )
        .where(Revision.id.in_([standing.id for standing in standings]))
        .order_by(Revision.id)
    ).all()
    act = Act(
        programme_id=standings[0].programme_id,
        action=action,
        actor=actor_of(doer.identity, doer.request_id),
        at=doer.now,
        content_digest=content_digest(list(digests)),
    )
    return post(session, act, {standing.org_unit_id for standing in standings})
