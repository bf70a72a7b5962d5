"""Writing a document into the rows of a list: the head, pledges and indicators by code, alignments, targets."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from tracker.features.programmes.surroundings import Surroundings
from tracker.models.programme import Alignment, Indicator, LightRuleSet, Pledge, Programme
from tracker.services.programme_documents.document import Document, IndicatorText, PledgeText
from tracker.services.programme_documents.stored import StoredList
from tracker.services.targets import NewTarget, TargetInForce, TargetPlace


def write_head(
    session: Session, document: Document, publisher_id: int, programme: Programme | None
) -> Programme:
    """The programme's own row, made as a draft when it is new."""
    if programme is None:
        programme = Programme(
            publisher_id=publisher_id, year=document.year, slug=document.slug, key=document.key, state="draft"
        )
        session.add(programme)
    programme.title = document.title
    programme.reporting = document.reporting
    programme.due_day = document.due_day
    programme.close_day = document.close_day
    programme.elapsed = document.elapsed
    programme.own_level_counts = document.own_level_counts
    session.flush()
    return programme


def write_lights(session: Session, programme: Programme, document: Document, *, now: datetime) -> None:
    """A draft's only rule set is overwritten; a published list gets the next number when the limits change."""
    newest = session.execute(
        select(LightRuleSet.number, LightRuleSet.on_track_tenths, LightRuleSet.lagging_tenths)
        .where(LightRuleSet.programme_id == programme.id)
        .order_by(LightRuleSet.number.desc())
        .limit(1)
    ).one_or_none()
    limits = document.lights._asdict()
    if newest is not None and tuple(newest[1:]) == document.lights:
        return
    if newest is not None and programme.state == "draft":
        mine = LightRuleSet.programme_id == programme.id
        session.execute(update(LightRuleSet).where(mine).values(**limits, at=now))
        return
    number = 1 if newest is None else newest.number + 1
    session.add(LightRuleSet(programme_id=programme.id, number=number, **limits, at=now))
    session.flush()


def write_promises(
    session: Session, programme: Programme, document: Document, stored: StoredList | None
) -> dict[str, Indicator]:
    """Pledges by number and indicators by code, in place; what the document lacks is marked as dropped."""
    pledges = {row.number: row for row in (stored.pledges if stored else ())}
    indicators = {row.code: row for row in (stored.indicators if stored else ())}
    kept = {pledge.number for pledge in document.pledges}, {text.code for text in document.indicators}
    for pledge_row in pledges.values():
        pledge_row.is_dropped = pledge_row.number not in kept[0]
    for row in indicators.values():
        row.is_dropped = row.code not in kept[1]
    for pledge in document.pledges:
        pledges[pledge.number] = _write_pledge(session, programme, pledge, pledges.get(pledge.number))
    session.flush()
    for pledge in document.pledges:
        for position, text in enumerate(pledge.indicators, 1):
            row = indicators.get(text.code) or Indicator(programme_id=programme.id, code=text.code)
            row.pledge_id, row.position = pledges[pledge.number].id, position
            _fill_indicator(row, text)
            session.add(row)
            indicators[text.code] = row
    session.flush()
    return indicators


def _write_pledge(session: Session, programme: Programme, text: PledgeText, row: Pledge | None) -> Pledge:
    pledge = row or Pledge(programme_id=programme.id, number=text.number)
    pledge.title, pledge.lead, pledge.supporting = text.title, text.lead, list(text.supporting)
    pledge.is_dropped = False
    session.add(pledge)
    return pledge


def _fill_indicator(row: Indicator, text: IndicatorText) -> None:
    for name in (
        "name", "counting_rule", "kind", "measure", "decimals", "comparator", "is_aspiration", "tolerance_tenths",
        "part_of", "parts_complete", "evidence", "last_year",
    ):  # fmt: skip
        setattr(row, name, getattr(text, name))
    row.plan = None if text.plan is None else list(text.plan)
    row.stages = [[str(stage.until), stage.target] for stage in text.stages]
    row.items = list(text.items)
    row.is_dropped = False


def write_alignments(
    session: Session, document: Document, indicators: Mapping[str, Indicator], around: Surroundings
) -> tuple[set[int], set[int]]:
    """Which higher indicators are fed from now on; (newly fed ids, no longer fed ids)."""
    ids = [row.id for row in indicators.values()]
    pairs = session.execute(
        select(Alignment.source_id, Alignment.indicator_id).where(Alignment.source_id.in_(ids))
    )
    before = {(row.source_id, row.indicator_id) for row in pairs}
    wanted = {
        (indicators[text.code].id, around.aligned[key].id): around.aligned[key].programme_id
        for text in document.indicators
        for key in text.aligned
    }
    for source_id, fed_id in before - wanted.keys():
        gone = (Alignment.source_id == source_id) & (Alignment.indicator_id == fed_id)
        session.execute(delete(Alignment).where(gone))
    for source_id, fed_id in wanted.keys() - before:
        programme_id = wanted[source_id, fed_id]
        session.add(Alignment(source_id=source_id, programme_id=programme_id, indicator_id=fed_id))
    session.flush()
    return {fed for _, fed in wanted.keys() - before}, {fed for _, fed in before - wanted.keys()}


def new_targets(
    document: Document,
    indicators: Mapping[str, Indicator],
    around: Surroundings,
    *,
    in_force: Mapping[TargetPlace, TargetInForce],
    effective_month: int,
) -> list[NewTarget]:
    """The versions that bring the stored targets to what the document says: changed, added, taken back."""
    wanted = _wanted_targets(document, indicators, around)
    versions: list[NewTarget] = []
    for place, (value, base) in wanted.items():
        known = in_force.get(place)
        if known is None or not known.is_assigned or (known.value, known.base) != (value, base):
            versions.append(
                NewTarget(*place, is_assigned=True, value=value, base=base, effective_month=effective_month)
            )
    for place, known in in_force.items():
        if known.is_assigned and place not in wanted and not _stays_its_own(place, wanted, in_force, around):
            versions.append(
                NewTarget(*place, is_assigned=False, value=None, base=None, effective_month=effective_month)
            )
    return versions


def _stays_its_own(
    place: TargetPlace,
    wanted: Collection[TargetPlace],
    in_force: Mapping[TargetPlace, TargetInForce],
    around: Surroundings,
) -> bool:
    """Whether a unit below the publisher keeps this for its own level: no list speaks of it, but it goes with the unit."""
    if not place.is_own_level or place.org_unit_id == around.publisher.id:
        return False
    whole = place._replace(is_own_level=False)
    was_assigned = whole in in_force and in_force[whole].is_assigned
    return whole in wanted or not was_assigned


def _wanted_targets(
    document: Document, indicators: Mapping[str, Indicator], around: Surroundings
) -> dict[TargetPlace, tuple[int | None, int | None]]:
    publisher = around.publisher
    wanted: dict[TargetPlace, tuple[int | None, int | None]] = {}
    for text in document.indicators:
        indicator_id = indicators[text.code].id
        wanted[TargetPlace(indicator_id, publisher.id, is_own_level=False)] = (text.target, text.base)
        for entry in text.allocations:
            unit_id = around.units[entry.unit].id
            place = TargetPlace(indicator_id, unit_id, is_own_level=unit_id == publisher.id)
            wanted[place] = (entry.target, entry.base)
    return wanted
