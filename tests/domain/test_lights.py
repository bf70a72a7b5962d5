"""Lights of pledges, and the sentences that explain a light."""

from __future__ import annotations

import pytest

from tests.domain.builders import rule, silent, stand, totals
from tracker.domain.kinds import Comparator, Kind, Light
from tracker.domain.lights import classes, explain, pledge_light
from tracker.domain.periods import Month, Rhythm
from tracker.domain.progress import Rule, Stage, Target, judge
from tracker.domain.rollup import Totals


@pytest.mark.parametrize(
    ("lights", "shown"),
    [
        ([Light.DONE, Light.BEHIND, Light.LAGGING], Light.BEHIND),
        ([Light.NOT_REPORTED, Light.LAGGING], Light.LAGGING),
        ([Light.ON_TRACK, Light.NOT_REPORTED, Light.DONE], Light.NOT_REPORTED),
        ([Light.DONE, Light.ON_TRACK], Light.ON_TRACK),
        ([Light.DONE, Light.NOT_JUDGED, Light.NOT_ASSIGNED], Light.DONE),
        ([Light.NOT_ASSIGNED, Light.NOT_JUDGED], Light.NOT_JUDGED),
        ([Light.NOT_ASSIGNED], Light.NOT_ASSIGNED),
        ([], Light.NOT_JUDGED),
    ],
)
def test_a_pledge_shows_its_worst_light(lights: list[Light], shown: Light) -> None:
    assert pledge_light(lights) is shown
    assert pledge_light(reversed(lights)) is shown


def test_classes_name_every_light_even_without_pledges() -> None:
    assert classes([]) == dict.fromkeys(Light, 0)


def why(of: Rule, target: Target, at: Totals, cutoff: int = 6) -> str:
    return str(explain(of, judge(of, target, at, cutoff), cutoff))


def test_explains_a_done_light_with_its_numbers() -> None:
    said = why(rule(), Target(1_500_000), totals(1_520_000))
    assert said == "已达 152万人次，完成年度目标 150万人次 的 101.3%，已完成。"


@pytest.mark.parametrize(
    ("amount", "phrase"),
    [
        (176_000, "97.8%，比序时进度 50.0% 快 47.8 个百分点；余下 6 个月平均每月还需 667人次"),
        (90_000, "50.0%，与序时进度持平；余下 6 个月平均每月还需 1.5万人次"),
        (81_000, "45.0%，比序时进度 50.0% 慢 5.0 个百分点；余下 6 个月平均每月还需 1.65万人次"),
    ],
)
def test_explains_pace_and_what_is_needed(amount: int, phrase: str) -> None:
    assert phrase in why(rule(), Target(180_000), totals(amount))


def test_explains_a_year_that_ended_short() -> None:
    said = why(rule(), Target(180_000), totals(179_999), 12)
    assert said == "已达 17.9999万人次，完成年度目标 18万人次 的 99.9%，没有完成，还差 1人次。"


@pytest.mark.parametrize(
    ("amount", "cutoff", "phrase"),
    [
        (1200, 6, "由年初 1,000人次 到 1,200人次，完成增至 1,200人次 的 100.0%，已完成"),
        (1150, 6, "75.0%，比序时进度 50.0% 快 25.0 个百分点"),
        (1100, 6, "50.0%，与序时进度持平"),
        (1050, 6, "25.0%，比序时进度 50.0% 慢 25.0 个百分点"),
        (1050, 12, "没有完成，还差 150人次"),
    ],
)
def test_explains_growth_from_a_base(amount: int, cutoff: int, phrase: str) -> None:
    said = why(rule(Kind.STOCK), Target(1200, base=1000), totals(amount), cutoff)
    assert phrase in said
    assert "由年初 1,000人次" in said


@pytest.mark.parametrize(
    ("of", "target", "at", "cutoff", "said"),
    [
        (rule(), Target(5), totals(assigned=0), 6, "不承担此项指标。"),
        (rule(rhythm=Rhythm.HALF), Target(5), Totals(assigned=1), 3, "第一个报告期还没有结束，暂不评判。"),
        (rule(), Target(5), silent(3), 6, "本期还没有报，此前为 3人次。"),
        (rule(), Target(5), silent(reported_to_date=0), 6, "本期还没有报。"),
        (rule(), Target(), totals(2219), 6, "现为 2,219人次，没有定数量目标，不评判。"),
        (rule(), Target(), totals(unknown=1, unknown_to_date=1), 6, "已报，数量不详，不评判。"),
        (rule(Kind.RATIO), Target(9), totals(rated=2), 6, "已报，没有可以汇总的数，不评判。"),
        (rule(), Target(0), totals(1), 6, "现为 1人次，目标为 0，不评判。"),
        (rule(Kind.STOCK), Target(5, is_base_missing=True), totals(1), 6, "现为 1人次，没有年初基数，不评判。"),
        (rule(Kind.KEPT), Target(400), totals(410), 6, "现为 410人次，符合目标（≥400人次），须保持到年底。"),
        (rule(Kind.KEPT), Target(400), totals(410), 12, "年末为 410人次，符合目标（≥400人次），已完成。"),
        (rule(Kind.KEPT), Target(400), totals(399), 6, "现为 399人次，不符合目标（≥400人次）。"),
        (rule(Kind.NARRATIVE), Target(), totals(judged_done=1), 6, "已报单位的自评都是已完成。"),
        (rule(Kind.NARRATIVE), Target(), totals(judged_lagging=1), 6, "已报单位的自评中，最慢的是预警。"),
    ],
)  # fmt: skip
def test_explains_every_other_light(of: Rule, target: Target, at: Totals, cutoff: int, said: str) -> None:
    assert why(of, target, at, cutoff) == said


def test_explains_a_target_met_without_a_base() -> None:
    said = why(rule(Kind.STOCK), Target(5, is_base_missing=True), totals(6))
    assert said == "现为 6人次，达到目标 5人次，已完成。"


def test_explains_a_cap_by_its_sign() -> None:
    signs = {Comparator.AT_MOST: "≤", Comparator.UNDER: "<"}
    for comparator, sign in signs.items():
        assert f"（{sign}400人次）" in why(rule(comparator=comparator), Target(400), totals(410))


def test_explains_rates_in_points() -> None:
    coverage = rule(Kind.RATIO, measure="%")
    short = totals(numerator=82, denominator=100, paired=1)
    assert why(coverage, Target(850), short) == "现为 82.0%，低于目标 85.0%，差 3.0 个百分点。"
    assert why(coverage, Target(820), short) == "现为 82.0%，达到目标 82.0%，已完成。"


@pytest.mark.parametrize(
    ("cutoff", "phrase"), [(6, "还有 2 个须在年底前完成"), (12, "到年底还有 2 个没有完成")]
)
def test_explains_milestones_by_units(cutoff: int, phrase: str) -> None:
    said = why(rule(Kind.MILESTONE), Target(1), totals(units=3, done=1), cutoff)
    assert f"3 个单位中 1 个已完成，{phrase}" in said


@pytest.mark.parametrize("comparator", [Comparator.AT_LEAST, Comparator.AT_MOST])
def test_explains_that_a_stage_is_waited_for(comparator: Comparator) -> None:
    staged = rule(stages=(Stage(Month(2018, 9), 100), Stage(Month(2020, 12), 900)), comparator=comparator)
    amount = 50 if comparator is Comparator.AT_LEAST else 101
    assert why(staged, Target(100), totals(amount)).endswith("阶段目标到 2018-09 再评判。")
    later = rule(stages=(Stage(Month(2020, 12), 900),), comparator=comparator)
    assert why(later, Target(100), totals(amount)).endswith("今年没有到期的阶段，不评判。")


def test_explains_a_target_about_a_number() -> None:
    about = rule(comparator=Comparator.ABOUT)
    assert stand(about, 100, totals(95)).is_met
    assert "95.0%，已完成" in why(about, Target(100), totals(95))
