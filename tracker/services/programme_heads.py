"""Programmes and their rules as plain values: what judging a figure needs to know, read once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Label, Row, Select, and_, func, select
from sqlalchemy.orm import Session

from tracker.db import memory_of
from tracker.domain.kinds import Comparator, Elapsed, Kind
from tracker.domain.periods import Month, Rhythm
from tracker.domain.rules import DEFAULT_TOLERANCE_TENTHS, LightRule, Rule, Stage
from tracker.models.audit import Setting
from tracker.models.org_unit import OrgUnit
from tracker.models.programme import Indicator, LightRuleSet, Pledge, Programme, ProgrammeVersion
from tracker.services.clock import OFFSET


class Head(NamedTuple):
    """A programme without its pledges. ``version`` differs whenever those of a published list do.

    ``published_at`` is a moment of the calendar (moved by the demonstration's offset); None where no version tells.
    """

    id: int
    key: str
    title: str
    state: str
    year: int
    publisher_id: int
    publisher_code: str
    publisher_name: str
    rhythm: Rhythm
    due_day: int
    close_day: int | None
    elapsed: Elapsed
    own_level_counts: bool
    is_ranked: bool
    rule_set: int
    lights: LightRule
    version: tuple[int | None, ...] = ()
    published_at: datetime | None = None


class ListedIndicator(NamedTuple):
    """One indicator: its row's id and pledge, its rule, and what is shown beside it."""

    id: int
    pledge_id: int
    rule: Rule
    counting_rule: str
    items: tuple[str, ...]
    part_of: str | None
    evidence: str
    last_year: int | None
    parts_complete: bool | None = None


class Promise(NamedTuple):
    """One pledge with its indicators in order."""

    id: int
    number: int
    title: str
    lead: str
    supporting: tuple[str, ...]
    indicators: tuple[ListedIndicator, ...]


def heads_wanted() -> Select[*tuple[Any, ...]]:
    """The columns ``head_of`` reads, of every programme."""
    newest = (
        select(LightRuleSet.programme_id, func.max(LightRuleSet.number).label("number"))
        .group_by(LightRuleSet.programme_id)
        .subquery()
    )
    in_force = and_(
        LightRuleSet.programme_id == newest.c.programme_id, LightRuleSet.number == newest.c.number
    )
    return (
        select(
            Programme.id, Programme.key, Programme.title, Programme.state, Programme.year, Programme.publisher_id,
            OrgUnit.code, OrgUnit.name, Programme.reporting, Programme.due_day, Programme.close_day,
            Programme.elapsed, Programme.own_level_counts, Programme.is_ranked,
            LightRuleSet.number, LightRuleSet.on_track_tenths, LightRuleSet.lagging_tenths,
            *_version(), *_publication(),
        )
        .join(OrgUnit, OrgUnit.id == Programme.publisher_id)
        .join(newest, newest.c.programme_id == Programme.id)
        .join(LightRuleSet, in_force)
    )  # fmt: skip


def _version() -> tuple[Label[Any], ...]:
    """What differs whenever a published list's pledges or indicators do: its versions, and how many rows there are."""
    pledges = select(func.count()).select_from(Pledge).where(Pledge.programme_id == Programme.id)
    indicators = select(func.count()).select_from(Indicator).where(Indicator.programme_id == Programme.id)
    versions = select(func.max(ProgrammeVersion.number)).where(ProgrammeVersion.programme_id == Programme.id)
    counted = {"versions": versions, "pledges": pledges, "indicators": indicators}
    columns = [
        one.correlate(Programme).scalar_subquery().label(f"{name}_count") for name, one in counted.items()
    ]
    return Programme.version_id.label("row_version"), *columns


def _publication() -> tuple[Label[Any], Label[Any]]:
    """When the first version was written, and how far the calendar is moved."""
    first = select(func.min(ProgrammeVersion.at)).where(ProgrammeVersion.programme_id == Programme.id)
    moved = select(Setting.value).where(Setting.name == OFFSET)
    return (
        first.correlate(Programme).scalar_subquery().label("first_version_at"),
        moved.scalar_subquery().label("calendar_moved"),
    )


def _published_at(row: Any) -> datetime | None:
    if row.first_version_at is None:
        return None
    moment: datetime = row.first_version_at + timedelta(seconds=int(row.calendar_moved or 0))
    return moment


def head_of(row: Row[*tuple[Any, ...]]) -> Head:
    """A programme from a row of ``heads_wanted``."""
    return Head(
        id=row.id,
        key=row.key,
        title=row.title,
        state=row.state,
        year=row.year,
        publisher_id=row.publisher_id,
        publisher_code=row.code,
        publisher_name=row.name,
        rhythm=Rhythm(row.reporting),
        due_day=row.due_day,
        close_day=row.close_day,
        elapsed=Elapsed(row.elapsed),
        own_level_counts=row.own_level_counts,
        is_ranked=row.is_ranked,
        rule_set=row.number,
        lights=LightRule(row.on_track_tenths, row.lagging_tenths),
        version=(row.row_version, row.versions_count, row.pledges_count, row.indicators_count),
        published_at=_published_at(row),
    )


def find_head(session: Session, key: str) -> Head | None:
    """The programme with this key (``330200-2018``)."""
    row = session.execute(heads_wanted().where(Programme.key == key)).one_or_none()
    return None if row is None else head_of(row)


def list_heads(session: Session, programme_ids: Select[int] | None = None) -> list[Head]:
    """All programmes, or those a subquery names: newest year first, then by publisher."""
    wanted = (
        heads_wanted() if programme_ids is None else heads_wanted().where(Programme.id.in_(programme_ids))
    )
    ordered = wanted.order_by(Programme.year.desc(), OrgUnit.code, Programme.slug)
    return [head_of(row) for row in session.execute(ordered)]


def list_promises(session: Session, head: Head) -> list[Promise]:
    """The programme's pledges with their indicators, in the order of the list; dropped ones left out."""
    return list_promises_of(session, [head])[head.id]


def list_promises_of(session: Session, heads: Sequence[Head]) -> dict[int, list[Promise]]:
    """The same for several programmes in one statement, by programme.

    A process remembers those of published lists by their version, where the session only reads (db.Memory).
    """
    memory = memory_of(session)
    known = {head.id: memory.find(_memory_key(head)) for head in heads if memory and head.state != "draft"}
    found: dict[int, list[Promise]] = {
        key: promises for key, promises in known.items() if promises is not None
    }
    missing = [head for head in heads if head.id not in found]
    read = _read_promises(session, missing) if missing else {}
    for head in missing:
        if head.id in known and memory:
            memory.keep(_memory_key(head), read[head.id])
    return found | read


def _memory_key(head: Head) -> tuple[object, ...]:
    return "promises", head


def _read_promises(session: Session, heads: Sequence[Head]) -> dict[int, list[Promise]]:
    by_id = {head.id: head for head in heads}
    wanted = (
        select(
            Pledge.id.label("pledge"), Pledge.number.label("pledge_number"), Pledge.title, Pledge.lead,
            Pledge.supporting, Pledge.programme_id, *_INDICATOR,
        )
        .join(
            Indicator, and_(Indicator.pledge_id == Pledge.id, Indicator.is_dropped.is_(False)), isouter=True
        )
        .where(Pledge.programme_id.in_(sorted(by_id)), Pledge.is_dropped.is_(False))
        .order_by(Pledge.number, Pledge.id, Indicator.position, Indicator.id)
    )  # fmt: skip
    promises: dict[int, dict[int, Promise]] = {key: {} for key in by_id}
    measured: dict[int, list[ListedIndicator]] = {}
    for row in session.execute(wanted):
        promise = Promise(row.pledge, row.pledge_number, row.title, row.lead, tuple(row.supporting), ())
        promises[row.programme_id][row.pledge] = promise
        indicators = measured.setdefault(row.pledge, [])
        if row.id is not None:
            indicators.append(_listed(row, by_id[row.programme_id]))
    return {
        programme: [promise._replace(indicators=tuple(measured[key])) for key, promise in found.items()]
        for programme, found in promises.items()
    }


_INDICATOR = (
    Indicator.id, Indicator.pledge_id, Indicator.code, Indicator.name, Indicator.kind, Indicator.measure,
    Indicator.decimals, Indicator.comparator, Indicator.is_aspiration, Indicator.tolerance_tenths, Indicator.plan,
    Indicator.stages, Indicator.items, Indicator.counting_rule, Indicator.part_of, Indicator.parts_complete,
    Indicator.evidence, Indicator.last_year,
)  # fmt: skip


def _listed(indicator: Any, head: Head) -> ListedIndicator:
    return ListedIndicator(
        id=indicator.id,
        pledge_id=indicator.pledge_id,
        rule=rule_of(indicator, head),
        counting_rule=indicator.counting_rule,
        items=tuple(indicator.items),
        part_of=indicator.part_of,
        evidence=indicator.evidence,
        last_year=indicator.last_year,
        parts_complete=indicator.parts_complete,
    )


def rule_of(indicator: Any, head: Head) -> Rule:
    """All of a stored indicator (an entity or a row of its columns) and its programme that decides how a figure is judged."""
    tolerance = indicator.tolerance_tenths
    return Rule(
        code=indicator.code,
        name=indicator.name,
        kind=Kind(indicator.kind),
        measure=indicator.measure,
        year=head.year,
        decimals=indicator.decimals,
        comparator=Comparator(indicator.comparator),
        is_aspiration=indicator.is_aspiration,
        tolerance_tenths=DEFAULT_TOLERANCE_TENTHS if tolerance is None else tolerance,
        plan=None if indicator.plan is None else tuple(indicator.plan),
        stages=tuple(Stage(Month.parse(until), target) for until, target in indicator.stages),
        item_count=len(indicator.items),
        rhythm=head.rhythm,
        elapsed=head.elapsed,
        lights=head.lights,
    )
