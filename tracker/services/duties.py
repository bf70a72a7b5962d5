"""What units report themselves: their indicators of a list, with the targets these are held against."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from tracker.domain.progress import Target, year_target
from tracker.models.programme import Target as TargetVersion
from tracker.services.ledger.reading import Counted, Scope, Stream, Targets, read_scope, read_targets
from tracker.services.programme_heads import Head, ListedIndicator, Promise
from tracker.services.tree import Unit, paths_up

Duties = Mapping[int, Mapping[int, Target]]
"""Unit id → indicator id → the target its own figures are held against."""


class _Place(NamedTuple):
    org_unit_id: int
    is_own_level: bool
    indicator_id: int


def list_duties(
    session: Session, head: Head, promises: Sequence[Promise], units: Collection[Unit], *, month: int
) -> Duties:
    """The indicators for which each unit itself is a reporting unit (document 1.3), targets as of ``month``.

    What is fed by lower lists of publishers above the unit is not reported again.
    """
    if not units:
        return {}
    edition = next(iter(units)).place.edition
    ids = [unit.id for unit in units]
    scope = read_scope(session, head.id)
    paths = {
        unit: {step.org_unit_id for step in path} for unit, path in paths_up(session, edition, ids).items()
    }
    targets = read_targets(session, scope.read_ids(), ids, edition)
    versions = _read_versions(session, head, ids, month=month)
    reading = _Reading(head, promises, scope, targets, versions)
    return {unit.id: reading.duties_of(unit.id, paths[unit.id]) for unit in units}


class _Reading(NamedTuple):
    head: Head
    promises: Sequence[Promise]
    scope: Scope
    targets: Targets
    versions: Mapping[_Place, TargetVersion]

    def duties_of(self, unit_id: int, above: set[int]) -> dict[int, Target]:
        listed = [one for promise in self.promises for one in promise.indicators]
        return {
            one.id: self._target(unit_id, one)
            for one in listed
            if self._reports(self.scope.indicators[one.id], unit_id, above)
        }

    def _reports(self, indicator: Counted, unit_id: int, above: set[int]) -> bool:
        is_fed = any(source.publisher_id in above for source in self.scope.sources.get(indicator.id, ()))
        stream = Stream(unit_id, indicator.id)
        return not is_fed and self.targets.is_reporting(indicator, stream, has_reported=False)

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


def _read_versions(
    session: Session, head: Head, units: Sequence[int], *, month: int
) -> dict[_Place, TargetVersion]:
    """The newest version of each place whose effect has begun; later ones win."""
    wanted = (
        select(TargetVersion)
        .where(
            TargetVersion.programme_id == head.id,
            or_(TargetVersion.org_unit_id.in_(units), TargetVersion.org_unit_id == head.publisher_id),
            TargetVersion.effective_month <= max(month, 1),
        )
        .order_by(TargetVersion.id)
    )
    return {
        _Place(row.org_unit_id, row.is_own_level, row.indicator_id): row for row in session.scalars(wanted)
    }
