"""Verdicts on a sheet: sign, accept, return; each names the versions and digests the person saw."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from tracker.domain.messages import Conflict, Fault, Faults, Message
from tracker.features.reviews.cleanness import needs_judgement, needs_tick
from tracker.features.reviews.queries import Review
from tracker.services.sheets import Row, SheetReport
from tracker.services.transitions import Doer, Remark, Seen, Standing, accept, send_back, sign

LONGEST_REASON = 1000


class NothingToJudge(Conflict):
    """No report came along with the verdict, or none lies at this person's desk any more."""


class Looked(NamedTuple):
    """What a person did beside the one button: pledges ticked, and indicator → their own judgement of it."""

    ticked: Collection[int] = ()
    judged: Mapping[int, str] = {}


def judgement_name(row: Row) -> str:
    """The name of a narrative line's own judgement, which is also the place of its fault."""
    return f"judge-{row.listed.id}"


def tick_name(report: SheetReport) -> str:
    """The name of a report's own tick, which is also the place of its fault."""
    return f"tick-{report.promise.id}"


def sign_sheet(
    session: Session, review: Review, seen: Sequence[Seen], *, looked: Looked, doer: Doer
) -> list[Standing]:
    """The head of the unit signs what was shown.

    Raises NothingToJudge, Faults for missing ticks and judgements, and what ``transitions.sign`` raises.
    """
    _check(review, seen, looked)
    return sign(session, seen, doer)


def accept_sheet(
    session: Session, review: Review, seen: Sequence[Seen], *, looked: Looked, doer: Doer
) -> list[Standing]:
    """The superior's reviewer accepts what was shown; its figures count from now on. Raises like ``sign_sheet``."""
    _check(review, seen, looked)
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


def _check(review: Review, seen: Sequence[Seen], looked: Looked) -> None:
    if not seen:
        raise NothingToJudge("没有可以办理的报告，请刷新后再看。")
    shown = {one.revision_id for one in seen}
    faults = [
        fault
        for report in review.judged
        if report.filing and report.filing.revision_id in shown
        for fault in _faults(report, looked)
    ]
    if faults:
        raise Faults(faults)


def _faults(report: SheetReport, looked: Looked) -> Iterator[Fault]:
    number = {"number": report.promise.number}
    if needs_tick(report) and report.promise.id not in looked.ticked:
        yield Fault(tick_name(report), Message("第 {number} 件有提示或文字判断，请看过后勾选", number))
    for row in report.rows:
        if not needs_judgement(row):
            continue
        judged = looked.judged.get(row.listed.id, "")
        if not judged:
            yield Fault(judgement_name(row), Message("第 {number} 件是文字判断，请选出您的判断", number))
        elif judged != row.line.judgement:
            told = Message("您的判断与填报的不同：请退回修改并写明意见，或改选后再办理")
            yield Fault(judgement_name(row), told)
