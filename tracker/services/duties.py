"""What units report themselves: their indicators of a list, with the targets these are held against."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from tracker.domain.progress import Target, year_target
from tracker.models.org_unit import OrgPlace
from tracker.models.programme import Alignment, Indicator, Programme
from tracker.models.programme import Target as TargetVersion
from tracker.services.ledger.reading import Counted, Stream, Targets, Version
from tracker.services.programme_heads import Head, ListedIndicator, Promise
from tracker.services.tree import Unit, near_units, paths_up

Duties = Mapping[int, Mapping[int, Target]]
"""Unit id → indicator id → the target its own figures are held against."""


class _Place(NamedTuple):
    org_unit_id: int
    is_own_level: bool
    indicator_id: int


class _Held(NamedTuple):
    """What of a version a figure is held against."""

    is_assigned: bool
    value: int | None
    base: int | None


def list_duties(
    session: Session, head: Head, promises: Sequence[Promise], units: Collection[Unit], *, month: int
) -> Duties:
    """The indicators for which each unit itself is a reporting unit (document 1.3), targets as of ``month``.

    What is fed by lower lists of publishers above the unit is not reported again. Two statements, and where
    lists feed one another the ways up of these units.
    """
    if not units:
        return {}
    edition = next(iter(units)).place.edition
    ids = [unit.id for unit in units]
    feeding = _read_feeding(session, head)
    paths = paths_up(session, edition, ids) if feeding else {}
    near = _near(head, units)
    targets, versions = _read_targets(session, head, near, edition=edition, month=month)
    reading = _Reading(head, _listed(head, promises), _streams(targets), feeding, targets, versions)
    return {unit: reading.duties_of(unit, {step.org_unit_id for step in paths.get(unit, ())}) for unit in ids}


def _listed(head: Head, promises: Sequence[Promise]) -> list[tuple[ListedIndicator, Counted]]:
    """The list's indicators in its order, and as the ledger counts them."""
    return [
        (one, Counted(one.id, head.id, head.publisher_id, head.year, one.rule.kind))
        for promise in promises
        for one in promise.indicators
    ]


def _streams(targets: Targets) -> Mapping[int, set[int]]:
    """Unit → the indicators some version of its targets speaks of."""
    found: dict[int, set[int]] = defaultdict(set)
    for stream in targets.streams():
        found[stream.org_unit_id].add(stream.indicator_id)
    return found


class _Reading(NamedTuple):
    head: Head
    listed: Sequence[tuple[ListedIndicator, Counted]]
    streams: Mapping[int, set[int]]
    feeding: Mapping[int, set[int]]
    targets: Targets
    versions: Mapping[_Place, _Held]

    def duties_of(self, unit_id: int, above: set[int]) -> dict[int, Target]:
        held = self.streams.get(unit_id, set())
        return {
            one.id: self._target(unit_id, one)
            for one, counted in self.listed
            if (one.id in held or unit_id == self.head.publisher_id)
            and self._reports(counted, unit_id, above)
        }

    def _reports(self, counted: Counted, unit_id: int, above: set[int]) -> bool:
        is_fed = bool(self.feeding.get(counted.id, set()) & above)
        stream = Stream(unit_id, counted.id)
        return not is_fed and self.targets.is_reporting(counted, stream, has_reported=False)

    def _target(self, unit_id: int, listed: ListedIndicator) -> Target:
        own = self.versions.get(_Place(unit_id, True, listed.id))
        whole = self.versions.get(_Place(unit_id, False, listed.id))
        announced = self.versions.get(_Place(self.head.publisher_id, False, listed.id))
        version = own if own is not None and own.is_assigned else whole
        value, base = (version.value, version.base) if version else (None, None)
        if unit_id == self.head.publisher_id and version is whole:
            value = year_target(listed.rule, value)
        has_announced_base = announced is not None and announced.base is not None
        return Target(value, base, base is None and has_announced_base)


def _read_feeding(session: Session, head: Head) -> dict[int, set[int]]:
    """Indicator → the publishers of the lists that feed it."""
    wanted = (
        select(Alignment.indicator_id, Programme.publisher_id)
        .join(Indicator, Indicator.id == Alignment.source_id)
        .join(Programme, Programme.id == Indicator.programme_id)
        .where(Alignment.programme_id == head.id)
    )
    found: dict[int, set[int]] = defaultdict(set)
    for row in session.execute(wanted):
        found[row.indicator_id].add(row.publisher_id)
    return found


def _near(head: Head, units: Collection[Unit]) -> ColumnElement[bool]:
    """The units, those right below them, and the publisher; of many units all that stands between their ends in the tree."""
    places = [unit.place for unit in units]
    if len(places) <= MOST_NAMED:
        ids = [place.org_unit_id for place in places]
        return TargetVersion.org_unit_id.in_(near_units(places[0].edition, ids, head.publisher_id))
    first, last = min(place.pre for place in places), max(place.last for place in places)
    return or_(OrgPlace.pre.between(first, last), OrgPlace.org_unit_id == head.publisher_id)


MOST_NAMED: Final = 300
"""Up to so many units are asked for by name: with more, looking through the list's targets once costs less."""


def _read_targets(
    session: Session, head: Head, near: ColumnElement[bool], *, edition: int, month: int
) -> tuple[Targets, dict[_Place, _Held]]:
    """Who is assigned, from the newest versions; and the values of those whose effect has begun. Later ones win."""
    version = TargetVersion
    wanted = (
        select(
            version.org_unit_id, version.indicator_id, version.is_own_level, version.is_assigned, version.value,
            version.base, version.effective_month, OrgPlace.parent_id,
        )
        .join(OrgPlace, and_(OrgPlace.org_unit_id == version.org_unit_id, OrgPlace.edition == edition))
        .where(version.programme_id == head.id, near)
        .order_by(version.id)
    )  # fmt: skip
    targets, versions = Targets(), {}
    for row in session.execute(wanted):
        has_begun = row.effective_month <= max(month, 1)
        held = Version(row.org_unit_id, row.indicator_id, row.is_own_level, row.is_assigned, row.base)
        if row.is_assigned or has_begun:  # taken back later: still to be reported
            targets.put(held, row.parent_id)
        if has_begun:
            place = _Place(row.org_unit_id, row.is_own_level, row.indicator_id)
            versions[place] = _Held(row.is_assigned, row.value, row.base)
    targets.finish()
    return targets, versions
