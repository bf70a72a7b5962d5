"""What a programme's page is judged from: monthly sums and targets as sealed, now or under any past seal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from itertools import accumulate
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from tracker.domain.rollup import Part
from tracker.models.ledger import MONTHS, Tally, TallyDay
from tracker.models.org_unit import OrgPlace
from tracker.models.programme import Indicator, Programme, Target
from tracker.services.ledger.carrying import DEEPEST_DAY, SHELF_KEY, tally_sums_between
from tracker.services.ledger.carrying import Months as ShelfMonths
from tracker.services.ledger.days import find_spot
from tracker.services.moved_units import former_superiors, moved_parts, parts_without_days
from tracker.services.programme_heads import Head
from tracker.services.tree import Unit, list_units_named

ACCEPTED, PROVISIONAL, LAST_YEAR = "accepted", "provisional", "last_year"
_TARGET = "target"
_WHOLE, _OWN = "whole", "own"
EVERYWHERE = -1
"""The parent under which a part that was moved stands as a whole, whatever superiors it counted below."""

Months = dict[str, dict[Part, list[int]]]  # basis → part → twelve increments
Slot = tuple[int, int, int]  # parent, org unit, indicator: one shelf of the tally
Slots = Mapping[Slot, Months]


class TargetVersion(NamedTuple):
    """As much of a target version as judging needs."""

    org_unit_id: int
    is_own_level: bool
    indicator_id: int
    value: int | None
    base: int | None
    is_assigned: bool
    effective_month: int
    seal: int
    id: int


TargetKey = tuple[int, bool, int]
"""Unit, whether its own level, indicator."""


class Sealed(NamedTuple):
    """What was read of the ledger: monthly sums by slot, and targets in force by (unit, own level, indicator).

    A part of the node that also counted below another superior has slots under ``EVERYWHERE`` besides.
    """

    months: Slots
    targets: Mapping[TargetKey, TargetVersion]


class Figures(NamedTuple):
    """The same before the month is known for which targets are to be in force; versions in the order of seals."""

    months: Slots
    versions: Sequence[TargetVersion]

    def at(self, month: int) -> Sealed:
        """With the targets in force in a month."""
        return Sealed(self.months, in_force(self.versions, month=month))


def read_figures(
    session: Session,
    head: Head,
    node: Unit,
    *,
    units: Iterable[int],
    seal: int | None,
    is_past: bool,
    beside: Sequence[int] = (),
) -> Figures:
    """The sums at a node and its parts, and the targets of ``units``: one statement for now and for a day's end.

    ``beside`` are units with the node's own superior, whose sums are read as well.

    ``seal``: the one to read by, None where nothing is sealed. A past one that is not the last of its day costs the
    entries sealed on that day besides, and below districts those of the node.
    """
    targets = _targets([head.id], units, seal=seal or 0)
    if not is_past:
        found = _figures(session, [*_tally_rows(head, node, beside), targets])
    else:
        found = _past_figures(session, head, node, targets=targets, seal=seal or 0, beside=beside)
    return Figures(_wholes(found.months, node, {node.id, *beside}), found.versions)


def _wholes(months: Slots, node: Unit, units: Collection[int]) -> Slots:
    """The node and those beside it as wholes: what they held below former superiors is added to what they hold now."""
    found: dict[Slot, Months] = {}
    for (parent, unit, indicator), sums in months.items():
        is_former = unit in units and parent not in (unit, node.place.parent_id)
        if not is_former or parent == node.id:
            _add_sums(found, (parent, unit, indicator), sums)
        if is_former:
            _add_sums(found, (node.place.parent_id, unit, indicator), sums)
    _add_moved_parts(found, node, units)
    return found


def _add_moved_parts(found: dict[Slot, Months], node: Unit, units: Collection[int]) -> None:
    """Parts of the node that count below other superiors too, as wholes beside what they hold here."""
    parts = {unit for parent, unit, _indicator in found if parent == node.id} - {node.id}
    moved = {unit for parent, unit, _indicator in found if parent not in (node.id, unit)} & parts - {*units}
    for (parent, unit, indicator), sums in list(found.items()):
        if unit in moved and parent != unit:
            _add_sums(found, (EVERYWHERE, unit, indicator), sums)


def _add_sums(found: dict[Slot, Months], slot: Slot, sums: Months) -> None:
    if slot not in found:
        found[slot] = {basis: dict(parts) for basis, parts in sums.items()}
        return
    for basis, parts in sums.items():
        known = found[slot].setdefault(basis, {})
        for part, added in parts.items():
            before = known.get(part, [0] * 12)
            known[part] = [one + other for one, other in zip(before, added, strict=True)]


def list_gone(
    session: Session, head: Head, node: Unit, children: Sequence[Unit], months: Slots
) -> list[Unit]:
    """Units with figures below the node that stand elsewhere by today's tree, each under the name of its last month."""
    known = {node.id, *(child.id for child in children)}
    ids = {unit for parent, unit, _indicator in months if parent == node.id and unit not in known}
    spans = {unit: head.year * 12 + _span(months, node.id, unit)[1] for unit in ids}
    return list_units_named(session, spans) if spans else []


def with_targets(
    session: Session, head: Head, figures: Figures, units: Sequence[int], *, seal: int | None
) -> Figures:
    """The figures with the targets of further units."""
    if not units:
        return figures
    more = _figures(session, [_targets([head.id], units, seal=seal or 0)])
    return figures._replace(versions=sorted([*figures.versions, *more.versions], key=_by_seal))


def span_of(months: Slots, node: Unit, unit: Unit) -> tuple[int, int]:
    """The first and the last month of the year in which a unit below a node has to report there."""
    return _span(months, node.id, unit.id)


def _span(months: Slots, parent_id: int, unit_id: int) -> tuple[int, int]:
    held = [
        month
        for (parent, unit, _indicator), sums in months.items()
        if (parent, unit) == (parent_id, unit_id)
        for month, count in enumerate(accumulate(sums.get(ACCEPTED, {}).get(Part.ASSIGNED, ())), 1)
        if count > 0
    ]
    return min(held, default=1), max(held, default=12)


def read_figures_at_publishers(
    session: Session, lists: Sequence[tuple[Head, Unit]], *, seal: int, is_past: bool
) -> dict[int, Figures]:
    """By programme, the sums and targets of several lists at their publishers."""
    heads = [head.id for head, _unit in lists]
    places = {(unit.place.parent_id, unit.id) for _head, unit in lists}
    here = and_(
        Tally.programme_id.in_(heads),
        Tally.parent_id.in_({parent for parent, _unit in places}),
        Tally.org_unit_id.in_({unit for _parent, unit in places}),
    )
    if is_past:
        return {
            head.id: read_figures(session, head, unit, units=[unit.id], seal=seal, is_past=True)
            for head, unit in lists
        }
    announced = {head.publisher_id for head, _unit in lists}
    targets = _targets(heads, announced | {unit for _parent, unit in places}, seal=seal)
    found = _figures_by_programme(session, [_row(Tally).where(here), targets])
    return {key: found.get(key, Figures({}, ())) for key in heads}


def in_force(versions: Iterable[TargetVersion], *, month: int = 12) -> dict[TargetKey, TargetVersion]:
    """Of versions in the order of their seals, the last of each; one that takes the target away leaves none."""
    found: dict[TargetKey, TargetVersion] = {}
    for version in versions:
        key = (version.org_unit_id, version.is_own_level, version.indicator_id)
        if version.effective_month > max(month, 1):
            continue
        if version.is_assigned:
            found[key] = version
        else:
            found.pop(key, None)
    return found


def _figures(session: Session, parts: Sequence[Select[*tuple[Any, ...]]]) -> Figures:
    found = _figures_by_programme(session, parts)
    months: dict[Slot, Months] = {}
    versions: list[TargetVersion] = []
    for figures in found.values():
        months |= figures.months
        versions += figures.versions
    return Figures(months, versions)


def _figures_by_programme(session: Session, parts: Sequence[Select[*tuple[Any, ...]]]) -> dict[int, Figures]:
    months: defaultdict[int, defaultdict[Slot, Months]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(dict))
    )
    versions: defaultdict[int, list[TargetVersion]] = defaultdict(list)
    for programme_id, parent_id, unit_id, indicator_id, basis, part, *sums in session.execute(
        union_all(*parts)
    ):
        if basis == _TARGET:
            value, base, is_assigned, effective, seal, version_id, *_ = sums
            key = (unit_id, part == _OWN, indicator_id)
            version = TargetVersion(*key, value, base, bool(is_assigned), effective, seal, version_id)
            versions[programme_id].append(version)
        else:
            months[programme_id][parent_id, unit_id, indicator_id][basis][Part(part)] = sums
    return {
        key: Figures(months[key], sorted(versions[key], key=_by_seal))
        for key in months.keys() | versions.keys()
    }


def _by_seal(version: TargetVersion) -> tuple[int, int]:
    return version.seal, version.id


def _row(table: type[Tally | TallyDay], basis: Any = None) -> Select[*tuple[Any, ...]]:
    key = (table.programme_id, table.parent_id, table.org_unit_id, table.indicator_id)
    kind = table.basis if basis is None else basis
    return select(*key, kind.label("basis"), table.part, *(getattr(table, month) for month in MONTHS))


def _targets(programmes: Iterable[int], units: Iterable[int], *, seal: int) -> Select[*tuple[Any, ...]]:
    """Target versions in the columns of the tally: value, base, whether assigned, month, seal and id are the first sums."""
    nothing = literal(None, Target.value.type)
    return select(
        Target.programme_id, literal(0), Target.org_unit_id, Target.indicator_id, literal(_TARGET),
        case((Target.is_own_level, _OWN), else_=_WHOLE),
        Target.value, Target.base, case((Target.is_assigned, 1), else_=0), Target.effective_month, Target.seal,
        Target.id, *(nothing for _ in range(6)),
    ).where(
        Target.programme_id.in_(sorted(programmes)),
        Target.org_unit_id.in_(sorted(set(units))),
        Target.seal <= seal,
    )  # fmt: skip


def _tally_rows(head: Head, node: Unit, beside: Sequence[int]) -> list[Select[*tuple[Any, ...]]]:
    row = _row(Tally).where(Tally.programme_id == head.id)
    return [
        *(row.where(place) for place in _places(head, node, beside, is_past=False)),
        _last_years_row(head, node),
    ]


def _places(head: Head, node: Unit, beside: Sequence[int], *, is_past: bool) -> list[ColumnElement[bool]]:
    """The node as a whole and those beside it, its parts, and where the publisher has reports (they tell the last month)."""
    above = select(OrgPlace.parent_id).where(
        OrgPlace.org_unit_id == head.publisher_id, OrgPlace.edition == node.place.edition
    )
    anywhere = and_(
        Tally.parent_id.in_(above.union_all(select(literal(head.publisher_id)))),
        Tally.org_unit_id == head.publisher_id,
        Tally.basis == ACCEPTED,
        Tally.part == Part.REPORTED.value,
    )
    units = {node.id, *beside}
    superiors = select(literal(node.place.parent_id)).union_all(*former_superiors(units, is_past=is_past))
    whole = and_(Tally.parent_id.in_(superiors), Tally.org_unit_id.in_(units))
    moved = moved_parts(node, is_past=is_past)
    present = select(OrgPlace.parent_id).where(
        OrgPlace.edition == node.place.edition, OrgPlace.org_unit_id.in_(moved)
    )
    around = present.union_all(*former_superiors(moved, is_past=is_past))
    elsewhere = and_(Tally.parent_id.in_(around), Tally.org_unit_id.in_(moved))
    return [whole, Tally.parent_id == node.id, anywhere, and_(elsewhere, Tally.parent_id != node.id)]


def _last_years_row(head: Head, node: Unit) -> Select[*tuple[Any, ...]]:
    """Tally rows of the year before under this year's indicators, marked by a basis of their own."""
    then, now = aliased(Indicator), aliased(Indicator)
    same = and_(
        now.programme_id == head.id,
        now.code == then.code,
        now.kind == then.kind,
        now.measure == then.measure,
        now.decimals == then.decimals,
    )
    before = select(Programme.id).where(
        Programme.publisher_id == head.publisher_id,
        Programme.year == head.year - 1,
        Programme.state != "draft",
    )
    columns = (literal(head.id), Tally.parent_id, Tally.org_unit_id, now.id, literal(LAST_YEAR), Tally.part)
    return (
        select(*columns, *(getattr(Tally, month) for month in MONTHS))
        .join(then, then.id == Tally.indicator_id)
        .join(now, same)
        .where(
            Tally.programme_id.in_(before),
            Tally.parent_id == node.place.parent_id,
            Tally.org_unit_id == node.id,
            Tally.basis == ACCEPTED,
            Tally.part == Part.AMOUNT.value,
        )
    )


def _past_figures(
    session: Session,
    head: Head,
    node: Unit,
    *,
    targets: Select[*tuple[Any, ...]],
    seal: int,
    beside: Sequence[int],
) -> Figures:
    spot = find_spot(session, seal)
    if spot is None:
        return _figures(session, [targets])
    stored = _figures(session, [*_day_rows(head, node, spot.day, beside), targets])
    months: dict[Slot, Months] = dict(stored.months)
    if spot.before < seal:
        _add(months, _entries(session, head, head.publisher_id, seals=(spot.before, seal)))
    moved = parts_without_days(session, node)
    if node.place.depth >= DEEPEST_DAY or node.id in moved:
        _put_parts(months, node, _entries(session, head, node.id, seals=(0, seal)))
    for unit in sorted(moved - {node.id}):
        _put_part(months, unit, _entries(session, head, unit, seals=(0, seal)))
    if not any(unit == head.publisher_id for _parent, unit, _indicator in months):
        everything = _entries(session, head, head.publisher_id, seals=(0, seal))
        _add(months, {key: sums for key, sums in everything.items() if key.org_unit_id == head.publisher_id})
    return Figures(months, stored.versions)


def _entries(session: Session, head: Head, unit_id: int, *, seals: tuple[int, int]) -> ShelfMonths:
    return tally_sums_between(session, head.id, unit_id, seals=seals)


def _put_parts(months: dict[Slot, Months], node: Unit, sums: ShelfMonths) -> None:
    """Take the node, below whatever superiors it stood, and its parts from entries: deeper down no days are kept."""
    _replace(months, sums, lambda parent, unit: node.id in (parent, unit))


def _put_part(months: dict[Slot, Months], part: int, sums: ShelfMonths) -> None:
    """Take one part of the node, here and below other superiors, from entries."""
    _replace(months, sums, lambda parent, unit: unit == part and parent != part)


def _replace(months: dict[Slot, Months], sums: ShelfMonths, is_meant: Callable[[int, int], bool]) -> None:
    for slot in [slot for slot in months if is_meant(slot[0], slot[1])]:
        del months[slot]
    _add(months, {shelf: sums[shelf] for shelf in sums if is_meant(shelf.parent_id, shelf.org_unit_id)})


def _add(months: dict[Slot, Months], sums: ShelfMonths) -> None:
    for shelf, added in sums.items():
        basis = months.setdefault((shelf.parent_id, shelf.org_unit_id, shelf.indicator_id), {})
        parts = basis.setdefault(shelf.basis, {})
        known = parts.get(Part(shelf.part), [0] * 12)
        parts[Part(shelf.part)] = [one + other for one, other in zip(known, added, strict=True)]


def _day_rows(head: Head, node: Unit, day: date, beside: Sequence[int]) -> list[Select[*tuple[Any, ...]]]:
    """The rows of the tally as a day's end left them: for each the newest day it changed on."""
    newest = aliased(TallyDay)
    same_row = and_(*(getattr(newest, column) == getattr(Tally, column) for column in SHELF_KEY))
    last = select(func.max(newest.day)).where(same_row, newest.day <= day).scalar_subquery()
    same = and_(*(getattr(TallyDay, column) == getattr(Tally, column) for column in SHELF_KEY))
    row = _row(TallyDay).join(Tally, and_(same, TallyDay.day == last)).where(Tally.programme_id == head.id)
    return [row.where(place) for place in _places(head, node, beside, is_past=True)]
