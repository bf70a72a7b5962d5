"""Handing one's queue to a colleague, taking a colleague's over, and ending either; rights stay as they are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy.orm import Session

from tracker.domain.identity import actor_of
from tracker.domain.messages import Conflict, Fault, Faults, Message, NotFound
from tracker.models.handover import QueueHandover
from tracker.services.audit import Subject, record
from tracker.services.handovers import Colleague, Handover, list_colleagues, list_handovers
from tracker.services.standings import Doer

LONGEST_REASON = 400


class Direction(StrEnum):
    """Which way a queue goes."""

    GIVE = "give"  # mine to a colleague
    TAKE = "take"  # a colleague's to me


class Order(NamedTuple):
    """What is to be handed over; ``until`` None: until it is taken back."""

    direction: Direction
    colleague_id: int
    until: datetime | None
    reason: str


class HandedOverAlready(Conflict):
    """Somebody looks after this queue already."""


class HandoverNotFound(NotFound):
    """There is no such hand-over in force that this person is part of."""


def hand_over(session: Session, order: Order, doer: Doer, *, today: datetime) -> str:
    """Record it; the colleague's name. The colleague holds the same role at the same unit, so no right moves.

    ``today``: the moment deadlines go by. Raises Faults and HandedOverAlready.
    """
    colleagues = {one.person_id: one for one in list_colleagues(session, doer.identity, doer.now)}
    faults = _faults(order, colleagues.get(order.colleague_id), today)
    if faults:
        raise Faults(faults)
    me, other = doer.identity.person_id, order.colleague_id
    giver, taker = (me, other) if order.direction is Direction.GIVE else (other, me)
    _check_free(list_handovers(session, doer.identity, today), giver, taker)
    _write(session, doer, giver=giver, taker=taker, until=order.until, reason=order.reason.strip())
    return colleagues[other].name


def end_handover(session: Session, handover_id: int, doer: Doer, *, today: datetime) -> Handover:
    """Take one's own queue back, or give a colleague's back. Raises HandoverNotFound."""
    for one in list_handovers(session, doer.identity, today):
        if one.id == handover_id and one.involves(doer.identity.person_id):
            _write(session, doer, giver=one.from_id, taker=None, until=None, reason="")
            return one
    raise HandoverNotFound("没有这次交接，可能已经收回。")


def _faults(order: Order, colleague: Colleague | None, today: datetime) -> list[Fault]:
    faults = []
    if colleague is None:
        faults.append(Fault("colleague", Message("请选择本单位同一岗位的同事")))
    if order.until is not None and order.until <= today:
        faults.append(Fault("until", Message("期限要在今天之后")))
    if not order.reason.strip():
        faults.append(Fault("reason", Message("请写明原因")))
    return faults


def _check_free(in_force: Sequence[Handover], giver: int, taker: int) -> None:
    for one in in_force:
        if one.from_id == giver:
            raise HandedOverAlready(
                "{name}的待办已经交给{to}，请先收回。", name=one.from_name, to=one.to_name
            )
        if one.from_id == taker:
            raise HandedOverAlready("{name}自己的待办已经交给{to}。", name=one.from_name, to=one.to_name)


def _write(
    session: Session, doer: Doer, *, giver: int, taker: int | None, until: datetime | None, reason: str
) -> None:
    own = doer.identity.appointment
    session.add(
        QueueHandover(
            org_unit_id=own.org_unit_id, role=own.role, from_person_id=giver, to_person_id=taker, until=until,
            reason=reason, by_id=doer.identity.person_id, at=doer.now,
        )
    )  # fmt: skip
    session.flush()
    record(
        session,
        actor=actor_of(doer.identity, doer.request_id),
        now=doer.now,
        action="queue.handed_over" if taker is not None else "queue.taken_back",
        subject=Subject("queue", f"{own.org_unit_code}/{own.role}", own.org_unit_id),
        after={"from": giver, "to": taker, "until": until, "reason": reason},
    )
