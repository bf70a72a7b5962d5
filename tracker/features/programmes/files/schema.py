"""The schema of a programme file: every field of document 3.3, read into one document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tracker.domain.codes import PROGRAMME_KEY, SLUG, UNIT_CODE
from tracker.domain.kinds import Comparator, Elapsed, EvidenceRule, Kind, target_decimals
from tracker.domain.messages import Faults, Message, sentence
from tracker.domain.periods import Month, Rhythm
from tracker.domain.progress import DEFAULT_LIGHTS, LightRule, Stage
from tracker.features.programmes.files import scalars
from tracker.features.programmes.files.announced import announced
from tracker.features.programmes.files.nodes import Findings, Listed, Mapped, Node, Scalar
from tracker.features.programmes.files.scalars import UnreadableValue, Values
from tracker.services.programme_documents.document import (
    FORMAT,
    Allocation,
    Document,
    IndicatorText,
    PledgeText,
)

HEAD_FIELDS = (
    "format", "publisher", "year", "slug", "title", "reporting", "due_day", "close_day", "elapsed",
    "own_level_counts", "lights", "pledges",
)  # fmt: skip
PLEDGE_FIELDS = ("number", "title", "lead", "supporting", "indicators")
INDICATOR_FIELDS = (
    "code", "name", "counting_rule", "kind", "measure", "decimals", "comparator", "aspiration", "tolerance_percent",
    "target", "base", "plan", "stages", "items", "part_of", "parts_complete", "aligned", "evidence", "last_year",
    "allocations",
)  # fmt: skip
STAGE_FIELDS = ("until", "target")
ALLOCATION_FIELDS = ("target", "base")
LIGHT_FIELDS = ("on_track", "lagging")

LARGEST_POINT = 10_000  # tenths of a percent or point: 1000.0
LONGEST_PROSE = 4000
MOST_DECIMALS = 4

unit_code = scalars.matching(UNIT_CODE, sentence("“{text}”不是单位代码"))
indicator_code = scalars.matching(
    "[0-9A-Za-z_][0-9A-Za-z_.-]{0,59}", sentence("代码“{text}”只能用字母、数字、下划线、点和横线，最多 60 位")
)
slug_text = scalars.matching(SLUG, sentence("“{text}”只能用小写字母、数字和横线，最多 40 位"))
aligned_text = scalars.matching(
    f"{PROGRAMME_KEY}/[0-9A-Za-z_.-]{{1,60}}",
    sentence("“{text}”要写成 330000-2018/enrolments 这样"),
)


@dataclass(frozen=True, slots=True)
class IndicatorRead:
    """An indicator as read, with its fields for rules that need their places."""

    text: IndicatorText
    values: Values
    units: Mapping[str, Node]


@dataclass(frozen=True, slots=True)
class PledgeRead:
    """A pledge as read."""

    text: PledgeText
    values: Values
    indicators: tuple[IndicatorRead, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """A file as read so far: where a field could not be read the document holds a stand-in, and a fault says so."""

    document: Document
    head: Values
    pledges: tuple[PledgeRead, ...]
    findings: Findings

    @property
    def indicators(self) -> tuple[IndicatorRead, ...]:
        """Every indicator in the order of the file."""
        return tuple(indicator for pledge in self.pledges for indicator in pledge.indicators)

    def require_sound(self) -> Document:
        """The document, or Faults with everything found."""
        if self.findings.faults:
            raise Faults(self.findings.faults)
        return self.document


def read_document(node: Node, findings: Findings) -> Reading:
    """Read a whole file. Raises Faults only when it is no list at all."""
    if not isinstance(node, Mapped):
        findings.add(node.place, Message("文件开头要写成“字段: 值”，例如 format: programme/1"))
        raise Faults(findings.faults)
    head = Values(node, HEAD_FIELDS, findings)
    pledges = tuple(
        _pledge(item, findings) for item in head.items("pledges") if _is_mapped(head, "pledges", item)
    )
    if not pledges and head.are_sound("pledges"):
        head.fault("pledges", Message("至少要有一个实事项目"))
    return Reading(_document(head, pledges), head, pledges, findings)


def _is_mapped(values: Values, name: str, node: Node) -> bool:
    if isinstance(node, Mapped):
        return True
    values.fault_at(name, node, Message("这里要写成“字段: 值”"))
    return False


def _document(head: Values, pledges: tuple[PledgeRead, ...]) -> Document:
    head.read("format", _format, FORMAT, is_required=True)
    return Document(
        publisher=head.read("publisher", unit_code, "", is_required=True),
        year=head.read("year", scalars.whole(2000, 2100), 2000, is_required=True),
        slug=head.read("slug", slug_text, ""),
        title=head.read("title", scalars.line_of(200), "", is_required=True),
        reporting=head.read("reporting", scalars.choice(Rhythm), Rhythm.MONTH, is_required=True),
        due_day=head.read("due_day", scalars.whole(1, 31), 1, is_required=True),
        close_day=head.read("close_day", scalars.whole(1, 31), None),
        elapsed=head.read("elapsed", scalars.choice(Elapsed), Elapsed.MONTHS),
        own_level_counts=head.read("own_level_counts", scalars.flag, default=True, is_required=True),
        lights=_lights(head),
        pledges=tuple(sorted((pledge.text for pledge in pledges), key=lambda pledge: pledge.number)),
    )


def _format(text: str) -> str:
    if text.strip() != FORMAT:
        raise UnreadableValue("格式要写 {format}，现在是“{text}”", format=FORMAT, text=text.strip()[:40])
    return FORMAT


def _lights(head: Values) -> LightRule:
    node = head.node.fields.get("lights")
    if not isinstance(node, Mapped):
        return head.read("lights", _default_lights, DEFAULT_LIGHTS)
    values = Values(node, LIGHT_FIELDS, head.findings)
    parse = scalars.tenths(-LARGEST_POINT, LARGEST_POINT)
    on_track = values.read("on_track", parse, 0, is_required=True)
    lagging = values.read("lagging", parse, 0, is_required=True)
    if values.are_sound(*LIGHT_FIELDS) and on_track < lagging:
        values.fault("lagging", Message("lagging 不能大于 on_track"))
    return LightRule(on_track, lagging)


def _default_lights(text: str) -> LightRule:
    if text.strip() != "default":
        raise UnreadableValue(
            "要写 default，或写两个界限，例如 {example}", example="{on_track: 0, lagging: -10}"
        )
    return DEFAULT_LIGHTS


def _pledge(node: Node, findings: Findings) -> PledgeRead:
    values = Values(node if isinstance(node, Mapped) else Mapped(node.place), PLEDGE_FIELDS, findings)
    indicators = tuple(
        _indicator(item, findings)
        for item in values.items("indicators")
        if isinstance(item, Mapped) or _is_mapped(values, "indicators", item)
    )
    if not indicators and values.are_sound("indicators"):
        values.fault("indicators", Message("至少要有一个指标"))
    text = PledgeText(
        number=values.read("number", scalars.whole(1, 9999), 0, is_required=True),
        title=values.read("title", scalars.line_of(200), "", is_required=True),
        lead=values.read("lead", scalars.line_of(60), "", is_required=True),
        supporting=values.texts("supporting", scalars.name_of(60)),
        indicators=tuple(indicator.text for indicator in indicators),
    )
    return PledgeRead(text, values, indicators)


def _indicator(node: Node, findings: Findings) -> IndicatorRead:
    values = Values(node if isinstance(node, Mapped) else Mapped(node.place), INDICATOR_FIELDS, findings)
    kind = values.read("kind", scalars.choice(Kind), Kind.FLOW, is_required=True)
    decimals = values.read("decimals", scalars.whole(0, MOST_DECIMALS), 0)
    is_measured = kind is not Kind.NARRATIVE
    measure = values.read(
        "measure", scalars.line_of(20, may_be_empty=not is_measured), "", is_required=is_measured
    )
    figures = _Figures(values, kind, decimals, measure)
    units = _allocation_nodes(values)
    text = IndicatorText(
        code=values.read("code", indicator_code, "", is_required=True),
        name=values.read("name", scalars.line_of(200), "", is_required=True),
        counting_rule=values.read("counting_rule", scalars.prose_of(LONGEST_PROSE), ""),
        kind=kind,
        measure=measure,
        decimals=decimals,
        comparator=_comparator(values),
        is_aspiration=values.read("aspiration", scalars.flag, default=False),
        tolerance_tenths=values.read("tolerance_percent", scalars.tenths(0, 1000), None),
        target=values.read("target", figures.announced, None),
        base=values.read("base", figures.base, None),
        plan=values.texts("plan", scalars.tenths(0, 1000)) if values.has("plan") else None,
        stages=_stages(values, figures),
        items=values.texts("items", scalars.name_of(200)),
        part_of=values.read("part_of", indicator_code, None),
        parts_complete=values.read("parts_complete", scalars.flag, None),
        aligned=tuple(sorted(values.texts("aligned", aligned_text))),
        evidence=values.read("evidence", scalars.choice(EvidenceRule), EvidenceRule.NONE),
        last_year=values.read("last_year", figures.target, None),
        allocations=tuple(_allocation(values, unit, entry, figures) for unit, entry in sorted(units.items())),
    )
    return IndicatorRead(text, values, units)


class _Figures:
    """How figures of one indicator are written; lenient where its kind or decimals could not be read."""

    def __init__(self, values: Values, kind: Kind, decimals: int, measure: str) -> None:
        is_known = values.are_sound("kind", "decimals")
        places = target_decimals(kind, decimals) if is_known else MOST_DECIMALS
        is_signed = kind is Kind.GROWTH or not is_known
        self.announced = announced(places, measure=measure, signed=is_signed)
        self.target = scalars.figure(places, measure=measure, signed=is_signed)
        self.base = scalars.figure(
            decimals if is_known else MOST_DECIMALS, measure=measure, signed=not is_known
        )
        self.has_base = not is_known or kind.facts.has_base


def _comparator(values: Values) -> Comparator:
    """``~`` without quotes is YAML's null, and here means 左右."""
    node = values.node.fields.get("comparator")
    if isinstance(node, Scalar) and node.text.strip() == Comparator.ABOUT:
        return Comparator.ABOUT
    return values.read("comparator", scalars.choice(Comparator), Comparator.AT_LEAST)


def _stages(values: Values, figures: _Figures) -> tuple[Stage, ...]:
    found: list[Stage] = []
    for node in values.items("stages"):
        if not isinstance(node, Mapped):
            values.fault_at(
                "stages",
                node,
                Message("每个阶段写成 {example}", {"example": "{until: 2025-12, target: 1万}"}),
            )
            continue
        stage = Values(node, STAGE_FIELDS, values.findings)
        until = stage.read("until", lambda text: Month.parse(text.strip()), Month(2000, 1), is_required=True)
        target = stage.read("target", figures.target, None, is_required=True)
        values.mark(stage, "stages")
        found.append(Stage(until, target or 0))
    return tuple(found)


def _allocation_nodes(values: Values) -> dict[str, Node]:
    node = values.node.fields.get("allocations")
    if node is None or (isinstance(node, Scalar) and node.is_null):
        return {}
    if isinstance(node, Listed | Scalar):
        values.fault("allocations", Message("要写成“单位代码: 目标”"))
        return {}
    return dict(node.fields)


def _allocation(values: Values, unit: str, node: Node, figures: _Figures) -> Allocation:
    """A number, null, or both target and base. A base of 0 says nothing where there is none."""
    if not isinstance(node, Mapped):
        entry = Values(Mapped(node.place, {"target": node}), ALLOCATION_FIELDS, values.findings)
    else:
        entry = Values(node, ALLOCATION_FIELDS, values.findings)
    target = entry.read("target", figures.target, None)
    base = entry.read("base", figures.base, None)
    if base and not figures.has_base:
        entry.fault("base", Message("只有存量（stock）和增幅（growth）有基数"))
    values.mark(entry, "allocations")
    return Allocation(unit=unit, target=target, base=base if figures.has_base else None)
