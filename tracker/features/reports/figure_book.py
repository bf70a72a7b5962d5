"""What the rows of a figures file are checked against: the programme, its units, indicators and targets, read once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from tracker.domain.identity import Place
from tracker.domain.kinds import Kind
from tracker.domain.periods import Period, periods_of
from tracker.features.reports.figure_lines import IndicatorFacts
from tracker.models.org_unit import OrgPlace
from tracker.models.programme import Alignment, Indicator, Programme
from tracker.services.programme_heads import Head, Promise, list_promises
from tracker.services.snapshots import Counting
from tracker.services.targets import TargetInForce, TargetPlace, targets_in_force
from tracker.services.tree import find_units, get_unit


class Feeding(NamedTuple):
    """A list below that feeds an indicator: its units report there and not again here."""

    place: Place
    source: str


class UnitFacts(NamedTuple):
    """A unit in the publisher's subtree that the file names, with its place for scope tests."""

    id: int
    code: str
    place: Place


@dataclass(frozen=True, slots=True)
class FigureBook:
    """Everything by the words the file uses.

    ``strangers``: codes of units outside the publisher's subtree; ``dropped``: indicators no longer listed.
    """

    head: Head
    pledge_numbers: Mapping[int, int]
    units: Mapping[str, UnitFacts]
    strangers: frozenset[str]
    indicators: Mapping[str, IndicatorFacts]
    countings: Mapping[int, Counting]
    dropped: frozenset[str]
    feedings: Mapping[int, tuple[Feeding, ...]]
    targets: Mapping[TargetPlace, TargetInForce]
    periods: Mapping[str, Period]

    def is_assigned(self, org_unit_id: int, indicator_id: int) -> bool:
        """Whether a list, or an earlier import, made the unit answer for the indicator; the publisher always does."""
        whole, own = self._versions(org_unit_id, indicator_id)
        is_held = org_unit_id == self.head.publisher_id or (whole is not None and whole.is_assigned)
        return is_held or (own is not None and own.is_assigned)

    def has_base(self, org_unit_id: int, indicator_id: int) -> bool:
        """Whether growth at the unit can be held against a base: that of its own level first."""
        whole, own = self._versions(org_unit_id, indicator_id)
        version = own if own is not None and own.is_assigned else whole
        return version is not None and version.base is not None

    def _versions(
        self, org_unit_id: int, indicator_id: int
    ) -> tuple[TargetInForce | None, TargetInForce | None]:
        """The unit's newest targets: as a whole, and for its own level."""
        places = (TargetPlace(indicator_id, org_unit_id, is_own_level) for is_own_level in (False, True))
        whole, own = map(self.targets.get, places)
        return whole, own

    def fed_by(self, unit: UnitFacts, indicator_id: int) -> str | None:
        """The indicator by which the unit's figures come here already, as ``330200-2018/enrolments``."""
        for feeding in self.feedings.get(indicator_id, ()):
            if feeding.place.holds(unit.place):
                return feeding.source
        return None


def get_figure_book(session: Session, head: Head, codes: Collection[str]) -> FigureBook:
    """The book of a programme; ``codes`` are the unit codes its reader will ask for, and all it knows of."""
    publisher = get_unit(session, head.publisher_id)
    named = find_units(session, codes)
    units = {
        code: UnitFacts(unit.id, code, unit.place)
        for code, unit in named.items()
        if publisher.place.holds(unit.place)
    }
    promises = list_promises(session, head)
    indicators = _indicators(promises)
    countings = _countings(session, head)
    return FigureBook(
        head=head,
        pledge_numbers={promise.id: promise.number for promise in promises},
        units=units,
        strangers=frozenset(named.keys() - units.keys()),
        indicators=indicators,
        countings=countings,
        dropped=frozenset(counting.code for counting in countings.values()) - indicators.keys(),
        feedings=_feedings(session, head),
        targets=targets_in_force(session, head.id, [unit.id for unit in units.values()]),
        periods={period.key: period for period in periods_of(head.year, head.rhythm)},
    )


def _indicators(promises: Collection[Promise]) -> dict[str, IndicatorFacts]:
    return {
        measured.rule.code: IndicatorFacts(
            id=measured.id,
            pledge_id=promise.id,
            code=measured.rule.code,
            kind=measured.rule.kind,
            decimals=measured.rule.decimals,
            measure=measured.rule.measure,
            items=measured.items,
        )
        for promise in promises
        for measured in promise.indicators
    }


def _countings(session: Session, head: Head) -> dict[int, Counting]:
    """Indicator id → how its figures are spelt, dropped ones included: a carried line may still be theirs."""
    wanted = select(Indicator.id, Indicator.code, Indicator.kind, Indicator.decimals)
    rows = session.execute(wanted.where(Indicator.programme_id == head.id))
    return {row.id: Counting(row.code, Kind(row.kind), row.decimals) for row in rows}


def _feedings(session: Session, head: Head) -> dict[int, tuple[Feeding, ...]]:
    """Indicator id → the lists below that feed it, with the places of their publishers."""
    source, fed = aliased(Indicator), aliased(Indicator)
    wanted = (
        select(
            Alignment.indicator_id, Programme.key, source.code, Programme.publisher_id,
            OrgPlace.edition, OrgPlace.parent_id, OrgPlace.depth, OrgPlace.pre, OrgPlace.last,
        )
        .join(fed, fed.id == Alignment.indicator_id)
        .join(source, source.id == Alignment.source_id)
        .join(Programme, Programme.id == source.programme_id)
        .join(OrgPlace, OrgPlace.org_unit_id == Programme.publisher_id)
        .where(fed.programme_id == head.id, OrgPlace.edition == get_unit(session, head.publisher_id).place.edition)
        .order_by(Alignment.indicator_id, Programme.key, source.code)
    )  # fmt: skip
    found: dict[int, tuple[Feeding, ...]] = {}
    for row in session.execute(wanted):
        place = Place(row.edition, row.publisher_id, row.parent_id, row.depth, row.pre, row.last)
        feeding = Feeding(place, f"{row.key}/{row.code}")
        found[row.indicator_id] = (*found.get(row.indicator_id, ()), feeding)
    return found
