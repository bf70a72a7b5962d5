"""Figures become sentences a report can print."""

from __future__ import annotations

import pytest

from tests.domain.builders import rule, silent, stand, totals
from tracker.domain.kinds import Comparator, Kind, Light
from tracker.domain.progress import Rule, Target, judge
from tracker.domain.prose import (
    Row,
    chapters,
    chinese_numeral,
    conclusion_sentence,
    in_chinese,
    next_step_sentence,
    pledge_sentence,
    problem_sentence,
    show_amount,
    show_with_measure,
)
from tracker.domain.rollup import Totals


def row(of: Rule, target: int | None, at: Totals, cutoff: int = 6) -> Row:
    return Row(of, stand(of, target, at, cutoff))


@pytest.mark.parametrize(
    ("number", "numeral"),
    [
        (1, "一"),
        (9, "九"),
        (10, "十"),
        (11, "十一"),
        (19, "十九"),
        (20, "二十"),
        (32, "三十二"),
        (99, "九十九"),
    ],
)
def test_numbers_headings_in_chinese(number: int, numeral: str) -> None:
    assert chinese_numeral(number) == numeral


@pytest.mark.parametrize("number", [0, -1, 100])
def test_numbers_no_heading_beyond_ninety_nine(number: int) -> None:
    with pytest.raises(ValueError, match="heading"):
        chinese_numeral(number)


@pytest.mark.parametrize(
    ("value", "decimals", "measure", "shown"),
    [
        (1_520_000, 0, "人次", "152万人次"),
        (395_000, 0, "元", "39.5万元"),
        (3_900_000_000, 0, "元", "39亿元"),
        (2219, 0, "人", "2,219人"),
        (1_520_000, 0, "万人次", "1,520,000万人次"),
        (415, 1, "万元", "41.5万元"),
    ],
)
def test_shows_amounts_with_their_measure(value: int, decimals: int, measure: str, shown: str) -> None:
    assert show_with_measure(value, decimals=decimals, measure=measure) == shown


def test_shows_rates_with_all_their_places() -> None:
    assert show_amount(rule(Kind.RATIO, measure="%"), 820) == "82.0%"
    assert show_amount(rule(Kind.GROWTH, measure="元", decimals=2), -1050) == "−10.50%"


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (
            row(rule(), 1_500_000, totals(1_520_000)),
            "指标：152万人次，完成全年目标 150万人次 的 101.3%，超额完成。",
        ),
        (row(rule(), 100, totals(100)), "指标：100人次，完成全年目标 100人次 的 100.0%，已完成。"),
        (row(rule(), 100, totals(40)), "指标：40人次，完成全年目标 100人次 的 40.0%。"),
        (row(rule(measure="元"), None, totals(395_000)), "指标：39.5万元。"),
        (row(rule(), None, totals(unknown=1, unknown_to_date=1)), "指标：已报送，数量不详。"),
        (row(rule(), 100, silent(reported_to_date=0)), "指标：本期未报。"),
        (row(rule(), 100, Totals()), "指标：不承担。"),
        (row(rule(Kind.NARRATIVE), None, totals(judged_done=1)), "指标：已报送。"),
        (row(rule(Kind.MILESTONE), 1, totals(done=1)), "指标：已完成。"),
        (row(rule(Kind.MILESTONE), 1, totals(done=0)), "指标：正在推进。"),
        (row(rule(Kind.MILESTONE), 1, totals(units=3, done=2)), "指标：3 个单位中 2 个已完成。"),
        (row(rule(Kind.KEPT), 400, totals(410)), "指标：410人次，达到 400人次 的目标。"),
        (row(rule(Kind.KEPT), 400, totals(399)), "指标：399人次，未达到 400人次 的目标。"),
    ],
)
def test_tells_each_indicator_in_one_sentence(told: Row, said: str) -> None:
    assert str(pledge_sentence(told)) == said


def test_tells_growth_from_a_base() -> None:
    stock = rule(Kind.STOCK)
    told = Row(stock, judge(stock, Target(1200, base=1000), totals(1050), 6))
    assert str(pledge_sentence(told)) == "指标：1,050人次，完成全年增长任务的 25.0%。"


def test_concludes_with_the_classes_there_are() -> None:
    counts = {Light.DONE: 2, Light.NOT_JUDGED: 2, Light.BEHIND: 0}
    assert in_chinese(conclusion_sentence(counts)) == "实事共 4 件，已完成 2 件，不评判 2 件。"


def test_concludes_with_every_class_once() -> None:
    assert len(conclusion_sentence(dict.fromkeys(Light, 1))) == 1 + len(Light)


def test_sorts_a_report_best_first_and_problems_worst_first() -> None:
    far, over = row(rule(), 100, totals(200)), row(rule(), 100, totals(120))
    done, held = row(rule(), 100, totals(100)), row(rule(Kind.KEPT), 4, totals(4))
    good, bad = row(rule(), 100, totals(60)), row(rule(), 100, totals(10))
    late, quiet = row(rule(), 100, totals(45)), row(rule(), 100, silent(45))
    plain, spared = row(rule(), None, totals(9)), row(rule(), 5, Totals())
    told = chapters([held, quiet, late, plain, bad, good, done, spared, over, far])
    assert told.over_fulfilled == [far, over]
    assert told.done == [done]
    assert told.under_way == [good, held]
    assert told.problems == [bad, late, quiet]
    assert told.others == [plain]


@pytest.mark.parametrize(
    ("told", "alone", "named"),
    [
        (
            row(rule(), 100, totals(40)),
            "指标慢于序时进度 10.0 个百分点。",
            "指标慢于序时进度 10.0 个百分点，主要是海曙、江北。",
        ),
        (
            row(rule(Kind.RATIO, measure="%"), 850, totals(numerator=8, denominator=10, paired=1)),
            "指标为 80.0%，低于目标 5.0 个百分点。",
            "指标为 80.0%，低于目标 5.0 个百分点，主要是海曙、江北。",
        ),
        (
            row(rule(Kind.KEPT), 4, totals(3)),
            "指标未达到目标要求。",
            "指标未达到目标要求，涉及海曙、江北。",
        ),
        (
            row(rule(), 4, silent(3)),
            "指标：本期未报。",
            "指标：本期未报，未报单位为海曙、江北。",
        ),
    ],
)
def test_names_a_problem_and_the_units_behind_it(told: Row, alone: str, named: str) -> None:
    assert str(problem_sentence(told)) == alone
    assert str(problem_sentence(told, units=["海曙", "江北"])) == named


def test_says_what_the_months_left_must_bring() -> None:
    step = next_step_sentence(row(rule(), 100, totals(40)), 6)
    assert str(step) == "指标：后 6 个月平均每月完成 10人次，确保全年达到目标。"


@pytest.mark.parametrize(
    "told",
    [
        row(rule(), 100, totals(100)),
        row(rule(Kind.MILESTONE), 1, totals(done=0)),
        row(rule(comparator=Comparator.AT_MOST), 1, totals(2)),
    ],
)
def test_has_no_next_step_without_a_monthly_amount(told: Row) -> None:
    assert next_step_sentence(told, 6) is None
