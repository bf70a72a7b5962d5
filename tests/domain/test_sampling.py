"""A draw is repeatable by whoever has the population and the start number, and depends on nothing else."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.sampling import Candidate, Method, Risk, draw, lot, population_digest

CANDIDATES = st.lists(
    st.builds(
        Candidate,
        key=st.text("0123456789/-abc", min_size=1, max_size=12),
        group=st.sampled_from(["enrolments", "members"]),
        size=st.none() | st.integers(-1000, 1000),
        risks=st.lists(st.sampled_from(Risk), unique=True, max_size=3).map(tuple),
    ),
    unique_by=lambda one: one.key,
    max_size=30,
)
SEEDS = st.integers(0, 10**12 - 1).map(str)


@given(CANDIDATES, st.sampled_from(Method), st.integers(1, 10), SEEDS)
def test_draws_the_same_from_the_same_whatever_the_order(
    population: list[Candidate], method: Method, count: int, seed: str
) -> None:
    drawn = draw(population, method, count=count, seed=seed)
    assert drawn == draw(reversed(population), method, count=count, seed=seed)
    assert len(set(drawn)) == len(drawn) <= count
    assert set(drawn) <= set(population)


@given(CANDIDATES, st.integers(1, 10), SEEDS)
def test_a_larger_sample_begins_with_the_smaller_one(
    population: list[Candidate], count: int, seed: str
) -> None:
    for method in Method:
        smaller = draw(population, method, count=count, seed=seed)
        assert draw(population, method, count=count + 5, seed=seed)[: len(smaller)] == smaller


def test_a_lot_is_what_a_digest_tool_prints() -> None:
    assert lot("12345", "330203/enrolments/2018-06/1") == (
        hashlib.sha256(b"12345:330203/enrolments/2018-06/1").hexdigest()
    )
    keys = ["330203/a/2018-06/1", "330205/a/2018-06/1", "330211/a/2018-06/1"]
    population = [Candidate(key, "a", 1) for key in keys]
    drawn = draw(population, Method.RANDOM, count=3, seed="7")
    assert [one.key for one in drawn] == sorted(keys, key=lambda key: lot("7", key))
    first = {draw(population, Method.RANDOM, count=1, seed=str(seed))[0].key for seed in range(40)}
    assert first == set(keys)


def test_takes_the_largest_of_every_indicator_first() -> None:
    population = [
        Candidate("1", "a", 10), Candidate("2", "a", -30), Candidate("3", "b", 2), Candidate("4", "b", 1),
        Candidate("5", "b", None),
    ]  # fmt: skip
    assert [one.key for one in draw(population, Method.SIZE, count=9, seed="")] == ["2", "3", "1", "4"]


def test_takes_the_riskiest_first_then_the_largest_and_nothing_without_a_reason() -> None:
    population = [
        Candidate("1", "a", 5, (Risk.LATE,)), Candidate("2", "a", 90), Candidate("3", "a", 1, (Risk.LATE, Risk.IMPORTED)),
        Candidate("0", "a", 4, (Risk.UNSIGNED,)),
    ]  # fmt: skip
    assert [one.key for one in draw(population, Method.RISK, count=9, seed="")] == ["3", "1", "0"]


@given(CANDIDATES)
def test_the_digest_of_a_population_knows_its_keys_alone(population: list[Candidate]) -> None:
    keys = [one.key for one in population]
    assert population_digest(keys) == population_digest(keys[::-1])
    assert population_digest([*keys, "one more"]) != population_digest(keys)
