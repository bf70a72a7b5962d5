"""The bench says noisy, missed and met when it should, and refuses too few rounds."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.measuring import Measured, Results, Timed, TooFewRounds, Verdict, compare, measured


class PlantedTime:
    """A clock that only moves when planted work is done."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def work(self, *seconds: float) -> Callable[[], None]:
        """Work that takes these times in turn."""
        turns = itertools.cycle(seconds)

        def run() -> None:
            self.now += next(turns)

        return run


def compared(subject: tuple[float, ...], *, goal: float | None = 2.0, rounds: int = 7) -> Measured:
    clock = PlantedTime()
    return compare(
        "G0", "sqlite", goal=goal, subject=clock.work(*subject), floor=clock.work(1.0), clock=clock, rounds=rounds
    )  # fmt: skip


def test_says_met_where_the_ratio_is_within_its_goal() -> None:
    assert compared((1.9,)).verdict is Verdict.MET


def test_says_missed_where_it_is_not() -> None:
    slow = compared((2.1,))
    assert slow.ratio == pytest.approx(2.1)
    assert slow.verdict is Verdict.MISSED


@pytest.mark.parametrize("middle", [1.0, 3.0])
def test_says_noisy_where_rounds_lie_far_apart_however_the_median_stands(middle: float) -> None:
    noisy = compared((middle * 0.7, middle, middle * 1.4))
    assert noisy.verdict is Verdict.NOISY


def test_takes_the_least_of_a_round_where_told_to() -> None:
    clock = PlantedTime()
    found = compare(
        "G0", "sqlite", goal=2.0, subject=clock.work(9.0, 1.5, 9.0), floor=clock.work(1.0), clock=clock,
        repeats=(3, 3), takes_least=True,
    )  # fmt: skip
    assert found.ratios == (1.5,) * 7


def test_one_wild_round_is_no_noise() -> None:
    pairs = [(1.0, 1.5)] * 6 + [(1.0, 40.0)]
    assert measured("G0", "sqlite", goal=2.0, pairs=pairs).verdict is Verdict.MET


def test_a_share_must_not_fall_below_its_goal() -> None:
    share = Measured("G4", "postgresql", 0.6, (0.5,) * 5, 1.0, 1.0, at_least=True)
    assert share.verdict is Verdict.MISSED
    assert Measured("G4", "postgresql", 0.6, (0.7,) * 5, 1.0, 1.0, at_least=True).verdict is Verdict.MET


def test_only_tells_where_there_is_no_goal() -> None:
    assert compared((9.0,), goal=None).verdict is Verdict.TOLD


def test_refuses_fewer_than_five_rounds() -> None:
    with pytest.raises(TooFewRounds):
        compared((1.0,), rounds=4)


def test_takes_floor_and_subject_in_turns() -> None:
    seen: list[str] = []
    compare(
        "G0", "sqlite", goal=1.0, subject=lambda: seen.append("subject"), floor=lambda: seen.append("floor"),
        repeats=(2, 1), rounds=5, clock=iter(range(1000)).__next__,
    )  # fmt: skip
    assert seen == ["subject", "floor", *["floor", "subject", "subject"] * 5]


def test_prints_the_verdict_and_keeps_the_numbers(tmp_path: Path) -> None:
    results = Results([compared((2.5,))], [Timed("accept", "sqlite", 15, 12.34)])
    results.write(tmp_path / "kept" / "bench.json", machine="2 cores")
    [line] = [line for line in results.table().splitlines() if line.startswith("| G0")]
    assert "| 2.50 | ≤ 2 | 0% | missed |" in line
    kept = json.loads((tmp_path / "kept" / "bench.json").read_text())
    assert (kept["goals"][0]["verdict"], kept["goals"][0]["ratio"]) == ("missed", 2.5)
    assert kept["actions"][0]["statements"] == 15
