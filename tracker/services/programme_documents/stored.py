"""Reading a stored list back as the document it would be written from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.domain.kinds import Comparator, Elapsed, EvidenceRule, Kind
from tracker.domain.periods import Month, Rhythm
from tracker.domain.progress import LightRule, Stage
from tracker.models.org_unit import OrgUnit
from tracker.models.programme import Alignment, Indicator, LightRuleSet, Pledge, Programme
from tracker.services.chunks import chunked
from tracker.services.programme_documents.document import Allocation, Document, IndicatorText, PledgeText
from tracker.services.targets import TargetInForce, TargetPlace, targets_in_force


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredList:
    """A list as the database has it: its rows to change, and the document they amount to.

    ``implied``: allocations (indicator code, unit code) that no list made but an import of figures.
    """

    programme: Programme
    pledges: Sequence[Pledge]
    indicators: Sequence[Indicator]
    targets: Mapping[TargetPlace, TargetInForce]
    document: Document
    implied: frozenset[tuple[str, str]]


def find_stored_list(session: Session, key: str, *, is_locked: bool = False) -> StoredList | None:
    """The list with this key, None when there is none; ``is_locked`` keeps others from changing it meanwhile."""
    wanted = select(Programme).where(Programme.key == key)
    programme = session.scalar(wanted.with_for_update(key_share=True) if is_locked else wanted)
    return None if programme is None else read_stored_list(session, programme)


def read_stored_list(session: Session, programme: Programme) -> StoredList:
    """Everything a list's rows amount to."""
    pledges, indicators = _read_rows(session, programme)
    targets = targets_in_force(session, programme.id)
    reader = _Reader(session, programme, indicators, targets)
    return StoredList(
        programme=programme,
        pledges=pledges,
        indicators=indicators,
        targets=targets,
        document=reader.document(pledges),
        implied=reader.implied(),
    )


def read_announced(session: Session, programme: Programme) -> Document:
    """The list as it is announced: its document without a word on who below answers for what.

    For whoever only reads it: a province's list is divided over so many units that all of them take seconds.
    """
    pledges, indicators = _read_rows(session, programme)
    targets = targets_in_force(session, programme.id, [programme.publisher_id])
    announced = {place: target for place, target in targets.items() if not place.is_own_level}
    return _Reader(session, programme, indicators, announced).document(pledges)


def _read_rows(session: Session, programme: Programme) -> tuple[Sequence[Pledge], Sequence[Indicator]]:
    pledges = session.scalars(
        select(Pledge).where(Pledge.programme_id == programme.id).order_by(Pledge.number, Pledge.id)
    ).all()
    indicators = session.scalars(
        select(Indicator).where(Indicator.programme_id == programme.id).order_by(Indicator.position)
    ).all()
    return pledges, indicators


class _Reader:
    """Puts a list's rows together."""

    def __init__(
        self,
        session: Session,
        programme: Programme,
        indicators: Sequence[Indicator],
        targets: Mapping[TargetPlace, TargetInForce],
    ) -> None:
        self._session, self._programme = session, programme
        self._indicators, self._targets = indicators, targets
        self._divided: dict[int, list[tuple[TargetPlace, TargetInForce]]] = defaultdict(list)
        for place, target in targets.items():
            if target.is_assigned and self._is_allocation(place):
                self._divided[place.indicator_id].append((place, target))
        units = {place.org_unit_id for place in targets} | {programme.publisher_id}
        self._codes: dict[int, str] = {}
        for part in chunked(sorted(units)):
            rows = session.execute(select(OrgUnit.id, OrgUnit.code).where(OrgUnit.id.in_(part)))
            self._codes |= {row.id: row.code for row in rows}
        self._aligned = self._read_alignments()

    def _read_alignments(self) -> Mapping[int, list[str]]:
        wanted = (
            select(Alignment.source_id, Programme.key, Indicator.code)
            .join(Programme, Programme.id == Alignment.programme_id)
            .join(Indicator, Indicator.id == Alignment.indicator_id)
            .where(Alignment.source_id.in_([indicator.id for indicator in self._indicators]))
        )
        found: dict[int, list[str]] = defaultdict(list)
        for row in self._session.execute(wanted):
            found[row.source_id].append(f"{row.key}/{row.code}")
        return found

    def document(self, pledges: Sequence[Pledge]) -> Document:
        """The whole list without what was dropped."""
        row = self._programme
        return Document(
            publisher=self._codes[row.publisher_id],
            year=row.year,
            slug=row.slug,
            title=row.title,
            reporting=Rhythm(row.reporting),
            due_day=row.due_day,
            close_day=row.close_day,
            elapsed=Elapsed(row.elapsed),
            own_level_counts=row.own_level_counts,
            lights=self._lights(),
            pledges=tuple(self._pledge(pledge) for pledge in pledges if not pledge.is_dropped),
        )

    def _lights(self) -> LightRule:
        wanted = select(LightRuleSet.on_track_tenths, LightRuleSet.lagging_tenths)
        newest = wanted.where(LightRuleSet.programme_id == self._programme.id).order_by(
            LightRuleSet.number.desc()
        )
        return LightRule(*self._session.execute(newest.limit(1)).one())

    def _pledge(self, row: Pledge) -> PledgeText:
        indicators = [one for one in self._indicators if one.pledge_id == row.id and not one.is_dropped]
        return PledgeText(
            number=row.number,
            title=row.title,
            lead=row.lead,
            supporting=tuple(row.supporting),
            indicators=tuple(self._indicator(one) for one in indicators),
        )

    def _indicator(self, row: Indicator) -> IndicatorText:
        announced = self._targets.get(TargetPlace(row.id, self._programme.publisher_id, is_own_level=False))
        return IndicatorText(
            code=row.code,
            name=row.name,
            counting_rule=row.counting_rule,
            kind=Kind(row.kind),
            measure=row.measure,
            decimals=row.decimals,
            comparator=Comparator(row.comparator),
            is_aspiration=row.is_aspiration,
            tolerance_tenths=row.tolerance_tenths,
            target=announced.value if announced else None,
            base=announced.base if announced else None,
            plan=None if row.plan is None else tuple(row.plan),
            stages=tuple(Stage(Month.parse(until), target) for until, target in row.stages),
            items=tuple(row.items),
            part_of=row.part_of,
            parts_complete=row.parts_complete,
            aligned=tuple(sorted(self._aligned.get(row.id, ()))),
            evidence=EvidenceRule(row.evidence),
            last_year=row.last_year,
            allocations=self._allocations(row.id),
        )

    def _allocations(self, indicator_id: int) -> tuple[Allocation, ...]:
        found = [
            Allocation(unit=self._codes[place.org_unit_id], target=target.value, base=target.base)
            for place, target in self._divided.get(indicator_id, ())
        ]
        return tuple(sorted(found, key=lambda allocation: allocation.unit))

    def _is_allocation(self, place: TargetPlace) -> bool:
        """Everything but what the publisher announced for the whole."""
        return place.is_own_level == (place.org_unit_id == self._programme.publisher_id)

    def implied(self) -> frozenset[tuple[str, str]]:
        """Allocations that an import of figures made."""
        codes = {indicator.id: indicator.code for indicator in self._indicators}
        return frozenset(
            (codes[place.indicator_id], self._codes[place.org_unit_id])
            for divided in self._divided.values()
            for place, target in divided
            if target.is_implied
        )
