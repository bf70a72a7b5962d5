"""What a list refers to outside its file: its publisher, the units it names, the higher lists it feeds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from tracker.domain.messages import Message
from tracker.features.programmes.files.schema import IndicatorRead, Reading
from tracker.models.programme import Alignment, Indicator, Programme
from tracker.services.tree import Unit, find_units, paths_up


class HigherIndicator(NamedTuple):
    """An indicator of another list that may be fed."""

    id: int
    programme_id: int
    publisher_id: int
    year: int
    kind: str
    measure: str
    decimals: int
    feeds: bool
    """Whether its own figures go on into a third list."""


class Surroundings(NamedTuple):
    """Everything a list names, found; units by code, fed indicators by ``key/code``."""

    publisher: Unit
    units: Mapping[str, Unit]
    aligned: Mapping[str, HigherIndicator]


def look_around(session: Session, reading: Reading) -> Surroundings | None:
    """Find what the file names and note what is not there; None when not even the publisher is."""
    named = {unit for read in reading.indicators for unit in read.units}
    units = find_units(session, named | {reading.document.publisher})
    publisher = units.get(reading.document.publisher)
    if publisher is None:
        _note_unknown_publisher(reading)
    higher = find_higher(session, {key for read in reading.indicators for key in read.text.aligned})
    above = None if publisher is None else _above(session, publisher)
    for read in reading.indicators:
        _check_units(read, publisher, units)
        for key in read.text.aligned:
            for message in _alignment_faults(reading, read, key=key, fed=higher.get(key), above=above):
                read.values.fault("aligned", message)
    return None if publisher is None else Surroundings(publisher, units, higher)


def _above(session: Session, publisher: Unit) -> set[int]:
    return {
        step.org_unit_id for step in paths_up(session, publisher.place.edition, [publisher.id])[publisher.id]
    }


def _note_unknown_publisher(reading: Reading) -> None:
    if reading.head.are_sound("publisher"):
        message = Message("没有代码为 {code} 的单位", {"code": reading.document.publisher})
        reading.head.fault("publisher", message)


def _check_units(read: IndicatorRead, publisher: Unit | None, units: Mapping[str, Unit]) -> None:
    for code, node in read.units.items():
        unit = units.get(code)
        if unit is None:
            message = Message("没有代码为 {code} 的单位", {"code": code[:40]})
            read.values.fault_at("allocations", node, message)
        elif publisher is not None and not publisher.place.holds(unit.place):
            said = {"unit": unit.name, "publisher": publisher.name}
            message = Message("{unit}不在{publisher}之下，不能承担它的指标", said)
            read.values.fault_at("allocations", node, message)


def find_higher(session: Session, keys: set[str]) -> dict[str, HigherIndicator]:
    """The indicators of other lists with these keys (``330000-2018/enrolments``), as far as there are any."""
    wanted: Select[*tuple[Any, ...]] = (
        select(
            Programme.key, Indicator.code, Indicator.id, Indicator.programme_id, Programme.publisher_id,
            Programme.year, Indicator.kind, Indicator.measure, Indicator.decimals,
            select(Alignment.source_id).where(Alignment.source_id == Indicator.id).exists(),
        )
        .join(Programme, Programme.id == Indicator.programme_id)
        .where(Programme.key.in_({key.partition("/")[0] for key in keys}), Indicator.is_dropped.is_(False))
    )  # fmt: skip
    found = {f"{row[0]}/{row[1]}": HigherIndicator(*row[2:]) for row in session.execute(wanted)}
    return {key: higher for key, higher in found.items() if key in keys}


def _alignment_faults(
    reading: Reading, read: IndicatorRead, *, key: str, fed: HigherIndicator | None, above: set[int] | None
) -> Iterator[Message]:
    said = {"key": key}
    text, document = read.text, reading.document
    if fed is None:
        yield Message("没有 {key} 这个指标", said)
        return
    if key.partition("/")[0] == document.key:
        yield Message("{key} 就在这份清单里，不能对应自己", said)
    if above is not None and fed.publisher_id not in above:
        yield Message("{key} 不是上级单位的清单", said)
    if fed.year != document.year and reading.head.are_sound("year"):
        yield Message("{key} 不是同一年的清单", said)
    is_known = read.values.are_sound("kind", "measure", "decimals")
    if is_known and (fed.kind, fed.measure, fed.decimals) != (text.kind, text.measure, text.decimals):
        yield Message("类型、计量单位、小数位要与 {key} 相同", said)
    if fed.feeds:
        yield Message("{key} 自己又对应别的清单，请直接对应那一份", said)
