"""Divided parts add up exactly and are fair to the unit."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tracker.domain.allocation import (
    Share,
    UnusableWeights,
    Verdict,
    Way,
    allocate,
    balance,
    largest_remainder,
    share_tenths,
    way_of,
    weighted_mean,
)
from tracker.domain.kinds import Kind

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


shares = st.lists(
    st.one_of(
        st.builds(Share, weight=st.integers(0, 10**6), kept=st.none()),
        st.builds(Share, weight=st.none(), kept=st.integers(0, 10**6)),
        st.just(Share(None)),
    ),
    max_size=30,
)


@given(st.integers(0, 10**9), shares)
def test_keeps_what_is_typed_and_divides_exactly_the_rest(total: int, places: list[Share]) -> None:
    assume(any(share.weight for share in places))
    parts = allocate(total, places)
    kept = sum(share.kept or 0 for share in places)
    assert sum(part or 0 for part in parts) == max(total, kept)
    for share, part in zip(places, parts, strict=True):
        if share.kept is not None:
            assert part == share.kept
        elif share.weight is None:
            assert part is None
        else:
            assert part is not None
            assert part >= 0


@given(st.integers(0, 10**9), shares, st.integers(0, 29))
def test_typing_what_was_allocated_leaves_the_row_in_balance(
    total: int, places: list[Share], at: int
) -> None:
    assume(any(share.weight for share in places))
    once = allocate(total, places)
    typed = [Share(None, once[at] or 0) if place == at else share for place, share in enumerate(places)]
    assume(any(share.weight for share in typed))
    again = allocate(total, typed)
    assert sum(part or 0 for part in again) == sum(part or 0 for part in once)


def test_gives_nothing_to_free_places_once_the_typed_ones_exceed_the_target() -> None:
    assert allocate(100, [Share(None, 80), Share(None, 40), Share(7)]) == [80, 40, 0]


def test_says_when_nobody_has_a_weight_for_what_is_left() -> None:
    with pytest.raises(UnusableWeights):
        allocate(100, [Share(None, 80), Share(0)])


def test_leaves_a_row_alone_in_which_everything_is_typed() -> None:
    assert allocate(100, [Share(None, 80), Share(None, 10)]) == [80, 10]


@given(st.integers(-(10**6), 10**6), st.lists(st.integers(0, 10**6), max_size=20))
def test_gap_equal_and_padding_are_told_by_the_difference(target: int, parts: list[int]) -> None:
    found = balance(target, parts)
    assert found.difference == target - sum(parts)
    wanted = (
        Verdict.EQUAL if found.difference == 0 else Verdict.GAP if found.difference > 0 else Verdict.PADDING
    )
    assert found.verdict is wanted


@given(st.lists(st.tuples(st.integers(0, 1000), st.integers(1, 100)), min_size=1, max_size=20))
def test_a_weighted_mean_lies_between_its_rates(pairs: list[tuple[int, int]]) -> None:
    rates, given_weights = [rate for rate, _ in pairs], [weight for _, weight in pairs]
    mean = weighted_mean(rates, given_weights)
    assert mean is not None
    assert min(rates) <= mean <= max(rates)


def test_a_mean_rounds_half_away_and_needs_a_weight() -> None:
    assert weighted_mean([850, 851], [1, 1]) == 851
    assert weighted_mean([850], [0]) is None
    assert weighted_mean([], []) is None


@pytest.mark.parametrize(
    ("kind", "items", "way"),
    [
        (Kind.FLOW, 0, Way.SUMMED),
        (Kind.STOCK, 0, Way.SUMMED),
        (Kind.KEPT, 0, Way.SUMMED),
        (Kind.RATIO, 0, Way.RATE),
        (Kind.GROWTH, 0, Way.RATE),
        (Kind.MILESTONE, 0, Way.TICKED),
        (Kind.NARRATIVE, 0, Way.TICKED),
        (Kind.CHECKLIST, 3, Way.TICKED),
        (Kind.CHECKLIST, 0, Way.EACH),
    ],
)
def test_each_kind_goes_down_in_its_own_way(kind: Kind, items: int, way: Way) -> None:
    assert way_of(kind, item_count=items) is way
