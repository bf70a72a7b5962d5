"""Forecasts by pace and by season, and what is needed each month."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.builders import rule, stand, totals
from tracker.domain.kinds import Comparator, Kind
from tracker.domain.outlook import forecast, is_below_last_year, needed_per_month, seasonal_forecast


@pytest.mark.parametrize(
    ("increments", "left", "end"),
    [
        ([10, 20, 30, 40], 2, 160),
        ([100, None, 10, None, 10, 10], 1, 140),
        ([5], 11, 60),
        ([1, 2], 1, 5),  # 1.5 a month
        ([7, 7], 0, 14),
        ([None, None], 3, None),
        ([], 12, None),
        ([0, 0, 0], 4, 0),
    ],
)
def test_carries_on_at_the_pace_of_the_last_three(
    increments: list[int | None], left: int, end: int | None
) -> None:
    assert forecast(increments, left) == end


def test_follows_the_season_of_last_year() -> None:
    assert seasonal_forecast(300, last_year_to_date=200, last_year_total=1000) == 1500
    assert seasonal_forecast(1, last_year_to_date=2, last_year_total=3) == 2
    assert seasonal_forecast(7, last_year_to_date=1, last_year_total=3) == 21


@pytest.mark.parametrize("to_date", [0, -5])
def test_has_no_season_without_last_year(to_date: int) -> None:
    assert seasonal_forecast(300, last_year_to_date=to_date, last_year_total=1000) is None


@given(
    st.integers(1, 10**6), st.integers(0, 10**6), st.integers(1, 11), st.sampled_from([">=", ">", "=", "~"])
)
def test_what_is_needed_each_month_is_just_enough(target: int, actual: int, month: int, sign: str) -> None:
    of = rule(comparator=Comparator(sign))
    needed = needed_per_month(of, stand(of, target, totals(actual), month), month)
    assert needed is not None
    assert stand(of, target, totals(actual + needed * (12 - month)), 12).is_met
    if needed:
        assert not stand(of, target, totals(actual + (needed - 1) * (12 - month)), 12).is_met


@pytest.mark.parametrize("kind", [Kind.KEPT, Kind.RATIO, Kind.GROWTH, Kind.NARRATIVE])
def test_no_monthly_amount_leads_to_a_level(kind: Kind) -> None:
    short = totals(1, numerator=1, denominator=2, paired=1)
    assert needed_per_month(rule(kind), stand(rule(kind), 600, short), 6) is None


def test_nothing_is_needed_that_cannot_be_told() -> None:
    cap = rule(comparator=Comparator.AT_MOST)
    assert needed_per_month(rule(), stand(rule(), 10, totals(1), 12), 12) is None
    assert needed_per_month(rule(), stand(rule(), None, totals(1)), 6) is None
    assert needed_per_month(rule(), stand(rule(), 10, totals(unknown=1, unknown_to_date=1)), 6) is None
    assert needed_per_month(cap, stand(cap, 10, totals(11)), 6) is None


@pytest.mark.parametrize(
    ("target", "last_year", "sign", "answer"),
    [
        (200, 208, ">=", True),
        (700_000, 703_000, ">=", True),
        (5000, 5056, ">=", True),
        (100, 75, "=", False),
        (75, 75, ">=", False),
        (85, None, ">=", False),
        (None, 85, ">=", False),
        (9, 5, "<=", True),
        (5, 9, "<=", False),
        (5, 5, "<=", False),
    ],
)
def test_marks_a_target_easier_than_last_year(
    target: int | None, last_year: int | None, sign: str, answer: bool
) -> None:
    assert is_below_last_year(rule(comparator=Comparator(sign)), target, last_year) is answer


def test_never_compares_milestones_with_last_year() -> None:
    assert not is_below_last_year(rule(Kind.MILESTONE), 1, 2)
