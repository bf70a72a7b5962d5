"""Warnings come where a forecast misses, and say what a month has to bring."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.builders import rule, stand, totals
from tracker.domain.early_warning import NOT_KNOWN, Outlook, ahead_tenths, early_warning, misses, outlook
from tracker.domain.kinds import Comparator, Kind
from tracker.domain.ranking import median
from tracker.domain.rules import FULL

YEAR_BEFORE = (10, 20, 30, 40, 50, 60, 75, 90, 105, 120, 135, 150)


def told(actual: int, increments: list[int | None], *, last_year: tuple[int, ...] | None = None) -> Outlook:
    return outlook(rule(), stand(rule(), 1000, totals(actual)), increments, month=6, last_year=last_year)


def test_tells_the_year_s_end_by_pace_and_by_season() -> None:
    found = told(300, [50] * 6, last_year=YEAR_BEFORE)
    assert found == Outlook(by_pace=600, by_season=750, pace=50, needed=117)


def test_warns_by_both_and_says_what_would_mend_it() -> None:
    standing = stand(rule(), 1000, totals(300))
    found = early_warning(rule(), standing, told(300, [50] * 6, last_year=YEAR_BEFORE), month=6)
    assert found is not None
    assert found.is_sure
    assert str(found.ahead) == "按近三期速度年底约完成 60.0%，按去年同期进度约完成 75.0%，都完不成。"
    assert str(found.mend) == "要完成，余下 6 个月平均每月需 117人次，比近三期的每月 50人次 多 67人次。"


def test_a_season_that_reaches_it_makes_the_warning_less_sure() -> None:
    standing = stand(rule(), 1000, totals(450))
    found = early_warning(rule(), standing, told(450, [75] * 6, last_year=YEAR_BEFORE), month=6)
    assert found is not None
    assert not found.is_sure
    assert "可到 112.5%" in str(found.ahead)


def test_a_pace_that_is_enough_is_only_to_be_kept() -> None:
    standing = stand(rule(), 1000, totals(550))
    slow_year = (100, 200, 300, 400, 500, 600, 610, 620, 630, 640, 650, 660)
    found = early_warning(rule(), standing, told(550, [90] * 6, last_year=slow_year), month=6)
    assert found is not None
    assert str(found.mend).endswith("保持近三期的每月 90人次 即可。")


def test_does_not_call_a_pace_enough_that_only_rounds_to_it() -> None:
    standing = stand(rule(), 30, totals(12))
    found = outlook(rule(), standing, [1, 1, 2, 3, 2, 3], month=6)
    warned = early_warning(rule(), standing, found, month=6)
    assert warned is not None
    assert str(warned.mend) == "要完成，余下 6 个月平均每月需 3人次，比近三期略多一点。"


@pytest.mark.parametrize("kind", [Kind.MILESTONE, Kind.CHECKLIST])
def test_foresees_no_more_done_than_there_is(kind: Kind) -> None:
    one = rule(kind)
    standing = stand(one, 1, totals(1, done=1))
    found = outlook(one, standing, [None] * 5 + [1], month=6)
    assert ahead_tenths(one, standing, found.by_pace) == FULL


@pytest.mark.parametrize(
    ("actual", "month"), [(1000, 6), (600, 6), (300, 12)], ids=["met", "fast enough", "over"]
)
def test_does_not_warn_of_what_is_met_fast_enough_or_over(actual: int, month: int) -> None:
    standing = stand(rule(), 1000, totals(actual), month)
    found = outlook(rule(), standing, [actual // 6] * 6, month=month)
    assert early_warning(rule(), standing, found, month=month) is None


@pytest.mark.parametrize("kind", [Kind.KEPT, Kind.RATIO, Kind.NARRATIVE])
def test_has_no_outlook_for_what_is_not_summed(kind: Kind) -> None:
    standing = stand(rule(kind), 600, totals(1, numerator=1, denominator=2, paired=1))
    assert outlook(rule(kind), standing, [1, 1, 1], month=6) == NOT_KNOWN


@given(st.integers(1, 10**6), st.integers(0, 10**6), st.lists(st.integers(0, 10**5), min_size=1, max_size=6))
def test_warns_exactly_where_the_pace_misses(target: int, actual: int, increments: list[int]) -> None:
    of = rule(comparator=Comparator.AT_LEAST)
    standing = stand(of, target, totals(actual))
    found = outlook(of, standing, increments, month=6)
    warned = early_warning(of, standing, found, month=6) is not None
    assert found.by_pace is not None
    assert warned == (not standing.is_met and found.by_pace < target)


@given(st.integers(1, 10**9), st.integers(0, 10**9))
def test_what_misses_never_prints_as_reached(target: int, end: int) -> None:
    standing = stand(rule(), target, totals(0))
    shown = ahead_tenths(rule(), standing, end)
    assert shown is not None
    assert (shown < FULL) == misses(rule(), standing, end)


@given(st.integers(1, 10**6), st.integers(0, 10**6), st.integers(1, 11))
def test_bringing_what_is_needed_each_month_reaches_the_target(target: int, actual: int, month: int) -> None:
    standing = stand(rule(), target, totals(actual), month)
    found = outlook(rule(), standing, [actual], month=month)
    assert found.needed is not None
    assert not misses(rule(), standing, actual + found.needed * (12 - month))


@pytest.mark.parametrize(
    ("values", "middle"),
    [
        ([], None),
        ([None], None),
        ([5], 5),
        ([9, 1, 5], 5),
        ([1, 2], 2),
        ([4, None, 1, 3, 2], 3),
        ([-3, -2], -3),
    ],
)
def test_the_middle_of_what_is_known(values: list[int | None], middle: int | None) -> None:
    assert median(values) == middle
