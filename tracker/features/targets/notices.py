"""Answering issued targets: a unit confirms or asks for an adjustment, its superior may let them stand."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from tracker.domain.identity import Identity, Role, actor_of
from tracker.domain.messages import Conflict, Fault, Faults, Forbidden, Message
from tracker.domain.permissions import Permission, reaches
from tracker.domain.target_notices import STEPS, Answer, can_answer
from tracker.features.targets.histories import Notice
from tracker.models.allocation import TargetNotice
from tracker.services.audit import Subject, record
from tracker.services.programme_heads import Head
from tracker.services.transitions import Doer
from tracker.services.tree import Unit

LONGEST_REASON: Final = 400
ACTIONS: Final = {
    Answer.CONFIRM: "targets.confirmed",
    Answer.ASK: "targets.adjustment_asked",
    Answer.DECLINE: "targets.adjustment_declined",
}


class NoticeMovedOn(Conflict):
    """The notice was answered, or overtaken by a newer one, since the page was drawn."""


class NotYourAnswer(Forbidden):
    """The step belongs to the unit itself, or to whoever issued its targets."""


def may_answer(identity: Identity, unit: Unit) -> bool:
    """Whether this identity confirms or asks for the unit."""
    return reaches(identity, Permission.ANSWER_TARGETS, unit.place)


def may_decide(identity: Identity, head: Head, unit: Unit) -> bool:
    """Whether this identity settles what the unit asked: whoever divides the targets of the unit above it."""
    is_above = identity.place.is_parent_of(unit.place)
    is_right_role = identity.role is Role.REVIEWER or (
        identity.role is Role.APPROVER and identity.place.org_unit_id != head.publisher_id
    )
    return is_above and is_right_role


def confirm_targets(session: Session, head: Head, unit: Unit, notice: Notice, doer: Doer) -> None:
    """The unit takes its targets on. Raises NotYourAnswer and NoticeMovedOn."""
    _check(may_answer(doer.identity, unit))
    values = {"answered_at": doer.now, "answered_by_id": doer.identity.person_id}
    _move(session, head, notice, Answer.CONFIRM, values=values, doer=doer)


def ask_adjustment(
    session: Session, head: Head, unit: Unit, notice: Notice, *, reason: str, doer: Doer
) -> None:
    """The unit says why its targets should change. Raises NotYourAnswer, NoticeMovedOn and Faults at ``reason``."""
    _check(may_answer(doer.identity, unit))
    values = {
        "answered_at": doer.now,
        "answered_by_id": doer.identity.person_id,
        "request": _checked(reason),
    }
    _move(session, head, notice, Answer.ASK, values=values, doer=doer)


def decline_adjustment(
    session: Session,
    head: Head,
    unit: Unit,
    notice: Notice,
    *,
    reason: str,
    doer: Doer,
    answer_by: datetime | None = None,
) -> None:
    """The targets stand as issued, to be confirmed by ``answer_by``. Raises NotYourAnswer, NoticeMovedOn and Faults at ``reason``."""
    _check(may_decide(doer.identity, head, unit))
    values = {
        "decided_at": doer.now,
        "decided_by_id": doer.identity.person_id,
        "decision": _checked(reason),
        "answer_by": answer_by,
    }
    _move(session, head, notice, Answer.DECLINE, values=values, doer=doer)


def _check(is_allowed: bool, /) -> None:
    if not is_allowed:
        raise NotYourAnswer("这一步由承担单位或下达目标的单位办理。")


def _checked(reason: str) -> str:
    stripped = reason.strip()
    if not stripped:
        raise Faults([Fault("reason", Message("请写明理由，让对方知道为什么"))])
    if len(stripped) > LONGEST_REASON:
        raise Faults([Fault("reason", Message("请不要超过 {length} 个字", {"length": LONGEST_REASON}))])
    return stripped


def _move(
    session: Session, head: Head, notice: Notice, answer: Answer, *, values: dict[str, Any], doer: Doer
) -> None:
    """The guarded UPDATE: 0 rows mean somebody was first."""
    _from, following = STEPS[answer]
    if not can_answer(notice.state, answer):
        raise _moved_on()
    changed = session.execute(
        update(TargetNotice)
        .where(
            TargetNotice.id == notice.id,
            TargetNotice.version_id == notice.version_id,
            TargetNotice.state == notice.state,
        )
        .values(state=following, version_id=TargetNotice.version_id + 1, **values)
        .execution_options(synchronize_session=False)
    )
    if isinstance(changed, CursorResult) and changed.rowcount == 0:
        raise _moved_on()
    told = {key: value for key, value in values.items() if isinstance(value, str)}
    record(
        session,
        actor=actor_of(doer.identity, doer.request_id),
        now=doer.now,
        action=ACTIONS[answer],
        subject=Subject("target_notice", str(notice.id), notice.org_unit_id),
        before={"state": notice.state},
        after={"state": following, "programme": head.key, **told},
    )


def _moved_on() -> NoticeMovedOn:
    return NoticeMovedOn("这份下达通知已经有人办理，或目标已重新下达，请刷新后再看。")
