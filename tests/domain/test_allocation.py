"""Divided parts add up exactly and are fair to the unit."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tracker.domain.allocation import UnusableWeights, largest_remainder, share_tenths

weights = st.lists(st.integers(0, 10**9), min_size=1, max_size=40)


@given(st.integers(0, 10**15), weights)
def test_parts_add_up_and_stay_within_one_of_the_quota(total: int, given_weights: list[int]) -> None:
    assume(sum(given_weights))
    parts = largest_remainder(total, given_weights)
    assert sum(parts) == total
    for part, weight in zip(parts, given_weights, strict=True):
        assert abs(part * sum(given_weights) - total * weight) < sum(given_weights)
        assert weight or part == 0


@given(st.integers(0, 10**6), weights)
def test_more_weight_never_gets_less(total: int, given_weights: list[int]) -> None:
    assume(sum(given_weights))
    parts = largest_remainder(total, given_weights)
    by_weight = sorted(zip(given_weights, parts, strict=True))
    assert [part for _, part in by_weight] == sorted(parts)


@pytest.mark.parametrize(
    ("total", "given_weights", "parts"),
    [
        (10, [1, 1, 1], [4, 3, 3]),
        (11, [1, 1, 1], [4, 4, 3]),
        (100, [50, 30, 20], [50, 30, 20]),
        (1, [0, 1, 1], [0, 1, 0]),
        (7, [1, 4], [1, 6]),
        (8, [1, 4], [2, 6]),
        (-10, [1, 1, 1], [-4, -3, -3]),
        (0, [0, 0], [0, 0]),
        (0, [], []),
    ],
)
def test_the_largest_remainders_come_first_and_ties_go_by_place(
    total: int, given_weights: list[int], parts: list[int]
) -> None:
    assert largest_remainder(total, given_weights) == parts


@pytest.mark.parametrize("given_weights", [[], [0, 0], [3, -1]])
def test_refuses_weights_nothing_can_be_divided_by(given_weights: list[int]) -> None:
    with pytest.raises(UnusableWeights):
        largest_remainder(5, given_weights)


@given(st.lists(st.integers(0, 500), max_size=10))
def test_shares_add_up_to_a_hundred_percent(counts: list[int]) -> None:
    assert sum(share_tenths(counts)) == (1000 if any(counts) else 0)
    assert len(share_tenths(counts)) == len(counts)


def test_shares_of_thirds_give_the_odd_tenth_to_the_first() -> None:
    assert share_tenths([1, 1, 1, 0]) == [334, 333, 333, 0]
