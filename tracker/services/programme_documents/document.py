"""A year's list as one value: what a programme file says, canonical, whatever it was written in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tracker.domain.figures import show_exact, show_percent
from tracker.domain.kinds import Comparator, Elapsed, EvidenceRule, Kind, target_decimals
from tracker.domain.periods import Rhythm
from tracker.domain.progress import DEFAULT_LIGHTS, LightRule, Stage

FORMAT = "programme/1"

Fields = dict[str, Any]
"""A part of a programme file as plain values: figures and percents as exact text, never a float."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """What one unit takes on of an indicator; the publisher's own code is its own level (市本级).

    ``target`` (scaled by the target decimals) None: assigned without a number. ``base`` is scaled
    by the indicator's decimals.
    """

    unit: str
    target: int | None = None
    base: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorText:
    """One indicator as a list states it. ``plan`` and ``tolerance`` are in tenths of a percent.

    ``target``, ``last_year`` and the stages are scaled by ``target_decimals``, ``base`` by ``decimals``.
    Allocations and ``aligned`` stand in order of their codes.
    """

    code: str
    name: str
    kind: Kind
    measure: str
    counting_rule: str = ""
    decimals: int = 0
    comparator: Comparator = Comparator.AT_LEAST
    is_aspiration: bool = False
    tolerance_tenths: int | None = None
    target: int | None = None
    base: int | None = None
    plan: tuple[int, ...] | None = None
    stages: tuple[Stage, ...] = ()
    items: tuple[str, ...] = ()
    part_of: str | None = None
    parts_complete: bool | None = None
    aligned: tuple[str, ...] = ()
    evidence: EvidenceRule = EvidenceRule.NONE
    last_year: int | None = None
    allocations: tuple[Allocation, ...] = ()

    @property
    def target_decimals(self) -> int:
        """Places of targets, stages and last year's result."""
        return target_decimals(self.kind, self.decimals)


@dataclass(frozen=True, slots=True, kw_only=True)
class PledgeText:
    """One promise with its indicators in their order."""

    number: int
    title: str
    lead: str
    supporting: tuple[str, ...] = ()
    indicators: tuple[IndicatorText, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A whole list, its pledges in order of their numbers. Two equal documents say the same."""

    publisher: str
    year: int
    slug: str = ""
    title: str
    reporting: Rhythm
    due_day: int
    close_day: int | None = None
    elapsed: Elapsed = Elapsed.MONTHS
    own_level_counts: bool
    lights: LightRule = DEFAULT_LIGHTS
    pledges: tuple[PledgeText, ...]

    @property
    def key(self) -> str:
        """``330200-2018``, with ``-slug`` where the publisher has several lists a year."""
        return "-".join([self.publisher, str(self.year), *([self.slug] if self.slug else [])])

    @property
    def indicators(self) -> tuple[IndicatorText, ...]:
        """Every indicator in the order of the list."""
        return tuple(indicator for pledge in self.pledges for indicator in pledge.indicators)


def document_fields(document: Document) -> Fields:
    """The document in the shape of a programme file (document 3.3), every field spelt out."""
    return {
        "format": FORMAT,
        "publisher": document.publisher,
        "year": document.year,
        "slug": document.slug or None,
        "title": document.title,
        "reporting": str(document.reporting),
        "due_day": document.due_day,
        "close_day": document.close_day,
        "elapsed": str(document.elapsed),
        "own_level_counts": document.own_level_counts,
        "lights": {
            "on_track": show_tenths(document.lights.on_track_tenths),
            "lagging": show_tenths(document.lights.lagging_tenths),
        },
        "pledges": [_pledge_fields(pledge) for pledge in document.pledges],
    }


def _pledge_fields(pledge: PledgeText) -> Fields:
    return {
        "number": pledge.number,
        "title": pledge.title,
        "lead": pledge.lead,
        "supporting": list(pledge.supporting),
        "indicators": [indicator_fields(indicator) for indicator in pledge.indicators],
    }


def indicator_fields(indicator: IndicatorText) -> Fields:
    """One indicator in the shape of a programme file."""
    places = indicator.target_decimals
    plan = indicator.plan
    return {
        "code": indicator.code,
        "name": indicator.name,
        "counting_rule": indicator.counting_rule,
        "kind": str(indicator.kind),
        "measure": indicator.measure,
        "decimals": indicator.decimals,
        "comparator": str(indicator.comparator),
        "aspiration": indicator.is_aspiration,
        "tolerance_percent": _optional_tenths(indicator.tolerance_tenths),
        "target": _optional(indicator.target, places),
        "base": _optional(indicator.base, indicator.decimals),
        "plan": None if plan is None else [show_tenths(tenths) for tenths in plan],
        "stages": [_stage_fields(stage, places) for stage in indicator.stages],
        "items": list(indicator.items),
        "part_of": indicator.part_of,
        "parts_complete": indicator.parts_complete,
        "aligned": list(indicator.aligned),
        "evidence": str(indicator.evidence),
        "last_year": _optional(indicator.last_year, places),
        "allocations": {
            allocation.unit: _allocation_fields(allocation, indicator) for allocation in indicator.allocations
        },
    }


def _stage_fields(stage: Stage, places: int) -> Fields:
    return {"until": str(stage.until), "target": show_exact(stage.target, places)}


def _allocation_fields(allocation: Allocation, indicator: IndicatorText) -> str | Fields | None:
    target = _optional(allocation.target, indicator.target_decimals)
    if allocation.base is None:
        return target
    return {"target": target, "base": show_exact(allocation.base, indicator.decimals)}


def show_tenths(tenths: int) -> str:
    """A percent or point with a place only where it is needed: ``50``, ``8.3``, ``-10``."""
    return show_percent(tenths).removesuffix(".0")


def _optional_tenths(tenths: int | None) -> str | None:
    return None if tenths is None else show_tenths(tenths)


def _optional(value: int | None, decimals: int) -> str | None:
    return None if value is None else show_exact(value, decimals)


def differences(before: Document | None, after: Document) -> dict[str, tuple[str | None, str | None]]:
    """What differs between two states of one list: place → (before, after), None where it is absent.

    Places are ``title``, ``pledges/1/lead``, ``indicators/enrolments/target``, ``…/allocations/330203``.
    """
    old, new = ({} if before is None else _flat(before)), _flat(after)
    places = [*new, *(place for place in old if place not in new)]
    pairs = {place: (old.get(place), new.get(place)) for place in places}
    return {place: pair for place, pair in pairs.items() if pair[0] != pair[1]}


def _flat(document: Document) -> dict[str, str]:
    fields = document_fields(document)
    pledges = fields.pop("pledges")
    flat = {place: _text(value) for place, value in fields.items()}
    for pledge in pledges:
        indicators = pledge.pop("indicators")
        flat |= {f"pledges/{pledge['number']}/{name}": _text(value) for name, value in pledge.items()}
        for position, indicator in enumerate(indicators, 1):
            start = f"indicators/{indicator['code']}"
            allocations = indicator.pop("allocations")
            flat[f"{start}/place"] = f"{pledge['number']}.{position}"
            flat |= {f"{start}/{name}": _text(value) for name, value in indicator.items()}
            flat |= {f"{start}/allocations/{unit}": _text(value) for unit, value in allocations.items()}
    return flat


def _text(value: object) -> str:
    if isinstance(value, dict):
        return "，".join(f"{name} {_text(part)}" for name, part in value.items())
    if isinstance(value, list):
        return "；".join(_text(part) for part in value)
    return "null" if value is None else str(value)
