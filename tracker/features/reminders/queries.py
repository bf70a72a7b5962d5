"""What units still owe for a period, seen from their superior; and single reminders within reach."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.domain.identity import Identity
from tracker.domain.messages import NotFound
from tracker.domain.periods import Month, Period
from tracker.domain.workflow import State
from tracker.models.notice import Notice
from tracker.models.org_unit import OrgUnit
from tracker.models.programme import Programme
from tracker.models.report import Report, Revision
from tracker.services.notices import is_waiting_to_be_signed
from tracker.services.programme_heads import Head, Promise
from tracker.services.progress_table import Branch, load
from tracker.services.tree import Unit


class NoticeNotFound(NotFound):
    """There is no such reminder to the own unit."""


class Owed(NamedTuple):
    """A unit with the pledges for which something is missing, those waiting at the superior's desk left out."""

    unit: Unit
    promises: tuple[Promise, ...]


class NoticePlace(NamedTuple):
    """Which sheet a reminder is about, and whether it waits to be signed."""

    id: int
    key: str
    code: str
    period: Period
    needs_signature: bool


def list_owed(session: Session, head: Head, node: Unit, period: Period) -> list[Owed]:
    """The units below ``node``, and its own level, that have not reported everything due, in official order."""
    cutoff = Month(period.year, period.last_month)
    branches = load(session, head, node, cutoff=cutoff, with_branches=True).branches
    waiting = _read_waiting(session, head, period, [branch.unit.id for branch in branches])
    found = [
        Owed(branch.unit, tuple(_missing(branch, waiting.get(branch.unit.id, set())))) for branch in branches
    ]
    return [owed for owed in found if owed.promises]


def _missing(branch: Branch, waiting: set[int]) -> Iterable[Promise]:
    for pledge in branch.pledges:
        is_short = any(one.standing.reported < one.standing.assigned for one in pledge.indicators)
        if is_short and pledge.promise.id not in waiting:
            yield pledge.promise


def _read_waiting(
    session: Session, head: Head, period: Period, unit_ids: Iterable[int]
) -> Mapping[int, set[int]]:
    """Unit → the pledges whose reports are signed: it has done its part."""
    wanted = (
        select(Report.org_unit_id, Report.pledge_id)
        .join(Revision, Revision.report_id == Report.id)
        .where(
            Report.programme_id == head.id,
            Report.period == period.key,
            Report.org_unit_id.in_(sorted(set(unit_ids))),
            Revision.state == State.SIGNED,
        )
    )
    found: dict[int, set[int]] = defaultdict(set)
    for row in session.execute(wanted):
        found[row.org_unit_id].add(row.pledge_id)
    return found


def standing_of_day(
    session: Session, head: Head, period: Period, unit_ids: Iterable[int], *, today: datetime
) -> dict[int, datetime]:
    """Unit → when it was reminded of the period today."""
    wanted = select(Notice.org_unit_id, Notice.at).where(
        Notice.programme_id == head.id,
        Notice.period == period.key,
        Notice.org_unit_id.in_(sorted(set(unit_ids))),
        Notice.day == today.date(),
        Notice.withdrawn_at.is_(None),
    )
    return {row.org_unit_id: row.at for row in session.execute(wanted)}


def find_notice(session: Session, notice_id: int, *, seen_by: Identity) -> NoticePlace:
    """A reminder to this person's own unit; NoticeNotFound for any other, and for one taken back."""
    wanted = (
        select(Notice.id, Programme.key, OrgUnit.code, Notice.period, is_waiting_to_be_signed())
        .join(Programme, Programme.id == Notice.programme_id)
        .join(OrgUnit, OrgUnit.id == Notice.org_unit_id)
        .where(
            Notice.id == notice_id,
            Notice.org_unit_id == seen_by.place.org_unit_id,
            Notice.withdrawn_at.is_(None),
        )
    )
    row = session.execute(wanted).one_or_none()
    if row is None:
        raise NoticeNotFound("没有找到这条催报，可能已经撤销")
    return NoticePlace(row.id, row.key, row.code, Period.parse(row.period), bool(row[4]))
