"""The board counts what can be compared and lets ties share a rank."""

from __future__ import annotations

import pytest

from tests.domain.builders import rule, silent, stand, totals
from tracker.domain.kinds import Comparator, Kind
from tracker.domain.progress import Rule, Standing, Target, judge
from tracker.domain.ranking import board_score, shared_ranks
from tracker.domain.rollup import Totals


def row(of: Rule, target: int | None, at: Totals, cutoff: int = 6) -> tuple[Rule, Standing]:
    return of, stand(of, target, at, cutoff)


def test_takes_the_mean_with_a_hundred_at_most() -> None:
    assert board_score([row(rule(), 10, totals(25)), row(rule(), 10, totals(5))]) == 750


def test_rounds_the_mean_half_up() -> None:
    assert board_score([row(rule(), 1000, totals(500)), row(rule(), 1000, totals(501))]) == 501


def test_counts_silence_as_nothing() -> None:
    assert board_score([row(rule(), 10, silent(9)), row(rule(), 10, totals(10))]) == 500


def test_counts_a_met_target_even_in_silence() -> None:
    assert board_score([row(rule(), 10, silent(10))]) == 1000


@pytest.mark.parametrize(("level", "score"), [(400, 1000), (399, 0)])
def test_counts_held_levels_and_caps_all_or_nothing(level: int, score: int) -> None:
    cap = rule(comparator=Comparator.AT_MOST)
    assert board_score([row(rule(Kind.KEPT), 400, totals(level))]) == score
    assert board_score([row(cap, 400, totals(800 - level))]) == score


@pytest.mark.parametrize(
    "left_out",
    [
        row(rule(Kind.RATIO), 850, totals(numerator=8, denominator=10, paired=1)),
        row(rule(Kind.GROWTH), 850, silent()),
        row(rule(Kind.NARRATIVE), None, totals(judged_done=1)),
        row(rule(), None, totals(5)),
        row(rule(), None, silent(5)),
        row(rule(), 0, totals(5)),
        row(rule(), 10, totals(assigned=0)),
        row(rule(), 10, totals(unknown=1, unknown_to_date=1)),
        row(rule(Kind.KEPT), 10, totals(unknown=1, unknown_to_date=1)),
        row(rule(Kind.KEPT), 10, Totals(assigned=1), 0),
        (rule(Kind.STOCK), judge(rule(Kind.STOCK), Target(9, is_base_missing=True), totals(5), 6)),
    ],
)
def test_leaves_out_what_has_no_completion(left_out: tuple[Rule, Standing]) -> None:
    assert board_score([left_out]) is None
    assert board_score([left_out, row(rule(), 10, totals(4))]) == 400


def test_ties_share_a_rank_and_skip_the_next() -> None:
    assert shared_ranks([900, None, 1000, 900, 100]) == [2, None, 1, 2, 4]
    assert shared_ranks([]) == []
