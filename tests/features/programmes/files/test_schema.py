"""Every field of a programme file is read exactly, and each rule it breaks is named with its place."""

from __future__ import annotations

import pytest

from tests.features.programmes.files.lists import EVERY_FIELD, PLAIN, document_of, faults_of, with_indicator
from tracker.domain.kinds import Comparator, Elapsed, EvidenceRule
from tracker.domain.messages import Faults
from tracker.domain.periods import Month, Rhythm
from tracker.domain.progress import LightRule, Stage
from tracker.services.programme_documents.document import Allocation

LONG = "长" * 201


def test_reads_every_field_of_the_head() -> None:
    document = document_of(EVERY_FIELD)
    assert document.key == "330200-2018-second-list"
    assert (document.reporting, document.elapsed) == (Rhythm.QUARTER, Elapsed.DAYS)
    assert (document.due_day, document.close_day, document.own_level_counts) == (10, 25, False)
    assert document.lights == LightRule(5, -75)
    assert [pledge.number for pledge in document.pledges] == [1, 2]
    assert document.pledges[1].supporting == ("财务部", "办公室, 一")


def test_reads_every_field_of_an_indicator() -> None:
    enrolments, _, _, funds = document_of(EVERY_FIELD).pledges[1].indicators
    assert (enrolments.target, enrolments.last_year, enrolments.parts_complete) == (
        1_500_000,
        1_480_000,
        True,
    )
    assert enrolments.counting_rule == "以缴费到账为准\n退费的减去"
    assert (enrolments.is_aspiration, enrolments.evidence) == (True, EvidenceRule.REQUIRED)
    assert enrolments.plan is not None
    assert (enrolments.plan[2], enrolments.plan[-1]) == (83, 1000)
    assert enrolments.allocations == (
        Allocation(unit="330200", target=1),
        Allocation(unit="330203", target=200_000),
        Allocation(unit="330205", target=90_000),
        Allocation(unit="330211"),
    )
    assert (funds.comparator, funds.tolerance_tenths, funds.target) == (Comparator.ABOUT, 25, 395_000_000_000)


def test_reads_every_kind() -> None:
    by_code = {indicator.code: indicator for indicator in document_of(EVERY_FIELD).pledges[0].indicators}
    assert (by_code["members"].target, by_code["members"].base) == (600_000, 500_000)
    assert by_code["members"].allocations[0] == Allocation(unit="330203", target=None, base=70_000)
    assert (by_code["coverage"].target, by_code["coverage"].last_year) == (855, 820)
    assert (by_code["wages"].target, by_code["wages"].base) == (-55, 10_025)
    assert (by_code["opened"].target, by_code["sites"].items) == (1, ("练市镇", "双林镇"))
    assert by_code["homes"].stages == (Stage(Month(2018, 12), 1000), Stage(Month(2022, 12), 10_000))


@pytest.mark.parametrize("lights", ["lights: default", "lights: {on_track: 0, lagging: -10}", ""])
def test_has_lights_even_when_none_are_given(lights: str) -> None:
    assert document_of(f"{lights}{PLAIN}").lights == LightRule(0, -100)


@pytest.mark.parametrize(
    ("old", "new", "place", "said"),
    [
        ("programme/1", "programme/2", "format", "格式要写 programme/1"),
        ('publisher: "330200"', "", "publisher", "缺少这一项"),
        ('"330200"', "宁波", "publisher", "不是单位代码"),
        ("2018", "18", "year", "2000 到 2100"),
        ("title: 实事", f"title: {LONG}", "title", "超过 200 个字"),
        ("reporting: month", "reporting: weekly", "reporting", "month quarter half year"),
        ("due_day: 5", "due_day: 32", "due_day", "1 到 31"),
        ("due_day: 5", "due_day: 5\nclose_day: 4", "close_day", "不能早于"),
        ("due_day: 5", "due_day: 5\nslug: Zwei", "slug", "小写字母"),
        ("due_day: 5", "due_day: 5\nelapsed: weeks", "elapsed", "months days"),
        ("own_level_counts: true", "own_level_counts: maybe", "own_level_counts", "true 或 false"),
        ("due_day: 5", "due_day: 5\nlights: bright", "lights", "default"),
        ("due_day: 5", "due_day: 5\nlights: {on_track: -20, lagging: -10}", "lights.lagging", "不能大于"),
        ("due_day: 5", "due_day: 5\nlights: {on_track: 0.25, lagging: -10}", "lights.on_track", "一位小数"),
        ("due_day: 5", "due_day: 5\nlights: {on_track: 0}", "lights.lagging", "缺少这一项"),
        ("due_day: 5", "due_day: 5\ndeu_day: 6", "deu_day", "没有“deu_day”这个字段，是不是“due_day”？"),
        ("number: 1", "number: 0", "pledges[0].number", "1 到 9999"),
        ("lead: 保障部", f"lead: {'长' * 61}", "pledges[0].lead", "超过 60 个字"),
        ("lead: 保障部", "lead: 保障部\n    supporting: 财务部", "pledges[0].supporting", "列表"),
        ("lead: 保障部", "lead: 保障部\n    supporting: [财；务]", "pledges[0].supporting[0]", "分号"),
    ],
)  # fmt: skip
def test_names_a_fault_of_the_head_or_a_pledge(old: str, new: str, place: str, said: str) -> None:
    [fault] = faults_of(PLAIN.replace(old, new, 1))
    assert fault.startswith((f"{place}（第", f"{place}："))
    assert said in fault


PLACE = "pledges[0].indicators[0]."


@pytest.mark.parametrize(
    ("fields", "place", "said"),
    [
        ("code: a b", "code", "只能用字母"),
        (f"name: {LONG}", "name", "超过 200 个字"),
        ("kind: flux", "kind", "flow stock"),
        (f"measure: {'长' * 21}", "measure", "超过 20 个字"),
        ("decimals: 5", "decimals", "0 到 4"),
        ("comparator: '=>'", "comparator", ">="),
        ("kind: milestone\ntarget: 1\ncomparator: '<'", "comparator", "milestone 的比较符只能是"),
        ("aspiration: 力争", "aspiration", "true 或 false"),
        ("tolerance_percent: 5", "tolerance_percent", "左右"),
        ("comparator: '~'\ntolerance_percent: 101", "tolerance_percent", "0 到 100"),
        ("target: 150余万", "target", "约数"),
        ("target: 100多", "target", "约数"),
        ("target: 150.5", "target", "整数"),
        ("target: -1", "target", "负数"),
        ("target: 1500000家", "target", "不是一个数"),
        ("target: [1]", "target", "只能写一个值"),
        ("kind: ratio\nmeasure: '%'\ntarget: 85.55", "target", "最多 1 位"),
        ("kind: growth\nmeasure: '%'\ndecimals: 2\ntarget: 10.555", "target", "最多 2 位"),
        ("kind: milestone\ntarget: 2", "target", "只能是 1 或 null"),
        ("kind: narrative\ntarget: 1", "target", "没有数字目标"),
        ("base: 5", "base", "只有存量"),
        ("kind: stock\ntarget: 5\nbase: 5.0", "base", "目标不能等于基数"),
        ("kind: stock\nallocations: {'330203': {target: 5, base: 5}}", "allocations.330203", "不能等于基数"),
        ("allocations: {'330203': {target: 5, base: 5}}", "allocations.330203.base", "只有存量"),
        ("allocations: {'330203': {goal: 5}}", "allocations.330203.goal", "没有“goal”这个字段"),
        ("allocations: ['330203']", "allocations", "单位代码: 目标"),
        ("allocations: {'330203': 近万}", "allocations.330203", "约数"),
        ("kind: milestone\ntarget: 1\nallocations: {'330203': 3}", "allocations.330203", "1 或 null"),
        ("plan: [10, 100]", "plan", "12 个月"),
        ("plan: [0,0,0,0,0,0,0,0,0,0,0,99.9]", "plan", "要到 100"),
        ("plan: [0,0,0,0,0,0,0,0,0,50,40,100]", "plan", "不变或增加"),
        ("plan: [0,0,0,0,0,0,0,0,0,50,x,100]", "plan[10]", "要写成数"),
        ("stages: [{until: 2019-12, target: 10}, {until: 2018-12, target: 20}]", "stages", "先后"),
        ("stages: [{until: 2018-12, target: 10}, {until: 2019-12, target: 5}]", "stages", "累计"),
        ("stages: [{until: 2018-13, target: 10}]", "stages[0].until", "不是月份"),
        ("stages: [2018]", "stages[0]", "每个阶段写成"),
        ("items: [甲, 乙]", "items", "清单类"),
        ("kind: checklist\ntarget: null\nitems: [甲, 甲]", "items", "重复"),
        ("part_of: nothing", "part_of", "没有代码为 nothing"),
        ("part_of: enrolments", "part_of", "绕回"),
        ("parts_complete: true", "parts_complete", "part_of"),
        ("aligned: [enrolments]", "aligned[0]", "330000-2018/enrolments"),
        ("aligned: [330000-2018/a, 330000-2018/b]", "aligned", "只能对应一个"),
        ("evidence: maybe", "evidence", "none optional required"),
        ("last_year: 去年", "last_year", "不是一个数"),
        ("counting_rule: \"a\\tb\"", "counting_rule", "控制字符"),
        ("name: \"a\\nb\"", "name", "只能写一行"),
    ],
)  # fmt: skip
def test_names_a_fault_of_an_indicator(fields: str, place: str, said: str) -> None:
    [fault] = faults_of(with_indicator(fields))
    assert fault.startswith(f"{PLACE}{place}（第"), fault
    assert said in fault


def test_names_pledges_and_codes_given_twice() -> None:
    pledge = PLAIN.partition("pledges:\n")[2]
    assert faults_of(PLAIN + pledge) == [
        "pledges[1].number（第 15 行）：实事项目 1 重复",
        "pledges[1].indicators[0].code（第 19 行）：指标代码 enrolments 重复",
    ]


def test_names_parts_that_do_not_add_up() -> None:
    wrong = EVERY_FIELD.replace("target: 50万,", "target: 49万,")
    [fault] = faults_of(wrong)
    assert "各部分目标之和 1490000 不等于整体 1500000" in fault
    assert faults_of(wrong.replace("parts_complete: true", "parts_complete: false")) == []


def test_names_a_part_that_feeds_what_its_whole_feeds() -> None:
    head, wholly = "{name: 甲, kind: flow, measure: 人次, ", "aligned: [330000-2018/p]"
    inner = f"{head}code: b, part_of: a}}\n      - {head}code: c, part_of: b"
    text = f"{PLAIN}      - {head}code: a, {wholly}}}\n      - {inner}, {{}}}}\n"
    assert faults_of(text.replace("{}", "aligned: [330000-2018/other]")) == []
    [fault] = faults_of(text.replace("{}", wholly))
    assert "整体 a 已经对应 330000-2018/p，再对应会重复计算" in fault


def test_names_parts_counted_otherwise_than_the_whole() -> None:
    wrong = EVERY_FIELD.replace(
        "name: 其中：续保, kind: flow, measure: 人次", "name: 其中：续保, kind: flow, measure: 人"
    )
    [fault] = faults_of(wrong)
    assert "要与整体 enrolments 相同" in fault


def test_compares_nothing_with_what_could_not_be_read() -> None:
    text = with_indicator("kind: flux\ntarget: 10.55\nbase: 3\nitems: [甲]\ncomparator: '<'")
    [fault] = faults_of(text)
    assert "kind" in fault


def test_needs_pledges_and_indicators() -> None:
    assert faults_of(PLAIN.partition("pledges:")[0] + "pledges: []") == [
        "pledges（第 9 行）：至少要有一个实事项目"
    ]
    [fault] = faults_of(PLAIN.partition("indicators:")[0] + "indicators: []")
    assert "至少要有一个指标" in fault


@pytest.mark.parametrize("text", ["just words", "- 1\n- 2"])
def test_refuses_what_is_no_list_at_all(text: str) -> None:
    with pytest.raises(Faults):
        faults_of(text)


def test_takes_the_example_of_the_contract() -> None:
    text = with_indicator(
        'counting_rule: 以缴费到账为准\ndecimals: 0\ncomparator: ">="\naspiration: false\n'
        "tolerance_percent: null\nbase: null\nplan: null\nstages: []\nitems: []\npart_of: null\naligned: []\n"
        'evidence: none\nlast_year: null\nallocations: {"330203": 20万, "330205": {target: 9万, base: 0}, "330211": null}'
    )
    [indicator] = document_of(text).indicators
    assert [entry.base for entry in indicator.allocations] == [None, None, None]
