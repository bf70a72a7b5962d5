"""Handing in and judging: submit, withdraw, sign, return and accept, through THE transition table."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import update
from sqlalchemy.orm import Session

from tracker.domain.messages import Refusal
from tracker.domain.workflow import Action, NotInThisState, State
from tracker.models.report import Revision, RevisionAuthor
from tracker.services.moving import (
    MovedOn,
    NotYourDesk,
    SamePerson,
    begin_acceptances,
    check_desk,
    end_acceptances,
    get_seen,
    lock_reports,
    move,
    post_moved,
    refuse_authors,
    set_state,
    target_in,
    tell,
    with_digests,
)
from tracker.services.snapshots import write_submission
from tracker.services.standings import NO_REMARK, Doer, Remark, Seen, Standing, list_standings

__all__ = [
    "NO_REMARK", "Doer", "MovedOn", "NotYourDesk", "ReasonRequired", "Remark", "SamePerson", "Seen", "Standing",
    "accept", "add_author", "list_standings", "send_back", "sign", "submit", "withdraw",
]  # fmt: skip


class ReasonRequired(Refusal):
    """A return must say what has to be mended."""


def submit(session: Session, standings: Sequence[Standing], doer: Doer) -> None:
    """Hand in drafts or returned revisions of one unit: each gets its numbered Submission.

    Where the unit needs no signature they go straight to the reviewer.
    """
    _lock(session, standings)
    targets = {one.id: target_in(one, Action.SUBMIT, doer.identity.role) for one in standings}
    handed_in = [_hand_in(session, standing, targets[standing.id], doer) for standing in standings]
    tell(session, handed_in, Action.SUBMIT, doer, targets=targets)
    post_moved(session, handed_in, "submit", doer)


def _hand_in(session: Session, standing: Standing, target: State, doer: Doer) -> Standing:
    add_author(session, standing.id, doer.identity.person_id)
    submission = write_submission(session, standing.id, by_id=doer.identity.person_id, at=doer.now)
    values = {
        "submission_number": submission.number,
        "submitted_by_id": doer.identity.person_id,
        "submitted_at": doer.now,
        "answer_by": None,
        "signed_by_id": None,
        "signed_at": None,
    }
    set_state(session, [standing], target, doer, values)
    return standing._replace(submission_id=submission.id, digest=submission.digest)


def withdraw(session: Session, standings: Sequence[Standing], doer: Doer) -> None:
    """Take back what one handed in oneself, while nobody has judged it."""
    _lock(session, standings)
    for standing in standings:
        if standing.submitted_by_id != doer.identity.person_id:
            raise NotYourDesk("只有提交的人能撤回。")
        if standing.signed_by_id is not None:
            raise NotInThisState("这份报告已经审批，不能撤回。")
    move(session, standings, Action.WITHDRAW, doer)
    post_moved(session, standings, "withdraw", doer)


def sign(session: Session, seen: Sequence[Seen], doer: Doer) -> list[Standing]:
    """The head of the same unit signs what was handed in; totals stay as they are."""
    standings = get_seen(session, with_digests(seen), doer)
    for standing in standings:
        check_desk(standing, doer.identity)
        refuse_authors(standing, doer.identity)
    values = {"signed_by_id": doer.identity.person_id, "signed_at": doer.now}
    move(session, standings, Action.SIGN, doer, values=values)
    return standings


def send_back(session: Session, seen: Sequence[Seen], doer: Doer, remark: Remark) -> list[Standing]:
    """Return revisions of one unit with a reason: to be mended by ``answer_by``."""
    if not remark.text.strip():
        raise ReasonRequired("请写明退回原因，让填报人知道改哪里。")
    lock_reports(session, [one.revision_id for one in seen])
    standings = get_seen(session, with_digests(seen), doer)
    for standing in standings:
        check_desk(standing, doer.identity)
    cleared = {"signed_by_id": None, "signed_at": None, "answer_by": remark.answer_by}
    move(session, standings, Action.RETURN, doer, values=cleared, remark=remark)
    post_moved(session, standings, "return", doer)
    return standings


def accept(session: Session, seen: Sequence[Seen], doer: Doer) -> list[Standing]:
    """The superior unit's reviewer accepts revisions of one unit; their figures count from now on.

    An older accepted revision of the same report becomes superseded, and its span of counting ends.
    """
    lock_reports(session, [one.revision_id for one in seen])
    standings = get_seen(session, with_digests(seen), doer)
    for standing in standings:
        check_desk(standing, doer.identity)
        refuse_authors(standing, doer.identity)
        target_in(standing, Action.ACCEPT, doer.identity.role)
    replaced = _supersede(session, standings, doer)
    values = {"accepted_by_id": doer.identity.person_id, "accepted_at": doer.now}
    move(session, standings, Action.ACCEPT, doer, values=values)
    posting_id = post_moved(session, standings, "accept", doer)
    end_acceptances(session, replaced, posting_id)
    begin_acceptances(session, [standing.id for standing in standings], posting_id)
    return standings


def _lock(session: Session, standings: Sequence[Standing]) -> None:
    lock_reports(session, [standing.id for standing in standings])


def _supersede(session: Session, standings: Sequence[Standing], doer: Doer) -> list[int]:
    """Move the accepted revisions of these reports aside, so that each has one that counts; their ids."""
    ids = [standing.accepted_id for standing in standings if standing.accepted_id is not None]
    if ids:
        changed = session.execute(
            update(Revision)
            .where(Revision.id.in_(ids), Revision.state == State.ACCEPTED)
            .values(state=State.SUPERSEDED, version_id=Revision.version_id + 1, changed_at=doer.now)
            .execution_options(synchronize_session=False)
        )
        if changed.rowcount != len(ids):  # type: ignore[attr-defined]
            raise MovedOn("这份报告刚刚被别人办理，请刷新后再看。")
    return ids


def add_author(session: Session, revision_id: int, person_id: int) -> None:
    """Note that a person saved, submitted or corrected lines of a revision; once is enough."""
    if session.get(RevisionAuthor, (revision_id, person_id)) is None:
        session.add(RevisionAuthor(revision_id=revision_id, person_id=person_id))
        session.flush()
