"""Findings: raised, answered, closed or asked again; each step one row of a thread that never changes."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import CursorResult, update
from sqlalchemy.orm import Session

from tracker.domain.findings import FindingAction, FindingState, NotInThisState, finding_step
from tracker.domain.identity import actor_of
from tracker.domain.messages import Fault, Faults, Forbidden, Message
from tracker.domain.permissions import Permission, reaches
from tracker.features.auditing.finding_queries import FindingHead, list_corrections
from tracker.features.auditing.sampling_queries import FigureRow
from tracker.models.auditing import Finding, FindingEntry
from tracker.services.audit import Subject, record
from tracker.services.standings import Doer
from tracker.services.tree import Unit, get_unit

PAST = {
    FindingAction.RAISE: "raised", FindingAction.ANSWER: "answered", FindingAction.CLOSE: "closed",
    FindingAction.REOPEN: "reopened",
}  # fmt: skip
"""What the audit trail calls each act, after ``finding.``."""

RIGHTS = {
    FindingAction.ANSWER: Permission.ANSWER_FINDING,
    FindingAction.CLOSE: Permission.JUDGE_FINDING,
    FindingAction.REOPEN: Permission.JUDGE_FINDING,
}


class NotYourFinding(Forbidden):
    """The finding may be read, but this step is somebody else's."""


class Remark(NamedTuple):
    """What is said with a step. ``due`` by the calendar of deadlines; ``correction_id``: a revision."""

    text: str
    asked: str = ""
    due: datetime | None = None
    correction_id: int | None = None


def raise_finding(
    session: Session,
    unit: Unit,
    figure: FigureRow | None,
    doer: Doer,
    *,
    title: str,
    remark: Remark,
    today: datetime,
) -> int:
    """Ask a unit to put something right; the finding's id. Raises NotYourFinding, and Faults for the deadline."""
    if not reaches(doer.identity, Permission.RAISE_FINDING, unit.place):
        raise NotYourFinding("这个单位不在您的审计范围内。")
    due = _checked_due(remark.due, today)
    finding = Finding(
        org_unit_id=unit.id,
        figure_id=None if figure is None else figure.id,
        title=title.strip(),
        raised_by_id=doer.identity.person_id,
        raised_at=doer.now,
        state=FindingState.OPEN,
        due=due,
        version_id=1,
    )
    session.add(finding)
    session.flush()
    after: dict[str, Any] = {"state": FindingState.OPEN, "name": title.strip()}
    if figure is not None:
        after["figure"] = figure.key
    _say(session, finding.id, FindingAction.RAISE, remark, doer)
    _tell(session, finding.id, unit.id, FindingAction.RAISE, doer, before=None, after=after | _told(remark))
    return finding.id


def move_finding(
    session: Session,
    finding: FindingHead,
    action: FindingAction,
    doer: Doer,
    *,
    remark: Remark,
    today: datetime,
) -> FindingState:
    """Take one step of the table; where the finding stands then.

    Raises NotYourFinding, NotInThisState (also when somebody was first), Faults for text, deadline, correction.
    """
    if not reaches(doer.identity, RIGHTS[action], get_unit(session, finding.unit_id).place):
        raise NotYourFinding("这一步由别人办理。")
    step = finding_step(action, doer.identity.role, finding.state)
    _check_text(remark)
    if step.needs_deadline:
        _checked_due(remark.due, today)
    _check_correction(session, finding, remark)
    _set_state(session, finding, step.target, remark.due if step.needs_deadline else None)
    _say(session, finding.id, action, remark, doer)
    before, after = {"state": finding.state}, {"state": step.target} | _told(remark)
    _tell(session, finding.id, finding.unit_id, action, doer, before=before, after=after)
    return step.target


def _set_state(session: Session, finding: FindingHead, target: FindingState, due: datetime | None) -> None:
    """The guarded UPDATE: state and version stand in its WHERE; 0 rows mean somebody was first."""
    values: dict[str, Any] = {"state": target, "version_id": Finding.version_id + 1}
    if due is not None:
        values["due"] = due
    changed = session.execute(
        update(Finding)
        .where(
            Finding.id == finding.id, Finding.state == finding.state, Finding.version_id == finding.version
        )
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    if isinstance(changed, CursorResult) and changed.rowcount == 0:
        raise NotInThisState("这条审计发现刚刚被别人办理，请刷新后再看。")


def _check_text(remark: Remark) -> None:
    if not remark.text.strip():
        raise Faults([Fault("text", Message("请写明情况"))])


def _checked_due(due: datetime | None, today: datetime) -> datetime:
    if due is None:
        raise Faults([Fault("due", Message("请选一个日期，例如 2018-07-09"))])
    if due <= today:
        raise Faults([Fault("due", Message("期限要晚于现在"))])
    return due


def _check_correction(session: Session, finding: FindingHead, remark: Remark) -> None:
    if remark.correction_id is None:
        return
    if remark.correction_id not in {one.revision_id for one in list_corrections(session, finding)}:
        raise Faults([Fault("correction", Message("没有这份更正"))])


def _say(session: Session, finding_id: int, action: FindingAction, remark: Remark, doer: Doer) -> None:
    session.add(
        FindingEntry(
            finding_id=finding_id,
            action=action,
            text=remark.text.strip(),
            asked=remark.asked.strip(),
            due=remark.due,
            correction_id=remark.correction_id,
            by_id=doer.identity.person_id,
            at=doer.now,
        )
    )
    session.flush()


def _told(remark: Remark) -> dict[str, Any]:
    told = {
        "text": remark.text.strip(),
        "asked": remark.asked.strip(),
        "due": remark.due,
        "correction": remark.correction_id,
    }
    return {name: value for name, value in told.items() if value not in (None, "")}


def _tell(
    session: Session,
    finding_id: int,
    unit_id: int,
    action: FindingAction,
    doer: Doer,
    *,
    before: object,
    after: object,
) -> None:
    record(
        session,
        actor=actor_of(doer.identity, doer.request_id),
        now=doer.now,
        action=f"finding.{PAST[action]}",
        subject=Subject("finding", str(finding_id), unit_id),
        before=before,
        after=after,
    )
