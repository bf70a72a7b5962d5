"""Between forms and the shape of a file: what was typed, each value at its field; and a list's values in fields."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from wtforms import Field

from tracker.domain.figures import show_exact
from tracker.domain.kinds import Kind
from tracker.features.programmes.files.nodes import Listed, Mapped, Node, Scalar
from tracker.features.programmes.forms import MONTHS, HeadFields, IndicatorFields, PledgeFields
from tracker.services.programme_documents.document import Document, IndicatorText, PledgeText, show_tenths

Filled = dict[str, Any]

SPARE_STAGES: Final = 2
DEFAULT_MEASURES: Final = {Kind.RATIO: "%", Kind.GROWTH: "%", Kind.MILESTONE: "项", Kind.CHECKLIST: "个"}
_BETWEEN_NAMES = re.compile(r"[；;\r\n]")
_PLAIN: Final = (
    "code", "name", "counting_rule", "kind", "measure", "decimals", "comparator", "tolerance_percent", "target", "base",
    "last_year", "part_of", "parts_complete", "evidence",
)  # fmt: skip


def scalar(field: Field) -> Scalar:
    """A field's text at its place in the form; nothing typed is nothing said."""
    text = "" if field.data is None else str(field.data)
    return Scalar(field.id, text, is_null=not text)


def typed_head(form: HeadFields, *, is_new: bool) -> Mapped:
    """The head as typed; year and short name belong to a new list alone."""
    names = ["title", "reporting", "due_day", "close_day", "elapsed", "own_level_counts"]
    names += ["year", "slug"] if is_new else []
    fields: dict[str, Node] = {name: scalar(form[name]) for name in names}
    prefix = form.title.id.removesuffix("title")
    limits: dict[str, Node] = {name: scalar(form[name]) for name in ("on_track", "lagging")}
    return Mapped(prefix, {**fields, "lights": Mapped(f"{prefix}lights", limits, prefix)}, prefix)


def typed_pledge(form: PledgeFields) -> Mapped:
    """A pledge as typed; one supporting department a line, or parted by semicolons, which no name holds."""
    fields: dict[str, Node] = {name: scalar(form[name]) for name in ("number", "title", "lead")}
    place = form.supporting.id
    names = _names(_BETWEEN_NAMES.split(form.supporting.data or ""), place)
    prefix = form.title.id.removesuffix("title")
    return Mapped(prefix, {**fields, "supporting": Listed(place, names)}, prefix)


def typed_indicator(form: IndicatorFields, *, code: str | None, curve: tuple[int, ...] | None) -> Mapped:
    """An indicator as typed. ``code``: given to a new one; ``curve``: stands for the choice 照上年."""
    fields: dict[str, Node] = {name: scalar(form[name]) for name in _PLAIN if name in form}
    if code is not None:
        fields["code"] = Scalar(form.name.id, code)
    if "aspiration" in form:
        fields["aspiration"] = Scalar(form.aspiration.id, "true" if form.aspiration.data else "false")
    if "items" in form:
        fields["items"] = Listed(form.items.id, _names((form.items.data or "").splitlines(), form.items.id))
    if "aligned" in form:
        fields["aligned"] = Listed(form.aligned.id, _names(form.aligned.data or (), form.aligned.id))
    if "stages" in form:
        fields["stages"] = _typed_stages(form)
    if "plan_shape" in form:
        fields["plan"] = _typed_plan(form, curve)
    prefix = form.name.id.removesuffix("name")
    return Mapped(prefix, fields, prefix)


def _names(texts: Iterable[str], place: str) -> list[Node]:
    return [Scalar(place, text.strip()) for text in texts if text.strip()]


def _typed_stages(form: IndicatorFields) -> Listed:
    rows: list[Node] = []
    for entry in form.stages:
        if entry.until.data or entry.target.data:
            fields: dict[str, Node] = {name: scalar(entry[name]) for name in ("until", "target")}
            rows.append(Mapped(entry.until.id, fields, entry.until.id.removesuffix("until")))
    return Listed(form.stages.id, rows)


def _typed_plan(form: IndicatorFields, curve: tuple[int, ...] | None) -> Node:
    place = form.plan_shape.id
    if form.plan_shape.data == "own":
        return Listed(place, [Scalar(month.id, month.data or "（空）") for month in form.plan])
    if form.plan_shape.data == "last_year" and curve is not None:
        return Listed(place, [Scalar(place, show_tenths(tenths)) for tenths in curve])
    return Scalar(place, "", is_null=True)


def filled_head(document: Document) -> Filled:
    """The head's fields as they stand."""
    return {
        "title": document.title,
        "year": str(document.year),
        "slug": document.slug,
        "reporting": str(document.reporting),
        "due_day": str(document.due_day),
        "close_day": "" if document.close_day is None else str(document.close_day),
        "elapsed": str(document.elapsed),
        "own_level_counts": "true" if document.own_level_counts else "false",
        "on_track": show_tenths(document.lights.on_track_tenths),
        "lagging": show_tenths(document.lights.lagging_tenths),
    }


def filled_new_head(year: int) -> Filled:
    """What a new list begins with."""
    return {
        "title": f"{year}年服务职工实事",
        "year": str(year),
        "reporting": "month",
        "due_day": "5",
        "on_track": "0",
        "lagging": "-10",
    }


def filled_pledge(pledge: PledgeText) -> Filled:
    """A pledge's fields as they stand."""
    return {
        "number": str(pledge.number),
        "title": pledge.title,
        "lead": pledge.lead,
        "supporting": "\n".join(pledge.supporting),
    }


def filled_indicator(text: IndicatorText, kind: Kind) -> Filled:
    """An indicator's fields as they stand, for a form of ``kind``."""
    return {
        "kind": str(kind),
        "code": text.code,
        "name": text.name,
        "counting_rule": text.counting_rule,
        "measure": text.measure or DEFAULT_MEASURES.get(kind, ""),
        "decimals": str(text.decimals),
        "comparator": str(text.comparator),
        "tolerance_percent": "" if text.tolerance_tenths is None else show_tenths(text.tolerance_tenths),
        "target": _shown(text.target, text.target_decimals),
        "aspiration": text.is_aspiration,
        "base": _shown(text.base, text.decimals),
        "last_year": _shown(text.last_year, text.target_decimals),
        "plan_shape": "linear" if text.plan is None else "own",
        "plan": [""] * MONTHS if text.plan is None else [show_tenths(tenths) for tenths in text.plan],
        "stages": [
            *({"until": str(stage.until), "target": show_exact(stage.target, text.target_decimals)} for stage in text.stages),
            *({"until": "", "target": ""} for _spare in range(SPARE_STAGES)),
        ],
        "items": "\n".join(text.items),
        "part_of": text.part_of or "",
        "parts_complete": _FLAGS[text.parts_complete],
        "aligned": list(text.aligned),
        "evidence": str(text.evidence),
    }  # fmt: skip


_FLAGS: Final[Mapping[bool | None, str]] = {None: "", True: "true", False: "false"}


def filled_new_indicator(kind: Kind) -> Filled:
    """What a new indicator of this kind begins with."""
    stages = [{"until": "", "target": ""} for _spare in range(SPARE_STAGES)]
    return {
        "kind": str(kind),
        "measure": DEFAULT_MEASURES.get(kind, ""),
        "comparator": ">=",
        "stages": stages,
    }


def _shown(value: int | None, decimals: int) -> str:
    return "" if value is None else show_exact(value, decimals)


def next_code(document: Document | None, number: int) -> str:
    """A code for a new indicator of a pledge: ``p3_2``, the first that is free."""
    taken = {one.code for one in document.indicators} if document else set()
    position = 1
    while f"p{number}_{position}" in taken:
        position += 1
    return f"p{number}_{position}"
