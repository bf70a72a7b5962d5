"""Handing in and judging: submit, withdraw, sign, return and accept, through THE transition table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import func, insert, literal, select, update
from sqlalchemy.orm import Session, aliased

from tracker.domain.messages import Refusal
from tracker.domain.workflow import Action, NotInThisState, State
from tracker.models.base import Key, table_of
from tracker.models.report import Revision, RevisionAuthor, Submission
from tracker.services.chunks import chunked
from tracker.services.moving import (
    OVERTAKEN,
    MovedOn,
    NotYourDesk,
    SamePerson,
    begin_acceptances,
    check_desk,
    check_seen,
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
from tracker.services.snapshots import write_submissions
from tracker.services.standings import NO_REMARK, Doer, Remark, Seen, Standing, list_standings

__all__ = [
    "NO_REMARK", "Doer", "MovedOn", "NotYourDesk", "ReasonRequired", "Remark", "SamePerson", "Seen", "Standing",
    "accept", "accept_sheets", "add_author", "list_standings", "send_back", "sign", "submit", "withdraw",
]  # fmt: skip


class ReasonRequired(Refusal):
    """A return must say what has to be mended."""


def submit(session: Session, standings: Sequence[Standing], doer: Doer) -> None:
    """Hand in drafts or returned revisions of one unit: each gets its numbered Submission.

    Where the unit needs no signature they go straight to the reviewer.
    """
    _lock(session, standings)
    targets = {one.id: target_in(one, Action.SUBMIT, doer.identity.role) for one in standings}
    add_authors(session, [one.id for one in standings], doer.identity.person_id)
    made = write_submissions(
        session, [one.id for one in standings], by_id=doer.identity.person_id, at=doer.now
    )
    for target in sorted(set(targets.values())):
        moving = [one for one in standings if targets[one.id] is target]
        set_state(session, moving, target, doer, _handed_in(doer))
    handed_in = [one._replace(submission_id=made[one.id].id, digest=made[one.id].digest) for one in standings]
    tell(session, handed_in, Action.SUBMIT, doer, targets=targets)
    post_moved(session, handed_in, "submit", doer)


def _handed_in(doer: Doer) -> dict[str, object]:
    """What stands in a revision that is handed in; its number is that of the submission just written."""
    table, written = table_of(Revision), table_of(Submission)
    newest = select(func.max(written.c.number)).where(written.c.revision_id == table.c.id)
    return {
        "submission_number": newest.scalar_subquery(),
        "submitted_by_id": doer.identity.person_id,
        "submitted_at": doer.now,
        "answer_by": None,
        "signed_by_id": None,
        "signed_at": None,
    }


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
    _check_acceptance(standings, doer)
    _count_in(session, standings, doer)
    return standings


def accept_sheets(
    session: Session, sheets: Sequence[Sequence[Seen]], doer: Doer
) -> list[list[Standing] | Refusal]:
    """Accept several units' sheets in one act, one posting for each list; what became of each, in order.

    Every sheet is checked like one that is accepted by itself; one that may not be is left with its refusal and
    keeps no other back. Where somebody moves a report meanwhile, all are looked at again.
    """
    ids = [one.revision_id for seen in sheets for one in seen]
    lock_reports(session, ids)
    for _turn in sheets:
        found = {one.id: one for one in list_standings(session, ids, person_id=doer.identity.person_id)}
        outcomes = [_judge(found, seen, doer) for seen in sheets]
        passed = [one for outcome in outcomes if isinstance(outcome, list) for one in outcome]
        try:
            with session.begin_nested():
                _count_in(session, passed, doer)
        except MovedOn:
            continue
        return outcomes
    raise MovedOn(OVERTAKEN)


def _judge(found: Mapping[int, Standing], seen: Sequence[Seen], doer: Doer) -> list[Standing] | Refusal:
    try:
        standings = check_seen(found, with_digests(seen))
        _check_acceptance(standings, doer)
    except Refusal as refused:
        return refused
    return standings


def _check_acceptance(standings: Sequence[Standing], doer: Doer) -> None:
    for standing in standings:
        check_desk(standing, doer.identity)
        refuse_authors(standing, doer.identity)
        target_in(standing, Action.ACCEPT, doer.identity.role)


def _count_in(session: Session, standings: Sequence[Standing], doer: Doer) -> None:
    """Move what was checked, and let it count from the posting of its list on."""
    replaced = _supersede(session, standings, doer)
    values = {"accepted_by_id": doer.identity.person_id, "accepted_at": doer.now}
    move(session, standings, Action.ACCEPT, doer, values=values)
    for programme_id in sorted({one.programme_id for one in standings}):
        moved = [one for one in standings if one.programme_id == programme_id]
        posting_id = post_moved(session, moved, "accept", doer)
        ended = {one.accepted_id for one in moved}
        end_acceptances(session, [key for key in replaced if key in ended], posting_id)
        begin_acceptances(session, [one.id for one in moved], posting_id)


def _lock(session: Session, standings: Sequence[Standing]) -> None:
    lock_reports(session, [standing.id for standing in standings])


def _supersede(session: Session, standings: Sequence[Standing], doer: Doer) -> list[int]:
    """Move the accepted revisions of these reports aside, so that each has one that counts; their ids."""
    ids = [standing.accepted_id for standing in standings if standing.accepted_id is not None]
    for part in chunked(ids):
        changed = session.execute(
            update(Revision)
            .where(Revision.id.in_(part), Revision.state == State.ACCEPTED)
            .values(state=State.SUPERSEDED, version_id=Revision.version_id + 1, changed_at=doer.now)
            .execution_options(synchronize_session=False)
        )
        if changed.rowcount != len(part):  # type: ignore[attr-defined]
            raise MovedOn(OVERTAKEN)
    return ids


def add_author(session: Session, revision_id: int, person_id: int) -> None:
    """Note that a person saved, submitted or corrected lines of a revision; once is enough."""
    add_authors(session, [revision_id], person_id)


def add_authors(session: Session, revision_ids: Sequence[int], person_id: int) -> None:
    """The same for several revisions at once."""
    session.flush()
    table, author = table_of(RevisionAuthor), aliased(RevisionAuthor)
    known = select(author.person_id).where(author.revision_id == Revision.id, author.person_id == person_id)
    for part in chunked(revision_ids):
        missing = select(Revision.id, literal(person_id, Key)).where(Revision.id.in_(part), ~known.exists())
        session.execute(insert(table).from_select(["revision_id", "person_id"], missing))
