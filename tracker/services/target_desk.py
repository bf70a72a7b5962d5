"""What waits for a person about targets: issued ones to confirm, adjustments asked for, answers overdue."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, Select, and_, or_, select
from sqlalchemy.orm import Session, aliased

from tracker.domain.identity import Identity, Role
from tracker.domain.target_notices import NoticeState
from tracker.models.allocation import TargetNotice
from tracker.models.org_unit import OrgUnit
from tracker.models.programme import Programme

TO_CONFIRM = (NoticeState.ISSUED, NoticeState.DECLINED)
"""A notice in one of these states waits for the unit itself."""


class TargetTask(StrEnum):
    """What a row asks for, in the order in which rows are shown."""

    ANSWER = "answer"  # a unit below asks for an adjustment
    CONFIRM = "confirm"  # the own unit got targets
    UNDER_WAY = "under_way"  # the own unit asked and waits
    OVERDUE = "overdue"  # units below let the deadline pass


class TargetRow(NamedTuple):
    """One matter of targets. ``units``: short names, of whom it speaks; ``since``: issued, or asked, at.

    ``text``: why it was issued, or what is asked for. ``until``: the deadline for confirming.
    """

    task: TargetTask
    key: str
    programme: str
    code: str
    issuer_code: str
    units: tuple[str, ...]
    issuer: str
    since: datetime
    until: datetime | None
    text: str
    is_late: bool = False


def list_target_desk(session: Session, identity: Identity, today: datetime) -> list[TargetRow]:
    """What waits for this person about targets, in one statement; overdue units of a list in one row."""
    if identity.role not in (Role.REPORTER, Role.APPROVER, Role.REVIEWER):
        return []
    rows: list[TargetRow] = []
    overdue: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in session.execute(_open_notices(identity)):
        if row.org_unit_id == identity.place.org_unit_id:
            rows.append(_own_row(row, today))
        elif row.state == NoticeState.ASKED:
            rows.append(_row(TargetTask.ANSWER, row, row.answered_at, row.request))
        elif row.answer_by is not None and row.answer_by < today:
            overdue[row.key].append(row)
    rows += [_overdue_row(late) for late in overdue.values()]
    order = list(TargetTask)
    return sorted(rows, key=lambda row: (order.index(row.task), row.since, row.code))


def _open_notices(identity: Identity) -> Select[*tuple[Any, ...]]:
    issuer = aliased(OrgUnit)
    own = identity.place.org_unit_id
    return (
        select(
            TargetNotice.org_unit_id, TargetNotice.state, TargetNotice.issued_at, TargetNotice.issue_reason,
            TargetNotice.answered_at, TargetNotice.request, TargetNotice.answer_by, Programme.key,
            Programme.title, OrgUnit.code, OrgUnit.short_name, issuer.short_name.label("issuer"),
            issuer.code.label("issuer_code"),
        )
        .join(Programme, Programme.id == TargetNotice.programme_id)
        .join(OrgUnit, OrgUnit.id == TargetNotice.org_unit_id)
        .join(issuer, issuer.id == TargetNotice.issuer_id)
        .where(
            Programme.state != "closed",
            TargetNotice.state.in_((*TO_CONFIRM, NoticeState.ASKED)),
            or_(*_desks(identity, own)),
        )
        .order_by(TargetNotice.id)
    )  # fmt: skip


def _desks(identity: Identity, own: int) -> list[ColumnElement[bool]]:
    """The unit's own notices for its staff; those it issued for whoever divides its targets."""
    mine = TargetNotice.org_unit_id == own
    issued = TargetNotice.issuer_id == own
    if identity.role is Role.REVIEWER:
        return [issued]
    if identity.role is Role.APPROVER:
        return [mine, and_(issued, Programme.publisher_id != own)]
    return [mine]


def _own_row(row: Row[Any], today: datetime) -> TargetRow:
    if row.state == NoticeState.ASKED:
        return _row(TargetTask.UNDER_WAY, row, row.answered_at, row.request)
    is_late = row.answer_by is not None and row.answer_by < today
    return _row(TargetTask.CONFIRM, row, row.issued_at, row.issue_reason)._replace(is_late=is_late)


def _row(task: TargetTask, row: Row[Any], since: datetime, text: str) -> TargetRow:
    until = None if task in (TargetTask.ANSWER, TargetTask.UNDER_WAY) else row.answer_by
    return TargetRow(
        task, row.key, row.title, row.code, row.issuer_code, (row.short_name,), row.issuer, since, until, text,
    )  # fmt: skip


def _overdue_row(late: list[Row[Any]]) -> TargetRow:
    first = min(late, key=lambda row: row.answer_by)
    units = tuple(row.short_name for row in late)
    return _row(TargetTask.OVERDUE, first, first.issued_at, "")._replace(units=units, is_late=True)
