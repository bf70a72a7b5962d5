"""Lists as text: one that uses every field, and small ones to break."""

from __future__ import annotations

from tracker.features.programmes.files.formats import read_file
from tracker.services.programme_documents.document import Document

EVERY_FIELD = """
format: programme/1
publisher: "330200"
year: 2018
slug: second-list
title: 2018年服务职工实事（二）
reporting: quarter
due_day: 10
close_day: 25
elapsed: days
own_level_counts: false
lights: {on_track: 0.5, lagging: -7.5}
pledges:
  - number: 2
    title: 互助保障
    lead: 职工保障部
    supporting: [财务部, "办公室, 一"]
    indicators:
      - code: enrolments
        name: 参加职工医疗互助保障人次
        counting_rule: "以缴费到账为准\\n退费的减去"
        kind: flow
        measure: 人次
        decimals: 0
        comparator: ">="
        aspiration: true
        target: 150万人次
        plan: [1, 2, 8.3, 20, 30, 40, 50, 60, 70, 80, 99.9, 100]
        parts_complete: true
        evidence: required
        last_year: 1,480,000
        allocations: {"330203": 20万, "330205": {target: 9万, base: 0}, "330211": null, "330200": 1}
      - {code: first_time, name: 其中：首次参加, kind: flow, measure: 人次, target: 50万, part_of: enrolments}
      - {code: renewed, name: 其中：续保, kind: flow, measure: 人次, target: 100万, part_of: enrolments}
      - {code: funds, name: 支出, kind: flow, measure: 元, decimals: 2, comparator: ~, tolerance_percent: 2.5, target: 39.5亿}
  - number: 1
    title: 各类指标
    lead: 组织部
    indicators:
      - code: members
        name: 会员数
        kind: stock
        measure: 人
        target: ６０万
        base: 50万
        allocations: {"330205": {target: 9万, base: 8万}, "330203": {target: null, base: 7万}}
      - {code: cared, name: 动态保持, kind: kept, measure: 户, target: 400}
      - {code: coverage, name: 覆盖率, kind: ratio, measure: "%", comparator: ">", target: 85.5%, last_year: 82}
      - {code: wages, name: 增幅, kind: growth, measure: "%", decimals: 2, target: -0.55, base: 100.25}
      - {code: opened, name: 挂牌, kind: milestone, measure: 项, comparator: "=", target: 1, allocations: {"330203": 1}}
      - {code: sites, name: 全覆盖, kind: checklist, measure: 个, items: [练市镇, 双林镇], target: null}
      - {code: hotline, name: 热线, kind: narrative}
      - {code: homes, name: 工匠之家, kind: flow, measure: 套, target: null, comparator: "<=",
         stages: [{until: 2018-12, target: 1000}, {until: 2022-12, target: 1万}]}
"""

TWELVE_PLACES = (
    "reporting（", "due_day（", "colour（", "indicators[0].target（", "indicators[1].code（", "indicators[1].base（",
    "indicators[2].comparator（", "indicators[3].plan（", "pledges[1].number（", "allocations.999999（",
    "allocations.330500（", "aligned（",
)  # fmt: skip
"""Where the list of twelve faults is wrong."""

TWELVE = """
format: programme/1
publisher: "330200"
year: 2018
title: 实事
reporting: weekly
due_day: 40
own_level_counts: true
colour: red
pledges:
  - number: 1
    title: 互助
    lead: 保障部
    indicators:
      - {code: a, name: 甲, kind: flow, measure: 人次, target: 150余万}
      - {code: a, name: 乙, kind: flow, measure: 人次, base: 5}
      - {code: c, name: 丙, kind: milestone, measure: 项, comparator: "<", target: 1}
      - {code: d, name: 丁, kind: flow, measure: 人次, plan: [1, 2, 3]}
  - number: 1
    title: 又一个
    lead: 保障部
    indicators:
      - {code: e, name: 戊, kind: flow, measure: 人次, allocations: {"330203": 1, "999999": 1, "330500": 1}}
      - {code: f, name: 己, kind: flow, measure: 人次, aligned: [330000-2018/nothing]}
"""

PLAIN = """
format: programme/1
publisher: "330200"
year: 2018
title: 实事
reporting: month
due_day: 5
own_level_counts: true
pledges:
  - number: 1
    title: 互助
    lead: 保障部
    indicators:
      - {code: enrolments, name: 参保, kind: flow, measure: 人次, target: 150万}
"""


def document_of(text: str) -> Document:
    """The document in a text without faults."""
    return read_file(text.encode()).require_sound()


def faults_of(text: str | bytes) -> list[str]:
    """What the file's own rules say against a text, each as ``place：sentence``."""
    content = text.encode() if isinstance(text, str) else text
    return [str(fault) for fault in read_file(content).findings.faults]


def with_indicator(fields: str) -> str:
    """The plain list with further fields in its indicator; they replace those it has."""
    given = {field.partition(":")[0].strip() for field in fields.split("\n")}
    plain = {"code": "enrolments", "name": "参保", "kind": "flow", "measure": "人次", "target": "150万"}
    lines = [f"{name}: {value}" for name, value in plain.items() if name not in given] + fields.split("\n")
    start, _, _ = PLAIN.partition("      - {code")
    return start + "      - " + "\n        ".join(lines) + "\n"
