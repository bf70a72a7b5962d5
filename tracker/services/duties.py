"""What units report themselves: their indicators of a list, with the targets these are held against."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session

from tracker.domain.progress import Target, year_target
from tracker.models.org_unit import OrgPlace
from tracker.models.programme import Alignment, Indicator, Programme
from tracker.models.programme import Target as TargetVersion
from tracker.services.chunks import chunked
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

    What is fed by lower lists of publishers above the unit is not reported again. Two statements for up to nine hundred
    units, a third where lists feed one another.
    """
    if not units:
        return {}
    edition = next(iter(units)).place.edition
    ids = [unit.id for unit in units]
    feeding = _read_feeding(session, head)
    paths = paths_up(session, edition, ids) if feeding else {}
    targets, versions = _read_targets(session, head, ids, edition=edition, month=month)
    reading = _Reading(head, promises, feeding, targets, versions)
    return {unit: reading.duties_of(unit, {step.org_unit_id for step in paths.get(unit, ())}) for unit in ids}


class _Reading(NamedTuple):
    head: Head
    promises: Sequence[Promise]
    feeding: Mapping[int, set[int]]
    targets: Targets
    versions: Mapping[_Place, _Held]

    def duties_of(self, unit_id: int, above: set[int]) -> dict[int, Target]:
        return {
            one.id: self._target(unit_id, one)
            for promise in self.promises
            for one in promise.indicators
            if self._reports(one, unit_id, above)
        }

    def _reports(self, listed: ListedIndicator, unit_id: int, above: set[int]) -> bool:
        head = self.head
        counted = Counted(listed.id, head.id, head.publisher_id, head.year, listed.rule.kind)
        is_fed = bool(self.feeding.get(listed.id, set()) & above)
        stream = Stream(unit_id, listed.id)
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


def _read_targets(
    session: Session, head: Head, units: Sequence[int], *, edition: int, month: int
) -> tuple[Targets, dict[_Place, _Held]]:
    """Who is assigned, from the newest versions; and the values of those whose effect has begun. Later ones win."""
    targets, versions = Targets(), {}
    for part in chunked(units):
        for row in session.execute(_versions_near(head, part, edition)):
            version = Version(row.org_unit_id, row.indicator_id, row.is_own_level, row.is_assigned, row.base)
            if row.is_assigned or row.effective_month <= max(
                month, 1
            ):  # taken back later: still to be reported
                targets.put(version, row.parent_id)
            if row.effective_month <= max(month, 1):
                place = _Place(row.org_unit_id, row.is_own_level, row.indicator_id)
                versions[place] = _Held(row.is_assigned, row.value, row.base)
    targets.finish()
    return targets, versions


def _versions_near(head: Head, units: Sequence[int], edition: int) -> Select[*tuple[Any, ...]]:
    version = TargetVersion
    return (
        select(
            version.org_unit_id, version.indicator_id, version.is_own_level, version.is_assigned, version.value,
            version.base, version.effective_month, OrgPlace.parent_id,
        )
        .join(OrgPlace, and_(OrgPlace.org_unit_id == version.org_unit_id, OrgPlace.edition == edition))
        .where(
            version.programme_id == head.id,
            version.org_unit_id.in_(near_units(edition, units, head.publisher_id)),
        )
        .order_by(version.id)
    )  # fmt: skip
