"""Closing a period, reopening it for one unit, and waiving a unit's signature: for the publisher's reviewers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tracker.domain.identity import actor_of
from tracker.domain.messages import Conflict, Fault, Faults, Forbidden, Message
from tracker.domain.periods import SHANGHAI
from tracker.features.periods.queries import PeriodState
from tracker.models.period import PeriodClosing, PeriodReopening, SignatureWaiver
from tracker.services.audit import Subject, record
from tracker.services.programme_heads import Head
from tracker.services.standings import Doer
from tracker.services.tree import Unit

LONGEST_REASON = 400


class NotThePublisher(Forbidden):
    """Only reviewers of the unit that published the list may do this."""


class NotEndedYet(Conflict):
    """The period is still running: nothing can be said to be missing."""


class ClosedAlready(Conflict):
    """The period is closed."""


class StillOpen(Conflict):
    """The period is open for everybody: there is nothing to reopen."""


class NothingToWaive(Conflict):
    """The unit already stands as it is to be set."""


def close_period(session: Session, state: PeriodState, doer: Doer, *, today: datetime) -> PeriodClosing:
    """Close an ended period with its gaps named; late units are told so by the period itself.

    ``today``: the moment deadlines go by. Raises NotThePublisher, NotEndedYet, ClosedAlready.
    """
    _check_publisher(state.head, doer)
    if today.astimezone(SHANGHAI).date() < state.period.end.next.day(1):
        raise NotEndedYet("本期还没有结束，结束后才能关闭。")
    window = state.openings.window(state.head.publisher_id, state.period)
    if window.is_closed(today):
        raise ClosedAlready("本期已经关闭。")
    missing = [[one.unit.code, one.unit.short_name] for one in state.missing]
    closing = PeriodClosing(
        programme_id=state.head.id, period=state.period.key, closed_from=today, expected=len(state.units),
        handed_in=len(state.units) - len(missing), missing=missing, by_id=doer.identity.person_id, at=doer.now,
    )  # fmt: skip
    try:
        with session.begin_nested():
            session.add(closing)
    except IntegrityError as taken:
        raise ClosedAlready("本期刚刚由别人关闭。") from taken
    told = {
        "period": state.period.key,
        "expected": closing.expected,
        "handed_in": closing.handed_in,
        "missing": missing,
    }
    _record(session, state.head, doer, "period.closed", told)
    return closing


def reopen_period(
    session: Session,
    state: PeriodState,
    unit: Unit,
    doer: Doer,
    *,
    until: datetime,
    reason: str,
    today: datetime,
) -> None:
    """Let one unit fill a closed period until a moment; what is submitted or accepted stays as it is.

    Raises NotThePublisher, StillOpen, and Faults for the date and the reason.
    """
    _check_publisher(state.head, doer)
    if not state.openings.window(unit.id, state.period).is_closed(today):
        raise StillOpen("本期还没有关闭，不需要重新开放。")
    faults = _reason_faults(reason)
    if until <= today:
        faults.append(Fault("until", Message("期限要在今天之后")))
    if faults:
        raise Faults(faults)
    session.add(
        PeriodReopening(
            programme_id=state.head.id, org_unit_id=unit.id, period=state.period.key, until=until,
            reason=reason.strip(), by_id=doer.identity.person_id, at=doer.now,
        )
    )  # fmt: skip
    session.flush()
    told = {"period": state.period.key, "unit": unit.code, "until": until, "reason": reason.strip()}
    _record(session, state.head, doer, "period.reopened", told, unit=unit)


def set_waiver(
    session: Session, head: Head, unit: Unit, doer: Doer, *, is_waived: bool, was_waived: bool, reason: str
) -> None:
    """Set that a unit's reports need no signature, or need one again; shown at every verdict.

    Raises NotThePublisher, NothingToWaive, and Faults for the reason.
    """
    _check_publisher(head, doer)
    if is_waived == was_waived:
        raise NothingToWaive("这个单位已经是这样设定的。")
    faults = _reason_faults(reason)
    if faults:
        raise Faults(faults)
    session.add(
        SignatureWaiver(
            programme_id=head.id, org_unit_id=unit.id, is_waived=is_waived, reason=reason.strip(),
            by_id=doer.identity.person_id, at=doer.now,
        )
    )  # fmt: skip
    session.flush()
    action = "signature.waived" if is_waived else "signature.required"
    _record(session, head, doer, action, {"unit": unit.code, "reason": reason.strip()}, unit=unit)


def _reason_faults(reason: str) -> list[Fault]:
    if not reason.strip():
        return [Fault("reason", Message("请写明原因"))]
    if len(reason) > LONGEST_REASON:
        return [Fault("reason", Message("请不要超过 {length} 个字", {"length": LONGEST_REASON}))]
    return []


def _check_publisher(head: Head, doer: Doer) -> None:
    if doer.identity.place.org_unit_id != head.publisher_id:
        raise NotThePublisher("这份清单由别的单位发布，您不能改动它的报告期。")


def _record(
    session: Session, head: Head, doer: Doer, action: str, told: dict[str, object], unit: Unit | None = None
) -> None:
    record(
        session,
        actor=actor_of(doer.identity, doer.request_id),
        now=doer.now,
        action=action,
        subject=Subject("programme", head.key, head.publisher_id if unit is None else unit.id),
        after=told,
    )
