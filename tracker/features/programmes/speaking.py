"""Which targets a list file speaks for: what it leaves alone, and what goes back together with a unit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.domain.kinds import Kind
from tracker.domain.messages import Message
from tracker.models.org_unit import OrgUnit
from tracker.services.chunks import chunked
from tracker.services.programme_documents.document import Allocation, Document, IndicatorText
from tracker.services.tree import Unit, find_units, paths_up

Ways = Mapping[str, Sequence[str]]
"""Unit code → the codes from the unit up to, and without, the publisher."""

MOST_NAMES = 20


class TakenBack(NamedTuple):
    """An indicator that a file takes from a unit, and who loses it with that unit below it (codes)."""

    indicator: str
    unit: str
    below: tuple[str, ...]


class LeftAlone(NamedTuple):
    """Targets below one unit (codes) that a file does not speak of and that stay as they are."""

    indicator: str
    parent: str
    units: tuple[str, ...]


class Spoken(NamedTuple):
    """A file's list with the targets it does not speak of, and what that means in words to come."""

    document: Document
    taken: tuple[TakenBack, ...] = ()
    left: tuple[LeftAlone, ...] = ()


def complete(
    document: Document, stored: Document, *, implied: frozenset[tuple[str, str]], ways: Ways
) -> Spoken:
    """The file's document with what it leaves alone of a published list (ADR 5).

    For each indicator a file speaks for the children of every unit of which it names one, and always for
    the publisher's own children and own level. ``implied``: assignments (indicator, unit) that figures made;
    no file takes those back. Without ``ways``, as for a draft, everything else not named is gone.
    """
    before = {one.code: one for one in stored.indicators}
    taken: list[TakenBack] = []
    left: list[LeftAlone] = []
    completed: dict[str, IndicatorText] = {}
    for text in document.indicators:
        known = before.get(text.code)
        if known is None:
            continue
        staying = {unit for code, unit in implied if code == text.code}
        split = _split(document.publisher, text, known, staying=staying, ways=ways)
        completed[text.code] = _with_allocations(text, split.kept)
        taken += [TakenBack(text.code, unit, tuple(below)) for unit, below in split.gone.items()]
        left += [LeftAlone(text.code, parent, tuple(units)) for parent, units in split.alone.items()]
    pledges = tuple(
        replace(pledge, indicators=tuple(completed.get(one.code, one) for one in pledge.indicators))
        for pledge in document.pledges
    )
    return Spoken(replace(document, pledges=pledges), tuple(taken), tuple(left))


class _Split(NamedTuple):
    """The stored allocations a file does not name: kept, or gone with the unit on top."""

    kept: list[Allocation]
    gone: dict[str, list[str]]
    alone: dict[str, list[str]]


def _split(
    publisher: str, text: IndicatorText, known: IndicatorText, *, staying: Collection[str], ways: Ways
) -> _Split:
    named = {entry.unit for entry in text.allocations}
    leaving = {entry.unit for entry in known.allocations} - named - set(staying)
    spoken = {publisher} | {_parent(publisher, ways.get(unit, ())) for unit in named}
    found = _Split([], defaultdict(list), defaultdict(list))
    for entry in known.allocations:
        way = ways.get(entry.unit, ())
        if entry.unit in named:
            continue
        if entry.unit in staying:
            found.kept.append(entry)
            continue
        lost = [
            step for at, step in enumerate(way) if step in leaving and _parent(publisher, way[at:]) in spoken
        ]
        if way and not lost:
            found.kept.append(entry)
            found.alone[_parent(publisher, way)].append(entry.unit)
        elif lost and lost[-1] != entry.unit:
            found.gone[lost[-1]].append(entry.unit)
    return found


def _parent(publisher: str, way: Sequence[str]) -> str:
    return way[1] if len(way) > 1 else publisher


def _with_allocations(text: IndicatorText, kept: Sequence[Allocation]) -> IndicatorText:
    if not kept:
        return text
    allocations = sorted([*text.allocations, *kept], key=lambda entry: entry.unit)
    return replace(text, allocations=tuple(allocations))


def read_ways(session: Session, publisher: Unit, documents: Collection[Document]) -> Ways:
    """The ways up of every unit these documents name."""
    codes = {entry.unit for one in documents for text in one.indicators for entry in text.allocations}
    units = find_units(session, codes)
    paths = paths_up(session, publisher.place.edition, {unit.id for unit in units.values()})
    ids = sorted({step.org_unit_id for path in paths.values() for step in path})
    code_of: dict[int, str] = {}
    for part in chunked(ids):
        rows = session.execute(select(OrgUnit.id, OrgUnit.code).where(OrgUnit.id.in_(part)))
        code_of |= {row.id: row.code for row in rows}
    ways: dict[str, list[str]] = {}
    for code, unit in units.items():
        way = [code_of[step.org_unit_id] for step in paths.get(unit.id, ())]
        ways[code] = way[: way.index(publisher.code)] if publisher.code in way else []
    return ways


def spoken_messages(spoken: Spoken, units: Mapping[str, str]) -> list[Message]:
    """What a file takes back below its own units, and what it leaves alone, by the names in ``units``."""
    names = {one.code: one.name for one in spoken.document.indicators}
    return [
        Message(
            "“{indicator}”不再由{unit}承担，它下面 {count} 个单位的目标一并收回：{units}",
            _said(names[one.indicator], units, one.unit, one.below),
        )
        for one in spoken.taken
    ] + [
        Message(
            "“{indicator}”：文件没有提到{unit}分给下级的 {count} 个目标，保持不变：{units}",
            _said(names[one.indicator], units, one.parent, one.units),
        )
        for one in spoken.left
    ]


def baseless(document: Document) -> dict[str, list[str]]:
    """Name of each stock counted from a base → the units with a number but no base: no completion can be told of them."""
    found = {
        text.name: [one.unit for one in text.allocations if one.target is not None and one.base is None]
        for text in document.indicators
        if text.kind is Kind.STOCK and text.base is not None
    }
    return {name: units for name, units in found.items() if units}


def baseless_messages(document: Document, units: Mapping[str, str]) -> list[Message]:
    """The same by the names in ``units``."""
    return [
        Message(
            "“{indicator}”有 {count} 个单位没有填年初基数，达到目标之前不能评判：{units}",
            {key: said for key, said in _said(name, units, "", codes).items() if key != "unit"},
        )
        for name, codes in baseless(document).items()
    ]


def _said(indicator: str, units: Mapping[str, str], unit: str, others: Sequence[str]) -> dict[str, str | int]:
    shown = "、".join(units.get(code, code) for code in others[:MOST_NAMES])
    return {
        "indicator": indicator,
        "unit": units.get(unit, unit),
        "count": len(others),
        "units": shown if len(others) <= MOST_NAMES else f"{shown} ……",
    }
