"""Reminding units, taking a reminder back while nobody has read it, and reading one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tracker.domain.identity import actor_of
from tracker.domain.messages import Conflict, Message, Refusal
from tracker.domain.periods import SHANGHAI, Period
from tracker.features.reminders.queries import NoticePlace, Owed, list_owed, standing_of_day
from tracker.models.notice import Notice
from tracker.services.audit import Subject, record
from tracker.services.programme_heads import Head
from tracker.services.standings import Doer
from tracker.services.tree import Unit

MOST_NAMED = 5


class NotEndedYet(Conflict):
    """The period is still running: nothing is missing yet."""


class NobodyOwes(Refusal):
    """None of the units chosen has anything left to report for the period."""


class AlreadyRead(Conflict):
    """The unit has read the reminder, or somebody has taken it back."""


class Reminded(NamedTuple):
    """What came of it: the notices sent by unit, and the units reminded earlier today with when."""

    sent: tuple[tuple[int, Unit], ...]
    already: tuple[tuple[Unit, datetime], ...]


def remind_units(
    session: Session,
    head: Head,
    node: Unit,
    period: Period,
    codes: Collection[str],
    doer: Doer,
    *,
    today: datetime,
    deadline: str | None,
) -> Reminded:
    """Remind units directly below ``node`` (or its own level) of what they owe, once a day each.

    ``today`` is the moment deadlines go by, ``deadline`` the words for the period's. Units that owe nothing
    are passed over. Raises NotEndedYet; NobodyOwes where that leaves nobody.
    """
    local = today.astimezone(SHANGHAI)
    if local.date() < period.end.next.day(1):
        raise NotEndedYet("本期还没有结束，结束后才能催报。")
    owed = [one for one in list_owed(session, head, node, period) if one.unit.code in codes]
    if not owed:
        raise NobodyOwes("这些单位都已经报送，不需要催报。")
    before = standing_of_day(session, head, period, [one.unit.id for one in owed], today=local)
    sent: list[tuple[int, Unit]] = []
    already = [(one.unit, before[one.unit.id]) for one in owed if one.unit.id in before]
    for one in owed:
        if one.unit.id in before:
            continue
        notice = _notice(head, period, one, doer, today=local, deadline=deadline)
        if _is_added(session, notice):
            sent.append((notice.id, one.unit))
        else:
            already.append((one.unit, doer.now))
    if sent:
        _record(
            session, head, doer, "unit.reminded", period=period.key, units=[unit.code for _, unit in sent]
        )
    return Reminded(tuple(sent), tuple(already))


def _notice(
    head: Head, period: Period, owed: Owed, doer: Doer, *, today: datetime, deadline: str | None
) -> Notice:
    return Notice(
        programme_id=head.id, org_unit_id=owed.unit.id, period=period.key, day=today.date(),
        text=str(reminder_text(owed, deadline)), by_id=doer.identity.person_id, at=doer.now,
    )  # fmt: skip


def reminder_text(owed: Owed, deadline: str | None) -> Message:
    """What the unit reads: how many pledges are missing, the first of them by name, and by when (None: no deadline)."""
    titles = "、".join(promise.title for promise in owed.promises[:MOST_NAMED])
    facts: dict[str, object] = {"count": len(owed.promises), "titles": titles}
    if deadline is None:
        return Message("还有 {count} 件没有报：{titles}。这是清单公布以前的报告期，请补报。", facts)
    facts["deadline"] = deadline
    if len(owed.promises) > MOST_NAMED:
        return Message("还有 {count} 件没有报：{titles}等。报送截止 {deadline}，请尽快报送。", facts)
    return Message("还有 {count} 件没有报：{titles}。报送截止 {deadline}，请尽快报送。", facts)


def _is_added(session: Session, notice: Notice) -> bool:
    """False where somebody else reminded the unit in the same moment."""
    try:
        with session.begin_nested():
            session.add(notice)
    except IntegrityError:
        return False
    return True


def withdraw_reminders(session: Session, head: Head, notice_ids: Sequence[int], doer: Doer) -> int:
    """Take back one's own reminders that nobody has read, together; how many. Raises AlreadyRead where none is left."""
    taken = session.scalars(
        update(Notice)
        .where(
            Notice.id.in_(notice_ids),
            Notice.programme_id == head.id,
            Notice.by_id == doer.identity.person_id,
            Notice.withdrawn_at.is_(None),
            Notice.read_at.is_(None),
        )
        .values(withdrawn_at=doer.now)
        .returning(Notice.id)
    ).all()
    if not taken:
        raise AlreadyRead("对方已经看到，或已经撤销，不能再撤销。")
    _record(session, head, doer, "reminder.withdrawn", notices=sorted(taken))
    return len(taken)


def read_notice(session: Session, notice: NoticePlace, doer: Doer) -> None:
    """Note that somebody of the unit has read it; the first reader stays."""
    changed = session.execute(
        update(Notice)
        .where(Notice.id == notice.id, Notice.withdrawn_at.is_(None), Notice.read_at.is_(None))
        .values(read_at=doer.now, read_by_id=doer.identity.person_id)
        .returning(Notice.id)
    ).one_or_none()
    if changed is None:
        return
    record(
        session, actor=actor_of(doer.identity, doer.request_id), now=doer.now, action="reminder.read",
        subject=Subject("notice", str(notice.id), doer.identity.place.org_unit_id),
    )  # fmt: skip


def _record(session: Session, head: Head, doer: Doer, action: str, **told: object) -> None:
    record(
        session, actor=actor_of(doer.identity, doer.request_id), now=doer.now, action=action,
        subject=Subject("programme", head.key, doer.identity.place.org_unit_id), after=told,
    )  # fmt: skip
