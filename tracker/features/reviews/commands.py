"""Verdicts on a sheet: sign, accept, return; each names the versions and digests the person saw."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from tracker.domain.messages import Conflict, Fault, Faults, Message
from tracker.features.reviews.cleanness import needs_tick
from tracker.features.reviews.queries import Review
from tracker.services.sheets import SheetReport
from tracker.services.transitions import Doer, Remark, Seen, Standing, accept, send_back, sign

LONGEST_REASON = 1000


class NothingToJudge(Conflict):
    """No report came along with the verdict, or none lies at this person's desk any more."""


def tick_name(report: SheetReport) -> str:
    """The name of a report's own tick, which is also the place of its fault."""
    return f"tick-{report.promise.id}"


def sign_sheet(
    session: Session, review: Review, seen: Sequence[Seen], *, ticked: Collection[int], doer: Doer
) -> list[Standing]:
    """The head of the unit signs what was shown. ``ticked``: pledges with their own tick.

    Raises NothingToJudge, Faults for missing ticks, and what ``transitions.sign`` raises.
    """
    _check(review, seen, ticked)
    return sign(session, seen, doer)


def accept_sheet(
    session: Session, review: Review, seen: Sequence[Seen], *, ticked: Collection[int], doer: Doer
) -> list[Standing]:
    """The superior's reviewer accepts what was shown; its figures count from now on. Raises like ``sign_sheet``."""
    _check(review, seen, ticked)
    return accept(session, seen, doer)


def return_sheet(
    session: Session,
    review: Review,
    seen: Sequence[Seen],
    *,
    lines: Collection[int],
    reason: str,
    answer_by: datetime,
    today: datetime,
    doer: Doer,
) -> list[Standing]:
    """Return the reports of the ticked lines, or all that was shown when none is ticked.

    ``answer_by`` and ``today`` are moments of the calendar deadlines go by. Raises NothingToJudge, Faults,
    and what ``transitions.send_back`` raises.
    """
    if not seen:
        raise NothingToJudge("没有可以办理的报告，请刷新后再看。")
    faults = []
    if not reason.strip():
        faults.append(Fault("reason", Message("请写明退回原因，让填报人知道改哪里。")))
    elif len(reason) > LONGEST_REASON:
        faults.append(Fault("reason", Message("请不要超过 {length} 个字", {"length": LONGEST_REASON})))
    if answer_by <= today:
        faults.append(Fault("answer_by", Message("期限要在今天之后")))
    if faults:
        raise Faults(faults)
    pinned = {row.listed.id for report in review.judged for row in report.rows if row.listed.id in lines}
    chosen = {
        report.filing.revision_id
        for report in review.judged
        if report.filing and any(row.listed.id in pinned for row in report.rows)
    }
    returned = [one for one in seen if not chosen or one.revision_id in chosen]
    remark = Remark(reason.strip(), tuple(sorted(pinned)), answer_by)
    return send_back(session, returned, doer, remark)


def _check(review: Review, seen: Sequence[Seen], ticked: Collection[int]) -> None:
    if not seen:
        raise NothingToJudge("没有可以办理的报告，请刷新后再看。")
    shown = {one.revision_id for one in seen}
    faults = [
        Fault(
            tick_name(report),
            Message("第 {number} 件有提示或文字判断，请看过后勾选", {"number": report.promise.number}),
        )
        for report in review.judged
        if report.filing and report.filing.revision_id in shown and needs_tick(report)
        if report.promise.id not in ticked
    ]
    if faults:
        raise Faults(faults)
