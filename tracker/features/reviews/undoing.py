"""Taking back what was accepted together: each report where nothing has happened since, the others named."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from tracker.domain.messages import Conflict, Refusal
from tracker.domain.workflow import Action, State
from tracker.models.org_unit import OrgUnit
from tracker.models.programme import Pledge
from tracker.models.report import Report, Revision, ThreadEntry
from tracker.services.programme_heads import Head
from tracker.services.revising import Verdict, undo, verdict_before
from tracker.services.standings import Doer, list_standings


class NothingToUndo(Conflict):
    """Nothing was accepted together at this moment, or all of it was taken back already."""


class Given(NamedTuple):
    """One acceptance out of several given together; ``is_touched``: something happened to the report since."""

    revision_id: int
    org_unit_id: int
    unit: str
    period: str
    pledge: int
    is_touched: bool


class Undone(NamedTuple):
    """Which acceptances were taken back, and which were not."""

    back: tuple[Given, ...]
    left: tuple[Given, ...]


def undo_together(session: Session, head: Head, at: datetime, doer: Doer) -> Undone:
    """Take back what this person accepted at this very moment in a list, unit by unit.

    A report that somebody has acted on since stays accepted and is named; so does everything whose
    ten seconds are over. Raises NothingToUndo.
    """
    given = _list_given(session, head, at, doer)
    if not given:
        raise NothingToUndo("没有可以撤销的通过，可能已经撤销。")
    units: dict[int, list[Given]] = defaultdict(list)
    for one in given:
        if not one.is_touched:
            units[one.org_unit_id].append(one)
    back: list[Given] = []
    for _unit, mine in sorted(units.items()):
        if _is_undone(session, mine, doer):
            back += mine
    ids = {one.revision_id for one in back}
    return Undone(tuple(back), tuple(one for one in given if one.revision_id not in ids))


def _is_undone(session: Session, given: Sequence[Given], doer: Doer) -> bool:
    """Whether a unit's acceptances could be taken back; a refusal leaves no trace."""
    try:
        with session.begin_nested():
            undo(session, _verdict(session, [one.revision_id for one in given]), doer)
    except Refusal:
        return False
    return True


def _verdict(session: Session, revision_ids: Collection[int]) -> Verdict:
    return verdict_before(list_standings(session, revision_ids))


def _list_given(session: Session, head: Head, at: datetime, doer: Doer) -> list[Given]:
    accepted, later = aliased(ThreadEntry), aliased(ThreadEntry)
    is_touched = exists().where(
        later.report_id == Report.id, later.id > accepted.id, later.action != Action.COMMENT
    )
    wanted = (
        select(
            Revision.id, Report.org_unit_id, OrgUnit.short_name, Report.period, Pledge.number,
            Revision.state, is_touched.label("is_touched"),
        )
        .join(Report, Report.id == Revision.report_id)
        .join(accepted, accepted.revision_id == Revision.id)
        .join(OrgUnit, OrgUnit.id == Report.org_unit_id)
        .join(Pledge, Pledge.id == Report.pledge_id)
        .where(
            Report.programme_id == head.id,
            accepted.action == Action.ACCEPT,
            accepted.person_id == doer.identity.person_id,
            accepted.at == at,
            Revision.accepted_at == at,
        )
        .order_by(Report.org_unit_id, Report.month, Pledge.number)
    )  # fmt: skip
    return [
        Given(*row[:5], is_touched=row.is_touched or row.state != State.ACCEPTED)
        for row in session.execute(wanted)
    ]


def names_of(given: Iterable[Given]) -> list[tuple[str, list[int]]]:
    """Unit → the numbers of its pledges, in order, to be told."""
    found: dict[str, list[int]] = {}
    for one in given:
        found.setdefault(one.unit, []).append(one.pledge)
    return list(found.items())
