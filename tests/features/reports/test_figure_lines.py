"""Each kind takes its own columns; what is ambiguous, rough or too fine is refused with its place."""

from __future__ import annotations

from datetime import date

import pytest

from tracker.domain.kinds import Kind
from tracker.domain.messages import Fault
from tracker.domain.periods import Period
from tracker.features.reports.figure_files import FigureRow, line_of, place_of
from tracker.features.reports.figure_lines import IndicatorFacts, LineReading, RowReader, read_line
from tracker.services.snapshots import LineContent

ITEMS = ("练市镇", "双林镇", "12351 热线")
DEFAULTS = {"period": "2018-06", "decimals": 0, "items": (), "has_base": False, "measure": "人次"}


def attempt(kind: Kind, **given: object) -> tuple[LineReading | None, list[Fault]]:
    """Read one row; ``given`` mixes its cells with facts of the indicator."""
    facts = DEFAULTS | {name: value for name, value in given.items() if name in DEFAULTS}
    cells = {name: value for name, value in given.items() if name not in DEFAULTS}
    indicator = IndicatorFacts(1, 1, "x", kind, facts["decimals"], facts["measure"], facts["items"])  # type: ignore[arg-type]
    faults: list[Fault] = []
    row = FigureRow(3, "330203", "x", str(facts["period"]), **cells)  # type: ignore[arg-type]
    period = Period.parse(str(facts["period"]))
    return read_line(RowReader(row, indicator, period, bool(facts["has_base"]), faults)), faults


def read(kind: Kind, **given: object) -> LineReading:
    reading, faults = attempt(kind, **given)
    assert faults == []
    assert reading is not None
    return reading


def refused(kind: Kind, **given: object) -> list[tuple[str, str]]:
    reading, faults = attempt(kind, **given)
    assert reading is None
    return [(fault.place.removeprefix("第 3 行, "), str(fault.message)) for fault in faults]


@pytest.mark.parametrize(
    ("kind", "given", "content"),
    [
        (Kind.FLOW, {"value": "39亿元", "measure": "元"}, LineContent(value=3_900_000_000)),
        (Kind.FLOW, {"value": "１，２３４．５", "decimals": 2}, LineContent(value=123_450)),
        (Kind.FLOW, {"value": "0"}, LineContent(value=0)),
        (Kind.FLOW, {"value": "-5", "note": "核减"}, LineContent(value=-5, note="核减")),
        (Kind.STOCK, {"value": "2万人次"}, LineContent(value=20_000)),
        (Kind.KEPT, {"value": "400"}, LineContent(value=400)),
        (Kind.RATIO, {"numerator": "8.5", "denominator": "10", "decimals": 1}, LineContent(numerator=85, denominator=100)),
        (Kind.RATIO, {"numerator": "0", "denominator": "0"}, LineContent(numerator=0, denominator=0)),
        (Kind.RATIO, {"value": "82"}, LineContent(rate=820)),
        (Kind.RATIO, {"value": "82.55%", "decimals": 2}, LineContent(rate=8255)),
        (Kind.GROWTH, {"value": "-3.2%"}, LineContent(rate=-32)),
        (Kind.GROWTH, {"numerator": "110", "has_base": True}, LineContent(numerator=110)),
        (Kind.MILESTONE, {"done_on": "2018-06-30"}, LineContent(done_on=date(2018, 6, 30))),
        (Kind.MILESTONE, {"done_on": "2018-01-01"}, LineContent(done_on=date(2018, 1, 1))),
        (Kind.MILESTONE, {"value": "０"}, LineContent(value=0)),
        (Kind.CHECKLIST, {"items_done": "双林镇; 练市镇；", "items": ITEMS}, LineContent(value=2, items_done=ITEMS[:2])),
        (Kind.CHECKLIST, {"items_done": "12351 热线", "items": ITEMS}, LineContent(value=1, items_done=ITEMS[2:])),
        (Kind.CHECKLIST, {"items_done": "3", "items": ITEMS}, LineContent(value=3)),
        (Kind.CHECKLIST, {"items_done": "120"}, LineContent(value=120)),
        (Kind.CHECKLIST, {"items_done": "0", "items": ITEMS}, LineContent(value=0)),
        (Kind.NARRATIVE, {"value": "on_track", "note": "有序"}, LineContent(judgement="on_track", note="有序")),
        *((kind, {"value": word}, LineContent(is_unknown=True)) for kind in Kind for word in ("不详", "Unknown")),
    ],
)  # fmt: skip
def test_reads(kind: Kind, given: dict[str, object], content: LineContent) -> None:
    assert read(kind, **given) == LineReading(content)


def test_keeps_the_cumulative_beside_the_increment() -> None:
    assert read(Kind.FLOW, value="5", cumulative="1万") == LineReading(LineContent(value=5), 10_000)


@pytest.mark.parametrize(
    ("kind", "given", "places", "said"),
    [
        (Kind.FLOW, {"value": "1.5"}, ["value"], "整数"),
        (Kind.FLOW, {"value": "1.255", "decimals": 2}, ["value"], "最多 2 位"),
        *((Kind.FLOW, {"value": text}, ["value"], "约数") for text in ("3万余", "100多", "超5", "近3万")),
        (Kind.FLOW, {"value": "1000000000000000"}, ["value"], "太大"),
        (Kind.FLOW, {"value": "-5"}, ["note"], "核减"),
        (Kind.FLOW, {"value": "1", "done_on": "2018-06-01"}, ["done_on"], "应填 value、cumulative"),
        (Kind.FLOW, {"value": "不详", "cumulative": "5"}, ["cumulative"], "value 已填“不详”"),
        (Kind.FLOW, {"cumulative": "不详"}, ["cumulative"], "请把“不详”填在 value 列"),
        (Kind.FLOW, {"value": "1", "note": "长" * 2001}, ["note"], "2000"),
        (Kind.STOCK, {"value": "-1"}, ["value"], "负数"),
        (Kind.STOCK, {"cumulative": "1"}, ["cumulative"], "应填 value"),
        (Kind.RATIO, {"value": "82.55"}, ["value"], "最多 1 位"),
        (Kind.RATIO, {"value": "-1"}, ["value"], "负数"),
        (Kind.RATIO, {"value": "82", "numerator": "82", "denominator": "100"}, ["value"], "只填一种"),
        (Kind.RATIO, {"numerator": "85"}, ["denominator"], "还要填 denominator"),
        (Kind.RATIO, {"denominator": "85"}, ["numerator"], "还要填 numerator"),
        (Kind.RATIO, {"numerator": "85%", "denominator": "100", "measure": "%"}, ["numerator"], "不是一个数"),
        (Kind.RATIO, {"numerator": "8.5", "denominator": "1.5"}, ["numerator", "denominator"], "整数"),
        (Kind.RATIO, {"numerator": "85", "has_base": True}, ["denominator"], "还要填 denominator"),
        (Kind.GROWTH, {"numerator": "110"}, ["denominator"], "没有上年基数"),
        (Kind.MILESTONE, {"value": "1"}, ["value"], "完成日期"),
        (Kind.MILESTONE, {"value": "0", "done_on": "2018-06-01"}, ["value"], "value 应为空"),
        (Kind.MILESTONE, {"done_on": "2018-07-01"}, ["done_on"], "2018-06 的最后一天"),
        (Kind.MILESTONE, {"done_on": "2017-12-31"}, ["done_on"], "2018 年内"),
        *((Kind.MILESTONE, {"done_on": text}, ["done_on"], "不是日期")
          for text in ("2018-6-1", "20180601", "2018-02-30", "2018-W01-1", "6月")),
        (Kind.CHECKLIST, {"value": "2"}, ["value"], "应填 items_done"),
        (Kind.CHECKLIST, {"items_done": "南浔镇；练市镇", "items": ITEMS}, ["items_done"], "没有“南浔镇”"),
        (Kind.CHECKLIST, {"items_done": "练市镇；练市镇", "items": ITEMS}, ["items_done"], "写了两次"),
        (Kind.CHECKLIST, {"items_done": "4", "items": ITEMS}, ["items_done"], "只有 3 项"),
        (Kind.CHECKLIST, {"items_done": "-1", "items": ITEMS}, ["items_done"], "负数"),
        (Kind.CHECKLIST, {"items_done": "2余"}, ["items_done"], "约数"),
        (Kind.CHECKLIST, {"items_done": "练市镇"}, ["items_done"], "没有列出清单"),
        (Kind.CHECKLIST, {"items_done": "；", "items": ITEMS}, ["items_done"], "用分号隔开"),
        (Kind.NARRATIVE, {"value": "好"}, ["value"], "done、on_track、lagging"),
    ],
)  # fmt: skip
def test_refuses(kind: Kind, given: dict[str, object], places: list[str], said: str) -> None:
    found = refused(kind, **given)
    assert [place for place, _ in found] == places
    assert said in found[0][1]


def test_a_place_gives_its_line_back() -> None:
    assert line_of(Fault(place_of(17, "value"), None)) == line_of(Fault(place_of(17, ""), None)) == 17  # type: ignore[arg-type]
