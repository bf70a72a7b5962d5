"""Moving, closing and merging units: who may, what stands against it, and one audit entry each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from tracker.domain.identity import Actor, Identity
from tracker.domain.messages import Conflict, Forbidden, Refusal
from tracker.domain.periods import Month
from tracker.domain.permissions import Permission, reaches
from tracker.features.org_units.affected import has_open_children, list_lists_of
from tracker.features.org_units.browsing import OrgFacts, list_facts_below
from tracker.features.org_units.checks import RANKS
from tracker.features.org_units.placing import Seat
from tracker.features.org_units.restructures import Done, Ending, Move, Shape, carry_out
from tracker.services.audit import Subject, record
from tracker.services.tree import Unit


class OutOfReach(Forbidden):
    """The unit may be seen, but this admin does not answer for all it takes."""


class NotAPlace(Refusal):
    """The unit cannot stand there."""


class StillInUse(Refusal):
    """Something must be brought to an end before the unit can be."""


class AlreadyClosed(Conflict):
    """The unit has ended."""


class Doer(NamedTuple):
    """Who acts, as whom the trail names them, and when."""

    identity: Identity
    actor: Actor
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """From which month, why, and the tree's edition and the unit's version as they were seen."""

    effective: Month
    reason: str
    edition: int
    version: int


def move_shape(unit: OrgFacts, above: OrgFacts, terms: Terms, *, doer: Doer) -> Shape:
    """What moving a unit below another one comes to. Raises OutOfReach, NotAPlace, AlreadyClosed."""
    _check_answers_for(doer, unit)
    if not reaches(doer.identity, Permission.EDIT_ORG_UNIT, above.unit.place):
        raise OutOfReach("新上级不在您管理的范围内，请由两边共同的上级办理")
    _check_open(unit)
    _check_open(above)
    if unit.unit.place.holds(above.unit.place):
        raise NotAPlace("不能划到自己或自己的下级之下")
    if unit.unit.place.parent_id == above.unit.id:
        raise NotAPlace("它本来就在这个上级之下")
    _check_levels(unit.unit.level, above.unit.level)
    move = Move(unit.unit, Seat(above.unit, unit.position, unit.unit.code))
    return Shape(
        moves=[move], effective=terms.effective, edition=terms.edition, reason=terms.reason, action="move"
    )


def close_shape(
    session: Session, unit: OrgFacts, successor: OrgFacts | None, terms: Terms, *, doer: Doer
) -> Shape:
    """What closing a unit comes to. Raises OutOfReach, NotAPlace, AlreadyClosed, StillInUse."""
    _check_answers_for(doer, unit)
    _check_open(unit)
    if has_open_children(session, unit.unit):
        raise StillInUse("下面还有没撤销的单位，请先把它们划走、撤销或合并")
    _check_own_lists(session, unit.unit)
    if successor is not None:
        _check_successor(unit, successor)
    ending = Ending(unit.unit, terms.version, None if successor is None else successor.unit)
    return Shape(
        endings=[ending],
        effective=terms.effective,
        edition=terms.edition,
        reason=terms.reason,
        action="target",
    )


def merge_shape(
    session: Session,
    units: Sequence[OrgFacts],
    successor: OrgFacts,
    terms: Terms,
    *,
    summed: frozenset[int],
    doer: Doer,
) -> Shape:
    """What merging units into another one of the same superior comes to: whoever stands below them goes along."""
    moves: list[Move] = []
    for unit in units:
        _check_answers_for(doer, unit)
        _check_open(unit)
        _check_successor(unit, successor)
        if unit.unit.place.parent_id != successor.unit.place.parent_id:
            raise NotAPlace("只有同一上级的单位才能合并，请先划转到同一上级之下")
        _check_own_lists(session, unit.unit)
        for below in list_facts_below(session, unit.unit):
            _check_levels(below.unit.level, successor.unit.level)
            moves.append(Move(below.unit, Seat(successor.unit, below.position, below.unit.code)))
    endings = [Ending(unit.unit, unit.version, successor.unit) for unit in units]
    return Shape(
        moves=moves, endings=endings, summed=summed, effective=terms.effective, edition=terms.edition,
        reason=terms.reason, action="merge",
    )  # fmt: skip


def _check_answers_for(doer: Doer, unit: OrgFacts) -> None:
    """An admin answers for a unit's place only where the unit stands below the admin's own."""
    own = doer.identity.place
    is_own = own.org_unit_id == unit.unit.id
    if is_own or not reaches(doer.identity, Permission.EDIT_ORG_UNIT, unit.unit.place):
        raise OutOfReach("您管理的是{own}，它的去留由上级的管理员办理", own=unit.unit.short_name)


def _check_open(unit: OrgFacts) -> None:
    if unit.valid_to is not None:
        raise AlreadyClosed("{unit}已于 {day} 撤销", unit=unit.unit.short_name, day=unit.valid_to.isoformat())


def _check_levels(level: str, above: str) -> None:
    if RANKS[level] <= RANKS[above]:
        raise NotAPlace("它的层级不低于新上级，不能放在其下")


def _check_successor(unit: OrgFacts, successor: OrgFacts) -> None:
    _check_open(successor)
    if unit.unit.place.holds(successor.unit.place):
        raise NotAPlace("承接单位不能是它自己或它的下级")


def _check_own_lists(session: Session, unit: Unit) -> None:
    running = [
        one.title for one in list_lists_of(session, [unit.id]) if one.state in ("published", "running")
    ]
    if running:
        raise StillInUse("它发布的清单还没有结束：{titles}；请先由它的审核人结束", titles="、".join(running))


def carry_out_move(session: Session, shape: Shape, *, doer: Doer) -> Done:
    """Move a unit, with one audit entry."""
    done = carry_out(session, shape, actor=doer.actor, now=doer.now)
    [move] = shape.moves
    before = {"parent": move.unit.place.parent_id, "edition": done.before}
    after = {"parent": move.seat.parent_id, "edition": done.after}
    _record(session, "org_unit.moved", move.unit, shape, done, doer=doer, sides=(before, after))
    return done


def carry_out_close(session: Session, shape: Shape, *, doer: Doer) -> Done:
    """Close a unit, with one audit entry."""
    done = carry_out(session, shape, actor=doer.actor, now=doer.now)
    [ending] = shape.endings
    after = {
        "valid_to": shape.last_day,
        "successor": None if ending.successor is None else ending.successor.code,
    }
    _record(
        session, "org_unit.closed", ending.unit, shape, done, doer=doer, sides=({"valid_to": None}, after)
    )
    return done


def carry_out_merge(session: Session, shape: Shape, successor: Unit, *, doer: Doer) -> Done:
    """Merge units into their successor, with one audit entry about the successor."""
    done = carry_out(session, shape, actor=doer.actor, now=doer.now)
    before = {"units": [ending.unit.code for ending in shape.endings], "edition": done.before}
    after = {
        "into": successor.code,
        "edition": done.after,
        "moved": [move.unit.code for move in shape.moves],
        "summed_indicators": sorted(shape.summed),
        "last_day": shape.last_day,
    }
    _record(session, "org_unit.merged", successor, shape, done, doer=doer, sides=(before, after))
    return done


def _record(
    session: Session,
    action: str,
    unit: Unit,
    shape: Shape,
    done: Done,
    *,
    doer: Doer,
    sides: tuple[Mapping[str, object], Mapping[str, object]],
) -> None:
    before, after = sides
    told = {
        "effective": str(shape.effective),
        "reason": shape.reason,
        "lists": [one.listed.key for one in done.posted],
        "targets_changed": sum(len(one.targets) for one in done.posted),
    }
    record(
        session,
        actor=doer.actor,
        now=doer.now,
        action=action,
        subject=Subject("org_unit", unit.code, unit.id),
        before=before,
        after={**after, **told},
    )
