"""Bringing the ledger up to a changed list: whose counts it touches, here and in the lists it feeds."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from tracker.models.ledger import Entry
from tracker.models.org_unit import OrgPlace
from tracker.models.programme import Indicator
from tracker.services.ledger.folding import recount_own_level
from tracker.services.ledger.posting import Act, post
from tracker.services.targets import NewTarget, post_targets
from tracker.services.tree import Unit, paths_up


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """What changed in a list that totals depend on.

    ``fed`` and ``unfed``: higher indicators (ids) that are fed from now on, or no longer.
    """

    targets: Sequence[NewTarget]
    reason: str
    fed: Collection[int] = ()
    unfed: Collection[int] = ()
    flips_own_level: bool = False


def post_list(session: Session, act: Act, publisher: Unit, posted: Posted) -> None:
    """Post what a change of the list means for every unit it touches; nothing when totals stay as they are."""
    if posted.flips_own_level:
        recount_own_level(session, act.programme_id)
    touched = {*posted.fed, *posted.unfed}
    if not posted.targets and not touched:
        return
    units = _units_up(session, publisher, {target.org_unit_id for target in posted.targets})
    if touched:
        units |= _units_in_play(session, act.programme_id, publisher, touched)
    post_targets(session, act, units, targets=posted.targets, reason=posted.reason)
    for programme_id in _lists_of(session, posted.unfed):
        post(session, replace(act, programme_id=programme_id), units)


def _units_up(session: Session, publisher: Unit, units: set[int]) -> set[int]:
    """These units and everything above them up to the publisher: a child's target decides who reports."""
    found = {publisher.id}
    for path in paths_up(session, publisher.place.edition, units).values():
        for step in path:
            found.add(step.org_unit_id)
            if step.org_unit_id == publisher.id:
                break
    return found


def _units_in_play(session: Session, programme_id: int, publisher: Unit, touched: set[int]) -> set[int]:
    """Units below the publisher that count in the list itself or in the higher indicators touched."""
    place = publisher.place
    wanted = (
        select(Entry.org_unit_id)
        .distinct()
        .join(Indicator, Indicator.id == Entry.indicator_id)
        .join(OrgPlace, and_(OrgPlace.org_unit_id == Entry.org_unit_id, OrgPlace.edition == place.edition))
        .where(
            or_(Indicator.programme_id == programme_id, Indicator.id.in_(touched)),
            OrgPlace.pre.between(place.pre, place.last),
        )
    )
    return set(session.scalars(wanted))


def _lists_of(session: Session, indicator_ids: Collection[int]) -> list[int]:
    wanted = select(Indicator.programme_id).distinct().where(Indicator.id.in_(indicator_ids))
    return sorted(session.scalars(wanted))
