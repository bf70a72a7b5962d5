"""Ratios and growth: summed parts, bare rates, and prints that never reach a target not met."""

from __future__ import annotations

import pytest

from tests.domain.builders import pair, rule, stand, totals
from tracker.domain.kinds import Comparator, Kind, Light
from tracker.domain.progress import (
    LightRule,
    standing_fields,
)

COVERAGE = rule(Kind.RATIO, measure="%")
GROWTH = rule(Kind.GROWTH, measure="元")


class TestRates:
    def test_come_from_summed_parts_and_never_from_a_mean(self) -> None:
        district = pair(1, 2) + pair(90, 100)
        standing = stand(COVERAGE, 850, district)
        assert (standing.actual, standing.numerator, standing.denominator) == (892, 91, 102)

    def test_not_met_print_one_place_short_of_the_target(self) -> None:
        standing = stand(COVERAGE, 850, pair(8496, 10_000))
        assert (standing.actual, standing.gap_tenths, standing.light) == (849, -1, Light.LAGGING)

    def test_met_print_rounded(self) -> None:
        standing = stand(COVERAGE, 850, pair(8504, 10_000))
        assert (standing.actual, standing.is_met, standing.light) == (850, True, Light.DONE)

    def test_far_below_print_as_they_are(self) -> None:
        assert stand(COVERAGE, 850, pair(8480, 10_000)).actual == 848

    @pytest.mark.parametrize(
        ("covered", "gap", "light"), [(7500, -100, Light.LAGGING), (7490, -101, Light.BEHIND)]
    )
    def test_are_judged_by_points_below_the_target(self, covered: int, gap: int, light: Light) -> None:
        standing = stand(COVERAGE, 850, pair(covered, 10_000), 1)
        assert (standing.gap_tenths, standing.light) == (gap, light)

    def test_are_never_merely_on_track(self) -> None:
        lenient = rule(Kind.RATIO, lights=LightRule(on_track_tenths=-200, lagging_tenths=-300))
        assert stand(lenient, 850, pair(84, 100)).light is Light.LAGGING

    def test_print_at_least_one_place_and_parts_their_own(self) -> None:
        fields = standing_fields(stand(COVERAGE, 850, pair(84, 100)), COVERAGE)
        assert (fields["target"], fields["actual"], fields["gap_points"]) == ("85.0", "84.0", "-1.0")
        assert (fields["numerator"], fields["denominator"], fields["provisional"]) == ("84", "100", None)

    def test_print_all_places_of_the_indicator(self) -> None:
        fine = rule(Kind.RATIO, decimals=2)
        fields = standing_fields(stand(fine, 8500, pair(84_96, 100_00)), fine)
        assert (fields["target"], fields["actual"], fields["gap_points"]) == ("85.00", "84.96", "0.0")
        assert (fields["numerator"], fields["denominator"]) == ("84.96", "100.00")

    def test_of_growth_compare_with_last_year(self) -> None:
        standing = stand(GROWTH, 105, pair(1105, 1000))
        assert (standing.actual, standing.light) == (105, Light.DONE)
        assert not stand(rule(Kind.GROWTH, comparator=Comparator.OVER), 105, pair(1105, 1000)).is_met

    def test_of_growth_may_fall(self) -> None:
        assert stand(GROWTH, 105, pair(900, 1000)).actual == -100

    @pytest.mark.parametrize("kind", [Kind.RATIO, Kind.GROWTH])
    def test_with_nothing_to_divide_by_are_null(self, kind: Kind) -> None:
        standing = stand(rule(kind), 850, pair(3, 0))
        assert (standing.actual, standing.gap_tenths, standing.light) == (None, None, Light.NOT_JUDGED)

    def test_of_growth_that_stand_still_are_zero_and_not_below(self) -> None:
        assert stand(GROWTH, 0, pair(1000, 1000)).actual == 0

    def test_exactly_at_a_target_to_exceed_print_one_place_short(self) -> None:
        over = rule(Kind.RATIO, comparator=Comparator.OVER)
        standing = stand(over, 850, pair(85, 100))
        assert (standing.actual, standing.is_met, standing.light) == (849, False, Light.LAGGING)

    def test_from_a_negative_last_year_keep_their_sign(self) -> None:
        standing = stand(GROWTH, -400, pair(-50, -100))
        assert (standing.actual, standing.is_met) == (-500, False)
        assert stand(GROWTH, -600, pair(-50, -100)).is_met

    def test_bare_are_shown_where_one_unit_stands_behind_them(self) -> None:
        standing = stand(COVERAGE, 850, totals(rate=820, rated=1))
        assert (standing.actual, standing.is_bare_rate, standing.gap_tenths) == (820, True, -30)
        assert (standing.numerator, standing.denominator) == (None, None)

    def test_bare_are_never_added_or_averaged(self) -> None:
        standing = stand(COVERAGE, 850, totals(rate=1640, rated=2, units=2))
        assert (standing.actual, standing.is_bare_rate, standing.light) == (None, False, Light.NOT_JUDGED)

    def test_bare_are_left_out_as_soon_as_one_unit_has_parts(self) -> None:
        standing = stand(COVERAGE, 850, totals(rate=820, rated=1, units=1) + pair(9, 10))
        assert (standing.actual, standing.is_bare_rate) == (900, False)

    def test_bare_meet_their_target_too(self) -> None:
        assert stand(COVERAGE, 820, totals(rate=820, rated=1)).light is Light.DONE

    def test_without_a_target_are_shown_and_not_judged(self) -> None:
        assert stand(COVERAGE, None, pair(84, 100)).light is Light.NOT_JUDGED
