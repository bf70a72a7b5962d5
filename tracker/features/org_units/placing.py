"""Numbering one part of the tree anew: a unit joins, changes its turn among siblings, or goes elsewhere with all below."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import Table, bindparam, insert, literal, select, update
from sqlalchemy.orm import Session

from tracker.features.org_units.numbering import ROOT, Interval, number_forest, number_run
from tracker.models.base import table_of
from tracker.models.org_unit import OrgPlace, OrgUnit, TreeEdition
from tracker.services.chunks import chunked
from tracker.services.tree import Unit

ROWS_AT_ONCE = 5000
PLACES: Final[Table] = table_of(OrgPlace)


class Seat(NamedTuple):
    """Where a unit is to stand: its superior (None: a root) and its turn among siblings."""

    above: Unit | None
    position: int
    code: str

    @property
    def parent_id(self) -> int:
        return 0 if self.above is None else self.above.id


class Numbers(NamedTuple):
    """Intervals by unit: of the units placed, and of all others that must make room."""

    placed: Mapping[int, Interval]
    others: Mapping[int, Interval]


def list_below(session: Session, unit: Unit) -> dict[str, list[str]]:
    """The subtree as parent → children, both by id in text, siblings in official order; the unit itself below ROOT."""
    place = unit.place
    wanted = (
        select(OrgPlace.org_unit_id, OrgPlace.parent_id)
        .join(OrgUnit, OrgUnit.id == OrgPlace.org_unit_id)
        .where(OrgPlace.edition == place.edition, OrgPlace.pre.between(place.pre, place.last))
        .order_by(OrgUnit.position, OrgUnit.code)
    )
    children: dict[str, list[str]] = defaultdict(list)
    for row in session.execute(wanted):
        children[ROOT if row.org_unit_id == unit.id else str(row.parent_id)].append(str(row.org_unit_id))
    return dict(children)


def find_numbers(session: Session, edition: int, seat: Seat, below: Mapping[str, Sequence[str]]) -> Numbers:
    """Intervals for a subtree at its seat; the others' only where there is no room between the siblings."""
    [unit_id] = below[ROOT]
    around = _place_of(session, edition, seat)
    after, until = _room(session, edition, seat, around, but=int(unit_id))
    fitted = number_run(below, depth=around.depth + 1, after=after, until=until)
    if fitted is not None:
        return Numbers({int(unit): interval for unit, interval in fitted.items()}, {})
    return _number_all(session, edition, seat, below)


def _place_of(session: Session, edition: int, seat: Seat) -> Interval:
    """The superior's interval in this edition; of roots, what lies before the first."""
    wanted = select(OrgPlace.depth, OrgPlace.pre, OrgPlace.last).where(
        OrgPlace.edition == edition, OrgPlace.org_unit_id == seat.parent_id
    )
    row = session.execute(wanted).one_or_none()
    return Interval(-1, 0, 0) if row is None else Interval(*row)


def _room(
    session: Session, edition: int, seat: Seat, around: Interval, *, but: int
) -> tuple[int, int | None]:
    """The free numbers between the neighbours that the unit will have."""
    wanted = (
        select(OrgPlace.pre, OrgPlace.last, OrgUnit.position, OrgUnit.code)
        .join(OrgUnit, OrgUnit.id == OrgPlace.org_unit_id)
        .where(OrgPlace.edition == edition, OrgPlace.parent_id == seat.parent_id, OrgPlace.org_unit_id != but)
    )
    siblings = session.execute(wanted).all()
    own = (seat.position, seat.code)
    before = [row.last for row in siblings if (row.position, row.code) < own]
    behind = [row.pre for row in siblings if (row.position, row.code) > own]
    after = max(before, default=around.pre)
    until = min(behind, default=around.last if seat.parent_id else None)
    return after, until


def _number_all(session: Session, edition: int, seat: Seat, below: Mapping[str, Sequence[str]]) -> Numbers:
    """The whole forest anew, with the subtree at its seat."""
    [unit_id] = below[ROOT]
    wanted = (
        select(OrgPlace.org_unit_id, OrgPlace.parent_id, OrgUnit.position, OrgUnit.code)
        .join(OrgUnit, OrgUnit.id == OrgPlace.org_unit_id)
        .where(OrgPlace.edition == edition)
    )
    rows = {row.org_unit_id: (row.parent_id, row.position, row.code) for row in session.execute(wanted)}
    rows[int(unit_id)] = (seat.parent_id, seat.position, seat.code)
    children: dict[str, list[str]] = defaultdict(list)
    for unit, (parent, _position, _code) in sorted(rows.items(), key=lambda one: one[1][1:]):
        children[str(parent) if parent else ROOT].append(str(unit))
    everywhere = {int(unit): interval for unit, interval in number_forest(children).items()}
    own = {int(unit) for units in below.values() for unit in units}
    return Numbers(
        {unit: everywhere[unit] for unit in own},
        {unit: interval for unit, interval in everywhere.items() if unit not in own},
    )


def add_place(session: Session, edition: int, unit_id: int, seat: Seat) -> None:
    """Give a new unit its place in an edition there is: whoever joins changes no relation."""
    numbers = find_numbers(session, edition, seat, {ROOT: [str(unit_id)]})
    renumber(session, edition, numbers.others)
    place = numbers.placed[unit_id]._asdict() | {
        "edition": edition,
        "org_unit_id": unit_id,
        "parent_id": seat.parent_id,
    }
    session.execute(insert(PLACES), [place])


def turn_place(session: Session, unit: Unit, seat: Seat) -> None:
    """Number a unit and all below it anew after its turn among siblings was changed; no relation changes."""
    numbers = find_numbers(session, unit.place.edition, seat, list_below(session, unit))
    renumber(session, unit.place.edition, {**numbers.others, **numbers.placed})


def renumber(session: Session, edition: int, intervals: Mapping[int, Interval]) -> None:
    """Write intervals of units that stand in an edition already."""
    statement = update(PLACES).where(
        PLACES.c.edition == edition, PLACES.c.org_unit_id == bindparam("numbered_unit")
    )
    for part in chunked(list(intervals.items()), ROWS_AT_ONCE):
        session.execute(statement, [{"numbered_unit": unit} | to._asdict() for unit, to in part])


def open_next_edition(session: Session, edition: int, *, now: datetime, reason: str) -> int:
    """The next edition of the tree, a copy of this one; whoever was first with it lets nobody else have it."""
    number = edition + 1
    session.add(TreeEdition(number=number, at=now, reason=reason))
    session.flush()
    columns = [column for column in PLACES.c if column.name != "edition"]
    copied = select(literal(number), *columns).where(PLACES.c.edition == edition)
    session.execute(insert(PLACES).from_select(["edition", *(column.name for column in columns)], copied))
    return number


def move_place(session: Session, edition: int, unit: Unit, seat: Seat) -> list[int]:
    """Put a unit with all below it elsewhere in this edition; the ids of everybody that went."""
    below = list_below(session, unit)
    numbers = find_numbers(session, edition, seat, below)
    renumber(session, edition, {**numbers.others, **numbers.placed})
    session.execute(
        update(PLACES)
        .where(PLACES.c.edition == edition, PLACES.c.org_unit_id == unit.id)
        .values(parent_id=seat.parent_id)
    )
    return sorted(numbers.placed)
